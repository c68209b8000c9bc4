"""A feed with its rules, reader and engine, put together from its configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ketenwacht.config.calendar import check_schedule
from ketenwacht.config.rules import load_rules
from ketenwacht.domain.feed import Feed
from ketenwacht.measure import Plan, outline
from ketenwacht.pipeline import Station
from ketenwacht.sources import open_source

from .agreements import guard_of
from .engines import engine_of
from .office import agreed_keys
from .registers.canarying import birds_of

if TYPE_CHECKING:
    from .office import Office


def station_of(office: Office, feed: Feed) -> Station:
    """Everything about a feed that does not change from delivery to delivery.

    Raises:
        ConfigError: its schedule, suites, checks or source are wrong.
    """
    if feed.schedule is not None:
        check_schedule(feed.schedule, office.settings.timezone)
    suites = tuple(str(office.root / suite) for suite in feed.suites)
    birds = birds_of(feed, office.root, agreed_keys)
    rules = load_rules(feed, office.root)
    guard = guard_of(feed, rules, office.root)
    reader = open_source(feed.name, feed.source, root=office.root, zone=office.zone, guard=guard)
    return Station(
        feed=feed,
        rules=rules,
        reader=reader,
        engine=engine_of(feed, reader),
        plan=Plan(
            segments=feed.segments,
            count_column=feed.source.count_column,
            suites=suites,
            canaries=birds.keys if birds is not None else None,
            guard=guard,
        ),
        expectations=tuple(e for suite in suites for e in outline(suite)),
        alerting=office.settings.alerts,
        zone=office.zone,
        how=office.formatter(feed),
        canaries=tuple(replace(c, category=guard.segment(c.category)) for c in birds.listed) if birds else (),
    )


def nobody_of(office: Office, feed: Feed) -> tuple[str, ...]:
    """The keys of synthetic persons, in clear; none when the feed declares none."""
    birds = birds_of(feed, office.root, agreed_keys)
    return birds.keys.keys() if birds is not None else ()
