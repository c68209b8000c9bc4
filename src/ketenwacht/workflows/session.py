"""Sessions: one feed with an open history and its independent evidence, ready to judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.domain.segment import WHOLE
from ketenwacht.errors import ConfigError, DeliveryError
from ketenwacht.pipeline import FeedContext, FeedPipeline
from ketenwacht.scheduler import Watch
from ketenwacht.store import History

from . import clock
from .baselines import apply_approved
from .contexts import build_context
from .histories import open_live
from .intake import Intake, open_intake
from .measuring import closing_worker, open_runner
from .project import LoadedProject
from .worker import Runner, run_here


@dataclass(frozen=True, slots=True)
class FeedSession:
    """One feed with an open history, ready to judge.

    Attributes:
        project: the configuration.
        context: the feed.
        history: where runs are saved.
        intake: its independent evidence.
    """

    project: LoadedProject
    context: FeedContext
    history: History
    intake: Intake

    def watch(self, *, since: date | None = None, replayed: bool = False) -> Watch:
        """Return when the feed's deliveries are expected; see `Watch`."""
        return Watch(self.context.feed, self.project.settings.timezone, since, replayed)

    def open_pipeline(self) -> FeedPipeline:
        """Return the feed's pipeline, with the state that the history holds.

        Raises:
            StoreError: the history cannot be read.
        """
        return FeedPipeline.open(self.context, self.history, clock.new_id)

    def find(self, at: datetime, *, quiet: timedelta = timedelta(0)) -> tuple[Delivery, ...]:
        """Return every delivery that is there at `at`, except those written to less than `quiet` ago."""
        return self.context.find(at, quiet=quiet)


@dataclass(slots=True)
class _OpenSession:
    """A session, what closes it, and the day whose settings were read for it."""

    session: FeedSession
    stack: ExitStack
    day: date


class FeedSessions:
    """Sessions that stay open from one tick of the service to the next."""

    def __init__(
        self,
        project: LoadedProject,
        history: History,
        on_warning: Callable[[str, str], None],
        run: Runner = run_here,
    ) -> None:
        """Open no session yet.

        Args:
            project: the configuration.
            history: open.
            on_warning: called with the name of what is not used, and why.
            run: calls a function that reads files, in a process that can be ended.
        """
        self._project, self._history, self._on_warning, self._run = project, history, on_warning, run
        self._open: dict[str, _OpenSession] = {}
        self._outdated: dict[str, ConfigError] = {}

    def open(self, feed: str, at: datetime) -> FeedSession:
        """Return the session of a feed, opened again every day, to read mended settings and restated evidence.

        When the settings cannot be read any more, those of the day before stay in force: see `outdated`.

        Raises:
            ConfigError: its settings are wrong, and it was never open.
        """
        today = at.astimezone(self._project.zone).date()
        known = self._open.get(feed)
        if known is not None and known.day == today and feed not in self._outdated:
            return known.session
        try:
            fresh = self._begin(feed, today)
        except ConfigError as fault:
            if known is None:
                raise
            self._outdated[feed] = fault
            return known.session
        self.close(feed)
        self._open[feed] = fresh
        return fresh.session

    def outdated(self, feed: str) -> ConfigError | None:
        """Return why the newest settings of a feed are not in force; None when they are."""
        return self._outdated.get(feed)

    def close(self, feed: str | None = None) -> None:
        """Close the session of a feed, or every session when `feed` is None; `open` opens it again."""
        for name in list(self._open) if feed is None else [feed]:
            self._outdated.pop(name, None)
            gone = self._open.pop(name, None)
            if gone is not None:
                gone.stack.close()

    def _begin(self, feed: str, today: date) -> _OpenSession:
        with ExitStack() as stack:
            # its files may lie where reading hangs, too
            context = self._run(build_context, self._project, self._project.feed(feed))
            intake = stack.enter_context(
                open_intake(self._project, context, self._history, self._on_warning, self._run)
            )
            session = FeedSession(self._project, context, self._history, intake)
            return _OpenSession(session, stack.pop_all(), today)


def _warn_of_misnamed(context: FeedContext, run: Runner, on_warning: Callable[[str, str], None]) -> None:
    """Name the newest file that is probably a delivery; with a schedule, the missing delivery names it."""
    if context.feed.schedule is not None:
        return
    try:
        names = run(context.find_misnamed)
    except DeliveryError:
        return  # listing the deliveries says so
    if names:
        text = f"the name {shown_text(names[0])} looks like a delivery and does not match the pattern"
        on_warning(f"{context.feed.name} source", text)


@contextmanager
def open_session(
    project: LoadedProject, feed: str | None, *, on_warning: Callable[[str, str], None], history: str | None = None
) -> Iterator[FeedSession]:
    """Open a feed for judging.

    Args:
        project: the configuration.
        feed: name of the feed; None: the only one.
        on_warning: called with the name of what is not used, and why.
        history: URL of another history than the configured one. Declarations and approved baselines still come
            from the configured one, because a replay judges the past by what is known now.

    Raises:
        ConfigError: a setting of the feed is wrong.
        StoreError: the history cannot be opened.
    """
    with ExitStack() as stack:
        opened = stack.enter_context(project.history(history))
        live = opened if history is None else open_live(stack, project, on_warning)
        context = build_context(project, project.feed(feed))
        if live is not None:
            name = context.feed.name
            # those of `opened` come with its state
            declared = () if live is opened else live.exclusions.find(name)
            rules = apply_approved(context.rules, live, name, on_warning)
            context = replace(context, rules=replace(rules, exclusions=(*rules.exclusions, *declared)))
        run: Runner = run_here
        service = project.settings.service
        if context.foreign:
            run = stack.enter_context(closing_worker(service)).run
        elif live is opened and isinstance(context.feed.source, FileSource):
            run = stack.enter_context(open_runner(service, service.standstill, network=context.reads_network))
        _warn_of_misnamed(context, run, on_warning)
        intake = stack.enter_context(open_intake(project, context, opened, on_warning, run))
        yield FeedSession(project, context, opened, intake)


def declared_pauses(session: FeedSession) -> tuple[ExclusionWindow, ...]:
    """Return the pauses of the checks file, and those declared by hand."""
    configured = session.context.rules.exclusions
    declared = session.history.exclusions.find(session.context.feed.name)
    return tuple(window for window in (*configured, *declared) if window.kind == "pause")


def is_paused(session: FeedSession, pauses: Sequence[ExclusionWindow], due: datetime | None) -> bool:
    """Return whether a pause of the whole feed covers the day of a due moment."""
    day = None if due is None else due.astimezone(session.project.zone).date()
    return day is not None and any(window.covers(day, WHOLE) for window in pauses)
