"""Find the plug-ins of other packages by entry point, check them, and guard calls of them."""

from __future__ import annotations

from .entry_points import (
    CHECKS,
    DIALECTS,
    ENGINES,
    FORMATS,
    GROUPS,
    MEDIA,
    SOURCES,
    Plugin,
    find_plugin,
    guard_plugin_call,
    install_command,
    list_plugins,
    list_words,
    unknown_word,
)
from .isolation import PluginLimits, call_apart, stop_calls
from .kinds import (
    EngineKind,
    MediumKind,
    SourceKind,
    collect_texts,
    find_check_kind,
    find_engine_kind,
    find_medium_kind,
    find_source_kind,
)

__all__ = [
    "CHECKS",
    "DIALECTS",
    "ENGINES",
    "FORMATS",
    "GROUPS",
    "MEDIA",
    "SOURCES",
    "EngineKind",
    "MediumKind",
    "Plugin",
    "PluginLimits",
    "SourceKind",
    "call_apart",
    "collect_texts",
    "find_check_kind",
    "find_engine_kind",
    "find_medium_kind",
    "find_plugin",
    "find_source_kind",
    "guard_plugin_call",
    "install_command",
    "list_plugins",
    "list_words",
    "stop_calls",
    "unknown_word",
]
