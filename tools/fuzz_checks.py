"""Whole checks for `fuzz.py`: one file of a project is changed, and `check` judges the feed with all the others sound.

Each input runs the command in this process, on a history that was made beforehand: creating one, building the command
line and stepping through years of due moments take longer than the check of a small delivery.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import typer
from fuzz_changes import change_cells, change_json, change_yaml

from ketenwacht.cli.root import app, run
from ketenwacht.store import History

AT = "2024-01-04T12:00:00+00:00"
_ARRIVED = datetime(2024, 1, 4, 6, tzinfo=UTC).timestamp()

CONFIG = """\
version: 1
timezone: Europe/Amsterdam
history: sqlite:///history.db
feeds:
  tiny:
    title: {nl: Klein, en: Tiny}
    sender: A
    receiver: B
    source:
      {kind: files, path: in, pattern: "T_{date:%Y%m%d}.csv", reader: csv, delimiter: ";", encoding: utf-8,
       manifest: "{stem}.manifest.json"}
    schedule: {cron: "0 7 * * tue-sat", calendar: NL, grace: 4h, lag: 1d}
    segments: [[], [kind], [kind, town]]
    suites: [suite.json]
    checks: checks.yaml
    key: id
    canaries: {first: "900", last: "999", list: evidence/canaries.csv}
    evidence:
      references: [evidence/references.csv]
      inquiries: [evidence/inquiries.csv]
      hops:
        decided: {counts: [evidence/hops.csv]}
        accepted: {receipts: ["evidence/*.receipt.json"]}
      register: {path: register, pattern: "R_{date:%Y%m%d}.csv", decided_column: day, segments: [kind]}
alerts:
  language: en
  routes: [{feeds: [tiny], slack: {channel: C1, token: "${TOKEN:-}"}}]
"""
CHECKS = """\
checks:
  - {kind: schedule}
  - {kind: ledger}
  - {kind: schema, columns: [id, kind, town, day]}
  - {kind: contract}
  - {kind: completeness, segments: [kind], fields: {id: 1.0}}
  - {kind: drift, segments: [kind], columns: [town], false_alarms_per_year: 1}
  - {kind: coverage, expected: [{kind: [a, b]}]}
  - {kind: canary, sla: 5d}
  - {kind: control_total, segments: [kind], tolerated: 0}
  - {kind: conservation, segments: [kind], hops: [{name: decided}, {name: received, counts: rows}, {name: accepted}]}
  - {kind: acknowledgement, hop: accepted, within: 3}
  - {kind: reconciliation, segments: [kind], tolerated_different: 2}
  - {kind: reference, segments: [kind]}
  - {kind: inquiries}
  - {kind: undercoverage}
  - {kind: vanished, segments: [kind, town], false_alarms_per_year: 1}
  - {kind: volume, segments: [kind]}
  - {kind: ratio, segments: [kind, town], false_alarms_per_year: 1}
  - {kind: evidence, segments: [kind]}
declared:
  - {kind: pause, first: 2024-01-01, last: 2024-01-02, why: holiday, by: us, segment: {kind: a}}
"""
SUITE = {
    "name": "tiny",
    "meta": {"great_expectations_version": "1.24.1"},
    "expectations": [
        {
            "type": "expect_column_values_to_not_be_null",
            "kwargs": {"column": "kind"},
            "meta": {"check_id": "kind"},
        },
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "kind", "value_set": {"$PARAMETER": "kinds"}},
            "meta": {"check_id": "kinds"},
        },
    ],
}
_ROWS = [(100 + i, "ab"[i % 2], f"t{i % 3}", f"2024-01-0{1 + i % 3}") for i in range(20)]
DELIVERY = "id;kind;town;day\n" + "".join(";".join(map(str, row)) + "\n" for row in _ROWS)
REGISTER = "id;kind;day\n" + "".join(f"{number};{kind};{day}\n" for number, kind, _, day in _ROWS)
MANIFEST: dict[str, Any] = {
    "levering_id": "5f1c", "volgnummer": 3, "soort": "mutatie", "zender": "A", "ontvanger": "B",
    "periode": {"van": "2024-01-03", "tot": "2024-01-03"}, "aangemaakt_op": "2024-01-04T06:00:00+01:00",
    "schemaversie": "1.0", "aantal": 20, "aantallen": [{"kind": "a", "aantal": 10}, {"kind": "b", "aantal": 10}],
    "geselecteerd": 20,
}  # fmt: skip
RECEIPT = {
    "levering_id": "5f1c",
    "ontvangen_op": "2024-01-04T08:00:00+01:00",
    "status": "aanvaard",
    "aantal": 20,
    "periode": {"van": "2024-01-03", "tot": "2024-01-03"},
}

Change = Callable[[bytes, random.Random], bytes]
_CODES = "code;name;valid_from;valid_to;successor\na;Aa;2000-01-01;;\nb;Bee;;;\n"
_REFERENCES = """\
period_from;period_to;kind;count;uncertainty;published_on;source
2024-01-03;2024-01-03;a;10;0.05;2024-01-04;count
2024-01-03;2024-01-03;b;10;0.1;2024-01-04;count
"""
_HOPS = "period_from;period_to;kind;count;published_on;reason\n2024-01-03;2024-01-03;a;10;2024-01-04;\n"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file of the project.

    Attributes:
        name: of its target.
        path: in the project.
        content: as it should be.
        change: makes another of it.
        weight: how many times as many inputs as the others it gets.
    """

    name: str
    path: str
    content: str
    change: Change
    weight: float = 1.0


