"""From the shapes of values (digits as 9, capitals as A) to a regular expression that quotes none of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

_CLASSES = {"9": r"\d", "A": "[A-Z]", "a": "[a-z]"}
_DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
_NUMBERS = {"integer": r"^-?\d+$", "number": r"^-?\d+(\.\d+)?$"}
_LONGEST_CODE = 20


def form_of(shapes: Sequence[str], *, number: str = "") -> str | None:
    """A regular expression that all shapes meet, None when they have no form worth holding anybody to.

    Shapes that differ only in the length of their runs give open lengths; capitals and digits in any order give
    one class with a range of lengths. Texts with small letters or spaces are free text: no form.
    """
    if not shapes or any(mark in shape for shape in shapes for mark in "? a"):
        return None
    runs = [[(mark, len(list(same))) for mark, same in groupby(shape)] for shape in shapes]
    kinds = {tuple(mark for mark, _ in one) for one in runs}
    if len(kinds) == 1:
        return (
            _DATE
            if set(shapes) == {"9999-99-99"}
            else "^" + "".join(_run(column) for column in zip(*runs, strict=True)) + "$"
        )
    if number:
        return _NUMBERS[number]
    widths = [len(shape) for shape in shapes]
    if max(widths) <= _LONGEST_CODE and all(set(shape) <= {"9", "A"} for shape in shapes):
        return f"^[A-Z0-9]{{{min(widths)},{max(widths)}}}$"
    return None


def _run(column: Sequence[tuple[str, int]]) -> str:
    mark = column[0][0]
    lengths = {length for _, length in column}
    unit = _CLASSES.get(mark, re.escape(mark))
    if len(lengths) > 1:
        return unit + "+"
    (length,) = lengths
    return unit if length == 1 else f"{unit}{{{length}}}"
