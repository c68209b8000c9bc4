# ruff: noqa: INP001 - a script, not a package
"""What the gate of `ketenwacht ci` stops: each defect alone, by persons a delivery and staging deliveries.

    python benchmarks/gate.py [--seed N] [--persons 10,100,1000] [--deliveries 1,5,20] [--healthy 50]

Healthy releases, and releases with a single defect, are written to a staging folder from the fictional persons of
`ketenwacht simulate`. The gate judges them as in a build: the newest delivery, with what thirteen weeks of
production measured. The table that this prints stands in docs/ci.md. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.random import Generator

from ketenwacht.domain.result import Status
from ketenwacht.pipeline import FeedContext
from ketenwacht.scheduler import Work
from ketenwacht.simulate.run import simulate
from ketenwacht.workflows.ci.release import DeliverySelection, ReleaseCheck, open_release_check
from ketenwacht.workflows.ci.sources import Production
from ketenwacht.workflows.measuring import measure_ahead
from ketenwacht.workflows.project import LoadedProject

ROOT = Path(__file__).resolve().parents[1]
FIRST, RELEASE, LAST = date(2023, 1, 2), date(2023, 4, 3), date(2023, 5, 5)
WORLDS = 10  # simulations whose persons of a day are put together: each brings a hundred or more
NOW = datetime(2023, 5, 6, tzinfo=UTC)
FEED = "ind-duo"
WORDS = {"failed": "✗", "warned": "!", "too few": "·", "passed": "–"}

Row = dict[str, str]
Deliveries = Mapping[str, list[Row]]
"""By name of the file, what is in it."""
Damage = Callable[[Generator, list[Row]], None]
"""Puts a defect into the rows of one delivery."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect of a release.

    Attributes:
        kind: the row of the table that it counts in.
        name: of what is damaged.
        damage: changes the rows of a delivery in place.
    """

    kind: str
    name: str
    damage: Damage


def main() -> None:
    """Print the table."""
    options = _parse()
    if hasattr(os, "sched_setaffinity"):  # with one core, nothing is measured in processes that each import anew
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    generator = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory(prefix="ketenwacht-gate-") as name:
        folder = Path(name)
        for part in ("checks", "expectations"):
            shutil.copytree(ROOT / part, folder / part)
        shutil.copy(ROOT / "config.yaml", folder)
        gate = Gate.open(folder)
        pool = read_pool(folder, options.seed)
        found: dict[tuple[str, int, int], list[str]] = {}
        healthy: list[str] = []
        for persons in options.persons:
            production, staging = draw(generator, pool, persons)
            measured = gate.measure(production)
            for count in options.deliveries:
                release = dict(list(staging.items())[:count])
                for defect in list_defects(staging):
                    damaged = {k: [dict(row) for row in rows] for k, rows in release.items()}
                    for rows in damaged.values():
                        defect.damage(generator, rows)
                    said = gate.judge(damaged, measured)
                    found.setdefault((defect.kind, persons, count), []).append(said)
                    print_line(
                        f"# {persons:5} persons, {count:2} deliveries, {defect.kind}, {defect.name}: {said}"
                    )
            for _ in range(round(options.healthy / len(options.persons))):
                _, other = draw(generator, pool, persons)
                count = int(generator.choice(options.deliveries))
                healthy.append(gate.judge(dict(list(other.items())[:count]), measured))
                print_line(f"# {persons:5} persons, {count:2} deliveries, healthy: {healthy[-1]}")
    print_table(found, healthy, options)


def _parse() -> argparse.Namespace:
    def numbers(text: str) -> list[int]:
        return [int(one) for one in text.split(",")]

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--persons", type=numbers, default=[10, 100, 1000])
    parser.add_argument("--deliveries", type=numbers, default=[1, 5, 20])
    parser.add_argument("--healthy", type=int, default=50)
    return parser.parse_args()


def read_pool(folder: Path, seed: int) -> Deliveries:
    """Return the persons of several simulated worlds, those of one day together; nobody is in it twice."""
    pool: dict[str, list[Row]] = {}
    for world in range(WORLDS):
        out = folder / f"world-{world}"
        simulate(out, first=FIRST, last=LAST, seed=1000 * seed + world, scenario="healthy")
        for path in sorted((out / "deliveries").glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as lines:
                pool.setdefault(path.name[:16], []).extend(csv.DictReader(lines, delimiter=";"))
        shutil.rmtree(out)
    return {day: list({row["v_nummer"]: row for row in rows}.values()) for day, rows in sorted(pool.items())}


def draw(generator: Generator, pool: Deliveries, persons: int) -> tuple[Deliveries, Deliveries]:
    """Return production and staging, with about so many persons a delivery: the counts vary as Poisson's."""
    parts: tuple[dict[str, list[Row]], dict[str, list[Row]]] = ({}, {})
    for number, (day, rows) in enumerate(pool.items(), start=1):
        share = min(1.0, persons / len(rows))
        kept = [dict(row) for row in rows if generator.random() < share]
        parts[day[8:] >= f"{RELEASE:%Y%m%d}"][f"{day}_{number:06}.csv"] = kept
    return parts


