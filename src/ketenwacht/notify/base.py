"""What every medium can do with an alert."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ketenwacht.domain.finding import Alert
from ketenwacht.domain.message import Message
from ketenwacht.errors import NotifyError


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
