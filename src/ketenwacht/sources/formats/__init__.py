"""File formats: one module each, and its line in `FORMATS`."""

from __future__ import annotations

from . import delimited, jsonlines, parquet
from .base import Format, Rows

FORMATS: tuple[Format, ...] = (delimited.FORMAT, jsonlines.FORMAT, parquet.FORMAT)

__all__ = ["FORMATS", "Format", "Rows"]
