"""The life of incidents: a pure state machine in which every decision has a named reason."""

from .acts import Act, acknowledge, resolve, snooze
from .advance import advance
from .reasons import Reason
from .sweep import sweep
from .values import Advance, Decision, Notice

__all__ = [
    "Act",
    "Advance",
    "Decision",
    "Notice",
    "Reason",
    "acknowledge",
    "advance",
    "resolve",
    "snooze",
    "sweep",
]
