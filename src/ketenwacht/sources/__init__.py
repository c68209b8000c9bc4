"""Finds, verifies and reads deliveries, and reads files with evidence from outside."""

from __future__ import annotations

from .base import FeedReader
from .evidence import CountsOrigin, CountTable, read_inquiries, read_references
from .formats import find_format
from .hops import read_hop_counts, read_receipt
from .names import compile_pattern
from .period import check_form, find_readings
from .readers import READERS, is_foreign, open_source

__all__ = [
    "READERS",
    "CountTable",
    "CountsOrigin",
    "FeedReader",
    "check_form",
    "compile_pattern",
    "find_format",
    "find_readings",
    "is_foreign",
    "open_source",
    "read_hop_counts",
    "read_inquiries",
    "read_receipt",
    "read_references",
]
