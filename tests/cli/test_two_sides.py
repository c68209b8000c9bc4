"""`reconcile --delivered`: two files or tables, one command, no configuration, nothing kept."""

import json
import sqlite3
import stat
from dataclasses import dataclass

import pytest

from ketenwacht.cli.root import run as run_command

pytestmark = pytest.mark.integration

HEADER = "number;born;town;decided"
EVERYBODY = [(f"{i:04d}", f"19{i % 90 + 10}", "X" if i % 2 else "Y", "2024-01-01") for i in range(200)]
LOST = EVERYBODY[100:130]
KEY = "2026a:" + "8f3a91c4d2e07b5566a1fe0c9b7d34e2810f6a5bc3d9e8471205b6fa93ce7d18"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder with both sides in it: 200 persons, of whom 30 did not arrive."""
    monkeypatch.chdir(tmp_path)
    arrived = [row for row in EVERYBODY if row not in LOST]
    for name, rows in (("register", EVERYBODY), ("delivered", arrived)):
        (tmp_path / f"{name}.csv").write_text("\n".join([HEADER, *map(";".join, rows)]) + "\n", encoding="utf-8")
    with sqlite3.connect(tmp_path / "both.db") as base:
        for name, rows in (("register", EVERYBODY), ("delivered", arrived)):
            base.execute(f"CREATE TABLE {name} (number TEXT, born TEXT, town TEXT, decided DATE)")
            base.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?)", rows)  # noqa: S608 - our own names
    base.close()
    return tmp_path


@dataclass
class Said:
    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def run(capsys):
    """Runs `reconcile` with arguments in this process."""

    def called(*arguments):
        capsys.readouterr()
        code = run_command(["reconcile", *arguments])
        return Said(code, *capsys.readouterr())

    return called


FILES = ("--register", "register.csv", "--delivered", "delivered.csv")
TABLES = ("--register", "sqlite:///both.db#register", "--delivered", "sqlite:///both.db#delivered")
MIXED = ("--register", "register.csv", "--delivered", "sqlite:///both.db#delivered")


@pytest.mark.parametrize("sides", [FILES, TABLES, MIXED], ids=["two files", "two tables", "a file and a table"])
def test_who_is_missing_is_found_and_nothing_is_kept(folder, run, sides):
    before = sorted(path.name for path in folder.iterdir())
    said = run(*sides, "--key", "number,born", "--segments", "town", "--format", "json")
    assert said.exit_code == 1, said.stderr
    shown = json.loads(said.stdout)
    assert shown["schema"] == "ketenwacht/reconcile/1"
    whole, *towns = shown["segments"]
    assert (whole["registered"], whole["matched"], whole["missing"], whole["extra"]) == (200, 170, 30, 0)
    assert [(one["segment"], one["missing"]) for one in towns] == [({"town": "X"}, 20), ({"town": "Y"}, 20)]
    assert sorted(path.name for path in folder.iterdir()) == before


def test_both_sides_the_same_end_with_0_and_those_decided_on_lately_are_pending(folder, run):
    same = ("--register", "register.csv", "--delivered", "register.csv", "--key", "number")
    assert run(*same).exit_code == 0
    said = run(*FILES, "--key", "number", "--decided-column", "decided", "--date", "2024-01-10")
    assert (said.exit_code, "30" in said.stdout) == (0, True)


def test_nothing_is_said_of_dates_and_terms_that_nobody_gave(folder, run):
    said = run(*FILES, "--key", "number")
    assert "were never delivered" in said.stdout
    assert "decided on" not in said.stdout
    assert "plan" not in said.stdout


def test_the_list_of_the_missing_is_for_the_owner_only(folder, run, monkeypatch):
    monkeypatch.setenv("KETENWACHT_KEYS", KEY)
    said = run(*FILES, "--key", "number", "--missing", "missing.csv", "--decided-column", "decided")
    assert said.exit_code == 1, said.stderr
    listed = (folder / "missing.csv").read_text(encoding="utf-8").splitlines()
    assert len(listed) == 1 + len(LOST)
    assert stat.S_IMODE((folder / "missing.csv").stat().st_mode) == 0o600


REFUSED = [
    ("no key", (*FILES,), "--key"),
    ("a list and no key to sign it with", (*FILES, "--key", "number", "--missing", "x"), "--missing"),
    ("a feed is named too", ("ind-duo", *FILES, "--key", "number"), "FEED"),
    ("no such file", ("--register", "nobody.csv", "--delivered", "register.csv", "--key", "number"), "--register"),
    (
        "no such table",
        ("--register", "register.csv", "--delivered", "sqlite:///both.db#none", "--key", "number"),
        "--delivered",
    ),
    (
        "a database without a table",
        ("--register", "sqlite:///both.db", "--delivered", "delivered.csv", "--key", "number"),
        "--register",
    ),
    ("no such column", (*FILES, "--key", "nummer"), "nummer"),
    (
        "a column that one side lacks",
        ("--register", "sqlite:///both.db#register", "--delivered", "delivered.csv", "--key", "born,x"),
        "x",
    ),
]


@pytest.mark.parametrize(("sentence", "arguments", "named"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_cannot_be_compared_is_refused_with_its_place(folder, run, sentence, arguments, named):
    said = run(*arguments)
    assert said.exit_code in {2, 3}, sentence
    assert said.stderr.count("\n") == 1
    assert named in said.stderr
    assert not any(row[0] in said.stderr for row in EVERYBODY)


def test_a_password_is_in_no_message(folder, run):
    said = run("--register", "nodriver://me:secret@host/db#t", "--delivered", "delivered.csv", "--key", "number")
    assert said.exit_code == 2
    assert "secret" not in said.stdout + said.stderr
