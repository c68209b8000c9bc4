"""Column types that return exactly the stored value, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from enum import Enum, IntEnum
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import DateTime, Double, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from ketenwacht.domain.catchup import Clock, Impact, Running, Starts
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Language

E = TypeVar("E", bound=Enum)
L = TypeVar("L", bound=IntEnum)


def canonical(value: object) -> str:
    """Return JSON with sorted keys, no blanks and ASCII only.

    ASCII escapes carry every character: PostgreSQL refuses NUL in text, and lone surrogates have no UTF-8.

    Raises:
        TypeError: `value` holds something that is not JSON.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@lru_cache(maxsize=65_536)
def segment_text(segment: Segment) -> str:
    """Return a segment as canonical JSON: a list of pairs, since the order of its dimensions is part of it."""
    return canonical(segment.pairs)


@lru_cache(maxsize=65_536)
def segment_of(text: str) -> Segment:
    """Return the segment that `segment_text` wrote."""
    return Segment(tuple((name, value) for name, value in json.loads(text)))


class MomentType(TypeDecorator[datetime]):
    """An aware moment, kept and returned in UTC. SQLite drops the zone, so a naive moment is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; without its zone on SQLite, which would otherwise compare text of two shapes."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware moment in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class NumberType(TypeDecorator[float]):
    """A number; NaN is kept as NULL, as SQLite would do by itself."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """Return a plain float, None for NaN."""
        del dialect
        return None if value is None or math.isnan(value) else float(value)


class JsonType(TypeDecorator[object]):
    """A JSON value as canonical text; None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """To canonical text."""
        del dialect
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        """Return the value again."""
        del dialect
        return None if value is None else json.loads(value)


class SegmentText(TypeDecorator[Segment]):
    """A segment as canonical JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Segment | None, dialect: Dialect) -> str | None:
        """To canonical text."""
        del dialect
        return None if value is None else segment_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Segment | None:
        """Return the segment again."""
        del dialect
        return None if value is None else segment_of(value)


class WordType(TypeDecorator[E]):
    """A member of an enumeration of words, kept as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """Return the stored value."""
        del dialect
        return None if value is None else str(value.value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """Return the enum member."""
        del dialect
        return None if value is None else self.kind(value)


class LevelType(TypeDecorator[L]):
    """A member of an ordered enumeration, kept as its number so that the database can compare."""

    impl = Integer
    cache_ok = True

    def __init__(self, kind: type[L]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: L | None, dialect: Dialect) -> int | None:
        """Return the stored value."""
        del dialect
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> L | None:
        """Return the enum member."""
        del dialect
        return None if value is None else self.kind(value)


# The impact of missing persons as one column: counts by place and by term, no persons.


class ImpactText(TypeDecorator[Impact]):
    """An impact as canonical JSON; None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Impact | None, dialect: Dialect) -> str | None:
        """To canonical text."""
        del dialect
        if value is None:
            return None
        terms = [_term_row(term) for term in value.terms]
        parts = [[segment_text(part), count] for part, count in value.parts]
        return canonical({"count": value.count, "parts": parts, "terms": terms})

    def process_result_value(self, value: str | None, dialect: Dialect) -> Impact | None:
        """Return the impact again."""
        del dialect
        if value is None:
            return None
        read = json.loads(value)
        return Impact(
            read["count"],
            tuple((segment_of(part), count) for part, count in read["parts"]),
            tuple(_term_of(row) for row in read["terms"]),
        )


def _term_row(term: Running) -> list[object]:
    """Return a term as JSON; earlier releases wrote no week in which it ends, or the first one only."""
    clock, counts = term.clock, [term.passed, term.soon, term.waiting, term.overdue]
    following = [value for week, count in term.weeks for value in (week.isoformat(), count)]
    return [_name(clock), clock.term.days, clock.starts.value, *counts, *following]


def _term_of(row: list[Any]) -> Running:
    name, days, starts, passed, soon, waiting, overdue, *following = row
    clock = Clock(name=name, term=timedelta(days=days), starts=Starts(starts))
    weeks = tuple((date.fromisoformat(week), n) for week, n in zip(following[::2], following[1::2], strict=True))
    return Running(clock, passed, soon, waiting, overdue, weeks)


def _name(clock: Clock) -> str | dict[Language, str]:
    """Return one text, or one a language, as JSON."""
    return clock.name if isinstance(clock.name, str) else dict(clock.name)
