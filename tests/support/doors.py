"""A project of small feeds, each with a marked person at one of the doors through which texts come in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb

NAME = "Zwartkruis"  # of the marked person; only a list of what was agreed can tell it from a word
NUMBERS = ("7777123450", "7777 123 450", "7777.123.450", "7777-123-450", "777712345", "7777 12 345")
OTHERS = ("7777ZQ", "7777 ZQ", "07-07-1977", "1977-07-07", "19770707", "7 juli 1977", "marked@example.org")
MARKS = (*NUMBERS, *OTHERS)
UNBROKEN = "7777\u00a012\u00a0345"  # blanks that do not break: manifests and evidence files are refused for them
WRITTEN = ("777,712,345", "777.712.345", "7,777,123,450", "7.777.123.450")  # a number as a count is shown
TRACES = (NAME, UNBROKEN, *WRITTEN, *MARKS)

DAYS = ("20240102", "20240103", "20240104")
Settings = dict[str, Any]


def persons() -> list[str]:
    """Texts that each hold the name and a mark."""
    return [f"{NAME} {mark}" for mark in MARKS]


def _rows(kinds: list[str], *, header: str = "id;kind") -> str:
    return "\n".join([header, *(f"{i};{kind}" for i, kind in enumerate(kinds))]) + "\n"


def _folder(root: Path, contents: Mapping[str, str]) -> Settings:
    """A feed with a CSV a day, the further days as the first one unless they say otherwise."""
    root.mkdir(parents=True)
    for day in DAYS:
        (root / f"T_{day}.csv").write_text(contents.get(day, _rows(["a", "b"] * 8)), encoding="utf-8")
    source = {"kind": "files", "path": root.name, "pattern": "T_{date:%Y%m%d}.csv"}
    return {"source": source, "segments": [[], ["kind"]]}


def _manifest(root: Path, body: Mapping[str, object]) -> Settings:
    feed = _folder(root, {})
    for day in DAYS:
        (root / f"T_{day}.json").write_text(json.dumps({"aantal": 16, **body}), encoding="utf-8")
    feed["source"]["manifest"] = "{stem}.json"
    return feed


def _stated(texts: list[str]) -> dict[str, object]:
    return {
        "levering_id": texts[0],
        "zender": NAME,
        "ontvanger": texts[1],
        "schemaversie": MARKS[0],
        "codetabelversies": {"kind": MARKS[9], texts[2]: "1"},
        "aantallen": [
            *({"kind": text, "aantal": 1} for text in texts),
            {texts[3]: "a", "aantal": 1},
            {NAME: "a", "kind": "a", "aantal": 1},
        ],
        "geselecteerd": 20,
        "geselecteerd_aantallen": [{"kind": text, "aantal": 1} for text in texts],
        "uitgesloten": [{"reden": f"verzoek van {text}", "aantal": 1} for text in texts],
        "wie": {NAME: texts},
    }


def manifest(root: Path) -> Settings:
    """Every text of a manifest, where nothing is agreed."""
    return _manifest(root, _stated(persons()))


def agreed_manifest(root: Path) -> Settings:
    """The same where the contract lists codes and reasons: names alone are withheld then."""
    feed = _manifest(root, _stated([NAME, *persons()]))
    expectation = {
        "type": "expect_column_values_to_be_in_set",
        "kwargs": {"column": "kind", "value_set": ["a", "b"]},
        "meta": {"check_id": "kind-known"},
    }
    (root / "suite.json").write_text(json.dumps({"name": "s", "expectations": [expectation]}), encoding="utf-8")
    return feed | {"suites": [f"{root.name}/suite.json"], "reasons": ["too young"], "sender": "IND"}


def counts_of_a_manifest(root: Path) -> Settings:
    """Numbers of persons where counts belong."""
    feed = _manifest(root, {"bytes": 7777123450})
    for day, stated in zip(
        DAYS[1:],
        ({"geselecteerd": 777712345}, {"uitgesloten": [{"reden": "x", "aantal": 777712345}]}),
        strict=True,
    ):
        (root / f"T_{day}.json").write_text(json.dumps({"aantal": 16, **stated}), encoding="utf-8")
    return feed


def values(root: Path) -> Settings:
    """Segment values of a delivery in which the columns moved by one."""
    return _folder(root, {DAYS[2]: _rows([*persons(), UNBROKEN, "a"])})


def header(root: Path) -> Settings:
    """A header that is missing: the first person gives the columns their names."""
    first = f"V {MARKS[1]};{NAME}"
    return _folder(root, {DAYS[2]: _rows(["a", "b"], header=first)}) | {"segments": [[]]}


def columns(root: Path) -> Settings:
    """Columns beside those that the contract lists."""
    feed = _folder(root, {DAYS[2]: f"id;{NAME};kind;x {MARKS[7]}\n1;a;a;a\n"})
    (root / "checks.yaml").write_text("checks: [{kind: schema, columns: [id, kind]}, {kind: volume}]\n")
    return feed | {"checks": f"{root.name}/checks.yaml"}


def keys_of_json(root: Path) -> Settings:
    """Persons as keys of objects."""
    feed = _folder(root, {})
    for day in DAYS:
        rows = [{"kind": "a", **dict.fromkeys(persons(), 1)}] if day == DAYS[2] else [{"kind": "a"}]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (root / f"T_{day}.jsonl").write_text(text, encoding="utf-8")
    feed["source"] |= {"pattern": "T_{date:%Y%m%d}.jsonl", "reader": "jsonl"}
    return feed


def columns_of_parquet(root: Path) -> Settings:
    """Persons as names of columns in Parquet."""
    feed = _folder(root, {})
    with duckdb.connect(":memory:") as con:
        for day in DAYS:
            extra = f', 1 AS "x {MARKS[2]}", 2 AS "{NAME}"' if day == DAYS[2] else ""
            con.execute(f"COPY (SELECT 'a' AS kind{extra}) TO '{root}/T_{day}.parquet'")
    feed["source"] |= {"pattern": "T_{date:%Y%m%d}.parquet", "reader": "parquet"}
    return feed


def table(root: Path) -> Settings:
    """Persons as names of columns and as values of segments in a table."""
    root.mkdir(parents=True)
    with sqlite3.connect(root / "t.db") as con:
        con.execute(f'CREATE TABLE t (day TEXT, kind TEXT, "x {MARKS[3]}" TEXT)')
        con.executemany("INSERT INTO t VALUES ('2024-01-04', ?, 'y')", [[person] for person in persons()])
    source = {"kind": "table", "url": f"sqlite:///{root.name}/t.db", "table": "t", "period_column": "day"}
    return {"source": source, "segments": [[], ["kind"]]}


def in_place(root: Path) -> Settings:
    """The same, judged where the rows are."""
    return table(root) | {"engine": "sql"}


def periods(root: Path) -> Settings:
    """Persons in the column that tells the period."""
    root.mkdir(parents=True)
    (root / "all.csv").write_text(_rows([f"2024-01-04 {text}" for text in persons()]), encoding="utf-8")
    return {"source": {"kind": "files", "path": f"{root.name}/all.csv", "period_column": "kind"}}


def evidence(root: Path) -> Settings:
    """Segment values and reasons in files that others fill."""
    feed, texts = _folder(root, {}), persons()
    figures = [f"2023-12-25;2023-12-31;{text};5;0.1;2024-01-02;Bureau, 1 januari 2024" for text in texts]
    (root / "figures.csv").write_text(
        "\n".join(["period_from;period_to;kind;count;uncertainty;published_on;source", *figures]), encoding="utf-8"
    )
    counted = [f"2023-12-25;2023-12-31;{text};5;2024-01-02;verzoek van {text}" for text in texts]
    (root / "hop.csv").write_text(
        "\n".join(["period_from;period_to;kind;count;published_on;reason", *counted]), encoding="utf-8"
    )
    receipt = _stated(texts) | {"aantal": 16, "periode": {"van": "2024-01-02", "tot": "2024-01-02"}}
    (root / "hop.json").write_text(json.dumps(receipt), encoding="utf-8")
    hops = {"accepted": {"counts": [f"{root.name}/hop.csv"], "receipts": [f"{root.name}/hop.json"]}}
    (root / "checks.yaml").write_text(
        "checks:\n- {kind: reference}\n- {kind: volume}\n"
        "- {kind: conservation, hops: [{name: received, counts: rows}, {name: accepted}]}\n"
    )
    where = {"references": [f"{root.name}/figures.csv"], "hops": hops}
    return feed | {"evidence": where, "checks": f"{root.name}/checks.yaml"}


def inquiries(root: Path) -> Settings:
    """A file of inquiries with a column about persons: refused."""
    text = "date;kind;outcome\n" + "".join(f"2024-01-02;{mark};open\n" for mark in MARKS)
    feed = _folder(root / "in", {})
    (root / "inquiries.csv").write_text(text, encoding="utf-8")
    feed["source"]["path"] = f"{root.name}/in"
    return feed | {"evidence": {"inquiries": [f"{root.name}/inquiries.csv"]}}


def segments_of_inquiries(root: Path) -> Settings:
    """Inquiries with marks that are no numbers, in a segment column."""
    feed = inquiries(root)
    marks = [mark for mark in OTHERS if not mark.isdecimal()]
    text = "date;kind;outcome\n" + "".join(f"2024-01-02;{NAME} {mark};open\n" for mark in marks)
    (root / "inquiries.csv").write_text(text, encoding="utf-8")
    return feed


def name_of_a_file(root: Path) -> Settings:
    """An evidence file that is called after a person, and is broken."""
    feed = inquiries(root)
    (root / "inquiries.csv").rename(root / f"{NAME}_7777123450.csv")
    return feed | {"evidence": {"inquiries": [f"{root.name}/*_*.csv"]}}


def source_of_a_figure(root: Path) -> Settings:
    """A reference whose source is a person: refused."""
    feed = inquiries(root)
    head = "period_from;period_to;count;uncertainty;published_on;source\n"
    text = f"{head}2023-12-25;2023-12-31;5;0.1;2024-01-02;{NAME} 7777 123 450\n"
    (root / "inquiries.csv").write_text(text, encoding="utf-8")
    return feed | {"evidence": {"references": [f"{root.name}/inquiries.csv"]}}


def register(root: Path) -> Settings:
    """Segment values of a register, and one whose header is missing."""
    feed = _folder(root / "in", {DAYS[2]: _rows([*persons(), "a"])})
    feed["source"]["path"] = f"{root.name}/in"
    people = [f"{100 + i};{text};2023-12-01" for i, text in enumerate(persons())]
    (root / "R_20240102.csv").write_text("\n".join(["id;kind;decided", *people]) + "\n", encoding="utf-8")
    (root / "R_20240103.csv").write_text("\n".join(people) + "\n", encoding="utf-8")
    kept = {
        "path": root.name,
        "pattern": "R_{date:%Y%m%d}.csv",
        "decided_column": "decided",
        "segments": ["kind"],
        "backlog": ["kind"],
    }
    return feed | {"key": "id", "evidence": {"register": kept}}


def canaries(root: Path) -> Settings:
    """The list of synthetic persons, with a person in its categories."""
    feed = _folder(root / "in", {})
    feed["source"]["path"] = f"{root.name}/in"
    listed = [f"{900 + i};{text};2024-01-02" for i, text in enumerate(persons())]
    (root / "list.csv").write_text("\n".join(["id;kind;decided", *listed]) + "\n", encoding="utf-8")
    (root / "checks.yaml").write_text("checks: [{kind: canary}, {kind: volume}]\n")
    found = {"first": "900", "last": "999", "list": f"{root.name}/list.csv", "decided_column": "decided"}
    return feed | {"key": "id", "canaries": found, "checks": f"{root.name}/checks.yaml"}


DOORS: tuple[Callable[[Path], Settings], ...] = (
    manifest,
    agreed_manifest,
    counts_of_a_manifest,
    values,
    header,
    columns,
    keys_of_json,
    columns_of_parquet,
    table,
    in_place,
    periods,
    evidence,
    inquiries,
    segments_of_inquiries,
    name_of_a_file,
    source_of_a_figure,
    register,
    canaries,
)


def project_of_doors(root: Path) -> None:
    """Write the project: a feed a door, by the door's name."""
    feeds = {door.__name__: door(root / door.__name__) for door in DOORS}
    for name, feed in feeds.items():
        source = feed["source"]
        if name not in ("table", "in_place", "periods") and "/" not in source["path"]:
            source["path"] = name
        feed["environments"] = {"staging": {"title": "staging"}}
        feed["schedule"] = {"cron": "0 7 * * mon-fri", "grace": "4h"}
    config = {"version": 1, "history": "sqlite:///var/history.db", "feeds": feeds, "alerts": {"language": "en"}}
    (root / "config.yaml").write_text(json.dumps(config), encoding="utf-8")


