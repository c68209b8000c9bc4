"""The schedule of a catch-up as a drawing: a bar a week, and those who still wait as a line."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ketenwacht.domain.catchup import CatchUpPlan
from ketenwacht.domain.privacy import shown_missing

from .svg import Scale, Tick, count_ticks, date_ticks, line, nice_ceiling
from .words import clean, day, drawn_count, plural, span

_WIDTH, _HEIGHT = 800, 360
_LEFT, _RIGHT, _TOP, _BASE = 56, 784, 64, 320
_GAP = 0.2  # of a bar's place
# Told apart without colour, too: bars and a line; and 4.5:1 against white.
_BARS, _LINE, _TEXT, _RULE = "#2b6cb0", "#9b2c2c", "#1a202c", "#cbd5e0"


def catchup_svg(feed: str, by: Sequence[str], plan: CatchUpPlan, *, multiple: float) -> str:
    """The drawing as a file of its own. Counts are rounded to tens, and small ones drawn alike."""
    points = plan.chart()
    title = f"{clean(feed)}: nobody has to be caught up"
    if points and plan.last is not None:
        weeks = plural(len(points), "week")
        title = f"{clean(feed)}: {shown_missing(plan.count)} persons in {weeks}, {span(points[0][0], plan.last)}"
    about = (
        f"Oldest decision first; with what comes anyway no {' and '.join(map(clean, by))} gets more than "
        f"{multiple:g} times its normal week. Bars: persons a week. Line: persons still waiting."
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-labelledby="t d" font-family="sans-serif" font-size="13" fill="{_TEXT}">'
    )
    parts = [
        head,
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(about)}</desc>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="16" y="24" font-size="16" font-weight="bold">{escape(title)}</text>',
        f'<text x="16" y="44" font-size="11">{escape(about)}</text>',
        *(_drawn(plan) if points else []),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _drawn(plan: CatchUpPlan) -> list[str]:
    points = plan.chart()
    first, last = points[0][0], points[-1][0]
    place = (_RIGHT - _LEFT) / ((last - first).days // 7 + 1)
    x = Scale(first.toordinal(), last.toordinal() + 7, _LEFT, _RIGHT)
    highest = max(_tens(persons) for _, persons, _ in points)
    most = max(highest, _tens(plan.count))
    y = Scale(0.0, nice_ceiling(most)[0], _BASE, _TOP)
    parts = [_rule(tick) for tick in count_ticks(most, y)]
    for week, persons, waiting in points:
        left, top = x(week.toordinal()) + place * _GAP / 2, y(_tens(persons))
        told = f"{day(week)}: {shown_missing(persons)} persons, {shown_missing(waiting)} still waiting"
        parts.append(
            f'<rect x="{left:g}" y="{top:g}" width="{place * (1 - _GAP):.1f}" height="{_BASE - top:.1f}" '
            f'fill="{_BARS}"><title>{escape(told)}</title></rect>'
        )
    waits = [(x(first.toordinal()), y(_tens(plan.count)))]
    waits += [(x(week.toordinal() + 7), y(_tens(waiting))) for week, _, waiting in points]
    parts.append(f'<path d="{line(waits)}" fill="none" stroke="{_LINE}" stroke-width="2" stroke-dasharray="6 3"/>')
    ticks = date_ticks(first, last, x, most=8)
    parts += [f'<text x="{tick.at:g}" y="{_BASE + 20}">{escape(tick.label)}</text>' for tick in ticks]
    return parts


def _tens(count: int) -> float:
    """The height of a count: what may be told of it."""
    drawn = drawn_count(count) or 0.0
    return round(drawn, -1) if drawn == count else drawn


def _rule(tick: Tick) -> str:
    return (
        f'<path d="M{_LEFT} {tick.at:g}H{_RIGHT}" stroke="{_RULE}"/>'
        f'<text x="{_LEFT - 8}" y="{tick.at + 4:g}" text-anchor="end">{escape(tick.label)}</text>'
    )
