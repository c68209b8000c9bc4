# ruff: noqa: INP001, T201 - a script that prints
"""Keyed reconciliation of N registered against N delivered persons, beside pandas and an anti-join by hand.

    python benchmarks/reconcile.py [--persons 10000000] [--clear] [--without pandas]

N persons on each side, 1.6 % of them on one side only. By default both sides are Parquet files with pseudonyms,
and what is timed is the comparison as a library. With `--clear` both are CSV files with keys in clear, and what is
timed is the command `ketenwacht reconcile`, beside a script that reads the same files, signs every key with the
same HMAC-SHA256, and joins. Every contestant runs in a process of its own, from the files to the answer. The
anti-joins give the missing and the extra per group; ketenwacht gives besides: pending, late, different, ages,
duplicates, where which terms run, and three levels of segments.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from ketenwacht.domain.delivery import Delivery
from ketenwacht.reconcile import (
    DeliveredKeys,
    KeyColumns,
    ReconciliationTerms,
    RegisterFile,
    Resources,
    reconcile,
)

DELIVERIES = 20
COLUMNS = KeyColumns(key=("pseudonym",), segments=("target_group", "purpose"), decided="decided")
MEMORY = "2.5GiB"
Answer = dict[str, int]


def write_sides(folder: Path, persons: int) -> None:
    """Write `register.parquet` and the deliveries; the first 0.8 % is registered only, the last delivered only."""
    alone = persons // 125
    person = (
        "SELECT 'k1:' || sha256('secret' || i) AS pseudonym, 'group ' || (i % 3) AS target_group, "
        "'P' || (i % 37) AS purpose, DATE '2022-01-01' + (i % 300)::INTEGER AS decided"
    )
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            f"COPY ({person} FROM range({persons}) t(i) ORDER BY hash(i)) TO '{folder}/register.parquet'"
        )
        each = persons // DELIVERIES
        for n in range(DELIVERIES):
            first = alone + n * each
            connection.execute(
                f"COPY ({person} FROM range({first}, {first + each}) t(i) ORDER BY hash(i + 1)) "
                f"TO '{folder}/delivery_{n:02d}.parquet'"
            )


def run_library(folder: Path) -> tuple[Answer, dict[str, float]]:
    """Add every delivery, compare the register."""
    times = {}
    resources = Resources(memory=MEMORY, spill=folder / "spill")
    started = time.perf_counter()
    with DeliveredKeys(COLUMNS, resources=resources) as delivered:
        for n in range(DELIVERIES):
            load = f"CREATE OR REPLACE TABLE delivery AS FROM '{folder}/delivery_{n:02d}.parquet'"
            at = datetime(2022, 11, 1 + n, tzinfo=UTC)
            delivered.add(
                Delivery("feed", f"{n:06d}", at.date(), arrived_at=at), lambda into, load=load: into.execute(load)
            )
        times["add the deliveries"] = time.perf_counter() - started
        terms = ReconciliationTerms(
            reference_date=date(2022, 12, 1),
            at=datetime(2022, 12, 1, tzinfo=UTC),
            sla=timedelta(days=14),
            segments=(("target_group",), ("target_group", "purpose")),
        )
        begun = time.perf_counter()
        outcome = reconcile(delivered, RegisterFile(path=folder / "register.parquet", columns=COLUMNS), terms)
        times["compare one register"] = time.perf_counter() - begun
    return {"missing": outcome.whole.missing, "extra": outcome.whole.extra}, times


def run_anti_joins(folder: Path) -> tuple[Answer, dict[str, float]]:
    """Two anti-joins in DuckDB, as somebody would write them, on tables loaded from the files."""
    times = {}
    started = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"CREATE TABLE delivered AS FROM '{folder}/delivery_*.parquet'")
        times["load the deliveries"] = time.perf_counter() - started
        begun = time.perf_counter()
        connection.execute(f"CREATE TABLE register AS FROM '{folder}/register.parquet'")
        missing = connection.execute(
            "SELECT target_group, purpose, count(*), min(decided) "
            "FROM register ANTI JOIN delivered USING (pseudonym) GROUP BY ALL"
        ).fetchall()
        extra = connection.execute(
            "SELECT target_group, purpose, count(*) "
            "FROM delivered ANTI JOIN register USING (pseudonym) GROUP BY ALL"
        ).fetchall()
        times["compare one register"] = time.perf_counter() - begun
    return {"missing": sum(row[2] for row in missing), "extra": sum(row[2] for row in extra)}, times


def run_pandas(folder: Path) -> tuple[Answer, dict[str, float]]:
    """An outer merge with an indicator."""
    started = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        delivered = connection.execute(f"FROM '{folder}/delivery_*.parquet'").df()
        times = {"load the deliveries": time.perf_counter() - started}
        begun = time.perf_counter()
        register = connection.execute(f"FROM '{folder}/register.parquet'").df()
    both = register.merge(delivered, on="pseudonym", formatter="outer", indicator=True)
    missing = both[both["_merge"] == "left_only"].groupby(["target_group_x", "purpose_x"]).size()
    extra = both[both["_merge"] == "right_only"].groupby(["target_group_y", "purpose_y"]).size()
    times["compare one register"] = time.perf_counter() - begun
    return {"missing": int(missing.sum()), "extra": int(extra.sum())}, times


SECRET = hashlib.sha256(b"benchmark").digest()
_HMAC = "sha256($outer || unhex(sha256($inner || encode(number))))"
_SIGNED = (
    f"CREATE TABLE {{}} AS SELECT {_HMAC} AS pseudonym, target_group, purpose, decided "  # noqa: S608 - our own names
    "FROM read_csv('{}', all_varchar = true)"
)
_CONFIG = """
version: 1
history: sqlite:///history.db
feeds:
  persons:
    source: {kind: files, path: ., pattern: "delivery_{date:%Y%m%d}.csv", reader: csv}
    segments: [[], [target_group], [target_group, purpose]]
    key: number
    evidence:
      register: {path: ., pattern: "register_{date:%Y%m%d}.csv", decided_column: decided,
                 segments: [target_group, purpose], backlog: [purpose]}
