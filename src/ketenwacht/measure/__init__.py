"""One delivery's rows become measurements; persons do not leave this package."""

from .copied import CopyEngine
from .engine import Dataset, Engine
from .in_database import InDatabaseEngine
from .measure import MeasurementPlan, measure
from .plugin_engine import GuardedEngine
from .profile import KeyRange, hours_late
from .suite import summary
from .suite_lint import lint
from .workspace import open_workspace

__all__ = [
    "CopyEngine",
    "Dataset",
    "Engine",
    "GuardedEngine",
    "InDatabaseEngine",
    "KeyRange",
    "MeasurementPlan",
    "hours_late",
    "lint",
    "measure",
    "open_workspace",
    "summary",
]
