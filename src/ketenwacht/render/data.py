"""What a report is made from; it moved to `ketenwacht.messages.report.data`."""

from ketenwacht.messages.findings import Onset
from ketenwacht.messages.report.data import (
    AuditRow,
    BaselineEntry,
    Replay,
    ReportData,
    Series,
    Sight,
    Signed,
    Smallest,
    Together,
    Watched,
)

Shown = BaselineEntry

__all__ = [
    "AuditRow",
    "Onset",
    "Replay",
    "ReportData",
    "Series",
    "Shown",
    "Sight",
    "Signed",
    "Smallest",
    "Together",
    "Watched",
]
