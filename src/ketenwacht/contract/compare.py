"""Two versions of a contract, and what changed between them, for both sides of the chain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from .fact import Fact
from .facts import SEVERITIES, facts_of
from .model import Contract, Node, Tree


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


# What a change of each sort means for either side of the chain: one table.


class ChangeEffect(IntEnum):
    """What a change means for a side; a larger one weighs more."""

    EDITORIAL = 0
    LOOSENING = 1
    TIGHTENING = 2
    BREAKING = 3

    @property
    def word(self) -> str:
        """As it is written."""
        return self.name.lower()


E, L, T, B = ChangeEffect.EDITORIAL, ChangeEffect.LOOSENING, ChangeEffect.TIGHTENING, ChangeEffect.BREAKING
Sides = tuple[ChangeEffect, ChangeEffect]
"""(for the sender, for the receiver)"""

_WORDS: dict[str, Sides] = {"added": (E, E), "removed": (E, E), "changed": (E, E)}
_STRICTER_UP: dict[str, Sides] = {
    "up": (T, T), "down": (L, L), "added": (T, T), "removed": (L, L), "changed": (T, T)
}  # fmt: skip
_STRICTER_DOWN: dict[str, Sides] = {
    "up": (L, L), "down": (T, T), "added": (T, T), "removed": (L, L), "changed": (T, T)
}  # fmt: skip
_MORE_ASKED: dict[str, Sides] = {"added": (T, T), "removed": (L, L), "changed": (T, T)}
_LESS_ASKED: dict[str, Sides] = {"added": (L, L), "removed": (T, T), "changed": (T, T)}
_FORM: dict[str, Sides] = {"added": (B, B), "removed": (B, B), "changed": (B, B)}
_SEVERITY: dict[str, Sides] = {"up": (T, T), "down": (L, L), "added:info": (E, E), "removed:info": (E, E)}

TABLE: Mapping[str, Mapping[str, Sides]] = {
    # shape
    "feed": {"added": (B, T), "removed": (L, B)},
    "column": {"added": (B, T), "removed": (L, B)},
    "type": {"added": (T, T), "removed": (L, L), "changed": (B, B)},
    "key": {"added": (T, T), "removed": (L, B), "changed": (B, B)},
    "required": _SEVERITY | {
        "added:critical": (B, T), "removed:critical": (L, B), "added:warning": (T, T), "removed:warning": (L, L),
    },
    "form": _FORM,
    "party": _FORM,
    # one delivery
    "rule": _SEVERITY | {
        "added:critical": (B, T), "removed:critical": (L, L), "added:warning": (T, T), "removed:warning": (L, L),
    },
    "bound on what is right": _STRICTER_UP,
    "lower bound": _STRICTER_UP,
    "upper bound": _STRICTER_DOWN,
    "rule's argument": _FORM,
    "allowed value": {"added": (L, L), "removed": (B, B)},
    "forbidden value": {"added": (B, T), "removed": (L, L)},
    "code table": {"added": (T, T), "removed": (L, L)},
    "code": {"added": (L, L), "removed": (B, B)},
    "code's first day": {"up": (B, B), "down": (L, L), "added": (B, B), "removed": (L, L)},
    "code's last day": {"up": (L, L), "down": (B, B), "added": (B, B), "removed": (L, L)},
    # the stream of deliveries
    "check": _MORE_ASKED,
    "setting, stricter when higher": _STRICTER_UP,
    "setting, stricter when lower": _STRICTER_DOWN,
    "setting": _MORE_ASKED | {"removed": (T, T)},  # which way it goes is not known: take the heavier
    "asked": _MORE_ASKED,
    "let off": _LESS_ASKED,
    # delivery and service
    "schedule": {"added": (T, T), "removed": (L, B), "changed": (B, B)},
    "time allowed": _STRICTER_DOWN,
    "service level": _MORE_ASKED | {"changed": (T, T)},
    "manifest": {"added": (B, T), "removed": (L, B), "changed": (B, B)},
    "rule in words": _MORE_ASKED,
    # words
    "words": _WORDS,
}  # fmt: skip
"""Sort of fact → event → what it means. An event with a value (`added:critical`) goes before one without."""


def sides(sort: str, event: str, value: object) -> Sides:
    """What an event means for the sender and for the receiver.

    Args:
        sort: of the fact, a key of `TABLE`.
        event: added, removed, up, down or changed.
        value: that was added or removed, which may matter (a severity).
    """
    table = TABLE[sort]
    return table.get(f"{event}:{value}") or table.get(event) or (T, T)


def overall(both: Sides) -> ChangeEffect:
    """One word for both sides: breaking when it breaks either, otherwise the direction of what is asked."""
    return B if B in both else both[0]


# Changes between two versions of a contract, for people and for programs.


SCHEMA = "ketenwacht/contract-diff/1"
_HEADS = {
    ChangeEffect.BREAKING: "Breaking: a delivery or a reader of it must change first",
    ChangeEffect.TIGHTENING: "Tightening: more is asked, or promised",
    ChangeEffect.LOOSENING: "Loosening: less is asked, or promised",
    ChangeEffect.EDITORIAL: "Editorial: nobody has to do anything",
}
_VERBS = {"added": "added", "removed": "removed", "up": "raised", "down": "lowered", "changed": "changed"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")
_LONGEST = 80


def shown(value: Node) -> str:
    """A value on one line, shortened; empty for nothing."""
    if value is None or value is True:
        return "" if value is None else "yes"
    if isinstance(value, dict):
        text = ", ".join(f"{key}: {shown(item)}" for key, item in value.items())
    elif isinstance(value, list | tuple):
        text = ", ".join(shown(item) for item in value)
    else:
        text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def sentence(change: ContractChange) -> str:
    """What changed, from what to what."""
    said = f"{change.subject}: {_VERBS[change.event]}"
    if change.event in ("added", "removed"):
        value = change.after if change.event == "added" else change.before
        return said if value is True else f"{said} ({shown(value)})"
    return f"{said} from {shown(change.before) or 'nothing'} to {shown(change.after) or 'nothing'}"


def counts(changes: Sequence[ContractChange]) -> dict[str, int]:
    """Number of changes by their effect, heaviest first."""
    return {effect.word: sum(c.effect is effect for c in changes) for effect in sorted(ChangeEffect, reverse=True)}


def changes_json(changes: Sequence[ContractChange]) -> Tree:
    """One object with every change."""
    listed = [
        {
            "feed": c.feed,
            "subject": c.subject,
            "event": c.event,
            "before": c.before,
            "after": c.after,
            "effect": c.effect.word,
            "sender": c.sender.word,
            "receiver": c.receiver.word,
        }
        for c in changes
    ]
    return {"schema": SCHEMA, "counts": counts(changes), "changes": listed}


def changes_text(changes: Sequence[ContractChange]) -> str:
    """A line a change, heaviest first, and a last line with the sum."""
    lines = [
        f"{c.effect.word:10}  {sentence(c)}  [sender: {c.sender.word}, receiver: {c.receiver.word}]"
        for c in changes
    ]
    total = ", ".join(f"{n} {word}" for word, n in counts(changes).items() if n) or "no change"
    return "\n".join([*lines, total])


def changes_markdown(changes: Sequence[ContractChange], *, before: str, after: str) -> str:
    """A changelog to publish; ends with a line feed."""
    lines = [f"# Contract: {_escaped(before)} → {_escaped(after)}", ""]
    if not changes:
        lines += ["Nothing changed.", ""]
    for effect, head in _HEADS.items():
        own = [c for c in changes if c.effect is effect]
        if own:
            lines += [
                f"## {head}",
                "",
                "| feed | what | for the sender | for the receiver |",
                "| --- | --- | --- | --- |",
            ]
            lines += [
                f"| {_escaped(c.feed)} | {_escaped(sentence(c))} | {c.sender.word} | {c.receiver.word} |"
                for c in own
            ]
            lines.append("")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
