"""Comparison of two versions of a contract: changes, and their effect on the sender and the receiver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from .facts import SEVERITIES, Fact, list_facts
from .model import Contract, Node, Tree
from .trees import escape_markdown


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One fact that changed.

    Attributes:
        feed: of which feed.
        subject: of the fact, for people.
        event: added, removed, up, down or changed.
        before: the old value; None when the fact is new.
        after: the new value; None when the fact is gone.
        sender: the effect on the sender.
        receiver: the effect on the receiver.
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
        """The effect on both sides in one word, see `summarize_effects`."""
        return summarize_effects((self.sender, self.receiver))


def compare(before: Mapping[str, Contract], after: Mapping[str, Contract]) -> tuple[ContractChange, ...]:
    """Return every change, the heaviest effect first.

    Two single contracts are compared with each other, whatever the names of their feeds; several contracts are
    compared by the name of the feed.
    """
    if len(before) == len(after) == 1:
        (old,), (new,) = before.values(), after.values()
        found = _list_changes(new.feed, list_facts(old), list_facts(new))
        if old.feed != new.feed:
            found.append(
                ContractChange(new.feed, "name of the feed", "changed", old.feed, new.feed, *_find_word_effects())
            )
    else:
        found = []
        for feed in dict.fromkeys((*before, *after)):
            own = {"feed": Fact("feed", value=True, subject=f"feed {feed}")}
            if feed in before and feed in after:
                found += _list_changes(feed, list_facts(before[feed]), list_facts(after[feed]))
            else:
                found += _list_changes(feed, own if feed in before else {}, own if feed in after else {})
    return tuple(sorted(found, key=lambda c: (-c.effect, c.feed, c.subject)))


def _find_word_effects() -> tuple[ChangeEffect, ChangeEffect]:
    return find_effects("words", "changed", None)


def _list_changes(feed: str, before: Mapping[str, Fact], after: Mapping[str, Fact]) -> list[ContractChange]:
    out = []
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        either = new or old
        if either is None or (old is not None and new is not None and old.value == new.value):
            continue
        if _is_covered_by_parent(either, before, after):
            continue
        event = _find_event(old, new)
        given = (new if new is not None else either).value
        both = find_effects(either.sort, event, given)
        values = (old.value if old is not None else None, new.value if new is not None else None)
        out.append(ContractChange(feed, either.subject, event, *values, *both))
    return out


def _is_covered_by_parent(fact: Fact, before: Mapping[str, Fact], after: Mapping[str, Fact]) -> bool:
    return fact.parent is not None and not (fact.parent in before and fact.parent in after)


def _find_event(old: Fact | None, new: Fact | None) -> str:
    if old is None or new is None:
        return "added" if old is None else "removed"
    a, b = _rank(old.value), _rank(new.value)
    if a is None or b is None or type(a) is not type(b):
        return "changed"
    return "up" if b > a else "down"  # type: ignore[operator]  # both are numbers, or both are text of dates


def _rank(value: Node) -> float | str | None:
    """Return what orders a value: a number, flag, severity or ISO date; None when it has no order."""
    if isinstance(value, int | float):
        return float(value)
    if value in SEVERITIES:
        return float(SEVERITIES.index(value))
    dated = isinstance(value, str) and len(value) == len("2022-01-01") and value[4:5] == value[7:8] == "-"
    return value if dated else None


# The effect of a change on the sender and on the receiver, by sort of fact: one table.


class ChangeEffect(IntEnum):
    """The effect of a change on one side; a larger value weighs more."""

    EDITORIAL = 0
    LOOSENING = 1
    TIGHTENING = 2
    BREAKING = 3

    @property
    def word(self) -> str:
        """The effect as written in output."""
        return self.name.lower()


E, L, T, B = ChangeEffect.EDITORIAL, ChangeEffect.LOOSENING, ChangeEffect.TIGHTENING, ChangeEffect.BREAKING
Effects = tuple[ChangeEffect, ChangeEffect]
"""(for the sender, for the receiver)"""

_WORDS: dict[str, Effects] = {"added": (E, E), "removed": (E, E), "changed": (E, E)}
_STRICTER_UP: dict[str, Effects] = {
    "up": (T, T), "down": (L, L), "added": (T, T), "removed": (L, L), "changed": (T, T)
}  # fmt: skip
_STRICTER_DOWN: dict[str, Effects] = {
    "up": (L, L), "down": (T, T), "added": (T, T), "removed": (L, L), "changed": (T, T)
}  # fmt: skip
_MORE_ASKED: dict[str, Effects] = {"added": (T, T), "removed": (L, L), "changed": (T, T)}
_LESS_ASKED: dict[str, Effects] = {"added": (L, L), "removed": (T, T), "changed": (T, T)}
_FORM: dict[str, Effects] = {"added": (B, B), "removed": (B, B), "changed": (B, B)}
_SEVERITY: dict[str, Effects] = {"up": (T, T), "down": (L, L), "added:info": (E, E), "removed:info": (E, E)}

TABLE: Mapping[str, Mapping[str, Effects]] = {
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
    "setting": _MORE_ASKED | {"removed": (T, T)},  # the stricter direction is unknown: take the heavier effect
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
"""Sort of fact → event → effects. An event with a value (`added:critical`) goes before one without."""


def find_effects(sort: str, event: str, value: object) -> Effects:
    """Return the effects of an event on the sender and on the receiver.

    Args:
        sort: of the fact, a key of `TABLE`.
        event: added, removed, up, down or changed.
        value: the value added or removed, such as a severity.
    """
    table = TABLE[sort]
    return table.get(f"{event}:{value}") or table.get(event) or (T, T)


def summarize_effects(both: Effects) -> ChangeEffect:
    """Return one effect for both sides: breaking when either side breaks, else the effect on the sender."""
    return B if B in both else both[0]


# Output for people and for programs.


SCHEMA = "ketenwacht/contract-diff/1"
_HEADS = {
    ChangeEffect.BREAKING: "Breaking: a delivery or a reader of it must change first",
    ChangeEffect.TIGHTENING: "Tightening: more is asked, or promised",
    ChangeEffect.LOOSENING: "Loosening: less is asked, or promised",
    ChangeEffect.EDITORIAL: "Editorial: no action is needed",
}
_VERBS = {"added": "added", "removed": "removed", "up": "raised", "down": "lowered", "changed": "changed"}
_LONGEST = 80


def shorten(value: Node) -> str:
    """Return a value on one line of at most 80 characters; empty for None."""
    if value is None or value is True:
        return "" if value is None else "yes"
    if isinstance(value, dict):
        text = ", ".join(f"{key}: {shorten(item)}" for key, item in value.items())
    elif isinstance(value, list | tuple):
        text = ", ".join(shorten(item) for item in value)
    else:
        text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def describe_change(change: ContractChange) -> str:
    """Return a sentence about a change: the old and the new value."""
    text = f"{change.subject}: {_VERBS[change.event]}"
    if change.event in ("added", "removed"):
        value = change.after if change.event == "added" else change.before
        return text if value is True else f"{text} ({shorten(value)})"
    return f"{text} from {shorten(change.before) or 'nothing'} to {shorten(change.after) or 'nothing'}"


def count_by_effect(changes: Sequence[ContractChange]) -> dict[str, int]:
    """Return the number of changes by effect, heaviest first."""
    return {effect.word: sum(c.effect is effect for c in changes) for effect in sorted(ChangeEffect, reverse=True)}


def format_changes_json(changes: Sequence[ContractChange]) -> Tree:
    """Return one JSON object with every change."""
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
    return {"schema": SCHEMA, "counts": count_by_effect(changes), "changes": listed}


def format_changes_text(changes: Sequence[ContractChange]) -> str:
    """Return a line for each change, heaviest first, and a last line with the totals."""
    lines = [
        f"{c.effect.word:10}  {describe_change(c)}  [sender: {c.sender.word}, receiver: {c.receiver.word}]"
        for c in changes
    ]
    total = ", ".join(f"{n} {word}" for word, n in count_by_effect(changes).items() if n) or "no change"
    return "\n".join([*lines, total])


def format_changes_markdown(changes: Sequence[ContractChange], *, before: str, after: str) -> str:
    """Return a changelog in Markdown; it ends with a line feed."""
    lines = [f"# Contract: {escape_markdown(before)} → {escape_markdown(after)}", ""]
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
                f"| {escape_markdown(change.feed)} | {escape_markdown(describe_change(change))} "
                f"| {change.sender.word} | {change.receiver.word} |"
                for change in own
            ]
            lines.append("")
    return "\n".join(lines)
