"""A plug-in that hangs, exits or eats memory stops nothing but itself: not the command, nor another feed."""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import timedelta
from importlib import import_module
from threading import Event
from time import monotonic

import pytest
from plugged import install_made_up, plugged_project

from ketenwacht.errors import ConfigError
from ketenwacht.plugins.isolation import PluginLimits, call_apart, stop_calls
from ketenwacht.processes import CallRaised, End, ProcessEnded, WorkStopped

MIB = 1024**2
SHORT = PluginLimits(timedelta(seconds=1.5), 200 * MIB)


def exit_at_once(status):
    os._exit(status)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def hang():
    Event().wait(600)


def eat():
    hoard = []
    while True:
        hoard.append(b"x" * 10 * MIB)


def find_number(module):
    return import_module(module).NUMBER


def refuse():
    raise ConfigError("a", "b", "c")


@pytest.mark.parametrize(
    ("sentence", "work", "args", "end", "cause"),
    [
        ("it ends its process", exit_at_once, (0,), End.EXITED, "ProcessEnded (exit status 0)"),
        ("it is killed", die, (), End.EXITED, "ProcessEnded (SIGKILL)"),
        ("it hangs", hang, (), End.TOTAL, "TimeoutError at "),
        ("it eats memory", eat, (), End.MEMORY, "MemoryError at plugins/test_isolation.py:"),
    ],
)
def test_a_call_that_goes_over_a_limit_tells_class_and_place(sentence, work, args, end, cause):
    with pytest.raises(ProcessEnded) as fault:
        call_apart(sentence, SHORT, work, *args)
    assert fault.value.end is end
    assert fault.value.cause.startswith(cause)
    assert call_apart("another", SHORT, len, "abc") == 3, "the next call has a process again"


def test_a_call_that_exits_or_raises_tells_class_and_place():
    for work, cause in ((sys.exit, "SystemExit at "), (int, "ValueError at ")):
        with pytest.raises(CallRaised) as fault:
            call_apart("raises", SHORT, work, "x")
        assert fault.value.cause.startswith(cause)
    with pytest.raises(ConfigError, match="a: b — c"):
        call_apart("raises", SHORT, refuse)


def test_who_ended_the_process_twice_is_not_called_again_for_some_time():
    for _ in range(2):
        with pytest.raises(ProcessEnded):
            call_apart("twice", SHORT, exit_at_once, 0)
    with pytest.raises(ProcessEnded) as fault:
        call_apart("twice", SHORT, len, "abc")
    assert fault.value.cause == "ProcessEnded (exit status 0)"


def test_the_end_of_the_service_does_not_wait_for_a_call():
    try:
        stop_calls()
        began = monotonic()
        with pytest.raises(WorkStopped):
            call_apart("late", PluginLimits(), hang)
        assert monotonic() - began < 30
    finally:
        stop_calls(stopped=False)


MODULE = """\
import contextlib, datetime, os, sys, time
from dataclasses import dataclass
from typing import ClassVar
from ketenwacht.plugin_api import *
STRICT = dict(extra="forbid")
MARK = "999912345"

def hang():
    time.sleep(600)
def leave():
    os._exit(0)
def eat():
    hoard = []
    while True:
        hoard.append(b"x" * 10_000_000)

ODD = dict(hang=hang, leave=leave, eat=eat, exit=sys.exit)

@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    '''Does something odd.'''
    kind: ClassVar[str] = "odd"
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    how: str
    name: str = "odd"
    def judge(self, view):
        ODD[self.how]()

@dataclass(frozen=True, kw_only=True)
class Settings:
    '''What it does, and where.'''
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    how: str = ""
    where: str = ""

@dataclass(frozen=True)
class Reader:
    feed: str
    settings: Settings
    def odd(self, where):
        if self.settings.where == where:
            ODD[self.settings.how]()
    def find(self, at, settle, quiet):
        self.odd("find")
        return (Delivery(self.feed, 'd', datetime.date(2024, 1, 1)),)
    def verify(self, delivery):
        self.odd("verify")
        return delivery
    def load(self, delivery, into):
        self.odd("load")
        into.execute('CREATE TABLE delivery (a TEXT)')
        return (Column('a', 'text'),)

class Medium:
    pause = 0.0
    pictures = False
    def __init__(self, settings):
        self.settings = settings
    def send(self, alert, thread):
        if self.settings.how:
            ODD[self.settings.how]()
        with open(self.settings.where, "a") as file:
            print("sent", file=file)
    def edit(self, alert, thread):
        pass
    def find(self, alert, thread):
        return None
    def probe(self):
        return "fine"

SOURCE = SourceKind(Settings, lambda feed, settings, root, zone: Reader(feed, settings))
MEDIUM = MediumKind(Settings, Medium)
"""
ENTRIES = {
    "ketenwacht.checks": {"odd": "oddly:Odd"},
    "ketenwacht.sources": {"odd": "oddly:SOURCE"},
    "ketenwacht.media": {"odd": "oddly:MEDIUM"},
}
CONFIG = """\
version: 1
service: {plugin: 8s, standstill: 3s, listing: 20s, memory: 500000000}
feeds:
  one:
    source: SOURCE
    checks: checks.yaml
alerts:
  language: en
"""
FILES = '{kind: files, path: in, pattern: "{date:%Y%m%d}.json", reader: jsonl}'


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("oddly") / "site"
    install_made_up(folder, "oddly", ENTRIES, oddly=MODULE)
    return {"PYTHONPATH": str(folder)}


