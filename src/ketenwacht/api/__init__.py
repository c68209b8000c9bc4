"""What notebooks, Airflow and Dagster import: the commands as methods, and what they return."""

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
