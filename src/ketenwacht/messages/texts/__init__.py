"""Every text that a message can hold, in every language; a kind of text a file."""

from .base import MONTHS, MONTHS_SHORT, Texts
from .phrases import (
    EVENT,
    MEANING,
    MEANING_LATE,
    MEANING_SURPLUS,
    PHRASE,
    SEVERITY,
)
from .terms import NAMED, named

__all__ = [
    "EVENT",
    "MEANING",
    "MEANING_LATE",
    "MEANING_SURPLUS",
    "MONTHS",
    "MONTHS_SHORT",
    "NAMED",
    "PHRASE",
    "SEVERITY",
    "Texts",
    "named",
]
