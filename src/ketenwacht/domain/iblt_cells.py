"""The cells and checks of ids of an invertible Bloom lookup table, one id at a time: standard library only.

See `iblt`, which does the same with numpy. The sender's kit needs no other part of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

CELL_BYTES = 12
_ALL = (1 << 64) - 1
DRAW = 0xDA942042E4DD58B5  # multiplier of a 64-bit generator (Steele and Vigna 2021), as in the authors' code
MIX_1, MIX_2 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # splitmix64's finalizer
RANGE = float(1 << 32)
OFFSET = 1.5


def check_of(id_: int, salt: int) -> int:
    """Return the 32-bit check of an id. `salt` is secret, so that nobody else can make an id that looks pure."""
    z = (id_ ^ salt) & _ALL
    z = ((z ^ z >> 30) * MIX_1) & _ALL
    z = ((z ^ z >> 27) * MIX_2) & _ALL
    return (z ^ z >> 31) >> 32


def cells_of(id_: int) -> Iterator[int]:
    """Yield the cells of an id, ascending, without end."""
    cell, state = 0, id_
    while True:
        yield cell
        state = state * DRAW & _ALL
        cell += math.ceil((cell + OFFSET) * (RANGE / math.sqrt(float(state) + 1.0) - 1.0))
