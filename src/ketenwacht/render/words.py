"""How verdicts, segments, counts and dates are worded for people: one vocabulary for every medium."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from ketenwacht.domain.privacy import SMALL_COUNT, shown_count, shown_missing
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing, by_week
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Statement
from ketenwacht.domain.status import Status
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import clean

from .glyphs import ASCII, UNICODE, Glyphs

__all__ = ["ASCII", "UNICODE", "Glyphs", "clean"]  # for who still takes them from here

PERSON_UNITS = frozenset({"persons", "rows", "records", "inquiries"})
"""Units in which a number counts persons, so that a small one must not be shown."""

SHARE_UNITS = frozenset({"share", "fraction"})
"""Units in which a number is a fraction 0–1, shown as a percentage."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

EVIDENCE: Mapping[Evidence, str] = MappingProxyType(
    {
        Evidence.RECONCILIATION: "keyed reconciliation",
        Evidence.CONTROL_TOTAL: "control totals",
        Evidence.REFERENCE: "outside reference",
        Evidence.HISTORY: "own history",
        Evidence.INQUIRY: "inquiries",
        Evidence.CONTRACT: "contract",
        Evidence.SCHEDULE: "schedule",
    }
)
"""Each kind of evidence as a phrase that fits after "by" and "on"."""

MEANING: Mapping[Status, str] = MappingProxyType(
    {
        Status.PASSED: "judged, and right",
        Status.SKIPPED: "not judged, for a stated reason",
        Status.UNPROVEN: "nothing contradicts it, and no independent evidence covers it",
        Status.WARNED: "worth a look",
        Status.FAILED: "the data is wrong",
        Status.ERROR: "could not be judged",
    }
)
"""Each verdict in a few words; *failed* and *error* never look alike."""


def say(statement: Statement) -> str:
    """A statement in English."""
    return MessageFormatter().say(statement)


def day(when: date) -> str:
    """A date as `24 Jun 2022`: no order of numbers to misread, no locale."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def since(missing: Missing, evidence: Evidence, show: Callable[[date], str] = day) -> str:
    """When a loss began, to follow on "since": a day, or `the week of 24 Jan 2022` where no more is known."""
    shown = show(missing.since)
    return f"the week of {shown}" if by_week(missing, evidence) else shown


def month(when: date) -> str:
    """The three letters of its month."""
    return _MONTHS[when.month - 1]


def span(first: date, last: date) -> str:
    """A stretch of days, both ends included: `3 Jan 2022 – 30 Jun 2023`."""
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 day`, `2 days`, `1,200 days`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def segment_words(segment: Segment) -> str:
    """A segment in a sentence: `group family, town (empty)`, or `whole feed`."""
    parts = (f"{clean(name)} {clean(value) or '(empty)'}" for name, value in segment.pairs)
    return ", ".join(parts) or "whole feed"


def is_small(value: float, unit: str | None) -> bool:
    """Whether a number counts persons and is too small to leave the tool."""
    return unit in PERSON_UNITS and 0 < value < SMALL_COUNT


def drawn_count(count: float | None, *, small: int = SMALL_COUNT) -> float | None:
    """The height at which a count is drawn: a small one halfway, since a drawing can be measured."""
    return small / 2 if count is not None and 0 < count < small else count


def number(value: float, unit: str | None = None) -> str:
    """One number as people read it; a small count of persons as `<10`, a share as a percentage."""
    if not math.isfinite(value):
        return "unknown"
    if unit in PERSON_UNITS:
        return shown_count(value)
    if unit in SHARE_UNITS:
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def observed(result: CheckResult, none: str = "") -> str:
    """What a check saw, with its unit unless that is persons; `none` when it saw no number."""
    if result.observed is None:
        return none
    unit = result.unit
    tail = "" if unit is None or unit in PERSON_UNITS | SHARE_UNITS else f" {clean(unit)}"
    return number(result.observed, unit) + tail


def limits(expected: Interval, unit: str | None) -> Interval:
    """The limits as they may be shown: of a count, the whole numbers that would have been accepted."""
    if unit not in PERSON_UNITS:
        return expected
    low = None if expected.low is None else float(math.ceil(expected.low - 1e-9))
    high = None if expected.high is None else float(math.floor(expected.high + 1e-9))
    if low is not None and high is not None and low > high:  # a band so narrow that it holds no whole number
        return Interval(high, low)
    return Interval(low, high)


def band(expected: Interval | None, unit: str | None, none: str = "") -> str:
    """An expected interval: `21–44`, `at least 21`, `at most 44`, or `none` without limits."""
    if expected is None or (expected.low is None and expected.high is None):
        return none
    shown = limits(expected, unit)
    # A limit is a model's number, not a count of persons, and is shown whatever its size.
    plain = None if unit in PERSON_UNITS else unit
    if shown.low is None:
        return f"at most {number(shown.high if shown.high is not None else math.inf, plain)}"
    if shown.high is None:
        return f"at least {number(shown.low, plain)}"
    if shown.low == shown.high:
        return number(shown.low, plain)
    return f"{number(shown.low, plain)}–{number(shown.high, plain)}"


def missing_amount(missing: Missing) -> str:
    """How many: `about 190`, `fewer than 10`, and for a negative estimate `about 40 too many`."""
    shown = shown_missing(missing.value)
    words = "fewer than 10" if shown.startswith("<") else "none" if shown == "0" else f"about {shown}"
    return f"{words} too many" if missing.value < 0 and shown != "0" else words


def missing_range(missing: Missing) -> str:
    """The 90 % interval of an estimate, rounded outward to tens: `120–260`."""
    low, high = sorted((abs(missing.low), abs(missing.high)))
    if missing.low < 0 < missing.high:
        low = 0.0
    down, up = math.floor(low / 10) * 10, math.ceil(high / 10) * 10
    return f"{down:,}–{up:,}"
