"""A medium: appends each alert to a file as one line of JSON, for a system that collects such lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ketenwacht.plugin_api import Alert, MediumKind, NotifyError, message_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The settings under `media: {journal: …}` of a route.

    Attributes:
        file: to append lines to; its folder must exist.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    file: str


@dataclass(frozen=True, slots=True)
class JournalNotifier:
    """Appends alerts; the outbox retries an alert that cannot be written."""

    file: Path
    kind: ClassVar[str] = "journal"
    pause: ClassVar[float] = 0.0

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """Write a new message; return the id of the alert."""
        self._write(alert, "changed" if thread is not None else "new")
        return alert.id

    def edit(self, alert: Alert, thread: str) -> None:
        """Do nothing: `send` with a thread writes a change as a new line."""

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """Return the id of the alert if an attempt before a crash wrote it."""
        del thread  # every line has the id of its alert
        lines = self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []
        return alert.id if any(json.loads(line)["alert"] == alert.id for line in lines) else None

    def owns(self, thread: str) -> bool:
        """Whether a message is where this leads now: in this file."""
        return bool(thread)

    def probe(self) -> str:
        """Check that the folder exists; write nothing."""
        if not self.file.parent.is_dir():
            raise NotifyError("the folder of the journal does not exist", permanent=True)
        return f"journal {self.file.name}"

    def _write(self, alert: Alert, what: str) -> None:
        message = message_of(alert)
        problems = [problem.what for problem in message.problems]
        line = {"alert": alert.id, "what": what, "headline": message.headline, "problems": problems}
        try:
            with self.file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as fault:
            raise NotifyError(f"the journal cannot be written ({type(fault).__name__})", permanent=False) from None


MEDIUM = MediumKind(Journal, lambda settings: JournalNotifier(Path(settings.file)))
