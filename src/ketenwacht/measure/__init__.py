"""Measures a delivery: rows go in, numbers come out, and no value of a person leaves this package."""

from .engine import CopyEngine, Dataset, Engine, InDatabaseEngine
from .measure import MeasurementPlan, measure
from .plugin_engine import GuardedEngine
from .profile import KeyRange, measure_lateness
from .sql_table import open_workspace
from .suite import summary
from .suite_lint import lint
from .values import ValueRules, clean_values

__all__ = [
    "CopyEngine",
    "Dataset",
    "Engine",
    "GuardedEngine",
    "InDatabaseEngine",
    "KeyRange",
    "MeasurementPlan",
    "ValueRules",
    "clean_values",
    "lint",
    "measure",
    "measure_lateness",
    "open_workspace",
    "summary",
]
