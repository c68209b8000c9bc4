"""Two versions of a contract, and what changed between them, for both sides of the chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .fact import Fact
from .facts import SEVERITIES, facts_of
from .model import Contract, Node
from .rules import ChangeEffect, overall, sides


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One fact that is not what it was.

    Attributes:
        feed: whose contract it is.
        subject: what it is about.
        event: added, removed, up, down or changed.
        before: None when it was not there.
        after: None when it is there no more.
        sender: what it means for who delivers.
        receiver: what it means for who receives.
    """

    feed: str
    subject: str
    event: str
    before: Node
    after: Node
    sender: ChangeEffect
    receiver: ChangeEffect

    @property
    def effect(self) -> ChangeEffect:
        """One word for both sides: breaking when it breaks either, otherwise the direction of what is asked."""
        return overall((self.sender, self.receiver))


def compare(before: Mapping[str, Contract], after: Mapping[str, Contract]) -> tuple[ContractChange, ...]:
    """Every change, the heaviest first.

    Two files with one contract each are compared with each other whatever their feeds are called; contracts of
    several feeds by the name of the feed.
    """
    if len(before) == len(after) == 1:
        (old,), (new,) = before.values(), after.values()
        found = _changes(new.feed, facts_of(old), facts_of(new))
        if old.feed != new.feed:
            found.append(ContractChange(new.feed, "name of the feed", "changed", old.feed, new.feed, *_words()))
    else:
        found = []
        for feed in dict.fromkeys((*before, *after)):
            own = {"feed": Fact("feed", value=True, subject=f"feed {feed}")}
            if feed in before and feed in after:
                found += _changes(feed, facts_of(before[feed]), facts_of(after[feed]))
            else:
                found += _changes(feed, own if feed in before else {}, own if feed in after else {})
    return tuple(sorted(found, key=lambda c: (-c.effect, c.feed, c.subject)))


def _words() -> tuple[ChangeEffect, ChangeEffect]:
    return sides("words", "changed", None)


def _changes(feed: str, before: Mapping[str, Fact], after: Mapping[str, Fact]) -> list[ContractChange]:
    out = []
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        either = new or old
        if either is None or (old is not None and new is not None and old.value == new.value):
            continue
        if _told_by_parent(either, before, after):
            continue
        event = _event(old, new)
        given = (new if new is not None else either).value
        both = sides(either.sort, event, given)
        values = (old.value if old is not None else None, new.value if new is not None else None)
        out.append(ContractChange(feed, either.subject, event, *values, *both))
    return out


def _told_by_parent(fact: Fact, before: Mapping[str, Fact], after: Mapping[str, Fact]) -> bool:
    return fact.parent is not None and not (fact.parent in before and fact.parent in after)


def _event(old: Fact | None, new: Fact | None) -> str:
    if old is None or new is None:
        return "added" if old is None else "removed"
    a, b = _rank(old.value), _rank(new.value)
    if a is None or b is None or type(a) is not type(b):
        return "changed"
    return "up" if b > a else "down"  # type: ignore[operator]  # both are numbers, or both are text of dates


def _rank(value: Node) -> float | str | None:
    """What can be more or less: a number, a flag, a severity, an ISO date."""
    if isinstance(value, int | float):
        return float(value)
    if value in SEVERITIES:
        return float(SEVERITIES.index(value))
    dated = isinstance(value, str) and len(value) == len("2022-01-01") and value[4:5] == value[7:8] == "-"
    return value if dated else None
