"""What a verdict rests on besides measurements, kept so that anybody can come to it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, func, insert, select

from . import papers, tables
from .codec import digest
from .database import Database, ignore_known

_READ = (papers.reference_figures, papers.inquiries, papers.reconciliations, papers.masks)
"""The papers that verdicts are made from."""

Papers = Mapping[str, int]
"""By table, the number of its last row at some moment; a table that was empty is not in it."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What one verdict rests on besides measurements and what the checks remembered.

    Attributes:
        rules: the checks, calendars and expectations of that moment, as JSON.
        papers: how far evidence and declarations had come.
        known_at: the moment (UTC) until which evidence counted; None: that of judging.
    """

    rules: Mapping[str, Any]
    papers: Papers = field(default_factory=dict)
    known_at: datetime | None = None


class Groundwork(Database):
    """What verdicts rest on."""

    def papers(self) -> Papers:
        """How far the papers have come: what comes later has a higher number."""
        with self.reading() as connection:
            newest = {t.name: connection.execute(select(func.max(t.c.id))).scalar_one() for t in _READ}
        return {name: int(number) for name, number in newest.items() if number is not None}

    def grounds(self, feed: str) -> Mapping[str, Grounds]:
        """By id of the run, what each verdict of a feed rests on; runs judged before it was kept are not there."""
        table = tables.grounds
        query = (
            select(tables.runs.c.id, table.c.rules, table.c.papers, table.c.known_at)
            .join(tables.runs, tables.runs.c.number == table.c.run)
            .join(tables.deliveries, tables.deliveries.c.id == tables.runs.c.delivery)
            .where(tables.deliveries.c.feed == feed)
        )
        with self.reading() as connection:
            bodies = dict(connection.execute(select(tables.rules.c.id, tables.rules.c.body)).all())
            rows = connection.execute(query).all()
        return {run: Grounds(bodies[rules], until, known_at) for run, rules, until, known_at in rows}


def write_grounds(connection: Connection, run: int, grounds: Grounds) -> None:
    """Keep what a run rests on; rules that were kept before are only named."""
    name = digest(dict(grounds.rules))
    ignore_known(connection, tables.rules, [{"id": name, "body": dict(grounds.rules)}])
    row = {"run": run, "rules": name, "papers": dict(grounds.papers), "known_at": grounds.known_at}
    connection.execute(insert(tables.grounds).values(row))


def as_of(query: Select[Any], table: Table, until: Papers | None) -> Select[Any]:
    """Only the rows of a paper that were there at some moment; None: all that are there now."""
    return query if until is None else query.where(table.c.id <= until.get(table.name, 0))
