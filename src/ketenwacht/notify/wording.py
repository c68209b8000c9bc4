"""What all formatters share: the order of the answers, their labels and their signs."""

from __future__ import annotations

import re

from ketenwacht.domain.message import Message, Problem
from ketenwacht.domain.statement import Language, Value
from ketenwacht.messages.formatter import MessageFormatter

# A sign besides the word, never instead of it.
SIGNS = {"failed": "🔴", "error": "⚠️", "privacy": "🔒", "warned": "🟡"}
RECOVERED = "🟢"

_ANSWERS = ("what", "where", "evidence", "meaning", "action", "look")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def language(message: Message) -> Language:
    """The language of a stored message; Dutch when it names none that we know."""
    return "en" if message.language == "en" else "nl"


def phrase(message: Message, key: str, /, **values: Value | str) -> str:
    """A phrase of the catalogue in the message's language."""
    return MessageFormatter(language(message)).phrase(key, **values)


def answers(message: Message, problem: Problem) -> tuple[tuple[str, str], ...]:
    """Label and text, in the order in which a reader asks."""
    return tuple((phrase(message, name), clean(getattr(problem, name))) for name in _ANSWERS)


def sign(problem: Problem) -> str:
    """The sign of a problem."""
    return SIGNS.get(problem.nature, SIGNS["failed"]) if problem.active else RECOVERED


def headline_sign(message: Message) -> str:
    """The sign of a message: that of its first problem that is still there."""
    if not message.problems:
        return ""
    worst = next((problem for problem in message.problems if problem.active), None)
    return sign(worst) if worst is not None else RECOVERED


def clean(text: str) -> str:
    """The text without control characters, invisible ones and changes of direction."""
    return _CONTROLS.sub("", text)
