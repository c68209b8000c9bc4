"""The sender puts synthetic persons into its source, and they go the way of everybody else."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

from ketenwacht.errors import ConfigError

from .plan import Plan
from .records import CELLS, GRANT, Records, joined


def read(path: Path) -> Records:
    """The records of a list that `ketenwacht canary` wrote.

    Raises:
        ConfigError: it is not there, or holds no day of decision.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter=";"))
        decided = np.array([row["datum_beschikking"] for row in rows], dtype="datetime64[D]")
    except (OSError, ValueError, KeyError) as fault:
        what = f"cannot be read as a list of synthetic persons ({type(fault).__name__})"
        raise ConfigError(str(path), what, "write it with `ketenwacht canary`") from None
    filled = {"mutatiesoort": GRANT}
    cells = {
        name: np.array([row.get(name) or filled.get(name, "") for row in rows], dtype=object) for name in CELLS
    }
    sent_on = (decided + np.timedelta64(1, "D")).astype("datetime64[D]")
    return Records(decided, sent_on, cells)


def put_in(plan: Plan, canaries: Records) -> Plan:
    """A plan in which each of them goes with the first delivery after its decision."""
    spoilt, waiting = [], canaries
    for planned in plan:
        due = waiting.sent_on <= np.datetime64(planned.last)
        going, waiting = waiting.take(due), waiting.take(~due)
        spoilt.append(replace(planned, records=joined([planned.records, going])) if going.count else planned)
    return spoilt
