"""Both sides of a comparison that somebody asks for: what is asked, and where it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import Feed, Register
from ketenwacht.errors import ConfigError, DeliveryError
from ketenwacht.pipeline import FeedContext
from ketenwacht.sources import compile_pattern
from ketenwacht.store import History
from ketenwacht.workflows.intake import Intake
from ketenwacht.workflows.project import LoadedProject

IN_MEMORY = "sqlite://"
_PSEUDONYMISED = ".pseudonyms"
"""What `ketenwacht pseudonymise` is told, in the guide, to put before the suffix of a register's name."""


@dataclass(frozen=True, slots=True)
class ReconciliationOptions:
    """What a register is compared by, where that differs from the configuration.

    Attributes:
        path: the register.
        day: its reference date; None: its name says it, or the newest delivery.
        key: column that identifies a person; None: as configured.
        decided: column with the date of decision; None: as configured.
        segments: columns that both sides share; (): as configured.
    """

    path: Path
    day: date | None = None
    key: str | None = None
    decided: str | None = None
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReconciliationContext:
    """One feed with its register described, ready to be compared.

    Attributes:
        project: the configuration.
        context: the feed; its register is the configured one with what was asked put in.
        history: where outcomes are kept.
        intake: reads the deliveries' keys.
        found: the deliveries for periods up to the reference date.
        newest: period of the newest delivery there is.
        day: the register's reference date.
        at: now (UTC).
    """

    project: LoadedProject
    context: FeedContext
    history: History
    intake: Intake
    found: tuple[Delivery, ...]
    newest: date
    day: date
    at: datetime


@contextmanager
def open_reconciliation(  # noqa: PLR0913 - what is compared, where it is kept, and who is told
    project: LoadedProject,
    feed: str | None,
    asked: ReconciliationOptions,
    *,
    kept: bool,
    at: datetime,
    on_warning: Callable[[str, str], None],
) -> Iterator[ReconciliationContext]:
    """Open a feed to compare one register with it; every key is forgotten on leaving.

    Args:
        project: the configuration.
        feed: name of the feed; None: the only one.
        asked: the register.
        kept: whether the outcome is to be kept in the configured history; else in one that vanishes.
        at: now, UTC.
        on_warning: called with a delivery that could not be read, and why.

    Raises:
        ConfigError: the register cannot be compared as asked.
        DeliveryError: there is no delivery to compare it with.
        StoreError: the history cannot be opened.
    """
    named = described(project.feed(feed), asked)
    if not asked.path.is_file():
        raise ConfigError(str(asked.path), "is no file", "name a CSV or Parquet file")
    context = replace(project.context(named), feed=named)
    deliveries = context.reader.find(at)
    newest = max((d.period for d in deliveries), default=None)
    day = reference_date(named, asked, newest)
    found = tuple(d for d in deliveries if d.period <= day)
    if newest is None or not found:
        raise DeliveryError(f"{named.name}: no delivery for a period up to {day} is there to compare with")
    url = None if kept else IN_MEMORY
    with project.history(url) as history, project.intake(context, history, on_warning) as intake:
        yield ReconciliationContext(project, context, history, intake, found, newest, day, at)


def described(feed: Feed, asked: ReconciliationOptions) -> Feed:
    """The feed with its key and register as configured, and what was asked in their place.

    Raises:
        ConfigError: neither says what is needed.
    """
    key = asked.key if asked.key is not None else feed.key
    if key is None:
        raise ConfigError(
            f"feeds.{feed.name}", "has no key, so nobody can be compared", "set `key`, or give --key"
        )
    register = feed.evidence.register
    if register is None:
        if asked.decided is None:
            raise ConfigError(
                f"feeds.{feed.name}",
                "says nothing of the sender's register",
                "configure `evidence.register`, or give --decided-column and --segments",
            )
        register = Register(path=".", pattern="", decided_column=asked.decided)
    register = replace(
        register,
        decided_column=asked.decided if asked.decided is not None else register.decided_column,
        segments=asked.segments or register.segments,
        count_by=register.count_by or _counted(feed, asked.segments or register.segments),
    )
    return replace(feed, key=key, evidence=replace(feed.evidence, register=register))


def _counted(feed: Feed, shared: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """By what outcomes are counted: as the feed is, where both sides have it; else by each shared column."""
    counted = tuple(dims for dims in feed.segments if dims and set(dims) <= set(shared))
    return counted or tuple((name,) for name in shared)


def reference_date(feed: Feed, asked: ReconciliationOptions, newest: date | None) -> date:
    """The day that a register speaks of: by its name, as asked, or that of the newest delivery.

    Raises:
        ConfigError: its name says another day than was asked, or nothing says any.
    """
    named = _named(feed, asked.path)
    if named is not None and asked.day is not None and named != asked.day:
        raise ConfigError(
            "--date", f"the name of the register says {named}", "leave --date out, or rename the file"
        )
    day = named or asked.day or newest
    if day is None:
        raise ConfigError("--date", "nothing says which day the register speaks of", "give its reference date")
    return day


def _named(feed: Feed, path: Path) -> date | None:
    register = feed.evidence.register
    if register is None or not register.pattern:
        return None
    match = compile_pattern(register.pattern).match(path.name.replace(_PSEUDONYMISED, ""))
    return match.period if match is not None else None
