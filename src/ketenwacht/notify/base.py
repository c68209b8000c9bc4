"""What every medium can do with an alert."""

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
    """A picture that goes with a message.

    Attributes:
        png: its bytes.
        name: of the file, plain letters.
        title: one line above it.
        description: for who cannot see it.
    """

    png: bytes
    name: str
    title: str
    description: str


class Notifier(Protocol):
    """One channel of one medium. Every method raises `NotifyError`, permanent when trying again cannot help."""

    @property
    def kind(self) -> str:
        """The word for the medium."""
        ...

    @property
    def pause(self) -> float:
        """Seconds to leave between two messages."""
        ...

    @property
    def pictures(self) -> bool:
        """Whether it shows pictures."""
        ...

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """Tell an alert: as a new root message, or in the thread of the one called `thread`.

        Returns:
            what the medium calls the new message, None when it gives no names.
        """
        ...

    def edit(self, alert: Alert, thread: str) -> None:
        """Bring the root message called `thread` up to date with the alert; doing so twice is harmless."""
        ...

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """What the medium calls the message of this alert, when an earlier attempt did arrive.

        None: it did not arrive, or the medium cannot tell.
        """
        ...

    def show(self, picture: Picture, thread: str) -> None:
        """Put a picture under the root message called `thread`: tried once, and for a few seconds only."""
        ...

    def probe(self) -> str:
        """Say in a few words what is at the other side, without telling anybody anything; for `doctor`."""
        ...


def message_of(alert: Alert) -> Message:
    """The message of an alert.

    Raises:
        NotifyError: what is stored is not a message; permanent.
    """
    try:
        return Message.from_json(alert.body)
    except ValueError:
        raise NotifyError(f"alert {alert.id} holds no message", permanent=True) from None


# What all formatters share: the order of the answers, their labels and their signs.


# A sign besides the word, never instead of it.
SIGNS = {"failed": "🔴", "error": "⚠️", "privacy": "🔒", "warned": "🟡"}
RECOVERED = "🟢"

_ANSWERS = ("what", "where", "evidence", "meaning", "action", "look")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def language_of(message: Message) -> Language:
    """The language of a stored message; Dutch when it names none that we know."""
    return "en" if message.language == "en" else "nl"


def phrase(message: Message, key: str, /, **values: Value | str) -> str:
    """A phrase of the catalogue in the message's language."""
    return MessageFormatter(language_of(message)).phrase(key, **values)


def answers_of(message: Message, problem: Problem) -> tuple[tuple[str, str], ...]:
    """Label and text, in the order in which a reader asks."""
    return tuple((phrase(message, name), clean(getattr(problem, name))) for name in _ANSWERS)


def sign_of(problem: Problem) -> str:
    """The sign of a problem."""
    return SIGNS.get(problem.nature, SIGNS["failed"]) if problem.active else RECOVERED


def headline_sign(message: Message) -> str:
    """The sign of a message: that of its first problem that is still there."""
    if not message.problems:
        return ""
    worst = next((problem for problem in message.problems if problem.active), None)
    return sign_of(worst) if worst is not None else RECOVERED


def clean(text: str) -> str:
    """The text without control characters, invisible ones and changes of direction."""
    return _CONTROLS.sub("", text)
