"""One feed with an open history, ready to judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ketenwacht.domain.delivery import Delivery
from ketenwacht.pipeline import Line, Station
from ketenwacht.store import History
from ketenwacht.workflows.intake import Intake

from . import clock
from .baselines.approving import with_approved
from .importing import live_history
from .office import Office


@dataclass(frozen=True, slots=True)
class Session:
    """One feed with an open history, ready to judge."""

    office: Office
    station: Station
    history: History
    intake: Intake

    def line(self) -> Line:
        """The feed's line, with everything the history remembers."""
        return Line.of(self.station, self.history, clock.new_id)

    def find(self, at: datetime, *, quiet: timedelta = timedelta(0)) -> tuple[Delivery, ...]:
        """Every delivery that is there at `at`, but those that were written to less than `quiet` ago."""
        return self.station.reader.find(at, quiet=quiet)


class Sessions:
    """Sessions that stay open from one look to the next."""

    def __init__(self, office: Office, history: History, told: Callable[[str, str], None]) -> None:
        """Open none yet.

        Args:
            office: the configuration.
            history: open.
            told: called with what had to be left aside, and why.
        """
        self._office, self._history, self._told = office, history, told
        self._open: dict[str, Session] = {}
        self._opened, self._day = ExitStack(), date.min

    def of(self, feed: str, at: datetime) -> Session:
        """The session of a feed, opened anew every day, so that mended settings and restated evidence are read.

        Raises:
            ConfigError: its settings are wrong.
        """
        today = at.astimezone(self._office.zone).date()
        if today != self._day:
            self.forget()
            self._day = today
        if feed not in self._open:
            station = self._office.station(self._office.feed(feed))
            intake = self._opened.enter_context(self._office.intake(station, self._history, self._told))
            self._open[feed] = Session(self._office, station, self._history, intake)
        return self._open[feed]

    def forget(self) -> None:
        """Open every session anew when it is next asked for."""
        self._open.clear()
        self._opened.close()


@contextmanager
def open_session(
    office: Office, feed: str | None, *, told: Callable[[str, str], None], history: str | None = None
) -> Iterator[Session]:
    """Open a feed for judging.

    Args:
        office: the configuration.
        feed: name of the feed; None: the only one.
        told: called with what had to be left aside, and why.
        history: URL of another history than the configured one; what was declared and approved is still taken
            from that one, as a replay tells the past as it is known now.
    """
    with ExitStack() as stack:
        opened = stack.enter_context(office.history(history))
        live = opened if history is None else live_history(stack, office, told)
        station = office.station(office.feed(feed))
        if live is not None:
            name = station.feed.name
            declared = () if live is opened else live.masks(name)  # its own are read with its memory
            rules = with_approved(station.rules, live, name, told)
            station = replace(station, rules=replace(rules, masks=(*rules.masks, *declared)))
        intake = stack.enter_context(office.intake(station, opened, told))
        yield Session(office, station, opened, intake)
