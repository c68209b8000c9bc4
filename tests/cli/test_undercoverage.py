"""`undercoverage`: two parties pseudonymise their lists; a third learns how they overlap and keeps counts."""

import json
import sqlite3

import pytest

from ketenwacht.cli.root import run as run_command

pytestmark = pytest.mark.integration

KEY = "2026a:" + "8f3a91c4d2e07b5566a1fe0c9b7d34e2810f6a5bc3d9e8471205b6fa93ce7d18"
OTHER = "2026b:" + "1d3a91c4d2e07b5566a1fe0c9b7d34e2810f6a5bc3d9e8471205b6fa93ce7d44"
PERSONS = range(1, 601)


def write(path, members):
    rows = "\n".join(f"{i:010d};{'family' if i % 2 else 'asylum'}" for i in members)
    path.write_text(f"v_nummer;group\n{rows}\n", encoding="utf-8")


@pytest.fixture
def run(capsys):
    """Runs the command line in this process."""

    def called(*arguments):
        capsys.readouterr()
        code = run_command(list(arguments))
        return code, *capsys.readouterr()

    return called


@pytest.fixture
def lists(tmp_path, monkeypatch, run):
    """Two folders, one a party; each gives what `pseudonymise` wrote. One person in ten is in neither list."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KETENWACHT_KEYS", KEY)
    for name, members in (
        ("register", [i for i in PERSONS if i % 5]),
        ("town", [i for i in PERSONS if i % 4 > 1]),
    ):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "own.csv", members)
        given = ("--key", "v_nummer", "--keep", "group", "--out", f"{name}.csv")
        assert run("pseudonymise", f"{name}/own.csv", *given)[0] == 0
    return ("--list", "register=register.csv", "--list", "town=town.csv", "--key", "v_nummer")


def test_it_estimates_whom_no_list_holds_by_segment_and_in_all(lists, run):
    code, out, err = run("undercoverage", *lists, "--segments", "group", "--format", "json")
    assert code == 0, err
    said = json.loads(out)
    assert [one["segment"] for one in said["segments"]] == [{"group": "asylum"}, {"group": "family"}]
    total = said["total"]
    true = len([i for i in PERSONS if not i % 5 and i % 4 < 2])
    assert total["low"] <= true <= total["high"]
    assert total["seen"] == 540


def test_the_text_says_about_how_many_and_between_what(lists, run):
    code, out, _ = run("undercoverage", *lists)
    assert code == 0
    assert "whom no list holds" in out or "op geen enkele lijst" in out


def test_no_value_that_may_be_of_a_person_leaves(tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KETENWACHT_KEYS", KEY)
    for name, members in (("a", range(1, 500)), ("b", range(100, 600))):
        rows = "\n".join(f"{i:010d};19{i % 29 + 50}-07-{i % 28 + 1:02}" for i in members)
        (tmp_path / f"{name}.own").write_text(f"number;born\n{rows}\n", encoding="utf-8")
        assert (
            run("pseudonymise", f"{name}.own", "--key", "number", "--keep", "born", "--out", f"{name}.csv")[0] == 0
        )
    given = ("--list", "a=a.csv", "--list", "b=b.csv", "--key", "number", "--segments", "born", "--format", "json")
    code, out, err = run("undercoverage", *given)
    assert code == 0, err
    assert [one["segment"] for one in json.loads(out)["segments"]] == [{"born": "(other)"}]


REFUSED = [
    (
        "no list has the column",
        (
            "--list",
            "a=register.csv",
            "--list",
            "b=town.csv",
            "--key",
            "v_nummer",
            "--segments",
            "grup",
        ),
    ),
    ("one list", ("--list", "register=register.csv", "--key", "v_nummer")),
    ("a list in clear", ("--list", "a=register/own.csv", "--list", "b=town.csv", "--key", "v_nummer")),
    ("a name twice", ("--list", "a=register.csv", "--list", "a=town.csv", "--key", "v_nummer")),
    ("no name", ("--list", "register.csv", "--list", "b=town.csv", "--key", "v_nummer")),
    ("another column", ("--list", "a=register.csv", "--list", "b=town.csv", "--key", "bsn")),
    ("a linkage error of a half", ("--list", "a=register.csv", "--list", "b=town.csv", "--linkage-error", "0.5")),
]


@pytest.mark.parametrize(("sentence", "arguments"), REFUSED, ids=[one[0] for one in REFUSED])
def test_what_it_cannot_use_is_refused_without_a_number_of_a_person(lists, run, sentence, arguments):
    assert sentence
    assert lists
    code, out, err = run("undercoverage", *arguments)
    assert code == 2
    assert "0000000" not in out + err


def test_lists_under_different_keys_are_refused_with_both_named(lists, run, monkeypatch):
    monkeypatch.setenv("KETENWACHT_KEYS", OTHER)
    assert run("pseudonymise", "town/own.csv", "--key", "v_nummer", "--out", "town.csv")[0] == 0
    code, _, err = run("undercoverage", *lists)
    assert code == 2
    assert "2026a" in err
    assert "2026b" in err


def test_only_counts_are_kept_and_they_need_a_reason(lists, run, tmp_path):
    (tmp_path / "config.yaml").write_text(
        "version: 1\nhistory: sqlite:///h.db\nfeeds:\n  f:\n    title: F\n    source: {kind: files, path: in, "
        'pattern: "F_{date:%Y%m%d}.csv", reader: csv}\n    segments: [[], [group]]\n',
        encoding="utf-8",
    )
    (tmp_path / "in").mkdir()
    assert run("undercoverage", "f", *lists)[0] == 2
    code, _, err = run(
        "undercoverage", "f", *lists, "--segments", "group", "--why", "yearly", "--date", "2022-06-30"
    )
    assert code == 0, err
    with sqlite3.connect(tmp_path / "h.db") as base:
        rows = base.execute("SELECT hop, reason, count FROM reference_figures ORDER BY reason").fetchall()
        dump = "\n".join(base.iterdump())
    base.close()
    assert {hop for hop, *_ in rows} == {"undercoverage"}
    assert {reason for _, reason, _ in rows} == {"01", "10", "11"}
    assert sum(count for *_, count in rows) == 540
    assert "2026a:" not in dump
