"""Finding, verifying and reading deliveries, and the files that hold evidence from outside."""

from __future__ import annotations

from .base import FeedReader
from .evidence import read_inquiries, read_references
from .names import compile_pattern
from .sources import READERS, open_source

__all__ = ["READERS", "FeedReader", "compile_pattern", "open_source", "read_inquiries", "read_references"]
