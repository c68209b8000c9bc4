"""checks/*.yaml → `FeedRules`: which checks judge the stream of deliveries, and which days do not count."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

from ketenwacht.document_limits import read_document
from ketenwacht.domain.check_traits import Holds, list_held, traits_of
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.acknowledgement import AcknowledgementCheck
from ketenwacht.domain.checks.base import Check
from ketenwacht.domain.delivery import FIRST_DAY, LAST_DAY
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.errors import ConfigError, describe_file_fault
from ketenwacht.plugins import CHECKS, find_check_kind, unknown_word

from .calendar import holidays_of, recurring_periods
from .validate import (
    build,
    build_partly,
    find_idle_allowances,
    find_out_of_range,
    find_problems,
    find_uncounted_categories,
    suggest_word,
    to_plain,
)
from .yaml_file import Location, Where, YamlFile, read_yaml

BUDGET = "false_alarms_per_year"
_TOP = ("version", BUDGET, "checks", "declared")
EXPECTED_FILE = "expected_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPeriod:
    """A stretch of days that somebody declared to say nothing about the normal level."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    first: date
    last: date
    kind: Literal["pause", "incident", "catch-up", "policy", "release"]
    why: str
    by: str
    segment: Mapping[str, str] = field(default_factory=dict)


def load_rules(feed: Feed, root: Path) -> FeedRules:
    """Read the checks of `feed`; without a checks file, the defaults that fit what the feed has.

    Raises:
        ConfigError: the first fault of the file.
    """
    rules, faults = read_rules(feed, root)
    if faults:
        raise faults[0]
    return rules


def read_rules(feed: Feed, root: Path) -> tuple[FeedRules, list[ConfigError]]:
    """Return the checks of `feed` and every fault found; a check with a fault is left out of the rules."""
    holidays, periods = holidays_of(feed.schedule), recurring_periods(feed.schedule)
    if feed.checks is None:
        return FeedRules(checks=build_default_checks(feed), holidays=holidays, periods=periods), []
    try:
        file = read_yaml(root / feed.checks)
    except ConfigError as fault:
        return FeedRules(checks=()), [fault]
    tree = cast("dict[str, Any]", to_plain(file.tree))
    faults = _find_top_faults(tree, file)
    checks = _read_checks(_list_items(tree, "checks"), feed, file, faults)
    checks = _add_required_checks(checks, feed)
    exclusions = _read_exclusions(_list_items(tree, "declared"), feed, file, faults)
    budget = tree.get("false_alarms_per_year")
    if budget is not None and (not isinstance(budget, int | float) or budget < 0):
        faults.append(ConfigError(file.where((BUDGET,)), f"`{BUDGET}` is no rate", "write 0 or more, such as 4"))
        budget = None
    rules = FeedRules(checks, exclusions, holidays, periods, false_alarms_per_year=budget)
    return rules, faults


def _add_required_checks(checks: tuple[Check, ...], feed: Feed) -> tuple[Check, ...]:
    """Add the required checks (`schedule` first, `evidence` last) when the file omits them."""
    there = {check.kind for check in checks}
    left_out = {k: traits_of(k).always for k in KINDS if k.kind not in there}
    first, last = (
        tuple(_build_default(kind, feed) for kind, place in left_out.items() if place == wanted)
        for wanted in ("first", "last")
    )
    return tuple(check for check in (*first, *checks, *last) if check is not None)


def _build_default(kind: Any, feed: Feed) -> Check | None:  # noqa: ANN401 - a class of checks, built from its settings
    """Return a check of a kind that needs no setting; None when the feed lacks the required configuration."""
    settings = traits_of(kind).default(feed)
    return None if settings is None else cast("Check", kind(**settings))


def find_budget_fault(feed: Feed, rules: FeedRules, root: Path) -> ConfigError | None:
    """Return a warning when the checks together may give more false alarms a year than the team accepts."""
    if feed.checks is None or rules.false_alarms_per_year is None or rules.budgeted <= rules.false_alarms_per_year:
        return None
    asked = {check.name: float(getattr(check, BUDGET, 0.0)) for check in rules.checks}
    parts = ", ".join(f"{name} {budget:g}" for name, budget in asked.items() if budget > 0.0)
    return ConfigError(
        read_yaml(root / feed.checks).where((BUDGET,)),
        f"{rules.false_alarms_per_year:g} false alarms a year are allowed, the checks together may give "
        f"{rules.budgeted:g} ({parts})",
        f"lower `{BUDGET}` of some checks, or allow more at the top",
    )


def build_default_checks(feed: Feed) -> tuple[Check, ...]:
    """Return one check of every kind that needs no setting and for which the feed has what it takes."""
    return tuple(check for kind in KINDS if (check := _build_default(kind, feed)) is not None)


