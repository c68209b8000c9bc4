"""File formats: one module each, and its line in `FORMATS`."""

from __future__ import annotations

from . import delimited, jsonlines, parquet
from .base import FileFormat, FileRows

FORMATS: tuple[FileFormat, ...] = (delimited.FORMAT, jsonlines.FORMAT, parquet.FORMAT)

__all__ = ["FORMATS", "FileFormat", "FileRows"]
