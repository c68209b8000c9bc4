"""What other packages add by entry point; what is built in stands in the explicit tuple of its own room."""

from __future__ import annotations

from .found import (
    CHECKS,
    ENGINES,
    FORMATS,
    GROUPS,
    MEDIA,
    SOURCES,
    Plugin,
    guard_plugin_call,
    one_named,
    plugins,
    unknown,
    words,
)
from .kinds import (
    EngineKind,
    MediumKind,
    SourceKind,
    check_kind,
    check_texts,
    engine_kind,
    medium_kind,
    source_kind,
)

__all__ = [
    "CHECKS",
    "ENGINES",
    "FORMATS",
    "GROUPS",
    "MEDIA",
    "SOURCES",
    "EngineKind",
    "MediumKind",
    "Plugin",
    "SourceKind",
    "check_kind",
    "check_texts",
    "engine_kind",
    "guard_plugin_call",
    "medium_kind",
    "one_named",
    "plugins",
    "source_kind",
    "unknown",
    "words",
]
