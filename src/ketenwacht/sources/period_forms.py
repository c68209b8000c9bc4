"""How senders write a period where it does not tell by itself: the layouts that all texts of a column fit."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, timedelta, tzinfo
from itertools import product

from ketenwacht.errors import ConfigError

from .period import period_of

_DAYS = (
    *("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%m-%d-%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d-%m-%y", "%d/%m/%y", "%d.%m.%y", "%m-%d-%y", "%m/%d/%y"),
    *("%d %b %Y", "%d-%b-%Y", "%d%b%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_LONGER = ("%m-%Y", "%m/%Y", "%Y/%m", "%Y%m", "%b %Y", "%B %Y", "%GW%V", "%G/W%V", "%G%V")
FORMS = (*("".join(parts) for parts in product(_DAYS, _CLOCKS)), *_LONGER)
"""Layouts of strptime that are tried on a sample. Each that fits all texts is a reading of its own."""

_DIRECTIVES = frozenset("YymdjbBGVuHMSIp")
_PROBE = date(2023, 11, 29)  # a Wednesday, no first of anything


def readings(
    texts: Collection[str], zone: tzinfo, form: str | None = None
) -> dict[str | None, Mapping[str, date]]:
    """Every way to read all `texts` as periods.

    A day after the 12th in any of them leaves one of day-month and month-day; without one both remain, and
    somebody must say which it is.

    Args:
        texts: all different texts of a column.
        zone: in which a moment with an offset gets its date.
        form: the only layout to try; None: what needs no layout, else all `FORMS`.

    Returns:
        Layout (None: none is needed) → text → first day of its period; {} when they are no periods.
    """
    for forms in ((form,),) if form is not None else ((None,), FORMS):
        found: dict[str | None, Mapping[str, date]] = {
            one: days for one in forms if (days := _read(texts, zone, one))
        }
        if found:
            return found
    return {}


def _read(texts: Collection[str], zone: tzinfo, form: str | None) -> dict[str, date]:
    days: dict[str, date] = {}
    for text in texts:
        day = period_of(text, zone, form)
        if day is None:
            return {}
        days[text] = day
    return days


def check_form(form: str, where: str) -> None:
    """Refuse a layout that names no period.

    Raises:
        ConfigError: it holds what is not understood, or does not say which year, month or week.
    """
    meant = {_PROBE, _PROBE.replace(day=1), _PROBE - timedelta(_PROBE.weekday()), date(_PROBE.year, 1, 1)}
    try:
        known = set(re.findall("%(.?)", form)) <= _DIRECTIVES
        read = period_of(_PROBE.strftime(form), UTC, form) if known else None
    except (ValueError, re.error):  # strptime compiles its layout
        read = None
    if read not in meant:
        mend = 'write for instance "%d-%m-%Y", "%m/%d/%Y" or "%m-%Y"'
        raise ConfigError(where, "this is no layout of a period", mend)
