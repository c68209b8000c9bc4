"""What is misconfigured, unreachable or stuck, without judging anything and without changing anything."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path

from ketenwacht.config.calendar import check_schedule
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import Feed
from ketenwacht.errors import ConfigError
from ketenwacht.measure import summary
from ketenwacht.scheduler import ARCHIVE, slots
from ketenwacht.sources import open_source
from ketenwacht.workflows import clock
from ketenwacht.workflows.linting import find_faults
from ketenwacht.workflows.project import KEYS, LoadedProject

from .checks import monitors_of
from .evidence import evidence_of
from .history import outbox_of, routes_of, store_of
from .plugins import plugins_of
from .symptoms import Symptom, SymptomLevel, fine, guarded, plural

_ENGINE = "great-expectations"
_MODULE = "great_expectations"


def examine(config: Path, *, overrides: tuple[str, ...] = (), at: datetime) -> Iterator[Symptom]:
    """Look everything over.

    Args:
        config: config.yaml.
        overrides: settings for this call.
        at: now, UTC.

    Yields:
        One symptom a thing, as soon as it is known; a configuration that cannot be read is the only one.
    """
    try:
        project = LoadedProject.open(config, overrides=overrides)
    except ConfigError as fault:
        yield Symptom(SymptomLevel.MISCONFIGURED, "configuration", f"{fault.where}: {fault.what}", fault.mend)
        return
    yield from _settings(config, overrides)
    yield from _engine(project)
    yield from plugins_of()
    for feed in project.settings.feeds.values():
        yield from guarded(f"{feed.name} source", partial(_feed, project, feed, at))
        yield from guarded(f"{feed.name} evidence", partial(evidence_of, project, feed))
        yield from guarded(f"{feed.name} thresholds", partial(monitors_of, project, feed))
    yield from guarded("pseudonym key", partial(_keys, project))
    yield from guarded("history", partial(store_of, project))
    yield from routes_of(project)
    yield from guarded("outbox", partial(outbox_of, project, at))


def _settings(config: Path, overrides: tuple[str, ...]) -> Iterator[Symptom]:
    faults = find_faults(config, overrides=overrides)
    for fault in faults:
        yield Symptom(SymptomLevel.MISCONFIGURED, "configuration", f"{fault.where}: {fault.what}", fault.mend)
    if not faults:
        yield fine("configuration", f"{config} with its checks and suites: nothing to mend")


def _engine(project: LoadedProject) -> Iterator[Symptom]:
    """Whether suites can be evaluated. The engine is found, not imported: that takes seconds."""
    suites = sorted({suite for feed in project.settings.feeds.values() for suite in feed.suites})
    if not suites:
        yield Symptom(
            SymptomLevel.ABSENT, "suites", "no feed has one; what a delivery must satisfy is not checked"
        )
        return
    reinstall = "install ketenwacht again with its dependencies"
    if importlib.util.find_spec(_MODULE) is None:
        yield Symptom(SymptomLevel.MISCONFIGURED, "suites", "Great Expectations is not installed", reinstall)
        return
    installed, wanted = metadata.version(_ENGINE), _pinned()
    if wanted is not None and installed != wanted:
        said = f"Great Expectations {installed} is installed, only {wanted} is known to judge right"
        yield Symptom(SymptomLevel.MISCONFIGURED, "suites", said, reinstall)
        return
    count = sum(len(summary(project.root / suite)) for suite in suites if (project.root / suite).is_file())
    yield fine(
        "suites",
        f"{plural(count, 'expectation')} in {plural(len(suites), 'suite')}, Great Expectations {installed}",
    )


def _pinned() -> str | None:
    """The exact version that this package asks for, None when it was not installed as a package."""
    try:
        wanted = metadata.requires("ketenwacht") or []
    except metadata.PackageNotFoundError:
        return None
    exact = (line.split(";")[0].partition("==") for line in wanted if line.startswith(_ENGINE))
    return next((version.strip() for _, equals, version in exact if equals), None)


def _feed(project: LoadedProject, feed: Feed, at: datetime) -> Iterator[Symptom]:
    subject = f"{feed.name} source"
    found = open_source(feed.name, feed.source, root=project.root).find(at)
    if not found:
        mend = "check its path and pattern, and whether the sender has delivered"
        yield Symptom(
            SymptomLevel.WARNING, subject, f"{feed.source.place} can be reached and holds no delivery", mend
        )
        return
    newest = max(found, key=lambda delivery: delivery.period)
    said = f"{_deliveries(len(found))} in {feed.source.place}, the newest for {newest.period}"
    odd = [delivery for delivery in found if not delivery.read]
    if odd:
        mend = "`ketenwacht check` says of each why"
        yield Symptom(SymptomLevel.WARNING, subject, f"{said}; {len(odd):,} cannot be read", mend)
    else:
        yield fine(subject, said)
    yield from guarded(f"{feed.name} schedule", partial(_schedule, project, feed, newest, at))


def _deliveries(count: int) -> str:
    return plural(count, "delivery", "deliveries")


def _schedule(project: LoadedProject, feed: Feed, newest: Delivery, at: datetime) -> Iterator[Symptom]:
    subject, schedule = f"{feed.name} schedule", feed.schedule
    if schedule is None:
        yield Symptom(SymptomLevel.ABSENT, subject, "none, so that nobody notices a delivery that does not come")
        return
    check_schedule(schedule, project.settings.timezone)
    last = newest.period + schedule.lag
    due = slots(schedule, project.settings.timezone, first=last + timedelta(days=1), until=at)
    missed = [slot for slot in due if slot.due_at + schedule.grace <= at]
    if not missed:
        yield fine(subject, f"`{schedule.cron}`: nothing is overdue")
        return
    said = f"nothing came since {newest.period}; overdue: {_deliveries(len(missed))}, the first of {missed[0].day}"
    mend = f"ask {feed.sender} where it is"
    if len(missed) > ARCHIVE:
        mend = f"an archive is judged with `ketenwacht replay`; if this is no archive, {mend}"
    yield Symptom(SymptomLevel.WARNING, subject, said, mend)


def _keys(project: LoadedProject) -> Iterator[Symptom]:
    environ = clock.environment()
    keyed = [feed.name for feed in project.settings.feeds.values() if feed.key is not None]
    given = environ.get(KEYS) or environ.get(f"{KEYS}_FILE")
    if given:
        keys = project.keys()
        yield fine("pseudonym key", f"set, ids {', '.join(keys.ids)}")
    elif keyed:
        said = "none set: registers in clear are compared with a key that is made anew each time and forgotten"
        mend = f"set {KEYS} or {KEYS}_FILE before a sender can give pseudonyms instead of persons"
        yield Symptom(SymptomLevel.ABSENT, "pseudonym key", said, mend)
    else:
        yield Symptom(SymptomLevel.ABSENT, "pseudonym key", "no feed names a key, so nobody is compared by it")
