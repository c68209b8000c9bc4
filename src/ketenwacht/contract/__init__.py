"""A feed's contract as something two parties can hold each other to: out, in, compared, and to sign."""

from .compare import ChangeEffect, ContractChange, changes_json, changes_markdown, changes_text, compare
from .files import config_text, feed_settings, files_of, with_feeds, yaml_text
from .importing import ImportedContracts, from_odcs
from .model import Contract, ImportNote, ImportOutcome, SuiteTree
from .page import page_html, page_markdown
from .render import to_odcs

__all__ = [
    "ChangeEffect",
    "Contract",
    "ContractChange",
    "ImportNote",
    "ImportOutcome",
    "ImportedContracts",
    "SuiteTree",
    "changes_json",
    "changes_markdown",
    "changes_text",
    "compare",
    "config_text",
    "feed_settings",
    "files_of",
    "from_odcs",
    "page_html",
    "page_markdown",
    "to_odcs",
    "with_feeds",
    "yaml_text",
]
