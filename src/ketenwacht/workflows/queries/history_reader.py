"""Looking back at what was judged, without changing anything: neither a file nor a table is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from ketenwacht.errors import StoreError
from ketenwacht.store import History
from ketenwacht.workflows.project import LoadedProject


@dataclass(frozen=True, slots=True)
class HistoryReader:
    """A history that is open to be looked at.

    Attributes:
        project: the configuration.
        feeds: names of the feeds that are looked at.
        history: where they were judged.
        replayed: whether that is the history of the newest replay.
    """

    project: LoadedProject
    feeds: tuple[str, ...]
    history: History
    replayed: bool

    def moment(self, now: datetime) -> datetime:
        """The present of what is looked at: now, or in a replay when its last delivery was judged (UTC)."""
        last = (self.history.runs(feed, limit=1) for feed in self.feeds) if self.replayed else ()
        return max((run.at for runs in last for run in runs), default=now)


@contextmanager
def open_reader(
    project: LoadedProject,
    feed: str | None,
    *,
    replay: bool,
    on_warning: Callable[[str, str], None],
    every: bool = False,
) -> Iterator[HistoryReader]:
    """Open the history of a feed: the configured one, or the newest replay's when that holds nothing of the feed.

    Args:
        project: the configuration.
        feed: name of the feed; None: the only one.
        replay: look at the newest replay, whatever the configured history holds.
        on_warning: called with a name and what must be known of it: that this is a replay.
        every: without a name, look at every feed.

    Raises:
        ConfigError: there is no such feed.
        StoreError: nothing was judged yet, or a history cannot be read.
    """
    names = tuple(project.settings.feeds) if feed is None and every else (project.feed(feed).name,)
    with ExitStack() as stack:
        live = None if replay else opened(stack, project)
        if live is not None and _holds(live, names):
            yield HistoryReader(project, names, live, replayed=False)
            return
        replayed = opened(stack, project, project.replay_url())
        if replayed is None or not _holds(replayed, names):
            raise StoreError(_nothing(names, replay=replay))
        if not replay:
            on_warning(", ".join(names), "nothing was judged live yet; this is what the newest replay found")
        yield HistoryReader(project, names, replayed, replayed=True)


def best_history(stack: ExitStack, project: LoadedProject, feed: str, *, replay: bool) -> History | None:
    """The history that knows most of a feed's deliveries, live or of the newest replay; None: neither any."""
    urls = (project.replay_url(),) if replay else (None, project.replay_url())
    found = [history for history in (opened(stack, project, url) for url in urls) if history is not None]
    known = [(len(history.runs(feed)), -i, history) for i, history in enumerate(found)]
    return next((history for count, _, history in sorted(known, reverse=True, key=lambda k: k[:2]) if count), None)


def opened(stack: ExitStack, project: LoadedProject, url: str | None = None) -> History | None:
    """A history, closed with the stack; None when it is a file that is not there."""
    file = project.history_file(url)
    if file is not None and not file.exists():
        return None
    return stack.enter_context(project.history(url, create=False))


def _holds(history: History, feeds: Sequence[str]) -> bool:
    return any(history.runs(feed, limit=1) for feed in feeds)


def _nothing(feeds: Sequence[str], *, replay: bool) -> str:
    which = ", ".join(feeds)
    if replay:
        return f"there is no replay of {which} to look at — run `ketenwacht replay --from DAY --to DAY`"
    return (
        f"nothing of {which} was judged yet, live or in a replay — run `ketenwacht check` or `ketenwacht replay`"
    )
