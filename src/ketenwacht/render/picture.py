"""The chart of one series as a PNG, for media that cannot show SVG.

Pillow is imported when a picture is drawn: only who sends one pays for it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.series import Point, SeriesView

from .svg import AxisScale, count_ticks, date_ticks, find_runs, nice_ceiling

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw as Drawing

FEWEST = 3
"""With fewer points there is nothing to see."""
LONG = 35
"""From this many days on, a daily series is drawn as weekly sums: a picture is looked at for a moment."""
WIDTH, HEIGHT = 760, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 74, 30
_DRAWN, _KEPT = 4, 2  # drawn at four times the size and kept at two, so that edges are smooth
_PAPER, _INK, _SOFT, _GRID = "#ffffff", "#1b1f24", "#57606a", "#e4e8ec"
_BAND, _LINE, _WRONG = "#cfe3f7", "#1f5fa8", "#b3261e"

XY = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Captions:
    """The words in a picture.

    Attributes:
        title: what is counted, of whom.
        weekly: the name of the line when it shows sums of weeks.
        daily: its name when each point is a delivery.
        expected: the name of the band.
        since: what stands at the day on which the loss began.
    """

    title: str
    weekly: str
    daily: str
    expected: str
    since: str


def draw_png(
    series: SeriesView, captions: Captions, formatter: MessageFormatter, *, since: date | None = None
) -> bytes | None:
    """Draw a series with its band as PNG, `WIDTH` × `HEIGHT` at twice the density.

    A view holds only numbers that may be shown, so that hidden ones cannot be measured in the picture.

    Args:
        series: of one segment, in sums of weeks from `LONG` days on.
        captions: its words; letters that the font lacks lose their accents, or become a question mark.
        formatter: says the months and numbers of the axes.
        since: when the loss began; None: not drawn.

    Returns:
        The bytes of the picture, None when there are fewer than `FEWEST` points.
    """
    if sum(point.height is not None for point in series.points) < FEWEST:
        return None
    from PIL import Image as images  # noqa: N813, PLC0415 - a module; see above

    sheet = images.new("RGB", (WIDTH * _DRAWN, HEIGHT * _DRAWN), _PAPER)
    _Pen(sheet, formatter).draw(series, captions, since)
    kept = sheet.resize((WIDTH * _KEPT, HEIGHT * _KEPT), images.Resampling.LANCZOS)
    file = BytesIO()
    kept.save(file, "PNG")
    return file.getvalue()


class _Pen:
    """Draws on a sheet, in units of the finished picture."""

    def __init__(self, sheet: Image, formatter: MessageFormatter) -> None:
        from PIL import ImageDraw  # noqa: PLC0415 - see the module

        self._on: Drawing = ImageDraw.Draw(sheet)
        self._formatter = formatter

    def draw(self, series: SeriesView, captions: Captions, since: date | None) -> None:
        """Draw the axes, the band, the line over it, what lies outside, and where it began."""
        drawn = series.points
        top = max(max(p.height or 0.0, p.high or 0.0) for p in drawn)
        x = AxisScale(drawn[0].first.toordinal(), drawn[-1].last.toordinal(), _LEFT + 4, WIDTH - _RIGHT)
        y = AxisScale(0.0, nice_ceiling(top, least=series.step)[0], HEIGHT - _BOTTOM, _TOP)
        self._axes(series, x, y, top)
        spots = [((p.first.toordinal() + p.last.toordinal()) / 2, p) for p in drawn if p.height is not None]
        banded = [p.low is not None and p.high is not None for _, p in spots]
        for run in find_runs(banded):
            edge = [(x(spots[i][0]), y(spots[i][1].high or 0.0)) for i in run]
            edge += [(x(spots[i][0]), y(spots[i][1].low or 0.0)) for i in reversed(run)]
            self._area(edge)
        for run in find_runs([p.height is not None for p in drawn]):
            self._line([(x(_middle(drawn[i])), y(drawn[i].height or 0.0)) for i in run], _LINE, 2)
        for place, point in spots:
            if point.side in {"below", "above"}:
                self._dot((x(place), y(point.height or 0.0)))
        if since is not None and since <= drawn[-1].last:
            self._began(x(max(since, drawn[0].first).toordinal()), captions.since)
        self._legend(captions, weekly=series.weekly, banded=any(banded))

    def _axes(self, series: SeriesView, x: AxisScale, y: AxisScale, top: float) -> None:
        for tick in count_ticks(top, y, self._formatter.number, least=series.step):
            self._line([(_LEFT, tick.at), (WIDTH - _RIGHT, tick.at)], _GRID, 1)
            self._text((_LEFT - 6, tick.at), tick.label, 11, _SOFT, anchor="rm")
        first, last = series.points[0].first, series.points[-1].last
        for tick in date_ticks(first, last, x, most=8, month=self._formatter.month):
            self._text((tick.at, HEIGHT - _BOTTOM + 8), tick.label, 11, _SOFT, anchor="ma")

    def _legend(self, captions: Captions, *, weekly: bool, banded: bool) -> None:
        self._text((12, 12), captions.title, 15, _INK)
        self._line([(12, 44), (32, 44)], _LINE, 2)
        end = self._text((38, 44), captions.weekly if weekly else captions.daily, 12, _SOFT, anchor="lm")
        if banded:
            self._area([(end + 16, 38), (end + 36, 38), (end + 36, 50), (end + 16, 50)])
            self._text((end + 42, 44), captions.expected, 12, _SOFT, anchor="lm")

    def _began(self, at: float, said: str) -> None:
        for start in range(_TOP, HEIGHT - _BOTTOM, 8):
            self._line([(at, start), (at, start + 4)], _WRONG, 1)
        self._text((at, _TOP - 2), said, 12, _WRONG, anchor="rb" if at > WIDTH / 2 else "lb")

    def _area(self, corners: Sequence[XY]) -> None:
        self._on.polygon([_scale(corner) for corner in corners], fill=_BAND)

    def _line(self, corners: Sequence[XY], colour: str, width: float) -> None:
        if len(corners) == 1:
            self._dot(corners[0], colour, 1.5)
        for start, end in pairwise(corners):
            self._on.line([_scale(start), _scale(end)], fill=colour, width=round(width * _DRAWN))

    def _dot(self, at: XY, colour: str = _WRONG, radius: float = 3) -> None:
        self._on.circle(_scale(at), radius * _DRAWN, fill=colour)

    def _text(self, at: XY, text: str, size: int, colour: str, *, anchor: str = "la") -> float:
        """Write; returns where it ends to the right."""
        from PIL import ImageFont  # noqa: PLC0415 - see the module

        font = ImageFont.load_default(size * _DRAWN)
        shown = plain(text)
        self._on.text(_scale(at), shown, fill=colour, font=font, anchor=anchor)
        return at[0] + float(self._on.textlength(shown, font=font)) / _DRAWN


def plain(text: str) -> str:
    """Return the text in the letters that the built-in font has."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in bare.replace("–", "-"))


def _middle(point: Point) -> float:
    return (point.first.toordinal() + point.last.toordinal()) / 2


def _scale(at: XY) -> XY:
    return at[0] * _DRAWN, at[1] * _DRAWN
