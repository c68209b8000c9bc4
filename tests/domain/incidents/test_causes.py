"""Why an incident happened: what changed about its onset, and silence where nothing did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from time import process_time

import numpy as np
import pytest

from ketenwacht.domain.delivery import Delivery, Manifest
from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.incidents import CandidateCause, CauseSearch, KnownIncident, assemble
from ketenwacht.domain.incidents.cause_finders import CODES, FINDERS
from ketenwacht.domain.incidents.causes import (
    CauseMaterial,
    chance_at_least,
    chance_of_none,
    needs_search,
    search_causes,
    search_from_json,
    search_json,
)
from ketenwacht.domain.measurement import Column, MetricKey, Snapshot
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Name, Persons, Serial, Statement, departures

from .made import FAMILY, HISTORY, REGISTER, day, lost, moment

ONSET = 40
CODES_OF_FAMILY = ("G20", "G21", "G22", "G23")


def code_of(code):
    return Segment((*FAMILY.pairs, ("code", code)))


def snapshots(change=lambda _, counts: counts, *, manifest=None, columns=None, empty=None, seed=1):
    """Sixty deliveries of a steady feed; `change` gets each delivery's counts by code, from `ONSET` on."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(60):
        counts = {code: float(rng.integers(8, 17)) for code in CODES_OF_FAMILY}
        counts = change(number, counts) if number >= ONSET else counts
        values = {
            MetricKey("rows", Segment.of({"group": "family", "code": code})): n for code, n in counts.items()
        }
        rows = sum(counts.values())
        values[MetricKey("rows", FAMILY)] = values[MetricKey("rows", WHOLE)] = rows
        values[MetricKey("nulls.bsn", FAMILY)] = float(empty(number, rows)) if empty else 2.0
        stated = Manifest(**(manifest(number) if manifest else {"schema_version": "2.0"}))
        names = columns(number) if columns else ("code", "bsn")
        found.append(
            Snapshot(
                Delivery("f", f"{number:06d}", day(number), manifest=stated),
                {key: value for key, value in values.items() if value},
                tuple(Column(name, "text") for name in names),
            )
        )
    return tuple(found)


def incident(evidence=HISTORY, since=ONSET, found=ONSET + 8, **more):
    finding = lost(90.0, FAMILY, evidence, since=since, found=found, spread=30.0, **more)
    return assemble(KnownIncident(1, "f", moment(found)), [finding], Policy())


def search(material, one=None):
    return search_causes(one or incident(), material, FINDERS)


def said(found):
    return {one.said.code: one.said.params for one in found.candidates}


def without(*codes):
    return lambda _number, counts: {code: n for code, n in counts.items() if code not in codes}


def released(number):
    return {"schema_version": "2.1" if number >= ONSET else "2.0"}


def test_codes_that_stopped_and_the_version_that_began_are_named_together():
    found = search(CauseMaterial(snapshots(without("G20"), manifest=released)))
    assert [one.said.code for one in found.candidates] == ["cause.value_gone", "cause.schema_version"]
    gone, version = found.candidates
    assert gone.said.params["values"] == (Name("G20"),)
    assert version.said.params["version"] == Name("2.1")
    assert {gone.since, version.since} == {day(ONSET)}
    assert min(gone.fit, version.fit) > 0.9


@pytest.mark.parametrize("mean", [40.0, 740.0, 760.0, 20_000.0])
def test_half_as_many_again_is_unlikely_however_many_there_are(mean):
    assert chance_at_least(1.5 * mean, mean, 1.0) < 0.01
    assert 0.4 < chance_at_least(mean, mean, 1.0) < 0.6


