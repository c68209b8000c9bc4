"""What it means that persons are missing, as one column: counts by place and by term, no persons."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from ketenwacht.domain.catchup import Clock, Impact, Running, Starts
from ketenwacht.domain.statement import Language

from .types import canonical, segment_of, segment_text


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
        """The impact again."""
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
    """A term as JSON; earlier releases wrote no next end."""
    clock, counts = term.clock, [term.passed, term.soon, term.waiting, term.overdue]
    following = [term.next_week.isoformat(), term.next_count] if term.next_week is not None else []
    return [_name(clock), clock.term.days, clock.starts.value, *counts, *following]


def _term_of(row: list[Any]) -> Running:
    name, days, starts, passed, soon, waiting, overdue, *following = row
    clock = Clock(name=name, term=timedelta(days=days), starts=Starts(starts))
    week, count = (date.fromisoformat(following[0]), following[1]) if following else (None, 0)
    return Running(clock, passed, soon, waiting, overdue, week, count)


def _name(clock: Clock) -> str | dict[Language, str]:
    """One text, or one a language, as JSON."""
    return clock.name if isinstance(clock.name, str) else dict(clock.name)
