"""A plug-in exits or hangs in the service: other feeds are judged; readiness, doctor and channel say it."""

from __future__ import annotations

import io
import os
import sys
from datetime import timedelta

import pytest
from plugged import install_made_up

from ketenwacht.domain.result import Status
from ketenwacht.plugins.entry_points import find_plugins
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.service.state import check_readiness
from ketenwacht.store import History
from ketenwacht.workflows import clock
from ketenwacht.workflows.doctor_history import check_feed_faults
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration
MODULE = """\
import datetime, os, pathlib, time
from dataclasses import dataclass, replace
from typing import ClassVar
from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.statement import Name, Statement
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

@dataclass(frozen=True, slots=True, kw_only=True)
class Greedy:
    '''Takes 3 GB of memory.'''
    kind: ClassVar[str] = "greedy"
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    name: str = "greedy"
    def judge(self, view):
        held = [b"x" * 1_000_000 for _ in range(3000)]
        return Judgement((CheckResult("greedy", Status.PASSED, Evidence.CONTRACT, f"{len(held)}"),))

@dataclass(frozen=True, kw_only=True)
class Settings:
    '''None.'''
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

@dataclass(frozen=True)
class Hangs:
    feed: str
    def find(self, at, settle, quiet):
        time.sleep(3600)

@dataclass(frozen=True)
class Locked:
    feed: str
    root: pathlib.Path
    def find(self, at, settle, quiet):
        return (Delivery(self.feed, "1", datetime.date(2024, 1, 2), arrived_at=at),)
    def verify(self, delivery):
        if (self.root / "open").exists():
            return replace(delivery, sha256="0" * 64)
        why = Statement("delivery.not_opened", {"cause": Name("PermissionError")})
        return replace(delivery, presence=Presence.UNREADABLE, problem=why)
    def load(self, delivery, into):
        into.execute("CREATE TABLE delivery AS SELECT 'a' AS a")
        return (Column("a", "text"),)

SOURCE = SourceKind(Settings, lambda feed, settings, root, zone: Hangs(feed))
LOCKED = SourceKind(Settings, lambda feed, settings, root, zone: Locked(feed, pathlib.Path(root)))
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
service: {tick: 1s, port: 0, listing: 20s, plugin: 20s}
alerts: {language: en, small_count: 1}
"""
FILES = '{kind: files, path: in, pattern: "T_{date:%Y%m%d}.csv"}'


@pytest.fixture
def root(tmp_path, monkeypatch):
    entries = {
        "ketenwacht.checks": {"leaves": "faulty:Leaves", "greedy": "faulty:Greedy"},
        "ketenwacht.sources": {"hangs": "faulty:SOURCE", "locked": "faulty:LOCKED"},
    }
    install_made_up(tmp_path / "site", "faulty", entries, faulty=MODULE)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    find_plugins.cache_clear()
    (tmp_path / "sound.yaml").write_text("checks: [{kind: schema}]\n")
    (tmp_path / "victim.yaml").write_text("checks: [{kind: schema}]\n")
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / f"T_{clock.now().date() - timedelta(days=1):%Y%m%d}.csv"
    path.write_text("id\n1\n")
    os.utime(path, (clock.now().timestamp() - 3600,) * 2)
    yield tmp_path
    find_plugins.cache_clear()
    sys.modules.pop("faulty", None)


def look(root):
    """One look of the service; what readiness, doctor and channel say, and the verdicts of the victim."""
    project, said, logged = LoadedProject.open(root / "config.yaml"), [], io.StringIO()
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(logged), write=said.append, now=clock.now)
        try:
            made.tick()
            assert len(history.runs.find("sound")) == 1, logged.getvalue()
            readiness = check_readiness(made, history, clock.now())
            statuses = [run.status for run in history.runs.find("victim")]
        finally:
            made.close()
    assert readiness.faults == ()
    doctor = [one.text for one in check_feed_faults(project) if one.subject.startswith("victim")]
    return readiness.feeds.get("victim"), doctor, said, statuses


def visible(root, place):
    """One look of the service at a victim whose fault each surface names; the verdicts of the victim."""
    feed, doctor, said, statuses = look(root)
    assert feed is not None
    assert place in feed
    assert any(place in text for text in doctor)
    assert any("The victim" in text for text in said)
    return statuses


def test_a_check_that_exits(root):
    (root / "config.yaml").write_text(CONFIG.replace("SOURCE", FILES))
    (root / "victim.yaml").write_text("checks: [{kind: leaves}, {kind: schema}]\n")
    assert visible(root, "ProcessEnded (exit status 0)") == [Status.ERROR]


def test_a_check_that_takes_more_memory_than_the_service_allows(root):
    (root / "config.yaml").write_text(
        CONFIG.replace("SOURCE", FILES).replace("tick: 1s", "tick: 1s, memory: 1_000_000_000")
    )
    (root / "victim.yaml").write_text("checks: [{kind: greedy}, {kind: schema}]\n")
    assert visible(root, "MemoryError") == [Status.ERROR]


def test_a_source_that_hangs(root):
    (root / "config.yaml").write_text(CONFIG.replace("SOURCE", "{kind: hangs}"))
    assert visible(root, "") == []


def test_a_delivery_that_cannot_be_opened_until_it_can(root):
    (root / "config.yaml").write_text(CONFIG.replace("SOURCE", "{kind: locked}"))
    assert visible(root, "no right to it") == [Status.ERROR]
    (root / "open").touch()
    feed, doctor, said, statuses = look(root)
    assert (feed, doctor) == (None, [])
    assert statuses[-1] is not Status.ERROR
    assert any("The victim" in text for text in said), "the channel hears that it is over"


def test_a_service_that_stands_by_names_no_fault_that_the_leader_has_seen_end(root):
    (root / "config.yaml").write_text(CONFIG.replace("SOURCE", FILES))
    (root / "victim.yaml").write_text("checks: [{kind: schema, columns: 3}]\n")
    project = LoadedProject.open(root / "config.yaml")
    with History.open(project.history_url()) as history:
        log = Log(io.StringIO())
        first, second = (
            Service.of(project, history, log=log, write=lambda _: None, now=clock.now) for _ in range(2)
        )
        try:
            first.tick()
            assert "victim" in check_readiness(first, history, clock.now()).feeds
            first.lease.stop()
            (root / "victim.yaml").write_text("checks: [{kind: schema}]\n")
            assert second.tick().worked
            assert not first.tick().worked
            assert check_readiness(first, history, clock.now()).feeds == {}
        finally:
            second.close()
            first.close()
