"""Whatever goes wrong with one feed, the others are judged; channel and readiness say what is wrong with it."""

from __future__ import annotations

import io
import json
import os
from contextlib import contextmanager
from datetime import timedelta

import pytest

from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.service.state import check_readiness
from ketenwacht.store import History
from ketenwacht.workflows import clock
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration

CONFIG = """
version: 1
timezone: Europe/Amsterdam
history: sqlite:///history.db
feeds:
  faulty:
    title: Faulty
    source: {kind: files, path: in-faulty, pattern: "T_{date:%Y%m%d}.csv"}
    segments: [[], [kind]]
    checks: faulty.yaml
  sound:
    title: Sound
    source: {kind: files, path: in-sound, pattern: "T_{date:%Y%m%d}.csv"}
    segments: [[], [kind]]
    checks: sound.yaml
service: {tick: 1s, port: 0}
alerts: {language: en, small_count: 1}
"""
CHECKS = "checks:\n  - kind: volume\n"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "config.yaml").write_text(CONFIG)
    for feed in ("faulty", "sound"):
        (tmp_path / f"{feed}.yaml").write_text(CHECKS)
        (tmp_path / f"in-{feed}").mkdir()
    deliver(tmp_path, 1)
    return tmp_path


def deliver(root, days_ago):
    day = clock.now().date() - timedelta(days=days_ago)
    for feed in ("faulty", "sound"):
        path = root / f"in-{feed}" / f"T_{day:%Y%m%d}.csv"
        path.write_text("id;kind\n" + "1;a\n2;b\n" * 10)
        written = clock.now().timestamp() - 3600
        os.utime(path, (written, written))


@contextmanager
def service(root, said, *, now=clock.now, log=None):
    project = LoadedProject.open(root / "config.yaml")
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(log or io.StringIO()), write=said.append, now=now)
        try:
            yield made
        finally:
            made.close()


def judged(made, feed):
    return len(made.history.runs.find(feed))


def impossible_day(root, patch):
    del patch
    (root / "faulty.yaml").write_text(
        CHECKS + "declared:\n  - {kind: pause, first: 2022-02-30, last: 2022-03-01}\n"
    )


def no_checks_file(root, patch):
    del patch
    (root / "faulty.yaml").unlink()


def folder_that_is_a_file(root, patch):
    del patch
    for file in (root / "in-faulty").iterdir():
        file.unlink()
    (root / "in-faulty").rmdir()
    (root / "in-faulty").write_text("no folder")


KINDS = [
    ("a day that does not exist in its checks", impossible_day, "ConfigError", "judging.failed"),
    ("a checks file that is gone", no_checks_file, "ConfigError", "judging.failed"),
    ("a folder that is none", folder_that_is_a_file, "DeliveryError", "judging.source"),
]


@pytest.mark.parametrize(("sentence", "break_it", "fault", "code"), KINDS, ids=[one[0] for one in KINDS])
def test_a_fault_of_one_feed_is_its_own_finding_and_ends_when_it_is_mended(root, sentence, break_it, fault, code):
    kept = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    break_it(root, None)
    said = []
    with service(root, said) as made:
        for _ in range(2):
            made.tick()
        assert (judged(made, "faulty"), judged(made, "sound")) == (0, 1), "the other feed is judged"
        state = check_readiness(made, made.history, clock.now())
        assert state.faults == (), "one feed's fault does not take the service out of rotation"
        assert list(state.feeds) == ["faulty"]
        assert state.feeds["faulty"].startswith(fault)
        (finding,) = made.history.findings.find("faulty")
        assert (finding.fingerprint.check, finding.said.code) == ("judging", code)
        alerts = [line for line in said if "audit log" not in line]  # no daily summary
        assert len([line for line in alerts if "cannot be judged" in line]) == 1, "it is told once"
        if (root / "in-faulty").is_file():
            (root / "in-faulty").unlink()
            (root / "in-faulty").mkdir()
        for path, content in kept.items():
            path.write_bytes(content)
            os.utime(path, (clock.now().timestamp() - 3600,) * 2)
        made.tick()
        assert judged(made, "faulty") == 1
        assert made.history.findings.find("faulty")[0].active is False
        assert check_readiness(made, made.history, clock.now()).feeds == {}


def test_a_fault_that_lasts_is_logged_once(root):
    impossible_day(root, None)
    log = io.StringIO()
    with service(root, [], log=log) as made:
        for _ in range(3):
            made.tick()
        (root / "faulty.yaml").write_text(CHECKS)
        made.tick()
        impossible_day(root, None)
        made._sessions.close()  # noqa: SLF001 - as a new day does
        made.tick()
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    failed = [line["object"] for line in lines if (line["action"], line["result"]) == ("work", "failed")]
    assert failed == ["faulty", "faulty"], "once a change"


def test_settings_that_break_overnight_leave_the_old_ones_in_force_and_are_told(root):
    said, ahead = [], [timedelta(0)]
    with service(root, said, now=lambda: clock.now() + ahead[0]) as made:
        made.tick()
        assert judged(made, "faulty") == 1
        impossible_day(root, None)
        deliver(root, 0)
        ahead[0] = timedelta(days=1)
        made.tick()
        assert judged(made, "faulty") == 2, "the settings of the day before stay in force"
        assert check_readiness(made, made.history, clock.now()).feeds["faulty"].startswith("ConfigError")
        (finding,) = [f for f in made.history.findings.find("faulty") if f.fingerprint.check == "judging"]
        assert finding.said.code == "judging.old_settings"
        (root / "faulty.yaml").write_text(CHECKS)
        made.tick()
        assert check_readiness(made, made.history, clock.now()).feeds == {}
