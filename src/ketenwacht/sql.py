"""Names and texts as SQL: what comes from a delivery or a setting is quoted before it enters a statement."""

from __future__ import annotations

TABLE = "delivery"
"""The name of the table that holds the rows of a delivery."""


def quote_name(name: str) -> str:
    """Return the name of a column or table as SQL, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