QUIET = [
    ("nothing changed", {}, ()),
    ("a version changed long before", {"manifest": lambda n: {"schema_version": "2.1" if n > 5 else "2.0"}}, ()),
    (
        "a version that changes with every delivery says nothing",
        {"manifest": lambda n: {"schema_version": str(n)}},
        (),
    ),
    ("a column came long before", {"columns": lambda n: ("code", "bsn", "x") if n > 5 else ("code", "bsn")}, ()),
    (
        "the code table of a column that the incident is not about changed on the day",
        {"manifest": lambda n: {"code_table_versions": {"bsn": "8" if n >= ONSET else "7"}}},
        (),
    ),
    (
        "a version changed three deliveries after it, and nothing else did",
        {"manifest": lambda n: {"schema_version": "2.1" if n >= ONSET + 3 else "2.0"}},
        (),
    ),
    (
        "one of four tables changed a delivery away, as each did some time",
        {
            "manifest": lambda n: {
                "code_table_versions": {f"t{i}": str(n >= day) for i, day in enumerate((4, 14, 26, ONSET + 1))}
            }
        },
        (),
    ),
    (
        "a code that is rare came with three persons once",
        {"change": lambda n, counts: {**counts, "G29": 3.0} if n == ONSET + 1 else counts},
        (),
    ),
    (
        "a release was declared for another month",
        {},
        (ExclusionWindow(day(3), day(3), "2.1", "release"),),
    ),
]


@pytest.mark.parametrize(("sentence", "world", "declared"), QUIET, ids=[one[0] for one in QUIET])
def test_no_cause_is_found_where(sentence, world, declared):
    assert sentence
    assert search(CauseMaterial(snapshots(**world), declared=declared)).candidates == ()


