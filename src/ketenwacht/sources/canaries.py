"""The list of canaries, synthetic persons that the sender inserts.

Written for the sender, read by the receiver.
"""

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
    """The columns of a list of canaries, named as in the feed, and the range of their keys.

    Attributes:
        key: the column that identifies a person.
        decided: the column with the day of decision; empty: the configuration names none.
        first: lowest key of the declared range.
        last: highest key of the declared range.
        where: the setting, for errors.
    """

    key: str
    decided: str
    first: str
    last: str
    where: str

    @classmethod
    def of(cls, feed: Feed, canaries: CanarySettings) -> CanaryRegistry:
        """Return the registry of a feed as configured.

        Raises:
            ConfigError: the feed has no key, or the range is not valid.
        """
        where = f"feeds.{feed.name}.canaries"
        register = feed.evidence.register
        decided = canaries.decided_column or (register.decided_column if register is not None else None)
        if not feed.key_columns:
            raise ConfigError(f"feeds.{feed.name}", "has no key that identifies a person", "set `key`")
        if len(feed.key_columns) > 1:
            what = "declares a range of keys, and the key of the feed is several columns"
            raise ConfigError(where, what, "leave `canaries` out, or set a `key` of one column")
        first, last = canaries.first, canaries.last
        if not (first.isdecimal() and last.isdecimal() and len(first) == len(last) and first <= last):
            raise ConfigError(
                where,
                "first and last are not a range",
                "give two keys with the same number of digits, lowest first",
            )
        if int(last) - int(first) >= MOST_KEYS:
            raise ConfigError(where, f"declares more than {MOST_KEYS:,} keys", "declare a smaller range")
        return cls(feed.key_columns[0], decided or "", first, last, where)

    def require_day(self) -> None:
        """Raise ConfigError when no setting names the column with the day of decision."""
        if not self.decided:
            raise ConfigError(self.where, "has no column with the day of decision", "set `decided_column`")

    def number(self, key: str) -> int | None:
        """Return the position of a key in the range; None outside it."""
        inside = key.isdecimal() and len(key) == len(self.first) and self.first <= key <= self.last
        return int(key) - int(self.first) if inside else None


def read_canaries(
    path: Path, registry: CanaryRegistry, *, dimensions: Sequence[str]
) -> tuple[tuple[str, Canary], ...]:
    """Read a list: each key with its canary, in order. A category is every dimension that the row fills.

    Raises:
        ConfigError: it cannot be read, or holds a key outside the declared range.
    """
    registry.require_day()
    names, rows = read_csv(path, (registry.key, registry.decided))
    canaries: list[tuple[str, Canary]] = []
    for row in rows:
        key = row.cells[registry.key]
        number = registry.number(key)
        if number is None:
            raise ConfigError(row.where, f"{registry.key} is not in the declared range", "write it with `canary`")
        day = row.read(registry.decided, parse_day, DAY_LIKE)
        category = row.segment([name for name in dimensions if name in names and row.cells[name]])
        canaries.append((key, Canary(number, day, category)))
    return tuple(canaries)


def create_rows(
    registry: CanaryRegistry,
    categories: Sequence[Segment],
    day: date,
    *,
    used: Sequence[Canary],
    values: Mapping[str, str],
) -> list[dict[str, str]]:
    """Return a record for each category, with the next free keys of the range, for the sender to insert.

    Raises:
        ConfigError: the range has too few keys left, or the list already has canaries of that day.
    """
    registry.require_day()
    if any(canary.decided == day for canary in used):
        raise ConfigError("--date", f"the list already holds canaries of {day}", "give another day")
    begin = max((canary.number for canary in used), default=-1) + 1
    if begin + len(categories) > int(registry.last) - int(registry.first) + 1:
        raise ConfigError("canaries", "the declared range has too few keys left", "declare a larger range")
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
    """Return the rows of an earlier list; [] when there is no such file."""
    return [dict(row.cells) for row in read_csv(path, ())[1]] if path.is_file() else []


def format_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """Return a list as CSV: every column that a row has, in order of first appearance."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=";", lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
