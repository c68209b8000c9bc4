"""Finds installed plug-ins; loads one only when a configuration uses its word. Guards calls of their code."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, requires
from typing import TypeVar

from ketenwacht.errors import ConfigError, KetenwachtError
from ketenwacht.processes import CallFault, WorkStopped, place_in

from .isolation import PluginLimits, call_apart

CHECKS = "ketenwacht.checks"
FORMATS = "ketenwacht.formats"
SOURCES = "ketenwacht.sources"
MEDIA = "ketenwacht.media"
ENGINES = "ketenwacht.engines"
DIALECTS = "ketenwacht.dialects"

GROUPS: Mapping[str, str] = {
    CHECKS: "kind of check",
    FORMATS: "file format",
    SOURCES: "kind of source",
    MEDIA: "medium",
    ENGINES: "engine",
    DIALECTS: "SQL dialect",
}
"""Group of entry points → what an entry point of it adds."""


def install_command(extra: str) -> str:
    """Return the command that installs what an optional extra of this package brings.

    It names the packages themselves: no public registry has a project `ketenwacht` that is ours.
    """
    try:
        wanted = requires("ketenwacht") or []
    except PackageNotFoundError:  # the code was copied, not installed
        wanted = []
    marked = re.compile(rf"(.+?)\s*;\s*extra\s*==\s*['\"]{re.escape(extra)}['\"]")
    names = [found[1] for one in wanted if (found := marked.fullmatch(one))]
    return f"pip install {' '.join(repr(name) for name in names)}" if names else f"install the extra `{extra}`"


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point of another package.

    Attributes:
        group: one of `GROUPS`.
        word: its name in the configuration.
        package: the package that provides it.
        version: of that package.
    """

    group: str
    word: str
    package: str
    version: str
    entry: EntryPoint = field(repr=False)

    def __str__(self) -> str:
        return f"{self.word} of {self.package} {self.version}"

    def load(self, where: str) -> object:
        """Return the object that the entry point names. It is imported in a process of its own first.

        Raises:
            ConfigError: it cannot be imported, does not exist, or hangs or exits meanwhile.
        """

        def load() -> object:
            if self not in _imported:
                call_apart(f"import {self}", PluginLimits(), _import, self.entry.value)
                _imported.add(self)
            return self.entry.load()

        return guard_plugin_call(load, lambda cause: self.fault(where, f"cannot be loaded ({cause})"))

    def fault(self, where: str, what: str) -> ConfigError:
        """Return the error for a fault of the plug-in itself."""
        mend = f"install another version of {self.package}, or uninstall it and remove `{self.word}`"
        return ConfigError(where, f"the plug-in {self} {what}", mend)


_imported: set[Plugin] = set()


def _import(value: str) -> None:
    EntryPoint("word", value, "group").load()


def list_plugins(group: str) -> tuple[Plugin, ...]:
    """Return the plug-ins of a group, sorted by word and package, without importing them."""
    return find_plugins().get(group, ())


@cache
def find_plugins() -> Mapping[str, tuple[Plugin, ...]]:
    """Return the plug-ins of every group, sorted by word and package, without importing them.

    The environment does not change while a process runs, so one search is enough.
    """
    every = entry_points()
    found: dict[str, tuple[Plugin, ...]] = {}
    for group in GROUPS:
        ones = {
            Plugin(group, entry.name, entry.dist.name, entry.dist.version, entry)
            for entry in every.select(group=group)
            if entry.dist is not None
        }
        found[group] = tuple(sorted(ones, key=lambda one: (one.word, one.package)))
    return found


def list_words(group: str, built_in: Iterable[str]) -> list[str]:
    """Return every word that a configuration may use, built-in words first."""
    own = list(built_in)
    return own + sorted({one.word for one in list_plugins(group)} - set(own))


def find_plugin(group: str, word: str, built_in: Collection[str], where: str) -> Plugin | None:
    """Return the plug-in that adds `word`; None when the word is built in, or unknown.

    Args:
        group: one of `GROUPS`.
        word: its name in the configuration.
        built_in: the words that need no plug-in.
        where: the place of the word, for errors.

    Raises:
        ConfigError: two packages claim the word, or one claims a built-in word. A verdict must not depend on which
            of them is found first.
    """
    found = [one for one in list_plugins(group) if one.word == word]
    claims = [f"{one.package} {one.version}" for one in found]
    if found and word in built_in:
        claims.insert(0, "ketenwacht itself")
    if len(claims) > 1:
        what = f"the {GROUPS[group]} `{word}` is claimed by {' and by '.join(claims)}"
        raise ConfigError(where, what, f"uninstall {found[-1].package}, or give its entry point another name")
    return found[0] if found else None


def unknown_word(group: str, word: str, built_in: Iterable[str], where: str) -> ConfigError:
    """Return the error for a word that is neither built in nor added by a plug-in."""
    known = list_words(group, built_in)
    close = difflib.get_close_matches(word, known, n=1)
    offered = f"use one of: {', '.join(known)}" if known else "install the package that brings it"
    mend = f"did you mean `{close[0]}`?" if close else offered
    return ConfigError(where, f"there is no {GROUPS[group]} `{word}`", mend)


# The guard around code of other packages: any exception becomes our error, without its message.


T = TypeVar("T")


def guard_plugin_call(work: Callable[[], T], fault: Callable[[str], KetenwachtError]) -> T:
    """Call code of another package, and return its result.

    Our own errors pass. Any other exception becomes the error of `fault`, raised outside the handler, so that
    nothing leads back to a message that may quote a person.

    Args:
        work: calls the other package.
        fault: builds our error from the class of the exception and the line of code that raised it.
    """
    try:
        return work()
    except (KetenwachtError, WorkStopped):
        raise
    except CallFault as raised:
        cause = raised.cause
    except (Exception, SystemExit) as raised:  # noqa: BLE001 - another package may raise any class, and exit
        cause = f"{type(raised).__name__}{place_in(raised)}"
    raise fault(cause)
