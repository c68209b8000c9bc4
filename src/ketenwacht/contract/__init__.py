"""The contract of a feed: export to ODCS, import from it, compare versions, and a page to sign."""

from .compare import (
    ChangeEffect,
    ContractChange,
    compare,
    format_changes_json,
    format_changes_markdown,
    format_changes_text,
)
from .exporting import to_odcs
from .files import build_feed_settings, build_files, format_config, format_yaml, insert_feeds
from .importing import ImportedContracts, from_odcs
from .model import Contract, ImportNote, ImportOutcome, SuiteTree
from .page import format_page_html, format_page_markdown
from .shapes import find_terms_faults
from .trust import restrict

__all__ = [
    "ChangeEffect",
    "Contract",
    "ContractChange",
    "ImportNote",
    "ImportOutcome",
    "ImportedContracts",
    "SuiteTree",
    "build_feed_settings",
    "build_files",
    "compare",
    "find_terms_faults",
    "format_changes_json",
    "format_changes_markdown",
    "format_changes_text",
    "format_config",
    "format_page_html",
    "format_page_markdown",
    "format_yaml",
    "from_odcs",
    "insert_feeds",
    "restrict",
    "to_odcs",
]
