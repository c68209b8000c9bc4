"""Every text that a message can hold, in every language; a kind of text a file."""

from .base import MONTHS, MONTHS_SHORT, Texts
from .phrases import (
    ACTION,
    ACTION_DELIVERY,
    ACTION_OVER,
    ACTION_SURPLUS,
    CHANGE,
    EVENT,
    EVIDENCE,
    MEANING,
    MEANING_LATE,
    MEANING_OVER,
    MEANING_SURPLUS,
    PHRASE,
    SEVERITY,
    SHORT,
    STATE,
    WHAT,
)
from .terms import NAMED, named

__all__ = [
    "ACTION",
    "ACTION_DELIVERY",
    "ACTION_OVER",
    "ACTION_SURPLUS",
    "CHANGE",
    "EVENT",
    "EVIDENCE",
    "MEANING",
    "MEANING_LATE",
    "MEANING_OVER",
    "MEANING_SURPLUS",
    "MONTHS",
    "MONTHS_SHORT",
    "NAMED",
    "PHRASE",
    "SEVERITY",
    "SHORT",
    "STATE",
    "WHAT",
    "Texts",
    "named",
]
