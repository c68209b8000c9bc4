"""Two parties, two folders, two configurations: a private intersection counts what `reconcile` counts."""

from __future__ import annotations

import csv
import json
import stat
from dataclasses import replace

import pytest

from ketenwacht.cli.root import run
from ketenwacht.reconcile import Keys
from ketenwacht.reconcile.psi_files import RESPONSE, PsiFile

pytest.importorskip("private_set_intersection")
pytestmark = pytest.mark.e2e

KEY = "2026a:" + "8f3a91c4d2e07b5566a1fe0c9b7d34e2810f6a5bc3d9e8471205b6fa93ce7d18"
OTHER_KEY = "2027b:" + "9d1c4e7732aa05bf18e6f3c0942b7a5d6e81f04c39b2d7a6508f1e2d3c4b5a69"
EVERYBODY = [f"{n * 7919 % 10**10:010d}" for n in range(1, 1201)]
LOST, MOVED, EXTRA = EVERYBODY[0:60:2], EVERYBODY[101:125:2], [f"99999999{n:02d}" for n in range(12)]
CONFIG = """version: 1
history: sqlite:///history.db
alerts: {{small_count: 1}}
feeds:
  arrivals:
    source: {{kind: files, path: {path}, pattern: "D_{{date:%Y%m%d}}.csv"}}
    key: number
    segments: [[], [town]]
"""
SEGMENTS = ("--segments", "town")


