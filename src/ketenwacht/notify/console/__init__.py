"""The console: alerts as plain text on a terminal or in a log."""

from .notifier import ConsoleNotifier, render, render_changes

__all__ = ["ConsoleNotifier", "render", "render_changes"]
