"""Comparing registers, signing them, digesting both sides and planning a catch-up, on a real replay gone live."""

import csv
import re
import stat
from datetime import date

import pytest

from ketenwacht.store import History

pytestmark = pytest.mark.integration

KEYS = "2026a:" + "8f3a91c4d2e07b5566a1fe0c9b7d34e2810f6a5bc3d9e8471205b6fa93ce7d18"
KEPT = ("datum_beschikking", "doelgroep", "verblijfsdoel", "gemeentecode")
LAST = "2022-01-14"


@pytest.fixture
def live(place):
    """The replay gone live, its registers moved out of the pipeline's sight."""
    place.go_live()
    (place.root / "var/sample/register").rename(place.root / "registers")
    return place


@pytest.fixture
def keys(monkeypatch):
    monkeypatch.setenv("KETENWACHT_KEYS", KEYS)


def register(place, day=LAST):
    return place.root / f"registers/REGISTER_{day.replace('-', '')}.csv"


def reconcile(place, *arguments, day=LAST):
    return place("reconcile", "--register", str(register(place, day)), *arguments)


def kept(place):
    with History.open(f"sqlite:///{place.live}", create=False) as history:
        return history.evidence.find_reconciliations("ind-duo", until=None), history.findings.find(
            "ind-duo", closed=True
        )


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def written(path, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def pseudonymised(place, name="REGISTER_20220114.pseudonyms.csv"):
    keep = [word for column in KEPT for word in ("--keep", column)]
    path = place.root / name
    said = place("pseudonymise", str(register(place)), "--out", str(path), "--key", "v_nummer", *keep)
    assert said.code == 0, said.err
    return path


def test_a_register_is_compared_and_its_counts_are_kept_exactly_with_an_audit_line(live):
    before = len(kept(live)[0])
    said = reconcile(live, "--by", "An", "--format", "json")
    assert said.code == 1, said.err
    counts, _ = kept(live)
    new = counts[before:]
    whole = next(one for one in new if not one.segment.pairs)
    assert whole.register_date == date(2022, 1, 14)
    assert whole.matched + whole.late + whole.pending + whole.missing == whole.registered
    shown = said.json
    assert (shown["schema"], shown["feed"], shown["register_date"]) == ("ketenwacht/reconcile/1", "ind-duo", LAST)
    assert shown["status"] == "failed"
    assert shown["segments"][0]["registered"] == round(whole.registered, -1)
    with History.open(f"sqlite:///{live.live}", create=False) as history:
        newest = history.audit.find()[-1].entry
    assert (newest.action, newest.actor, newest.result) == ("reconcile", "An", f"register of {LAST}: failed")


def test_no_count_from_one_to_nine_is_printed_and_every_other_is_rounded_to_tens(live):
    shown = reconcile(live, "--no-history", "--format", "json").json
    hidden = 0
    for segment in shown["segments"]:
        for name in ("registered", "matched", "pending", "late", "missing", "extra", "different"):
            if segment[name] is None:
                assert segment["hidden"] is True
                hidden += 1
            else:
                assert segment[name] % 10 == 0
    assert hidden > 0
    text = reconcile(live, "--no-history").out.splitlines()
    table = [line for line in text if line.startswith(("the whole feed", "doelgroep"))]
    assert all(
        int(n.replace(",", "")) % 10 == 0
        for line in table
        for n in re.findall(r"(?<=\s)[\d,]+(?=\s(?!d\b)|$)", line)
    )


def test_comparing_again_goes_on_with_the_same_incidents(live):
    first = {i.fingerprint: i.id for i in kept(live)[1] if i.active}
    reconcile(live)
    again = {i.fingerprint: i.id for i in kept(live)[1] if i.active}
    assert first.items() <= again.items()
    reconcile(live)
    assert {i.fingerprint: i.id for i in kept(live)[1] if i.active} == again


def test_without_history_nothing_is_kept(live):
    before = live.live.read_bytes()
    assert reconcile(live, "--no-history").code == 1
    assert live.live.read_bytes() == before


def test_a_clean_register_ends_the_incidents_and_exits_0(live, keys):
    pseudonyms = live.root / "missing.csv"
    assert reconcile(live, "--missing", str(pseudonyms)).code == 1
    missing = {row["pseudonym"] for row in rows_of(pseudonyms)}
    assert missing
    signed = pseudonymised(live)
    written(signed, [row for row in rows_of(signed) if row["v_nummer"] not in missing])
    said = live("reconcile", "--register", str(signed), "--format", "json")
    assert (said.code, said.json["status"]) == (0, "passed"), said.out
    lost = [i for i in kept(live)[1] if i.fingerprint.check == "reconciliation.missing"]
    assert lost
    assert not any(i.active for i in lost)


def test_an_older_register_is_kept_and_changes_no_incident(live):
    before = kept(live)[1]
    said = reconcile(live, "--format", "json", day="2022-01-07")
    assert said.json["newer"] == LAST
    counts, after = kept(live)
    assert after == before
    assert counts[-1].register_date == date(2022, 1, 7)


def test_a_pseudonymised_register_says_what_the_clear_one_says_and_the_lists_hold_the_exact_number(live, keys):
    files = {name: live.root / f"{name}.csv" for name in ("missing", "extra")}
    lists = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    clear = reconcile(live, "--no-history", "--format", "json").json
    signed = live("reconcile", "--register", str(pseudonymised(live)), *lists, "--format", "json")
    assert signed.json["segments"] == clear["segments"]
    assert signed.json["register_date"] == LAST
    whole = next(c for c in reversed(kept(live)[0]) if not c.segment.pairs)
    rows = files["missing"].read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) == whole.missing > 0
    assert all(row.startswith("2026a:") for row in rows)
    assert [stat.S_IMODE(path.stat().st_mode) for path in files.values()] == [0o600, 0o600]
    everything = signed.out + signed.err
    assert not any(row.split(";")[0].removeprefix("2026a:") in everything for row in rows)


