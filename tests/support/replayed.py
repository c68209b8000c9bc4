"""A short replay of the sample feed with its loss in it, made once and copied for every test."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ketenwacht.cli.root import run

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("--set", "feeds.ind-duo.suites=[]", "--set", "alerts.language=en")
"""Without a suite nothing here needs Great Expectations."""


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Place:
    """A folder with a configuration, in which commands are run in this process."""

    root: Path

    def __call__(self, *arguments: str) -> Said:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(["-c", str(self.root / "config.yaml"), *SETTINGS, *arguments])
        return Said(code, out.getvalue(), err.getvalue())

    @property
    def live(self) -> Path:
        return self.root / "var/history.db"

    @property
    def replayed(self) -> Path:
        return self.root / "var/history.replay.db"

    def go_live(self) -> None:
        """What was replayed is what was judged live."""
        shutil.move(self.replayed, self.live)


def configured(root: Path) -> Place:
    """A configuration with its checks, and no data."""
    shutil.copy(ROOT / "config.yaml", root)
    shutil.copytree(ROOT / "checks", root / "checks")
    return Place(root)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eleven deliveries, three incidents found on the last of them by the sender's register."""
    place = configured(tmp_path_factory.mktemp("made"))
    span = ("--from", "2022-01-01", "--to", "2022-01-17")
    simulated = place(
        "simulate", str(place.root / "var/sample"), *span, "--seed", "7", "--scenario", "incident-2022"
    )
    assert simulated.code == 0, simulated.err
    judged = place("replay", *span)
    assert judged.code == 1, judged.err
    return place.root


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A copy of it, in a shell with nothing set."""
    monkeypatch.setenv("COLUMNS", "100")
    for name in (
        "KETENWACHT_HISTORY",
        "KETENWACHT_KEYS",
        "KETENWACHT_KEYS_FILE",
        "SLACK_CHANNEL",
        "SLACK_BOT_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "feed"
    shutil.copytree(made, root)
    return Place(root)
