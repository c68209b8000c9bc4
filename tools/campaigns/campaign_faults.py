"""Faults that last for some time: whether other feeds are judged meanwhile, and whether each fault is visible.

One feed, the victim, is read and judged by a plug-in that hangs, exits or fails when a file says so. Visible
means: in the body of `/readyz`, in `doctor`, and in an alert of the outbox, which a history that cannot be written
lacks. In time means: within `LOOKS` ticks of the service, which pings the campaign after each, and a minute; a
busy machine only makes them longer.
"""

from __future__ import annotations

import json
import shutil
import socket
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Protocol, Self

import psycopg
from campaign_place import ROLE

from ketenwacht.domain.findings.policy import Policy
from ketenwacht.errors import KetenwachtError
from ketenwacht.store import History
from ketenwacht.workflows.doctor import examine
from ketenwacht.workflows.doctor_history import Symptom, SymptomLevel

LOOKS = 8  # ticks after which a fault must be visible, and everything that came be judged
LEAST = 60.0  # seconds that each surface gets in any case: on a busy machine one look takes several
PATIENCE = 900.0  # seconds without so many ticks: nobody works any more
FLOOD = 1100  # connections that send half a request
VICTIM = "victim"
CHECKS = "checks: [{kind: schema}, {kind: odd}]\n"
_PAUSE = Event()
_PLUGIN = '''\
import datetime, os, pathlib, time
from dataclasses import dataclass, replace
from typing import ClassVar
from ketenwacht.plugin_api import *
from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.statement import Name, Statement

HERE = pathlib.Path(__file__).parents[1]
STRICT = dict(extra="forbid")

def mode():
    return (HERE / "victim-mode").read_text()

@dataclass(frozen=True, kw_only=True)
class Settings:
    """None."""
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

@dataclass(frozen=True)
class Reader:
    feed: str
    def find(self, at, settle, quiet):
        if mode() == "hung source":
            time.sleep(3600)
        days = sorted(path.name for path in (HERE / "in/victim").iterdir())
        return tuple(Delivery(self.feed, day, datetime.date.fromisoformat(day)) for day in days)
    def verify(self, delivery):
        if mode() == "unreadable":
            why = Statement("delivery.not_opened", {"cause": Name("PermissionError")})
            return replace(delivery, presence=Presence.UNREADABLE, problem=why)
        return replace(delivery, sha256="0" * 64)
    def load(self, delivery, into):
        into.execute("CREATE TABLE delivery AS SELECT 'a' AS a")
        return (Column("a", "text"),)

@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """Exits when it is told to."""
    kind: ClassVar[str] = "odd"
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    name: str = "odd"
    def judge(self, view):
        if mode() == "exiting plug-in":
            os._exit(0)
        return Judgement((CheckResult("odd", Status.PASSED, Evidence.CONTRACT, "fine"),))

SOURCE = SourceKind(Settings, lambda feed, settings, root, zone: Reader(feed))
'''


class Place(Protocol):
    """Where the history is.

    Attributes:
        url: as the services use it.
        admin_url: of the same database, with every right.
    """

    url: str
    admin_url: str
    kinds: tuple[str, ...]


class Watched(Protocol):
    """What the faults need of a campaign."""

    place: Place

    def history(self) -> History:
        """The history."""

    def leader(self) -> int:
        """The process that works."""

    def all_judged(self, history: History) -> bool:
        """Whether everything that came for the other feeds was judged."""

    def next_day(self) -> str:
        """Return the day of a new delivery of the victim."""

    def pass_midnight(self) -> None:
        """Let the clock go on to the next day, on which settings are read anew."""


