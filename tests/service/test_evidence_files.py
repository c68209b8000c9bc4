"""A file of evidence that cannot be used is set aside with a finding of its own; everything else counts."""

from __future__ import annotations

import io
import os
from datetime import timedelta

import pytest

from ketenwacht.cli.root import run
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.workflows import clock
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration

CONFIG = """
version: 1
timezone: Europe/Amsterdam
history: sqlite:///history.db
feeds:
  tiny:
    title: Tiny
    source: {kind: files, path: in, pattern: "T_{date:%Y%m%d}.csv", delimiter: ";"}
    segments: [[], [kind]]
    key: id
    checks: tiny.yaml
    evidence:
      references: [ev/reference*.csv]
      inquiries: [ev/inquiries*.csv]
      hops: {delivered: {counts: [ev/hop*.csv], receipts: [ev/receipt*.json]}}
      register: {path: ev, pattern: "R_{date:%Y%m%d}.csv", decided_column: day, segments: [kind]}
service: {tick: 1s, port: 0}
alerts: {language: en, small_count: 1}
"""
REFERENCE = (
    "period_from;period_to;count;uncertainty;published_on;source\n2024-01-01;2024-01-31;{};0.05;2024-02-10;board\n"
)
INQUIRY = "date;outcome\n{};known\n"
HOP = "period_from;period_to;count;published_on\n2024-01-01;2024-01-31;{};2024-02-10\n"
RECEIPT = '{{"periode": {{"van": "2024-01-01", "tot": "2024-01-01"}}, "aantal": {}}}'
REGISTER = "id;day;kind\n{}"
OLD_REGISTER = f"R_{clock.now().date() - timedelta(days=3):%Y%m%d}.csv"

BAD = [
    ("a count below zero", "reference-2.csv", REFERENCE.format("-5"), REFERENCE.format("5"), 2),
    ("a count without an end", "reference-2.csv", REFERENCE.format("inf"), REFERENCE.format("5"), 2),
    (
        "a day that does not exist",
        "inquiries-2.csv",
        INQUIRY.format("2022-02-30"),
        INQUIRY.format("2022-02-03"),
        2,
    ),
    ("a day long ago", "inquiries-2.csv", INQUIRY.format("1492-02-03"), INQUIRY.format("2022-02-03"), 2),
    ("half a person", "hop-2.csv", HOP.format("1.5"), HOP.format("1"), 2),
    ("more persons than live", "hop-2.csv", HOP.format("9" * 13), HOP.format("9"), 2),
    ("a receipt that is cut off", "receipt-2.json", RECEIPT.format(5)[:-9], RECEIPT.format(5), None),
    ("a receipt with a count below zero", "receipt-2.json", RECEIPT.format(-5), RECEIPT.format(5), None),
    ("a register without rows", OLD_REGISTER, REGISTER.format(""), REGISTER.format("1;2024-01-01;a\n"), None),
]


@pytest.fixture
def root(tmp_path):
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "tiny.yaml").write_text("checks:\n  - kind: volume\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "ev").mkdir()
    day = clock.now().date() - timedelta(days=1)
    path = tmp_path / "in" / f"T_{day:%Y%m%d}.csv"
    path.write_text("id;kind\n" + "1;a\n2;b\n" * 10)
    written = clock.now().timestamp() - 3600
    os.utime(path, (written, written))
    (tmp_path / "ev" / "reference-1.csv").write_text(REFERENCE.format("40"))
    (tmp_path / "ev" / "inquiries-1.csv").write_text(INQUIRY.format("2024-01-04"))
    return tmp_path


def evidence_findings(history):
    return [f for f in history.findings.find("tiny") if f.fingerprint.check == "evidence-files"]


@pytest.mark.parametrize(("sentence", "name", "bad", "good", "line"), BAD, ids=[one[0] for one in BAD])
def test_a_bad_file_is_set_aside_and_told_once_until_it_is_mended(root, sentence, name, bad, good, line):
    (root / "ev" / name).write_text(bad)
    project, said = LoadedProject.open(root / "config.yaml"), []
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(io.StringIO()), write=said.append, now=clock.now)
        try:
            for _ in range(2):
                made.tick()
            assert len(history.runs.find("tiny")) == 1, "the delivery is judged"
            assert len(history.evidence.find_inquiries("tiny", known_on=None)) == 1
            assert len(history.evidence.find_references("tiny", known_on=clock.now().date())) == 1
            (finding,) = evidence_findings(history)
            code = "evidence_files.set_aside" if line is None else "evidence_files.line"
            assert (finding.active, finding.said.code) == (True, code)
            assert finding.said.params["file"].text == f"ev/{name}"
            assert line is None or finding.said.params["line"].value == line
            alerts = [" ".join(text.split()) for text in said if "audit log" not in text]  # no daily summary
            told = [text for text in alerts if "cannot be used as evidence" in text]
            assert len(told) == 1, "it is told once"
            (root / "ev" / name).write_text(good)
            made.tick()
            assert [one.active for one in evidence_findings(history)] == [False]
        finally:
            made.close()


def test_a_file_that_is_deleted_ends_its_finding_also_by_the_command(root, capsys):
    bad = root / "ev" / "reference-2.csv"
    bad.write_text(REFERENCE.format("-5"))
    codes = [run(["-c", str(root / "config.yaml"), "check"]) for _ in range(2)]
    assert codes == [0, 3], "the first judges the delivery, the second finds nothing new"
    assert "reference-2.csv: set aside:" in capsys.readouterr().err
    bad.unlink()
    run(["-c", str(root / "config.yaml"), "check"])
    with LoadedProject.open(root / "config.yaml").history() as history:
        assert [one.active for one in evidence_findings(history)] == [False]


@pytest.mark.parametrize(
    "name", ["reference-2.csv", "inquiries-2.csv", "hop-2.csv", "receipt-2.json", OLD_REGISTER]
)
def test_a_file_that_hangs_is_given_up_in_time_and_the_delivery_judged(root, name):
    os.mkfifo(root / "ev" / name)  # nobody writes to it: opening it waits for ever
    config = (root / "config.yaml").read_text().replace("port: 0}", "port: 0, standstill: 2s}")
    (root / "config.yaml").write_text(config)
    project = LoadedProject.open(root / "config.yaml")
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None, now=clock.now)
        try:
            made.tick()
            assert len(history.runs.find("tiny")) == 1, "the delivery is judged"
            (finding,) = evidence_findings(history)
            assert finding.said.params["file"].text == f"ev/{name}"
            replaced = made.worker.replaced
            made.tick()
            assert made.worker.replaced == replaced, "it is left alone for some time"
        finally:
            made.close()
