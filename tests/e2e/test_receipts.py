"""Two parties, two folders, two configurations: the receiver acknowledges, the sender's own Ketenwacht reads."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest

from ketenwacht.cli.root import run

pytestmark = pytest.mark.e2e

CONFIG = """version: 1
history: sqlite:///history.db
feeds:
  arrivals:
    sender: A
    receiver: B
    source: {{kind: files, path: {path}, pattern: "D_{{date:%Y%m%d}}_{{sequence:06d}}.csv"}}
    segments: [[], [town]]
    checks: checks.yaml
    {evidence}
"""
EVIDENCE = 'evidence: {hops: {accepted: {receipts: ["receipts/*.receipt.json"]}}}'
CHECKS = "checks:\n  - kind: acknowledgement\n"
DAYS = ("20240304_000001", "20240305_000002", "20240306_000003")
NUMBERS = [f"99991{n:04d}" for n in range(60)]


@pytest.fixture
def parties(tmp_path):
    """The folders of both parties with the same three deliveries of twenty persons."""
    for name, evidence, checks in (
        ("sender", EVIDENCE, CHECKS),
        ("receiver", "", "checks:\n  - kind: schedule\n"),
    ):
        folder = tmp_path / name / "deliveries"
        folder.mkdir(parents=True)
        for i, day in enumerate(DAYS):
            rows = [f"{number};{'x' if number[-1] < '5' else 'y'}" for number in NUMBERS[20 * i : 20 * i + 20]]
            (folder / f"D_{day}.csv").write_text("\n".join(["number;town", *rows]) + "\n", encoding="utf-8")
        (folder.parent / "config.yaml").write_text(CONFIG.format(path="deliveries", evidence=evidence))
        (folder.parent / "checks.yaml").write_text(checks)
    (tmp_path / "sender/receipts").mkdir()
    return tmp_path / "sender", tmp_path / "receiver"


@pytest.fixture
def call(monkeypatch, capsys):
    def called(folder, *arguments):
        monkeypatch.chdir(folder)
        capsys.readouterr()
        code = run(list(arguments))
        return code, *capsys.readouterr()

    return called


def results(call, sender, days):
    """What the sender's acknowledgement check says of the newest delivery so many days from now."""
    for old in sender.glob("history.db*"):
        old.unlink()
    arrived = (sender / f"deliveries/D_{DAYS[-1]}.csv").stat().st_mtime + 60
    at = (datetime.fromtimestamp(arrived, UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    _, out, err = call(sender, "check", "--at", at, "--format", "json")
    assert '"ketenwacht/run/1"' in out, err
    runs = [json.loads(line) for line in out.splitlines() if '"ketenwacht/run/1"' in line]
    return {r["check"]: (r["status"], r["code"]) for r in runs[-1]["results"] if r["check"].startswith("ack")}, out


def test_a_receipt_of_each_judged_delivery_closes_what_the_sender_awaits(parties, call):
    sender, receiver = parties
    assert call(receiver, "check")[0] in {0, 3}
    code, out, err = call(receiver, "receipt", "--out", "receipts", "--format", "json")
    assert (code, len(json.loads(out)["paths"])) == (0, 3), err
    files = sorted((receiver / "receipts").iterdir())
    first = json.loads(files[0].read_text(encoding="utf-8"))
    assert (first["volgnummer"], first["aantal"], first["status"]) == (1, 20, "accepted")
    assert {row["town"]: row["aantal"] for row in first["aantallen"]} == {"x": 10, "y": 10}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert not any(number in path.read_text(encoding="utf-8") for path in files for number in NUMBERS)

    again = call(receiver, "receipt", "--out", "receipts", "--format", "json")
    assert (json.loads(again[1])["paths"], json.loads(again[1])["before"]) == ([], 3)

    found, _ = results(call, sender, 0)
    assert found["acknowledgement.received"] == ("skipped", "acknowledgement.none")
    for path in files:
        (sender / "receipts" / path.name).write_bytes(path.read_bytes())
    found, _ = results(call, sender, 10)
    assert {status for status, _ in found.values()} == {"passed"}

    (sender / "receipts" / files[1].name).unlink()
    found, out = results(call, sender, 10)
    assert found["acknowledgement.received"] == ("failed", "acknowledgement.overdue")
    assert "delivery 2 with" in out


def test_a_receipt_for_a_delivery_that_was_not_judged_is_refused(parties, call):
    _, receiver = parties
    assert call(receiver, "check")[0] in {0, 3}
    code, _, err = call(receiver, "receipt", "--delivery", "000009", "--out", "receipts")
    assert (code, "000009" in err) == (2, True)
    assert call(receiver, "receipt", "--delivery", "000002", "--out", "receipts")[0] == 0
    assert [path.name for path in (receiver / "receipts").iterdir()] == ["arrivals_000002.receipt.json"]