def measured_elsewhere(feed: str) -> str:
    """A measurement file of a feed, with a person in every name."""
    text, mark = f"{NAME} {MARKS[1]}", MARKS[2]
    entries = [
        ["rows", [["kind", text]], 2.0],
        ["rows", [[text, "a"]], 2.0],
        ["rows", [], 2.0],
        [f"nulls.{text}", [], 1.0],
        [f"declared.excluded.{text}", [], 1.0],
        [text, [], 1.0],
        ["expectation.e.met", [], None, f"it holds {mark}"],
    ]
    manifest = {
        "kind": "mutation",
        "sender": NAME,
        "code_table_versions": {},
        "rows_by_segment": [[[["kind", text]], 2]],
        "selected_by_segment": [],
        "excluded": {text: 1},
    }
    delivery = {
        "id": "2023-12-29",
        "period": "2023-12-29",
        "presence": "read",
        "sha256": "0" * 64,
        "size": 1,
        "problem": f"row 1 holds {mark}",
        "manifest": manifest,
        "columns": [["id", "text"], [text, "text"]],
        "measurements": entries,
        "arrived_at": None,
        "due_at": None,
    }
    head = {"schema": "ketenwacht/measurements/1", "feed": feed, "deliveries": 1}
    return f"{json.dumps(head)}\n{json.dumps(delivery)}\n"
