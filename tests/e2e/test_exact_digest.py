"""Two parties, two folders, two configurations: an exact digest finds the persons that a reconciliation finds."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest

from ketenwacht.cli.root import run

pytestmark = pytest.mark.e2e

KEY = "2026a:" + "8f3a91c4d2e07b5566a1fe0c9b7d34e2810f6a5bc3d9e8471205b6fa93ce7d18"
OTHER_KEY = "2027b:" + "9d1c4e7732aa05bf18e6f3c0942b7a5d6e81f04c39b2d7a6508f1e2d3c4b5a69"
EVERYBODY = [f"{n * 7919 % 10**10:010d}" for n in range(1, 4001)]
LOST, EXTRA = EVERYBODY[100:140], ["9999999991", "9999999992"]
CONFIG = """version: 1
history: sqlite:///history.db
feeds:
  arrivals:
    source: {{kind: files, path: {path}, pattern: "D_{{date:%Y%m%d}}.csv"}}
    key: number
"""


def write(path, numbers):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["number;town", *(f"{n};x" for n in numbers)]) + "\n", encoding="utf-8")


@pytest.fixture
def parties(tmp_path, monkeypatch):
    """The folder of the sender, with its register, and that of the receiver, with its deliveries."""
    monkeypatch.setenv("KETENWACHT_KEYS", KEY)
    sender, receiver = tmp_path / "sender", tmp_path / "receiver"
    arrived = [*(n for n in EVERYBODY if n not in LOST), *EXTRA]
    write(sender / "register.csv", EVERYBODY)
    write(receiver / "in/D_20240301.csv", arrived[:2000])
    write(receiver / "in/D_20240304.csv", arrived[2000:])
    (sender / "config.yaml").write_text(CONFIG.format(path="out"), encoding="utf-8")
    (receiver / "config.yaml").write_text(CONFIG.format(path="in"), encoding="utf-8")
    return sender, receiver


@pytest.fixture
def call(monkeypatch, capsys):
    def called(folder, *arguments):
        monkeypatch.chdir(folder)
        capsys.readouterr()
        code = run(list(arguments))
        return code, *capsys.readouterr()

    return called


def column(path, name):
    with path.open(encoding="utf-8", newline="") as stream:
        return [row[name] for row in csv.DictReader(stream, delimiter=";")]


SEND = ("digest", "arrivals", "--exact", "--register", "register.csv", "--key", "number")


def test_the_receiver_learns_exactly_whom_a_reconciliation_finds(parties, call, tmp_path):
    sender, receiver = parties
    code, _, err = call(sender, *SEND, "--expect", "45", "--out", "sender.exact")
    assert code == 0, err
    (sender / "sender.exact").rename(receiver / "sender.exact")
    lists = ("--missing", "missing.csv", "--extra", "extra.csv")
    code, out, err = call(receiver, "digest", "arrivals", "--against", "sender.exact", *lists, "--format", "json")
    assert code == 1, err
    shown = json.loads(out)
    assert (shown["same"], shown["complete"], shown["missing"]) == (False, True, 40)
    assert {stat.S_IMODE((receiver / name).stat().st_mode) for name in lists[1::2]} == {0o600}

    (receiver / "missing.csv").rename(sender / "missing.csv")
    found = ("lookup", "register.csv", "--list", "missing.csv", "--out", "rows.csv", "--key", "number")
    assert call(sender, *found)[0] == 0
    assert sorted(column(sender / "rows.csv", "number")) == sorted(LOST)

    # the same persons as `reconcile` with the register itself finds
    (receiver / "register.csv").write_bytes((sender / "register.csv").read_bytes())
    delivered = receiver / "all.csv"
    write(
        delivered,
        [n for name in ("D_20240301.csv", "D_20240304.csv") for n in column(receiver / "in" / name, "number")],
    )
    both = ("--register", "register.csv", "--delivered", "all.csv", "--key", "number")
    assert call(receiver, "reconcile", *both, "--missing", "lost.csv", "--extra", "more.csv")[0] == 1
    assert column(receiver / "extra.csv", "pseudonym") == column(receiver / "more.csv", "pseudonym")
    assert len(column(receiver / "lost.csv", "pseudonym")) == len(LOST)


def test_a_file_that_was_too_small_is_extended_and_either_party_may_begin(parties, call):
    sender, receiver = parties
    assert call(receiver, "digest", "arrivals", "--exact", "--expect", "1", "--out", "small.exact")[0] == 0
    (sender / "small.exact").write_bytes((receiver / "small.exact").read_bytes()[:])
    small = (receiver / "small.exact").stat().st_size
    larger = ("--extends", "small.exact", "--expect", "45", "--out", "large.exact")
    assert call(receiver, "digest", "arrivals", "--exact", *larger)[0] == 0
    assert (receiver / "large.exact").stat().st_size > small
    (receiver / "large.exact").rename(sender / "large.exact")
    side = ("digest", "arrivals", "--register", "register.csv", "--key", "number")
    code, out, _ = call(sender, *side, "--against", "large.exact", "--format", "json")
    shown = json.loads(out)
    assert (code, shown["complete"], shown["extra"]) == (1, True, 40)

    write(receiver / "in/D_20240305.csv", ["8888888881"])
    refused = call(receiver, "digest", "arrivals", "--exact", *larger)
    assert refused[0] == 2
    assert "other persons" in refused[2]


def test_what_is_of_another_feed_key_or_date_is_refused_and_nobody_is_named(parties, call, monkeypatch):
    sender, receiver = parties
    assert call(sender, *SEND, "--until", "2024-03-01", "--out", "x.exact")[0] == 2  # no column says when
    assert not (sender / "x.exact").exists()
    assert call(sender, *SEND, "--out", "sender.exact")[0] == 0
    content = (sender / "sender.exact").read_bytes()
    (receiver / "sender.exact").write_bytes(content)
    config = receiver / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("arrivals:", "departures:"), encoding="utf-8")
    cases = [(("digest", "departures", "--against", "sender.exact"), "departures was expected")]
    said = [call(receiver, *arguments) for arguments, _ in cases]
    config.write_text(CONFIG.format(path="in"), encoding="utf-8")
    against = ("digest", "arrivals", "--against", "sender.exact", "--missing", "missing.csv")
    said.append(call(receiver, *against, "--until", "2024-03-01"))
    monkeypatch.setenv("KETENWACHT_KEYS", OTHER_KEY)
    said.append(call(receiver, *against))
    monkeypatch.setenv("KETENWACHT_KEYS", KEY)
    (receiver / "sender.exact").write_bytes(content[:-100])
    said.append(call(receiver, *against))
    wanted = ["departures was expected", "2024-03-01 was expected", "not among 2027b", "cut short"]
    for (code, out, err), why in zip(said, wanted, strict=True):
        assert code in {2, 3}
        assert why in err
        assert not any(number in out + err for number in [*EVERYBODY, *EXTRA])
    assert not list(Path(receiver).glob("missing*"))
