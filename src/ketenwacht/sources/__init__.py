"""Finding, verifying and reading deliveries, and the files that hold evidence from outside."""

from __future__ import annotations

from .base import FeedReader
from .evidence import read_inquiries, read_references
from .hops import read_hop_counts, read_receipt
from .names import compile_pattern
from .period import check_form, readings
from .sources import READERS, open_source
from .table import format_named

__all__ = [
    "READERS",
    "FeedReader",
    "check_form",
    "compile_pattern",
    "format_named",
    "open_source",
    "read_hop_counts",
    "read_inquiries",
    "read_receipt",
    "read_references",
    "readings",
]
