"""Exact difference of two sets of ids in a message the size of the difference.

The method is a rateless invertible Bloom lookup table.

Source: L. Yang, Y. Gilad, M. Alizadeh, "Practical Rateless Set Reconciliation", SIGCOMM 2024 (arXiv 2402.02668).

Every id falls into cell 0, and into cell i with chance 1 / (1 + i/2) (section 4.1, α = 0.5). The next cell of an
id is drawn by the inverse of that distribution (section 5.2). A cell holds the exclusive or of its ids, and that
of a check of each; ids that both sides hold cancel out. What is left in a cell of one id is that id, and it is
peeled off its other cells. A cell has no count: whether an id is missing or extra is known from one's own set.

The arithmetic is of IEEE doubles and 64-bit integers only, so that every machine draws the same cells.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from .iblt_cells import DRAW, MIX_1, MIX_2, OFFSET, RANGE, cells_of, check_of

Ids = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """The first cells of a set; `add` fills the arrays in place.

    Attributes:
        salt: of the checks, the same on both sides.
        ids: exclusive or of the ids of each cell, shape (cells,).
        checks: that of their checks, shape (cells,).
        counts: ids in each cell, shape (cells,); never leaves this side.
    """

    salt: int
    ids: Ids
    checks: NDArray[np.uint32]
    counts: NDArray[np.int64]

    @property
    def persons(self) -> int:
        """How many ids were added: cell 0 holds each."""
        return int(self.counts[0])

    @classmethod
    def empty(cls, cells: int, salt: int) -> Sketch:
        """Return the sketch of an empty set."""
        return cls(salt, np.zeros(cells, np.uint64), np.zeros(cells, np.uint32), np.zeros(cells, np.int64))

    def add(self, ids: Ids) -> None:
        """Add a part of the set; each id once. Takes memory for this part only."""
        size = len(self.ids)
        checks = _checks(ids, self.salt)
        cell, state, left = np.zeros(len(ids), np.int64), ids.copy(), np.arange(len(ids))
        while left.size:
            at = cell[left]
            np.bitwise_xor.at(self.ids, at, ids[left])
            np.bitwise_xor.at(self.checks, at, checks[left])
            np.add(self.counts, np.bincount(at, minlength=size), out=self.counts)
            drawn = state[left] * np.uint64(DRAW)
            state[left] = drawn
            jump = np.ceil((at + OFFSET) * (RANGE / np.sqrt(drawn.astype(np.float64) + 1.0) - 1.0))
            # a jump beyond every cell may be too large for an integer
            cell[left] = np.where(jump < size, at + np.minimum(jump, size).astype(np.int64), size)
            left = left[cell[left] < size]

    def to_bytes(self) -> bytes:
        """Return twelve bytes a cell: id and check, big-endian."""
        packed = np.empty(len(self.ids), dtype=[("id", ">u8"), ("check", ">u4")])
        packed["id"], packed["check"] = self.ids, self.checks
        return packed.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes, salt: int) -> Sketch:
        """Return the sketch that `to_bytes` wrote, without counts.

        Raises:
            ValueError: its length is not a whole number of cells.
        """
        packed = np.frombuffer(data, dtype=[("id", ">u8"), ("check", ">u4")])
        cells = len(packed)
        return cls(
            salt, packed["id"].astype(np.uint64), packed["check"].astype(np.uint32), np.zeros(cells, np.int64)
        )


@dataclass(frozen=True, slots=True)
class Decoded:
    """The ids in which two sets differ.

    Attributes:
        ids: of either side, in the order of peeling.
        complete: whether these are all; otherwise at least these differ, and more cells are needed.
    """

    ids: tuple[int, ...]
    complete: bool


def decode(ours: Sketch, theirs: Sketch) -> Decoded:
    """Return the difference of two sets from as many cells as both have.

    Raises:
        ValueError: their salts differ.
    """
    if ours.salt != theirs.salt:
        message = "the two sketches have different salts"
        raise ValueError(message)
    size = min(len(ours.ids), len(theirs.ids))
    ids = [int(one) for one in ours.ids[:size] ^ theirs.ids[:size]]
    checks = [int(one) for one in ours.checks[:size] ^ theirs.checks[:size]]
    found: dict[int, None] = {}
    queue = deque(cell for cell in range(size) if _is_pure(ids[cell], checks[cell], ours.salt))
    while queue:
        cell = queue.popleft()
        one = ids[cell]
        if not _is_pure(one, checks[cell], ours.salt):
            continue
        if one in found:  # peeled twice: the check let a mixture through
            break
        found[one] = None
        check = checks[cell]
        for other in takewhile(lambda place: place < size, cells_of(one)):
            ids[other] ^= one
            checks[other] ^= check
            if _is_pure(ids[other], checks[other], ours.salt):
                queue.append(other)
    return Decoded(tuple(found), not any(ids) and not any(checks))


def split_sides(decoded: Iterable[int], own: Ids) -> tuple[list[int], list[int]]:
    """Return the ids that only the other side has, and those that only this side has.

    Args:
        decoded: ids in which both differ.
        own: all ids of this side.
    """
    differing = np.array(list(decoded), dtype=np.uint64)
    ours = np.isin(differing, own)
    return [int(one) for one in differing[~ours]], [int(one) for one in differing[ours]]


def _is_pure(id_: int, check: int, salt: int) -> bool:
    return (id_ != 0 or check != 0) and check_of(id_, salt) == check


def _checks(ids: Ids, salt: int) -> NDArray[np.uint32]:
    z = ids ^ np.uint64(salt)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(MIX_1)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(MIX_2)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(32)).astype(np.uint32)