def write(folder: Path, deliveries: Deliveries) -> None:
    """Write deliveries in the format of the feed, in place of what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, rows in deliveries.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            columns = list(rows[0]) if rows else []
            writer = csv.DictWriter(file, columns, delimiter=";", lineterminator="\n")
            writer.writeheader()
            for number, row in enumerate(rows, start=1):
                writer.writerow({**row, columns[0]: number})


@dataclass(frozen=True, slots=True)
class Gate:
    """The release check of the sample, opened once for all releases.

    Attributes:
        folder: with its configuration.
        context: the feed in staging.
    """

    folder: Path
    context: FeedContext

    @classmethod
    def open(cls, folder: Path) -> Gate:
        """Open the project of a folder."""
        overrides = (f"feeds.{FEED}.source.manifest=null",)
        project = LoadedProject.open(folder / "config.yaml", environment="staging", overrides=overrides)
        return cls(folder, open_release_check(project, FEED, production=Production()).context)

    def measure(self, deliveries: Deliveries) -> Production:
        """Return what production delivers; its rows need not be judged, so only counts are taken."""
        self._write(deliveries)
        bare = replace(self.context, plan=replace(self.context.plan, suites=()))
        work = [Work(NOW, one) for one in bare.find(NOW, settle=timedelta(0))]
        return Production(tuple(measure_ahead(bare, work)))

    def judge(self, deliveries: Deliveries, production: Production) -> str:
        """Return what the gate says of a release: failed, warned, too few (it says so itself), or passed."""
        self._write(deliveries)
        (run,) = ReleaseCheck(context=self.context, production=production).judge(DeliverySelection(), NOW).runs
        if run.status in {Status.FAILED, Status.ERROR}:
            return "failed"
        if run.status is Status.WARNED:
            return "warned"
        told = {result.status for result in run.results if result.check in {"category", "coverage"}}
        return "too few" if Status.UNPROVEN in told else "passed"

    def _write(self, deliveries: Deliveries) -> None:
        write(self.folder / "var/staging/deliveries", deliveries)


def list_defects(staging: Deliveries) -> Iterator[Defect]:
    """Yield every code dropped, every mandatory field emptied twice, a column renamed, and types changed."""
    rows = [row for delivery in staging.values() for row in delivery]
    for code in sorted({row["verblijfsdoel"] for row in rows}):
        yield Defect("a code dropped", code, _drop(code))
    suite = json.loads((ROOT / "expectations/ind_duo.json").read_text(encoding="utf-8"))["expectations"]
    filled = [one["kwargs"]["column"] for one in suite if one["type"] == "expect_column_values_to_not_be_null"]
    largest = max({row["doelgroep"] for row in rows}, key=lambda g: sum(row["doelgroep"] == g for row in rows))
    for column in sorted(set(filled)):
        yield Defect("a field emptied in 5 % of the rows", column, _empty(column, 0.05))
        yield Defect("a field emptied in one target group", column, _empty(column, 1.0, group=largest))
    yield Defect("a column renamed", "nationaliteit", _rename("nationaliteit", "nationaliteitscode"))
    yield Defect("a type changed", "dates written as 31-12-2022", _rewrite("datum_beschikking", _dutch_day))
    yield Defect(
        "a type changed", "codes without leading zeros", _rewrite("nationaliteit", lambda s: s.lstrip("0"))
    )
    yield Defect("a type changed", "M and V as 1 and 2", _rewrite("geslacht", {"M": "1", "V": "2"}.get))


def _drop(code: str) -> Damage:
    def damage(_: Generator, rows: list[Row]) -> None:
        rows[:] = [row for row in rows if row["verblijfsdoel"] != code]

    return damage


def _empty(column: str, share: float, *, group: str | None = None) -> Damage:
    def damage(generator: Generator, rows: list[Row]) -> None:
        for row in rows:
            if (group is None or row["doelgroep"] == group) and generator.random() < share:
                row[column] = ""

    return damage


def _rename(old: str, new: str) -> Damage:
    def damage(_: Generator, rows: list[Row]) -> None:
        rows[:] = [{new if name == old else name: value for name, value in row.items()} for row in rows]

    return damage


def _rewrite(column: str, written: Callable[[str], str | None]) -> Damage:
    def damage(_: Generator, rows: list[Row]) -> None:
        for row in rows:
            row[column] = written(row[column]) or row[column]

    return damage


def _dutch_day(text: str) -> str:
    return "-".join(reversed(text.split("-")))


def print_table(
    found: Mapping[tuple[str, int, int], Sequence[str]], healthy: Sequence[str], options: argparse.Namespace
) -> None:
    """Print the table in Markdown: how many releases of each kind failed, warned, or had too few to tell."""
    heads = [f"{persons} × {count}" for persons in options.persons for count in options.deliveries]
    print_line("| defect | " + " | ".join(heads) + " |")
    print_line("| --- |" + " --- |" * len(heads))
    for kind in dict.fromkeys(key[0] for key in found):
        cells = []
        for persons in options.persons:
            for count in options.deliveries:
                said = found[kind, persons, count]
                tally = {word: said.count(word) for word in WORDS}
                cells.append(" ".join(f"{n}{WORDS[word]}" for word, n in tally.items() if n))
        print_line(f"| {kind} | " + " | ".join(cells) + " |")
    print_line(f"healthy: {len(healthy) - healthy.count('failed')} of {len(healthy)} pass (seed {options.seed})")


def print_line(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
