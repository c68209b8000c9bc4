"""The sender's own register: every person ever decided on, in clear, once a week."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import numpy as np

from .delivering import put
from .records import Records, joined
from .volumes import last_of_weeks, local
from .world import SimulatedWorld

COLUMNS = ("v_nummer", "doelgroep", "verblijfsdoel", "gemeentecode", "datum_beschikking")


def snapshot_days(days: tuple[date, ...]) -> tuple[date, ...]:
    """The dates of the snapshots; the last working day when the range holds no whole week."""
    return last_of_weeks(days) or days[-1:]


def write(folder: Path, world: SimulatedWorld, canaries: Records | None = None) -> None:
    """Write a cumulative snapshot after the last delivery of each week.

    A person stands in it with the values of the first grant, however often they are changed later.
    """
    grants = world.grants
    if canaries is not None:
        grants = joined([grants, canaries])
        grants = grants.take(np.argsort(grants.decided, kind="stable"))
    columns = [grants.cells[name].tolist() for name in COLUMNS]
    lines = [(";".join(row) + "\n").encode() for row in zip(*columns, strict=True)]
    # Each snapshot is the one before it and what came since: one growing text, written as it is.
    text, done = bytearray(";".join(COLUMNS) + "\n", "utf-8"), 0
    for day in snapshot_days(world.days):
        upto = int(np.searchsorted(grants.decided, np.datetime64(day), side="right"))
        text += b"".join(lines[done:upto])
        done = upto
        put(folder / f"REGISTER_{day:%Y%m%d}.csv", bytes(text), local(day, time(18, 0)).timestamp())
