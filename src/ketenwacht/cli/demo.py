"""`make demo`: the main job on the fictional feed of 2022–2023, from nothing to a report."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console

from ketenwacht.domain.statement import Amount, Persons
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views_cause import view_why
from ketenwacht.messages.views_incident import sort_incidents
from ketenwacht.render.terminal import make_console
from ketenwacht.render.terminal_history import print_timeline
from ketenwacht.simulate import simulate
from ketenwacht.workflows import clock
from ketenwacht.workflows.demo import describe_planted, match_planted, onsets
from ketenwacht.workflows.demo_evidence import compare_by_digest, find_lost_acknowledgement
from ketenwacht.workflows.histories import open_reader
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.replay import run_replay
from ketenwacht.workflows.report import collect_report, write_report

from .output import default_formatter, print_note, progress

SAMPLE = Path("var/sample")
REPORT = Path("var/report.html")
LOST = Path("var/acknowledgement")
COMPARED = date(2022, 12, 30)
FIRST, LAST = date(2022, 1, 1), date(2023, 6, 30)
SEED = 2022


def demo() -> int:
    """Write the sample, replay it, and hold what was found against what was planted.

    Returns:
        0 when everything planted was found, 1 when not.
    """
    screen, formatter = make_console(), default_formatter()
    begin = formatter.label(
        "demo.begin", first=formatter.short_day(FIRST), last=formatter.short_day(LAST), seed=str(SEED)
    )
    screen.print(begin)
    with progress("writing the sample", shown=True) as advanced:
        simulate(SAMPLE, first=FIRST, last=LAST, seed=SEED, scenario="incident-2022", progress=advanced)
    screen.print(f"{formatter.label('demo.judging')}\n")
    project = LoadedProject.open(Path("config.yaml"))
    formatter = project.formatter(project.feed(None), language="en")
    with progress("judging", shown=True) as advanced:
        told = run_replay(
            project,
            None,
            first=FIRST,
            last=LAST,
            each=lambda _: None,
            progress=advanced,
            on_warning=print_note,
            write=lambda text: screen.print(text, markup=False),
        )
    found = match_planted(SAMPLE / "truth.json", told.replay.incidents)
    print_timeline(replace(told.replay, onsets=onsets(found)), formatter, screen)
    with open_reader(project, None, replay=True, on_warning=print_note) as reader:
        data = collect_report(reader, at=reader.moment(clock.now()))
        worst, *_ = sort_incidents(reader.history.incidents.find(project.settings.alerts.policy, closed=True))
        formatter = project.formatter(project.feed(data.feed), language="en")
        why = view_why(worst.search, formatter)
        write_report(replace(data, onsets=onsets(found)), formatter, REPORT)
    screen.print(f"\n{formatter.label('demo.planted')}")
    for one in found:
        screen.print(f"  {describe_planted(one, formatter)}")
    shown = _show_exchanged(project, why, formatter, screen)
    screen.print(f"\n{formatter.label('demo.report', path=str(REPORT))}")
    return 0 if shown and found and all(one.found_all for one in found) else 1


def _show_exchanged(project: LoadedProject, cause: str, formatter: MessageFormatter, screen: Console) -> bool:
    """Print a line each of a lost acknowledgement, an exact digest and the cause; return whether all are there."""
    with progress("losing an acknowledgement", shown=True) as advanced:
        lost = find_lost_acknowledgement(Path("config.yaml"), SAMPLE, LOST, seed=SEED, progress=advanced)
    register = SAMPLE / f"register/REGISTER_{COMPARED:%Y%m%d}.csv"
    digest = compare_by_digest(project, register, COMPARED, at=clock.now())
    screen.print(f"\n{formatter.label('demo.evidence')}")
    failed = [
        formatter.label("demo.failed", what=what)
        for what, well in (
            ("acknowledgement", lost.found is not None),
            ("digest", digest.same),
            ("cause", bool(cause)),
        )
        if not well
    ]
    if lost.found is not None:
        day = formatter.short_day(lost.found)
        screen.print(
            formatter.label(
                "demo.acknowledgement", delivery=lost.delivery, days=Amount(lost.working_days), day=day
            )
        )
    if digest.same:
        size, missing = Amount(-(-digest.size // 1000)), Persons(digest.missing)
        day = formatter.short_day(COMPARED)
        screen.print(formatter.label("demo.digest", size=size, missing=missing, day=day), soft_wrap=True)
    if cause:
        screen.print(formatter.label("demo.cause", cause=cause), soft_wrap=True)
    for line in failed:
        screen.print(line)
    return not failed


if __name__ == "__main__":
    sys.exit(demo())
