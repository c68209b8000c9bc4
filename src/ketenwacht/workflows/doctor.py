"""Find what is misconfigured, unreachable or stuck, without judging or changing anything."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from functools import partial
from glob import iglob
from importlib import metadata
from pathlib import Path

from ketenwacht.config.calendar import check_schedule
from ketenwacht.config.rules import load_rules
from ketenwacht.dialects import find_dialect
from ketenwacht.domain.alerting import BUILT_IN
from ketenwacht.domain.check_traits import traits_of
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import ENGINES, SOURCES, CountSource, Feed
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.errors import ConfigError, describe_file_fault, format_count
from ketenwacht.measure import summary
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import WatchedCheck
from ketenwacht.messages.views import segment_text
from ketenwacht.plugins import (
    CHECKS,
    DIALECTS,
    FORMATS,
    GROUPS,
    MEDIA,
    Plugin,
    find_check_kind,
    find_engine_kind,
    find_medium_kind,
    find_source_kind,
    list_plugins,
)
from ketenwacht.plugins import ENGINES as ENGINE_GROUP
from ketenwacht.plugins import SOURCES as SOURCE_GROUP
from ketenwacht.scheduler import ARCHIVE, slots
from ketenwacht.sources import CountsOrigin, CountTable, find_format, open_source, read_inquiries, read_references
from ketenwacht.sources.folder import FolderReader
from ketenwacht.workflows import clock
from ketenwacht.workflows.backtest.detection_limits import find_watched
from ketenwacht.workflows.baselines import apply_approved
from ketenwacht.workflows.clock import KEYS
from ketenwacht.workflows.histories import open_live
from ketenwacht.workflows.lint import find_faults
from ketenwacht.workflows.measuring import open_runner
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.register_snapshots import list_registers, open_registers
from ketenwacht.workflows.watched import reads_network

from .doctor_history import (
    Symptom,
    SymptomLevel,
    check_feed_faults,
    check_outbox,
    check_routes,
    check_store,
    guard_check,
    make_fine,
)

_ENGINE = "great-expectations"
_MODULE = "great_expectations"


def examine(config: Path, *, overrides: tuple[str, ...] = (), at: datetime) -> Iterator[Symptom]:
    """Examine everything, and return one symptom for each thing.

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
    yield from _check_settings(config, overrides)
    yield from _check_engine(project)
    yield from check_plugins()
    service = project.settings.service
    for feed in project.settings.feeds.values():
        with open_runner(service, service.listing, network=reads_network(feed, project.root)) as run:
            yield from guard_check(
                f"{feed.name} source", partial(run, _list_symptoms, _check_feed, project, feed, at)
            )
            yield from guard_check(
                f"{feed.name} evidence", partial(run, _list_symptoms, check_evidence, project, feed)
            )
        yield from guard_check(f"{feed.name} thresholds", partial(check_monitors, project, feed))
    yield from guard_check("secret files", check_secret_files)
    yield from guard_check("pseudonym key", partial(_check_keys, project))
    yield from guard_check("audit key", _check_audit_keys)
    yield from guard_check("history", partial(check_store, project))
    yield from check_routes(project)
    yield from guard_check("outbox", partial(check_outbox, project, at))
    yield from guard_check("judging", partial(check_feed_faults, project))


def _list_symptoms(check: Callable[..., Iterator[Symptom]], *args: object) -> list[Symptom]:
    """Return what a check finds; it reads files, so it may be called in another thread or process."""
    return list(check(*args))


def _check_settings(config: Path, overrides: tuple[str, ...]) -> Iterator[Symptom]:
    faults = find_faults(config, overrides=overrides)
    for fault in faults:
        yield Symptom(SymptomLevel.MISCONFIGURED, "configuration", f"{fault.where}: {fault.what}", fault.mend)
    if not faults:
        yield make_fine("configuration", f"{config} with its checks and suites: nothing to mend")


