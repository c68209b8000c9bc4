"""The signs of a medium: a mark a verdict, and a series in one line of text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from ketenwacht.domain.status import Status


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs of a medium: one mark a status, and the levels of a sparkline from low to high."""

    marks: Mapping[Status, str]
    levels: str
    gap: str
    dash: str

    def plain(self, text: str) -> str:
        """Our own words with the dash and the minus that this medium can write."""
        return text if self.dash == "–" else text.replace("–", self.dash).replace("−", "-").replace("—", self.dash)


UNICODE = Glyphs(
    MappingProxyType(
        {
            Status.PASSED: "✓",
            Status.SKIPPED: "–",
            Status.UNPROVEN: "?",
            Status.WARNED: "!",
            Status.FAILED: "✗",
            Status.ERROR: "⊘",
        }
    ),
    levels="▁▂▃▄▅▆▇█",
    gap="·",
    dash="–",
)
ASCII = Glyphs(
    MappingProxyType(
        {
            Status.PASSED: "+",
            Status.SKIPPED: "-",
            Status.UNPROVEN: "?",
            Status.WARNED: "!",
            Status.FAILED: "x",
            Status.ERROR: "#",
        }
    ),
    levels="_.:-=+*#",
    gap=" ",
    dash="-",
)


def sparkline(values: Sequence[float | None], *, width: int | None = None, glyphs: Glyphs = UNICODE) -> str:
    """Draw values as one row of bars from 0 to the largest; a gap where there is none.

    Args:
        values: oldest first; None and NaN are gaps.
        width: at most this many characters; a longer series is cut into equal stretches, each drawn as its mean.
        glyphs: the signs to draw with.
    """
    drawn = list(values) if width is None or len(values) <= width else _means(values, width)
    finite = [v for v in drawn if v is not None and math.isfinite(v)]
    top = max(finite, default=0.0)
    return "".join(_level(v, top, glyphs) for v in drawn)


def _level(value: float | None, top: float, glyphs: Glyphs) -> str:
    if value is None or not math.isfinite(value):
        return glyphs.gap
    if top <= 0:
        return glyphs.levels[0]
    last = len(glyphs.levels) - 1
    return glyphs.levels[max(0, round(value / top * last))]


def _means(values: Sequence[float | None], width: int) -> list[float | None]:
    cuts = [round(i * len(values) / width) for i in range(width + 1)]
    means: list[float | None] = []
    for first, last in pairwise(cuts):
        finite = [v for v in values[first:last] if v is not None and math.isfinite(v)]
        means.append(sum(finite) / len(finite) if finite else None)
    return means
