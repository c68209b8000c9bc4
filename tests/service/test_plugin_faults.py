"""A plug-in exits or hangs in the service: other feeds are judged; readiness, doctor and channel say it."""

from __future__ import annotations

import io
import os
import sys
from datetime import timedelta

import pytest
from plugged import install_made_up

from ketenwacht.domain.result import Status
from ketenwacht.plugins import list_plugins
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.service.state import check_readiness
from ketenwacht.store import History
from ketenwacht.workflows import clock
from ketenwacht.workflows.doctor_history import check_feed_faults
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration
MODULE = """\
import datetime, os, time
from dataclasses import dataclass
from typing import ClassVar
from ketenwacht.plugin_api import *
STRICT = dict(extra="forbid")

@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    '''Exits.'''
    kind: ClassVar[str] = "leaves"
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    name: str = "leaves"
    def judge(self, view):
        os._exit(0)

@dataclass(frozen=True, kw_only=True)
class Settings:
    '''None.'''
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

@dataclass(frozen=True)
class Hangs:
    feed: str
    def find(self, at, settle, quiet):
        time.sleep(3600)

SOURCE = SourceKind(Settings, lambda feed, settings, root, zone: Hangs(feed))
"""
CONFIG = """\
version: 1
timezone: Europe/Amsterdam
history: sqlite:///history.db
feeds:
  victim:
    title: The victim
    source: SOURCE
    segments: [[]]
    checks: victim.yaml
  sound:
    title: Sound
    source: {kind: files, path: in, pattern: "T_{date:%Y%m%d}.csv"}
    segments: [[]]
    checks: sound.yaml
service: {tick: 1s, port: 0, listing: 8s, plugin: 20s}
alerts: {language: en, small_count: 1}
"""
FILES = '{kind: files, path: in, pattern: "T_{date:%Y%m%d}.csv"}'


@pytest.fixture
def root(tmp_path, monkeypatch):
    entries = {"ketenwacht.checks": {"leaves": "faulty:Leaves"}, "ketenwacht.sources": {"hangs": "faulty:SOURCE"}}
    install_made_up(tmp_path / "site", "faulty", entries, faulty=MODULE)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    list_plugins.cache_clear()
    (tmp_path / "sound.yaml").write_text("checks: [{kind: schema}]\n")
    (tmp_path / "victim.yaml").write_text("checks: [{kind: schema}]\n")
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / f"T_{clock.now().date() - timedelta(days=1):%Y%m%d}.csv"
    path.write_text("id\n1\n")
    os.utime(path, (clock.now().timestamp() - 3600,) * 2)
    yield tmp_path
    list_plugins.cache_clear()
    sys.modules.pop("faulty", None)


def visible(root, place):
    """One look of the service; what readiness, doctor and channel say of the victim."""
    project, said = LoadedProject.open(root / "config.yaml"), []
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(io.StringIO()), write=said.append, now=clock.now)
        try:
            made.tick()
            assert len(history.runs.find("sound")) == 1, "the other feed is judged"
            readiness = check_readiness(made, history, clock.now())
            statuses = [run.status for run in history.runs.find("victim")]
        finally:
            made.close()
    assert readiness.faults == ()
    assert place in readiness.feeds["victim"]
    assert any(place in one.text for one in check_feed_faults(project) if one.subject.startswith("victim"))
    assert any("The victim" in text for text in said)
    return statuses


def test_a_check_that_exits(root):
    (root / "config.yaml").write_text(CONFIG.replace("SOURCE", FILES))
    (root / "victim.yaml").write_text("checks: [{kind: leaves}, {kind: schema}]\n")
    assert visible(root, "ProcessEnded (exit status 0)") == [Status.ERROR]


def test_a_source_that_hangs(root):
    (root / "config.yaml").write_text(CONFIG.replace("SOURCE", "{kind: hangs}"))
    assert visible(root, "") == []