def _check_engine(project: LoadedProject) -> Iterator[Symptom]:
    """Yield whether suites can be evaluated; find the engine without importing it, which takes seconds."""
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
    installed, wanted = metadata.version(_ENGINE), _required_version()
    if wanted is not None and installed != wanted:
        text = f"Great Expectations {installed} is installed, only {wanted} is known to judge right"
        yield Symptom(SymptomLevel.MISCONFIGURED, "suites", text, reinstall)
        return
    count = sum(len(summary(project.root / suite)) for suite in suites if (project.root / suite).is_file())
    size = f"{format_count(count, 'expectation')} in {format_count(len(suites), 'suite')}"
    yield make_fine("suites", f"{size}, Great Expectations {installed}")


def _required_version() -> str | None:
    """Return the exact version that this package requires; None when it was not installed as a package."""
    try:
        wanted = metadata.requires("ketenwacht") or []
    except metadata.PackageNotFoundError:
        return None
    exact = (line.split(";")[0].partition("==") for line in wanted if line.startswith(_ENGINE))
    return next((version.strip() for _, equals, version in exact if equals), None)


def _check_feed(project: LoadedProject, feed: Feed, at: datetime) -> Iterator[Symptom]:
    subject = f"{feed.name} source"
    reader = open_source(feed.name, feed.source, root=project.root, service=project.settings.service)
    found = reader.find(at)
    if isinstance(reader, FolderReader) and (names := reader.find_misnamed()):
        text = f"{shown_text(names[0])} looks like a delivery and does not match the pattern"
        more = f", and {len(names) - 1:,} more" if len(names) > 1 else ""
        yield Symptom(SymptomLevel.WARNING, subject, text + more, "rename it, or change `source.pattern`")
    if not found:
        mend = "check its path and pattern, and whether the sender has delivered"
        yield Symptom(
            SymptomLevel.WARNING, subject, f"{feed.source.place} can be reached and holds no delivery", mend
        )
        return
    newest = max(found, key=lambda delivery: delivery.period)
    text = f"{_count_deliveries(len(found))} in {feed.source.place}, the newest for {newest.period}"
    odd = [delivery for delivery in found if not delivery.read]
    if odd:
        mend = "`ketenwacht check` says of each why"
        yield Symptom(SymptomLevel.WARNING, subject, f"{text}; {len(odd):,} cannot be read", mend)
    else:
        yield make_fine(subject, text)
    yield from guard_check(f"{feed.name} schedule", partial(_check_schedule, project, feed, newest, at))


def _count_deliveries(count: int) -> str:
    return format_count(count, "delivery", "deliveries")


def _check_schedule(project: LoadedProject, feed: Feed, newest: Delivery, at: datetime) -> Iterator[Symptom]:
    subject, schedule = f"{feed.name} schedule", feed.schedule
    if schedule is None:
        yield Symptom(SymptomLevel.ABSENT, subject, "none, so that nobody notices a delivery that does not come")
        return
    check_schedule(schedule)
    last = newest.period + schedule.lag
    due = slots(schedule, project.settings.timezone, first=last + timedelta(days=1), until=at)
    missed = [slot for slot in due if slot.due_at + schedule.grace <= at]
    if not missed:
        yield make_fine(subject, f"`{schedule.cron}`: nothing is overdue")
        return
    count = _count_deliveries(len(missed))
    text = f"nothing came since {newest.period}; overdue: {count}, the first of {missed[0].day}"
    mend = f"ask {feed.sender} where it is"
    if len(missed) > ARCHIVE:
        mend = f"an archive is judged with `ketenwacht replay`; if this is no archive, {mend}"
    yield Symptom(SymptomLevel.WARNING, subject, text, mend)


_OTHERS, _GROUP = 0o007, 0o070


def check_secret_files() -> Iterator[Symptom]:
    """Yield whether others can read a file that the environment names for a secret."""
    for name, file in sorted(clock.environment().items()):
        if not (name.endswith("_FILE") and name.startswith(_SECRETS)) or not file:
            continue
        subject = f"file of {name.removesuffix('_FILE')}"
        try:
            mode = Path(file).stat().st_mode
        except OSError as fault:
            text = f"cannot be looked at ({describe_file_fault(fault)})"
            yield Symptom(SymptomLevel.MISCONFIGURED, subject, text, f"name a readable file in {name}")
            continue
        who = "everybody" if mode & _OTHERS else "its group" if mode & _GROUP else None
        if who is not None:
            trouble = SymptomLevel.MISCONFIGURED if mode & _OTHERS else SymptomLevel.WARNING
            yield Symptom(trouble, subject, f"{who} on this machine can read it", f"chmod 600 {file}")


