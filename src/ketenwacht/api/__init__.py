"""The Python interface for notebooks, Airflow and Dagster: the commands as methods, and their results."""

from .project import Project
from .results import (
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
