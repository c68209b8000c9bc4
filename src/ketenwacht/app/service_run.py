"""Running the service: a scheduler that only ticks, signals that end it, and pages beside it."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, timedelta
from pathlib import Path
from types import FrameType

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from . import clock
from .service import Service

# Nothing is dropped, doubled or piled up: what is due stands in the history, a tick only looks.
_JOB = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
_LISTEN = 30  # seconds; once connected, a connection comes back by itself


def run(service: Service, pages: AbstractContextManager[object]) -> None:
    """Work until the process is told to end (SIGTERM or SIGINT), or `service.ended` is set.

    Args:
        service: not yet started.
        pages: served while the service runs.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ender(service))
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # a tick that is still at work is no fault
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=_JOB)
    scheduler.add_listener(lambda event: _defect(service, event), EVENT_JOB_ERROR)
    seconds = service.office.settings.service.tick / timedelta(seconds=1)
    scheduler.add_job(service.tick, "interval", seconds=seconds, next_run_time=clock.now())
    scheduler.add_job(service.listen, "interval", seconds=_LISTEN, next_run_time=clock.now())
    with pages:
        service.lease.try_once()
        service.lease.start()
        scheduler.start()
        service.systemd.ready()
        service.log.say("start", "service", "leads" if service.leads else "stands by")
        try:
            while not service.ended.wait(1.0):  # in steps, so that a signal is heard on every system
                pass
        finally:
            service.ended.set()
            service.systemd.stopping()
            scheduler.shutdown(wait=True)
            service.close()
            service.log.say("stop", "service", "ended")


def _ender(service: Service) -> Callable[[int, FrameType | None], None]:
    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        service.ended.set()

    return end


def _defect(service: Service, event: JobExecutionEvent) -> None:
    """An error that is not ours: a defect. It is said where it is, without its text, which may quote a value."""
    fault = event.exception
    step = fault.__traceback__ if fault is not None else None
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = "" if step is None else f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"
    service.log.say("tick", "service", "defect", fault=type(fault).__name__, where=where)
    service.switch.tell("fail")
