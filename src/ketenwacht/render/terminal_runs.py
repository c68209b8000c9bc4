"""The latest runs of a feed in the terminal, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.result import Run
from ketenwacht.domain.status import Status

from .terminal import glyphs_of, status_text
from .words import clean, day, plural

_WORST = (Status.ERROR, Status.FAILED, Status.WARNED, Status.UNPROVEN)


def print_runs(runs: Sequence[Run], console: Console, *, zone: tzinfo = UTC) -> None:
    """Print one line a run, the newest first: its period, verdict, which delivery, and what was not right."""
    if not runs:
        return
    glyphs = glyphs_of(console)
    console.print()
    console.print(Text("The latest run" if len(runs) == 1 else f"The latest {len(runs)} runs", style="bold"))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=False, width=min(console.width, 100))
    for width in (11, 10):
        table.add_column(width=width, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    for run in reversed(runs):
        table.add_row(
            day(run.delivery.period),
            status_text(run.status, glyphs),
            Text(glyphs.plain(_said(run, zone))),
        )
    console.print(table)


def _said(run: Run, zone: tzinfo) -> str:
    """Which delivery, when it was judged if that was another day, and the checks that were not content with it."""
    which = "no delivery" if run.delivery.presence is Presence.ABSENT else clean(run.delivery.id)
    judged = run.at.astimezone(zone).date()
    which += f" (judged {day(judged)})" if judged != run.delivery.period else ""
    worst = next((status for status in _WORST if status == run.status), None)
    if worst is None:
        return f"{which}: {plural(len(run.results), 'result')}"
    checks = list(dict.fromkeys(r.check.partition(".")[0] for r in run.results if r.status is worst))
    return f"{which}: {', '.join(clean(check) for check in checks)}"
