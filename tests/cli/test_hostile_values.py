"""Numbers and dates that nobody can mean, by hand or in an imported file: refused, and nothing is recorded."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from tiny_feed import tiny_feed

from ketenwacht.cli.root import run

pytestmark = pytest.mark.integration
USAGE, UNJUDGED = 2, 3
HUGE = str(10**30)
HEAD = {"deliveries": 1, "feed": "tiny", "notice": "", "schema": "ketenwacht/measurements/1"}
LINE = (
    '{"arrived_at": ARRIVED, "columns": [["kind", "text"]], "due_at": null, "id": "x1", "manifest": null, '
    '"measurements": [["rows", [], ROWS]], "period": PERIOD, "presence": "read", "problem": null, '
    '"sha256": null, "size": SIZE}'
)
SOUND = {"ARRIVED": "null", "ROWS": "30", "PERIOD": '"2024-04-03"', "SIZE": "10"}
REFERENCE = {"FROM": "2024-01-01", "TO": "2024-01-31", "COUNT": "40", "UNCERTAINTY": "0.05", "ON": "2024-02-10"}
BY = ("--by", "anna")


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    made = tiny_feed(tmp_path_factory.mktemp("hostile") / "feed")
    for day in (2, 3, 4):
        made.deliver(date(2024, 1, day), arrived=datetime(2024, 1, day, 6, tzinfo=UTC))
    assert run(["-c", str(made.root / "config.yaml"), "check", "--at", "2024-01-05T06:00:00Z"]) == 0
    return made


def rows_of(feed):
    """How many rows each table of the history holds; the audit log notes refused acts too."""
    with closing(sqlite3.connect(feed.root / "var/history.db")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in names if name != "audit"]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone() for name in kept}  # noqa: S608


def refused(feed, capsys, arguments, code, said):
    before = rows_of(feed)
    got = run(["-c", str(feed.root / "config.yaml"), *arguments])
    out = " ".join("".join(capsys.readouterr()).replace("│", " ").split())
    assert got == code, out
    assert "defect" not in out
    assert "Traceback" not in out
    assert said in out
    assert rows_of(feed) == before, "nothing is recorded"


TERM = (
    "feeds.tiny.evidence.register={path: in, pattern: 'R_{date:%Y%m%d}.csv', decided_column: day, "
    "terms: [{name: plan, term: 999999999d}]}"
)
YEARS = "is not of the years 1970 to 2100"
SLACK = "alerts.routes=[{{slack: {{channel: C, token: x, base_url: '{}'}}}}]"
SIGN = ("pseudonymise", "{in}", "--out", "{folder}/signed.csv", "--key", "id")
COMPARE = ("reconcile", "--register", "{in}", "--delivered", "{in}")
OPTIONS = [
    ("check at the end of all calendars", ["check", "--at", "9999-12-31"], YEARS),
    ("check before time was counted", ["check", "--at", "0001-01-01"], YEARS),
    ("check at a moment that UTC cannot hold", ["check", "--at", "0001-01-01T00:00:00+1400"], YEARS),
    ("check at no date", ["check", "--at", "1e400"], "--at"),
    ("replay to the end of all calendars", ["replay", "--from", "2024-01-01", "--to", "9999-12-31"], YEARS),
    ("replay of the year 1", ["replay", "--from", "0001-01-01", "--to", "2024-01-05"], YEARS),
    ("a pause until 9999", ["declare", "tiny", "--from", "2024-01-01", "--to", "9999-12-31", "--why", "w"], YEARS),
    (
        "a pause on no day",
        ["declare", "tiny", "--from", "2022-02-30", "--to", "2022-03-01", "--why", "w"],
        "--from",
    ),
    ("runs since 9999", ["findings", "list", "--since", "9999-12-31"], ""),
    ("prune before 9999", ["prune", "tiny", "--before", "9999-12-31"], YEARS),
    ("a loss of no number", ["backtest", "--drop", "kind=a:nan"], "is not a loss"),
    ("an infinite loss", ["backtest", "--drop", "kind=a:inf"], "is not a loss"),
    ("a negative loss", ["backtest", "--drop", "kind=a:-0.2"], "is not a loss"),
    ("a loss above all floats", ["backtest", "--drop", "kind=a:1e400"], "is not a loss"),
    ("a loss of 10^30", ["backtest", "--drop", f"kind=a:{HUGE}"], "is not a loss"),
    ("a loss of nothing", ["backtest", "--drop", "kind=a:0"], "is not a loss"),
    ("10^30 histories", ["backtest", "--drop", "kind=a:0.2", "--runs", HUGE], "--runs"),
    ("-1 histories", ["backtest", "--drop", "kind=a:0.2", "--runs", "-1"], "--runs"),
    ("an onset in 9999", ["backtest", "--drop", "kind=a:0.2", "--onset", "9999-12-31"], YEARS),
    ("an uncertainty of 1e400", ["backtest", "--drop", "kind=a:0.2", "--uncertainty", "1e400"], "--uncertainty"),
    ("a threshold from 10^30 histories", ["baseline", "propose", "tiny", "--runs", HUGE], "--runs"),
    ("a threshold of a negative seed", ["baseline", "propose", "tiny", "--seed", "-1"], "--seed"),
    ("an incident of 5,000 digits", ["incidents", "show", "#" + "9" * 5000], ""),
    ("a setting of 1e400 seconds", ["--set", "service.tick=1e400", "lint"], "service.tick"),
    ("a setting of no number", ["--set", "alerts.small_count=.nan", "lint"], "alerts.small_count"),
    ("a negative setting", ["--set", "feeds.tiny.source.max_bytes=-1", "lint"], "max_bytes"),
    ("a length of 10^30", ["--set", f"feeds.tiny.schedule.grace={HUGE}", "lint"], "grace"),
    ("a tick of no time", ["--set", "service.tick=0", "lint"], "write 0.01s to 1d"),
    ("an hour that no day has", ["--set", "service.digest_hour=-1", "lint"], "write 0 to 23"),
    ("no memory", ["--set", "service.memory=-1", "lint"], "service.memory"),
    ("a grace of a million years", ["--set", "feeds.tiny.schedule.grace=999999999d", "lint"], "write 0s to 3653d"),
    (
        "a term of a million years",
        ["--set", TERM, "lint"],
        "write 0s to 3653d",
    ),
    ("a zone that no map shows", ["--set", "timezone=Mars/Olympus", "check"], "`timezone` is not a time zone"),
    ("a history of another kind", ["--set", "history=mysql://host/db", "check"], "write it as sqlite:"),
    ("a delivery due every minute", ["--set", "feeds.tiny.schedule.cron='* * * * *'", "lint"], "more than once"),
    ("a Slack of no host", ["--set", SLACK.format("http://"), "lint"], "is not an address of the web"),
    (
        "a Slack that is a file",
        ["--set", SLACK.format("file:///etc/passwd"), "lint"],
        "is not an address of the web",
    ),
    ("a Slack of port 99999", ["--set", SLACK.format("http://h:99999/"), "lint"], "is not an address of the web"),
    ("a Slack of half an address", ["--set", SLACK.format("http://[::1"), "lint"], "is not an address of the web"),
    (
        "a dead-man's switch by FTP",
        ["--set", "service.ping=ftp://h/x", "lint"],
        "`service.ping` is not an address",
    ),
    ("a loss in no dimension", ["backtest", "--drop", "land=a:0.2"], "the feed has no dimension `land`"),
    ("a delimiter of three", ["init", "new", "--from", "{in}", "--delimiter", "abc"], "is not one character"),
    ("a delimiter of none", ["init", "new", "--from", "{in}", "--delimiter", ""], "is not one character"),
    ("a quote that delimits", ["init", "new", "--from", "{in}", "--delimiter", '"'], "is not one character"),
    (
        "an encoding of nobody",
        ["init", "new", "--from", "{in}", "--encoding", "nope"],
        "there is no such encoding",
    ),
    (
        "an encoding of no text",
        ["init", "new", "--from", "{in}", "--encoding", "rot13"],
        "there is no such encoding",
    ),
    ("a register with a delimiter of three", [*SIGN, "--delimiter", "abc"], "is not one character"),
    ("a key that no file has", [*COMPARE, "--key", "nope"], "has no column `nope`"),
    ("a second key that no file has", [*COMPARE, "--key", "id,nope"], "has no column `nope`"),
    ("a segment that no file has", [*COMPARE, "--key", "id", "--segments", "nope"], "has no column nope"),
    ("a digest for -5 who differ", ["digest", "--exact", "--register", "{in}", "--expect", "-5"], "--expect"),
    ("a copy of the history as a folder", ["backup", "{folder}"], "is a folder"),
    ("a copy that is nowhere", ["restore", "{folder}/nowhere.db", "--yes"], "is not a file"),
    ("a copy that is a folder", ["restore", "{folder}", "--yes"], "is not a file"),
    ("a contract as a folder", ["contract", "export", "--out", "{folder}"], "cannot be written (it is a folder)"),
    ("a port of 10^30", ["--set", f"service.port={HUGE}", "lint"], "service.port"),
]


@pytest.mark.parametrize(("arguments", "said"), [row[1:] for row in OPTIONS], ids=[row[0] for row in OPTIONS])
def test_an_option_that_nobody_can_mean(feed, capsys, monkeypatch, arguments, said):
    monkeypatch.setenv("KETENWACHT_KEYS", f"k1:{sha256(b'test').hexdigest()}")
    places = {"{in}": str(feed.root / "in/T_20240103.csv"), "{folder}": str(feed.root / "in")}
    for name, place in places.items():
        arguments = [word.replace(name, place) for word in arguments]
    refused(feed, capsys, arguments, USAGE, said)


MEASUREMENTS = [
    ("no number", {"ROWS": "NaN"}),
    ("an infinite number", {"ROWS": "Infinity"}),
    ("a number above all floats", {"ROWS": "1e400"}),
    ("a negative count", {"ROWS": "-1"}),
    ("a fraction of a row", {"ROWS": "0.5"}),
    ("10^30 rows", {"ROWS": HUGE}),
    ("a truth value as a count", {"ROWS": "true"}),
    ("a period in 9999", {"PERIOD": '"9999-12-31"'}),
    ("a period in the year 1", {"PERIOD": '"0001-01-01"'}),
    ("a day that does not exist", {"PERIOD": '"2022-02-30"'}),
    ("a size of 10^30 bytes", {"SIZE": HUGE}),
    ("a negative size", {"SIZE": "-1"}),
    ("a moment that UTC cannot hold", {"ARRIVED": '"0001-01-01T00:00:00+14:00"'}),
    ("a moment in 9999", {"ARRIVED": '"9999-12-31T23:59:59-14:00"'}),
    ("a moment without a zone", {"ARRIVED": '"2024-01-01"'}),
]


@pytest.mark.parametrize("changed", [row[1] for row in MEASUREMENTS], ids=[row[0] for row in MEASUREMENTS])
def test_a_measurement_that_cannot_be(feed, capsys, tmp_path, changed):
    line = LINE
    for name, value in {**SOUND, **changed}.items():
        line = line.replace(name, value)
    file = tmp_path / "m.jsonl"
    file.write_text(json.dumps(HEAD) + "\n" + line + "\n")
    refused(feed, capsys, ["measurements", "import", str(file), *BY], UNJUDGED, "line 2 of the measurement file")


FIGURES = [
    ("no number", {"COUNT": "nan"}),
    ("an infinite number", {"COUNT": "inf"}),
    ("a number above all floats", {"COUNT": "1e400"}),
    ("a negative number", {"COUNT": "-1"}),
    ("10^30 persons", {"COUNT": HUGE}),
    ("a period until 9999", {"TO": "9999-12-31"}),
    ("a period from the year 1", {"FROM": "0001-01-01"}),
    ("a day that does not exist", {"TO": "2022-02-30"}),
    ("an uncertainty of no number", {"UNCERTAINTY": "nan"}),
    ("a negative uncertainty", {"UNCERTAINTY": "-1"}),
    ("an infinite uncertainty", {"UNCERTAINTY": "inf"}),
]


@pytest.mark.parametrize("changed", [row[1] for row in FIGURES], ids=[row[0] for row in FIGURES])
def test_a_published_figure_that_cannot_be(feed, capsys, tmp_path, changed):
    row = ";".join({**REFERENCE, **changed}[name] for name in ("FROM", "TO"))
    given = {**REFERENCE, **changed}
    row = f"{row};a;{given['COUNT']};{given['UNCERTAINTY']};{given['ON']};office"
    file = tmp_path / "r.csv"
    file.write_text(f"period_from;period_to;kind;count;uncertainty;published_on;source\n{row}\n")
    refused(feed, capsys, ["reference", "import", str(file), *BY, "--why", "w"], USAGE, "r.csv:2")


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2022-02-30"])
def test_an_inquiry_of_a_day_that_cannot_be(feed, capsys, tmp_path, day):
    file = tmp_path / "i.csv"
    file.write_text(f"date;kind;outcome\n{day};a;should_have_been_sent\n")
    refused(feed, capsys, ["inquiries", "import", str(file), *BY, "--why", "w"], USAGE, "i.csv:2")