def _find_top_faults(tree: Mapping[str, Any], file: YamlFile) -> list[ConfigError]:
    mend = f"use one of: {', '.join(_TOP)}"
    faults = [
        ConfigError(file.where((key,)), f"`{key}` is not a known setting", suggest_word(key, _TOP, mend))
        for key in tree
        if key not in _TOP
    ]
    if tree.get("version", 1) != 1:
        faults.append(ConfigError(file.where(("version",)), "this version is not known", "use version: 1"))
    if not tree.get("checks"):
        mend = "add one, or leave `checks` of the feed out: the default ones are used then"
        faults.append(ConfigError(file.where(("checks",)), "there is no check", mend))
    return faults + [
        ConfigError(file.where((key,)), f"`{key}` is not a list", "write each item as `- …`")
        for key in ("checks", "declared")
        if not isinstance(tree.get(key) or [], list)
    ]


def _read_checks(items: Sequence[Any], feed: Feed, file: YamlFile, faults: list[ConfigError]) -> tuple[Check, ...]:
    out: dict[int, Check] = {}
    for i, item in enumerate(items):
        at: Location = ("checks", i)
        if not isinstance(item, dict) or "kind" not in item:
            faults.append(ConfigError(file.where(at), "a check has no kind", "write it as `- kind: volume`"))
            continue
        settings = _read_settings(
            item, root=file.path.parent, where=file.where((*at, EXPECTED_FILE)), faults=faults
        )
        kind = _find_kind(str(item["kind"]), file.where((*at, "kind")), faults)
        if kind is None:
            continue
        check, found = build_partly(kind, {"name": kind.kind, **settings}, file.where, at)
        faults += found
        if check is None:
            continue
        faults += _find_misfits(check, feed, file, at, {one.name for one in out.values()})
        faults += find_out_of_range(check, file.where, at)
        faults += find_uncounted_categories(check, feed, file.where, at)
        faults += find_idle_allowances(check, file.where, at)
        out[i] = check
    faults += _find_second_dates(out, file)
    columns = list_agreed_columns(out.values())
    for i, check in out.items():
        faults += _find_unknown_fields(check, columns, file, ("checks", i))
    return tuple(out.values())


def _read_settings(
    item: Mapping[str, Any], *, root: Path, where: str, faults: list[ConfigError]
) -> dict[str, Any]:
    """Return the settings of a check; categories that stand in a CSV beside the checks are read into them."""
    settings = {key: value for key, value in item.items() if key != "kind"}
    name = settings.get(EXPECTED_FILE)
    if isinstance(name, str):
        try:
            text = read_document(root / name)
            rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
        except (OSError, UnicodeDecodeError) as error:
            faults.append(
                ConfigError(where, f"cannot be read ({describe_file_fault(error)})", "name a UTF-8 CSV file")
            )
            rows = []
        settings["expected"] = [*settings.get("expected", ()), *rows]
    return settings


def _find_kind(word: str, where: str, faults: list[ConfigError]) -> type[Check] | None:
    """Return the class of a kind, built in or of a plug-in; None after a fault."""
    try:
        kind = find_check_kind(word, where)
    except ConfigError as fault:
        faults.append(fault)
        return None
    if kind is None:
        faults.append(unknown_word(CHECKS, word, [k.kind for k in KINDS], where))
    return kind


def _find_misfits(check: Check, feed: Feed, file: YamlFile, at: Location, names: set[str]) -> list[ConfigError]:
    """Return what a check's types cannot say: its name is its own, and its segments are counted."""
    faults = []
    if check.name in names:
        faults.append(ConfigError(file.where(at), f"there are two checks `{check.name}`", "give each a `name`"))
    segments = getattr(check, "segments", ())
    if segments is not None and segments not in feed.segments:
        counted = "; ".join(f"[{', '.join(dims)}]" for dims in feed.segments)
        faults.append(
            ConfigError(
                file.where((*at, "segments")),
                f"segments [{', '.join(segments)}] are not counted",
                f"add them to the feed's `segments`, or use one of: {counted}",
            )
        )
    return faults


_USERS: Mapping[str, frozenset[str]] = {
    "references": frozenset({"reference"}),
    "inquiries": frozenset({"inquiries"}),
    "register": frozenset({"reconciliation"}),
}
"""Entry of `evidence` → the kinds of check that use it."""


def find_unused_evidence(feed: Feed, root: Path, where: Where) -> Iterator[ConfigError]:
    """Yield each entry of `evidence` that no check of the feed uses; nothing where a plug-in may use it.

    The kinds count as they are written, so that a check with a fault still uses its evidence.
    """
    if feed.checks is None:
        items: list[Any] = [{"kind": check.kind} for check in build_default_checks(feed)]
    else:
        try:
            tree = cast("dict[str, Any]", to_plain(read_yaml(root / feed.checks).tree))
        except ConfigError:
            return
        items = [item for item in _list_items(tree, "checks") if isinstance(item, dict)]
    known = [kind.kind for kind in KINDS]
    kinds = {next(iter(get_close_matches(str(item.get("kind")), known, n=1)), None) for item in items}
    if None in kinds:
        return
    evidence, at = feed.evidence, ("feeds", feed.name, "evidence")
    for name, users in _USERS.items():
        if getattr(evidence, name) and not users & kinds:
            mend = f"add `kind: {min(users)}` to the checks, or remove it"
            yield ConfigError(where((*at, name)), f"no check uses `evidence.{name}`", mend)
    words = set(_list_words(items)) | ({AcknowledgementCheck().hop} if "acknowledgement" in kinds else set())
    for hop in evidence.hops:
        if hop not in words:
            mend = "name the hop in a check of the kind conservation or acknowledgement, or remove it"
            yield ConfigError(where((*at, "hops", hop)), f"no check uses `evidence.hops.{hop}`", mend)


