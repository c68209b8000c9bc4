"""The tamper campaign: random changes to a history behind the back of its audit log, each of which must be told.

    tools/campaigns/tamper_campaign.py [--count 1000] [--seed 1] [--postgresql]

A history with rows in every table is filled and signed. Then one change at a time is drawn: another value in a
column, a row removed, a row added, the end of the log cut off together with the facts that it records. Foreign
keys are off, as they are for whoever has the file. `verify` runs, with and without a head kept from before, and
the change is undone. What the database itself refuses is drawn again. Columns in
`audit_facts.NOT_COVERED` are left out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from filled_history import AT, DAY, FEED, fill
from postgresql import running
from sqlalchemy import Column, Connection, Table, delete, select, text, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

from ketenwacht.domain.evidence import InquiryCount
from ketenwacht.store import History
from ketenwacht.store.audit import AuditRepository
from ketenwacht.store.audit_facts import CHECKED, KIND_OF, NOT_COVERED
from ketenwacht.store.audit_heads import Head
from ketenwacht.store.tables import audit, inquiries, metadata

KEY = b"k" * 32
LATE = 20
"""Transactions at the end, which a cut takes away."""

TABLES = tuple(table for table in metadata.sorted_tables if table.name not in NOT_COVERED or table is audit)
ACTIONS = ("change", "remove", "add", "cut off")
Row = dict[str, Any]


class RefusedError(Exception):
    """The database refuses a change, or it would change nothing."""


@dataclass(slots=True)
class Figures:
    """What was tried and told, by table and action."""

    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    alone: Counter[tuple[str, str]] = field(default_factory=Counter)
    untold: list[str] = field(default_factory=list)


def forge(value: object, column: Column[Any], draw: np.random.Generator) -> object:  # noqa: PLR0911 - one a type
    """Return another value than `value` for a column."""
    if value is not None and column.nullable and draw.random() < 0.2:
        return None
    if isinstance(value, str):
        return _forge_text(value, draw)
    if isinstance(value, int):
        if isinstance(value, bool):
            return not value
        return value + int(draw.integers(1, 5)) if draw.random() < 0.5 else -value - 1
    if isinstance(value, float):
        return value + float(draw.choice([1e-9, 1.0, -1.0])) * max(1.0, abs(value))
    if isinstance(value, (datetime, date)):
        return value + timedelta(days=int(draw.integers(1, 400)))
    return 7


def _forge_text(value: str, draw: np.random.Generator) -> str:
    try:
        if "-" in value[:5] and len(value) in {10, 26}:  # a day or moment, as SQLite keeps them
            moved = datetime.fromisoformat(value) + timedelta(days=int(draw.integers(1, 400)))
            return moved.isoformat(" ", "microseconds")[: len(value)]
    except ValueError:
        pass
    if not value:
        return "x"
    at = int(draw.integers(0, len(value)))
    kind = draw.integers(0, 3)
    if kind == 0:
        return value[:at] + value[at + 1 :]
    return value[:at] + ("x" if value[at] != "x" else "y") + value[at + (kind == 1) :]


class Tamperer:
    """Changes one thing in a history."""

    def __init__(self, connection: Connection, draw: np.random.Generator) -> None:
        self._connection = connection
        self._draw = draw

    def tamper(self, table: Table, action: str) -> str:
        """Make a change, and return what it was.

        Raises:
            RefusedError: it would change nothing that counts.
        """
        if action == "cut off":
            return self._cut()
        columns = [type_coerce(column, NullType()).label(column.name) for column in table.columns]
        rows = [dict(row) for row in self._connection.execute(select(*columns)).mappings()]
        row = rows[int(self._draw.integers(0, len(rows)))]
        if action == "remove":
            condition, parameters = _where(table, row)
            self._connection.execute(text(f"DELETE FROM {table.name} WHERE {condition}"), parameters)  # noqa: S608
            return f"remove {_named(table, row)}"
        return self._add(table, row) if action == "add" else self._change(table, row)

    def _change(self, table: Table, row: Row) -> str:
        names = [column.name for column in table.columns if _counts(table, column.name, row)]
        name = str(self._draw.choice(names))
        value = forge(row[name], table.c[name], self._draw)
        if value == row[name]:
            raise RefusedError
        if table.name == "alerts" and name == "state":
            value = "failed" if row[name] == "sent" else "sent"
        condition, parameters = _where(table, row)
        change = f'UPDATE {table.name} SET "{name}" = :value WHERE {condition}'  # noqa: S608
        self._connection.execute(text(change), {"value": value, **parameters})
        return f"change {name} of {_named(table, row)} from {row[name]!r} to {value!r}"

    def _add(self, table: Table, row: Row) -> str:
        if table in CHECKED:
            raise RefusedError  # a name that nothing refers to means nothing
        new = dict(row)
        for column in table.columns:
            if column.primary_key or column.unique or column.name in {"identity", "fingerprint", "sha256"}:
                new[column.name] = forge(row[column.name], table.c[column.name], self._draw)
        names, values = ", ".join(_quoted(new, '"{0}"')), ", ".join(_quoted(new, ":{0}"))
        self._connection.execute(text(f"INSERT INTO {table.name} ({names}) VALUES ({values})"), new)  # noqa: S608
        return f"add {_named(table, new)}"

    def _cut(self) -> str:
        """Cut off the last transactions: lines of the log, and the inquiries that they record."""
        number = int(self._draw.integers(1, LATE))
        days = [DAY + timedelta(1000 + n) for n in range(LATE)][-number:]
        head = self._connection.execute(
            select(audit.c.number).order_by(audit.c.number.desc()).limit(1)
        ).scalar_one()
        self._connection.execute(delete(audit).where(audit.c.number > head - 2 * number))
        self._connection.execute(delete(inquiries).where(inquiries.c.day.in_(days)))
        return f"cut off the last {number} transactions"


def _quoted(names: Iterable[str], form: str) -> list[str]:
    return [form.format(name) for name in names]


def _where(table: Table, row: Row) -> tuple[str, Row]:
    """Return the condition that picks a row, and its parameters."""
    keys = [column.name for column in table.primary_key]
    return " AND ".join(_quoted(keys, '"{0}" = :key_{0}')), {f"key_{name}": row[name] for name in keys}


def _named(table: Table, row: Row) -> str:
    return f"{table.name} {', '.join(str(row[column.name]) for column in table.primary_key)}"


def _counts(table: Table, name: str, row: Row) -> bool:
    """Whether a digest covers a column of this row."""
    kind = KIND_OF.get(table)
    if kind is None or kind.decided is None or name not in kind.working:
        return f"{table.name}.{name}" not in NOT_COVERED
    return row["state"] in kind.decided or name == "state"


@contextmanager
def undone(history: History) -> Iterator[Connection]:
    """Open a transaction without foreign keys that is rolled back."""
    engine = history.database.engine
    with engine.connect() as connection:
        connection.execution_options(writes=True)
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        try:
            yield connection
        finally:
            connection.rollback()


class Inside:
    """What a repository reads through, within the transaction of a change."""

    def __init__(self, history: History, connection: Connection) -> None:
        self.connection = connection
        self.where = history.database.where
        self.audit_key = history.database.audit_key
        self.older_audit_keys = history.database.older_audit_keys

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Return the connection."""
        yield self.connection


