"""The list of synthetic persons that were put in: written for the sender, read by the receiver."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ketenwacht.domain.evidence import Canary
from ketenwacht.domain.feed import CanarySettings, Feed
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import ConfigError

from .evidence import DAY_LIKE, parse_day, read_csv

MOST_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class CanaryRegistry:
    """The columns of a list of synthetic persons: those that the feed itself has.

    Attributes:
        key: identifies a person.
        decided: the day a person was put in as if decided on; empty: nothing names it.
        first: lowest key of the declared range.
        last: highest key of it.
        where: the setting, for an error.
    """

    key: str
    decided: str
    first: str
    last: str
    where: str

    @classmethod
    def of(cls, feed: Feed, canaries: CanarySettings) -> CanaryRegistry:
        """As configured.

        Raises:
            ConfigError: the feed has no key, or the range is none.
        """
        where = f"feeds.{feed.name}.canaries"
        register = feed.evidence.register
        decided = canaries.decided_column or (register.decided_column if register is not None else None)
        if feed.key is None:
            raise ConfigError(f"feeds.{feed.name}", "has no key, so nobody can be told apart", "set `key`")
        first, last = canaries.first, canaries.last
        if not (first.isdecimal() and last.isdecimal() and len(first) == len(last) and first <= last):
            raise ConfigError(where, "first and last are no range", "give two keys of as many digits, in order")
        if int(last) - int(first) >= MOST_KEYS:
            raise ConfigError(where, f"declares more than {MOST_KEYS:,} keys", "declare a smaller range")
        return cls(feed.key, decided or "", first, last, where)

    def require_day(self) -> None:
        """Raise ConfigError unless something names the column with the day."""
        if not self.decided:
            raise ConfigError(self.where, "names no column with the day of decision", "set `decided_column`")

    def number(self, key: str) -> int | None:
        """The place of a key in the range; None outside it."""
        inside = key.isdecimal() and len(key) == len(self.first) and self.first <= key <= self.last
        return int(key) - int(self.first) if inside else None


def read_canaries(
    path: Path, registry: CanaryRegistry, *, dimensions: Sequence[str]
) -> tuple[tuple[str, Canary], ...]:
    """Read a list: the key and the person, in order; a category is every dimension that the list fills.

    Raises:
        ConfigError: it cannot be read, or names a key outside the declared range.
    """
    registry.require_day()
    names, rows = read_csv(path, (registry.key, registry.decided))
    found: list[tuple[str, Canary]] = []
    for row in rows:
        key = row.cells[registry.key]
        number = registry.number(key)
        if number is None:
            raise ConfigError(row.where, f"{registry.key} is not in the declared range", "write it with `canary`")
        day = row.read(registry.decided, parse_day, DAY_LIKE)
        category = row.segment([name for name in dimensions if name in names and row.cells[name]])
        found.append((key, Canary(number, day, category)))
    return tuple(found)


def create_rows(
    registry: CanaryRegistry,
    categories: Sequence[Segment],
    day: date,
    *,
    used: Sequence[Canary],
    values: Mapping[str, str],
) -> list[dict[str, str]]:
    """A record for each category with the next free keys of the range, as the sender is to put it in.

    Raises:
        ConfigError: the range has not so many keys left, or that day was written before.
    """
    registry.require_day()
    if any(canary.decided == day for canary in used):
        raise ConfigError("--date", f"the list holds those of {day} already", "give another day")
    begin = max((canary.number for canary in used), default=-1) + 1
    if begin + len(categories) > int(registry.last) - int(registry.first) + 1:
        raise ConfigError("canaries", "the declared range has no key left", "declare a larger one")
    return [
        {
            registry.key: f"{int(registry.first) + begin + i:0{len(registry.first)}d}",
            registry.decided: day.isoformat(),
            **values,
            **category.as_dict(),
        }
        for i, category in enumerate(categories)
    ]


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of an earlier list as they stand; none when there is no such file."""
    return [dict(row.cells) for row in read_csv(path, ())[1]] if path.is_file() else []


def format_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """A list as text: every column that a row has, in order of first appearance."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=";", lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
