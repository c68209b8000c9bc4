"""The sample feed arrives live at a speed-up: by a fast clock, each delivery when its moment has come."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from ketenwacht.errors import ConfigError
from ketenwacht.service.live import MARK, FastClock, deliver_files, prepare_folder, schedule_arrivals

ROOT = Path(__file__).resolve().parents[2]
FIRST = datetime(2024, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("sentence", "ago", "shown"),
    [
        ("it begins at its first moment", 0.0, FIRST),
        ("half a day goes by in half of what a day takes", 1.0, FIRST + DAY / 2),
        ("it stands still at its last", 60.0, FIRST + 3 * DAY),
    ],
)
def test_a_fast_clock(sentence, ago, shown):
    clock = FastClock.of(FIRST, FIRST + 3 * DAY, day=2.0)
    early = FastClock(clock.first, clock.last, clock.speed, monotonic() - ago)
    assert abs(early() - shown) < timedelta(hours=2)


def test_a_day_that_takes_no_time_is_refused():
    with pytest.raises(ConfigError, match="--day"):
        FastClock.of(FIRST, FIRST + DAY, day=0)


def test_files_arrive_when_their_moment_has_come_the_manifest_last(tmp_path):
    source, into = tmp_path / "all", tmp_path / "in"
    source.mkdir()
    into.mkdir()
    for day, name in [(2, "b.csv"), (1, "a.manifest.json"), (1, "a.csv"), (9, "z.csv")]:
        (source / name).write_text(name)
        moment = (FIRST + day * DAY).timestamp()
        os.utime(source / name, (moment, moment))
    now, told, enough = [FIRST], [], Event()

    def tell(one):
        told.append(one.path.name)
        if len(told) == 3:
            enough.set()

    with deliver_files(schedule_arrivals(source), into, lambda: now[0], tell):
        assert not enough.wait(0.3)
        assert told == []
        now[0] = FIRST + 2 * DAY
        assert enough.wait(10)
    assert told == ["a.csv", "a.manifest.json", "b.csv"]
    assert sorted(path.name for path in into.iterdir()) == ["a.csv", "a.manifest.json", "b.csv"]
    assert (into / "b.csv").stat().st_mtime == (FIRST + 2 * DAY).timestamp()


def test_only_a_folder_that_was_made_here_is_emptied(tmp_path):
    stand = tmp_path / "live"
    config = prepare_folder(ROOT, stand)
    assert (stand / "checks/ind_duo.yaml").exists()
    (stand / "old").touch()
    assert prepare_folder(ROOT, stand) == config
    assert not (stand / "old").exists()
    (stand / MARK).unlink()
    with pytest.raises(ConfigError, match="holds something else"):
        prepare_folder(ROOT, stand)


@pytest.mark.e2e
def test_a_week_of_the_sample_comes_in_and_is_judged(tmp_path):
    for name in ("config.yaml", "checks", "expectations"):
        (tmp_path / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "ketenwacht.cli.live", "--day", "1", "--to", "2022-01-11", "--port", "0"]
    log = tmp_path / "var/live/service.log"
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert eventually(lambda: log.exists() and len(judged_in(log)) >= 6, 90)
        finally:
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=30)[0]
    assert process.returncode == 0
    assert judged_in(log)[:6] == [(f"ind-duo/{number:06}", "read") for number in range(1, 7)]
    assert "Mon 10 Jan 2022 arrives IND-DUO_20220110_000006.csv" in said


def judged_in(log):
    """Every delivery that a log says was judged, once: evidence that comes has it judged again."""
    whole = [line for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]
    lines = [json.loads(line) for line in whole if '"action": "judge"' in line]
    return list(dict.fromkeys((line["object"], line["presence"]) for line in lines))


def eventually(what, seconds):
    end, pause = monotonic() + seconds, Event()
    while not what() and monotonic() < end:
        pause.wait(0.2)
    return what()
