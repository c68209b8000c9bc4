"""Counts at a hop of the chain, as files."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ketenwacht.domain.evidence import REJECTED, acknowledgement_hop
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.personal_values import OTHER
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.errors import ConfigError
from ketenwacht.sources import read_hop_counts, read_receipt

A = Segment.of({"group": "a"})
HEADER = "period_from;period_to;group;count;published_on"
RECEIPT = {
    "volgnummer": 3,
    "soort": "mutatie",
    "periode": {"van": "2022-01-03", "tot": "2022-01-04"},
    "aangemaakt_op": "2022-01-04T09:00:00+01:00",
    "aantal": 9,
    "aantallen": [{"group": "a", "purpose": "x", "aantal": 4}, {"group": "a", "purpose": "y", "aantal": 5}],
    "uitgesloten": [{"reden": "incomplete", "aantal": 2}],
}


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="counts.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


GUARD = Guard(codes={"group": frozenset({"a"})}, columns=frozenset({"group"}), reasons=frozenset({"minor"}))
OTHERS = Segment.of({"group": OTHER})


def test_values_and_reasons_that_nobody_agreed_are_added_up(write):
    rows = [
        f"2022-01-03;2022-01-09;{v};{n};2022-01-10;{r}"
        for v, n, r in (("a", 1, "minor"), ("b", 2, "x"), ("c", 4, "y"))
    ]
    found = read_hop_counts(
        write("\n".join([f"{HEADER};reason", *rows])), "sent", dimensions=("group",), guard=GUARD
    )
    assert [(f.segment, f.reason, f.count) for f in found] == [(A, "minor", 1.0), (OTHERS, OTHER, 6.0)]
    receipt = {
        **RECEIPT,
        "aantallen": [{"group": "Jansen", "aantal": 9}],
        "uitgesloten": [{"reden": "Jansen", "aantal": 2}],
    }
    told = read_receipt(
        write(json.dumps(receipt), "r.json"), "sent", dimensions=("group",), fields={}, guard=GUARD
    )
    told = tuple(f for f in told if f.hop == "sent")
    assert [(f.segment, f.reason, f.count) for f in told] == [(OTHERS, "", 9.0), (WHOLE, OTHER, 2.0)]


def test_a_file_that_is_called_after_a_person_is_not_named_as_source(write):
    path = write(f"{HEADER}\n2022-01-03;2022-01-09;a;12;2022-01-10\n", "7777.123.450.csv")
    with pytest.raises(ConfigError, match="source seems to hold") as caught:
        read_hop_counts(path, "sent", dimensions=("group",))
    assert "7777" not in str(caught.value)


def test_a_file_counts_persons_by_period_and_segment(write):
    path = write(
        f"{HEADER};reason\n2022-01-03;2022-01-09;a;12;2022-01-10;\n2022-01-03;2022-01-09;;2;2022-01-10;minor\n"
    )
    found = read_hop_counts(path, "decided", dimensions=("group",))
    assert [(f.segment, f.count, f.reason, f.hop, f.uncertainty) for f in found] == [
        (A, 12.0, "", "decided", 0.0),
        (WHOLE, 2.0, "minor", "decided", 0.0),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "2022-01-03;2022-01-02;a;12;2022-01-10",
        "2022-01-03;2022-01-09;a;twelve;2022-01-10",
        "2022-01-03;2022-01-09;a;-1;2022-01-10",
        "03-01-2022;2022-01-09;a;1;2022-01-10",
        "2022-01-03;2022-01-09;a;1;2022-01-10\n2022-01-03;2022-01-09;a;2;2022-01-10",
    ],
)
def test_a_row_that_cannot_be_is_refused_without_its_value(write, row):
    with pytest.raises(ConfigError) as refused:
        read_hop_counts(write(f"{HEADER}\n{row}\n"), "decided", dimensions=("group",))
    assert "twelve" not in str(refused.value)
    assert "counts.csv:" in str(refused.value)


def test_a_column_that_is_no_segment_is_refused(write):
    with pytest.raises(ConfigError, match="1 column is not"):
        read_hop_counts(write(f"{HEADER};name\n"), "decided", dimensions=("group",))


def test_a_receipt_says_who_was_accepted_and_who_was_not(write):
    path = write(json.dumps(RECEIPT), "1.json")
    found = [f for f in read_receipt(path, "accepted", dimensions=("group",), fields={}) if f.hop == "accepted"]
    assert [(f.segment, f.count, f.reason) for f in found] == [(A, 9.0, ""), (WHOLE, 2.0, "incomplete")]
    assert {(f.period_from, f.period_to, f.published_on) for f in found} == {
        (date(2022, 1, 3), date(2022, 1, 4), date(2022, 1, 4))
    }


def test_a_receipt_of_a_catch_up_stands_beside_that_of_its_period(write):
    path = write(json.dumps({**RECEIPT, "soort": "inhaal"}), "1.json")
    one, *_ = read_receipt(path, "accepted", dimensions=("group",), fields={})
    assert one.source != "acknowledgements"


def test_the_fields_of_a_receipt_may_have_other_names(write):
    path = write(json.dumps({"from": "2022-01-03", "to": "2022-01-03", "accepted": 5}), "1.json")
    fields = {"period_from": "from", "period_to": "to", "rows": "accepted"}
    (one,) = read_receipt(path, "accepted", dimensions=(), fields=fields)
    assert (one.segment, one.count) == (WHOLE, 5.0)


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"aantal": 3}', '{"periode": {"van": "2022-01-03", "tot": "2022-01-03"}}']
)
def test_a_receipt_that_says_too_little_is_refused(write, text):
    with pytest.raises(ConfigError):
        read_receipt(write(text, "1.json"), "accepted", dimensions=(), fields={})


@pytest.mark.parametrize(
    ("sentence", "said", "reasons"),
    [
        ("without a status it is accepted", {}, {"", "incomplete"}),
        ("accepted", {"status": "accepted"}, {"", "incomplete"}),
        ("in Dutch", {"status": "Aanvaard"}, {"", "incomplete"}),
        (
            "rejected, and without counts",
            {"status": "afgekeurd", "aantallen": [], "uitgesloten": []},
            {"", REJECTED},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_receipt_that_names_its_delivery_is_kept_for_that_delivery(write, sentence, said, reasons):
    path = write(json.dumps({**RECEIPT, "volgnummer": 7, **said}), "1.json")
    found = read_receipt(path, "accepted", dimensions=("group",), fields={})
    own = [f for f in found if f.hop == acknowledgement_hop("accepted")]
    assert ({f.source for f in own}, {f.reason for f in own}) == ({"7"}, reasons), sentence


def test_a_receipt_with_an_unknown_status_is_refused_without_quoting_it(write):
    path = write(json.dumps({**RECEIPT, "status": "999912345"}), "1.json")
    with pytest.raises(ConfigError, match="not one of accepted") as refused:
        read_receipt(path, "accepted", dimensions=("group",), fields={})
    assert "999912345" not in str(refused.value)


def test_the_status_of_a_receipt_may_have_another_name(write):
    path = write(json.dumps({**RECEIPT, "volgnummer": 7, "oordeel": "rejected"}), "1.json")
    found = read_receipt(path, "accepted", dimensions=("group",), fields={"status": "oordeel"})
    assert REJECTED in {f.reason for f in found}
