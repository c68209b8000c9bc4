"""The signs of a medium: a mark a verdict, and the levels of a sparkline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
