"""A marked person goes through every way in which reading can fail, and is in none of the words that come out."""

import traceback

import duckdb
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ketenwacht.domain.feed import FileSource, TableSource
from ketenwacht.errors import KetenwachtError
from ketenwacht.sources import open_source

from .conftest import AT

NUMBER = "0123456789"
NAME = "Marked-Person"


def words(error):
    """Everything an error could show, with all that led to it."""
    shown = "".join(traceback.format_exception(error))
    chain = []
    while error is not None:
        chain += [repr(error), str(error), repr(error.__context__), repr(error.__cause__)]
        error = error.__context__
    return shown + "".join(chain)


def outcome(reader):
    """Every problem and error of finding, verifying and loading."""
    said = []
    try:
        for found in reader.find(AT):
            verified = reader.verify(found)
            said.append(repr(verified))
            with duckdb.connect(":memory:") as con:
                reader.load(verified, con)
    except KetenwachtError as error:
        said.append(words(error))
    return "".join(said)


@pytest.mark.parametrize(
    ("reader", "content"),
    [
        pytest.param("csv", f"k;n\n{NUMBER};{NAME};x\n".encode(), id="a row too long"),
        pytest.param("csv", f"k;n\n{NUMBER}-{NAME}\n".encode(), id="a row too short"),
        pytest.param("csv", f'k;n\n{NUMBER};"{NAME}\n'.encode(), id="a quote that is not closed"),
        pytest.param("csv", f'k;n\n{NUMBER};"{NAME}"x\n'.encode(), id="text after a quote"),
        pytest.param("csv", f"k;n\n{NUMBER};{NAME}é\n".encode("latin-1"), id="another encoding"),
        pytest.param("csv", f"k;n\n{NUMBER};{NAME}\0\n".encode(), id="a NUL"),
        pytest.param("csv", f"k;n\r\n1;2\n{NUMBER};{NAME}\r\n".encode(), id="mixed line ends"),
        pytest.param("csv", f"{NUMBER};{NAME}\n1;2\n".encode(), id="no header"),
        pytest.param("csv", f"{NAME};{NAME}\n1;2\n".encode(), id="a header that repeats itself"),
        pytest.param("csv", f"{NUMBER};{NAME},{NAME}\n1;2\n".encode(), id="a header with two delimiters"),
        pytest.param("csv", b"k;n\n" + f"{NUMBER};{NAME}".encode() * 300_000, id="a line without end"),
        pytest.param("jsonl", f'{{"k": "{NUMBER}", "n": {NAME}}}\n'.encode(), id="JSON that is none"),
        pytest.param("jsonl", f'{{"k": "{NUMBER}", "n": "{NAME}\n'.encode(), id="JSON that was cut"),
        pytest.param("jsonl", f'"{NAME} {NUMBER}"\n'.encode(), id="a text where an object should be"),
        pytest.param("jsonl", f'{{"{NUMBER}": "{NAME}"}}\n'.encode(), id="persons as keys"),
        pytest.param("jsonl", f'{{"k": "{NUMBER}", "k": "{NAME}"}}\n'.encode(), id="a key twice"),
        pytest.param(
            "jsonl", f'{{"k": 99999999999999999999, "n": "{NAME}"}}\n'.encode() * 2, id="a number too large"
        ),
        pytest.param("parquet", f"PAR1{NUMBER}{NAME}PAR1".encode(), id="Parquet that is none"),
    ],
)
@pytest.mark.parametrize("whole", [False, True], ids=["a file a period", "one file"])
def test_files(tmp_path, reader, content, whole):
    (tmp_path / "20220103.x").write_bytes(content)
    one = {"path": "20220103.x", "period_column": "n"}
    settings = one if whole else {"path": ".", "pattern": "{date:%Y%m%d}.x"}
    said = outcome(open_source("feed", FileSource(reader=reader, **settings), root=tmp_path))
    assert said
    assert NUMBER not in said
    assert NAME not in said


def test_periods_that_are_persons(tmp_path):
    (tmp_path / "x.csv").write_text(f"k,n\n{NAME},{NUMBER}\n")
    for column in "kn":
        said = outcome(open_source("feed", FileSource(path="x.csv", period_column=column), root=tmp_path))
        assert "ConfigError" in said
        assert not any(mark in said for mark in (NAME, NUMBER))


@pytest.mark.parametrize("period", ["day", "k", "n", "missing"])
def test_tables(tmp_path, period):
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    with sa.create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (day TEXT, k INTEGER, n DATE)"))
        insert = sa.text("INSERT INTO t VALUES ('2022', 1, :name), ('2023', :number, NULL)")
        connection.execute(insert, {"name": NAME, "number": f"{NUMBER}-"})
    said = outcome(open_source("feed", TableSource(url=url, table="t", period_column=period), root=tmp_path))
    assert said
    assert not any(mark in said for mark in (NAME, NUMBER))
