from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ketenwacht.domain.delivery import Delivery, DeliveryKind, Manifest
from ketenwacht.reconcile import DeliveredKeys, KeyColumns, Keys, RegisterFile

COLUMNS = KeyColumns(
    key=("key",), segments=("group", "town"), decided="decided", mutation="does", withdrawn=("withdrawal",)
)
HEADER = ("key", "group", "town", "decided", "does")

Row = Sequence[str | None]


@pytest.fixture
def keys() -> Keys:
    return Keys.of({"k1": bytes(range(32)), "k2": bytes(range(100, 180))})


@pytest.fixture
def delivered(keys: Keys) -> Iterator[DeliveredKeys]:
    with DeliveredKeys(COLUMNS, keys) as account:
        yield account


@pytest.fixture
def load() -> Callable[..., Callable[[duckdb.DuckDBPyConnection], None]]:
    """What puts rows into table `delivery` of a connection, as feeds does."""

    def loading(
        rows: Sequence[Row], header: Sequence[str] = HEADER
    ) -> Callable[[duckdb.DuckDBPyConnection], None]:
        def loaded(connection: duckdb.DuckDBPyConnection) -> None:
            named = ", ".join(f'"{name}" VARCHAR' for name in header)
            connection.execute(f"CREATE OR REPLACE TABLE delivery ({named})")
            if rows:
                connection.executemany(f"INSERT INTO delivery VALUES ({', '.join('?' * len(header))})", rows)  # noqa: S608 - marks

        return loaded

    return loading


@pytest.fixture
def a_delivery() -> Callable[..., Delivery]:
    """A delivery by number, period, arrival and kind."""

    def made(
        number: int, period: date, arrived: date | None = None, kind: DeliveryKind = DeliveryKind.MUTATION
    ) -> Delivery:
        on = arrived or period
        return Delivery(
            "feed",
            f"{number:06d}",
            period,
            arrived_at=datetime(on.year, on.month, on.day, 9, tzinfo=UTC) + timedelta(minutes=number),
            sha256=f"sha-{number}",
            manifest=Manifest(sequence=number, kind=kind),
        )

    return made


@pytest.fixture
def register(tmp_path: Path) -> Callable[..., RegisterFile]:
    def written(rows: Sequence[Row], header: Sequence[str] = HEADER[:4]) -> RegisterFile:
        path = tmp_path / "register.csv"
        lines = [";".join(header), *(";".join(value or "" for value in row) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return RegisterFile(path=path, columns=COLUMNS)

    return written
