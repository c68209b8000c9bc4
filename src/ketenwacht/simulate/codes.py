"""The sender's own copy of the code tables, with the validity of each code.

The receiver has its copy in `expectations/codes/`; a test compares the two. Municipalities are those of
RvIG table 33 and CBS that were valid at some time since 2022-01-01; nationalities and residence titles are an
extract of RvIG tables 32 and 56; purposes of stay are fictional, because the real ones are not public.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

# Codes without a municipality; valid in a row, but not a municipality.
NO_MUNICIPALITY = frozenset({"0000", "1999"})
FIRST_DAY = date(2022, 1, 1)


@dataclass(frozen=True, slots=True)
class SampleCode:
    """One entry of a code table.

    Attributes:
        code: as in a row; a string, because leading zeros count.
        name: for people.
        valid_from: first valid day; None: before the start of the feed.
        valid_to: last valid day, inclusive; None: still valid.
        successor: the code that replaces it on the day after `valid_to`; empty without one.
        group: target group of a purpose of stay; empty in other tables.
    """

    code: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str = ""
    group: str = ""

    def is_valid(self, day: date) -> bool:
        """Return whether the code is valid on `day`."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


def _parse_day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def read_table(name: str) -> Mapping[str, SampleCode]:
    """Read one of the sender's code tables, in the order of the file.

    Args:
        name: of its column, such as `gemeentecode`.

    Returns:
        code → entry.
    """
    text = (files(__package__) / "codes" / f"{name}.csv").read_text(encoding="utf-8")
    return {
        row["code"]: SampleCode(
            row["code"],
            row["name"],
            _parse_day(row["valid_from"]),
            _parse_day(row["valid_to"]),
            row["successor"],
            row.get("doelgroep", ""),
        )
        for row in csv.DictReader(text.splitlines(), delimiter=";")
    }


def list_municipalities(day: date) -> tuple[str, ...]:
    """Return the codes of the municipalities on `day`: 345, later 344, later 342."""
    return tuple(
        c.code for c in read_table("gemeentecode").values() if c.is_valid(day) and c.code not in NO_MUNICIPALITY
    )


@cache
def find_municipality(code: str, day: date) -> str:
    """Return the code on `day` of the area of municipality `code`, following its successors."""
    entry = read_table("gemeentecode")[code]
    while entry.valid_to is not None and entry.valid_to < day and entry.successor:
        entry = read_table("gemeentecode")[entry.successor]
    return entry.code


def list_versions(day: date) -> dict[str, str]:
    """Return the version of each code table on `day`: the ISO date of its latest change."""
    found = {}
    for name in ("gemeentecode", "nationaliteit", "verblijfsdoel", "verblijfstitel"):
        changes = [
            c.valid_from for c in read_table(name).values() if c.valid_from is not None and c.valid_from <= day
        ]
        ended = [c.valid_to for c in read_table(name).values() if c.valid_to is not None and c.valid_to < day]
        # An entry ends with its last valid day; the table changes on the day after.
        after = [date.fromordinal(d.toordinal() + 1) for d in ended]
        found[name] = max([FIRST_DAY, *changes, *after]).isoformat()
    return found