class Pings:
    """The dead-man's switch of the services: counts the ticks that ended, well or not."""

    def __init__(self) -> None:
        self.ended = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_port}/ping"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _handler(pings: Self) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the request's
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pings.ended += not self.path.endswith("/start")
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class Victim:
    """The feed that suffers, and what was not seen of it."""

    def __init__(self, folder: Path, pings: Pings) -> None:
        self.folder, self.missed, self.pings = folder, Counter[str](), pings
        self.site = folder / "site"
        info = self.site / "oddly-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: oddly\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            "[ketenwacht.sources]\nodd = oddly:SOURCE\n[ketenwacht.checks]\nodd = oddly:Odd\n"
        )
        (self.site / "oddly.py").write_text(_PLUGIN)
        (folder / "in/victim").mkdir(parents=True, exist_ok=True)
        (folder / "victim.yaml").write_text(CHECKS)
        self._tell("well")

    def _tell(self, mode: str) -> None:
        (self.folder / "victim-mode").write_text(mode)

    def suffer(self, campaign: Watched, kind: str) -> None:
        """Begin a fault of the victim, see that it is visible and that the others are judged, and end it."""
        told = self._alerts(campaign)
        if kind == "bad reload":
            (self.folder / "victim.yaml").write_text("checks: [{kind: schema, columns: 3}]\n")
            campaign.pass_midnight()
        else:
            self._tell(kind)
        (self.folder / "in/victim" / campaign.next_day()).touch()
        surfaces: dict[str, Callable[[Watched], bool]] = {
            "readyz": self._in_readyz,
            "doctor": self._in_doctor,
            "channel": lambda one: self._in_channel(one, told),
        }
        self._expect(campaign, kind, surfaces)
        (self.folder / "victim.yaml").write_text(CHECKS)
        self._tell("well")
        (self.folder / "in/victim" / campaign.next_day()).touch()
        self._expect(campaign, f"{kind} over", {"recovery": lambda one: not self._in_readyz(one)})

    def flood(self, campaign: Watched) -> None:
        """Open connections that never send a whole request."""
        address = self._pages(campaign.leader())
        if address is None:
            return
        host, _, port = address.rpartition("//")[2].partition(":")
        open_ones: list[socket.socket] = []
        for _ in range(FLOOD):
            with suppress(OSError):
                one = socket.create_connection((host, int(port)), timeout=2)
                one.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-a: ")
                open_ones.append(one)
        self._expect(campaign, "flood", {})
        for one in open_ones:
            one.close()

    def refuse_writes(
        self, campaign: Watched, kind: str, refusing: Callable[[str], AbstractContextManager[None]]
    ) -> None:
        """Let the server refuse every write for some time: it was set read-only, or the role lost its rights."""
        with refusing(campaign.place.admin_url):
            seen = {
                "readyz": lambda one: self._not_ready(one, "cannot be written"),
                "doctor": self._history_in_doctor,
            }
            self._expect(campaign, kind, seen, judged=False)
        over = {"recovery": lambda one: not self._not_ready(one, "cannot be written")}
        self._expect(campaign, f"{kind} over", over)

    def expect_standby(self, campaign: Watched, pid: int) -> None:
        """See that a service on a standby of the server says that it cannot write there."""
        said = {"readyz": lambda _: "read-only replica" in json.dumps(self._ask(pid))}
        self._expect(campaign, "standby", said)

    def expect_refused(self, campaign: Watched, pid: int) -> None:
        """See that a service says that its leader lock cannot be held."""
        self._expect(campaign, "pooled lock", {"readyz": lambda _: "PooledLock" in json.dumps(self._ask(pid))})

    def _expect(
        self, campaign: Watched, kind: str, seen: dict[str, Callable[[Watched], bool]], *, judged: bool = True
    ) -> None:
        wanted = {**seen, **({"others judged": self._others_judged} if judged else {})}
        begun, last = monotonic(), self.pings.ended + LOOKS
        over = False
        while wanted and not over:
            spent = monotonic() - begun  # before the last look at what there is
            over = spent > PATIENCE or (self.pings.ended >= last and spent > LEAST)
            for name, look in list(wanted.items()):
                with suppress(KetenwachtError, OSError, ValueError):
                    if look(campaign):
                        del wanted[name]
            _PAUSE.wait(0.5)
        self.missed.update(f"{kind}: {name}" for name in wanted)

    def _others_judged(self, campaign: Watched) -> bool:
        with closing(campaign.history()) as history:
            return campaign.all_judged(history)

    def _in_readyz(self, campaign: Watched) -> bool:
        return VICTIM in self._readyz(campaign).get("feeds", {})

    def _not_ready(self, campaign: Watched, said: str) -> bool:
        return any(said in fault for fault in self._readyz(campaign).get("faults", []))

    def _readyz(self, campaign: Watched) -> dict[str, dict[str, str]]:
        return self._ask(campaign.leader())

    def _ask(self, pid: int) -> dict[str, dict[str, str]]:
        address = self._pages(pid)
        if address is None:
            return {}
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:  # noqa: S310 - a page of ours
                body: dict[str, dict[str, str]] = json.load(answer)
        except urllib.error.HTTPError as refused:
            body = json.load(refused)
        return body

    def _pages(self, pid: int) -> str | None:
        file = self.folder / f"pages-{pid}"
        return file.read_text() if file.exists() else None

    def _in_doctor(self, campaign: Watched) -> bool:
        del campaign
        return any(VICTIM in one.subject for one in self._doctor())

    def _history_in_doctor(self, campaign: Watched) -> bool:
        del campaign
        return any(one.subject in {"history", "history writing", "leader lock"} for one in self._doctor())

    def _doctor(self) -> Iterator[Symptom]:
        from ketenwacht.workflows import clock  # noqa: PLC0415 - beside its one use

        for one in examine(self.folder / "config.yaml", at=clock.now()):
            if one.trouble in {SymptomLevel.MISCONFIGURED, SymptomLevel.UNREACHABLE, SymptomLevel.STUCK}:
                yield one

    def _in_channel(self, campaign: Watched, told: int) -> bool:
        """Whether an alert followed, or the incident comes and goes so often that it was told once for all."""
        if self._alerts(campaign) > told:
            return True
        with closing(campaign.history()) as history:
            known = history.incidents.read_known(VICTIM).incidents.values()
        return any(len((one.told or {}).get("turns", ())) >= Policy().flap_flips for one in known)

    def _alerts(self, campaign: Watched) -> int:
        """Return how many alerts name the victim; 0 while the history does not answer."""
        with suppress(KetenwachtError), closing(campaign.history()) as history:
            return sum("The victim" in one.alert.body for one in history.outbox.find())
        return 0


@contextmanager
def read_only(url: str) -> Iterator[None]:
    """Make a PostgreSQL server refuse writes, as a replica does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
            connection.execute("SELECT pg_reload_conf()")


@contextmanager
def revoked(url: str) -> Iterator[None]:
    """Take the right to write from the role of the history, on every table."""
    every = "INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"REVOKE {every} FROM {ROLE}")
    try:
        yield
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"GRANT {every} TO {ROLE}")


def has_pool() -> bool:
    """Whether pgbouncer is installed."""
    return shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin") is not None
