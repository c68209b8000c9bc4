"""A sparkline of weekly counts, with the counts as text for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Shown
from ketenwacht.render.svg import find_runs, line_path

from .queries import CountRow

WIDTH, HEIGHT = 120, 26
_EDGE = 3.0
_EARLY = 1  # a first week that begins on Monday or Tuesday is whole


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Everything a template needs to write it.

    Attributes:
        lines: paths, broken where nothing was delivered.
        end: where the newest count is.
        text: from how many to how many, in words.
    """

    width: int
    height: int
    lines: tuple[str, ...]
    end: tuple[float, float] | None
    text: str


def weekly_totals(rows: Sequence[CountRow], formatter: MessageFormatter) -> list[tuple[date, Shown | None]]:
    """Return the sum of each week, as it may be shown, by its Monday; None: nothing was delivered in it."""
    weeks: dict[date, list[float]] = {}
    for row in rows:
        kept = weeks.setdefault(row.period - timedelta(row.period.weekday()), [])
        if row.value is not None:
            kept.append(row.value)
    if not weeks:
        return []
    first, last = min(weeks), max(weeks)
    mondays = [first + timedelta(weeks=i) for i in range((last - first).days // 7 + 1)]
    return [(day, formatter.privacy.total(weeks[day]) if weeks.get(day) else None) for day in mondays]


def make_sparkline(rows: Sequence[CountRow], formatter: MessageFormatter, *, today: date) -> Sparkline | None:
    """Return the weekly counts as a drawing; None when there are not two weeks of them.

    The week of `today` is left out, and the first one when it is not whole: both would look like a fall. A hidden
    count is drawn halfway its limit, since a drawing can be measured.
    """
    monday = today - timedelta(today.weekday())
    start = min((row.period for row in rows), default=today)
    begin = start + timedelta(-start.weekday() % 7) if start.weekday() > _EARLY else start
    weeks = weekly_totals([row for row in rows if begin <= row.period < monday], formatter)
    heights = [None if one is None else one.limit / 2 if one.value is None else one.value for _, one in weeks]
    known = [height for height in heights if height is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    top = max(*known, 1.0)
    step = (WIDTH - 2 * _EDGE) / (len(weeks) - 1)

    def place(i: int) -> tuple[float, float]:
        return round(_EDGE + i * step, 1), round(
            HEIGHT - _EDGE - (heights[i] or 0.0) / top * (HEIGHT - 2 * _EDGE), 1
        )

    lines = tuple(line_path([place(i) for i in run]) for run in find_runs([h is not None for h in heights]))
    last = max(i for i, height in enumerate(heights) if height is not None)
    shown = [one for _, one in weeks if one is not None]
    text = formatter.label(
        "web.spark",
        weeks=Amount(float(len(weeks))),
        first=formatter.shown(shown[0]),
        last=formatter.shown(shown[-1]),
    )
    return Sparkline(WIDTH, HEIGHT, lines, place(last), text)
