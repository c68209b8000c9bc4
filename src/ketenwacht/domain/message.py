"""A neutral message: the text of an alert, before a medium formats it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

SCHEMA = "ketenwacht/message/1"
UPDATE = "update"
"""The kind of a message that edits the root of its topic, and is told to nobody."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem, as answers to the questions of its reader, in the order they are asked.

    All texts are plain: a formatter escapes them. `incident` is what buttons and commands act on: a number; of a
    message of an older release the id of a finding. `answers`: label and text of each answer; empty in such a
    message, whose answers are the other texts.
    """

    incident: str
    nature: str
    severity: str
    state: str
    what: str
    where: str
    evidence: str
    meaning: str
    action: str
    look: str
    link: str | None = None
    active: bool = True
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        kind: incident | recovery | update | digest | test.
        topic: what one root message is about.
        language: nl or en.
        headline: the one line that a telephone shows.
        problems: the worst first.
        more: how many problems are not shown.
        lines: further lines of a digest or test.
        changes: what is new, for those who read the thread.
        broadcast: whether the changes must reach the whole channel.
    """

    kind: str
    topic: str
    language: str
    headline: str
    problems: tuple[Problem, ...] = ()
    more: int = 0
    lines: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    broadcast: bool = False

    def to_json(self) -> str:
        """Return it as the outbox stores it."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Message:
        """Read what `to_json` wrote.

        Raises:
            ValueError: it is not such a message.
        """
        try:
            found: Mapping[str, Any] = json.loads(text)
            fields = {name: value for name, value in found.items() if name != "schema"}
            if found["schema"] != SCHEMA:
                raise ValueError("a message of another version")
            fields["problems"] = tuple(_problem(problem) for problem in fields["problems"])
            fields["lines"], fields["changes"] = tuple(fields["lines"]), tuple(fields["changes"])
            return cls(**fields)
        except (TypeError, KeyError, AttributeError) as fault:
            raise ValueError(f"not a stored message ({type(fault).__name__})") from None


def _problem(found: Mapping[str, Any]) -> Problem:
    answers = tuple((str(label), str(text)) for label, text in found.get("answers", ()))
    return Problem(**{**found, "answers": answers})
