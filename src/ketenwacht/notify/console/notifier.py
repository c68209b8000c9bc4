"""Prints alerts as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import ClassVar

from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message
from ketenwacht.domain.statement import Amount
from ketenwacht.notify.base import Picture, answers_of, clean, headline_sign, message_of, phrase, sign_of

WIDTH = 100


class ConsoleNotifier:
    """Prints alerts: a new message in full, a reply as its changes only."""

    kind: ClassVar[str] = "console"
    pause: ClassVar[float] = 0.0
    pictures = False

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """Print the alert; return the id of the alert."""
        message = message_of(alert)
        self._write(render(message) if thread is None else render_changes(message))
        return alert.id

    def edit(self, alert: Alert, thread: str) -> None:
        """Do nothing: printed text does not change."""

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """Return None: a terminal cannot tell what was printed."""

    def owns(self, thread: str) -> bool:
        """Return whether the id is that of an alert, as given here.

        Another medium names its messages otherwise.
        """
        return ":" not in thread

    def show(self, picture: Picture, thread: str) -> None:
        """Do nothing: a terminal shows no pictures."""

    def probe(self) -> str:
        """Return its name: a console is always available."""
        return "console"


def render(message: Message) -> str:
    """Return a whole message, wrapped at `WIDTH` columns."""
    lines = [f"{headline_sign(message)} {clean(message.headline)}".strip()]
    for problem in message.problems:
        lines.append(f"  {sign_of(problem)} [{problem.severity}, {problem.state}] {problem.incident}")
        lines.extend(_wrap(f"{label}: {text}") for label, text in answers_of(message, problem))
        if problem.link is not None:
            lines.append(f"    {clean(problem.link)}")
    if message.more:
        lines.append(f"  {phrase(message, 'more', count=Amount(message.more))}")
    lines.extend(_wrap(clean(line), indent="  ") for line in message.lines)
    return "\n".join(lines) + "\n"


def render_changes(message: Message) -> str:
    """Return the changes only."""
    head = f"↳ {clean(message.headline)}"
    return "\n".join([head, *(_wrap(clean(change)) for change in message.changes)]) + "\n"


def _wrap(text: str, indent: str = "    ") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False
    )
