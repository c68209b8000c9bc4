"""The schedule of a catch-up as a drawing: a bar a week, and those who still wait as a line."""

from __future__ import annotations

from html import escape

from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views_evidence import CatchUpView

from .svg import AxisScale, AxisTick, count_ticks, date_ticks, line, nice_ceiling

_WIDTH, _HEIGHT = 800, 360
_LEFT, _RIGHT, _TOP, _BASE = 56, 784, 64, 320
_GAP = 0.2  # of a bar's place
# Told apart without colour, too: bars and a line; and 4.5:1 against white.
_BARS, _LINE, _TEXT, _RULE = "#2b6cb0", "#9b2c2c", "#1a202c", "#cbd5e0"


def catchup_svg(done: CatchUpView, how: MessageFormatter) -> str:
    """The drawing as a file of its own. Counts are rounded, and hidden ones drawn alike."""
    title = done.title
    about = how.label("catchup.legend", rule=done.rule) if done.rule else ""
    drawn = _drawn(done, how) if done.weeks else []
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
        *drawn,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _drawn(done: CatchUpView, how: MessageFormatter) -> list[str]:
    least = float(how.privacy.step)
    first, last = done.weeks[0].first, done.weeks[-1].first
    place = (_RIGHT - _LEFT) / ((last - first).days // 7 + 1)
    x = AxisScale(first.toordinal(), last.toordinal() + 7, _LEFT, _RIGHT)
    most = max(done.height, *(week.height for week in done.weeks))
    y = AxisScale(0.0, nice_ceiling(most, least=least)[0], _BASE, _TOP)
    parts = [_rule(tick) for tick in count_ticks(most, y, how.number, least=least)]
    for week in done.weeks:
        left, top = x(week.first.toordinal()) + place * _GAP / 2, y(week.height)
        parts.append(
            f'<rect x="{left:g}" y="{top:g}" width="{place * (1 - _GAP):.1f}" height="{_BASE - top:.1f}" '
            f'fill="{_BARS}"><title>{escape(week.text)}</title></rect>'
        )
    waits = [(x(first.toordinal()), y(done.height))]
    waits += [(x(week.first.toordinal() + 7), y(week.waiting_height)) for week in done.weeks]
    parts.append(f'<path d="{line(waits)}" fill="none" stroke="{_LINE}" stroke-width="2" stroke-dasharray="6 3"/>')
    ticks = date_ticks(first, last, x, most=8, month=how.month)
    parts += [f'<text x="{tick.at:g}" y="{_BASE + 20}">{escape(tick.label)}</text>' for tick in ticks]
    return parts


def _rule(tick: AxisTick) -> str:
    return (
        f'<path d="M{_LEFT} {tick.at:g}H{_RIGHT}" stroke="{_RULE}"/>'
        f'<text x="{_LEFT - 8}" y="{tick.at + 4:g}" text-anchor="end">{escape(tick.label)}</text>'
    )
