"""What people look back at: the HTML report, the terminal, JSON, Markdown and JUnit."""

from ketenwacht.messages.findings import Onset

from .data import AuditRow, Replay, ReportData, Series
from .json import backtest_object, incident_object, replay_object, run_object

__all__ = [
    "AuditRow",
    "Onset",
    "Replay",
    "ReportData",
    "Series",
    "backtest_object",
    "incident_object",
    "replay_object",
    "run_object",
]
