"""Column types that give back exactly what was put in, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from enum import Enum, IntEnum
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import DateTime, Double, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from ketenwacht.domain.segment import Segment

E = TypeVar("E", bound=Enum)
L = TypeVar("L", bound=IntEnum)


def canonical(value: object) -> str:
    """JSON with sorted keys, no blanks and ASCII only.

    ASCII escapes carry every character: PostgreSQL refuses NUL in text, and lone surrogates have no UTF-8.

    Raises:
        TypeError: `value` holds something that is not JSON.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@lru_cache(maxsize=65_536)
def segment_text(segment: Segment) -> str:
    """A segment as canonical JSON: a list of pairs, since the order of its dimensions is part of it."""
    return canonical(segment.pairs)


@lru_cache(maxsize=65_536)
def segment_of(text: str) -> Segment:
    """The segment that `segment_text` wrote."""
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
        """Aware, in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class NumberType(TypeDecorator[float]):
    """A number; NaN is kept as NULL, as SQLite would do by itself."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """A plain float, None for NaN."""
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
        """The value again."""
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
        """The segment again."""
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
