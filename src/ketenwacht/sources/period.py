"""Parses the text of a period, and finds the format in which a sender writes periods."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import product

from ketenwacht.errors import ConfigError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_WEEK = re.compile(r"\d{4}-W\d{2}", re.ASCII)
_PLAIN = re.compile(r"(19|20|21)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
_YEAR = re.compile(r"(19|20|21)\d{2}", re.ASCII)


def parse_period(text: str, zone: tzinfo, form: str | None = None) -> date | None:
    """Return the first day of the period that `text` names; None when it names no period.

    `form` is a format of strptime; a week without a weekday means its Monday. Without `form`, the text may be a
    date (`YYYY-MM-DD`, or `YYYYMMDD` from 1900 to 2199), a moment (its date; with an offset its date in `zone`),
    `YYYY-MM` (the first of the month), an ISO week `YYYY-Www` (its Monday) or a year from 1900 to 2199 (1
    January).
    """
    if form is not None:
        return _parse_form(text, form)
    try:
        return next((read(text, zone) for form, read in _FORMS if form.fullmatch(text)), None)
    except (ValueError, OverflowError):  # written as a date, but not a day of the calendar
        return None


def describe_forms(form: str | None) -> str:
    """Return how to write periods, for an error."""
    if form is not None:
        return "write every period in the format of period_format, or change that setting"
    return (
        "write dates (YYYY-MM-DD, YYYYMMDD), moments, YYYY-MM, YYYY-Www or years; "
        'for another format set period_format, such as "%d-%m-%Y"'
    )


def _parse_form(text: str, form: str) -> date | None:
    if not text.isascii():
        return None
    if "%V" in form and "%u" not in form:  # a week means its Monday
        text, form = text + " 1", form + " %u"
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a format with an offset is not accepted
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


# Formats in which senders write periods. A column can be read in each format that all of its texts fit.


_DAYS = (
    *("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%m-%d-%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d-%m-%y", "%d/%m/%y", "%d.%m.%y", "%m-%d-%y", "%m/%d/%y"),
    *("%d %b %Y", "%d-%b-%Y", "%d%b%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_LONGER = ("%m-%Y", "%m/%Y", "%Y/%m", "%Y%m", "%b %Y", "%B %Y", "%GW%V", "%G/W%V", "%G%V")
FORMS = (*("".join(parts) for parts in product(_DAYS, _CLOCKS)), *_LONGER)
"""Formats of strptime to try on a sample. Each one that fits all texts is one way to read it."""

_DIRECTIVES = frozenset("YymdjbBGVuHMSIp")
_PROBE = date(2023, 11, 29)  # a Wednesday, and not the first day of a week, month or year


def find_readings(
    texts: Collection[str], zone: tzinfo, form: str | None = None
) -> dict[str | None, Mapping[str, date]]:
    """Return every way to read all `texts` as periods.

    A day after the 12th in one of them decides between day-month and month-day. Without such a day both ways
    remain, and the user must choose.

    Args:
        texts: all distinct texts of a column.
        zone: for the date of a moment with an offset.
        form: the only format to try; None: the texts without a format, and otherwise all `FORMS`.

    Returns:
        Format (None: none is needed) → text → first day of its period; {} when the texts are not periods.
    """
    for forms in ((form,),) if form is not None else ((None,), FORMS):
        found: dict[str | None, Mapping[str, date]] = {
            one: days for one in forms if (days := _read_all(texts, zone, one))
        }
        if found:
            return found
    return {}


def _read_all(texts: Collection[str], zone: tzinfo, form: str | None) -> dict[str, date]:
    days: dict[str, date] = {}
    for text in texts:
        day = parse_period(text, zone, form)
        if day is None:
            return {}
        days[text] = day
    return days


def check_form(form: str, where: str) -> None:
    """Check a format of periods.

    Raises:
        ConfigError: it has an unknown directive, or does not determine the year, month or week.
    """
    expected = {_PROBE, _PROBE.replace(day=1), _PROBE - timedelta(_PROBE.weekday()), date(_PROBE.year, 1, 1)}
    try:
        known = set(re.findall("%(.?)", form)) <= _DIRECTIVES
        read = parse_period(_PROBE.strftime(form), UTC, form) if known else None
    except (ValueError, re.error):  # strptime compiles its format
        read = None
    if read not in expected:
        mend = 'write for instance "%d-%m-%Y", "%m/%d/%Y" or "%m-%Y"'
        raise ConfigError(where, "this is not a format of periods", mend)
