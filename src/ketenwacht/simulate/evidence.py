"""Outside evidence: decision counts, published statistics, inquiries, and counts at hops of the chain."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from . import codes
from .files import RECEIVER, SENDER, write_csv, write_file
from .people import draw_values, map_municipalities, weigh_municipalities
from .plan import CATCH_UP, Acknowledged, NumberedDelivery, PlannedDelivery, StatedSelection
from .records import GRANT, Days, Text
from .volumes import GROUPS, list_working_days
from .world import SimulatedWorld, make_generator

_REFERENCE_HEADER = ("period_from", "period_to", "doelgroep", "count", "uncertainty", "published_on", "source")
_CONVERSION = 0.02
_WEEKLY_SOURCE = "IND, beslissingen per week (fictief)"
# Cohort, persons, publication date, edition. The first figures were preliminary.
_SWI_2022, _SWI_2023 = "CBS, Statistiek Wet inburgering 2022", "CBS, Statistiek Wet inburgering 2023"
_COHORTS_ASYLUM = (
    (2022, 19_000, date(2024, 4, 7), _SWI_2022),
    (2022, 18_900, date(2024, 12, 31), _SWI_2023),
    (2023, 22_200, date(2024, 12, 31), _SWI_2023),
)
_COHORTS_ALL = (
    (2022, 26_500, date(2024, 4, 7), _SWI_2022),
    (2022, 26_200, date(2024, 12, 31), _SWI_2023),
    (2023, 36_100, date(2024, 12, 31), _SWI_2023),
)
# The cohorts are rounded to hundreds, restated, and count by another date than the feed.
_COHORT_UNCERTAINTY = 0.10

_ASKING = 0.06
# Gamma-distributed days between the missed delivery and the inquiry: about four months.
_DELAY_SHAPE, _DELAY_SCALE = 1.6, 75.0
_BACKGROUND_PER_WEEK = 1.5
_BACKGROUND = {"known": 0.55, "not_obliged": 0.30, "open": 0.15}
CONFIRMED = "should_have_been_sent"
_DAY = timedelta(days=1)


def count_weekly_decisions(world: SimulatedWorld) -> list[tuple[object, ...]]:
    """Count decisions by target group and complete week, as the decision administration does.

    Its counts differ slightly from the feed, always in the same direction: the stated uncertainty.
    """
    rng = make_generator(world.seed, "references")
    bias = {group.name: float(np.exp(rng.normal(0.0, _CONVERSION))) for group in GROUPS}
    events = world.events
    monday = world.days[0] + timedelta(days=-world.days[0].weekday() % 7)
    rows: list[tuple[object, ...]] = []
    while (sunday := monday + timedelta(days=6)) <= world.last or not list_working_days(
        world.days[-1] + _DAY, sunday
    ):
        published = list_working_days(sunday + _DAY, sunday + timedelta(days=7))[0]
        week = (events.decided >= np.datetime64(monday)) & (events.decided <= np.datetime64(sunday))
        for group in GROUPS:
            count = round(int((week & events.mask(doelgroep=(group.name,))).sum()) * bias[group.name])
            rows.append((monday, sunday, group.name, count, _CONVERSION, published, _WEEKLY_SOURCE))
        monday += timedelta(days=7)
    return rows


def write_references(folder: Path, world: SimulatedWorld) -> None:
    """Write the weekly decision counts, and the published cohorts of years that the range covers at least half.

    Cohorts are published for asylum and for all persons. Family and other migrants are published together only,
    which is not a segment of the feed, so they count in the whole only.
    """
    write_csv(folder / "besluiten_per_week.csv", _REFERENCE_HEADER, count_weekly_decisions(world), world.last)
    asylum, everybody = (
        [
            (date(year, 1, 1), date(year, 12, 31), *group, count, _COHORT_UNCERTAINTY, published, source)
            for year, count, published, source in cohorts
            if world.first <= date(year, 1, 1) and date(year, 6, 30) <= world.last
        ]
        for cohorts, group in ((_COHORTS_ASYLUM, (GROUPS[0].name,)), (_COHORTS_ALL, ()))
    )
    whole_header = tuple(name for name in _REFERENCE_HEADER if name != "doelgroep")
    write_csv(folder / "cbs_cohorten.csv", _REFERENCE_HEADER, asylum, world.last)
    write_csv(folder / "cbs_cohorten_totaal.csv", whole_header, everybody, world.last)


def _draw_confirmed(
    deliveries: Sequence[NumberedDelivery], last: date, rng: np.random.Generator
) -> list[tuple[date, str, str]]:
    """Draw inquiries about lost persons, each before the catch-up."""
    found: list[tuple[date, str, str]] = []
    caught_up = min((d.planned.last for d in deliveries if d.planned.kind == CATCH_UP), default=date.max)
    for delivery in deliveries:
        lost = delivery.planned.dropped
        lost = lost.take(lost.mask(mutatiesoort=(GRANT,)))
        asked_about = np.flatnonzero(rng.random(lost.count) < _ASKING)
        delays = np.ceil(rng.gamma(_DELAY_SHAPE, _DELAY_SCALE, asked_about.size)).astype(int)
        elsewhere = draw_values(weigh_municipalities(codes.FIRST_DAY), asked_about.size, rng)
        for who, delay, other in zip(asked_about.tolist(), delays.tolist(), elsewhere.tolist(), strict=True):
            day = delivery.planned.last + timedelta(days=delay)
            if day <= min(last, caught_up):
                # For a person with a reception location only, the future municipality asks.
                found.append((day, lost.cells["gemeentecode"][who] or other, CONFIRMED))
    return found


def draw_inquiries(world: SimulatedWorld, deliveries: Sequence[NumberedDelivery]) -> list[tuple[date, str, str]]:
    """Draw every inquiry as (day, municipality code of that day, outcome), by day."""
    rng = make_generator(world.seed, "inquiries")
    count = int(rng.poisson(_BACKGROUND_PER_WEEK * len(world.days) / 5))
    days = [world.days[i] for i in rng.integers(0, len(world.days), count).tolist()]
    places = draw_values(weigh_municipalities(codes.FIRST_DAY), count, rng).tolist()
    found = list(zip(days, places, draw_values(_BACKGROUND, count, rng).tolist(), strict=True))
    found += _draw_confirmed(deliveries, world.last, rng)
    workdays: Days = np.array(world.days, dtype="datetime64[D]")
    asked = np.array([day for day, _, _ in found], dtype="datetime64[D]")
    # An inquiry on a closed day moves to the working day before it.
    asked = workdays[np.maximum(np.searchsorted(workdays, asked, side="right") - 1, 0)]
    codes_then: Text = map_municipalities(np.array([place for _, place, _ in found], dtype=np.object_), asked)
    outcomes = [outcome for _, _, outcome in found]
    return sorted(zip(asked.tolist(), codes_then.tolist(), outcomes, strict=True))


def write_inquiries(folder: Path, world: SimulatedWorld, deliveries: Sequence[NumberedDelivery]) -> None:
    """Write all inquiries in one file."""
    rows = draw_inquiries(world, deliveries)
    write_csv(folder / "navragen.csv", ("date", "gemeentecode", "outcome"), rows, world.last)


# Counts at hops of the chain: decided at the sender, accepted and notified after the receiver.

_CHAIN_HEADER = tuple(name for name in _REFERENCE_HEADER if name != "uncertainty")
_DECIDED = "IND, beslissingen (fictief)"
_NOTIFIED = "DUO, kennisgevingen (fictief)"
_REFUSED = "gegevens onvolledig"
_REFUSED_PER_ROW = 0.003
# Working days between acceptance and notification.
_LONGEST_WAY = 8
_WEEK = timedelta(days=7)
_LATE = timedelta(days=8)  # at least five working days

AcceptedDelivery = tuple[NumberedDelivery, Counter[str], int]


def write_chain(
    folder: Path, world: SimulatedWorld, deliveries: Sequence[NumberedDelivery], stated: StatedSelection
) -> None:
    """Write decisions by week, an acknowledgement for each readable delivery, and notifications by week."""
    write_csv(
        folder / "besluiten_per_week.csv", _CHAIN_HEADER, _count_decisions(world, deliveries, stated), world.last
    )
    accepted = list(_draw_accepted(deliveries, make_generator(world.seed, "acknowledged")))
    for delivery, counts, refused in accepted:
        _write_acknowledgement(folder, delivery, counts, refused)
    rows = _count_notifications(world, accepted, make_generator(world.seed, "notified"))
    write_csv(folder / "kennisgevingen_per_week.csv", _CHAIN_HEADER, rows, world.last)


def _list_weeks(world: SimulatedWorld) -> Iterator[tuple[date, date, date]]:
    """Yield first and last day of each complete week, and the publication day of its counts.

    The first week begins with the range, and also holds the decisions that were pending then.
    """
    first, sunday = world.first, world.days[0] + timedelta(days=6 - world.days[0].weekday())
    while sunday < world.last:
        yield first, sunday, list_working_days(sunday + _DAY, sunday + _WEEK)[0]
        first, sunday = sunday + _DAY, sunday + _WEEK


def _count_decisions(
    world: SimulatedWorld, deliveries: Sequence[NumberedDelivery], stated: StatedSelection
) -> list[tuple[object, ...]]:
    """Count decisions by week; rightly excluded persons count only when manifests state them."""
    events = world.events
    excluded = [(d.planned.first, key[0]) for d in deliveries for _, key in d.planned.left_out]
    rows: list[tuple[object, ...]] = []
    for number, (first, last, published) in enumerate(_list_weeks(world)):
        week = events.decided <= np.datetime64(last)
        if number:
            week &= events.decided >= np.datetime64(first)
        others = Counter(
            group for day, group in excluded if first <= day <= last and stated is not StatedSelection.NOTHING
        )
        for group in GROUPS:
            count = int((week & events.mask(doelgroep=(group.name,))).sum()) + others[group.name]
            rows.append((first, last, group.name, count, published, _DECIDED))
    return rows


def _draw_accepted(deliveries: Sequence[NumberedDelivery], rng: np.random.Generator) -> Iterator[AcceptedDelivery]:
    for delivery in deliveries:
        planned = delivery.planned
        if planned.arrives_whole:
            groups = planned.records.cells["doelgroep"].tolist()
            refused = min(int(rng.poisson(_REFUSED_PER_ROW * len(groups))), len(groups))
            if planned.acknowledged is Acknowledged.LOST:
                continue
            lost = len(groups) if planned.acknowledged is Acknowledged.REJECTED else 0
            lost = max(1, len(groups) // 20) if planned.acknowledged is Acknowledged.DIFFERS else lost
            yield delivery, Counter(groups[refused + lost :]), refused


def _write_acknowledgement(folder: Path, delivery: NumberedDelivery, counts: Counter[str], refused: int) -> None:
    planned = delivery.planned
    rejected = planned.acknowledged is Acknowledged.REJECTED
    late = _LATE if planned.acknowledged is Acknowledged.LATE else timedelta(0)
    created = planned.created + timedelta(hours=2) + late
    receipt: dict[str, Any] = {
        "volgnummer": delivery.number,
        "soort": planned.kind,
        "zender": RECEIVER,
        "ontvanger": SENDER,
        "periode": {"van": planned.first.isoformat(), "tot": planned.last.isoformat()},
        "aangemaakt_op": created.isoformat(),
        **({"status": "afgekeurd"} if rejected else {}),
        "aantal": counts.total(),
        "aantallen": [{"doelgroep": name, "aantal": counts[name]} for name in sorted(counts)],
        "uitgesloten": [{"reden": _REFUSED, "aantal": refused}] if refused else [],
    }
    text = json.dumps(receipt, indent=2, ensure_ascii=False) + "\n"
    stem = f"{SENDER}-{RECEIVER}_{planned.last:%Y%m%d}_{delivery.id}"
    write_file(folder / f"{stem}.receipt.json", text.encode(), created.timestamp())


def _count_notifications(
    world: SimulatedWorld, accepted: Sequence[AcceptedDelivery], rng: np.random.Generator
) -> list[tuple[object, ...]]:
    """Count notifications by week; the last delivery of a period counts, besides a catch-up."""
    latest = {(d.planned.last, d.planned.kind == CATCH_UP): (d.planned, counts) for d, counts, _ in accepted}
    by_day = _spread_notifications(world, list(latest.values()), rng)
    return [
        (first, last, group.name, _sum_days(by_day, group.name, first, last), published, _NOTIFIED)
        for first, last, published in _list_weeks(world)
        for group in GROUPS
    ]


def _spread_notifications(
    world: SimulatedWorld, latest: Sequence[tuple[PlannedDelivery, Counter[str]]], rng: np.random.Generator
) -> Counter[tuple[str, date]]:
    calendar = list_working_days(world.first, world.last + timedelta(days=30))
    found: Counter[tuple[str, date]] = Counter()
    for planned, counts in latest:
        begin = next(i for i, day in enumerate(calendar) if day >= planned.last)
        for name in sorted(counts):
            by_lag = rng.multinomial(counts[name], np.full(_LONGEST_WAY, 1 / _LONGEST_WAY))
            for lag, number in enumerate(by_lag.tolist(), start=1):
                found[name, calendar[min(begin + lag, len(calendar) - 1)]] += number
    return found


def _sum_days(by_day: Counter[tuple[str, date]], name: str, first: date, last: date) -> int:
    return sum(by_day[name, first + timedelta(days=i)] for i in range((last - first).days + 1))
