# ruff: noqa: INP001 - a script, not a package
"""What the pages cost on a large history: 200 feeds with 250 deliveries each, and incidents of past and present.

    python benchmarks/pages.py

Each page is asked for in this process, so that the processor time is that of the page alone: the first answer
after the start, and the median of five more. Beside them stands a plain SELECT of what the overview prints: the
newest run of each feed, and its counts of 13 weeks.
"""

from __future__ import annotations

import io
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, insert
from starlette.testclient import TestClient

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.measurement import ROWS, MetricKey
from ketenwacht.domain.result import Evidence, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Name, Persons, Statement
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History, tables
from ketenwacht.store.measurements import write_measurements
from ketenwacht.web import web_app
from ketenwacht.workflows.project import LoadedProject

FEEDS, DELIVERIES, CLOSED = 200, 250, 6
LAST = date(2026, 11, 27)
AT = datetime(2026, 11, 27, 9, tzinfo=UTC)
PARTS = (WHOLE, *(Segment.of({"kind": kind}) for kind in "abcdef"))
CONFIG = """version: 1
timezone: Europe/Amsterdam
history: sqlite:///history.db
alerts: {language: en}
feeds:
"""
FEED = """  {name}:
    title: Feed {name}
    sender: Sender
    receiver: Receiver
    source: {{kind: files, path: in, pattern: "T_{{date:%Y%m%d}}.csv", reader: csv}}
    schedule: {{cron: "0 7 * * mon-fri", grace: 4h}}
    segments: [[], [kind]]
"""
NEWEST = """
SELECT feed, period, presence, arrived_at, at, status, max(number)
FROM runs JOIN deliveries ON deliveries.id = runs.delivery GROUP BY feed
"""
COUNTS = """
SELECT deliveries.feed, deliveries.period, value
FROM deliveries
JOIN runs ON runs.delivery = deliveries.id
JOIN series ON series.feed = deliveries.feed AND metric = 'rows' AND segment = '[]'
JOIN measurements ON run = number AND series = series.id
WHERE period >= '2026-08-28'
"""
PAGES = ("/", "/feeds/feed010", "/incidents", "/deliveries", "/findings", "/metrics", "/readyz", "/api/v1/feeds")


def main() -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory(prefix="ketenwacht-pages-") as name:
        folder = Path(name) if len(sys.argv) == 1 else Path(sys.argv[1])
        if not (folder / "history.db").exists():
            write_history(folder)
        plain = statistics.median(measure_cpu(lambda: select_plainly(folder / "history.db")) for _ in range(5))
        sys.stdout.write(f"{'plain SELECT':16} {plain:6.3f} s of processor time\n")
        for page, first, later in measure_pages(folder):
            sys.stdout.write(f"{page:16} {later:6.3f} s, ratio {later / plain:5.2f}; first {first:.3f} s\n")


