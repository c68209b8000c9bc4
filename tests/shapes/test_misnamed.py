"""A file whose name nearly matches the pattern is named where its delivery is missing."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest

from ketenwacht.cli.root import run

pytestmark = pytest.mark.integration
AT = "2023-01-17T20:00Z"
CONFIG = """
version: 1
feeds:
  persons:
    source: {kind: files, path: in, pattern: "F_{date:%Y%m%d}.csv", reader: csv, manifest: "{stem}.json"}
"""
SCHEDULE = '    schedule: {cron: "0 9 * * *", grace: 4h}\n'
MANIFEST = {"periode": {"van": "2023-01-16", "tot": "2023-01-16"}}


@pytest.fixture
def folder(tmp_path):
    def make(*, schedule, names):
        (tmp_path / "config.yaml").write_text(CONFIG + SCHEDULE * schedule)
        (tmp_path / "in").mkdir()
        rows = "code\n" + "A\n" * 30
        (tmp_path / "in/F_20230116.csv").write_text(rows)
        (tmp_path / "in/F_20230116.json").write_text(json.dumps(MANIFEST))
        for name in names:
            (tmp_path / "in" / name).write_text(rows)
        came = datetime(2023, 1, 17, 8, tzinfo=UTC).timestamp()
        for path in (tmp_path / "in").iterdir():
            os.utime(path, (came, came))
        return ["-c", str(tmp_path / "config.yaml")]

    return make


def test_the_missing_delivery_names_the_file_that_looks_like_it(folder, capsys):
    config = folder(schedule=True, names=("F_20230117.CSV", "F_20230109.CSV"))
    assert run([*config, "check", "--at", AT, "--format", "json"]) == 1
    assert "F_20230117.CSV looks like it" in capsys.readouterr().out


def test_a_missing_delivery_does_not_name_a_file_of_another_day(folder, capsys):
    config = folder(schedule=True, names=("F_20230109.CSV",))
    assert run([*config, "check", "--at", AT, "--format", "json"]) == 1
    assert "F_20230109" not in capsys.readouterr().out


def test_without_a_schedule_the_command_names_it(folder, capsys):
    config = folder(schedule=False, names=("F_20230117.csv.gz",))
    run([*config, "check", "--at", AT])
    assert "F_20230117.csv.gz" in capsys.readouterr().err


def test_doctor_names_it(folder, capsys):
    config = folder(schedule=True, names=("F_20230117.CSV",))
    run([*config, "doctor"])
    assert "F_20230117.CSV looks like a delivery" in " ".join(capsys.readouterr().out.split())


def test_a_name_that_could_be_a_persons_is_withheld(folder, capsys):
    config = folder(schedule=False, names=("F_999912345.csv",))
    run([*config, "check", "--at", AT])
    out = capsys.readouterr()
    assert "looks like a delivery" in out.err
    assert "999912345" not in out.err + out.out


def test_a_manifest_is_no_delivery(folder, capsys):
    config = folder(schedule=False, names=())
    run([*config, "check", "--at", AT])
    assert "looks like" not in capsys.readouterr().err
