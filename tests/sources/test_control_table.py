"""A control table beside the table of a source: what the sender declares of each period."""

from __future__ import annotations

from datetime import UTC, date, datetime

import duckdb
import pytest
import sqlalchemy as sa

from ketenwacht.domain.delivery import DeliveryKind, Presence
from ketenwacht.domain.feed import TableSource
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import ConfigError
from ketenwacht.measure import InDatabaseEngine
from ketenwacht.sources import open_source

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = date(2022, 1, 3)
COLUMNS = (
    "period DATE, volgnummer INTEGER, soort TEXT, aangemaakt_op TEXT, "
    "kind TEXT, reden TEXT, {} INTEGER, {} INTEGER"
)
A, B = Segment((("kind", "a"),)), Segment((("kind", "b"),))


@pytest.fixture(params=["sqlite", "duckdb"])
def tables(request, tmp_path):
    """Write people (period, kind) and the control rows, and return the reader of both."""

    def write(people, control, names=("aantal", "geselecteerd"), **settings):
        path = tmp_path / "t.db"
        path.unlink(missing_ok=True)
        statements = [
            "CREATE TABLE people (period DATE, kind TEXT)",
            f"CREATE TABLE ctl ({COLUMNS.format(*names)})",
            *(f"INSERT INTO people VALUES ('{day}', '{kind}')" for day, kind in people),  # noqa: S608 - our own values
            *(f"INSERT INTO ctl VALUES ({row})" for row in control),  # noqa: S608 - as above
        ]
        if request.param == "duckdb":
            with duckdb.connect(str(path)) as connection:
                for one in statements:
                    connection.execute(one)
        else:
            engine = sa.create_engine(f"sqlite:///{path}")
            with engine.begin() as connection:
                for one in statements:
                    connection.exec_driver_sql(one)
            engine.dispose()
        source = TableSource(
            url=f"{request.param}:///t.db", table="people", period_column="period", manifest="ctl", **settings
        )
        return open_source("feed", source, root=tmp_path)

    return write


PEOPLE = [(DAY, "a"), (DAY, "a"), (DAY, "b")]
FULL = [
    f"'{DAY}', 7, 'mutatie', '2022-01-03T06:00:00+01:00', 'a', NULL, 2, 3",
    f"'{DAY}', 7, NULL, NULL, 'b', NULL, 1, 1",
    f"'{DAY}', NULL, NULL, NULL, NULL, 'minderjarig', 1, NULL",
]


def test_counts_by_segment_and_reason_are_the_manifest_of_a_period(tables):
    (found,) = tables(PEOPLE, FULL).find(AT)
    manifest = found.manifest
    assert (found.presence, found.arrived_at) == (Presence.READ, datetime(2022, 1, 3, 5, tzinfo=UTC))
    assert (manifest.sequence, manifest.kind) == (7, DeliveryKind.MUTATION)
    assert (manifest.rows, manifest.selected) == (3, 4)
    assert manifest.rows_by_segment == {A: 2, B: 1}
    assert manifest.selected_by_segment == {A: 3, B: 1}
    assert manifest.excluded == {"minderjarig": 1}


def test_a_period_waits_until_its_control_row_is_written(tables):
    reader = tables([*PEOPLE, (date(2022, 1, 4), "a")], FULL)
    assert [one.period for one in reader.find(AT)] == [DAY]


def test_a_period_that_is_declared_as_empty_is_a_delivery_of_nobody(tables):
    reader = tables(PEOPLE, [*FULL, "'2022-01-04', 8, NULL, NULL, NULL, NULL, 0, 0"])
    _, empty = reader.find(AT)
    assert reader.verify(empty).read
    with duckdb.connect() as into:
        assert [column.name for column in reader.load(empty, into)] == ["period", "kind"]
        assert into.execute("SELECT count(*) FROM delivery").fetchall() == [(0,)]
    engine = InDatabaseEngine(reader)
    with engine.open(engine.verify(empty)) as dataset:
        assert dataset.columns


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["'2022-01-04', 8, NULL, NULL, NULL, NULL, 5, NULL"], "delivery.data_missing"),
        (["'2022-01-03', 8, 'onzin', NULL, NULL, NULL, 3, NULL"], "delivery.manifest_field"),
        (["'2022-01-03', 8, NULL, NULL, NULL, NULL, -3, NULL"], "delivery.manifest_field"),
        (["'2022-01-03', 8, NULL, NULL, 'a', NULL, -3, NULL"], "delivery.manifest_item"),
        ([FULL[0], FULL[0].replace(", 7,", ", 8,")], "delivery.manifest_field"),
        ([FULL[0], FULL[0]], "delivery.manifest_item"),
        ([*FULL, f"'{DAY}', NULL, NULL, NULL, NULL, 'dubbel', NULL, NULL"], "delivery.manifest_item"),
        ([*FULL, f"'{DAY}', NULL, NULL, NULL, NULL, 'dubbel', -1, NULL"], "delivery.manifest_item"),
    ],
)
def test_a_control_table_that_contradicts_itself_makes_the_period_unreadable(tables, rows, code):
    found = tables(PEOPLE, rows).find(AT)[-1]
    assert (found.presence, found.problem.code) == (Presence.UNREADABLE, code)


def test_columns_of_other_names_are_named(tables):
    fields = {"rows": "n", "selected": "s"}
    (found,) = tables(PEOPLE, FULL, ("n", "s"), manifest_fields=fields).find(AT)
    assert (found.manifest.rows, found.manifest.selected) == (3, 4)


def test_a_wrong_setting_is_refused(tables):
    with pytest.raises(ConfigError, match="nonsense is no column of a control table"):
        tables(PEOPLE, FULL, manifest_fields={"nonsense": "n"})
    with pytest.raises(ConfigError, match="there is no column day in the control table"):
        tables(PEOPLE, FULL, manifest_fields={"period": "day"}).find(AT)


def test_a_person_in_a_control_table_is_not_kept(tables):
    (found,) = tables(PEOPLE, [FULL[0].replace("'a'", "'9912345678'")]).find(AT)
    assert "9912345678" not in repr(found)
