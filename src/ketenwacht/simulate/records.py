"""Rows of the feed as columns, with dates that only the simulator knows."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ketenwacht.errors import ConfigError, describe_file_fault

Text = NDArray[np.object_]
Days = NDArray[np.datetime64]

# The columns of a delivery, in order; volgnummer_regel is numbered when it is written.
COLUMNS = (
    "volgnummer_regel",
    "mutatiesoort",
    "v_nummer",
    "bsn",
    "geboortedatum",
    "geslacht",
    "nationaliteit",
    "verblijfstitel",
    "verblijfsdoel",
    "doelgroep",
    "datum_beschikking",
    "datum_bekendmaking",
    "ingangsdatum_verblijfsrecht",
    "gemeentecode",
    "coa_locatie",
    "referent_v_nummer",
    "postcode",
)
CELLS = COLUMNS[1:]
GRANT, CHANGE, WITHDRAWAL = "inwilliging", "wijziging", "intrekking"
# The columns over which the control totals of a manifest are counted.
TOTALS = ("doelgroep", "verblijfsdoel", "mutatiesoort")


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of the feed, stored by column.

    Attributes:
        decided: date of the decision, shape (rows,).
        sent_on: date of the delivery that should hold the row, shape (rows,).
        cells: column → text, every column of CELLS, each of shape (rows,); empty text is an empty cell.
    """

    decided: Days
    sent_on: Days
    cells: Mapping[str, Text]

    @property
    def count(self) -> int:
        """Number of rows."""
        return int(self.decided.size)

    def take(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Records:
        """Return the rows of a mask or a list of indices, in its order."""
        return Records(
            self.decided[which], self.sent_on[which], {name: cell[which] for name, cell in self.cells.items()}
        )

    def mask(self, **values: Sequence[str]) -> NDArray[np.bool_]:
        """Return the mask of rows with one of the given values in each column, shape (rows,)."""
        selected = np.ones(self.count, dtype=np.bool_)
        for column, allowed in values.items():
            selected &= np.isin(self.cells[column].astype(str), list(allowed))
        return selected

    def with_cells(self, **columns: Text) -> Records:
        """Return these rows with some columns replaced."""
        return replace(self, cells={**self.cells, **columns})

    def count_totals(self, columns: Sequence[str] = TOTALS) -> Counter[tuple[str, ...]]:
        """Return the number of rows for each combination of values of `columns`."""
        return Counter(zip(*(self.cells[c].tolist() for c in columns), strict=True))

    def list_rows(self) -> list[tuple[object, ...]]:
        """Return the rows as written in a delivery, numbered from 1."""
        return list(zip(range(1, self.count + 1), *(self.cells[c].tolist() for c in CELLS), strict=True))


def concatenate(parts: Sequence[Records]) -> Records:
    """Return the rows of `parts` in order; at least one part."""
    return Records(
        np.concatenate([p.decided for p in parts]),
        np.concatenate([p.sent_on for p in parts]),
        {name: np.concatenate([p.cells[name] for p in parts]) for name in CELLS},
    )


def read_canaries(path: Path) -> Records:
    """Return the records in a list of synthetic persons from `ketenwacht canary`.

    Raises:
        ConfigError: it cannot be read, or has no decision date.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter=";"))
        decided = np.array([row["datum_beschikking"] for row in rows], dtype="datetime64[D]")
    except (OSError, ValueError, KeyError) as fault:
        what = f"cannot be read as a list of synthetic persons ({describe_file_fault(fault)})"
        raise ConfigError(str(path), what, "write it with `ketenwacht canary`") from None
    filled = {"mutatiesoort": GRANT}
    cells = {
        name: np.array([row.get(name) or filled.get(name, "") for row in rows], dtype=object) for name in CELLS
    }
    sent_on = (decided + np.timedelta64(1, "D")).astype("datetime64[D]")
    return Records(decided, sent_on, cells)
