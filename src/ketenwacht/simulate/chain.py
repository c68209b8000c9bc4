"""Counts at hops of the chain besides the deliveries: decided at the sender, accepted and notified after us."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from .delivering import RECEIVER, SENDER, put
from .evidence import write_csv
from .plan import CATCH_UP, Numbered, Planned, StatedSelection
from .volumes import GROUPS, working_days
from .world import SimulatedWorld, stream

_HEADER = ("period_from", "period_to", "doelgroep", "count", "published_on", "source")
_DECIDED = "IND, beslissingen (fictief)"
_NOTIFIED = "DUO, kennisgevingen (fictief)"
_REFUSED = "gegevens onvolledig"
_REFUSED_PER_ROW = 0.003
# Working days between acceptance and notification.
_LONGEST_WAY = 8
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)

Accepted = tuple[Numbered, Counter[str], int]


def write_chain(
    folder: Path, world: SimulatedWorld, deliveries: Sequence[Numbered], stated: StatedSelection
) -> None:
    """Write decisions a week, an acknowledgement a delivery that could be read, and notifications a week."""
    write_csv(folder / "besluiten_per_week.csv", _HEADER, _decided(world, deliveries, stated), world.last)
    accepted = list(_accepted(deliveries, stream(world.seed, "acknowledged")))
    for delivery, counts, refused in accepted:
        _write_receipt(folder, delivery, counts, refused)
    rows = _notified(world, accepted, stream(world.seed, "notified"))
    write_csv(folder / "kennisgevingen_per_week.csv", _HEADER, rows, world.last)


def _weeks(world: SimulatedWorld) -> Iterator[tuple[date, date, date]]:
    """First and last day of each week that is over, and the day on which its counts are out.

    The first begins with the range, and holds those besides who were under way then.
    """
    first, sunday = world.first, world.days[0] + timedelta(days=6 - world.days[0].weekday())
    while sunday < world.last:
        yield first, sunday, working_days(sunday + _DAY, sunday + _WEEK)[0]
        first, sunday = sunday + _DAY, sunday + _WEEK


def _decided(
    world: SimulatedWorld, deliveries: Sequence[Numbered], stated: StatedSelection
) -> list[tuple[object, ...]]:
    """Decisions by week; those left out rightly among them only when manifests tell of them."""
    events = world.events
    rightly = [(d.planned.first, key[0]) for d in deliveries for _, key in d.planned.left_out]
    rows: list[tuple[object, ...]] = []
    for number, (first, last, published) in enumerate(_weeks(world)):
        week = events.decided <= np.datetime64(last)
        if number:
            week &= events.decided >= np.datetime64(first)
        others = Counter(
            group for day, group in rightly if first <= day <= last and stated is not StatedSelection.NOTHING
        )
        for group in GROUPS:
            count = int((week & events.having(doelgroep=(group.name,))).sum()) + others[group.name]
            rows.append((first, last, group.name, count, published, _DECIDED))
    return rows


def _accepted(deliveries: Sequence[Numbered], rng: np.random.Generator) -> Iterator[Accepted]:
    for delivery in deliveries:
        planned = delivery.planned
        if planned.arrives_whole:
            groups = planned.records.cells["doelgroep"].tolist()
            refused = min(int(rng.poisson(_REFUSED_PER_ROW * len(groups))), len(groups))
            yield delivery, Counter(groups[refused:]), refused


def _write_receipt(folder: Path, delivery: Numbered, counts: Counter[str], refused: int) -> None:
    planned = delivery.planned
    told: dict[str, Any] = {
        "volgnummer": delivery.number,
        "soort": planned.kind,
        "zender": RECEIVER,
        "ontvanger": SENDER,
        "periode": {"van": planned.first.isoformat(), "tot": planned.last.isoformat()},
        "aangemaakt_op": (planned.created + timedelta(hours=2)).isoformat(),
        "aantal": counts.total(),
        "aantallen": [{"doelgroep": name, "aantal": counts[name]} for name in sorted(counts)],
        "uitgesloten": [{"reden": _REFUSED, "aantal": refused}] if refused else [],
    }
    text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    stem = f"{SENDER}-{RECEIVER}_{planned.last:%Y%m%d}_{delivery.id}"
    put(folder / f"{stem}.receipt.json", text.encode(), (planned.created + timedelta(hours=2)).timestamp())


def _notified(
    world: SimulatedWorld, accepted: Sequence[Accepted], rng: np.random.Generator
) -> list[tuple[object, ...]]:
    """Notifications by week; of several deliveries of a period the last stands, a catch-up beside it."""
    standing = {(d.planned.last, d.planned.kind == CATCH_UP): (d.planned, counts) for d, counts, _ in accepted}
    by_day = _days(world, list(standing.values()), rng)
    return [
        (first, last, group.name, _between(by_day, group.name, first, last), published, _NOTIFIED)
        for first, last, published in _weeks(world)
        for group in GROUPS
    ]


def _days(
    world: SimulatedWorld, standing: Sequence[tuple[Planned, Counter[str]]], rng: np.random.Generator
) -> Counter[tuple[str, date]]:
    calendar = working_days(world.first, world.last + timedelta(days=30))
    found: Counter[tuple[str, date]] = Counter()
    for planned, counts in standing:
        begin = next(i for i, day in enumerate(calendar) if day >= planned.last)
        for name in sorted(counts):
            way = rng.multinomial(counts[name], np.full(_LONGEST_WAY, 1 / _LONGEST_WAY))
            for lag, number in enumerate(way.tolist(), start=1):
                found[name, calendar[min(begin + lag, len(calendar) - 1)]] += number
    return found


def _between(by_day: Counter[tuple[str, date]], name: str, first: date, last: date) -> int:
    return sum(by_day[name, first + timedelta(days=i)] for i in range((last - first).days + 1))
