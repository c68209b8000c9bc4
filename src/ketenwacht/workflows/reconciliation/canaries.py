"""Synthetic persons: writing them for the sender, and telling them apart at the receiver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.canary import Canary
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.traits import listed_categories
from ketenwacht.errors import ConfigError
from ketenwacht.measure import KeyRange
from ketenwacht.reconcile import Keys
from ketenwacht.reconcile.tables import private_file
from ketenwacht.sources.canaries import CanaryRegistry, as_csv, new_rows, read_canaries, rows_of


@dataclass(frozen=True, slots=True)
class Canaries:
    """The synthetic persons of a feed: those that were put in, and the keys that all of them have."""

    listed: tuple[Canary, ...]
    keys: KeyRange


def canaries_of(feed: Feed, root: Path, agreed: Callable[[], Keys | None]) -> Canaries | None:
    """The synthetic persons of a feed; None when it declares none.

    Args:
        feed: as configured.
        root: folder of config.yaml.
        agreed: gives the keys that both parties hold, for deliveries with pseudonyms.

    Raises:
        ConfigError: the range or the list is wrong.
    """
    if feed.canaries is None:
        return None
    registry = CanaryRegistry.of(feed, feed.canaries)
    path = root / feed.canaries.list if feed.canaries.list is not None else None
    rows = (
        read_canaries(path, registry, dimensions=_dimensions(feed)) if path is not None and path.is_file() else ()
    )
    signed = agreed() if rows else None
    ids = signed.ids if signed is not None else ()
    pseudonyms = (
        {signed.pseudonym(key, key_id): canary.number for key, canary in rows for key_id in ids}
        if signed is not None
        else {}
    )
    return Canaries(
        tuple(canary for _, canary in rows), KeyRange(registry.key, registry.first, registry.last, pseudonyms)
    )


def write_list(feed: Feed, root: Path, day: date, target: Path) -> int:
    """Add a record of each category that the coverage checks list to a list, the file made when it is not there.

    Args:
        feed: as configured.
        root: folder of config.yaml.
        day: on which they are put in as if decided on.
        target: the list.

    Returns:
        How many records were added.

    Raises:
        ConfigError: no range is declared, no category is listed, or the list cannot be written.
    """
    if feed.canaries is None:
        where = f"feeds.{feed.name}"
        raise ConfigError(where, "declares no keys for synthetic persons", "set `canaries.first` and `.last`")
    registry = CanaryRegistry.of(feed, feed.canaries)
    wanted = listed_categories(load_rules(feed, root).checks)
    if not wanted:
        raise ConfigError(f"{feed.checks}", "lists no category", "add `kind: coverage` with `expected`")
    dimensions = _dimensions(feed)
    used = (
        [canary for _, canary in read_canaries(target, registry, dimensions=dimensions)]
        if target.is_file()
        else []
    )
    added = new_rows(registry, wanted, day, used=used, values=feed.canaries.values)
    target.parent.mkdir(parents=True, exist_ok=True)
    with private_file(target) as made:
        made.write_text(as_csv([*rows_of(target), *added]), encoding="utf-8")
    return len(added)


def _dimensions(feed: Feed) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for dimensions in feed.segments for name in dimensions))
