"""`make serve`: the service on the sample feed, which arrives live at a speed-up."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

from ketenwacht.errors import KetenwachtError
from ketenwacht.render.terminal import make_console
from ketenwacht.service.live import FastClock, ScheduledArrival, deliver_files, prepare_folder, schedule_arrivals
from ketenwacht.service.run import run
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.simulate import simulate
from ketenwacht.web import PageServer, web_app
from ketenwacht.workflows.project import LoadedProject

from .output import progress

STAND = Path("var/live")
SETTINGS = ("history=sqlite:///var/history.db", "service.tick=1s", "alerts.language=en")


def main(arguments: list[str] | None = None) -> int:
    """Run it until it is stopped.

    Returns:
        0, or 2 when it could not begin.
    """
    asked = _parser().parse_args(arguments)
    screen = make_console()
    try:
        live(asked, lambda text: screen.print(text, markup=False, highlight=False))
    except KetenwachtError as fault:
        screen.print(str(fault), markup=False)
        return 2
    return 0


def live(asked: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Write the sample, and serve it as it comes.

    Raises:
        KetenwachtError: it cannot begin.
    """
    config = prepare_folder(Path.cwd(), STAND)
    sample, behind = STAND / "var/sample", STAND / "to-come"
    with progress("writing what is to come", shown=True) as advanced:
        simulate(
            behind, first=asked.first, last=asked.last, seed=asked.seed, scenario=asked.scenario, progress=advanced
        )
    (sample / "deliveries").mkdir(parents=True)
    for evidence in ("register", "references", "inquiries"):  # each line of it counts from the day that it bears
        (sample / evidence).symlink_to((behind / evidence).resolve(), target_is_directory=True)
    project = LoadedProject.open(config, overrides=(*SETTINGS, f"service.port={asked.port}"))
    now = FastClock.of(_midnight(project, asked.first), _midnight(project, asked.last), day=asked.day)
    log = STAND / "service.log"
    with log.open("w", encoding="utf-8") as stream, project.history() as history:
        service = Service.of(project, history, log=Log(stream), write=say, now=now)
        service.demonstration = asked.day
        pages = PageServer(
            web_app(service), host=project.settings.service.host, port=project.settings.service.port
        )
        say(f"A fictional feed ({asked.scenario}, seed {asked.seed}) from {asked.first} to {asked.last},")
        say(f"of which a day takes {asked.day:g} seconds. Stop it with Ctrl-C.")
        say(f"  pages    {pages.address}/   {pages.address}/incidents   {pages.address}/metrics")
        say(f"  log      {log}")
        say(f"  history  ketenwacht -c {config} history\n")
        with deliver_files(schedule_arrivals(behind / "deliveries"), sample / "deliveries", now, _announcer(say)):
            run(service, pages)


def _announcer(say: Callable[[str], None]) -> Callable[[ScheduledArrival], object]:
    def announce(one: ScheduledArrival) -> None:
        if "manifest" not in one.path.name:
            say(f"{one.moment:%a %d %b %Y} arrives {one.path.name}")

    return announce


def _midnight(project: LoadedProject, day: date) -> datetime:
    return datetime.combine(day, time(), project.zone).astimezone(UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ketenwacht.cli.live", description=__doc__)
    parser.add_argument("--day", type=float, default=4.0, help="seconds that a day takes (4)")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2022, 1, 3))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2022, 7, 1))
    parser.add_argument("--seed", type=int, default=2022)
    parser.add_argument("--scenario", default="incident-2022", help="as of `ketenwacht simulate`")
    parser.add_argument("--port", type=int, default=8181)
    return parser


if __name__ == "__main__":
    sys.exit(main())
