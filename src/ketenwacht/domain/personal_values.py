"""Recognise texts that may be personal by their form: numbers, days, addresses and free text.

A name of a person cannot be told from a word. Only a list of what was agreed keeps those out; see `guard`.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

OTHER = "(other)"
"""Stands for every value that is in no code table, or could be a person's."""
LONGEST_NAME = 60
"""Characters; a longer text is no code and no reason."""
LONGEST_TEXT = 200
"""Characters of a source, an id or the name of a file."""

# Signs of a person. Digits are Unicode's; between those of a number may stand blanks, dots, dashes and slashes.
_GAP = r"[\s.\-/\u2010-\u2015]{0,3}"
_NUMBER = re.compile(rf"\d{{7}}|\d(?:{_GAP}\d){{7}}")
_MONTHS = (
    "jan|feb|maart|march|mrt|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec"  # Dutch and English, as they begin
)
_DATE = re.compile(
    r"\d{4}[-/.,]\s?\d{1,2}[-/.,]\s?\d{1,2}(?!\d)"  # 1977-07-07, and (1977, 7, 7)
    r"|(?<!\d)\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4}(?!\d)"  # 7-7-1977
    r"|(?<!\d)(?:0?[1-9]|[12]\d|3[01])[-/](?:0?[1-9]|1[0-2])[-/]\d{2}(?!\d)"  # 07-07-77
    rf"|\b\d{{1,2}}\.?\s+(?:{_MONTHS})[a-z]*\.?\s+\d{{4}}\b"  # 7 July 1977
    rf"|\b(?:{_MONTHS})[a-z]*\.?\s+\d{{1,2}},?\s+\d{{4}}\b",  # July 7, 1977
    re.IGNORECASE,
)
_DIGITS_OF_DATE = re.compile(r"(?<!\d)(?:19|20|21)\d{2}(?:0\d|1[0-2])(?:[0-2]\d|3[01])(?!\d)")
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d{2}\s?[-/\u2013]\s?(?:19|20)\d{2}(?!\d)")  # a season: 2021-2022
_MARKS = re.compile(
    r"@"  # an address of mail
    r"|(?<![A-Za-z0-9])[1-9]\d{3}[\s.\-]?[A-Z]{2}(?![A-Za-z])"  # a Dutch postcode
    r"|^\s*[1-9]\d{3}\s?[A-Za-z]{2}\s*$"  # … and in small letters, alone
    r"|[0-9a-fA-F]{16}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}"  # a pseudonym or a record's own id
    r"|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"  # what nobody sees
)


def looks_personal(text: str, *, longest: int = LONGEST_NAME, dates: bool = False) -> bool:
    """Return whether a text could be a person's.

    A number of seven digits or more, a date, an address, or a long text.

    Args:
        text: a name, code, reason or id.
        longest: characters; a longer text could hold anything.
        dates: whether days belong in such a text (an id, a source, the name of a file), and tell of no person.
    """
    if len(text) > longest or _MARKS.search(text) is not None:
        return True
    if dates:
        text = _DIGITS_OF_DATE.sub("|", _DATE.sub("|", text))
    elif _DATE.search(text) is not None:
        return True
    return _NUMBER.search(_YEARS.sub("|", text)) is not None


def shown_name(text: str) -> str:
    """Return a code or a word as it may be kept and shown; `OTHER` when it could be a person's."""
    return OTHER if looks_personal(text) else text


def shown_text(text: str) -> str:
    """Return a source, an id or a name of a thing as it may be shown: longer than a code, and with days in it."""
    return OTHER if looks_personal(text, longest=LONGEST_TEXT, dates=True) else text


def plain_form(text: str) -> str:
    """Return a name without what a re-cased, padded or otherwise encoded header changes; for comparing only."""
    return " ".join(unicodedata.normalize("NFKC", text.replace("\ufeff", "")).casefold().split())


def by_position(place: int) -> str:
    """Return a name for a column whose name may not be kept.

    It cannot collide with a real column name, which contains a letter.
    """
    return f"#{place}"


def shown_file(path: PurePath) -> str:
    """Return the path of a file as it may be shown.

    Of a name that could be a person's, only the ending is left.
    """
    if not looks_personal(path.name, longest=LONGEST_TEXT, dates=True):
        return str(path)
    return str(path.with_name(OTHER + ("" if looks_personal(path.suffix) else path.suffix)))
