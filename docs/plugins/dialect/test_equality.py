"""The equality tests of a dialect: in your database, rows give the counts and verdicts of a copy of them.

Set KETENWACHT_DIALECT_URL to the SQLAlchemy URL of an empty schema in which a table may be made and dropped. Run:

    KETENWACHT_DIALECT_URL=trino://user@host/catalog/schema pytest test_equality.py
"""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from every_expectation import EXPECTATIONS, GROUPINGS, NAMES, ROWS_OF_TYPES, TYPED, comparable, fill, written
from sqlalchemy.pool import NullPool

from ketenwacht.domain.feed import TableSource
from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.measure import CopyEngine, InDatabaseEngine, MeasurementPlan, measure, open_workspace
from ketenwacht.sources import open_source

URL = os.environ.get("KETENWACHT_DIALECT_URL")
pytestmark = pytest.mark.skipif(URL is None, reason="KETENWACHT_DIALECT_URL is not set")
TYPES = (
    *(sa.String(200),) * 2,
    sa.Integer,
    *(sa.String(200),) * 2,
    sa.Date,
    sa.Numeric(10, 2),
    sa.Boolean,
    sa.DateTime,
)
ROWS = sa.Table(
    "ketenwacht_equality",
    sa.MetaData(),
    sa.Column("Period", sa.Date),
    *(sa.Column(name, kind) for name, kind in zip(NAMES, TYPES, strict=True)),
)
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(params=[(1_500, 0.05), (300, 0.95), (4, 0.0)], ids=["a delivery", "few values", "one row"])
def reader(request):
    """A reader of rows of every type, two thirds of them of one period."""
    rows, share_of_nulls = request.param
    with open_workspace() as room:
        fill(room, rows, share_of_nulls, seed=7)
        found = room.execute(ROWS_OF_TYPES).fetchall()
    listed = [
        dict(zip(("Period", *NAMES), (date(2022, 1, 3 + (number % 3 == 0)), *row), strict=True))
        for number, row in enumerate(found)
    ]
    engine = sa.create_engine(URL, poolclass=NullPool)
    with engine.begin() as connection:
        ROWS.drop(connection, checkfirst=True)
        ROWS.create(connection)
        connection.execute(ROWS.insert(), listed)
    yield open_source("feed", TableSource(url=URL, table=ROWS.name, period_column="Period"), root=Path(), zone=UTC)
    with engine.begin() as connection:
        ROWS.drop(connection)


def test_counts_and_verdicts_are_those_of_a_copy(reader, tmp_path):
    """When one differs, the dialect needs another cast; when all are unmeasured, run the statement by hand."""
    plan = MeasurementPlan(segments=GROUPINGS, suites=(written(tmp_path, EXPECTATIONS + TYPED),))
    delivery, found = reader.find(AT)[0], []
    for engine in (CopyEngine(reader), InDatabaseEngine(reader)):
        verified = engine.verify(delivery)
        assert verified.read, verified.problem
        with engine.open(verified) as dataset:
            found.append(measure(dataset, verified, plan))
    copied, in_place = map(comparable, found)
    assert {
        key: (copied.get(key), in_place.get(key))
        for key in copied | in_place
        if copied.get(key) != in_place.get(key)
    } == {}
    assert {key.name for key, value in found[1].items() if isinstance(value, Unmeasured)} == {
        key.name for key, value in found[0].items() if isinstance(value, Unmeasured)
    }


def test_the_same_rows_are_the_same_delivery(reader):
    """The hash of the rows is computed in the database; it identifies a delivery."""
    delivery = reader.find(AT)[0]
    first = InDatabaseEngine(reader).verify(delivery).sha256
    assert first == InDatabaseEngine(reader).verify(delivery).sha256
    with sa.create_engine(URL, poolclass=NullPool).begin() as connection:
        connection.execute(ROWS.update().values(group="changed"))
    assert InDatabaseEngine(reader).verify(delivery).sha256 != first
