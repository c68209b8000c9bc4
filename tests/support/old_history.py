"""A history that a release wrote which knew no codes, to be opened by this one.

It is the sample feed from 1 January to 18 March 2022 (`simulate --seed 7 --scenario incident-2022`), with its
registers, references, inquiries, acknowledgements and canaries, replayed with every check as configured; then one
incident was acknowledged, one snoozed, and a pause declared. The file is `iterdump` of that SQLite history at
schema revision 0010.
"""

from __future__ import annotations

import lzma
import sqlite3
from contextlib import closing
from pathlib import Path

DUMP = Path(__file__).resolve().parents[1] / "data" / "history_r0010.sql.xz"


def write_old_history(path: Path) -> Path:
    """Write that history to a new SQLite file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(lzma.decompress(DUMP.read_bytes()).decode())
    return path
