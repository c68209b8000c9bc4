"""What others know: the sender's decision counts, published statistics, and inquiries by municipalities."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from pathlib import Path

import numpy as np

from . import codes
from .delivering import put
from .people import drawn, municipality_on, municipality_weights
from .plan import CATCH_UP, Numbered
from .records import GRANT, Days, Text
from .volumes import GROUPS, local, working_days
from .world import SimulatedWorld, stream

_REFERENCE_HEADER = ("period_from", "period_to", "doelgroep", "count", "uncertainty", "published_on", "source")
_CONVERSION = 0.02
_WEEKLY_SOURCE = "IND, beslissingen per week (fictief)"
# Cohort, persons, by when it was out, edition. The first figures were preliminary.
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
# The cohorts are rounded to hundreds, are restated, and count by another date than the feed does.
_COHORT_UNCERTAINTY = 0.10

_ASKING = 0.06
# Gamma-distributed days between the missed delivery and the question about the person: about four months.
_DELAY_SHAPE, _DELAY_SCALE = 1.6, 75.0
_BACKGROUND_PER_WEEK = 1.5
_BACKGROUND = {"known": 0.55, "not_obliged": 0.30, "open": 0.15}
CONFIRMED = "should_have_been_sent"
_DAY = timedelta(days=1)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], stamp: date) -> None:
    """Write a CSV (`;`) as if on the morning of `stamp`."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    put(path, text.getvalue().encode(), local(stamp, time(9, 0)).timestamp())


def weekly_counts(world: SimulatedWorld) -> list[tuple[object, ...]]:
    """Decisions per target group and whole week, as the decision administration counts them.

    It counts a little differently from the feed, always in the same direction: that is the uncertainty stated.
    """
    rng = stream(world.seed, "references")
    bias = {group.name: float(np.exp(rng.normal(0.0, _CONVERSION))) for group in GROUPS}
    events = world.events
    monday = world.days[0] + timedelta(days=-world.days[0].weekday() % 7)
    rows: list[tuple[object, ...]] = []
    while (sunday := monday + timedelta(days=6)) <= world.last or not working_days(world.days[-1] + _DAY, sunday):
        published = working_days(sunday + _DAY, sunday + timedelta(days=7))[0]
        week = (events.decided >= np.datetime64(monday)) & (events.decided <= np.datetime64(sunday))
        for group in GROUPS:
            count = round(int((week & events.having(doelgroep=(group.name,))).sum()) * bias[group.name])
            rows.append((monday, sunday, group.name, count, _CONVERSION, published, _WEEKLY_SOURCE))
        monday += timedelta(days=7)
    return rows


def write_references(folder: Path, world: SimulatedWorld) -> None:
    """Write the weekly decision counts, and the published cohorts of years half of which the range covers.

    The cohorts are published for asylum and for everybody; family and other migrants appear there only together,
    which is no segment of the feed, so that they are given as part of the whole and not by themselves.
    """
    write_csv(folder / "besluiten_per_week.csv", _REFERENCE_HEADER, weekly_counts(world), world.last)
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


def _asked(deliveries: Sequence[Numbered], last: date, rng: np.random.Generator) -> list[tuple[date, str, str]]:
    """Questions about persons who were lost, each before the person was caught up."""
    found: list[tuple[date, str, str]] = []
    caught_up = min((d.planned.last for d in deliveries if d.planned.kind == CATCH_UP), default=date.max)
    for delivery in deliveries:
        lost = delivery.planned.dropped
        lost = lost.take(lost.having(mutatiesoort=(GRANT,)))
        asking = np.flatnonzero(rng.random(lost.count) < _ASKING)
        delays = np.ceil(rng.gamma(_DELAY_SHAPE, _DELAY_SCALE, asking.size)).astype(int)
        elsewhere = drawn(municipality_weights(codes.FIRST_DAY), asking.size, rng)
        for who, delay, other in zip(asking.tolist(), delays.tolist(), elsewhere.tolist(), strict=True):
            day = delivery.planned.last + timedelta(days=delay)
            if day <= min(last, caught_up):
                # Who has only a reception location is asked about by the municipality that is to receive them.
                found.append((day, lost.cells["gemeentecode"][who] or other, CONFIRMED))
    return found


def inquiries(world: SimulatedWorld, deliveries: Sequence[Numbered]) -> list[tuple[date, str, str]]:
    """Every inquiry as (day, municipality code of that day, outcome), in order of day."""
    rng = stream(world.seed, "inquiries")
    count = int(rng.poisson(_BACKGROUND_PER_WEEK * len(world.days) / 5))
    days = [world.days[i] for i in rng.integers(0, len(world.days), count).tolist()]
    places = drawn(municipality_weights(codes.FIRST_DAY), count, rng).tolist()
    found = list(zip(days, places, drawn(_BACKGROUND, count, rng).tolist(), strict=True))
    found += _asked(deliveries, world.last, rng)
    workdays: Days = np.array(world.days, dtype="datetime64[D]")
    asked = np.array([day for day, _, _ in found], dtype="datetime64[D]")
    # Nobody asks on a closed day: the question comes on the working day before it.
    asked = workdays[np.maximum(np.searchsorted(workdays, asked, side="right") - 1, 0)]
    codes_then: Text = municipality_on(np.array([place for _, place, _ in found], dtype=np.object_), asked)
    outcomes = [outcome for _, _, outcome in found]
    return sorted(zip(asked.tolist(), codes_then.tolist(), outcomes, strict=True))


def write_inquiries(folder: Path, world: SimulatedWorld, deliveries: Sequence[Numbered]) -> None:
    """Write all inquiries in one file."""
    rows = inquiries(world, deliveries)
    write_csv(folder / "navragen.csv", ("date", "gemeentecode", "outcome"), rows, world.last)
