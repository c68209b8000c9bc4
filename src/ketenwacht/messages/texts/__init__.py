"""Every text that a message can hold, in every language; a kind of text a file."""

from .answers import (
    ACTION,
    ACTION_DELIVERY,
    ACTION_OVER,
    ACTION_SURPLUS,
    EVIDENCE,
    EVIDENCE_NAME,
    MEANING,
    MEANING_LATE,
    MEANING_OVER,
    MEANING_SURPLUS,
    SHORT,
    WHAT,
)
from .base import MONTHS, MONTHS_SHORT, Texts
from .kinds import NAMED, named
from .lives import CHANGE, EVENT, NATURE, SEVERITY, STATE, STATUS
from .phrases import PHRASE

__all__ = [
    "ACTION",
    "ACTION_DELIVERY",
    "ACTION_OVER",
    "ACTION_SURPLUS",
    "CHANGE",
    "EVENT",
    "EVIDENCE",
    "EVIDENCE_NAME",
    "MEANING",
    "MEANING_LATE",
    "MEANING_OVER",
    "MEANING_SURPLUS",
    "MONTHS",
    "MONTHS_SHORT",
    "NAMED",
    "NATURE",
    "PHRASE",
    "SEVERITY",
    "SHORT",
    "STATE",
    "STATUS",
    "WHAT",
    "Texts",
    "named",
]
