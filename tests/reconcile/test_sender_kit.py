"""The sender's kit: one file, nothing installed, and byte for byte the files of the full product."""

from __future__ import annotations

import importlib.util
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ketenwacht.cli.root import run as run_command
from ketenwacht.reconcile import exact, sender_kit

pytestmark = pytest.mark.integration

KEY = "2026a:" + "8f3a91c4d2e07b5566a1fe0c9b7d34e2810f6a5bc3d9e8471205b6fa93ce7d18"
ROOT = Path(__file__).parents[2]
AWKWARD = ["Zoë", "a;b", 'say "x"', "#1", "it's", " padded ", "", "line\nbreak", "-1", "a,b"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The packed kit."""
    spec = importlib.util.spec_from_file_location("sender_tool", ROOT / "tools/sender.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    target = tmp_path_factory.mktemp("kit") / "ketenwacht-sender.pyz"
    tool.pack(target)
    return target


@pytest.fixture
def kit(archive, tmp_path, monkeypatch):
    """Runs the kit with a Python that has nothing installed (`-I -S`), in an empty folder of the sender."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KETENWACHT_KEYS", KEY)
    environment = {"KETENWACHT_KEYS": KEY, "PATH": os.environ["PATH"]}

    def called(*arguments):
        command = [sys.executable, "-I", "-S", str(archive), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    return called


def quoted(value):
    escaped = value.replace('"', '""')
    return f'"{escaped}"' if any(mark in value for mark in ';"\n#') else value


def write_register(path, persons=600):
    lines = ["v_nummer;born;decided;note"]
    for i in range(1, persons + 1):
        number = f"{i:010d}" if i % 50 else ""
        decided = f"2022-0{i % 6 + 1}-1{i % 9}" if i % 7 else "20220615"
        lines.append(f"{number};19{i % 80 + 10};{decided};{quoted(AWKWARD[i % len(AWKWARD)])}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_it_is_small_and_runs_with_nothing_installed(archive, kit):
    assert archive.stat().st_size < 5 * 2**20
    done = kit("--help")
    assert done.returncode == 0
    assert "pseudonymise" in done.stdout


def test_its_constants_are_those_of_the_product():
    assert sender_kit.SCHEMA == exact.SCHEMA
    assert sender_kit.EXACT_TERMS == exact.EXACT_TERMS
    assert (sender_kit.LEAST_IN_CELL, sender_kit.PERSONS_PER_CELL) == (exact.LEAST_IN_CELL, exact.PERSONS_PER_CELL)
    assert (sender_kit.MOST_CELLS, sender_kit.NONCE_BYTES) == (exact.MOST_CELLS, exact.NONCE_BYTES)


@pytest.mark.parametrize("key", ["v_nummer", "v_nummer,born"])
def test_a_pseudonymised_register_is_the_same_file(kit, tmp_path, capsys, key):
    write_register(tmp_path / "register.csv")
    options = ("--key", key, "--keep", "decided,note", "--out")
    done = kit("pseudonymise", "register.csv", *options, "kit.csv")
    assert done.returncode == 0, done.stderr
    assert run_command(["pseudonymise", "register.csv", *options, "full.csv"]) == 0, capsys.readouterr().err
    assert (tmp_path / "kit.csv").read_bytes() == (tmp_path / "full.csv").read_bytes()
    assert stat.S_IMODE((tmp_path / "kit.csv").stat().st_mode) == 0o600


def test_an_exact_digest_is_the_same_file_and_both_sides_walk_with_it(kit, tmp_path, capsys):
    write_register(tmp_path / "register.csv", 6_000)
    side = ("--key", "v_nummer", "--decided-column", "decided", "--until", "2022-05-31")
    base = ("f", "--exact", "--register", "register.csv", *side)
    assert kit("digest", *base, "--expect", 20, "--out", "small").returncode == 0
    for program, name in ((kit, "kit"), (None, "full")):
        more = ("digest", *base, "--expect", "60", "--extends", "small", "--out", name)
        code = program(*more).returncode if program else run_command(list(more))
        assert code == 0, capsys.readouterr().err
    assert (tmp_path / "kit").read_bytes() == (tmp_path / "full").read_bytes()
    # The receiver holds fewer persons, answers, and the sender finds the rows with the kit.
    lines = (tmp_path / "register.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    lost = [line for line in lines if line.startswith(("0000000101;", "0000000102;", "0000000103;"))]
    ours = "".join(line for line in lines if line not in lost)
    (tmp_path / "delivered.csv").write_text(ours, encoding="utf-8")
    answer = ["digest", "f", "--exact", "--register", "delivered.csv", *side[:4], "--against", "kit"]
    assert run_command([*answer, "--missing", "missing.csv"]) == 1, capsys.readouterr().err
    for name in ("kit_rows.csv", "full_rows.csv"):
        look = ["lookup", "register.csv", "--list", "missing.csv", "--key", "v_nummer", "--out", name]
        code = kit(*look).returncode if name.startswith("kit") else run_command(look)
        assert code == 0, capsys.readouterr().err
    found = (tmp_path / "kit_rows.csv").read_bytes()
    assert found.count(b"\n") >= 3
    assert found == (tmp_path / "full_rows.csv").read_bytes()


def test_a_list_of_pseudonyms_is_looked_up(kit, tmp_path, capsys):
    write_register(tmp_path / "register.csv")
    assert kit("pseudonymise", "register.csv", "--key", "v_nummer", "--out", "all.csv").returncode == 0
    persons = (tmp_path / "all.csv").read_text(encoding="utf-8").splitlines()[-9:]
    listed = "\n".join(["pseudonym", *persons, persons[0][:38], ""])
    (tmp_path / "missing.csv").write_text(listed, encoding="utf-8")
    done = kit("lookup", "register.csv", "--list", "missing.csv", "--key", "v_nummer", "--out", "rows.csv")
    assert done.returncode == 0, done.stderr
    rows = ["lookup", "register.csv", "--list", "missing.csv", "--key", "v_nummer", "--out", "full.csv"]
    assert run_command(rows) == 0, capsys.readouterr().err
    assert (tmp_path / "rows.csv").read_bytes() == (tmp_path / "full.csv").read_bytes()


REFUSED = [
    ("a column that is not there", "v_nummer;x\n0000000001;a\n", ("--key", "bsn"), 2),
    ("a plain hash", "v_nummer\n" + "a" * 32 + "\n", ("--key", "v_nummer"), 2),
    ("a pseudonym", "v_nummer\n2026a:" + "a" * 64 + "\n", ("--key", "v_nummer"), 2),
    ("the key kept in clear", "v_nummer;x\n0000000001;a\n", ("--key", "v_nummer", "--keep", "v_nummer"), 2),
    ("a row with too few columns", "v_nummer;x\n0000000001;a\n0000000002\n", ("--key", "v_nummer"), 3),
    ("no header", "\n0000000001\n", ("--key", "v_nummer"), 3),
]


@pytest.mark.parametrize(("sentence", "text", "arguments", "code"), REFUSED, ids=[one[0] for one in REFUSED])
def test_bad_input_is_refused_without_a_person_and_without_a_file(kit, tmp_path, sentence, text, arguments, code):
    assert sentence
    (tmp_path / "register.csv").write_text(text, encoding="utf-8")
    done = kit("pseudonymise", "register.csv", *arguments, "--out", "out.csv")
    assert done.returncode == code
    assert "00000000" not in done.stdout + done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["register.csv"]


def test_a_digest_of_other_persons_or_cut_short_is_not_extended(kit, tmp_path):
    write_register(tmp_path / "register.csv", 6_000)
    base = ("digest", "f", "--exact", "--register", "register.csv", "--key", "v_nummer")
    assert kit(*base, "--expect", 20, "--out", "small").returncode == 0
    (tmp_path / "cut").write_bytes((tmp_path / "small").read_bytes()[:-40])
    assert kit(*base, "--expect", 60, "--extends", "cut", "--out", "next").returncode == 3
    write_register(tmp_path / "register.csv", 5_990)
    assert kit(*base, "--expect", 60, "--extends", "small", "--out", "next").returncode == 2
    assert not (tmp_path / "next").exists()


def test_receipts_are_told_a_line_each(kit, tmp_path):
    (tmp_path / "1.receipt.json").write_text(
        '{"volgnummer": 7, "status": "rejected", "aantal": 0, "bevindingen": '
        '[{"code": "schedule.unreadable"}, {"code": "coverage.never_seen"}, {"code": "coverage.never_seen"}]}',
        encoding="utf-8",
    )
    done = kit("receipt", "1.receipt.json")
    assert done.returncode == 0
    assert done.stdout == "7  rejected  0  schedule.unreadable, coverage.never_seen ×2\n"
    (tmp_path / "2.receipt.json").write_text("{", encoding="utf-8")
    assert kit("receipt", "2.receipt.json").returncode == 3
