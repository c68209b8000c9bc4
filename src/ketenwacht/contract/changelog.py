"""Changes between two versions of a contract, for people and for programs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .compare import ContractChange
from .model import Node, Tree
from .rules import ChangeEffect

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
