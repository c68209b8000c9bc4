"""One file that holds every period."""

from datetime import date

import duckdb
import pytest

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.statement import Amount, Statement
from ketenwacht.errors import ConfigError, DeliveryError, UnreadableDelivery
from ketenwacht.sources import open_source

from .conftest import AT, only

SERIES = b"day,group,n\n2022-01-03,a,5\n2022-01-03,b,6\n2022-01-04,a,7\n"


@pytest.fixture
def series(folder):
    """Put a file and get its reader."""

    def put(content=SERIES, **settings):
        folder.put("series.csv", content)
        chosen = {"path": "in/series.csv", "period_column": "day", "count_column": "n", **settings}
        return open_source("feed", FileSource(**chosen), root=folder.root)

    return put


def rows_of(reader, delivery):
    with duckdb.connect(":memory:") as con:
        reader.load(delivery, con)
        return con.execute("SELECT * FROM delivery ORDER BY ALL").fetchall()


def test_every_distinct_period_is_a_delivery_with_its_own_rows(series):
    reader = series()
    first, second = reader.find(AT)
    assert (first.id, first.period, first.arrived_at) == ("2022-01-03", date(2022, 1, 3), None)
    assert rows_of(reader, reader.verify(first)) == [("2022-01-03", "a", "5"), ("2022-01-03", "b", "6")]
    assert rows_of(reader, reader.verify(second)) == [("2022-01-04", "a", "7")]


@pytest.mark.parametrize(
    ("content", "same"),
    [
        pytest.param(SERIES + b"2022-01-05,a,1\n", True, id="a period is appended"),
        pytest.param(
            b"day,group,n\n2022-01-04,a,7\n2022-01-03,b,6\n2022-01-03,a,5\n", True, id="rows are reordered"
        ),
        pytest.param(b"n,day,group\n5,2022-01-03,a\n6,2022-01-03,b\n", True, id="columns are reordered"),
        pytest.param(
            b"day,group,n,new\n2022-01-03,a,5,\n2022-01-03,b,6,\n2022-01-04,a,7,x\n", True, id="a column is added"
        ),
        pytest.param(SERIES.replace(b"a,5", b"a,4"), False, id="a value is restated"),
        pytest.param(SERIES.replace(b"2022-01-03,a,5\n", b"2022-01-03,a,5\n" * 2), False, id="a row is doubled"),
        pytest.param(SERIES.replace(b"2022-01-03,a,5\n", b""), False, id="a row is gone"),
        pytest.param(SERIES.replace(b"group", b"other"), False, id="a column is renamed"),
        pytest.param(b"day,group,n\n2022-01-03,a,6\n2022-01-03,b,5\n", False, id="values change places"),
    ],
)
def test_the_identity_of_a_period_is_that_of_its_rows(series, content, same):
    reader = series()
    before = reader.verify(reader.find(AT)[0])
    reader = series(content)
    after = reader.verify(reader.find(AT)[0])
    assert (before.sha256 == after.sha256) is same


def test_one_reader_sees_that_the_file_has_changed(series):
    reader = series()
    before = reader.verify(reader.find(AT)[0])
    series(SERIES.replace(b"a,5", b"a,4"))
    with duckdb.connect(":memory:") as con:
        with pytest.raises(UnreadableDelivery, match="The file changed after it was verified"):
            reader.load(before, con)
        assert con.execute("SHOW TABLES").fetchall() == []
    assert reader.verify(before).sha256 != before.sha256
    series(b"day,group,n\n2022-01-04,a,7\n")
    assert reader.verify(before).problem == Statement("delivery.gone_from_file")


def test_periods_in_several_forms_of_one_day_are_one_delivery(series):
    reader = series(b"day,n\n2022-01-03,1\n2022-W01,2\n2022-01-03 10:00:00,3\n")
    assert only(reader.find(AT)).id == "2022-01-03"
    assert len(rows_of(reader, reader.find(AT)[0])) == 3


@pytest.mark.parametrize("value", [b"0123456789", b"", b"2022-02-30", b"next week"])
def test_a_value_that_is_no_period_names_column_and_row_and_not_the_value(series, value):
    reader = series(SERIES + value + b",a,1\n")
    with pytest.raises(ConfigError) as caught:
        reader.find(AT)
    assert str(caught.value).startswith("feeds.feed.source.period_column: row 4 holds no period in column day — ")
    assert value == b"" or value.decode() not in str(caught.value)


@pytest.mark.parametrize("setting", ["period_column", "count_column"])
def test_a_column_that_is_not_there_is_a_fault_of_the_configuration(series, setting):
    with pytest.raises(ConfigError, match=f"{setting}: there is no column other"):
        series(**{setting: "other"}).find(AT)


def test_a_file_that_cannot_be_read_is_one_unreadable_delivery(series):
    found = only(series(SERIES + b"1\n").find(AT))
    assert (found.id, found.presence) == ("series.csv", Presence.UNREADABLE)
    assert found.problem == Statement(
        "delivery.row_width", {"line": Amount(5), "fields": Amount(1), "columns": Amount(3)}
    )


def test_a_file_with_a_header_only_holds_no_delivery(series):
    assert series(b"day,group,n\n").find(AT) == ()


def test_a_file_that_is_not_there_cannot_be_judged(tmp_path):
    source = FileSource(path="none.csv", period_column="day")
    with pytest.raises(DeliveryError, match=r"is not there \(there is no such file"):
        open_source("feed", source, root=tmp_path).find(AT)


def test_neither_a_pattern_nor_a_period_column(tmp_path):
    with pytest.raises(ConfigError, match="there is neither a pattern nor a period column"):
        open_source("feed", FileSource(path="x.csv"), root=tmp_path)


def test_a_pattern_that_leaves_nothing_open_names_the_file_in_its_folder(series):
    whole, inside = series(SERIES), series(SERIES, path="in", pattern="series.csv")
    assert inside.find(AT) == whole.find(AT)
    assert inside.find(AT) != ()


def test_a_series_in_json_lines_and_in_parquet(folder):
    folder.put("s.jsonl", b'{"day": 2022, "n": 1}\n{"day": 2023, "n": 2}\n')
    duckdb.sql("SELECT DATE '2022-01-03' AS day, 1 AS n").write_parquet(str(folder.path / "s.parquet"))
    for name, reader, days in (("s.jsonl", "jsonl", [2022, 2023]), ("s.parquet", "parquet", [2022])):
        source = FileSource(path=f"in/{name}", reader=reader, period_column="day")
        opened = open_source("feed", source, root=folder.root)
        found = opened.find(AT)
        assert [d.period.year for d in found] == days
        assert len(rows_of(opened, opened.verify(found[0]))) == 1