def town(number):
    return "north" if int(number) % 2 else "south"


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["number;town", *(f"{number};{where}" for number, where in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def parties(tmp_path, monkeypatch):
    """The folder of the sender, with its register, and that of the receiver, with its deliveries."""
    monkeypatch.setenv("KETENWACHT_KEYS", KEY)
    sender, receiver = tmp_path / "sender", tmp_path / "receiver"
    arrived = [(n, "east" if n in MOVED else town(n)) for n in EVERYBODY if n not in LOST]
    arrived += [(n, "north") for n in EXTRA]
    write(sender / "register.csv", [(n, town(n)) for n in EVERYBODY])
    write(receiver / "in/D_20240301.csv", arrived[:600])
    write(receiver / "in/D_20240304.csv", arrived[600:])
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


def hand_over(name, source, target):
    (source / name).rename(target / name)


def column(path, name):
    with path.open(encoding="utf-8", newline="") as stream:
        return [row[name] for row in csv.DictReader(stream, delimiter=";")]


REGISTER = ("--register", "register.csv", "--key", "number")
REQUEST = ("psi", "request", "arrivals", "--out", "a.request", "--state", "a.state")
RESPOND = ("psi", "respond", "a.request", "arrivals", "--out", "a.response")
FINISH = ("psi", "finish", "a.response", "--state", "a.state", "--format", "json")


def counts(shown):
    kept = ("registered", "matched", "missing", "extra", "different")
    return {str(one["segment"]): {name: one[name] for name in kept} for one in shown["segments"]}


def test_the_receiver_counts_what_a_reconciliation_counts_and_opens_the_same_incident(parties, call):
    sender, receiver = parties
    call(receiver, "check")
    (receiver / "other.db").write_bytes((receiver / "history.db").read_bytes())
    assert call(receiver, *REQUEST, *SEGMENTS)[0] == 0
    hand_over("a.request", receiver, sender)
    code, _, err = call(sender, *RESPOND, *REGISTER)
    assert code == 0, err
    hand_over("a.response", sender, receiver)
    modes = [stat.S_IMODE((receiver / name).stat().st_mode) for name in ("a.response", "a.state")]
    assert modes == [0o600, 0o600]

    code, out, err = call(receiver, *FINISH)
    assert code == 1, err
    shown = json.loads(out)
    assert counts(shown)["{}"] == {
        "registered": 1200, "matched": 1170, "missing": 30, "extra": 12, "different": 12,
    }  # fmt: skip
    listed = json.loads(call(receiver, "incidents", "list", "--format", "json")[1])

    # the register itself, compared in another history
    (receiver / "register.csv").write_bytes((sender / "register.csv").read_bytes())
    other = ("--set", "history=sqlite:///other.db")
    arguments = (*REGISTER, *SEGMENTS, "--decided-column", "number", "--date", "2024-03-04", "--format", "json")
    code, out, err = call(receiver, "reconcile", "arrivals", *arguments, *other)
    assert code == 1, err
    assert counts(json.loads(out)) == counts(shown)
    same = json.loads(call(receiver, "incidents", "list", "--format", "json", *other)[1])
    told = [[(one["nature"], one["missing"]["value"] if one["missing"] else None) for one in listing["incidents"]]
            for listing in (listed, same)]  # fmt: skip
    assert told[0] == told[1]
    assert told[0]


def test_where_identities_are_agreed_the_sender_learns_exactly_who_is_missing(parties, call):
    sender, receiver = parties
    assert call(sender, *REQUEST, *REGISTER, "--identities", "--date", "2024-03-04")[0] == 0
    hand_over("a.request", sender, receiver)
    refused = call(receiver, *RESPOND)
    assert refused[0] == 2
    assert "only counts were agreed" in refused[2]
    assert not (receiver / "a.response").exists()
    assert call(receiver, *RESPOND, "--identities")[0] == 0
    hand_over("a.response", receiver, sender)
    code, out, err = call(sender, *FINISH, "--list", "missing.csv")
    assert code == 1, err
    assert json.loads(out)["segments"][0]["missing"] == 30
    assert stat.S_IMODE((sender / "missing.csv").stat().st_mode) == 0o600
    found = ("lookup", "register.csv", "--list", "missing.csv", "--out", "rows.csv", "--key", "number")
    assert call(sender, *found)[0] == 0
    assert sorted(column(sender / "rows.csv", "number")) == sorted(LOST)
    # the step may be repeated, and says the same
    assert call(sender, *FINISH)[1] == out


def test_a_file_of_another_key_feed_date_or_request_is_refused_and_nothing_is_half_written(
    parties, call, monkeypatch
):
    sender, receiver = parties
    assert call(receiver, *REQUEST)[0] == 0
    content = (receiver / "a.request").read_bytes()
    hand_over("a.request", receiver, sender)
    said = [call(sender, *RESPOND, *REGISTER, "--until", "2024-01-01")]
    said.append(call(sender, *RESPOND, *REGISTER, "--date", "2024-03-05"))
    said.append(call(sender, *RESPOND, *REGISTER, "--segments", "town"))
    said.append(call(sender, "psi", "respond", "a.request", "others", "--out", "a.response", *REGISTER))
    said.append(call(sender, *RESPOND, *REGISTER, "--at-most", "1000"))
    monkeypatch.setenv("KETENWACHT_KEYS", OTHER_KEY)
    said.append(call(sender, *RESPOND, *REGISTER))
    monkeypatch.setenv("KETENWACHT_KEYS", KEY)
    (sender / "a.request").write_bytes(content[:-50])
    said.append(call(sender, *RESPOND, *REGISTER))
    (sender / "a.request").write_bytes(content.replace(b'"persons": 1', b'"persons": 2'))
    said.append(call(sender, *RESPOND, *REGISTER))
    (sender / "a.request").write_bytes(content.replace(b"psi-request/1", b"psi-request/9"))
    said.append(call(sender, *RESPOND, *REGISTER))
    wanted = [
        "2024-01-01 was expected", "2024-03-05 was expected", "town was expected", "others was expected",
        "1000 are allowed", "not among 2027b", "cut short", "was changed",
            "of ketenwacht/psi-request/9, and one of ketenwacht/psi-request/1 was expected",
    ]  # fmt: skip
    for (code, out, err), why in zip(said, wanted, strict=True):
        assert code in {2, 3}
        assert why in err
        assert not any(number in out + err for number in [*EVERYBODY, *EXTRA])
    assert not (sender / "a.response").exists()
    assert not [path for path in sender.iterdir() if path.name.startswith(".")]

    (sender / "a.request").write_bytes(content)
    assert call(sender, *RESPOND, *REGISTER)[0] == 0
    hand_over("a.response", sender, receiver)
    again = ("psi", "request", "arrivals", "--out", "b.request", "--state", "b.state")
    assert call(receiver, *again)[0] == 0
    refused = call(receiver, "psi", "finish", "a.response", "--state", "b.state")
    assert (refused[0], "answers another request" in refused[2]) == (2, True)
    keys = Keys.parse(KEY, where="test")
    response, _ = PsiFile.read(receiver / "a.response", RESPONSE, keys)
    assert len(response.answers) == 64
    replace(response, answers="0" * 64).write(receiver / "other.response", keys)
    refused = call(receiver, "psi", "finish", "other.response", "--state", "a.state")
    assert (refused[0], "answers another request" in refused[2]) == (2, True), "by the tag of the request"
    refused = call(receiver, *FINISH, "--list", "extra.csv")
    assert (refused[0], "only counts were agreed" in refused[2]) == (2, True)


def test_no_number_is_in_a_file_log_history_or_message(parties, call):
    sender, receiver = parties
    assert call(receiver, *REQUEST, *SEGMENTS, "--identities")[0] == 0
    hand_over("a.request", receiver, sender)
    assert call(sender, *RESPOND, *REGISTER, "--identities")[0] == 0
    hand_over("a.response", sender, receiver)
    _, out, err = call(receiver, *FINISH, "--list", "extra.csv")
    written = [receiver / name for name in ("a.response", "a.state", "extra.csv", "history.db")]
    contents = [
        out.encode(),
        err.encode(),
        (sender / "a.request").read_bytes(),
        *(p.read_bytes() for p in written),
    ]
    for number in (*LOST, *EXTRA, *EVERYBODY[200:300]):
        assert not any(number.encode() in content for content in contents)
    assert len(column(receiver / "extra.csv", "pseudonym")) == len(EXTRA)
