"""The Python interface for notebooks, Airflow and Dagster: the commands as methods, and their results."""

from .project import Project
from .results import (
    FindingList,
    FindingRecord,
    IncidentList,
    IncidentRecord,
    MeasurementRow,
    ReconcileResult,
    ReleaseCheckResult,
    ReplayResult,
    ReportResult,
    Run,
    RunList,
)

__all__ = [
    "FindingList",
    "FindingRecord",
    "IncidentList",
    "IncidentRecord",
    "MeasurementRow",
    "Project",
    "ReconcileResult",
    "ReleaseCheckResult",
    "ReplayResult",
    "ReportResult",
    "Run",
    "RunList",
]
