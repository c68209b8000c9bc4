"""Two parties, two folders, two configurations: the receiver acknowledges, the sender's own Ketenwacht reads."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime, timedelta

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


RECEIPTS = "receipts: {folder: for_sender}"


def test_check_writes_receipts_and_weekly_files_once_where_configured(parties, call):
    _, receiver = parties
    config = receiver / "config.yaml"
    config.write_text(CONFIG.format(path="deliveries", evidence=RECEIPTS), encoding="utf-8")
    assert call(receiver, "check")[0] in {0, 3}
    folder = receiver / "for_sender"
    weekly = {"arrivals_2024-W10.quality.json", "arrivals_2024-W10.differences.csv"}
    made = {path.name for path in folder.iterdir()}
    receipts = {f"arrivals_{n:06d}.receipt.json" for n in (1, 2, 3)}
    # the deliveries are of 2024, and only the last week is written by itself: `receipt --weekly` writes all
    assert made == receipts
    assert (
        json.loads(call(receiver, "receipt", "--out", "for_sender", "--weekly", "--format", "json")[1])["before"]
        == 3
    )
    assert {path.name for path in folder.iterdir()} == receipts | weekly
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert call(receiver, "check")[0] in {0, 3}
    call(receiver, "receipt", "--out", "for_sender", "--weekly")
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}

    # by hand and after a check the same receipts are written
    call(receiver, "receipt", "--out", "by_hand")
    for name in receipts:
        assert (
            json.loads((folder / name).read_text())["aantallen"]
            == json.loads((receiver / "by_hand" / name).read_text())["aantallen"]
        )


def test_a_first_look_at_many_deliveries_writes_a_receipt_of_each(parties, call):
    _, receiver = parties
    first = date(2024, 3, 7)
    for number in range(4, 70):
        day = first + timedelta(days=number - 4)
        rows = "\n".join(f"8881{number:02d}{n:03d};x" for n in range(3))
        (receiver / f"deliveries/D_{day:%Y%m%d}_{number:06d}.csv").write_text(f"number;town\n{rows}\n")
    (receiver / "config.yaml").write_text(CONFIG.format(path="deliveries", evidence=RECEIPTS), encoding="utf-8")
    call(receiver, "check")
    assert len([*(receiver / "for_sender").glob("*.receipt.json")]) == 69


def test_a_receipt_that_cannot_be_written_stops_no_check(parties, call):
    """The name of the feed fits into a file name, and that of its receipt does not."""
    _, receiver = parties
    config = CONFIG.format(path="deliveries", evidence=RECEIPTS).replace("arrivals:", f"{'a' * 240}:")
    (receiver / "config.yaml").write_text(config, encoding="utf-8")
    code, out, err = call(receiver, "check", "--format", "json")
    (outcome,) = json.loads(out.splitlines()[-1])["feeds"]
    assert (code, outcome["deliveries"], outcome["status"]) == (0, 3, "unproven"), err
    assert "file name too long" in err


def test_the_weekly_files_hold_the_week_and_nobody(parties, call):
    _, receiver = parties
    (receiver / "checks.yaml").write_text("checks:\n  - {kind: volume, at_least: 30}\n  - kind: schedule\n")
    (receiver / f"deliveries/D_{DAYS[1]}.csv").write_text("number;town\n", encoding="utf-8")
    call(receiver, "check")
    assert call(receiver, "receipt", "--out", "out", "--weekly")[0] == 0
    quality = json.loads((receiver / "out/arrivals_2024-W10.quality.json").read_text(encoding="utf-8"))
    assert (quality["week"], quality["leveringen"], quality["aantal"]) == ("2024-W10", 3, 40)
    assert (quality["periode"], quality["zender"]) == ({"van": "2024-03-04", "tot": "2024-03-10"}, "B")
    listed = (receiver / "out/arrivals_2024-W10.differences.csv").read_text(encoding="utf-8").splitlines()
    assert (
        listed[0] == "delivery;period;check;code;status;town;observed;expected_low;expected_high;difference;unit"
    )
    told = [line.split(";") for line in listed[1:]]
    assert len(told) == sum(one["aantal"] for one in quality["bevindingen"]) > 0
    assert {row[0] for row in told} <= {"000001", "000002", "000003"}
    content = "".join(path.read_text(encoding="utf-8") for path in (receiver / "out").iterdir())
    assert not any(number in content for number in NUMBERS)


def test_a_receipt_of_another_file_than_was_sent_fails_at_the_sender(parties, call):
    sender, receiver = parties
    call(receiver, "check")
    call(receiver, "receipt", "--out", "receipts")
    for path in (receiver / "receipts").iterdir():
        (sender / "receipts" / path.name).write_bytes(path.read_bytes())
    found, _ = results(call, sender, 0)
    assert found["acknowledgement.content"] == ("passed", "acknowledgement.content_agrees")
    path = sender / "receipts/arrivals_000002.receipt.json"
    changed = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**changed, "sha256": "0" * 64}), encoding="utf-8")
    found, out = results(call, sender, 0)
    assert found["acknowledgement.content"] == ("failed", "acknowledgement.content_differs")
    assert found["acknowledgement.counts"] == ("passed", "acknowledgement.counts_agree")
    assert "another file" in out
