"""Find every fault in the configuration, its suites and its checks, without reading any data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path

from ketenwacht.config.calendar import check_schedule, find_lag_fault
from ketenwacht.config.load import list_environments, read_settings
from ketenwacht.config.rules import (
    find_budget_fault,
    find_unfed_acknowledgements,
    find_unused_evidence,
    list_agreed_columns,
    read_rules,
)
from ketenwacht.config.validate import (
    find_missing_files,
    find_unknown_columns,
    find_unknown_feeds,
    find_unshared_dimensions,
    is_file,
)
from ketenwacht.config.yaml_file import Where, locate_fault, make_locator, read_yaml
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.settings import FeedRules, Settings
from ketenwacht.errors import ConfigError
from ketenwacht.measure import lint as lint_suite
from ketenwacht.sources import compile_pattern, open_source
from ketenwacht.workflows.agreements import find_faults_of_terms
from ketenwacht.workflows.engines import build_engine

from . import clock


def find_faults(config: Path, *, overrides: tuple[str, ...] = ()) -> list[ConfigError]:
    """Return every fault as `path:line:column`, what, and how to mend it; [] when there is none.

    Each environment is examined too, as it is in force. A setting with a fault counts as its default, and one that
    is misspelt as the one that was meant, so that the faults behind it are found in the same round.
    """
    faults = _check_settings(config, overrides, None)
    for environment in list_environments(config):
        faults += _check_settings(config, overrides, environment)
    return list({(fault.where, fault.what): fault for fault in faults}.values())


def _check_settings(config: Path, overrides: tuple[str, ...], environment: str | None) -> list[ConfigError]:
    settings, faults = read_settings(
        config, environ=clock.environment(), overrides=overrides, environment=environment
    )
    if settings is None:
        return faults
    file = read_yaml(config)
    where = make_locator(file, environment)
    feeds = file.tree.get("feeds") if isinstance(file.tree, Mapping) else None
    told = {fault.where for fault in faults}
    found = [
        *_check_history(settings, where),
        *_check_routes(settings, where),
        *find_unknown_feeds(settings, where, feeds if isinstance(feeds, Mapping) else ()),
    ]
    for feed in settings.feeds.values():
        found += _check_feed(feed, config.parent, where)
    return faults + [fault for fault in found if fault.where not in told]


def _check_history(settings: Settings, where: Where) -> Iterator[ConfigError]:
    lock = settings.history_lock_url
    if lock is not None and not lock.startswith("postgres"):
        mend = "name the PostgreSQL server of the history itself, or leave it out"
        yield ConfigError(where(("history_lock_url",)), "is not the address of a PostgreSQL server", mend)
    if settings.history.startswith("sqlite:///"):
        return  # whatever follows is the name of a file
    from ketenwacht.store import check_url  # noqa: PLC0415 - the history itself is not opened

    try:
        check_url(settings.history)
    except ConfigError as fault:
        yield ConfigError(where(("history",)), f"{fault.where}: {fault.what}", fault.mend)


def _check_routes(settings: Settings, where: Where) -> Iterator[ConfigError]:
    """Yield each URL that apprise cannot use; nothing is sent."""
    for number, route in enumerate(settings.alerts.routes):
        if route.apprise is None:
            continue
        from ketenwacht.notify.apprise.notifier import open_plugin  # noqa: PLC0415 - takes most of a second

        for place, url in enumerate(route.apprise.urls):
            if not url.strip():
                continue  # a variable that is not set
            try:
                open_plugin(url, where(("alerts", "routes", number, "apprise", "urls", place)))
            except ConfigError as fault:
                yield fault


def _check_feed(feed: Feed, root: Path, where: Where) -> Iterator[ConfigError]:
    found = list(_check_delivery(feed, root, where))
    yield from found
    if any(".schedule." in fault.what for fault in found):
        feed = replace(feed, schedule=None)  # its days cannot be reckoned with
    yield from find_missing_files(feed, root, where)
    yield from find_unshared_dimensions(feed, where)
    if feed.contract is not None and is_file(root / feed.contract):
        yield from find_faults_of_terms(root / feed.contract)
    rules = FeedRules(checks=())
    if feed.checks is None or is_file(root / feed.checks):
        rules, faults = read_rules(feed, root)
        yield from faults
        yield from find_unused_evidence(feed, root, where)
        yield from find_unfed_acknowledgements(feed, root)
    budget = find_budget_fault(feed, rules, root)
    if budget is not None:
        yield budget
    columns = _agreed_columns(rules)
    if columns is not None:
        yield from find_unknown_columns(feed, columns, where)
    for suite in feed.suites:
        if is_file(root / suite):
            yield from lint_suite(root / suite, columns=columns)


def _check_delivery(feed: Feed, root: Path, where: Where) -> Iterator[ConfigError]:
    """Yield the faults in the schedule, source and register of a feed."""
    try:
        if feed.schedule is not None:
            check_schedule(feed.schedule)
            lagging = find_lag_fault(feed.schedule)
            if lagging is not None:
                yield locate_fault(lagging, feed.name, where)
    except ConfigError as fault:
        yield locate_fault(fault, feed.name, where)
    for refused in _find_source_faults(feed, root):
        yield locate_fault(refused, feed.name, where)
    fault_ = _check_register(feed, root)
    if fault_ is not None:
        yield locate_fault(fault_, feed.name, where)


def _find_source_faults(feed: Feed, root: Path) -> Iterator[ConfigError]:
    """Yield what the reader and the engine refuse, one by one: a refused setting then gets its default."""
    prefix, defaults = f"feeds.{feed.name}.source.", {}
    for one in fields(feed.source):
        if one.default is not MISSING:
            defaults[one.name] = one.default
        elif one.default_factory is not MISSING:
            defaults[one.name] = one.default_factory()
    while True:
        try:
            build_engine(feed, open_source(feed.name, feed.source, root=root))
        except ConfigError as fault:
            yield fault
            refused = fault.where.removeprefix(prefix).partition(".")[0]
        else:
            return
        if refused not in defaults:
            return
        feed = replace(feed, source=replace(feed.source, **{refused: defaults.pop(refused)}))


def _check_register(feed: Feed, root: Path) -> ConfigError | None:
    """Return what the reader of a register refuses, or what is wrong with the names of its snapshots."""
    register, setting = feed.evidence.register, f"feeds.{feed.name}.evidence.register.pattern"
    try:
        if register is not None and register.source is not None:
            open_source(f"{feed.name}.evidence.register", register.source, root=root)
            return None
        dated = register is None or compile_pattern(register.pattern, where=setting).date_format is not None
    except ConfigError as fault:
        return fault
    what = "a name without {date} does not say which day the register speaks of"
    return None if dated else ConfigError(setting, what, "add {date:%Y%m%d} to it")


def _agreed_columns(rules: FeedRules) -> set[str] | None:
    """Return the agreed columns; None when no check lists them."""
    return list_agreed_columns(rules.checks) or None
