"""The valid range of every setting that is a number or a length of time; `lint` refuses any other value.

A type cannot say it: a port of 99,999, a tick of no time, a limit of -1 bytes are numbers like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from ketenwacht.domain.feed import Feed, Source, SparkSource, TableSource
from ketenwacht.domain.settings import Settings
from ketenwacht.errors import ConfigError

from .yaml_file import Location, Where

Limit = float | timedelta
_MOMENT, _SECOND = timedelta(milliseconds=10), timedelta(seconds=1)
_DAY, _MONTH, _DECADE = timedelta(days=1), timedelta(days=31), timedelta(days=3653)
_ANY_TIME = (timedelta(0), _DECADE)
_PORT, _PERSONS, _TIMES = (0, 65_535), (0, 10**12), (1, 1000)

_SERVICE: Mapping[str, tuple[Limit, Limit]] = {
    "tick": (_MOMENT, _DAY),
    "lease": (_MOMENT, _DAY),
    "digest_hour": (0, 23),
    "port": _PORT,
    "metrics_port": _PORT,
    "listing": (_MOMENT, _MONTH),
    "standstill": (_MOMENT, _MONTH),
    "measuring": (_MOMENT, _MONTH),
    "memory": (2**20, 2**60),
    "plugin": (_MOMENT, _MONTH),
    "quiet": (timedelta(0), _MONTH),
    "unsent": (_SECOND, _DECADE),
}
_ACCESS: Mapping[str, tuple[Limit, Limit]] = {"session": (_SECOND, _DECADE), "acts_per_minute": (1, 10**6)}
_ALERTS: Mapping[str, tuple[Limit, Limit]] = {"small_count": (1, 10**6)}
_POLICY: Mapping[str, tuple[Limit, Limit]] = {
    "medium": _PERSONS,
    "high": _PERSONS,
    "critical": _PERSONS,
    "growth": (1, 10**6),
    "growth_persons": _PERSONS,
    "reopen": _ANY_TIME,
    "flap_window": _TIMES,
    "flap_flips": _TIMES,
    "settled": _TIMES,
    "forget": _ANY_TIME,
}
_SOURCE: Mapping[str, tuple[Limit, Limit]] = {
    "max_bytes": (1, 2**60),
    "skip_lines": (0, 10**6),
    "skip_footer": (0, 10**6),
}
_CLOCK: Mapping[str, tuple[Limit, Limit]] = {"term": _ANY_TIME}
_SCHEDULE: Mapping[str, tuple[Limit, Limit]] = {"grace": _ANY_TIME, "lag": _ANY_TIME}


def find_out_of_bounds(settings: Settings, where: Where) -> Iterator[ConfigError]:
    """Yield each number and length of time that is out of its range."""
    alerts = settings.alerts
    yield from _find(settings.service, _SERVICE, ("service",), where)
    yield from _find(settings.service.access, _ACCESS, ("service", "access"), where)
    yield from _find(alerts, _ALERTS, ("alerts",), where)
    yield from _find(alerts.policy, _POLICY, ("alerts", "policy"), where)
    for feed in settings.feeds.values():
        yield from _find_of_feed(feed, where)


def _find_of_feed(feed: Feed, where: Where) -> Iterator[ConfigError]:
    at = ("feeds", feed.name)
    yield from _find(feed.source, _SOURCE, (*at, "source"), where)
    if feed.schedule is not None:
        yield from _find(feed.schedule, _SCHEDULE, (*at, "schedule"), where)
    register = feed.evidence.register
    if register is not None and register.source is not None:
        yield from _find(register.source, _SOURCE, (*at, "evidence", "register", "source"), where)
    for number, clock in enumerate(() if register is None else register.terms):
        yield from _find(clock, _CLOCK, (*at, "evidence", "register", "terms", number), where)


def _find(
    part: object, ranges: Mapping[str, tuple[Limit, Limit]], at: Location, where: Where
) -> Iterator[ConfigError]:
    for name, (low, high) in ranges.items():
        value = getattr(part, name, None)  # a kind of source may lack it
        if value is not None and not low <= value <= high:
            place = ".".join(map(str, (*at, name)))
            mend = "write 10, or 1 where nothing is personal" if name == "small_count" and value < 1 else ""
            yield ConfigError(
                where((*at, name)),
                f"`{place}` is out of range",
                mend or f"write {_describe(low)} to {_describe(high)}",
            )


def _describe(limit: Limit) -> str:
    if not isinstance(limit, timedelta):
        return f"{limit:,}"
    if limit >= _DAY:
        return f"{limit.days}d"
    return "0.01s" if limit == _MOMENT else f"{limit // _SECOND}s"


# Settings that one place needs and another does not have.


def find_unplaced(settings: Settings, where: Where) -> Iterator[ConfigError]:
    """Yield each feed and register that does not say where it is, or which period a row is for."""
    for feed in settings.feeds.values():
        at = ("feeds", feed.name)
        yield from _find_without_period(feed.source, (*at, "source"), where)
        register = feed.evidence.register
        if register is None:
            continue
        inside = (*at, "evidence", "register")
        if register.source is not None:
            yield from _find_without_period(register.source, (*inside, "source"), where)
            if register.path or register.pattern:
                what = "there is a `source`, and also a `path` or `pattern`"
                yield ConfigError(where(inside), what, "leave `path` and `pattern` out")
            continue
        for name in ("path", "pattern"):
            if not getattr(register, name):
                what = f"`{'.'.join(map(str, (*inside, name)))}` is missing"
                yield ConfigError(where((*inside, name)), what, "add it, or a `source`")


def _find_without_period(source: Source, at: Location, where: Where) -> Iterator[ConfigError]:
    if isinstance(source, TableSource | SparkSource) and not source.period_column:
        what = f"`{'.'.join(map(str, at))}.period_column` is missing"
        yield ConfigError(where((*at, "period_column")), what, "add it")
