"""Alerts in the terminal: what was told, when, through which route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ketenwacht.domain.incident import Alert
from ketenwacht.domain.message import Message
from ketenwacht.domain.status import Status

from .terminal import STYLE, glyphs_of
from .words import clean, day

Row = tuple[Alert, str, int, datetime | None, str | None]
"""An alert, its state, how often it was tried, when it arrived (UTC), why the last attempt failed."""

_STATUS = {"pending": Status.WARNED, "sending": Status.WARNED, "sent": Status.PASSED, "failed": Status.FAILED}


def print_alerts(rows: Sequence[Row], counts: Mapping[str, int], console: Console, *, zone: tzinfo = UTC) -> None:
    """Print how many alerts are in which state, then these, oldest first."""
    glyphs = glyphs_of(console)
    told = ", ".join(f"{count:,} {state}" for state, count in counts.items() if count)
    console.print(Text(f"Alerts: {told}" if told else "No alert was ever written.", style="bold"))
    for alert, state, attempts, sent_at, error in rows:
        status = _STATUS.get(state, Status.WARNED)
        local = (sent_at or alert.created_at).astimezone(zone)
        mark = (f"{glyphs.marks[status]} {state:<7}", STYLE[status])
        console.print(
            Text.assemble(mark, f"  {day(local.date())} {local:%H:%M}  {clean(alert.route)}  {headline_of(alert)}")
        )
        if error is not None:
            console.print(Padding(Text(f"tried {attempts} times: {clean(error)}"), (0, 0, 0, 11), expand=False))


def headline_of(alert: Alert) -> str:
    """The one line that a telephone shows of an alert."""
    try:
        return clean(Message.from_json(alert.body).headline)
    except ValueError:
        return clean(alert.kind)
