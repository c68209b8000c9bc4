"""Fictional deliveries for the templates of `ketenwacht init`, so that a new user can judge something at once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from .files import format_csv, write_file

SHARES = {"A": 0.4, "B": 0.3, "C": 0.2, "D": 0.1}
REGIONS = {"North": 180, "East": 120, "South": 240, "West": 60}
COLUMNS = ("person_number", "registered_on", "category", "municipality", "postcode")
_MUNICIPALITIES = ("0014", "0344", "0363", "0599", "0772")
_A_DAY = 60
_NO_POSTCODE = 0.03
_STAGED = 5
"""Deliveries in staging, at the end of the days."""


@dataclass(frozen=True, slots=True)
class Registration:
    """One fictional person."""

    number: int
    registered: date
    category: str
    municipality: str
    postcode: str

    @property
    def row(self) -> tuple[str, ...]:
        """The values of `COLUMNS`."""
        return (f"{self.number:08d}", str(self.registered), self.category, self.municipality, self.postcode)


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """What is to be written.

    Attributes:
        folder: of the new feed.
        stem: how the names of deliveries begin.
        moments: at which deliveries were due, oldest first.
        seed: the same seed gives the same persons.
    """

    folder: Path
    stem: str
    moments: Sequence[datetime]
    seed: int = 1

    def draw(self) -> list[list[Registration]]:
        """Return the persons of each delivery."""
        draw, number, out = np.random.default_rng(self.seed), 0, []
        for moment in self.moments:
            count = int(draw.poisson(_A_DAY))
            categories = draw.choice(list(SHARES), count, p=list(SHARES.values()))
            municipalities = draw.choice(_MUNICIPALITIES, count)
            digits = draw.integers(1000, 9999, count)
            unknown = draw.random(count) < _NO_POSTCODE
            day = [
                Registration(
                    number + i + 1,
                    moment.date() - timedelta(days=int(i % 4 == 0)),
                    str(categories[i]),
                    str(municipalities[i]),
                    "" if unknown[i] else f"{digits[i]}AB",
                )
                for i in range(count)
            ]
            number += count
            out.append(day)
        return out

    def write_delivery(self, place: str, moment: datetime, rows: Sequence[Sequence[str]]) -> Path:
        """Write the CSV of one delivery, with the modification time of its moment."""
        path = self.folder / place / f"{self.stem}_{moment:%Y%m%d}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, format_csv(rows[0], rows[1:]).encode(), moment.timestamp())
        return path


def _write_daily(order: SampleOrder) -> None:
    for moment, persons in zip(order.moments, order.draw(), strict=True):
        order.write_delivery("deliveries", moment, [COLUMNS, *(person.row for person in persons)])


def _write_weekly(order: SampleOrder) -> None:
    draw = np.random.default_rng(order.seed)
    for moment in order.moments:
        rows = [(region, str(draw.poisson(mean))) for region, mean in REGIONS.items()]
        order.write_delivery("counts", moment, [("region", "reports"), *rows])


def _write_table(order: SampleOrder) -> None:
    rows = [
        (*person.row, str(moment.date()))
        for moment, persons in zip(order.moments, order.draw(), strict=True)
        for person in persons
    ]
    names = (*COLUMNS, "received_on")
    with sqlite3.connect(order.folder / "registrations.db") as connection:
        connection.execute(f"CREATE TABLE registrations ({', '.join(f'{name} TEXT NOT NULL' for name in names)})")
        connection.executemany(f"INSERT INTO registrations VALUES ({', '.join('?' * len(names))})", rows)  # noqa: S608
    connection.close()


def _write_two_parties(order: SampleOrder) -> None:
    """Write deliveries that lose category C for the last four weeks, and the register that has everybody."""
    everybody, last = order.draw(), order.moments[-1]
    for moment, persons in zip(order.moments, everybody, strict=True):
        lost = moment > last - timedelta(weeks=4)
        sent = [person for person in persons if not (lost and person.category == "C")]
        path = order.write_delivery("deliveries", moment, [COLUMNS, *(person.row for person in sent)])
        counts = [{"category": name, "count": sum(person.category == name for person in sent)} for name in SHARES]
        day, total = str(moment.date()), len(sent)
        manifest = {
            "from": day,
            "to": day,
            "rows": total,
            "rows_by": counts,
            "selected": total,
            "selected_by": counts,
        }
        text = json.dumps(manifest, indent=2) + "\n"
        write_file(path.with_name(f"{path.stem}.manifest.json"), text.encode(), moment.timestamp())
    register = order.folder / "register" / f"REGISTER_{last:%Y%m%d}.csv"
    register.parent.mkdir(parents=True, exist_ok=True)
    rows = [person.row for persons in everybody for person in persons]
    write_file(register, format_csv(COLUMNS, rows).encode(), last.timestamp())


def _write_staged(order: SampleOrder) -> None:
    """Write production's deliveries, and a release in staging that lost category B."""
    _write_daily(order)
    staged = SampleOrder(order.folder, order.stem, order.moments[-_STAGED:], order.seed + 1)
    for moment, persons in zip(staged.moments, staged.draw(), strict=True):
        kept = [person.row for person in persons if person.category != "B"]
        order.write_delivery("staging", moment, [COLUMNS, *kept])


_WRITERS: dict[str, tuple[Callable[[SampleOrder], None], tuple[str, ...]]] = {
    "daily-files": (_write_daily, ("deliveries",)),
    "weekly-counts": (_write_weekly, ("counts",)),
    "database-table": (_write_table, ("registrations.db",)),
    "two-party-reconciliation": (_write_two_parties, ("deliveries", "register")),
    "ci-gate": (_write_staged, ("deliveries", "staging")),
}
"""Template → what writes its deliveries, and the files and folders that it makes."""


def find_leftovers(template: str, folder: Path) -> list[Path]:
    """Return what is in the way of the fictional deliveries of a template; empty when it has none."""
    places = _WRITERS[template][1] if template in _WRITERS else ()
    return [folder / place for place in places if (folder / place).exists()]


def write_template_sample(template: str, order: SampleOrder) -> None:
    """Write the fictional deliveries of a template.

    Args:
        template: one of those in `config/feed_templates`.
        order: where, and for which days.
    """
    _WRITERS[template][0](order)
