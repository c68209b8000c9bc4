"""The protocol of every medium, and what their messages share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message, Problem
from ketenwacht.domain.statement import Language, Value
from ketenwacht.errors import NotifyError
from ketenwacht.messages.formatter import MessageFormatter


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for a message.

    Attributes:
        png: the bytes of the file.
        name: of the file, in plain letters.
        title: one line above the picture.
        description: for people who cannot see it.
    """

    png: bytes
    name: str
    title: str
    description: str


class Notifier(Protocol):
    """One channel of one medium. Every method raises `NotifyError`, permanent when a retry cannot help."""

    @property
    def kind(self) -> str:
        """The name of the medium."""
        ...

    @property
    def pause(self) -> float:
        """Seconds to wait between two messages."""
        ...

    @property
    def pictures(self) -> bool:
        """Whether the medium shows pictures."""
        ...

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """Send an alert as a new root message, or as a reply to the root message `thread`.

        Returns:
            The id of the new message; None when the medium has no ids.
        """
        ...

    def edit(self, alert: Alert, thread: str) -> None:
        """Update the root message `thread` with the alert. A second call with the same alert changes nothing."""
        ...

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """Return the id of the message of this alert, if an earlier attempt arrived.

        None: it did not arrive, or the medium cannot tell.
        """
        ...

    def owns(self, thread: str) -> bool:
        """Return whether a message is where the channel leads now.

        A topic without such a message gets a new root.
        """
        ...

    def show(self, picture: Picture, thread: str) -> None:
        """Show a picture below the root message `thread`; try once, for a few seconds only."""
        ...

    def probe(self) -> str:
        """Return a short description of the channel for `doctor`; send nothing."""
        ...


def message_of(alert: Alert) -> Message:
    """Return the message of an alert.

    Raises:
        NotifyError: its body is not a message; permanent.
    """
    try:
        return Message.from_json(alert.body)
    except ValueError:
        raise NotifyError(f"alert {alert.id} holds no message", permanent=True) from None


# What the messages of all media share: the order of the answers, their labels and their signs.


# A sign is always beside the word, never instead of it.
SIGNS = {"failed": "▲", "error": "⚠️", "privacy": "🔒", "warned": "🟡"}
RECOVERED = "🟢"

_ANSWERS = ("what", "where", "evidence", "meaning", "action", "look")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def language_of(message: Message) -> Language:
    """Return the language of a stored message; Dutch when it is not known."""
    return "en" if message.language == "en" else "nl"


def phrase(message: Message, key: str, /, **values: Value | str) -> str:
    """Return a phrase of the catalogue in the language of the message."""
    return MessageFormatter(language_of(message)).phrase(key, **values)


def answers_of(message: Message, problem: Problem) -> tuple[tuple[str, str], ...]:
    """Return the label and text of each answer, in the order of a reader's questions."""
    if problem.answers:
        return tuple((clean(label), clean(text)) for label, text in problem.answers)
    return tuple((phrase(message, name), clean(getattr(problem, name))) for name in _ANSWERS)


def sign_of(problem: Problem) -> str:
    """Return the sign of a problem."""
    return SIGNS.get(problem.nature, SIGNS["failed"]) if problem.active else RECOVERED


def headline_sign(message: Message) -> str:
    """Return the sign of a message: that of its first active problem."""
    if not message.problems:
        return ""
    worst = next((problem for problem in message.problems if problem.active), None)
    return sign_of(worst) if worst is not None else RECOVERED


def clean(text: str) -> str:
    """Return the text without control characters, invisible characters and changes of direction."""
    return _CONTROLS.sub("", text)
