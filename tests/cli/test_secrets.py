"""No command shows, writes or keeps a secret of the configuration, whatever form its URL has."""

from __future__ import annotations

import logging

import pytest

from ketenwacht.cli.root import run

pytestmark = pytest.mark.integration

MARK = "hunter2mark"
URLS = {
    "plain": f"postgresql+psycopg://app:{MARK}@127.0.0.1:1/x",
    "at": f"postgresql+psycopg://app:p@{MARK}@127.0.0.1:1/x",
    "slash": f"postgresql+psycopg://app:p/{MARK}@127.0.0.1:1/x",
    "query": f"postgresql+psycopg://127.0.0.1:1/x?user=a&password={MARK}",
    "ssl": f"postgresql+psycopg://127.0.0.1:1/x?sslmode=require&sslkey=/k/{MARK}&sslpassword={MARK}",
    "options": f"postgresql+psycopg://127.0.0.1:1/x?options=-c%20my.pass={MARK}",
    "odbc": f"mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BX%7D%3BUID%3Da%3BPWD%3D{MARK}",
    "unknown": f"nosuch://app:{MARK}@db/x?token={MARK}",
    "no url": f"SERVER=db;UID=a;PWD={MARK}",
}
CONFIG = """\
version: 1
timezone: Europe/Amsterdam
history: {history}
feeds:
  good:
    title: Good
    source: {{kind: files, path: in, pattern: "T_{{date:%Y%m%d}}.csv"}}
    key: id
    segments: [[]]
    schedule: {{cron: "0 7 * * mon-fri"}}
  tested:
    title: Tested
    source: {{kind: table, url: "{url}", table: t, period_column: day}}
    segments: [[]]
    schedule: {{cron: "0 7 * * mon-fri"}}
service: {{ping: "http://127.0.0.1:1/{mark}?token={mark}"}}
alerts:
  language: en
  routes:
    - {{name: ops, slack: {{channel: C1, token: "xoxb-{mark}", base_url: "http://me:{mark}@127.0.0.1:1/api/"}}}}
    - {{name: screen, console: true}}
"""
COMMANDS = {
    "lint": ["lint"],
    "doctor": ["doctor"],
    "check": ["check", "tested"],
    "replay": ["replay", "tested", "--from", "2024-01-01", "--to", "2024-01-02"],
    "ci": ["ci", "tested", "--env", "production"],
    "contract export": ["contract", "export", "tested"],
    "contract page": ["contract", "page", "tested", "--out", "page.html"],
    "history": ["history", "tested", "--verify"],
    "report": ["report", "tested", "--out", "report.html"],
    "reproduce": ["reproduce", "tested"],
    "reconcile": ["reconcile", "tested", "--register", "in/T_20240102.csv", "--key", "id"],
    "backtest": ["backtest", "tested", "--drop", "30%"],
    "serve": ["serve", "--once"],
    "init": ["init", "new", "--from", "URL#t"],
    "digest": ["digest", "write", "tested", "--out", "digest.json"],
    "measurements export": ["measurements", "export", "m.json", "tested"],
    "alerts test": ["alerts", "test"],
    "alerts flush": ["alerts", "flush"],
    "alerts list": ["alerts", "list"],
    "incidents list": ["incidents", "list"],
    "baseline propose": ["baseline", "propose", "tested", "--why", "x"],
    "backup": ["backup", "copy.db"],
    "prune": ["prune", "tested", "--before", "2020-01-01"],
    "coverage": ["lint", "--verbose"],
    "overridden": ["--set", "history=URL", "history", "good"],
}
"""What the command is for → its arguments; URL stands for the one that is tested."""


def make(root, url, history="sqlite:///history.db"):
    (root / "config.yaml").write_text(CONFIG.format(url=url, history=history, mark=MARK))
    (root / "in").mkdir(exist_ok=True)
    (root / "in/T_20240102.csv").write_text("id\n1\n")


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judge(root, capfd, caplog, arguments):
    with caplog.at_level(logging.DEBUG):
        code = run(arguments)
    done = capfd.readouterr()
    assert code in range(5), (arguments, done)
    assert "defect:" not in done.err, done.err
    kept = [p for p in root.rglob("*") if p.is_file() and p.name != "config.yaml"]
    places = {"output": done.out + done.err, "log": caplog.text}
    places |= {str(p.relative_to(root)): p.read_bytes().decode("utf-8", "replace") for p in kept}
    assert [name for name, text in places.items() if MARK in text] == []


@pytest.mark.integration
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_it(at, capfd, caplog, command):
    for name in ("slash", "options"):
        make(at, URLS[name])
        judge(
            at,
            capfd,
            caplog,
            [URLS[name] + "#t" if a == "URL#t" else a.replace("URL", URLS[name]) for a in COMMANDS[command]],
        )


@pytest.mark.parametrize("form", URLS)
@pytest.mark.parametrize(
    "arguments", [["lint"], ["contract", "export", "tested"], ["check", "tested"]], ids=" ".join
)
def test_no_form_of_it_is_shown(at, capfd, caplog, form, arguments):
    make(at, URLS[form])
    judge(at, capfd, caplog, arguments)


@pytest.mark.parametrize("form", URLS)
def test_the_url_of_the_history_is_not_shown(at, capfd, caplog, form):
    make(at, URLS["plain"], history=f'"{URLS[form].replace("+psycopg", "")}"')
    for arguments in (["history", "good"], ["check", "good"]):
        judge(at, capfd, caplog, arguments)
