"""A small CSV of evidence, read strictly: every fault is told with its line, and without what it holds."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from ketenwacht.domain.evidence import ReferenceFigure
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.personal import LONGEST_TEXT, looks_personal, shown_file
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import ConfigError

_MAX_BYTES = 256 << 20
_MAX_FIELD = 200
DAY_LIKE = "write it like 2022-01-31"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EvidenceCsvRow:
    """One row of an evidence file, by column name, and where it stands."""

    where: str
    cells: dict[str, str]

    def read(self, column: str, parse: Callable[[str], T | None], mend: str) -> T:
        """The cell, parsed.

        Raises:
            ConfigError: `parse` gives None for it.
        """
        value = parse(self.cells[column])
        if value is None:
            raise ConfigError(self.where, f"{column} cannot be read", mend)
        return value

    def segment(self, dimensions: Sequence[str]) -> Segment:
        """The segment that its cells name."""
        return Segment(tuple((name, self.cells[name]) for name in dimensions))

    def source(self, text: str) -> str:
        """Who published it, as it stands.

        Raises:
            ConfigError: it could hold the number or address of a person.
        """
        if looks_personal(text, longest=LONGEST_TEXT, dates=True):
            what = "source seems to hold the number or address of a person"
            raise ConfigError(self.where, what, "name a publication or an organisation")
        return text


def table(path: Path, required: Sequence[str]) -> tuple[list[str], list[EvidenceCsvRow]]:
    """The header and rows of a small CSV, every cell stripped of blanks around it."""
    lines, named = _lines(path), shown_file(path)
    header = lines[0] if lines else ""
    marks = [mark for mark in ";,\t|" if mark in header] or [";"]
    reader = csv.reader(lines, delimiter=max(marks, key=header.count), strict=True)
    names: list[str] = []
    rows: list[EvidenceCsvRow] = []
    broken = False
    try:
        for cells in reader:
            where = f"{named}:{reader.line_num}"
            if not names:
                names = _header(where, [cell.strip() for cell in cells], required)
            elif cells:
                rows.append(EvidenceCsvRow(where, _cells(where, names, cells)))
    except csv.Error:
        broken = True
    if broken:
        raise ConfigError(f"{named}:{reader.line_num}", "this is not CSV", "close every quote")
    if not names:
        raise ConfigError(f"{named}:1", "the file is empty", f"begin with a header: {'; '.join(required)}")
    return names, rows


def _lines(path: Path) -> list[str]:
    problem = "cannot be opened"
    try:
        if path.stat().st_size > _MAX_BYTES:
            problem = f"is larger than {_MAX_BYTES} bytes"
        else:
            return path.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError:
        problem = "is not UTF-8"
    except OSError:
        pass
    raise ConfigError(f"{shown_file(path)}:1", f"the file {problem}", "give a CSV file in UTF-8")


def _header(where: str, names: list[str], required: Sequence[str]) -> list[str]:
    missing = [name for name in required if name not in names]
    if missing:
        raise ConfigError(where, f"there is no column {missing[0]}", f"begin with a header: {'; '.join(required)}")
    if len(set(names)) != len(names) or not all(names):
        raise ConfigError(where, "a column has no name, or the name of another", "give every column its own name")
    return names


def _cells(where: str, names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if len(cells) != len(names):
        raise ConfigError(where, f"{len(cells)} fields where the header has {len(names)}", "mend the row")
    if any(len(cell) > _MAX_FIELD or not cell.isprintable() for cell in cells):
        raise ConfigError(where, "a field is too long or holds control characters", "mend the row")
    return {name: cell.strip() for name, cell in zip(names, cells, strict=True)}


def as_kept(figures: Iterable[ReferenceFigure], guard: Guard) -> list[ReferenceFigure]:
    """Figures with their segments and reasons as they may be kept; those that become alike are added up."""
    alike: dict[ReferenceFigure, list[ReferenceFigure]] = {}
    for figure in figures:
        shown = replace(figure, segment=guard.segment(figure.segment), reason=guard.reason(figure.reason))
        alike.setdefault(replace(shown, count=0.0, uncertainty=0.0), []).append(shown)
    return [_total(parts) for parts in alike.values()]


def _total(parts: Sequence[ReferenceFigure]) -> ReferenceFigure:
    """The sum of figures, whose errors are independent: the variances add up."""
    if len(parts) == 1:
        return parts[0]
    count = sum(one.count for one in parts)
    deviation = math.hypot(*(one.count * one.uncertainty for one in parts))
    return replace(parts[0], count=count, uncertainty=deviation / count if count > 0.0 else 0.0)


def refuse_others(path: Path, others: Collection[str], expected: str) -> None:
    """Raise ConfigError when there are columns that are not expected."""
    if others:
        raise ConfigError(f"{shown_file(path)}:1", f"{len(others)} columns are not {expected}", "leave them out")


def day_of(text: str) -> date | None:
    """A date like 2022-01-31; None: it is none."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def count_of(text: str) -> float | None:
    """A number from 0; None: it is none."""
    return float(text) if re.fullmatch(r"\d{1,12}(\.\d+)?", text, re.ASCII) else None


def fraction_of(text: str) -> float | None:
    """A number from 0 to 1; None: it is none."""
    value = count_of(text)
    return value if value is not None and math.isfinite(value) and value <= 1 else None