def find_unfed_acknowledgements(feed: Feed, root: Path) -> Iterator[ConfigError]:
    """Yield each check of acknowledgements at whose hop no receipts are configured: all would be overdue."""
    if feed.checks is None:
        return
    try:
        file = read_yaml(root / feed.checks)
    except ConfigError:
        return
    tree = cast("dict[str, Any]", to_plain(file.tree))
    for number, item in enumerate(_list_items(tree, "checks")):
        if not isinstance(item, dict) or item.get("kind") != AcknowledgementCheck.kind:
            continue
        hop = str(item.get("hop", AcknowledgementCheck().hop))
        counts = feed.evidence.hops.get(hop)
        if counts is None or not counts.receipts:
            what = f"awaits receipts, and `evidence.hops.{hop}.receipts` of feed {feed.name} names none"
            mend = (
                "name there the files that the receiver gives; the receiver itself awaits none: remove the check"
            )
            at: Location = ("checks", number)
            yield ConfigError(file.where((*at, "hop") if "hop" in item else at), what, mend)


def _list_words(node: object) -> Iterator[str]:
    """Yield every text in a tree."""
    if isinstance(node, Mapping):
        for value in node.values():
            yield from _list_words(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _list_words(value)
    elif isinstance(node, str):
        yield node


def list_agreed_columns(checks: Iterable[Check]) -> set[str]:
    """Return every column that a check says a delivery has; empty when none lists them."""
    return {column for check in checks for _, names in list_held(check, Holds.AGREED_COLUMNS) for column in names}


def _find_second_dates(checks: Mapping[int, Check], file: YamlFile) -> list[ConfigError]:
    """Find checks that count persons by another date of decision than the first one: a feed is counted by one."""
    named = [(i, column) for i, check in checks.items() if (column := getattr(check, "decided_column", ""))]
    return [
        ConfigError(
            file.where(("checks", i, "decided_column")),
            f"another check of this feed counts by `{named[0][1]}`",
            "name the same column in both",
        )
        for i, column in named[1:]
        if column != named[0][1]
    ]


def _find_unknown_fields(check: Check, columns: set[str], file: YamlFile, at: Location) -> list[ConfigError]:
    """Find columns that a check names and the agreed schema does not have; none without a schema."""
    named: list[tuple[Location, str]] = []
    for setting, listed in list_held(check, Holds.COLUMNS):
        if isinstance(listed, str):
            named += [((setting,), listed)] if listed else []
        else:
            named += [
                ((setting, name if isinstance(listed, Mapping) else i), name) for i, name in enumerate(listed)
            ]
    mend = "name a column of the schema check"
    return [
        ConfigError(file.where((*at, *steps)), f"there is no column `{name}`", suggest_word(name, columns, mend))
        for steps, name in named
        if columns and name not in columns
    ]


def _list_items(tree: Mapping[str, Any], key: str) -> list[Any]:
    found = tree.get(key) or []
    return found if isinstance(found, list) else []


def _read_exclusions(
    items: Sequence[Any], feed: Feed, file: YamlFile, faults: list[ConfigError]
) -> tuple[ExclusionWindow, ...]:
    out = []
    known = {name for dims in feed.segments for name in dims}
    for i, item in enumerate(items):
        at: Location = ("declared", i)
        found = find_problems(DeclaredPeriod, item, file.where, at)
        faults += found
        if found:
            continue
        one = build(DeclaredPeriod, item, file.where, at)
        if one.last < one.first:
            faults.append(ConfigError(file.where((*at, "last")), "`last` is before `first`", "swap them"))
        for name, day in (("first", one.first), ("last", one.last)):
            if not FIRST_DAY <= day <= LAST_DAY:
                place = file.where((*at, name))
                faults.append(ConfigError(place, f"`{name}` is no day from 1970 to 2100", "mend the year"))
        for name in one.segment:
            if name not in known:
                mend = suggest_word(name, known, "use a dimension of the feed's `segments`")
                place = file.where((*at, "segment", name))
                faults.append(ConfigError(place, f"nothing is counted by `{name}`", mend))
        out.append(ExclusionWindow(one.first, one.last, one.why, one.kind, Segment.of(one.segment), one.by))
    return tuple(out)
