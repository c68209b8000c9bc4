"""Rows of the feed as columns, with what only the simulator knows beside them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ketenwacht.errors import ConfigError

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
# The control totals of a manifest are counted over these.
TOTALS = ("doelgroep", "verblijfsdoel", "mutatiesoort")


@dataclass(frozen=True, slots=True)
class Records:
    """Any number of rows.

    Attributes:
        decided: date of the decision, shape (rows,).
        sent_on: date of the delivery that carries the row when nothing goes wrong, shape (rows,).
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
        """The rows that a mask or a list of indices names, in its order."""
        return Records(
            self.decided[which], self.sent_on[which], {name: cell[which] for name, cell in self.cells.items()}
        )

    def having(self, **values: Sequence[str]) -> NDArray[np.bool_]:
        """Mask of the rows whose columns hold one of the values named, shape (rows,)."""
        mask = np.ones(self.count, dtype=np.bool_)
        for column, allowed in values.items():
            mask &= np.isin(self.cells[column].astype(str), list(allowed))
        return mask

    def with_cells(self, **columns: Text) -> Records:
        """These rows with some columns replaced."""
        return replace(self, cells={**self.cells, **columns})

    def totals(self, columns: Sequence[str] = TOTALS) -> Counter[tuple[str, ...]]:
        """Rows for each combination of values of `columns`."""
        return Counter(zip(*(self.cells[c].tolist() for c in columns), strict=True))

    def rows(self) -> list[tuple[object, ...]]:
        """The rows as they are written, numbered from 1."""
        return list(zip(range(1, self.count + 1), *(self.cells[c].tolist() for c in CELLS), strict=True))


def concatenate(parts: Sequence[Records]) -> Records:
    """The rows of `parts` one after another; at least one part."""
    return Records(
        np.concatenate([p.decided for p in parts]),
        np.concatenate([p.sent_on for p in parts]),
        {name: np.concatenate([p.cells[name] for p in parts]) for name in CELLS},
    )


def read_canaries(path: Path) -> Records:
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
