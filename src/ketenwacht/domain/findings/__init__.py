"""The life of incidents: a pure state machine in which every decision has a named reason."""

from .acts import Act, acknowledge, resolve, snooze, sweep
from .advance import advance
from .finding_set import Advance, Decision, Notice
from .reasons import Reason

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