REFUSED = [
    ("a list under a key that nobody has afterwards", ("--missing", "m.csv"), 2, "KETENWACHT_KEYS_FILE"),
    ("a date that its name contradicts", ("--date", "2022-01-13"), 2, "the name of the register says 2022-01-14"),
    ("a segment column that is not there", ("--segments", "doelgroep,nope"), 2, "nope"),
    ("a key column that is not there", ("--key", "nope"), 2, "nope"),
    ("nobody who compares", ("--by", " "), 2, "nobody is named"),
]


@pytest.mark.parametrize(("sentence", "arguments", "code", "why"), REFUSED, ids=[r[0] for r in REFUSED])
def test_a_comparison_is_refused(live, sentence, arguments, code, why):
    before = kept(live)
    said = reconcile(live, *arguments)
    assert said.code in {code, 3} if "nope" in why else said.code == code
    assert why in said.err
    assert kept(live) == before


def test_a_register_that_is_not_there_is_a_matter_of_usage_and_a_broken_one_could_not_be_compared(live):
    assert live("reconcile", "--register", "nowhere.csv").code == 2
    broken = live.root / "REGISTER_20220114.csv"
    broken.write_bytes(register(live).read_bytes()[:4000] + b"\xff\xfe\x00")
    assert live("reconcile", "--register", str(broken)).code == 3


def test_without_any_delivery_nothing_could_be_compared(live):
    (live.root / "var/sample/deliveries").rename(live.root / "elsewhere")
    (live.root / "var/sample/deliveries").mkdir()
    assert reconcile(live).code == 3


BARE = ("--set", "feeds.ind-duo.evidence={}", "--set", "feeds.ind-duo.checks=null")


def test_a_feed_without_a_configured_register_says_what_is_needed_and_takes_it_from_options(live):
    said = live(*BARE, "reconcile", "--register", str(register(live)))
    assert said.code == 2
    assert "--decided-column" in said.err
    options = ("--decided-column", "datum_beschikking", "--segments", "doelgroep", "--date", LAST, "--no-history")
    told = live(*BARE, "reconcile", "--register", str(register(live)), *options, "--format", "json")
    assert told.code == 1, told.err
    assert told.json["register_date"] == LAST
    assert {tuple(one["segment"]) for one in told.json["segments"]} == {(), ("doelgroep",)}
    assert any(one["check"] == "reconciliation.missing" for one in told.json["results"])


def test_somebody_taken_out_of_the_register_is_extra_and_a_matter_of_privacy(live):
    assert reconcile(live, "--no-history", "--format", "json").json["segments"][0]["extra"] == 0
    rows = sorted(rows_of(register(live)), key=lambda row: row["datum_beschikking"])
    path = written(live.root / "REGISTER_20220114.csv", rows[60:])
    said = live("reconcile", "--register", str(path), "--format", "json")
    assert said.code == 1
    extra = [i for i in kept(live)[1] if i.fingerprint.check == "reconciliation.extra"]
    assert {i.nature.value for i in extra} == {"privacy"}


def plan(place, *arguments):
    # At the fourteenth nobody is overdue but those decided on before the year; the SLA of a day finds more.
    sla = ("--set", "feeds.ind-duo.schedule.sla=3d")
    path = place.root / "plan.csv"
    words = ("--multiple", "2", "--start", "2022-01-31", "--out", str(path), *arguments)
    return place(*sla, "plan-catchup", "--register", str(register(place)), *words), path


def test_a_catch_up_is_spread_with_exact_numbers_only_in_the_file(live):
    said, path = plan(live, "--by", "gemeentecode", "--format", "json")
    assert said.code == 0, said.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = rows_of(path)
    total = sum(int(row["persons"]) for row in rows)
    assert round(total, -1) == said.json["persons"]
    assert all(int(row["persons"]) <= int(row["at_most"]) for row in rows)
    assert rows[0]["week"] == said.json["first"] == "2022-01-31"
    assert said.json["weeks"][-1]["waiting"] == 0
    assert said.json["terms"][0]["name"] == "integration plan"


