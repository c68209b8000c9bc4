"""`make demo`: the main job on the fictional feed of 2022–2023, from nothing to a report."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from ketenwacht.render.terminal import make_console
from ketenwacht.render.terminal_history import print_timeline
from ketenwacht.simulate import simulate
from ketenwacht.workflows import clock
from ketenwacht.workflows.demo import describe_planted, match_planted, onsets
from ketenwacht.workflows.histories import open_reader
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.replay import run_replay
from ketenwacht.workflows.report import collect_report, write_report

from .output import default_formatter, print_note, progress

SAMPLE = Path("var/sample")
REPORT = Path("var/report.html")
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
        formatter = project.formatter(project.feed(data.feed), language="en")
        write_report(replace(data, onsets=onsets(found)), formatter, REPORT)
    screen.print(f"\n{formatter.label('demo.planted')}")
    for one in found:
        screen.print(f"  {describe_planted(one, formatter)}")
    screen.print(f"\n{formatter.label('demo.report', path=str(REPORT))}")
    return 0 if found and all(one.found_all for one in found) else 1


if __name__ == "__main__":
    sys.exit(demo())
