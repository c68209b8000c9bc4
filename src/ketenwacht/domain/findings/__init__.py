"""The life of findings: a pure state machine in which every decision has a named reason."""

from .finding import Reason
from .finding_set import Advance, Decision, Notice
from .transitions import Act, acknowledge, advance, resolve, snooze, sweep

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
