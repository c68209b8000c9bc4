"""Alerts in the terminal: what was told, when, through which route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ketenwacht.domain.finding import Alert
from ketenwacht.domain.message import Message
from ketenwacht.domain.statement import Amount
from ketenwacht.domain.status import Status
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import clean

from .terminal import STYLE, glyphs_of

Row = tuple[Alert, str, int, datetime | None, str | None]
"""An alert, its state, how often it was tried, when it arrived (UTC), why the last attempt failed."""

_STATUS = {"pending": Status.WARNED, "sending": Status.WARNED, "sent": Status.PASSED, "failed": Status.FAILED}


def print_alerts(rows: Sequence[Row], counts: Mapping[str, int], how: MessageFormatter, console: Console) -> None:
    """Print how many alerts are in which state, then these, oldest first."""
    glyphs = glyphs_of(console)
    told = ", ".join(
        f"{how.number(count)} {how.label(f'alerts.{state}')}" for state, count in counts.items() if count
    )
    title = how.label("alerts.count", states=told) if told else how.label("alerts.none")
    console.print(Text(title, style="bold"))
    for alert, state, attempts, sent_at, error in rows:
        status = _STATUS.get(state, Status.WARNED)
        local = (sent_at or alert.created_at).astimezone(how.zone)
        mark = (f"{glyphs.marks[status]} {how.label(f'alerts.{state}'):<7}", STYLE[status])
        when = f"{how.short_day(local.date())} {local:%H:%M}"
        console.print(Text.assemble(mark, f"  {when}  {clean(alert.route)}  {headline_of(alert)}"))
        if error is not None:
            said = how.label("alerts.tried", attempts=Amount(attempts), error=clean(error))
            console.print(Padding(Text(said), (0, 0, 0, 11), expand=False))


def headline_of(alert: Alert) -> str:
    """The one line that a telephone shows of an alert."""
    try:
        return clean(Message.from_json(alert.body).headline)
    except ValueError:
        return clean(alert.kind)
