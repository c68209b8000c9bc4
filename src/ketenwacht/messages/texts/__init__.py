"""Every text that a message can hold, in every language; a kind of text a file."""

from .base import MONTHS, MONTHS_SHORT, Texts
from .own_history import CHANGE, EVENT, SEVERITY, STATE
from .phrases import (
    ACTION,
    ACTION_DELIVERY,
    ACTION_OVER,
    ACTION_SURPLUS,
    EVIDENCE,
    MEANING,
    MEANING_LATE,
    MEANING_OVER,
    MEANING_SURPLUS,
    PHRASE,
    SHORT,
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
