"""Worlds of the product's own simulator, judged by one kind of evidence alone, as `replay` would judge them.

Run: `python studies/worlds.py [WORLDS [FIRST_SEED [PARTS]]]`; parts: references, inquiries, healthy, later.
Deliveries are counted in memory instead of being written and read again; the check is that of checks/ind_duo.yaml.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import yaml
from series import Delays, say

from ketenwacht.domain.checks import inquiries, reference
from ketenwacht.domain.checks.base import Check, View
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.evidence import InquiryCount, Known, ReferenceFigure
from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.simulate import evidence, plan, scenarios, world

BEGIN = date(2022, 1, 1)
CHECKS = Path(__file__).parents[1] / "checks" / "ind_duo.yaml"
KINDS = {"reference": reference.ReferenceCheck, "inquiries": inquiries.InquiriesCheck}


def configured(kind: str) -> Check:
    """The check of the sample project, as its file says."""
    for entry in yaml.safe_load(CHECKS.read_text())["checks"]:
        if entry["kind"] == kind:
            return KINDS[kind](**{k: _hashable(v) for k, v in entry.items() if k != "kind"})
    raise LookupError(kind)


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def group(name: str) -> Segment:
    """The segment of a target group."""
    return Segment((("doelgroep", name),))


def deliveries(real: world.SimulatedWorld, scenario: str) -> list[plan.NumberedDelivery]:
    """What the sender sends in a scenario."""
    return plan.number_deliveries(
        scenarios.apply_scenario(scenarios.find_scenario(scenario), plan.plan_deliveries(real), real.seed)
    )


def snapshots(sent: Sequence[plan.NumberedDelivery]) -> Iterator[Snapshot]:
    """The deliveries, measured: rows by target group."""
    for delivery in sent:
        planned = delivery.planned
        rows = Counter(planned.records.cells["doelgroep"].tolist())
        counts = {MetricKey(ROWS, group(name)): float(n) for name, n in rows.items()}
        counts[MetricKey(ROWS)] = float(planned.records.count)
        yield Snapshot(Delivery("feed", delivery.id, planned.last, sha256=delivery.id), counts)


def figures(real: world.SimulatedWorld) -> tuple[ReferenceFigure, ...]:
    """The weekly decision counts that `simulate` writes."""
    return tuple(
        ReferenceFigure(group(str(name)), first, last, float(count), tau, published, source)
        for first, last, name, count, tau, published, source in evidence.count_weekly_decisions(real)
    )


def asked(real: world.SimulatedWorld, sent: Sequence[plan.NumberedDelivery]) -> tuple[InquiryCount, ...]:
    """The inquiries that `simulate` writes."""
    found = Counter((day, outcome) for day, _, outcome in evidence.draw_inquiries(real, sent))
    return tuple(InquiryCount(day, outcome, n, WHOLE) for (day, outcome), n in sorted(found.items()))


def first_failure(
    check: Check, shots: Sequence[Snapshot], known: Known, segment: Segment | None, *, weekly: bool = False
) -> date | None:
    """The day on which a check fails for the first time, of a segment or of any; None: never."""
    past, state, week = Past(), None, None
    for shot in shots:
        day = shot.delivery.period
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        if not weekly or day.isocalendar()[:2] != week:
            week = day.isocalendar()[:2]
            judged = check.judge(View(shot, past, at, known, state=state))
            state = judged.state
            if any(r.status is Status.FAILED and segment in {None, r.segment} for r in judged.results):
                return day
        past = past.with_snapshot(shot)
    return None


def built(seed: int, months: int) -> world.SimulatedWorld:
    """The world of a seed, so many months long."""
    return world.build_world(BEGIN, BEGIN + timedelta(days=round(30.44 * months)), seed)


def _told(name: str, days: Sequence[float], must: str) -> None:
    found = Delays(np.array(days))
    late = max(days, default=float("nan"))
    say(f"{name:<44} {found.told()}  last {late:.0f}  of {len(days)} worlds   must {must}")


def days_by_references(seed: int) -> int | None:
    """Days to the failure of the family segment, by references alone; None: never in half a year."""
    real = built(seed, 6)
    shots = list(snapshots(deliveries(real, "incident-2022")))
    found = first_failure(configured("reference"), shots, Known(references=figures(real)), group("gezinsmigrant"))
    return (found - BEGIN).days if found else None


def days_by_inquiries(seed: int) -> int | None:
    """Days to the failure of the inquiries, alone; None: never in a year."""
    real = built(seed, 12)
    sent = deliveries(real, "incident-2022")
    found = first_failure(configured("inquiries"), list(snapshots(sent)), Known(inquiries=asked(real, sent)), None)
    return (found - BEGIN).days if found else None


def _each(name: str, found: Sequence[int | None], must: str) -> None:
    days = [float(d) if d is not None else np.inf for d in found]
    _told(name, days, must)
    say("  each: " + " ".join(f"{d:.0f}" for d in sorted(days)))


def by_references(seeds: Sequence[int]) -> None:
    """References alone, in each world."""
    _each("incident-2022, references alone, family", [days_by_references(s) for s in seeds], "≤ 42 in each")


def by_inquiries(seeds: Sequence[int]) -> None:
    """Inquiries alone, in each world."""
    _each("incident-2022, inquiries alone", [days_by_inquiries(s) for s in seeds], "≤ 105")


def by_nothing_wrong(seeds: Sequence[int]) -> None:
    """False alarms of references on healthy worlds, all three groups and both directions."""
    check, alarms, years = configured("reference"), 0, 0.0
    for seed in seeds:
        real = built(seed, 17)
        shots = list(snapshots(deliveries(real, "healthy")))
        found = first_failure(check, shots, Known(references=figures(real)), None, weekly=True)
        years += ((found or shots[-1].delivery.period) - BEGIN).days / 365.25
        alarms += found is not None
    say(f"healthy, references alone: {alarms} false alarms in {years:.0f} feed-years, {alarms / years:.2f} a year")


PARTS = {"references": by_references, "inquiries": by_inquiries, "healthy": by_nothing_wrong}


def main() -> None:
    """Print the parts asked for."""
    worlds = int(sys.argv[1]) if sys.argv[1:] else 20
    first = int(sys.argv[2]) if sys.argv[2:] else 2001
    parts = sys.argv[3].split(",") if sys.argv[3:] else list(PARTS)
    say(f"{worlds} worlds, seeds {first} to {first + worlds - 1}; {', '.join(parts)}")
    for part in parts:
        PARTS[part](range(first, first + worlds))


if __name__ == "__main__":
    main()