def test_a_catch_up_is_drawn_a_bar_a_week_and_terms_can_be_given(live):
    said, _ = plan(live, "--term", "objection=42:decision")
    assert said.code == 0, said.err
    assert re.search(r"^31 Jan 2022 +\S+ [█#]+ ", said.out, re.MULTILINE)
    assert "objection (42 days from decision)" in said.out
    assert not [n for n in re.findall(r"(?<=2022 )\s+(\d+) [█#]", said.out) if int(n) % 10]


@pytest.mark.parametrize(
    ("sentence", "arguments", "why"),
    [
        ("columns that the sides do not share", ("--by", "postcode"), "use one of: doelgroep"),
        ("a multiple below one", ("--multiple", "0.5"), "below 1"),
        ("a term that cannot be read", ("--term", "plan"), "plan=70"),
        ("a multiple that is no number", ("--multiple", "nan"), "--multiple"),
        ("a multiple without end", ("--multiple", "inf"), "--multiple"),
        ("a multiple above all floats", ("--multiple", "1e400"), "--multiple"),
        ("a negative multiple", ("--multiple", "-2"), "below 1"),
        ("a start before time was counted", ("--start", "0001-01-01"), "years 1970 to 2100"),
        ("a start at the end of all calendars", ("--start", "9999-12-31"), "years 1970 to 2100"),
        ("a start on no day", ("--start", "2022-02-30"), "--start"),
        ("a term of more days than there are", ("--term", "plan=" + "9" * 12), "--term"),
        ("a term of 5,000 digits", ("--term", "plan=" + "9" * 5000), "--term"),
        ("a term of other digits", ("--term", "plan=٧٠"), "plan=70"),
        ("a term of a negative number", ("--term", "plan=-70"), "plan=70"),
        ("a reference date at the end of all calendars", ("--date", "9999-12-31"), "years 1970 to 2100"),
        ("a key that is no column", ("--key", "\u202e"), "has no column"),
        ("a column of decisions that is none", ("--decided", "'; DROP TABLE x"), "--decided"),
        ("a folder as the file", ("--out", "."), "folder"),
    ],
)
def test_a_catch_up_is_refused(live, sentence, arguments, why):
    said, path = plan(live, *arguments)
    assert said.code == 2
    assert why in said.err
    assert not path.exists()


def test_signing_needs_a_key_and_keeps_no_column_that_is_not_named(live, keys, monkeypatch):
    lines = pseudonymised(live).read_text(encoding="utf-8").splitlines()
    assert lines[0].split(";") == ["v_nummer", *KEPT]
    numbers = {row["v_nummer"] for row in rows_of(register(live))}
    assert not any(line.split(";")[0] in numbers for line in lines[1:])
    monkeypatch.delenv("KETENWACHT_KEYS")
    refused = live("pseudonymise", str(register(live)), "--out", str(live.root / "x.csv"), "--key", "v_nummer")
    assert (refused.code, "KETENWACHT_KEYS_FILE" in refused.err) == (2, True)
    assert not (live.root / "x.csv").exists()


def digests(place, bits="4", until="2022-01-06"):
    ours, theirs = place.root / "ours.digest", place.root / "theirs.digest"
    common = ("--until", until, "--bits", bits)
    for words in (("ind-duo", "--out", str(ours)), ("--register", str(register(place)), "--out", str(theirs))):
        said = place("digest", *words, *common)
        assert said.code == 0, said.err
    return ours, theirs


def test_two_digests_differ_where_somebody_is_missing_and_can_be_drilled(live, keys):
    ours, theirs = digests(live)
    said = live("digest", "--compare", str(ours), str(theirs), "--format", "json")
    assert said.code == 1
    assert said.json["same"] is False
    one = said.json["buckets"][0]
    members = live.root / "members.csv"
    drill = ("--within", one, "--until", "2022-01-06", "--members", str(members))
    assert live("digest", "--register", str(register(live)), *drill).code == 0
    assert stat.S_IMODE(members.stat().st_mode) == 0o600
    assert all(line.startswith("2026a:") for line in members.read_text(encoding="utf-8").splitlines()[1:])


def test_a_digest_equals_itself_and_no_bucket_of_one_shows_single_persons(live, keys):
    ours, _ = digests(live)
    same = live("digest", "--compare", str(ours), str(ours))
    assert (same.code, "the same persons" in same.out) == (0, True)
    fine = live.root / "x.digest"
    assert live("digest", "ind-duo", "--bits", "12", "--out", str(fine)).code == 0
    _, *lines, end = fine.read_text(encoding="ascii").splitlines()
    assert min(int(line.split(";")[1]) for line in lines) >= 8
    assert end == f"end;{len(lines)}"


def test_a_digest_needs_the_agreed_key(live):
    said = live("digest", "ind-duo", "--out", str(live.root / "x.digest"))
    assert (said.code, "KETENWACHT_KEYS_FILE" in said.err) == (2, True)
