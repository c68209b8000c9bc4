"""Files with evidence from outside: reference counts, and inquiries about persons nobody sent."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from ketenwacht.domain.evidence import InquiryCount, ReferenceFigure
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.personal import shown_file
from ketenwacht.errors import ConfigError

from .evidence_csv import DAY_LIKE, EvidenceCsvRow, as_kept, count_of, day_of, fraction_of, refuse_others, table

OUTCOMES = ("known", "should_have_been_sent", "not_obliged", "open")
_REFERENCE = ("period_from", "period_to", "count", "uncertainty", "published_on", "source")
_INQUIRY = ("date", "outcome")

# What tells that a column is about one person. Evidence files hold segments and counts.
# A citizen service number, or that of an alien, however it is set: 999912345, 9999.12.345, V-0123456789.
_PERSON_NUMBER = re.compile(r"[a-z]{0,4}\d{8,10}[a-z]?", re.ASCII | re.IGNORECASE)
_BETWEEN = re.compile(r"[\s.\-/_:]+")
_PERSON_NAMES = (
    "bsn",
    "sofi",
    "vnr",
    "v-nr",
    "v_nr",
    "name",
    "naam",
    "number",
    "nummer",
    "birth",
    "geboorte",
    "address",
    "adres",
    "mail",
    "phone",
    "telefoon",
)
_MEND_PERSON = "leave out everything about single persons; a row is a date, a segment and an outcome"


def read_references(
    path: Path, *, dimensions: Collection[str], guard: Guard | None = None
) -> tuple[ReferenceFigure, ...]:
    """Read a file of reference counts.

    Columns: period_from; period_to; segment columns; count; uncertainty; published_on; source. An empty cell of a
    segment means that the count is not split by that column. Counts of the same source, segment and period get
    versions in order of publication.

    Args:
        path: of the CSV, UTF-8, separated by ; , tab or |.
        dimensions: the segment columns of the feed, in order; the file may have any of them, and no other column.
        guard: what of a segment value may be kept; None: what does not look personal.

    Raises:
        ConfigError: with the line and what to mend, without the value.
    """
    names, rows = table(path, _REFERENCE)
    segment_columns = [name for name in dimensions if name in names]
    refuse_others(path, set(names) - set(_REFERENCE) - set(dimensions), "a segment column of the feed")
    figures = [_reference(row, segment_columns) for row in rows]
    seen: set[tuple[object, ...]] = set()
    for row, figure in zip(rows, figures, strict=True):
        key = (figure.source, figure.segment, figure.period_from, figure.period_to, figure.published_on)
        if key in seen:
            what = "the same source, segment, period and day of publication stand in the file before"
            raise ConfigError(row.where, what, "keep one; a restatement has a later published_on")
        seen.add(key)
    return _versioned(as_kept(figures, guard or Guard()))


def read_inquiries(
    path: Path, *, dimensions: Collection[str] | None = None, guard: Guard | None = None
) -> tuple[InquiryCount, ...]:
    """Read a file of inquiries, a row each, and count them by day, segment and outcome.

    Columns: date; any segment columns; outcome (known, should_have_been_sent, not_obliged, open). An inquiry with
    an empty cell belongs to the segment with the empty string there.

    Args:
        path: of the CSV, UTF-8, separated by ; , tab or |.
        dimensions: the segment columns of the feed, in order; None: whatever columns there are, as long as nothing
            in them looks like a person.
        guard: what of a segment value may be kept; None: what does not look personal.

    Raises:
        ConfigError: with the line and what to mend, without the value; also when a column seems to hold persons.
    """
    names, rows = table(path, _INQUIRY)
    extra = [name for name in names if name not in _INQUIRY]
    _refuse_persons(path, extra, rows, expected=dimensions or ())
    if dimensions is not None:
        refuse_others(path, set(extra) - set(dimensions), "a segment column of the feed")
        extra = [name for name in dimensions if name in extra]
    kept = guard or Guard()
    counts = Counter(
        (
            row.read("date", day_of, DAY_LIKE),
            kept.segment(row.segment(extra)),
            row.read("outcome", _outcome, f"write one of {', '.join(OUTCOMES)}"),
        )
        for row in rows
    )
    return tuple(InquiryCount(day, outcome, n, segment) for (day, segment, outcome), n in sorted(counts.items()))


def _reference(row: EvidenceCsvRow, dimensions: Sequence[str]) -> ReferenceFigure:
    figure = ReferenceFigure(
        segment=row.segment([name for name in dimensions if row.cells[name]]),
        period_from=row.read("period_from", day_of, DAY_LIKE),
        period_to=row.read("period_to", day_of, DAY_LIKE),
        count=row.read("count", count_of, "write a number from 0, with a point for decimals"),
        uncertainty=row.read("uncertainty", fraction_of, "write a fraction: 0.02 for 2 %"),
        published_on=row.read("published_on", day_of, DAY_LIKE),
        source=row.source(
            row.read("source", lambda text: text or None, "say who published it and where it can be found")
        ),
    )
    if figure.period_to < figure.period_from:
        raise ConfigError(row.where, "period_to is before period_from", "both days belong to the period")
    return figure


def _versioned(figures: Sequence[ReferenceFigure]) -> tuple[ReferenceFigure, ...]:
    version: defaultdict[tuple[object, ...], int] = defaultdict(int)
    numbered: dict[int, int] = {}
    for index in sorted(range(len(figures)), key=lambda i: figures[i].published_on):
        figure = figures[index]
        key = (figure.source, figure.segment, figure.period_from, figure.period_to)
        version[key] += 1
        numbered[index] = version[key]
    return tuple(replace(figure, version=numbered[index]) for index, figure in enumerate(figures))


def _refuse_persons(
    path: Path, names: Sequence[str], rows: Sequence[EvidenceCsvRow], *, expected: Collection[str]
) -> None:
    """Refuse a file with a column that seems to tell one person from another."""
    for number, name in enumerate(names, start=1):
        if name not in expected and any(hint in name.casefold() for hint in _PERSON_NAMES):
            raise ConfigError(
                f"{shown_file(path)}:1", f"segment column {number} is named like one about persons", _MEND_PERSON
            )
        for row in rows:
            if _is_person_number(row.cells[name]):
                raise ConfigError(
                    row.where, f"segment column {number} seems to hold the number of a person", _MEND_PERSON
                )


def _is_person_number(value: str) -> bool:
    """Whether a value could be the number of one person; a date is none."""
    return day_of(value) is None and _PERSON_NUMBER.fullmatch(_BETWEEN.sub("", value)) is not None


def _outcome(text: str) -> str | None:
    return text if text in OUTCOMES else None