"""


def write_clear_sides(folder: Path) -> None:
    """Write both sides again as CSV, with sixteen digits in place of each pseudonym."""
    row = "lpad((hash(pseudonym) % 10000000000000000)::VARCHAR, 16, '0') AS number, * EXCLUDE (pseudonym)"
    names = {"register": "register_20221201"} | {
        f"delivery_{n:02d}": f"delivery_202211{n + 1:02d}" for n in range(DELIVERIES)
    }
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        for name, named in names.items():
            connection.execute(
                f"COPY (SELECT {row} FROM '{folder}/{name}.parquet') TO '{folder}/{named}.csv' (DELIMITER ';')"  # noqa: S608 - our own names
            )
    (folder / "config.yaml").write_text(_CONFIG)
    (folder / "keys.txt").write_text(f"k1:{SECRET.hex()}\n")


def run_command(folder: Path) -> tuple[Answer, dict[str, float]]:
    """`ketenwacht reconcile`, as a user gives it."""
    command = Path(sys.executable).with_name("ketenwacht")
    options = ["--register", str(folder / "register_20221201.csv"), "--no-history", "--format", "json"]
    begun = time.perf_counter()
    done = subprocess.run(
        [command, "-c", "config.yaml", "reconcile", *options],
        cwd=folder,
        env={**os.environ, "KETENWACHT_KEYS_FILE": str(folder / "keys.txt")},
        capture_output=True,
        text=True,
        check=False,
    )
    whole = json.loads(done.stdout)["segments"][0]
    return {"missing": whole["missing"], "extra": whole["extra"]}, {"all": time.perf_counter() - begun}


def run_script(folder: Path) -> tuple[Answer, dict[str, float]]:
    """Read, sign, and two anti-joins in DuckDB, as somebody would write them."""
    pads = {"inner": bytes(b ^ 0x36 for b in SECRET), "outer": bytes(b ^ 0x5C for b in SECRET)}
    sides = {"delivered": "delivery_*.csv", "register": "register_20221201.csv"}
    begun = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        for side, files in sides.items():
            connection.execute(_SIGNED.format(side, folder / files), pads)
        anti = "SELECT target_group, purpose, count(*) FROM {} ANTI JOIN {} USING (pseudonym) GROUP BY ALL"
        missing = connection.execute(anti.format("register", "delivered")).fetchall()
        extra = connection.execute(anti.format("delivered", "register")).fetchall()
    answer = {"missing": sum(row[2] for row in missing), "extra": sum(row[2] for row in extra)}
    return answer, {"all": time.perf_counter() - begun}


CONTESTANTS: dict[str, Callable[[Path], tuple[Answer, dict[str, float]]]] = {
    "ketenwacht": run_library,
    "anti-join by hand": run_anti_joins,
    "pandas": run_pandas,
}
IN_CLEAR = {"ketenwacht reconcile": run_command, "script by hand": run_script}


def main() -> int:
    """Print a table; 1 when the answers differ."""
    parser = argparse.ArgumentParser(description="Benchmark keyed reconciliation.")
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--clear", action="store_true")
    parser.add_argument("--without", action="append", default=[], choices=CONTESTANTS)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        answer, times = {**CONTESTANTS, **IN_CLEAR}[options.one[0]](Path(options.one[1]))
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        cpu, peak = sum(u.ru_utime + u.ru_stime for u in used), max(u.ru_maxrss for u in used) / 1024**2
        print(json.dumps({"answer": answer, "times": times, "cpu": cpu, "peak_gib": peak}))
        return 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_sides(folder, options.persons)
        if options.clear:
            write_clear_sides(folder)
        names = [name for name in (IN_CLEAR if options.clear else CONTESTANTS) if name not in options.without]
        found = {name: _run(name, folder) for name in names}
    print(f"{options.persons:,} registered × {options.persons:,} delivered, in {DELIVERIES} deliveries")
    base = found.get("anti-join by hand", found.get("script by hand", found[names[0]]))
    for name, result in found.items():
        total, cpu = sum(result["times"].values()), result["cpu"]
        slower, dearer = total / sum(base["times"].values()), cpu / base["cpu"]
        parts = ", ".join(f"{part} {seconds:.1f} s" for part, seconds in result["times"].items())
        print(
            f"{name:18} {total:7.1f} s = {slower:5.2f}×, cpu {cpu:7.1f} s = {dearer:5.2f}×, "
            f"peak {result['peak_gib']:.2f} GiB ({parts})"
        )
    answers = {json.dumps(result["answer"]) for result in found.values()}
    print(f"answer: {' / '.join(sorted(answers))}")
    return 0 if len(answers) == 1 else 1


def _run(name: str, folder: Path) -> dict:
    command = [sys.executable, __file__, "--one", name, str(folder)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
