"""One run, and a faulty configuration, in the terminal. Works without colour, at 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import IO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.result import STRENGTH, CheckResult, Run
from ketenwacht.domain.status import Status
from ketenwacht.errors import ConfigError

from .words import (
    ASCII,
    EVIDENCE,
    MEANING,
    UNICODE,
    Glyphs,
    band,
    clean,
    day,
    missing_amount,
    missing_range,
    observed,
    plural,
    say,
    segment_words,
    since,
)

STYLE: Mapping[Status, str] = MappingProxyType(
    {
        Status.PASSED: "green",
        Status.SKIPPED: "dim",
        Status.UNPROVEN: "blue",
        Status.WARNED: "yellow",
        Status.FAILED: "bold red",
        Status.ERROR: "bold magenta",
    }
)
MOST_ROWS = 10
"""More results than this of one check are told by their number."""
_VERDICT, _SEEN, _EXPECTED, _EVIDENCE = 11, 8, 12, 20
_BY_ROW = frozenset({Status.WARNED, Status.FAILED, Status.ERROR})


def make_console(file: IO[str] | None = None, *, width: int | None = None, color: bool | None = None) -> Console:
    """A console that takes text as it is: no markup, no guessing; `color` None leaves the choice to the terminal.

    On a stream that cannot write every character, what it cannot write becomes `?`; see `glyphs_of`.
    """
    console = Console(
        file=file,
        width=width,
        no_color=None if color is None else not color,
        force_terminal=True if color else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    reconfigure = getattr(console.file, "reconfigure", None)
    if reconfigure is not None and not _is_unicode(console):
        reconfigure(errors="replace")
    return console


def glyphs_of(console: Console) -> Glyphs:
    """The signs that the console's stream can write."""
    return UNICODE if _is_unicode(console) else ASCII


def status_text(status: Status, glyphs: Glyphs) -> Text:
    """A verdict as mark and word, coloured: the word alone says it all."""
    return Text(f"{glyphs.marks[status]} {status.word}", style=STYLE[status])


def print_run(run: Run, console: Console) -> None:
    """Print the verdict on one delivery: what is wrong by check, worst first; what is unproven; the rest."""
    glyphs = glyphs_of(console)
    delivery = run.delivery
    which = "no delivery" if delivery.presence is Presence.ABSENT else f"delivery {clean(delivery.id)}"
    head = Text.assemble(
        status_text(run.status, glyphs), f"  {clean(delivery.feed)}: {which} for {day(delivery.period)}"
    )
    head.append(f" {glyphs.dash} {MEANING[run.status]}", style="dim")
    console.print(head)
    if delivery.problem is not None:
        console.print(Padding(Text(clean(delivery.problem)), (0, 0, 0, 2), expand=False))
    for check, results in _by_check(r for r in run.results if r.status in _BY_ROW):
        console.print()
        console.print(Text(clean(check), style="bold"))
        for result in results[:MOST_ROWS]:
            _print_result(result, console, glyphs)
        if len(results) > MOST_ROWS:
            more = plural(len(results) - MOST_ROWS, "more result")
            console.print(
                Padding(
                    Text(f"and {more}; --format json shows all", style="dim"),
                    (0, 0, 0, _VERDICT + 1),
                    expand=False,
                )
            )
    console.print()
    for line in _sums(run.results, glyphs):
        console.print(line)


def print_faults(faults: Sequence[ConfigError], console: Console) -> None:
    """Print every fault as `path:line: what — how to mend`, each on one line; then how many there are."""
    dash = "—" if _is_unicode(console) else "-"
    for fault in faults:
        text = Text.assemble((clean(fault.where), "bold"), f": {clean(fault.what)} {dash} {clean(fault.mend)}")
        console.print(text, soft_wrap=True)
    files = {fault.where.partition(":")[0] for fault in faults}
    if faults:
        console.print(
            Text(f"{plural(len(faults), 'fault')} in {plural(len(files), 'file')}", style=STYLE[Status.FAILED])
        )
    else:
        console.print(Text("no faults", style=STYLE[Status.PASSED]))


def _by_check(results: Iterable[CheckResult]) -> Iterator[tuple[str, list[CheckResult]]]:
    """Results by check, the check with the worst verdict on the best evidence first."""
    groups: dict[str, list[CheckResult]] = {}
    for result in results:
        groups.setdefault(result.check, []).append(result)
    ranked = {check: sorted(group, key=_urgency) for check, group in groups.items()}
    yield from sorted(ranked.items(), key=lambda item: (_urgency(item[1][0]), item[0]))


def _urgency(result: CheckResult) -> tuple[float, ...]:
    missing = 0.0 if result.missing is None else abs(result.missing.value)
    return (-result.status, STRENGTH.index(result.evidence), -missing)


def _print_result(result: CheckResult, console: Console, glyphs: Glyphs) -> None:
    row = Table.grid(padding=(0, 1, 0, 0), expand=False)
    row.width = min(console.width, 100)
    row.add_column(width=_VERDICT)
    row.add_column(ratio=1, overflow="fold")
    row.add_column(width=_SEEN, justify="right", overflow="fold")
    row.add_column(width=_EXPECTED, overflow="fold")
    row.add_column(width=_EVIDENCE)
    row.add_row(
        status_text(result.status, glyphs),
        segment_words(result.segment),
        observed(result),
        glyphs.plain(_expected(result)),
        Text(EVIDENCE[result.evidence], style="dim"),
    )
    console.print(row)
    said = [clean(say(result.said))]
    if result.missing is not None and result.missing.value != 0:
        tail = "" if result.missing.value < 0 else " missing"
        began, likely = since(result.missing, result.evidence), missing_range(result.missing)
        said.append(f"{missing_amount(result.missing)}{tail} since {began} ({likely})")
    for line in filter(None, said):
        console.print(Padding(Text(glyphs.plain(line)), (0, 0, 0, _VERDICT + 1), expand=False))


def _expected(result: CheckResult) -> str:
    shown = band(result.expected, result.unit)
    return f"of {shown}" if shown[:1].isdigit() else shown


def _sums(results: Sequence[CheckResult], glyphs: Glyphs) -> Iterator[Padding | Table]:
    """One line a reason for what is unproven or skipped, and one for everything that passed."""
    shown = [r for r in results if r.status not in _BY_ROW]
    ranked = sorted(shown, key=lambda r: (-r.status, r.check, say(r.said)))
    for (status, check, message), group in groupby(ranked, key=_reason):
        same = list(group)
        row = Table.grid(padding=(0, 1, 0, 0))
        row.add_column(width=_VERDICT)
        row.add_column(overflow="fold")
        if status is Status.PASSED:
            checks = len({r.check for r in same})
            row.add_row(status_text(status, glyphs), f"{plural(len(same), 'result')} of {plural(checks, 'check')}")
        else:
            who = segment_words(same[0].segment) if len(same) == 1 else plural(len(same), "segment")
            row.add_row(status_text(status, glyphs), glyphs.plain(f"{check}, {who}: {message}"))
        yield row


def _reason(result: CheckResult) -> tuple[Status, str, str]:
    if result.status is Status.PASSED:
        return result.status, "", ""
    return result.status, clean(result.check), clean(say(result.said))


def _is_unicode(console: Console) -> bool:
    return console.encoding.lower().replace("-", "").startswith("utf")