_SECRETS = ("KETENWACHT_", "SLACK_")
"""How the names of variables begin that hold secrets; `NAME_FILE` names a file with one."""


def _check_keys(project: LoadedProject) -> Iterator[Symptom]:
    environ = clock.environment()
    keyed = [feed.name for feed in project.settings.feeds.values() if feed.key_columns]
    given = environ.get(KEYS) or environ.get(f"{KEYS}_FILE")
    if given:
        keys = clock.read_or_make_keys()
        yield make_fine("pseudonym key", f"set, ids {', '.join(keys.ids)}")
    elif keyed:
        text = "none set: registers in clear are compared with a key that is made anew each time and forgotten"
        mend = f"set {KEYS} or {KEYS}_FILE before a sender can give pseudonyms instead of persons"
        yield Symptom(SymptomLevel.ABSENT, "pseudonym key", text, mend)
    else:
        yield Symptom(SymptomLevel.ABSENT, "pseudonym key", "no feed names a key, so nobody is compared by it")


def _check_audit_keys() -> Iterator[Symptom]:
    keys = clock.audit_keys()
    if keys:
        yield make_fine("audit key", f"set: {format_count(len(keys), 'key')}")
    else:
        text = "none set: whoever can write the history can also write a log that fits"
        mend = f"set {clock.AUDIT_KEYS} or {clock.AUDIT_KEYS}_FILE"
        yield Symptom(SymptomLevel.ABSENT, "audit key", text, mend)


# By which thresholds own history judges, and which segments are too small to be watched alone.


_MOST = 6
"""More segments than this are counted, not listed."""


def check_monitors(project: LoadedProject, feed: Feed) -> Iterator[Symptom]:
    """Yield one symptom on the thresholds of own history, and one for each check that merges small segments."""
    symptoms: list[Symptom] = []
    rules = load_rules(feed, project.root)
    watched: tuple[WatchedCheck, ...] = ()

    def outdated(check: str, why: str) -> None:
        symptoms.append(Symptom(SymptomLevel.WARNING, f"{feed.name} {check}", why))

    with ExitStack() as stack:
        history = open_live(stack, project, lambda _what, _why: None)  # what is wrong with it stands under history
        if history is not None:
            rules = apply_approved(rules, history, feed.name, outdated)
            watched = find_watched(history, feed, rules)
    names = [check.name for check in rules.checks if traits_of(check).calibrated]
    never = [c.name for c in rules.checks if c.name in names and getattr(c, "threshold", None) is None]
    if names:
        own = "threshold and slack follow from the feed's own forecast errors"
        pinned = [name for name in names if name not in never]
        text = f"{', '.join(pinned)}: pinned" if pinned and not never else own
        symptoms.append(make_fine(f"{feed.name} thresholds", f"{', '.join(names)}: {text}" if never else text))
    yield from symptoms
    formatter = project.formatter(feed, language="en")
    yield from (_describe_merged(feed, one, formatter) for one in watched if one.together)


def _describe_merged(feed: Feed, one: WatchedCheck, formatter: MessageFormatter) -> Symptom:
    """Describe segments that are judged only together, so that nobody expects each to be watched."""
    members = [segment_text(member, formatter) for part in one.together for member in part.members]
    which = "; ".join(members[:_MOST]) + (f" and {len(members) - _MOST} more" if len(members) > _MOST else "")
    text = f"{format_count(len(members), 'segment')} too small to be watched alone are judged with others: {which}"
    return Symptom(SymptomLevel.ABSENT, f"{feed.name} {one.check}", text)


# The files of independent evidence of a feed; examining them stores nothing.


def check_evidence(project: LoadedProject, feed: Feed) -> Iterator[Symptom]:
    """Yield one symptom for each kind of evidence: what is there, or what its absence leaves unproven."""
    files: tuple[tuple[str, Sequence[str | CountSource], Callable[[CountsOrigin], date]], ...] = (
        ("references", feed.evidence.references, partial(_newest_reference, feed.dimensions)),
        ("inquiries", feed.evidence.inquiries, _newest_inquiry),
    )
    for kind, globs, newest in files:
        yield from guard_check(f"{feed.name} {kind}", partial(_check_files, project, feed, kind, globs, newest))
    yield from guard_check(f"{feed.name} register", partial(_check_register, project, feed))


