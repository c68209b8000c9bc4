"""The period of a row, from whatever text a sender writes it in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, tzinfo

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_WEEK = re.compile(r"\d{4}-W\d{2}", re.ASCII)
_PLAIN = re.compile(r"(19|20|21)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
_YEAR = re.compile(r"(19|20|21)\d{2}", re.ASCII)


def period_of(text: str, zone: tzinfo) -> date | None:
    """The first day of the period that `text` names, None when it names none.

    A date (`YYYY-MM-DD`, or `YYYYMMDD` from 1900 to 2199), a moment (its date; with an offset its date in
    `zone`), `YYYY-MM` (the first of the month), an ISO week `YYYY-Www` (its Monday) or a year from 1900 to 2199
    (1 January).
    """
    try:
        return next((read(text, zone) for form, read in _FORMS if form.fullmatch(text)), None)
    except (ValueError, OverflowError):  # the form of a date, but no day of the calendar
        return None


def _moment(text: str, zone: tzinfo) -> date:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo is None else moment.astimezone(zone)).date()


_FORMS: tuple[tuple[re.Pattern[str], Callable[[str, tzinfo], date]], ...] = (
    (_DAY, lambda text, _: date.fromisoformat(text)),
    (_MOMENT, _moment),
    (_MONTH, lambda text, _: date.fromisoformat(text + "-01")),
    (_WEEK, lambda text, _: date.fromisocalendar(int(text[:4]), int(text[-2:]), 1)),
    (_PLAIN, lambda text, _: date.fromisoformat(text)),
    (_YEAR, lambda text, _: date(int(text), 1, 1)),
)
