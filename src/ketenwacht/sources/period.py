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


def period_of(text: str, zone: tzinfo, form: str | None = None) -> date | None:
    """The first day of the period that `text` names, None when it names none.

    In `form`, a layout of strptime (a week without a weekday means its Monday); without one, what needs no
    telling: a date (`YYYY-MM-DD`, or `YYYYMMDD` from 1900 to 2199), a moment (its date; with an offset its date in
    `zone`), `YYYY-MM` (the first of the month), an ISO week `YYYY-Www` (its Monday) or a year from 1900 to 2199
    (1 January).
    """
    if form is not None:
        return _in_form(text, form)
    try:
        return next((read(text, zone) for form, read in _FORMS if form.fullmatch(text)), None)
    except (ValueError, OverflowError):  # the form of a date, but no day of the calendar
        return None


def said_to_be(form: str | None) -> str:
    """What periods must look like, for an error."""
    if form is not None:
        return "write every period as period_format says, or mend that setting"
    return (
        "periods are dates (YYYY-MM-DD, YYYYMMDD), moments, YYYY-MM, YYYY-Www or years; "
        'say otherwise with period_format, such as "%d-%m-%Y"'
    )


def _in_form(text: str, form: str) -> date | None:
    if not text.isascii():
        return None
    if "%V" in form and "%u" not in form:  # a week stands for its Monday
        text, form = text + " 1", form + " %u"
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a layout with an offset is not accepted
    except (ValueError, OverflowError):
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