CHANGES = [
    (
        "a column went",
        {"columns": lambda n: ("code",) if n >= ONSET else ("code", "bsn")},
        "cause.column_gone",
        "bsn",
    ),
    (
        "a column came",
        {"columns": lambda n: ("code", "bsn", "x") if n >= ONSET else ("code", "bsn")},
        "cause.column_added",
        "x",
    ),
    (
        "a code table has a new version",
        {"manifest": lambda n: {"code_table_versions": {"purpose": "8" if n >= ONSET else "7"}}},
        "cause.code_table",
        "purpose",
    ),
    (
        "the sender's software has a new version",
        {"manifest": lambda n: {"software_version": "8.1" if n >= ONSET else "7"}},
        "cause.sender_version",
        "8.1",
    ),
    ("a column is emptier", {"empty": lambda n, rows: rows // 2 if n >= ONSET else 2}, "cause.emptier", "bsn"),
    ("a new code came", {"change": lambda _, counts: {**counts, "G29": 9.0}}, "cause.value_new", "G29"),
    (
        "persons of one code come under another",
        {"change": lambda _, counts: {**counts, "G20": counts["G20"] // 4, "G21": counts["G21"] + 9.0}},
        "cause.recoded",
        "G21",
    ),
    (
        "one code halved",
        {"change": lambda _, counts: {**counts, "G20": counts["G20"] // 3}},
        "cause.value_fell",
        "G20",
    ),
    (
        "nobody comes on Mondays",
        {"change": lambda n, counts: counts if n % 7 else {"G20": 1.0}},
        "cause.weekday",
        "weekday.0",
    ),
]


@pytest.mark.parametrize(("sentence", "world", "code", "word"), CHANGES, ids=[one[0] for one in CHANGES])
def test_a_change_at_the_onset_is_named_when(sentence, world, code, word):
    assert sentence
    found = search(CauseMaterial(snapshots(**world)))
    assert code in said(found), found
    assert word in str(said(found)[code])
    assert all(departures(one.said, CODES) == () for one in found.candidates)


def test_the_code_table_of_a_column_of_which_a_code_went_is_named_with_it():
    stated = lambda n: {"code_table_versions": {"code": "8" if n >= ONSET else "7"}}  # noqa: E731 - one of many
    found = said(search(CauseMaterial(snapshots(without("G20"), manifest=stated))))
    assert list(found) == ["cause.value_gone", "cause.code_table"]
    found = said(search(CauseMaterial(snapshots(manifest=stated))))
    assert not found


def test_a_thousand_codes_that_begin_at_the_onset_take_no_long_time():
    new = {f"N{number:04d}": 9.0 for number in range(1000)}
    known = {MetricKey("rows", code_of(f"K{number:04d}")): 9.0 for number in range(1000)}
    world = [
        replace(one, measurements={**one.measurements, **known})
        for one in snapshots(lambda _, counts: {**counts, **new})
    ]
    began = process_time()
    found = said(search(CauseMaterial(world)))
    assert process_time() - began < 10
    assert "cause.value_new" in found


def test_a_version_near_the_onset_is_possible_beside_what_changed_in_the_counts():
    def stated(number):
        return {"schema_version": "2.1" if number >= ONSET + 2 else "2.0"}

    found = search(CauseMaterial(snapshots(without("G20"), manifest=stated)))
    assert [one.said.code for one in found.candidates] == ["cause.value_gone", "cause.schema_version"]
    assert found.candidates[1].fit < 0.95


RECEIPTS_TOLD = [
    ("one was lost and later ones came", (Serial(41, 41),), (39, 40, 42, 43), "cause.receipt_lost"),
    ("three in a row were lost and later ones came", (Serial(41, 43),), (39, 44), "cause.receipt_lost"),
    ("none came any more", (Serial(41, 44),), (39, 40), "cause.receipts_stopped"),
    ("none ever came, which is one run of numbers", (Serial(0, 44),), (), "cause.receipts_stopped"),
    (
        "deliveries without numbers were lost, and later ones came",
        (day(41), Name("x")),
        (40, 42),
        "cause.receipt_lost",
    ),
]


@pytest.mark.parametrize(
    ("sentence", "waiting", "answered", "code"), RECEIPTS_TOLD, ids=[r[0] for r in RECEIPTS_TOLD]
)
def test_a_missing_receipt_is_told_from_receipts_that_stopped_when(sentence, waiting, answered, code):
    assert sentence
    overdue = replace(
        lost(1.0, WHOLE, HISTORY, since=44, found=44, spread=0.0),
        missing=None,
        said=Statement(
            "acknowledgement.overdue", {"deliveries": waiting, "days": Amount(3), "persons": Persons(9)}
        ),
    )
    one = assemble(KnownIncident(1, "f", moment(44)), [overdue], Policy())
    material = CauseMaterial(snapshots()[:45], acknowledged=[day(number) for number in answered])
    assert list(said(search(material, one))) == [code]


def test_a_declared_release_at_the_onset_is_a_cause():
    window = ExclusionWindow(day(ONSET), day(ONSET), "version 7", "release")
    found = search(CauseMaterial(snapshots(), declared=(window,)))
    assert said(found)["cause.declared"]["reason"].in_language("en") == "version 7"


def test_a_register_tells_which_codes_the_missing_have():
    counts = tuple(
        ReconciliationCount(
            day(58),
            datetime(2022, 4, 1, tzinfo=UTC),
            Segment.of({"code": code}),
            registered=100,
            matched=100 - missing,
            missing=missing,
            pending=0,
            late=0,
            extra=0,
            different=0,
            first_missing=day(ONSET),
        )
        for code, missing in (("G20", 97), ("G21", 2), ("G22", 0), ("G23", 1))
    )
    found = search(CauseMaterial(snapshots(), reconciliations=counts), incident(REGISTER))
    assert said(found)["cause.split"]["values"] == (Name("G20"),)
    even = tuple(replace(one, missing=25, matched=75) for one in counts)
    assert search(CauseMaterial(snapshots(), reconciliations=even), incident(REGISTER)).candidates == ()


def test_a_register_tells_which_code_was_replaced_where_its_own_fall_does_not_show():
    def moved(_number, counts):
        return {**counts, "G21": counts["G21"] + 5.0}

    counts = tuple(
        ReconciliationCount(
            day(58),
            datetime(2022, 4, 1, tzinfo=UTC),
            code_of(code),
            registered=100,
            matched=100,
            missing=0,
            pending=0,
            late=0,
            extra=0,
            different=different,
        )
        for code, different in (("G20", 80), ("G21", 0), ("G22", 2), ("G23", 0), *((f"H{n}", 0) for n in range(4)))
    )
    found = replace(
        lost(25.0, WHOLE, REGISTER, since=ONSET, found=ONSET + 8, spread=5.0),
        missing=None,
        said=Statement("reconciliation.different", {"different": Persons(82)}),
    )
    broken = assemble(KnownIncident(1, "f", moment(ONSET + 8)), [found], Policy())
    read = snapshots(moved, seed=3)
    assert "cause.recoded" not in said(search(CauseMaterial(read), broken))
    named = said(search(CauseMaterial(read, reconciliations=counts), broken))["cause.recoded"]
    assert (named["from"], named["into"]) == (Name("G20", agreed=True), Name("G21", agreed=True))
    even = tuple(replace(one, different=4) for one in counts)
    assert "cause.recoded" not in said(search(CauseMaterial(read, reconciliations=even), broken))


def test_at_most_three_candidates_are_told_the_best_first():
    everything = snapshots(
        without("G20", "G21"),
        manifest=lambda n: {**released(n), "code_table_versions": {"purpose": "8" if n >= ONSET else "7"}},
        columns=lambda n: ("code",) if n >= ONSET else ("code", "bsn"),
        empty=lambda n, rows: rows if n >= ONSET else 2,
    )
    found = search(CauseMaterial(everything)).candidates
    assert len(found) == 3
    assert found[0].said.code == "cause.value_gone"


def test_dips_of_a_healthy_feed_have_no_cause_in_nine_of_ten_cases():
    silent = sum(search(CauseMaterial(snapshots(seed=seed))).candidates == () for seed in range(100, 200))
    assert silent >= 90


def test_a_search_is_read_back_as_it_was_stored_and_another_form_is_no_search():
    found = CauseSearch((CandidateCause(Statement("cause.weekday", {}), day(1), 0.91),), 40, 3)
    assert search_from_json(search_json(found)) == found
    assert search_json(None) is None
    for stored in (None, [], {}, {"candidates": [{"code": "x"}], "before": 1, "after": 1}, {"candidates": 3}):
        assert search_from_json(stored) is None


def test_an_incident_is_searched_while_it_is_new_and_when_findings_join():
    material, one = CauseMaterial(snapshots()), incident()
    old = replace(one, search=CauseSearch((), 40, 20))
    assert needs_search(one, material)
    assert needs_search(replace(one, search=CauseSearch((), 40, 19)), material)
    assert not needs_search(old, material)
    assert needs_search(old, material, joined=True)
    assert not needs_search(one, CauseMaterial())


def test_a_settled_cause_is_sought_anew_once_other_deliveries_are_overdue():
    def overdue(*deliveries):
        said = Statement("acknowledgement.overdue", {"deliveries": deliveries})
        finding = replace(lost(1.0, WHOLE, HISTORY, since=ONSET, found=ONSET, spread=0.0), missing=None, said=said)
        return assemble(KnownIncident(1, "f", moment(ONSET)), [finding], Policy())

    material, one = CauseMaterial(snapshots()), overdue(Serial(1, 20))
    settled = replace(search(material, one), after=20)
    assert not needs_search(replace(one, search=settled), material)
    assert needs_search(replace(overdue(Serial(9, 9)), search=settled), material)


def test_the_chance_of_none_is_that_of_poisson_and_higher_for_restless_counts():
    assert chance_of_none(2.0, 2.0, 3) == pytest.approx(2.718281828**-6)
    assert chance_of_none(2.0, 6.0, 3) > chance_of_none(2.0, 2.0, 3)
    assert chance_of_none(0.0, 0.0, 3) == 1.0
