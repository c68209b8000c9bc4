"""What a verdict rests on besides measurements, kept so that anybody can come to it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, func, insert, select

from . import tables, watermarks
from .codec import digest
from .database import ignore_known

_READ = (watermarks.reference_figures, watermarks.inquiries, watermarks.reconciliations, watermarks.exclusions)
"""The papers that verdicts are made from."""

EvidenceWatermarks = Mapping[str, int]
"""By table, the number of its last row at some moment; a table that was empty is not in it."""


@dataclass(frozen=True, slots=True)
class VerdictProvenance:
    """What one verdict rests on besides measurements and what the checks remembered.

    Attributes:
        rules: the checks, calendars and expectations of that moment, as JSON.
        watermarks: how far evidence and declarations had come.
        known_at: the moment (UTC) until which evidence counted; None: that of judging.
    """

    rules: Mapping[str, Any]
    watermarks: EvidenceWatermarks = field(default_factory=dict)
    known_at: datetime | None = None


def read_watermarks(connection: Connection) -> EvidenceWatermarks:
    """Return how far evidence and declarations have come: what comes later has a higher number."""
    newest = {t.name: connection.execute(select(func.max(t.c.id))).scalar_one() for t in _READ}
    return {name: int(number) for name, number in newest.items() if number is not None}


def read_provenance(connection: Connection, feed: str) -> Mapping[str, VerdictProvenance]:
    """By id of the run, what each verdict of a feed rests on; runs without provenance are left out."""
    table = tables.provenance
    query = (
        select(tables.runs.c.id, table.c.rules, table.c.papers, table.c.known_at)
        .join(tables.runs, tables.runs.c.number == table.c.run)
        .join(tables.deliveries, tables.deliveries.c.id == tables.runs.c.delivery)
        .where(tables.deliveries.c.feed == feed)
    )
    bodies = dict(connection.execute(select(tables.rules.c.id, tables.rules.c.body)).all())
    rows = connection.execute(query).all()
    return {run: VerdictProvenance(bodies[rules], until, known_at) for run, rules, until, known_at in rows}


def write_provenance(connection: Connection, run: int, provenance: VerdictProvenance) -> None:
    """Keep what a run rests on; rules that were kept before are only named."""
    name = digest(dict(provenance.rules))
    ignore_known(connection, tables.rules, [{"id": name, "body": dict(provenance.rules)}])
    row = {"run": run, "rules": name, "papers": dict(provenance.watermarks), "known_at": provenance.known_at}
    connection.execute(insert(tables.provenance).values(row))


def as_of(query: Select[Any], table: Table, until: EvidenceWatermarks | None) -> Select[Any]:
    """Only the rows of a paper that were there at some moment; None: all that are there now."""
    return query if until is None else query.where(table.c.id <= until.get(table.name, 0))