def run(history: History, *, count: int, seed: int) -> Figures:
    """Try `count` changes, one after another."""
    draw, found = np.random.default_rng(seed), Figures()
    fill(history, deliveries=8)
    for n in range(LATE):
        day = DAY + timedelta(1000 + n)
        history.evidence.add_inquiries(FEED, [InquiryCount(day, "open", n)], who="anna", why="daily", at=AT)
    head = Head(*history.audit.read_head())
    if history.audit.verify(heads=[head]):
        raise SystemExit("the history does not hold before anything was changed")
    while sum(found.tried.values()) < count:
        action = str(draw.choice(ACTIONS, p=[0.55, 0.2, 0.2, 0.05]))
        table = audit if action == "cut off" else TABLES[int(draw.integers(0, len(TABLES)))]
        try:
            with undone(history) as connection:
                what = Tamperer(connection, draw).tamper(table, action)
                log: Any = Inside(history, connection)
                alone = AuditRepository(log).verify()
                told = alone or AuditRepository(log).verify(heads=[head])
        except (RefusedError, SQLAlchemyError):
            continue
        key = (table.name, action)
        found.tried[key] += 1
        found.alone[key] += bool(alone)
        found.told[key] += bool(told)
        if not told:
            found.untold.append(what)
    if history.audit.verify(heads=[head]):
        raise SystemExit("the history does not hold after everything was undone")
    return found


def show(found: Figures, write: Callable[[str], object] = print) -> None:
    """Print what was told, by table and action: told without a head / told / tried."""
    write(f"{'table':20}" + "".join(f"{action:>18}" for action in ACTIONS))
    for name in sorted({table for table, _ in found.tried}):
        cells = [
            f"{found.alone[name, action]}/{found.told[name, action]}/{found.tried[name, action]}"
            if found.tried[name, action]
            else "–"
            for action in ACTIONS
        ]
        write(f"{name:20}" + "".join(f"{cell:>18}" for cell in cells))
    total = [sum(counts.values()) for counts in (found.alone, found.told, found.tried)]
    write(f"told without a head · told with one · tried: {total[0]} · {total[1]} · {total[2]}")
    for what in found.untold[:20]:
        write(f"untold: {what}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; 1 when a change was not told."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true")
    chosen = parser.parse_args(arguments)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.postgresql:
            with running() as url, History.open(url, audit_keys=[KEY]) as history:
                found = run(history, count=chosen.count, seed=chosen.seed)
        else:
            with History.open(f"sqlite:///{folder}/history.db", audit_keys=[KEY]) as history:
                found = run(history, count=chosen.count, seed=chosen.seed)
    show(found)
    print(f"{time.monotonic() - begun:.0f} seconds")
    return 1 if found.untold else 0


if __name__ == "__main__":
    sys.exit(main())
