"""The one guard for text that comes from outside: what could be a person's never goes further.

Segment values, reasons, ids, file names and column names come from deliveries and manifests. A column that moved
by one puts numbers, dates and addresses where a code belongs, and codes are kept, shown and sent.
"""

from __future__ import annotations

import re

WITHHELD = "(withheld)"
"""Stands for a value that could be a person's."""
LONGEST_NAME = 60
"""Characters; a longer text is no code."""

# seven digits in a row (numbers of persons, dates), a date, a Dutch postcode, an e-mail address
_PERSONAL = re.compile(r"\d{7}|\d{4}-\d{2}-\d{2}|\d{1,2}[-/]\d{1,2}[-/]\d{4}|\b\d{4}\s?[A-Z]{2}\b|@")


def shown_name(value: str) -> str:
    """A code or a word as it may be kept and shown; `WITHHELD` when it could be a person's."""
    return WITHHELD if len(value) > LONGEST_NAME or _PERSONAL.search(value) is not None else value
