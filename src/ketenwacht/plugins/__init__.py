"""What other packages add by entry point; what is built in stands in the explicit tuple of its own room."""

from __future__ import annotations

from .border import at_border
from .found import CHECKS, FORMATS, GROUPS, MEDIA, SOURCES, Plugin, one_named, plugins, unknown, words
from .kinds import MediumKind, SourceKind, check_kind, medium_kind, source_kind

__all__ = [
    "CHECKS",
    "FORMATS",
    "GROUPS",
    "MEDIA",
    "SOURCES",
    "MediumKind",
    "Plugin",
    "SourceKind",
    "at_border",
    "check_kind",
    "medium_kind",
    "one_named",
    "plugins",
    "source_kind",
    "unknown",
    "words",
]