def make_project(root, source=FILES, checks="checks: [{kind: schema}]\n", more=""):
    project = plugged_project(root, config=CONFIG.replace("SOURCE", source) + more, checks=checks)
    for path in sorted((root / "in").iterdir())[1:]:
        path.unlink()
    (root / "in/20240101.json").write_text('{"id": 1}\n')
    return project


@pytest.mark.e2e
def test_checks_that_hang_exit_and_eat_are_errors_and_the_others_judge(tmp_path, site):
    names = ("leave", "hang", "eat", "exit")
    odd = "".join(f"  - {{kind: odd, name: {how}, how: {how}}}\n" for how in names)
    project = make_project(tmp_path / "p", checks=f"checks:\n{odd}  - kind: schema\n")
    done = project.run("check", "--format", "json", env=site)
    assert done.code == 3, done.err
    said = {r["check"]: (r["status"], r["message"]) for r in json.loads(done.out.splitlines()[0])["results"]}
    assert {name: said[name][0] for name in (*names, "schema")} == dict.fromkeys(names, "error") | {
        "schema": "passed"
    }
    for name, cause in (
        ("leave", "ProcessEnded (exit status 0)"),
        ("hang", "TimeoutError at site/oddly.py:9"),
        ("eat", "MemoryError at site/oddly.py:1"),
        ("exit", "SystemExit at site/oddly.py"),
    ):
        assert cause in said[name][1], said


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("where", "how", "said"),
    [
        ("find", "leave", "ProcessEnded (exit status 0)"),
        ("find", "hang", "TimeoutError at site/oddly.py"),
        ("load", "leave", "its process ended"),
        ("verify", "hang", "reading stood still for 3 seconds"),
    ],
)
def test_a_source_that_hangs_or_exits_ends_the_command_with_the_code_for_could_not_judge(
    tmp_path, site, where, how, said
):
    project = make_project(tmp_path / "p", source=f"{{kind: odd, where: {where}, how: {how}}}")
    done = project.run("check", "--format", "json", env=site)
    assert done.code == 3, done.out + done.err
    assert said in done.out + done.err
    assert "Traceback" not in done.err


@pytest.mark.e2e
def test_a_medium_that_exits_leaves_its_alert_in_the_outbox_and_the_other_medium_is_told(tmp_path, site):
    routes = f"""\
  routes:
    - {{name: broken, media: {{odd: {{how: leave}}}}}}
    - {{name: sound, media: {{odd: {{where: "{tmp_path}/told"}}}}}}
"""
    project = make_project(tmp_path / "p", checks="checks: [{kind: schema, columns: [other]}]\n", more=routes)
    done = project.run("check", env=site)
    assert done.code == 4, done.out + done.err
    assert (tmp_path / "told").read_text() == "sent\n"
    assert "ProcessEnded (exit status 0)" in project.run("alerts", "list", "--format", "json", env=site).out


def test_a_package_that_is_installed_later_is_found(tmp_path, monkeypatch):
    assert call_apart("before", SHORT, len, "abc") == 3
    (tmp_path / "came_later.py").write_text("NUMBER = 7\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert call_apart("after", SHORT, find_number, "came_later") == 7


def test_calls_share_a_process_while_the_places_of_modules_stay_the_same():
    assert call_apart("one", SHORT, os.getpid) == call_apart("other", SHORT, os.getpid)
