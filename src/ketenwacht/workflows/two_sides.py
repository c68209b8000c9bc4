"""Compare a register with what was delivered, each a file or a table, without a configuration or a history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.domain.checks import kind_by
from ketenwacht.domain.checks.base import View
from ketenwacht.domain.delivery import FIRST_DAY, Delivery
from ketenwacht.domain.evidence import Known, ReconciliationCount
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.personal_values import plain_form, shown_file
from ketenwacht.domain.result import CheckResult, Evidence
from ketenwacht.errors import ConfigError
from ketenwacht.reconcile import (
    DeliveredKeys,
    KeyColumns,
    ReconciliationTerms,
    RegisterFile,
    Resources,
    reconcile,
    write_extra,
    write_missing,
)
from ketenwacht.reconcile.tables import DELIVERY, open_table
from ketenwacht.sources.whole_table import parse_table
from ketenwacht.workflows.clock import KEYS, agreed_keys, read_or_make_keys
from ketenwacht.workflows.reconciliation import ManualReconciliation

if TYPE_CHECKING:
    import duckdb

Loader = Callable[["duckdb.DuckDBPyConnection"], object]
SLA = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSides:
    """Two files or tables to compare.

    Attributes:
        register: who should be there: a path, or `URL#table`.
        delivered: who was delivered: a path, or `URL#table`; each row delivers a person.
        key: the columns that together identify a person on both sides.
        segments: columns that both sides share, to count by.
        decided: column of the register with the date of decision; None: everybody in it is due.
        day: reference date of the register; who was decided on less than fourteen days before is pending.
        missing: where the pseudonyms of the missing go; None: nowhere.
        extra: where those of persons who are not in the register go; None: nowhere.
    """

    register: str
    delivered: str
    key: tuple[str, ...]
    segments: tuple[str, ...] = ()
    decided: str | None = None
    day: date
    missing: Path | None = None
    extra: Path | None = None


def compare_sides(sides: TwoSides, *, root: Path, at: datetime) -> ManualReconciliation:
    """Compare both sides in both directions; keep nothing but the requested lists.

    Args:
        sides: what to compare.
        root: the folder that relative paths start at.
        at: now, UTC.

    Raises:
        ConfigError: a side, a column or the key is not there, or a list cannot be written or used.
        DeliveryError: a side is not what it claims to be.
        EngineError: the comparison does not fit in the memory and disk allowed.
    """
    _require_usable_lists(sides)
    if not sides.key:
        raise ConfigError("--key", "nothing says which column identifies a person", "give --key COLUMN")
    columns = KeyColumns(key=sides.key, segments=sides.segments)
    register = _open_register(sides, root)
    name, load = _open_delivered(sides, root)
    terms = ReconciliationTerms(
        reference_date=sides.day,
        at=at,
        sla=SLA,
        segments=[(column,) for column in sides.segments],
        clocks=(),
    )
    load = _require_key(load, sides.key, name)
    with DeliveredKeys(columns, read_or_make_keys(), resources=Resources()) as delivered:
        # The arrival of the rows is unknown. With the earliest possible day nobody is late.
        delivered.add(Delivery(name, name, FIRST_DAY), load)
        both = (delivered, register, terms)
        outcome = reconcile(*both)
        return ManualReconciliation(
            feed=name,
            outcome=outcome,
            results=judge_counts(outcome.counts, sides.day, at),
            unread=0,
            listed_missing=write_missing(*both, sides.missing) if sides.missing is not None else None,
            listed_extra=write_extra(*both, sides.extra) if sides.extra is not None else None,
        )


def _require_usable_lists(sides: TwoSides) -> None:
    listed = {"--missing": sides.missing, "--extra": sides.extra}
    for option, path in listed.items():
        if path is not None and agreed_keys() is None:
            what = "its pseudonyms would be made with a key that nobody has afterwards"
            raise ConfigError(option, what, f"give the key that both parties hold in {KEYS}_FILE")


def _open_register(sides: TwoSides, root: Path) -> RegisterFile:
    columns = KeyColumns(key=sides.key, segments=sides.segments, decided=sides.decided)
    table = parse_table(sides.register, "--register", root=root)
    if table is not None:
        return RegisterFile(path=Path(table.name), columns=columns, load=table.load)
    return RegisterFile(path=_require_file(sides.register, "--register", root), columns=columns)


def _open_delivered(sides: TwoSides, root: Path) -> tuple[str, Loader]:
    """Return the name to show, and what loads the rows into table `delivery` of a connection."""
    table = parse_table(sides.delivered, "--delivered", root=root)
    if table is not None:
        return table.name, table.load
    path = _require_file(sides.delivered, "--delivered", root)

    def load(connection: duckdb.DuckDBPyConnection) -> None:
        relation = open_table(connection, path).relation
        connection.execute(f"CREATE TABLE {DELIVERY} AS SELECT * FROM {relation}")  # noqa: S608 - names are quoted

    return Path(shown_file(path)).name, load


def _require_key(load: Loader, key: Sequence[str], name: str) -> Loader:
    """Return a loader that refuses rows without a column of the key."""

    def checked(connection: duckdb.DuckDBPyConnection) -> None:
        load(connection)
        names = {plain_form(str(row[0])) for row in connection.execute(f"DESCRIBE {DELIVERY}").fetchall()}
        for column in key:
            if plain_form(column) not in names:
                mend = "give a column that the header of both files has"
                raise ConfigError("--key", f"{name} has no column `{column}`", mend)

    return checked


def _require_file(text: str, option: str, root: Path) -> Path:
    path = root / text
    if not path.is_file():
        mend = "name a CSV or Parquet file, or a table as URL#table"
        raise ConfigError(f"{option} {shown_file(Path(text))}", "is not a file", mend)
    return path


def judge_counts(counts: tuple[ReconciliationCount, ...], day: date, at: datetime) -> tuple[CheckResult, ...]:
    """Return what the default check of reconciliations says of the counts."""
    snapshot = Snapshot(Delivery("", "", day, arrived_at=at), {})
    view = View(snapshot, Past(), at=at, known=Known(reconciliations=counts))
    return kind_by(Evidence.RECONCILIATION)().judge(view).results
