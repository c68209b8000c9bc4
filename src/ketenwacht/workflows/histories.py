"""Open the histories of a project: the configured one, that of the newest replay, or the one that holds a feed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ketenwacht.errors import StoreError
from ketenwacht.store import History
from ketenwacht.workflows.project import LoadedProject

# Where histories are.


def history_file(project: LoadedProject, url: str | None = None) -> Path | None:
    """Return the SQLite file of a history, existing or not; None when it is in memory or on a server."""
    prefix, slashes, path = project.history_url(url).partition(":///")
    is_file = prefix.startswith("sqlite") and slashes and path and not path.startswith((":", "file:"))
    return Path(path) if is_file else None


def replay_url(project: LoadedProject) -> str:
    """Return the URL of the newest replay: a SQLite file beside the configured history, or in `var/`."""
    url = project.settings.history
    is_file = url.startswith("sqlite:///") and ":memory:" not in url
    path = Path(url.removeprefix("sqlite:///")) if is_file else Path("var/history.db")
    return f"sqlite:///{path.with_suffix('.replay.db')}"


def reset_replay(project: LoadedProject) -> str:
    """Delete the history of the newest replay, and return the URL for the next."""
    url = replay_url(project)
    path = Path(project.history_url(url).removeprefix("sqlite:///"))
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return url


# Open them without making a file or a table.


def open_existing(stack: ExitStack, project: LoadedProject, url: str | None = None) -> History | None:
    """Open a history, closed with the stack; return None when it is a file that does not exist.

    Args:
        stack: closes the history.
        project: the configuration.
        url: of the history; None: the configured one.

    Raises:
        StoreError: it cannot be read.
    """
    file = history_file(project, url)
    if file is not None and not file.exists():
        return None
    return stack.enter_context(project.history(url, create=False))


def open_live(stack: ExitStack, project: LoadedProject, on_warning: Callable[[str, str], None]) -> History | None:
    """Open the configured history, closed with the stack; warn and return None when it cannot be read."""
    try:
        return open_existing(stack, project)
    except StoreError as fault:
        on_warning("history", f"declarations and approved baselines are not used: {fault}")
        return None


@contextmanager
def open_required(project: LoadedProject, *, replay: bool = False) -> Iterator[History]:
    """Open the configured history, or that of the newest replay.

    Raises:
        StoreError: it does not exist.
    """
    with ExitStack() as stack:
        history = open_existing(stack, project, replay_url(project) if replay else None)
        if history is None:
            raise StoreError("there is no history yet: nothing was judged, imported or declared")
        yield history


def open_fullest(stack: ExitStack, project: LoadedProject, feed: str, *, replay: bool) -> History | None:
    """Open the history with most runs of a feed: the configured one, or the newest replay's.

    Args:
        stack: closes the history.
        project: the configuration.
        feed: name of the feed.
        replay: look only at the newest replay.

    Returns:
        The configured history when both hold as many; None when neither holds any.
    """
    urls = (replay_url(project),) if replay else (None, replay_url(project))
    histories = [history for url in urls if (history := open_existing(stack, project, url)) is not None]
    fullest = max(histories, key=lambda history: len(history.runs.find(feed)), default=None)
    return fullest if fullest is not None and fullest.runs.find(feed, limit=1) else None


@dataclass(frozen=True, slots=True)
class HistoryReader:
    """An open history, to read what was judged.

    Attributes:
        project: the configuration.
        feeds: names of the feeds to read.
        history: where they were judged.
        replayed: whether that is the history of the newest replay.
    """

    project: LoadedProject
    feeds: tuple[str, ...]
    history: History
    replayed: bool

    def moment(self, now: datetime) -> datetime:
        """Return the present of this history (UTC): now, or in a replay when its last delivery was judged."""
        last = (self.history.runs.find(feed, limit=1) for feed in self.feeds) if self.replayed else ()
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
        replay: read the newest replay, even when the configured history holds the feed.
        on_warning: called with the names of the feeds and a text when this is a replay that was not asked for.
        every: without a name, read every feed.

    Raises:
        ConfigError: there is no such feed.
        StoreError: nothing was judged yet, or a history cannot be read.
    """
    names = tuple(project.settings.feeds) if feed is None and every else (project.feed(feed).name,)
    with ExitStack() as stack:
        live = None if replay else open_existing(stack, project)
        if live is not None and _has_runs(live, names):
            yield HistoryReader(project, names, live, replayed=False)
            return
        replayed = open_existing(stack, project, replay_url(project))
        if replayed is None or not _has_runs(replayed, names):
            raise StoreError(_explain_empty(names, replay=replay))
        if not replay:
            on_warning(", ".join(names), "nothing was judged live yet; this is what the newest replay found")
        yield HistoryReader(project, names, replayed, replayed=True)


def _has_runs(history: History, feeds: Sequence[str]) -> bool:
    return any(history.runs.find(feed, limit=1) for feed in feeds)


def _explain_empty(feeds: Sequence[str], *, replay: bool) -> str:
    names = ", ".join(feeds)
    if replay:
        return f"there is no replay of {names} — run `ketenwacht replay --from DAY --to DAY`"
    return f"{names} was not judged yet, live or in a replay — run `ketenwacht check` or `ketenwacht replay`"
