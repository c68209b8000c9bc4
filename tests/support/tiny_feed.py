"""A tiny daily feed in a folder of its own, and deliveries that arrive when a test wants them to."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ketenwacht.store import History
from ketenwacht.workflows.contexts import build_context
from ketenwacht.workflows.intake import open_intake
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.session import FeedSession

CONFIG = """
version: 1
timezone: Europe/Amsterdam
history: {history}
feeds:
  tiny:
    title: A tiny feed
    source: {{kind: files, path: in, pattern: "T_{{date:%Y%m%d}}.csv", reader: csv}}
    schedule: {{cron: "0 7 * * mon-fri", calendar: NL, grace: 4h}}
    segments: [[], [kind]]
    checks: checks.yaml
service: {{tick: 1s, port: 0, {service}}}
alerts: {{language: en{alerts}}}
"""
CHECKS = """
checks:
  - kind: schedule
  - kind: volume
declared:
{declared}
"""


@dataclass(frozen=True)
class Tiny:
    """The feed's folder."""

    root: Path
    history: str

    @property
    def project(self) -> LoadedProject:
        return LoadedProject.open(self.root / "config.yaml")

    def deliver(self, day: date, *, arrived: datetime, rows: int = 30) -> Path:
        path = self.root / "in" / f"T_{day:%Y%m%d}.csv"
        path.write_text("id;kind\n" + "".join(f"{i};{'ab'[i % 2]}\n" for i in range(rows)))
        os.utime(path, (arrived.timestamp(), arrived.timestamp()))
        return path

    @contextmanager
    def session(self):
        project = self.project
        with History.open(project.history_url()) as history:
            context = build_context(project, project.feed(None))
            with open_intake(project, context, history, lambda *_: None) as intake:
                yield FeedSession(project, context, history, intake)


def tiny_feed(root: Path, *, history="sqlite:///var/history.db", service="", alerts="", declared="") -> Tiny:
    (root / "in").mkdir(parents=True)
    text = CONFIG.format(history=history, service=service, alerts=alerts)
    (root / "config.yaml").write_text(text)
    (root / "checks.yaml").write_text(CHECKS.format(declared=declared or "  []"))
    return Tiny(root, history)
