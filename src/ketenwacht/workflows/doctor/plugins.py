"""Which plug-ins are installed, and whether each can be used; all are looked at, also those that nothing names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from ketenwacht.domain.alerting import BUILT_IN
from ketenwacht.domain.feed import ENGINES
from ketenwacht.domain.source import SOURCES
from ketenwacht.plugins import (
    CHECKS,
    FORMATS,
    GROUPS,
    MEDIA,
    Plugin,
    check_kind,
    engine_kind,
    medium_kind,
    plugins,
    source_kind,
)
from ketenwacht.plugins import ENGINES as ENGINE_GROUP
from ketenwacht.plugins import SOURCES as SOURCE_GROUP
from ketenwacht.sources import format_named

from .symptoms import Symptom, SymptomLevel, fine, guarded

_LOOKED: Mapping[str, Callable[[str, str], object]] = {
    CHECKS: check_kind,
    FORMATS: format_named,
    SOURCE_GROUP: lambda word, where: source_kind(word, SOURCES, where),
    ENGINE_GROUP: lambda word, where: engine_kind(word, ENGINES, where),
    MEDIA: lambda word, where: medium_kind(word, BUILT_IN, where),
}
"""Group of entry points → what loads one and looks it over."""


def plugins_of() -> Iterator[Symptom]:
    """One symptom a plug-in."""
    every = [plugin for group in GROUPS for plugin in plugins(group)]
    if not every:
        yield Symptom(SymptomLevel.ABSENT, "plug-ins", "none is installed")
    for plugin in every:
        yield from guarded(f"plug-in {plugin.word}", partial(_one, plugin))


def _one(plugin: Plugin) -> Iterator[Symptom]:
    _LOOKED[plugin.group](plugin.word, plugin.group)
    said = f"{GROUPS[plugin.group]} of {plugin.package} {plugin.version}"
    yield fine(f"plug-in {plugin.word}", said)