def _check_files(
    project: LoadedProject,
    feed: Feed,
    kind: str,
    places: Sequence[str | CountSource],
    newest: Callable[[CountsOrigin], date],
) -> Iterator[Symptom]:
    subject = f"{feed.name} {kind}"
    if not places:
        yield Symptom(SymptomLevel.ABSENT, subject, "none configured; what they would prove stays unproven")
        return
    globs = [place for place in places if isinstance(place, str)]
    found: list[CountsOrigin] = [
        CountTable(f"evidence.{kind}.{number}", feed.name, place.source, project.root, project.zone)
        for number, place in enumerate(places)
        if not isinstance(place, str)
    ]
    found += [Path(name) for glob in globs for name in sorted(iglob(str(project.root / glob)))]  # noqa: PTH207 - see Intake
    if not found:
        yield Symptom(
            SymptomLevel.WARNING, subject, f"no file matches {', '.join(globs)}", "bring some, or leave it out"
        )
        return
    last = max(newest(path) for path in found)
    yield make_fine(
        subject,
        f"{format_count(len(found), 'file or table' if len(globs) < len(places) else 'file')}, up to {last}"
        if last > date.min
        else f"{format_count(len(found), 'empty file')}",
    )


def _newest_reference(dimensions: Sequence[str], path: CountsOrigin) -> date:
    return max((f.period_to for f in read_references(path, dimensions=dimensions)), default=date.min)


def _newest_inquiry(path: CountsOrigin) -> date:
    return max((count.day for count in read_inquiries(path)), default=date.min)


def _check_register(project: LoadedProject, feed: Feed) -> Iterator[Symptom]:
    subject, register = f"{feed.name} register", feed.evidence.register
    if register is None:
        text = "none configured; a loss that counts cannot show is only found by inquiries"
        yield Symptom(SymptomLevel.ABSENT, subject, text)
        return
    if not feed.key_columns:
        mend = f"name the column that identifies a person: feeds.{feed.name}.key"
        yield Symptom(SymptomLevel.MISCONFIGURED, subject, "the feed has no key to compare it by", mend)
        return
    found = list_registers(open_registers(feed, project.root, project.zone), clock.now())
    if not found:
        text = f"{register.path} holds no {register.pattern}" if register.source is None else "its source is empty"
        yield Symptom(
            SymptomLevel.WARNING, subject, text, f"ask {feed.sender} for one, or correct path and pattern"
        )
        return
    yield make_fine(subject, f"{format_count(len(found), 'snapshot')}, the newest of {found[-1].day}")


# Which plug-ins are installed, and whether each can be used; all are looked at, also those that nothing names.


_LOOKED: Mapping[str, Callable[[str, str], object]] = {
    CHECKS: find_check_kind,
    FORMATS: find_format,
    SOURCE_GROUP: lambda word, where: find_source_kind(word, SOURCES, where),
    ENGINE_GROUP: lambda word, where: find_engine_kind(word, ENGINES, where),
    DIALECTS: find_dialect,
    MEDIA: lambda word, where: find_medium_kind(word, BUILT_IN, where),
}
"""Group of entry points → what loads one and looks it over."""


def check_plugins() -> Iterator[Symptom]:
    """Yield one symptom for each plug-in."""
    every = [plugin for group in GROUPS for plugin in list_plugins(group)]
    if not every:
        yield Symptom(SymptomLevel.ABSENT, "plug-ins", "none is installed")
    for plugin in every:
        yield from guard_check(f"plug-in {plugin.word}", partial(_check_plugin, plugin))


def _check_plugin(plugin: Plugin) -> Iterator[Symptom]:
    _LOOKED[plugin.group](plugin.word, plugin.group)
    text = f"{GROUPS[plugin.group]} of {plugin.package} {plugin.version}"
    yield make_fine(f"plug-in {plugin.word}", text)
