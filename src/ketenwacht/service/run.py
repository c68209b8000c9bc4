"""Run the service: a scheduler that ticks, signals that end it, and pages beside it."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from types import FrameType

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from ketenwacht.plugins import stop_calls
from ketenwacht.workflows import clock

from .service import Service
from .state import ReadinessLog

# No work is lost or repeated: the history holds what is due, and a tick only reads it.
_JOB = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
_LISTEN = 30  # seconds; once connected, a connection comes back by itself
_JUMP = 2.0  # seconds by which a clock that is only slewed never moves between two looks


def end_at_signals() -> None:
    """Let SIGTERM and SIGINT end a service that is not running yet, with exit code 0; `run` takes them over.

    Opening or migrating a history takes time. What is under way is rolled back as after an error.
    """

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def run(service: Service, pages: AbstractContextManager[object]) -> None:
    """Work until the process gets SIGTERM or SIGINT, or `service.ended` is set.

    Args:
        service: not yet started.
        pages: served while the service runs.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _make_handler(service))
    stop_calls(stopped=False)
    ticker = Ticker(service)
    with pages:
        service.lease.try_once()
        service.lease.start()
        ticker.start()
        service.systemd.ready()
        service.log.say("start", "service", "leads" if service.leads else "stands by")
        try:
            while not service.ended.wait(1.0):  # in steps, so that a signal is heard on every system
                ticker.check_work()
        finally:
            service.ended.set()
            stop_calls()  # a plug-in that hangs does not hold up the end
            service.systemd.stopping()
            ticker.stop()
            service.close()
            service.log.say("stop", "service", "ended")


class Ticker:
    """Lets the service work every `service.tick`, and at once when it becomes the leader.

    The scheduler follows the wall clock: set back by an hour, it would wait for an hour. So its owner calls
    `check_work` every second, by a monotonic clock.

    Attributes:
        jobs: what it calls, and when next.
    """

    def __init__(self, service: Service, *, wall: Callable[[], datetime] = clock.now) -> None:
        """Prepare, without ticking.

        Args:
            service: whose `tick` and `listen` are called.
            wall: the clock that the machine shows, which somebody may set.
        """
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # a tick that is still at work is no fault
        self._service, self._wall = service, wall
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults=_JOB)
        self._scheduler.add_listener(lambda event: _log_defect(service, event), EVENT_JOB_ERROR)
        seconds = service.project.settings.service.tick / timedelta(seconds=1)
        self.jobs = [
            self._scheduler.add_job(call, "interval", seconds=every, next_run_time=clock.now())
            for call, every in (
                (service.tick, seconds),
                (service.listen, _LISTEN),
                (ReadinessLog(service).look, seconds),
            )
        ]
        self._led, self._ahead = service.leads, self._clock_difference()

    def start(self) -> None:
        """Start to tick."""
        self._scheduler.start()

    def check_work(self) -> None:
        """Tick now, when this process became the leader or the wall clock was set."""
        ahead, leads = self._clock_difference(), self._service.leads
        jumped = abs(ahead - self._ahead) > _JUMP
        if jumped:
            self._service.log.say("clock", "service", "was set", seconds=round(ahead - self._ahead))
        if jumped or (leads and not self._led):
            for job in self.jobs:
                job.modify(next_run_time=clock.now())
        self._led, self._ahead = leads, ahead

    def stop(self) -> None:
        """Stop ticking, after a tick under way."""
        self._scheduler.shutdown(wait=True)

    def _clock_difference(self) -> float:
        """Return the seconds that the wall clock is ahead of the monotonic clock."""
        return self._wall().timestamp() - monotonic()


def _make_handler(service: Service) -> Callable[[int, FrameType | None], None]:
    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        service.ended.set()

    return end


def _log_defect(service: Service, event: JobExecutionEvent) -> None:
    """Log an error that is not ours: its class and place, without its text, which may quote a value."""
    fault = event.exception
    step = fault.__traceback__ if fault is not None else None
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = "" if step is None else f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"
    service.log.say("tick", "service", "defect", fault=type(fault).__name__, where=where)
    service.switch.send("fail")
