"""A notifier of another package: what it raises becomes a failed send, told without its message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ketenwacht.domain.finding import Alert
from ketenwacht.errors import NotifyError
from ketenwacht.plugins import guard_plugin_call

from .base import Notifier, Picture

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GuardedNotifier:
    """Passes everything on to the notifier of a plug-in; see `Notifier`.

    Attributes:
        kind: the plug-in's word for the medium.
        inner: its notifier.
    """

    kind: str
    inner: Notifier

    @property
    def pause(self) -> float:
        """Seconds between two messages; none when the plug-in says nothing."""
        return float(getattr(self.inner, "pause", 0.0))

    @property
    def pictures(self) -> bool:
        """Whether it shows pictures; not, when the plug-in says nothing."""
        return bool(getattr(self.inner, "pictures", False))

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """See `Notifier.send`."""
        return self._guarded(lambda: self.inner.send(alert, thread))

    def edit(self, alert: Alert, thread: str) -> None:
        """See `Notifier.edit`."""
        self._guarded(lambda: self.inner.edit(alert, thread))

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """See `Notifier.find`."""
        return self._guarded(lambda: self.inner.find(alert, thread))

    def show(self, picture: Picture, thread: str) -> None:
        """See `Notifier.show`."""
        self._guarded(lambda: self.inner.show(picture, thread))

    def probe(self) -> str:
        """See `Notifier.probe`."""
        return self._guarded(self.inner.probe)

    def _guarded(self, work: Callable[[], T]) -> T:
        return guard_plugin_call(
            work, lambda cause: NotifyError(f"the plug-in {self.kind} failed: {cause}", permanent=False)
        )
