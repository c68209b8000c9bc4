"""The service: one process that finds and judges deliveries every tick, and sends the alerts.

    every tick: may I? → start ping → judge each feed → digest → outbox → ok ping, or fail

The truth is the history and never a timer: a tick that comes twice, late or not at all changes nothing but time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from math import inf
from threading import Event
from time import monotonic
from typing import Self

from ketenwacht.domain.result import Status
from ketenwacht.errors import AuditError, ConcurrentUpdate, KetenwachtError, LeadershipLost, StoreError, place_of
from ketenwacht.processes import WorkStopped
from ketenwacht.store import History, LeaseHolder
from ketenwacht.workflows import clock
from ketenwacht.workflows.alerts import AlertSender, DailySummary
from ketenwacht.workflows.check import check
from ketenwacht.workflows.feed_faults import FeedFaults
from ketenwacht.workflows.incidents import SlackActs
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.session import FeedSessions
from ketenwacht.workflows.worker import Worker, WorkLimits

from .lease import Lease
from .signals import Heartbeat, Log, Systemd

WORK = "work"
"""The row in the history that the leader counts up while it works."""


@dataclass(slots=True)
class TickResult:
    """What one tick came to.

    Attributes:
        worked: False when another process has the lease.
        statuses: of every run.
        faults: of feeds that could not be judged, the digest, or the outbox.
        drained: whether nothing is left in the outbox.
    """

    worked: bool
    statuses: list[Status] = field(default_factory=list)
    faults: int = 0
    drained: bool = True

    @property
    def well(self) -> bool:
        """Whether everything was judged and sent."""
        return self.faults == 0 and self.drained


@dataclass(slots=True)
class Service:
    """The work of the service, and how it goes; pages look at it from other threads.

    Attributes:
        project: the configuration.
        history: the open history.
        log: of what was done.
        lease: the right to work.
        worker: measures.
        systemd: hears that the work goes on.
        now: this moment (UTC): the time of verdicts, alerts and pages.
        demonstration: seconds that a day takes in a demonstration, as every page says; None: it is none.
        last_tick: monotonic moment at which the work was last seen going on.
        last_well: when a tick last judged and sent everything (UTC); None: not yet.
        last_worked: monotonic moment at which a process was last seen to lead and work, this one or another.
        history_fault: why the history could not be written at the last tick; None: it could.
        audit_fault: why the audit log does not go on from the head kept outside; None: it does, or none is kept.
        feed_faults: feed → class and place of what keeps it from being judged, or from its newest settings.
    """

    project: LoadedProject
    history: History
    log: Log
    switch: Heartbeat
    systemd: Systemd
    write: Callable[[str], object]
    now: Callable[[], datetime] = clock.now
    demonstration: float | None = None
    lease: Lease = field(init=False)
    worker: Worker = field(init=False)
    last_tick: float = field(default_factory=monotonic)
    last_well: datetime | None = None
    last_worked: float = field(default_factory=monotonic)
    history_fault: StoreError | None = None
    audit_fault: str | None = None
    feed_faults: dict[str, str] = field(default_factory=dict)
    ended: Event = field(default_factory=Event)
    _sender: AlertSender = field(init=False)
    _digest: DailySummary = field(init=False)
    _acts: SlackActs = field(init=False)
    _sessions: FeedSessions = field(init=False)
    _logged: dict[str, str] = field(default_factory=dict, init=False)
    _beat: LeaseHolder | None = field(default=None, init=False)
    _marked: float = field(default=-inf, init=False)
    _met: StoreError | None = field(default=None, init=False)  # in this tick

    def __post_init__(self) -> None:
        """Open channels; no process is started yet."""
        settings = self.project.settings.service
        self.lease = Lease(
            self.history,
            f"{clock.worker_name()}-{clock.new_id()}",  # two containers may have one name and one number
            settings.lease,
            gained=lambda: self.log.say("lease", "service", "gained"),
            lost=lambda: self.log.say("lease", "service", "lost"),
        )
        self.worker = Worker(
            WorkLimits.of(settings),
            self._measuring,
            self._log_worker,
        )
        self._sender = AlertSender.open(self.project, self.write, now=self.now)
        self._digest = DailySummary(self.project, self.history)
        self._sessions = FeedSessions(self.project, self.history, self._log_unused, self.worker.run)
        self._acts = SlackActs(self.project, self.history, on_warning=self._log_connection)

    @classmethod
    def of(
        cls,
        project: LoadedProject,
        history: History,
        *,
        log: Log,
        write: Callable[[str], object],
        now: Callable[[], datetime] = clock.now,
    ) -> Self:
        """Return the service of a configuration, in this environment.

        Args:
            project: the configuration.
            history: open.
            log: of what is done.
            write: prints the messages of a console route.
            now: this moment, UTC.

        Raises:
            ConfigError: the address of the dead-man's switch is none.
        """
        switch = Heartbeat(project.settings.service.ping, log)
        return cls(project, history, log, switch, Systemd.from_environment(clock.environment()), write, now)

    @property
    def leads(self) -> bool:
        """Whether this process works; otherwise it waits to take over."""
        return self.lease.held

    def tick(self) -> TickResult:
        """Work once: judge every feed and send what is due. Faults are logged and sent to the heartbeat."""
        self._alive()
        self._met = self._try_history()
        self.history_fault = self._met or self.history_fault
        try:
            return self._lead()
        finally:
            self.history_fault = self._met  # a fault of the last tick ends with a tick that did not meet one

    def _lead(self) -> TickResult:
        """Work if this process leads, or may lead now."""
        done = TickResult(worked=self.lease.held or self.lease.try_once())
        if not done.worked:
            self.feed_faults.clear()  # whoever works now knows better, and the history holds what it finds
        if not done.worked or self.ended.is_set():
            return done
        self.switch.send("start")
        try:
            self._work(done)
        except WorkStopped:
            self.log.say("tick", "service", "stopped")
            done.faults += 1
            if not self.lease.held:
                return done  # whoever works now pings
        self._marked = -inf  # a tick that ended is work, however short
        self._alive()
        if done.well:
            self.last_well = self.now()
        self.switch.send("" if done.well else "fail")
        return done

    def _try_history(self) -> StoreError | None:
        """See whether the history can be written, and when another process last worked on it."""
        try:
            self.history.leases.try_write(WORK)
            beat = self.history.leases.find_holder(WORK)
        except StoreError as fault:
            return fault
        if beat is not None and beat != self._beat:
            self.last_worked = monotonic() if self._beat is not None else self.last_worked
            self._beat = beat
        return None

    def _mark_work(self) -> None:
        """Write down, a few times in each lease, that this process leads and works: others wait for it."""
        now = monotonic()
        if not self._going() or now - self._marked < self.lease.part:
            return
        self._marked = now
        with suppress(StoreError):  # what is wrong with the history is told by the tick
            beat = self.history.leases.find_holder(WORK)
            if self.history.leases.take(WORK, worker=self.lease.worker, instead_of=beat):
                self.last_worked = now

    def listen(self) -> None:
        """Hear acts from Slack, while this process works; again and again, since Slack may be away."""
        if self._going():
            self._acts.listen()

    def close(self) -> None:
        """End the current work, and let another process take over at once."""
        self.ended.set()
        self._acts.close()
        self.worker.stop()
        self._sessions.close()
        self.lease.stop()

    def _work(self, done: TickResult) -> None:
        begun = self.now()  # what came after this moment is for the next tick, and for its digest
        # a feed that failed goes last: one that hangs keeps the others waiting once, and then no more
        for feed in sorted(self.project.settings.feeds, key=self.feed_faults.__contains__):
            self._judge_safely(feed, done)
        fault = self._safely(done, "audit log", partial(self.history.keep_head, begun))
        self.audit_fault = str(fault) if isinstance(fault, AuditError) else None
        self._safely(done, "digest", partial(self._write_digest, begun))
        self._safely(done, "outbox", self._flush)
        self._safely(done, "outbox", lambda: self._check_drained(done))

    def _judge_safely(self, feed: str, done: TickResult) -> None:
        """Judge one feed. Whatever goes wrong is this feed's finding, and no other feed's trouble."""
        fault = self._safely(done, feed, partial(self._judge, feed, done))
        if isinstance(fault, StoreError):
            return  # the history's fault, which every feed will meet
        findings = FeedFaults(self.project, self.history, self.project.settings.feeds[feed])
        old = self._sessions.outdated(feed)
        problem = fault or old
        if problem is None:
            self.feed_faults.pop(feed, None)
            self._safely(done, f"{feed} finding", partial(findings.record_recovery, self.now()))
        else:
            self.feed_faults[feed] = f"{type(problem).__name__} {place_of(problem)}".strip()
            self._safely(
                done, f"{feed} finding", partial(findings.record, problem, self.now(), old_settings=fault is None)
            )
        self._alive()
        if fault is not None:
            self._sessions.close(feed)

    def _safely(self, done: TickResult, what: str, do: Callable[[], object]) -> BaseException | None:
        """Do one part of the work; returns what went wrong, None when nothing did."""
        if not self._going():
            raise WorkStopped
        try:
            do()
        except WorkStopped:
            raise
        except (Exception, SystemExit) as fault:  # noqa: BLE001 - also a defect, and a plug-in that exits
            done.faults += 1
            details = {"message": str(fault)} if isinstance(fault, KetenwachtError) else {"where": place_of(fault)}
            if self._logged.get(what) != (said := f"{type(fault).__name__} {details}"):  # once a change
                self.log.say("work", what, "failed", fault=type(fault).__name__, **details)
            self._logged[what] = said
            if isinstance(fault, StoreError):
                if not isinstance(fault, (ConcurrentUpdate, LeadershipLost)):
                    self.history_fault = self._met = fault
                self._sessions.close()
                if not self.lease.try_once():
                    raise WorkStopped from None
            return fault
        self._logged.pop(what, None)
        return None

    def _judge(self, feed: str, done: TickResult) -> None:
        session = self._sessions.open(feed, self.now())
        listing = partial(self.worker.find, quiet=self.project.settings.service.quiet)
        for run in check(session, delivery=None, at=self.now(), measuring=self.worker.measure, listing=listing):
            done.statuses.append(run.status)
            delivery = run.delivery
            counts = Counter(result.status.word for result in run.results)
            self.log.say(
                "judge", f"{feed}/{delivery.id}", run.status.word, run=run.id, presence=delivery.presence.value,
                period=delivery.period.isoformat(), results=dict(counts),
            )  # fmt: skip
            self._flush()  # an alert does not wait for the rest of a week that is caught up
            if not self._going():
                raise WorkStopped

    def _write_digest(self, at: datetime) -> None:
        if self._digest.write(at):
            self.log.say("digest", "outbox", "written")

    def _flush(self) -> None:
        before = self._sender.sent, self._sender.left
        self._sender.flush(self.history)
        if self._sender.picture_fault is not None:
            self.log.say("send", "picture", "left out", message=self._sender.picture_fault)
        sent, left = self._sender.sent - before[0], self._sender.left - before[1]
        if sent or left:
            self.log.say("send", "outbox", "sent" if not left else "waiting", sent=sent, left=left)

    def _check_drained(self, done: TickResult) -> None:
        done.drained = self.history.outbox.find_oldest_unsent() is None

    def _going(self) -> bool:
        return self.lease.held and not self.ended.is_set()

    def _measuring(self) -> bool:
        """Return whether measuring goes on; it is work too, and ends by its own limit."""
        self._alive()
        return self._going()

    def _alive(self) -> None:
        self.last_tick = monotonic()
        self._mark_work()
        self.systemd.alive()

    def _log_unused(self, name: str, problem: str) -> None:
        self.log.say("read", name, "left aside", message=problem)

    def _log_connection(self, action: str, why: str) -> None:
        self.log.say("listen", "slack", action, message=why)

    def _log_worker(self, action: str, why: str) -> None:
        self.log.say("measure", "worker", action, reason=why)
