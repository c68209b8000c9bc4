"""Bringing in what others know, declaring days, listing both: kept once, with who and why, or refused whole."""

import pytest
from replayed import configured

from ketenwacht.store import History

pytestmark = pytest.mark.integration

HEAD = "period_from;period_to;doelgroep;count;uncertainty;published_on;source\n"
WEEK = "2022-01-03;2022-01-09;gezinsmigrant;140;0.02;{day};decisions a week\n"
ASKED = "date;gemeentecode;outcome\n2022-02-01;0363;known\n2022-02-01;0363;known\n2022-02-03;0599;open\n"
WHY = ("--why", "agreed in the chain meeting", "--by", "An")


@pytest.fixture
def bare(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("KETENWACHT_HISTORY", raising=False)
    return configured(tmp_path)


def file(place, text, name="given.csv"):
    path = place.root / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def audit(place):
    with History.open(f"sqlite:///{place.live}", create=False) as history:
        return [(e.action, e.result, e.actor) for e in (line.entry for line in history.audit.find())]


def test_figures_are_kept_once_and_a_restatement_beside_them(bare):
    path = file(bare, HEAD + WEEK.format(day="2022-01-12"))
    first = bare("reference", "import", path, *WHY, "--format", "json")
    assert (first.code, first.json["rows"], first.json["new"]) == (0, 1, 1)
    again = bare("reference", "import", path, *WHY)
    assert (again.code, "nothing new; 1 figure of the file was already known" in again.out) == (0, True)
    restated = file(bare, HEAD + WEEK.format(day="2022-03-01").replace("140", "180"))
    assert bare("reference", "import", restated, "ind-duo", *WHY, "--format", "json").json["new"] == 1
    (row,) = bare("reference", "list", "--format", "json").json["sources"]
    assert (row["source"], row["figures"], row["restated"], row["newest"]) == (
        "decisions a week",
        1,
        1,
        "2022-03-01",
    )
    assert "decisions a week" in bare("reference", "list").out
    assert audit(bare) == [
        ("reference import", "1 new of 1", "An"),
        ("reference import", "0 new of 1", "An"),
        ("reference import", "1 new of 1", "An"),
    ]


def test_inquiries_are_counted_and_small_numbers_stay_hidden(bare):
    path = file(bare, ASKED)
    assert bare("inquiries", "import", path, *WHY, "--format", "json").json == {
        "schema": "ketenwacht/inquiries-import/1",
        "feed": "ind-duo",
        "rows": None,
        "new": None,
        "hidden": True,
    }
    listed = bare("inquiries", "list", "--format", "json").json
    assert listed["months"] == [{"month": "2022-02", "known": None, "open": None, "hidden": True}]
    assert listed["found_first"]["share_by_inquiry"] is None
    assert "<10" in bare("inquiries", "list").out


def test_the_yardstick_says_who_found_the_missing_first(place):
    place.go_live()
    listed = place("inquiries", "list", "--format", "json").json["found_first"]
    assert (listed["by_us"], listed["by_inquiry"], listed["hidden"]) == (None, 0, True)
    assert listed["share_by_inquiry"] is None  # a share of so few would tell of each
    assert "of the missing persons, we found <10 first" in place("inquiries", "list").out


REFUSED = [
    (
        "inquiries with a number of persons",
        "inquiries",
        "date;v_nummer;outcome\n2022-02-01;0123456789;open\n",
        "persons",
    ),
    ("an outcome that is none", "inquiries", "date;outcome\n2022-02-01;perhaps\n", "write one of known"),
    ("inquiries without one", "inquiries", "date;outcome\n", "no row"),
    (
        "a figure without who published it",
        "reference",
        HEAD + "2022-01-03;2022-01-09;x;1;0.1;2022-02-01;\n",
        "source",
    ),
    ("a column the feed is not counted by", "reference", HEAD.replace("doelgroep", "kleur"), "segment column"),
]


@pytest.mark.parametrize(("sentence", "kind", "text", "why"), REFUSED, ids=[r[0] for r in REFUSED])
def test_a_file_is_refused_whole_with_the_line_and_without_its_values(bare, sentence, kind, text, why):
    said = bare(kind, "import", file(bare, text), *WHY)
    assert said.code == 2
    assert why in said.err
    assert "given.csv" in said.err
    assert "0123456789" not in said.err
    assert not bare.live.exists()


def test_bringing_in_without_a_reason_is_refused(bare):
    said = bare("inquiries", "import", file(bare, ASKED), "--why", " ")
    assert (said.code, "--why" in said.err) == (2, True)


def test_without_a_history_there_is_nothing_to_list(bare):
    for words in (("reference", "list"), ("inquiries", "list"), ("declare", "list"), ("baseline", "show")):
        said = bare(*words)
        assert (said.code, "no history yet" in said.err) == (3, True), words
    assert not bare.live.exists()


PAUSE = (
    "--from",
    "2022-01-15",
    "--to",
    "2022-03-01",
    "--kind",
    "pause",
    *WHY,
    "--segment",
    "doelgroep=gezinsmigrant",
)


def test_days_are_declared_once_and_listed_with_who_and_why(bare):
    said = bare("declare", "ind-duo", *PAUSE, "--format", "json")
    assert (said.code, said.json["new"]) == (0, True)
    assert bare("declare", *PAUSE, "--format", "json").json["new"] is False
    (row,) = bare("declare", "list", "--format", "json").json["declared"]
    assert row == {
        "from": "2022-01-15",
        "to": "2022-03-01",
        "kind": "pause",
        "segment": {"doelgroep": "gezinsmigrant"},
        "why": "agreed in the chain meeting",
        "by": "An",
    }
    with History.open(f"sqlite:///{bare.live}", create=False) as history:
        (mask,) = history.exclusions.find("ind-duo")
    assert mask.segment.as_dict() == {"doelgroep": "gezinsmigrant"}
    assert audit(bare) == [("declare", "ok", "An")]
    assert "agreed in the chain meeting" in bare("declare", "list").out


@pytest.mark.parametrize(
    ("sentence", "change", "why"),
    [
        ("days that run backwards", ("--to", "2022-01-01"), "is before --from"),
        ("a part that the feed is not counted by", ("--segment", "kleur=rood"), "not counted by `kleur`"),
        ("a part that is no pair", ("--segment", "gezinsmigrant"), "column=value"),
        ("no reason", ("--why", " "), "it is empty"),
        ("a kind that is none", ("--kind", "holiday"), "holiday"),
    ],
)
def test_a_declaration_is_refused(bare, sentence, change, why):
    said = bare("declare", *PAUSE, *change)
    assert said.code == 2
    assert why in said.err
    assert not bare.live.exists()
