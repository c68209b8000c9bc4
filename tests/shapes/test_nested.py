"""Values inside objects of JSON and Parquet become columns by their paths, judged as any other column."""

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ketenwacht.contract import ImportOutcome, from_odcs, to_odcs
from ketenwacht.domain.feed import FileSource
from ketenwacht.errors import ConfigError
from ketenwacht.measure.suite import KNOWN
from ketenwacht.sources import open_source

AT = datetime(2024, 1, 2, tzinfo=UTC)
OBJECTS = [
    {"nr": "1", "address": {"city": "Ede", "geo": {"lat": 52.1}}, "tags": ["a"]},
    {"nr": "2", "address": {"city": None}, "tags": []},
    {"nr": "3", "address": None, "tags": None},
]
LINES = "\n".join(map(json.dumps, OBJECTS))
PATHS = ("address.city", "address.geo.lat")
CITIES = [("1", "Ede", "52.1"), ("2", None, None), ("3", None, None)]

CASES = [
    ("JSON Lines", {"reader": "jsonl"}, LINES, CITIES),
    ("a JSON document", {"reader": "json"}, json.dumps(OBJECTS), CITIES),
    (
        "objects beside texts",
        {"reader": "jsonl"},
        LINES + '\n{"nr": "4", "address": "Ede"}',
        [*CITIES, ("4", None, None)],
    ),
]


def read(folder, content, settings):
    (folder / "F_20240101.x").write_bytes(content.encode() if isinstance(content, str) else content)
    source = FileSource(path=str(folder), pattern="F_{date:%Y%m%d}.x", nested=PATHS, **settings)
    reader = open_source("feed", source, root=Path(folder))
    connection = duckdb.connect()
    columns = reader.load(reader.verify(reader.find(AT)[0]), connection)
    names = {column.name: column.type for column in columns}
    chosen = ", ".join(f'"{name}"' for name in ("nr", *PATHS) if name in names)
    return names, connection.sql("FROM delivery").select(chosen).order("nr").fetchall()


@pytest.mark.parametrize(("sentence", "settings", "content", "rows"), CASES, ids=[case[0] for case in CASES])
def test_a_path_is_a_column_of_text(tmp_path, sentence, settings, content, rows):
    names, found = read(tmp_path, content, settings)
    assert found == rows
    assert names["address.city"] == "text"


def test_a_path_into_parquet_keeps_its_type(tmp_path):
    path = tmp_path / "made.parquet"
    row = "{'city': 'Ede', 'geo': {'lat': 52.1::DOUBLE}}"
    duckdb.sql(f"SELECT '1' AS nr, {row} AS address UNION ALL SELECT '2', NULL").write_parquet(str(path))
    content = path.read_bytes()
    path.unlink()
    names, found = read(tmp_path, content, {"reader": "parquet"})
    assert names["address.geo.lat"] == "number"
    assert found == [("1", "Ede", 52.1), ("2", None, None)]


def test_a_column_without_objects_gets_no_columns(tmp_path):
    names, _ = read(tmp_path, '{"nr": "1", "address": "Ede"}', {"reader": "jsonl"})
    assert set(names) == {"nr", "address"}


@pytest.mark.parametrize(("path", "reader"), [("city", "jsonl"), ("address.", "jsonl"), ("a.b", "csv")])
def test_a_path_that_cannot_be_is_refused(tmp_path, path, reader):
    with pytest.raises(ConfigError, match="nested"):
        open_source("f", FileSource(path="x", pattern="{date:%Y}", reader=reader, nested=(path,)), root=tmp_path)


def test_a_contract_judges_values_inside_objects():
    rule = {"metric": "invalidValues", "arguments": {"validValues": ["NL", "BE"]}, "mustBe": 0}
    properties = [
        {"name": "nr", "logicalType": "string"},
        {
            "name": "address",
            "logicalType": "object",
            "properties": [
                {"name": "country", "logicalType": "string", "required": True, "quality": [rule]},
                {"name": "geo", "properties": [{"name": "lat", "logicalType": "number"}]},
            ],
        },
        {"name": "lines", "logicalType": "array", "items": {"logicalType": "string"}},
    ]
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "x",
        "version": "1",
        "status": "active",
        "servers": [{"server": "p", "type": "s3", "location": "s3://b/*.json", "format": "json"}],
        "schema": [{"name": "orders", "properties": properties}],
    }
    known = KNOWN.__contains__
    imported = from_odcs(document, where="x", known=known)
    (contract,) = imported.contracts
    assert contract.settings["source"]["reader"] == "jsonl"
    assert contract.settings["source"]["nested"] == ["address.country", "address.geo.lat"]
    rules = {(rule["kwargs"]["column"], rule["type"]) for rule in contract.suites[0].expectations}
    assert rules == {
        ("address.country", "expect_column_values_to_be_in_set"),
        ("address.country", "expect_column_values_to_not_be_null"),
        ("address.geo.lat", "expect_column_values_to_match_regex"),
    }
    words = [n.where for n in imported.notes if n.outcome is ImportOutcome.WORDS and n.kind == "nested column"]
    assert words == ["schema.orders.lines.items"]
    exported = to_odcs(contract)
    assert to_odcs(from_odcs(exported, where="x", known=known).contracts[0]) == exported
