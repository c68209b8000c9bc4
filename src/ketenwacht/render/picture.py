"""The chart of one series as a PNG, for media that show pictures and no drawings.

Pillow is imported when a picture is drawn: only who sends one pays for it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from ketenwacht.domain.past import Mask
from ketenwacht.domain.privacy import SMALL_COUNT

from .data import Series
from .points import Point, is_weekly, points
from .svg import Scale, count_ticks, date_ticks, nice_ceiling, stretches
from .words import drawn_count, month

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
        month: a date's month, in a few letters.
    """

    title: str
    weekly: str
    daily: str
    expected: str
    since: str
    month: Callable[[date], str] = field(default=month)


def picture(
    series: Series,
    captions: Captions,
    *,
    since: date | None = None,
    masks: Sequence[Mask] = (),
    small: int = SMALL_COUNT,
) -> bytes | None:
    """Draw a series with its band as PNG, `WIDTH` × `HEIGHT` at twice the density.

    Counts below `small` are all drawn at one height, so that none can be measured off the picture.

    Args:
        series: of one segment.
        captions: its words; letters that the font lacks lose their accents, or become a question mark.
        since: when the loss began; None: not drawn.
        masks: stretches whose counts say nothing.
        small: least count that may be read.

    Returns:
        The bytes of the picture, None when there are fewer than `FEWEST` points.
    """
    drawn = points(series, masks, long=LONG)
    if sum(point.count is not None for point in drawn) < FEWEST:
        return None
    from PIL import Image as images  # noqa: N813, PLC0415 - a module; see above

    sheet = images.new("RGB", (WIDTH * _DRAWN, HEIGHT * _DRAWN), _PAPER)
    _Pen(sheet, small).draw(drawn, captions, since, weekly=is_weekly(series, long=LONG))
    kept = sheet.resize((WIDTH * _KEPT, HEIGHT * _KEPT), images.Resampling.LANCZOS)
    file = BytesIO()
    kept.save(file, "PNG")
    return file.getvalue()


class _Pen:
    """Draws on a sheet, in units of the finished picture."""

    def __init__(self, sheet: Image, small: int) -> None:
        from PIL import ImageDraw  # noqa: PLC0415 - see the module

        self._on: Drawing = ImageDraw.Draw(sheet)
        self._small = small

    def draw(self, drawn: Sequence[Point], captions: Captions, since: date | None, *, weekly: bool) -> None:
        """The axes, the band, the line over it, what lies outside, and where it began."""
        top = max(max(self._height(p), p.high or 0.0) for p in drawn)
        x = Scale(drawn[0].first.toordinal(), drawn[-1].last.toordinal(), _LEFT + 4, WIDTH - _RIGHT)
        y = Scale(0.0, nice_ceiling(top)[0], HEIGHT - _BOTTOM, _TOP)
        self._axes(drawn, x, y, top, captions)
        spots = [((p.first.toordinal() + p.last.toordinal()) / 2, p) for p in drawn if p.count is not None]
        banded = [p.low is not None and p.high is not None for _, p in spots]
        for run in stretches(banded):
            edge = [(x(spots[i][0]), y(spots[i][1].high or 0.0)) for i in run]
            edge += [(x(spots[i][0]), y(spots[i][1].low or 0.0)) for i in reversed(run)]
            self._area(edge)
        for run in stretches([p.count is not None for p in drawn]):
            self._line([(x(_middle(drawn[i])), y(self._height(drawn[i]))) for i in run], _LINE, 2)
        for place, point in spots:
            if point.verdict in {"below", "above"} and not self._hides(point):
                self._dot((x(place), y(self._height(point))))
        if since is not None and since <= drawn[-1].last:
            self._began(x(max(since, drawn[0].first).toordinal()), captions.since)
        self._legend(captions, weekly=weekly, banded=any(banded))

    def _height(self, point: Point) -> float:
        return drawn_count(point.count, small=self._small) or 0.0

    def _hides(self, point: Point) -> bool:
        """Whether its count is small: on which side of the band it lies would narrow it down."""
        return 0 < (point.count or 0.0) < self._small

    def _axes(self, drawn: Sequence[Point], x: Scale, y: Scale, top: float, captions: Captions) -> None:
        for tick in count_ticks(top, y):
            self._line([(_LEFT, tick.at), (WIDTH - _RIGHT, tick.at)], _GRID, 1)
            self._text((_LEFT - 6, tick.at), tick.label, 11, _SOFT, anchor="rm")
        for tick in date_ticks(drawn[0].first, drawn[-1].last, x, most=8, month=captions.month):
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
        self._on.polygon([_scaled(corner) for corner in corners], fill=_BAND)

    def _line(self, corners: Sequence[XY], colour: str, width: float) -> None:
        if len(corners) == 1:
            self._dot(corners[0], colour, 1.5)
        for start, end in pairwise(corners):
            self._on.line([_scaled(start), _scaled(end)], fill=colour, width=round(width * _DRAWN))

    def _dot(self, at: XY, colour: str = _WRONG, radius: float = 3) -> None:
        self._on.circle(_scaled(at), radius * _DRAWN, fill=colour)

    def _text(self, at: XY, text: str, size: int, colour: str, *, anchor: str = "la") -> float:
        """Write; returns where it ends to the right."""
        from PIL import ImageFont  # noqa: PLC0415 - see the module

        font = ImageFont.load_default(size * _DRAWN)
        shown = plain(text)
        self._on.text(_scaled(at), shown, fill=colour, font=font, anchor=anchor)
        return at[0] + self._on.textlength(shown, font=font) / _DRAWN


def plain(text: str) -> str:
    """The text in the letters that the built-in font has."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in bare.replace("–", "-"))


def _middle(point: Point) -> float:
    return (point.first.toordinal() + point.last.toordinal()) / 2


def _scaled(at: XY) -> XY:
    return at[0] * _DRAWN, at[1] * _DRAWN
