"""The SQL dialects: one file each, or an entry point of another package; see `base.Dialect`."""

from .base import Dialect, Schema, build_compiler, respell_with
from .duckdb import build_duckdb_engine
from .known import BUILT_IN, find_dialect, list_dialects

__all__ = [
    "BUILT_IN",
    "Dialect",
    "Schema",
    "build_compiler",
    "build_duckdb_engine",
    "find_dialect",
    "list_dialects",
    "respell_with",
]
