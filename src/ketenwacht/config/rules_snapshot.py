"""Everything that a delivery is judged by, as JSON to be kept with the verdict, and back again.

Thresholds of approved baselines are in it, and whatever the checks file, the suites and the calendar said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any

from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.base import Check, Expectation
from ketenwacht.domain.evidence import Canary
from ketenwacht.domain.feed import Schedule
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.successors import CodeSuccessors, Succession
from ketenwacht.plugins import CHECKS, find_check_kind, unknown_word

from .validate import get_adapter


@dataclass(frozen=True, slots=True)
class RulesSnapshot:
    """What a delivery is judged by, besides its measurements, the past, and evidence.

    Attributes:
        rules: checks, declared days, holidays.
        expectations: the outline of the suites.
        schedule: when deliveries are due.
        canaries: synthetic persons that were listed.
        code: version of the code that judged.
    """

    rules: FeedRules
    expectations: tuple[Expectation, ...]
    schedule: Schedule | None
    canaries: tuple[Canary, ...] = ()
    code: str = version("ketenwacht")


def dump_rules(what: RulesSnapshot) -> dict[str, Any]:
    """Return it as JSON values; the same rules give the same."""
    rules = what.rules
    return {
        "code": what.code,
        "checks": [_dump_check(check) for check in rules.checks],
        "masks": [
            {
                "first": m.first.isoformat(),
                "last": m.last.isoformat(),
                "reason": m.reason,
                "kind": m.kind,
                "segment": [list(pair) for pair in m.segment.pairs],
                "declared_by": m.declared_by,
            }
            for m in rules.exclusions
        ],
        "holidays": sorted(day.isoformat() for day in rules.holidays),
        **({"periods": [sorted(d.isoformat() for d in days) for days in rules.periods]} if rules.periods else {}),
        **_dump_successors(rules.successors),
        "expectations": [get_adapter(Expectation).dump_python(e, mode="json") for e in what.expectations],
        "schedule": get_adapter(Schedule | None).dump_python(what.schedule, mode="json"),
        "canaries": [
            [c.number, c.decided.isoformat(), [list(p) for p in c.category.pairs]] for c in what.canaries
        ],
    }


def load_rules(body: Mapping[str, Any]) -> RulesSnapshot:
    """Restore the rules that `dump_rules` wrote.

    Raises:
        ConfigError: there is no such kind of check any more.
        pydantic.ValidationError: a check has other settings than it had.
    """
    return RulesSnapshot(
        FeedRules(
            checks=tuple(_load_check(dict(one)) for one in body["checks"]),
            exclusions=tuple(_load_exclusion(one) for one in body["masks"]),
            holidays=frozenset(date.fromisoformat(day) for day in body["holidays"]),
            periods=tuple(frozenset(map(date.fromisoformat, days)) for days in body.get("periods", ())),
            successors=_load_successors(body.get("successors", {})),
        ),
        get_adapter(tuple[Expectation, ...]).validate_python(body["expectations"]),
        get_adapter(Schedule | None).validate_python(body["schedule"]),
        tuple(_load_canary(*one) for one in body.get("canaries", ())),
        body["code"],
    )


def _dump_successors(successors: CodeSuccessors) -> dict[str, Any]:
    columns = {
        column: [[one.code, one.last.isoformat(), one.successor] for one in successions]
        for column, successions in sorted(successors.columns.items())
    }
    return {"successors": columns} if columns else {}


def _load_successors(body: Mapping[str, Any]) -> CodeSuccessors:
    return CodeSuccessors(
        {
            column: tuple(Succession(code, date.fromisoformat(last), after) for code, last, after in successions)
            for column, successions in body.items()
        }
    )


def _dump_check(check: Check) -> dict[str, Any]:
    return {"kind": check.kind, **get_adapter(type(check)).dump_python(check, mode="json")}


def _load_check(settings: dict[str, Any]) -> Check:
    word = str(settings.pop("kind"))
    kind: Any = find_check_kind(word, "a kept verdict")
    if kind is None:
        raise unknown_word(CHECKS, word, [built_in.kind for built_in in KINDS], "a kept verdict")
    made: Check = get_adapter(kind).validate_python(settings)
    return made


def _load_canary(number: int, decided: str, pairs: Sequence[Sequence[str]]) -> Canary:
    return Canary(number, date.fromisoformat(decided), Segment(tuple((name, value) for name, value in pairs)))


def _load_exclusion(body: Mapping[str, Any]) -> ExclusionWindow:
    first, last = (date.fromisoformat(body[name]) for name in ("first", "last"))
    segment = Segment(tuple((name, value) for name, value in body["segment"]))
    return ExclusionWindow(first, last, body["reason"], body["kind"], segment, body["declared_by"])
