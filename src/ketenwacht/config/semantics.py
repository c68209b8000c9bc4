"""What is wrong though every word of it is allowed: files, columns, groups and figures that do not fit."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketenwacht.domain.feed import Feed
from ketenwacht.domain.settings import Settings
from ketenwacht.domain.traits import Holds, held, listed_categories, traits_of
from ketenwacht.errors import ConfigError

from .yaml_file import Location, Where

if TYPE_CHECKING:
    from ketenwacht.domain.checks.base import Check


def close(word: str, known: Collection[str], otherwise: str) -> str:
    """How to mend a word that is not known."""
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f"did you mean `{near[0]}`?" if near else otherwise


def missing_files(feed: Feed, root: Path, where: Where) -> Iterator[ConfigError]:
    """Files that the feed names and that are not there."""
    named: list[tuple[Location, str]] = [(("suites", i), path) for i, path in enumerate(feed.suites)]
    named += [((key,), path) for key, path in (("checks", feed.checks), ("contract", feed.contract)) if path]
    for steps, path in named:
        if not (root / path).is_file():
            beside = {entry.name for entry in (root / path).parent.glob("*")}
            folder = Path(path).parent
            near = difflib.get_close_matches(Path(path).name, sorted(beside), n=1, cutoff=0.8)
            mend = (
                f"did you mean `{(folder / near[0]).as_posix()}`?" if near else "mend the path, or write the file"
            )
            yield ConfigError(where(("feeds", feed.name, *steps)), f"there is no file `{path}`", mend)


def unknown_feeds(settings: Settings, where: Where) -> Iterator[ConfigError]:
    """Feeds that alerts speak of and that there are not: nobody would be told of the one that was meant."""
    known = settings.feeds
    otherwise = f"use one of: {', '.join(known)}"
    for i, route in enumerate(settings.alerts.routes):
        for j, name in enumerate(route.feeds):
            if name not in known:
                place = where(("alerts", "routes", i, "feeds", j))
                yield ConfigError(place, f"there is no feed `{name}`", close(name, known, otherwise))
    for name in settings.alerts.feeds:
        if name not in known:
            yield ConfigError(
                where(("alerts", "feeds", name)), f"there is no feed `{name}`", close(name, known, otherwise)
            )


def unknown_columns(feed: Feed, columns: Collection[str], where: Where) -> Iterator[ConfigError]:
    """Columns that the feed names and that its deliveries do not have.

    Args:
        feed: as configured.
        columns: those that the schema check lists.
        where: gives a place in config.yaml.
    """
    at = ("feeds", feed.name)
    named: list[tuple[Location, str]] = [
        ((*at, "segments", i, j), name) for i, dims in enumerate(feed.segments) for j, name in enumerate(dims)
    ]
    named += [((*at, "key"), feed.key)] if feed.key is not None else []
    register = feed.evidence.register
    if register is not None:
        inside = (*at, "evidence", "register")
        named += [((*inside, "segments", i), name) for i, name in enumerate(register.segments)]
        named += [((*inside, "mutation_column"), name) for name in [register.mutation_column] if name is not None]
    for place, name in named:
        if name not in columns:
            mend = close(name, columns, "name a column of the schema check, or add it there")
            yield ConfigError(where(place), f"there is no column `{name}`", mend)


def unshared(feed: Feed, where: Where) -> Iterator[ConfigError]:
    """Dimensions by which a register is counted and that it does not share with the deliveries."""
    register = feed.evidence.register
    if register is None:
        return
    shared = set(register.segments)
    at = ("feeds", feed.name, "evidence", "register")
    named: list[tuple[Location, str]] = [((*at, "backlog", i), name) for i, name in enumerate(register.backlog)]
    named += [((*at, "count_by", i, j), n) for i, dims in enumerate(register.count_by) for j, n in enumerate(dims)]
    for place, name in named:
        if name not in shared:
            mend = close(name, shared, "add it to the register's `segments`, or take it out here")
            yield ConfigError(where(place), f"the register and the deliveries do not share `{name}`", mend)


def out_of_range(check: Check, where: Where, at: Location) -> Iterator[ConfigError]:
    """Figures of a check that mean nothing."""
    for name, setting in traits_of(check).settings.items():
        value = getattr(check, name, None)
        each = value.items() if isinstance(value, dict) else [(None, value)]
        for key, figure in each:
            if isinstance(figure, int | float) and not setting.least <= figure <= setting.most:
                inside = (name,) if key is None else (name, key)
                mend = f"write {setting.least:g} or more"
                if setting.most < math.inf:
                    mend = f"write a share from {setting.least:g} to {setting.most:g}"
                yield ConfigError(where((*at, *inside)), f"`{'.'.join(inside)}` is out of range", mend)


def unseen_categories(check: Check, feed: Feed, where: Where, at: Location) -> Iterator[ConfigError]:
    """Categories that can never be seen, since nothing is counted by all of their dimensions."""
    known = {name for dims in feed.segments for name in dims}
    counted = "; ".join(f"[{', '.join(dims)}]" for dims in feed.segments)
    for setting, i, category in _listed(check, Holds.CATEGORIES):
        dims = set(category)
        strange = sorted(dims - known)
        if strange:
            mend = close(strange[0], known, f"use dimensions of one of: {counted}")
            place = where((*at, setting, i, strange[0]))
            yield ConfigError(place, f"nothing is counted by `{strange[0]}`", mend)
        elif not any(dims <= set(shape) for shape in feed.segments):
            what = f"nothing is counted by [{', '.join(category)}] together"
            yield ConfigError(where((*at, setting, i)), what, "add them to the feed's `segments`")


def idle_allowances(check: Check, where: Where, at: Location) -> Iterator[ConfigError]:
    """Categories that are said to be rare, by a share that means nothing, or that nothing asks for."""
    wanted = listed_categories([check])
    for setting, i, rare in _listed(check, Holds.RARE):
        inside = (*at, setting, i)
        if not 0.0 < rare.share <= 1.0:
            yield ConfigError(where((*inside, "share")), "`share` is out of range", "write a share above 0, to 1")
        if wanted and not any(rare.covers(category) for category in wanted):
            yield ConfigError(where(inside), "is of no category that is expected", "name values of `expected`")


def _listed(check: Check, holds: Holds) -> Iterator[tuple[str, int, Any]]:
    """Every item of the settings that hold this: the setting, its place in it, and itself."""
    for setting, items in held(check, holds):
        yield from ((setting, i, item) for i, item in enumerate(items))