def measure_cpu(act: Callable[[], object]) -> float:
    """Return the seconds of processor time of an act in this process, all threads together."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def measure_pages(folder: Path) -> Iterator[tuple[str, float, float]]:
    """Yield each page with the seconds of its first answer, and the median of five more."""
    project = LoadedProject.open(folder / "config.yaml")
    with History.open(project.history_url()) as history:
        service = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None, now=lambda: AT)
        with TestClient(web_app(service), base_url="http://localhost", client=("127.0.0.1", 5000)) as client:
            client.get("/healthz")

            def ask(page: str) -> None:
                client.get(page).raise_for_status()

            for page in PAGES:
                first = measure_cpu(lambda page=page: ask(page))
                later = statistics.median(measure_cpu(lambda page=page: ask(page)) for _ in range(5))
                yield page, first, later
        service.close()


def select_plainly(path: Path) -> int:
    """Read what the overview prints, without this product; return the number of rows."""
    connection = sqlite3.connect(path)
    found = sum(len(connection.execute(query).fetchall()) for query in (NEWEST, COUNTS))
    connection.close()
    return found


def write_history(folder: Path) -> None:
    """Write a configuration and a history of feeds, deliveries and incidents."""
    names = [f"feed{number:03}" for number in range(FEEDS)]
    (folder / "config.yaml").write_text(CONFIG + "".join(FEED.format(name=name) for name in names), "utf-8")
    (folder / "in").mkdir(exist_ok=True)
    days = [day for day in (LAST - timedelta(n) for n in range(2 * DELIVERIES)) if day.weekday() < 5]  # noqa: PLR2004
    days = days[DELIVERIES - 1 :: -1]
    rng = np.random.default_rng(1)
    policy = LoadedProject.open(folder / "config.yaml").settings.alerts.policy
    with History.open(f"sqlite:///{folder}/history.db") as history:
        with history.database.begin() as transaction:
            for order, name in enumerate(names):
                write_runs(transaction.connection, name, order * DELIVERIES, days, rng)
        for order, name in enumerate(names):
            found = make_findings(name, days, opened=order % 4)
            for one in found:
                history.incidents.save_findings(name, [one], policy=policy, at=one.opened_at)


def write_runs(connection: Connection, feed: str, before: int, days: list[date], rng: np.random.Generator) -> None:
    """Write the deliveries of one feed, what was measured of each, and what its checks said."""
    numbers = range(before + 1, before + 1 + len(days))
    moments = [datetime(day.year, day.month, day.day, 7, 5, tzinfo=UTC) for day in days]
    connection.execute(insert(tables.deliveries), [
        {"id": n, "feed": feed, "delivery_id": f"{n - before:06}", "sha256": f"{n:064}", "period": day,
         "presence": Presence.READ, "arrived_at": at, "due_at": at, "size": 100,
         "columns": [["id", "text"], ["kind", "text"]]}
        for n, day, at in zip(numbers, days, moments, strict=True)
    ])  # fmt: skip
    connection.execute(insert(tables.runs), [
        {"number": n, "id": f"r{n}", "delivery": n, "at": at, "status": Status.UNPROVEN, "smallest": 12.0,
         "detector": 1} for n, at in zip(numbers, moments, strict=True)
    ])  # fmt: skip
    known: dict[MetricKey, int] = {}
    said = []
    for n in numbers:
        values = {MetricKey(ROWS, part): float(rng.integers(30, 60)) for part in PARTS}
        fresh, _ = write_measurements(connection, feed, n, values, known)
        known.update(fresh)
        said += [
            {"run": n, "position": position, "check_name": "volume", "segment": part, "status": Status.UNPROVEN,
             "evidence": Evidence.HISTORY, "code": "volume.normal", "params": {}, "message": "", "observed": 40.0,
             "low": 20.0, "high": 80.0, "bounded": True, "unit": "persons"}
            for position, part in enumerate(PARTS)
        ]  # fmt: skip
    connection.execute(insert(tables.results), said)


def make_findings(feed: str, days: list[date], *, opened: int) -> list[Finding]:
    """Return findings of the past that are closed, and `opened` (0 to 3) that are open today."""
    ended = [
        make_finding(feed, number, days[20 + 30 * number], days[40 + 30 * number]) for number in range(CLOSED)
    ]
    return ended + [make_finding(feed, 10 + number, days[-5], None) for number in range(opened)]


def make_finding(feed: str, number: int, day: date, ended: date | None) -> Finding:
    """Return a finding of missing persons that opened on a day, and closed on another."""
    found = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    end = None if ended is None else datetime(ended.year, ended.month, ended.day, 8, tzinfo=UTC)
    since = day - timedelta(days=10)
    said = Statement("volume.shortfall", {"column": Name("rows"), "persons": Persons(88.0), "since": since})
    return Finding(
        id=f"{feed}-{number}",
        fingerprint=Fingerprint(feed, "volume", PARTS[1 + number % 6]),
        state=State.OPEN if end is None else State.CLOSED,
        nature=Nature.FAILED,
        severity=Severity.HIGH,
        evidence=Evidence.HISTORY,
        opened_at=found,
        changed_at=end or found,
        period=day,
        said=said,
        missing=Missing(since, 88.0, 60.0, 110.0),
        resolved_at=end,
        closed_at=end,
        last_period=ended or LAST,
    )


if __name__ == "__main__":
    main()
