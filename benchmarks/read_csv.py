# ruff: noqa: INP001 - a script, not a package
"""What reading a plain CSV costs, with every check of its shape, beside a plain read by DuckDB.

    python benchmarks/read_csv.py [--rows 1000000]

Seconds are of processor time inside one process each, A B A B …, and the ratio is the median of the pairs. Ours
hashes the file, checks its encoding, quotes, line ends and header, and reads the rows and their blank values.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PAIRS = 5
OURS = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
import duckdb
from ketenwacht.domain.feed import FileSource
from ketenwacht.measure import ValueRules, clean_values
from ketenwacht.sources import open_source
folder = Path(sys.argv[1])
source = FileSource(path=str(folder), pattern="F_{date:%Y%m%d}.csv")
reader = open_source("feed", source, root=folder)
(delivery,) = reader.find(datetime(2024, 2, 1, tzinfo=UTC))
begun = time.process_time()
with duckdb.connect() as con:
    reader.load(reader.verify(delivery), con)
    clean_values(con, ValueRules(), lambda _: None)
print(time.process_time() - begun)
"""
PLAIN = """
import sys, time
import duckdb
begun = time.process_time()
with duckdb.connect() as con:
    con.execute("CREATE TABLE delivery AS FROM read_csv(?, all_varchar=true)", [sys.argv[1] + "/F_20240101.csv"])
print(time.process_time() - begun)
"""


def write_rows(path: Path, rows: int) -> None:
    """Write a CSV of six columns, as long as a delivery of persons has."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("number;kind;group;decided;place;post\n")
        for row in range(rows):
            group = ("labour", "family", "study")[row % 3]
            file.write(
                f"{row:010d};grant;{group};2024-01-{row % 28 + 1:02d};{row % 900:04d};{row % 9000 + 1000}AB\n"
            )


def measure(script: str, folder: Path) -> float:
    """Return the seconds of processor time that a script measured."""
    ran = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True)
    return float(ran.stdout.split()[-1])  # a slow statement shows its progress first


def main() -> None:
    """Print the medians and their ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ketenwacht-bench-") as name:
        folder = Path(name)
        write_rows(folder / "F_20240101.csv", given.rows)
        pairs = [(measure(OURS, folder), measure(PLAIN, folder)) for _ in range(given.pairs)]
    ours, plain = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    what = f"reading a CSV of {given.rows:,} rows"
    sys.stdout.write(f"{what:38}  {ours:5.2f} s, a plain read by DuckDB {plain:.2f} s: ratio {ratio:.2f}\n")


if __name__ == "__main__":
    main()
