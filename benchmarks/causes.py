# ruff: noqa: INP001, T201 - a script that prints
"""Study of the cause search: every defect scenario of the simulator, and false alarms on a healthy feed.

    python benchmarks/causes.py --seeds 50 --first-seed 7001 --json causes.json

Deliveries are counted in memory, as `measure` counts them (rows by segment, empty values, codes that no code table
has, columns, manifest). The finding is the one that the named check makes of the planted defect; for
`wrong-municipality` the newest weekly register stands beside it, by municipality. Each scenario and seed asks for
the cause once, ten deliveries after the delivery that shows the defect.

A scenario counts as *right* when one of at most three candidates names what was planted (`PLANTED`: the code, and
the column, codes or version in its parameters), as *first* when the best one does, as *none* when no cause was
found, and else as *wrong*. For false alarms the segment and the ten deliveries with the deepest dip that a healthy
feed had by chance are taken to be a shortfall; *unknown* is right.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from ketenwacht.domain.delivery import Delivery, Manifest, Presence
from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.incidents import CandidateCause, Incident, KnownIncident, assemble
from ketenwacht.domain.incidents.cause_finders import FINDERS
from ketenwacht.domain.incidents.causes import CauseMaterial, search_causes
from ketenwacht.domain.measurement import DECLARED_SELECTED, ROWS, Column, MetricKey, Snapshot, nulls, offending
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Name, Serial, Statement, params_json
from ketenwacht.simulate.codes import list_versions, read_table
from ketenwacht.simulate.plan import (
    Acknowledged,
    NumberedDelivery,
    PlannedOutcome,
    StatedSelection,
    number_deliveries,
    plan_deliveries,
)
from ketenwacht.simulate.records import Records
from ketenwacht.simulate.scenarios import apply_scenario, find_scenario
from ketenwacht.simulate.world import build_world

FIRST, LAST = date(2022, 1, 1), date(2022, 5, 31)
SEGMENTS: tuple[tuple[str, ...], ...] = ((), ("doelgroep",), ("doelgroep", "verblijfsdoel"), ("gemeentecode",))
EMPTY = ("bsn", "geboortedatum", "postcode", "gemeentecode")
TABLES = {"verblijfsdoel-known": "verblijfsdoel", "gemeentecode-known": "gemeentecode"}
AFTER = 10
WRONG = "wrong-municipality"

# Scenario → the check that finds it, and for each right cause the texts that its parameters must hold.
PLANTED: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "incident-2022": (
        "coverage",
        {"cause.never_selected": ("G24", "G25"), "cause.never_delivered": ("G24", "G25")},
    ),
    "incident-2022-selected": ("coverage", {"cause.lost_after_selection": ("G24", "G25")}),
    "code-filter": ("vanished", {"cause.value_gone": ("G20",)}),
    "release-filter": ("vanished", {"cause.value_gone": ("G20",), "cause.schema_version": ("1.1",)}),
    "truncated": ("schedule", {"cause.delivery_damaged": ()}),
    "mojibake": ("schedule", {"cause.delivery_damaged": ()}),
    "missing": ("schedule", {"cause.delivery_absent": ()}),
    "late": ("schedule", {"cause.delivery_late": (), "cause.delivery_absent": ()}),
    "duplicate": ("ledger.content", {"cause.sent_twice": ()}),
    "number-gap": ("ledger.sequence", {"cause.number_lost": ()}),
    "empty-delivery": ("schedule", {"cause.delivery_empty": ()}),
    "column-renamed": (
        "schema",
        {"cause.columns_changed": ("verblijfsdoel",), "cause.column_gone": ("verblijfsdoel",)},
    ),
    "v-nummer-integer": ("contract.v-nummer-form", {"cause.rule_broken": ("v_nummer",)}),
    "zero-dates-null": (
        "contract.geboortedatum-present",
        {"cause.emptier": ("geboortedatum",), "cause.rule_broken": ("geboortedatum",)},
    ),
    "pre-merger-municipality": ("contract.gemeentecode-known", {"cause.value_unknown": ("0457",)}),
    "unknown-code": ("contract.verblijfsdoel-known", {"cause.value_unknown": ("G29",)}),
    "over-delivery": (
        "contract.no-union-law",
        {"cause.value_unknown": ("28",), "cause.rule_broken": ("verblijfstitel",)},
    ),
    "law-boundary": ("contract.datum-bekendmaking-range", {"cause.rule_broken": ("datum_bekendmaking",)}),
    "completeness-drift": ("completeness.bsn", {"cause.emptier": ("bsn",)}),
    "wrong-municipality": ("reconciliation.different", {"cause.recoded": ("0599", "0606")}),
    "acknowledgement-lost": ("acknowledgement.received", {"cause.receipt_lost": ()}),
    "acknowledgement-late": ("acknowledgement.received", {"cause.receipt_lost": ()}),
    "acknowledgement-rejected": ("acknowledgement.accepted", {"cause.receipt_rejected": ()}),
    "acknowledgement-differs": ("acknowledgement.counts", {"cause.receipt_differs": ()}),
}


# Scenario → the code of the finding, its check, and whether it is about one delivery.
FINDINGS: dict[str, tuple[str, str]] = {
    "truncated": ("schedule.unreadable", "schedule"),
    "mojibake": ("schedule.unreadable", "schedule"),
    "missing": ("schedule.missing", "schedule"),
    "late": ("schedule.late", "schedule"),
    "duplicate": ("ledger.duplicate", "ledger.content"),
    "number-gap": ("ledger.gap", "ledger.sequence"),
    "empty-delivery": ("schedule.stated_empty", "schedule"),
    "column-renamed": ("schema.different", "schema"),
    "v-nummer-integer": ("contract.not_met_rows", "contract.v-nummer-form"),
    "zero-dates-null": ("contract.not_met_rows", "contract.geboortedatum-present"),
    "pre-merger-municipality": ("contract.not_met_rows", "contract.gemeentecode-known"),
    "unknown-code": ("contract.not_met_rows", "contract.verblijfsdoel-known"),
    "over-delivery": ("contract.not_met_rows", "contract.no-union-law"),
    "law-boundary": ("contract.not_met_rows", "contract.datum-bekendmaking-range"),
    "completeness-drift": ("completeness.too_empty", "completeness.bsn"),
    "wrong-municipality": ("reconciliation.different", "reconciliation.different"),
    "acknowledgement-lost": ("acknowledgement.overdue", "acknowledgement.received"),
    "acknowledgement-late": ("acknowledgement.overdue", "acknowledgement.received"),
    "acknowledgement-rejected": ("acknowledgement.rejected", "acknowledgement.accepted"),
    "acknowledgement-differs": ("acknowledgement.counts_differ", "acknowledgement.counts"),
}
COLUMNS = {
    "v-nummer-form": ("v_nummer",),
    "geboortedatum-present": ("geboortedatum",),
    "gemeentecode-known": ("gemeentecode",),
    "verblijfsdoel-known": ("verblijfsdoel",),
    "no-union-law": ("verblijfstitel",),
    "datum-bekendmaking-range": ("datum_bekendmaking",),
}
PARAMS: dict[str, Statement | Serial | Name] = {
    "problem": Statement("delivery.not_utf8"),
    "earlier": Serial(7, 7),
    "numbers": Serial(7, 7),
    "differences": Statement(
        "schema.renamed",
        {"column": Name("verblijfsdoel", agreed=True), "into": Name("verblijfsdoelcode", agreed=True)},
    ),
}


def count(delivery: NumberedDelivery, stated: StatedSelection) -> Snapshot:
    """Return a planned delivery as it would be measured."""
    planned = delivery.planned
    records = planned.records
    values: dict[MetricKey, float] = {}
    for dimensions in SEGMENTS:
        if any(name not in planned.header for name in dimensions):
            continue
        for codes, rows in records.count_totals(dimensions).items() if dimensions else [((), records.count)]:
            values[MetricKey(ROWS, Segment(tuple(zip(dimensions, codes, strict=True))))] = float(rows)
    values |= _count_empty(records) | _count_unknown(records, planned.last)
    if stated is not StatedSelection.NOTHING:
        for codes, rows in planned.count_selected(stated).items():
            segment = Segment((("doelgroep", codes[0]), ("verblijfsdoel", codes[1])))
            key = MetricKey(DECLARED_SELECTED, segment)
            values[key] = values.get(key, 0.0) + float(rows)
    manifest = Manifest(
        schema_version=planned.schema_version or "1.0", code_table_versions=list_versions(planned.last)
    )
    presence = Presence.READ if planned.arrives_whole else Presence.UNREADABLE
    named = Delivery("f", delivery.id, planned.last, presence, manifest=manifest)
    return Snapshot(named, values, tuple(Column(name, "text") for name in planned.header))


def _count_empty(records: Records) -> dict[MetricKey, float]:
    values: dict[MetricKey, float] = {}
    for column in EMPTY:
        empty = records.cells[column] == ""
        values[MetricKey(nulls(column))] = float(empty.sum())
        for group in set(records.cells["doelgroep"].tolist()):
            mine = empty & (records.cells["doelgroep"] == group)
            values[MetricKey(nulls(column), Segment((("doelgroep", group),)))] = float(mine.sum())
    return values


def _count_unknown(records: Records, day: date) -> dict[MetricKey, float]:
    values: dict[MetricKey, float] = {}
    for expectation, column in TABLES.items():
        known = {"0000", "", *read_table(column)} - ({"0457"} if day >= date(2022, 3, 24) else set())
        for code, rows in Counter(records.cells[column].tolist()).items():
            if code not in known:
                values[MetricKey(offending(expectation), Segment(((column, code),)))] = float(rows)
    return values


def measure(scenario: str, seed: int) -> tuple[list[Snapshot], list[NumberedDelivery]]:
    """Return every delivery of a scenario that arrives, measured, and all that were planned."""
    chosen = find_scenario(scenario)
    world = build_world(FIRST, LAST, seed)
    deliveries = number_deliveries(apply_scenario(chosen, plan_deliveries(world), seed))
    arriving = [one for one in deliveries if one.planned.outcome is PlannedOutcome.ARRIVES]
    return [count(one, chosen.stated) for one in arriving], deliveries


def study(scenario: str, seed: int) -> tuple[str, str]:
    """Return the outcome of one scenario and seed, and the best candidate."""
    snapshots, deliveries = measure(scenario, seed)
    bad = next(one.planned.last for one in deliveries if one.planned.defects or one.planned.dropped.count)
    place = sum(one.delivery.period < bad for one in snapshots)
    snapshots = snapshots[: place + AFTER + 1]
    findings = list(_findings(scenario, snapshots, bad, _list_unanswered(deliveries)))
    incident = assemble(KnownIncident(1, "f", _moment(bad)), findings, Policy())
    registers = count_different(deliveries, seed, snapshots[-1].delivery.period) if scenario == WRONG else ()
    answered = [one.planned.last for one in deliveries if one.planned.acknowledged in _IN_TIME]
    material = CauseMaterial(snapshots, registers, (), COLUMNS, [day for day in answered if day < bad])
    search = search_causes(incident, material, FINDERS)
    return _judge(search.candidates, PLANTED[scenario][1])


_IN_TIME = frozenset({Acknowledged.ACCEPTED, Acknowledged.REJECTED, Acknowledged.DIFFERS})


def _list_unanswered(deliveries: Sequence[NumberedDelivery]) -> tuple[Serial, ...]:
    """Return the numbers of the deliveries whose acknowledgement is not as it should be."""
    odd = [int(one.id) for one in deliveries if one.planned.acknowledged is not Acknowledged.ACCEPTED]
    return tuple(Serial(number, number) for number in odd)


def count_different(
    deliveries: Sequence[NumberedDelivery], seed: int, day: date
) -> tuple[ReconciliationCount, ...]:
    """Return what the newest weekly register up to a day finds, by municipality."""
    register_date = day - timedelta(days=(day.weekday() - 4) % 7)
    registered, different = Counter[str](), Counter[str]()
    for right, sent in zip(plan_deliveries(build_world(FIRST, LAST, seed)), deliveries, strict=True):
        if right.last <= register_date:
            ours, theirs = (one.records.cells["gemeentecode"].tolist() for one in (right, sent.planned))
            registered.update(ours)
            different.update(mine for mine, other in zip(ours, theirs, strict=True) if mine != other)
    return tuple(
        ReconciliationCount(
            register_date=register_date,
            at=_moment(register_date),
            segment=Segment((("gemeentecode", code),)),
            registered=persons,
            matched=persons,
            missing=0,
            pending=0,
            late=0,
            extra=0,
            different=different[code],
        )
        for code, persons in sorted(registered.items())
    )


def _judge(candidates: Sequence[CandidateCause], right: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    texts = [_text(one) for one in candidates]
    if not texts:
        return "none", ""
    if _is_right(candidates[0], right):
        return "first", texts[0]
    return ("right" if any(_is_right(one, right) for one in candidates) else "wrong"), texts[0]


def _findings(
    scenario: str, snapshots: Sequence[Snapshot], bad: date, unanswered: tuple[Serial, ...]
) -> Iterator[Finding]:
    """Yield the findings that the checks make of a defect."""
    if scenario in FINDINGS:
        code, check = FINDINGS[scenario]
        evidence = Evidence.RECONCILIATION if "reconciliation" in code else Evidence.CONTRACT
        last = snapshots[-1].delivery.period if scenario == "completeness-drift" else bad
        params = {**PARAMS, "deliveries": unanswered} if check.startswith("acknowledgement") else PARAMS
        yield _finding(check, WHOLE, evidence, Statement(code, params), bad, None, last)
        return
    lost = {"code-filter": ("G20",), "release-filter": ("G20", "G21")}.get(scenario, ("A14", "G24", "G25", "O33"))
    found = snapshots[-1].delivery.period
    group = Segment((("doelgroep", "gezinsmigrant"),))
    yield _finding(
        "volume", group, Evidence.HISTORY, Statement("volume.shortfall"), found, Missing(bad, 40, 20, 60), found
    )
    if scenario.startswith("incident"):
        for purpose in lost:
            segment = Segment((("doelgroep", "gezinsmigrant"), ("verblijfsdoel", purpose)))
            yield _finding(
                "coverage", segment, Evidence.CONTRACT, Statement("coverage.never_seen"), bad, None, found
            )


def _finding(  # noqa: PLR0913, PLR0917 - what a finding needs
    check: str,
    segment: Segment,
    evidence: Evidence,
    said: Statement,
    found: date,
    missing: Missing | None,
    last: date,
) -> Finding:
    at = _moment(found)
    return Finding(
        f"{check}{segment}",
        Fingerprint("f", check, segment),
        State.OPEN,
        Nature.FAILED,
        Severity.HIGH,
        evidence,
        at,
        at,
        found,
        said,
        missing=missing,
        last_period=last,
    )


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def _is_right(candidate: CandidateCause, right: dict[str, tuple[str, ...]]) -> bool:
    said = json.dumps(params_json(candidate.said.params))
    return candidate.said.code in right and all(f'"{word}"' in said for word in right[candidate.said.code])


def _text(candidate: CandidateCause) -> str:
    return f"{candidate.said.code} {json.dumps(params_json(candidate.said.params), ensure_ascii=False)}"


def false_alarm(seed: int) -> tuple[str, str]:
    """Return what the search says of the deepest dip that a healthy feed had by chance."""
    snapshots, _ = measure("healthy", seed)
    incident, end = _deepest_dip(snapshots)
    search = search_causes(incident, CauseMaterial(snapshots[:end], (), (), COLUMNS), FINDERS)
    outcome, said = _judge(search.candidates, {})
    return ("unknown" if outcome == "none" else "wrong"), said


def _deepest_dip(read: Sequence[Snapshot]) -> tuple[Incident, int]:
    """Return the incident of the deepest dip over ten deliveries, and how many deliveries came by then."""
    segments = {k.segment for one in read for k in one.measurements if k.name == ROWS and len(k.segment.pairs) > 0}
    best: tuple[float, Segment, int] = (0.0, WHOLE, 30)
    for segment in sorted(segments):
        if "gemeentecode" in segment.dimensions:
            continue
        found = [one.measurements.get(MetricKey(ROWS, segment), 0.0) for one in read]
        rows = [value if isinstance(value, float) else 0.0 for value in found]
        for begin in range(30, len(read) - 10):
            mean = sum(rows[:begin]) / begin
            if mean > 1.0:
                best = min(
                    best, ((sum(rows[begin : begin + 10]) - 10 * mean) / (25 * mean) ** 0.5, segment, begin)
                )
    _, segment, begin = best
    since, found_on = read[begin].delivery.period, read[begin + 9].delivery.period
    finding = _finding(
        "volume",
        segment,
        Evidence.HISTORY,
        Statement("volume.shortfall"),
        found_on,
        Missing(since, 40.0, 20.0, 60.0),
        found_on,
    )
    return assemble(KnownIncident(1, "f", _moment(found_on)), [finding], Policy()), begin + 10


def main() -> int:
    """Run the study and print a line a scenario."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=7001)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    names = options.only or [*PLANTED, "false alarm"]
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for name in names:
            outcome, said = false_alarm(seed) if name == "false alarm" else study(name, seed)
            counts[name][outcome] += 1
            if outcome in {"wrong", "none"}:
                print(f"{seed} {name:26} {outcome:12} {said[:150]}", flush=True)
    for name, each in counts.items():
        print(f"{name:26} {dict(each)}")
    if options.json is not None:
        options.json.write_text(json.dumps(counts, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