FILES = (
    CheckedFile("delivery", "in/T_20240103.csv", DELIVERY, change_cells, 4.0),
    CheckedFile("manifest", "in/T_20240103.manifest.json", json.dumps(MANIFEST), change_json),
    CheckedFile("config", "config.yaml", CONFIG, change_yaml, 2.0),
    CheckedFile("checks", "checks.yaml", CHECKS, change_yaml),
    CheckedFile("suite", "suite.json", json.dumps(SUITE), change_json),
    CheckedFile("codes", "codes/kinds.csv", _CODES, change_cells),
    CheckedFile("register", "register/R_20240103.csv", REGISTER, change_cells),
    CheckedFile("references", "evidence/references.csv", _REFERENCES, change_cells),
    CheckedFile(
        "inquiries",
        "evidence/inquiries.csv",
        "date;kind;outcome\n2024-01-04;a;should_have_been_sent\n",
        change_cells,
    ),
    CheckedFile("hops", "evidence/hops.csv", _HOPS, change_cells),
    CheckedFile("receipt", "evidence/T_20240103.receipt.json", json.dumps(RECEIPT), change_json),
    CheckedFile(
        "canaries", "evidence/canaries.csv", "id;day;kind\n900;2024-01-03;a\n901;2024-01-03;b\n", change_cells
    ),
)
"""Every file of the project."""


class CheckedProject:
    """A folder with a whole project, of which one file at a time is changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = str(folder / "config.yaml")
        self.command = typer.main.get_command(app)
        for one in FILES:
            self.write(one.path, one.content.encode())
        os.environ["KETENWACHT_KEY"] = "k1:" + "5a" * 32

    def write(self, name: str, data: bytes) -> None:
        """Write a file of the project, as if it had come that morning."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (_ARRIVED, _ARRIVED))

    def prepare(self) -> None:
        """Make the history that each check starts from."""
        template = self.folder / "template.db"
        if not template.exists():
            with History.open(f"sqlite:///{template}"):
                pass
        for old in self.folder.glob("history.db*"):
            old.unlink()
        shutil.copy(template, self.folder / "history.db")

    def call(self, *words: str) -> int:
        """Run a command.

        Raises:
            AssertionError: it ends outside the contract, with a traceback, or as a defect.
        """
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = run(["-c", self.config, *words], self.command)
        text = said.getvalue()
        if code not in {0, 1, 2, 3, 4} or "Traceback" in text or "defect:" in text:
            raise AssertionError(f"{words[0]} ends with {code}: {text[-300:]}")
        return code

    def check(self, file: CheckedFile, data: bytes) -> bool:
        """Judge the feed with one changed file; return whether it was judged.

        Raises:
            AssertionError: a command broke its contract, or the history does not hold afterwards.
        """
        self.prepare()
        self.write(file.path, data)
        try:
            code = self.call("check", "--at", AT)
        finally:
            self.write(file.path, file.content.encode())
        with History.open(f"sqlite:///{self.folder / 'history.db'}") as history:
            if history.audit.verify():
                raise AssertionError(f"the history does not hold after exit code {code}")
        return code in {0, 1}


def whole_checks(folder: Path) -> Iterator[tuple[CheckedFile, Callable[[bytes], bool], float]]:
    """Yield each file of a project, what checks the project with other bytes in it, and its part of all inputs."""
    project: list[CheckedProject] = []

    def check(file: CheckedFile, data: bytes) -> bool:
        if not project:
            project.append(CheckedProject(folder))
        return project[0].check(file, data)

    whole = sum(one.weight for one in FILES)
    for one in FILES:
        yield one, partial(check, one), one.weight / whole
