# ruff: noqa: INP001, T201, S608 - a script that prints; every query is of constants and file names
"""One large CSV file, measured by us and by a hand-written DuckDB script: processor time and memory.

    python benchmarks/large.py [--rows 1000000] [--rounds 3]

The rows are those of the sample feed, over and over, each with a number and a key of its own. Both sides answer
the same: the 30 expectations of the sample's suite and the counts of four groupings. Each run is a process of its
own, in turns. `work` leaves out what imports cost; `process` is everything.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
SUITE = ROOT / "expectations/ind_duo.json"
AT = datetime(2026, 1, 1, tzinfo=UTC)
SEGMENTS = ((), ("doelgroep",), ("doelgroep", "verblijfsdoel"), ("gemeentecode",))
GROUPINGS = "GROUPING SETS ((), (doelgroep), (doelgroep, verblijfsdoel), (gemeentecode))"


def write_rows(folder: Path, rows: int) -> Path:
    """Write one file of so many rows; return it."""
    import duckdb  # noqa: PLC0415 - the processes that are timed import what they need

    days = ("--from", "2022-06-01", "--to", "2022-06-30", "--seed", "1", "--scenario", "healthy")
    subprocess.run(
        (sys.executable, "-m", "ketenwacht", "simulate", folder / "sample", *days), check=True, capture_output=True
    )
    target = folder / "large/IND-DUO_20220624_000001.csv"
    target.parent.mkdir()
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        files = f"{folder}/sample/deliveries/*.csv"
        con.execute(f"CREATE TABLE one AS FROM read_csv('{files}', all_varchar=true, delim=';', header=true)")
        (count,) = con.execute("SELECT count(*) FROM one").fetchone() or (1,)
        number = "(row_number() OVER ())::VARCHAR"
        con.execute(
            "COPY (SELECT * EXCLUDE (range) "
            f"REPLACE ({number} AS volgnummer_regel, lpad({number}, 10, '0') AS v_nummer) "
            f"FROM one, range({-(-rows // count)}) LIMIT {rows}) TO '{target}' (DELIMITER ';')"
        )
    return target


def measure_ours(path: Path) -> dict[str, float]:
    """Measure the file as `check` does, without the history."""
    from ketenwacht.domain.feed import FileSource  # noqa: PLC0415 - timed
    from ketenwacht.measure import CopyEngine, MeasurementPlan, measure  # noqa: PLC0415 - timed
    from ketenwacht.measure.gx_import import import_lightly  # noqa: PLC0415 - timed
    from ketenwacht.sources import open_source  # noqa: PLC0415 - timed

    with import_lightly():
        import duckdb  # noqa: F401, PLC0415 - timed

        import ketenwacht.measure.gx_suite  # noqa: F401, PLC0415 - timed
    begun = time.process_time()
    source = FileSource(
        path=str(path.parent), pattern="IND-DUO_{date:%Y%m%d}_{sequence:06d}.csv", delimiter=";", max_bytes=1 << 40
    )
    engine = CopyEngine(open_source("feed", source, root=path.parent, zone=ZoneInfo("Europe/Amsterdam")))
    (delivery,) = engine.reader.find(AT)  # type: ignore[attr-defined]
    with engine.open(engine.verify(delivery)) as dataset:
        found = measure(dataset, delivery, MeasurementPlan(segments=SEGMENTS, suites=(str(SUITE),)))
    return {"work": time.process_time() - begun, "found": len(found)}


def measure_by_hand(path: Path) -> dict[str, float]:
    """Answer the same by two statements of DuckDB."""
    import duckdb  # noqa: PLC0415 - timed

    begun = time.process_time()
    with duckdb.connect() as con:
        con.execute("SET memory_limit = '2GB'")
        con.execute(f"CREATE TABLE t AS FROM read_csv('{path}', all_varchar=true, delim=';', header=true)")
        counted = con.execute(f"SELECT {', '.join(list_expressions())} FROM t").fetchall()
        unique = (
            "SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM t WHERE {0} GROUP BY {1} HAVING n > 1)"
        )
        con.execute(unique.format("volgnummer_regel IS NOT NULL", "volgnummer_regel")).fetchall()
        con.execute(
            unique.format("v_nummer IS NOT NULL AND mutatiesoort IS NOT NULL", "v_nummer, mutatiesoort")
        ).fetchall()
        groups = con.execute(
            f"SELECT doelgroep, verblijfsdoel, gemeentecode, count(*) FROM t GROUP BY {GROUPINGS}"
        ).fetchall()
    return {"work": time.process_time() - begun, "found": len(counted[0]) + len(groups)}


def list_expressions() -> list[str]:
    """Return what one SELECT counts: nulls of every column, and the rows that break each rule of the suite."""
    found = []
    for entry in json.loads(SUITE.read_text(encoding="utf-8"))["expectations"]:
        kwargs = entry["kwargs"]
        column, breaks = kwargs.get("column"), None
        if "regex" in kwargs:
            breaks = f"NOT regexp_matches({column}, '{kwargs['regex']}')"
        elif "weights" in kwargs:
            digits = " + ".join(
                f"{weight} * TRY_CAST({column}[{place}] AS INTEGER)"
                for place, weight in enumerate(kwargs["weights"], 1)
            )
            breaks = f"({digits}) % {kwargs['modulus']} <> 0"
        elif "value_set" in kwargs:
            codes = kwargs["value_set"]
            listed = codes if isinstance(codes, list) else [f"code {n}" for n in range(30)]
            breaks = f"{column} NOT IN ({', '.join(repr(code) for code in listed)})"
        elif "min_value" in kwargs:
            breaks = f"TRY_CAST({column} AS DATE) NOT BETWEEN DATE '2022-01-01' AND DATE '2026-01-01'"
        elif "row_condition" in kwargs:
            breaks = f"{column} IS NULL AND doelgroep = 'gezinsmigrant'"
        if breaks is not None:
            found += [f"count(*) FILTER ({breaks})", f"count({column})"]
    found.append("count(*) FILTER (datum_bekendmaking < datum_beschikking)")
    columns = (
        "mutatiesoort v_nummer geboortedatum doelgroep verblijfsdoel datum_bekendmaking gemeentecode postcode"
    )
    return [*found, *(f"count({column})" for column in columns.split())]


SIDES = {"ours": measure_ours, "by hand": measure_by_hand}


def run_side(side: str, path: Path) -> dict[str, float]:
    """Measure in a process of its own; return its figures with those of the whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        (sys.executable, "-W", "ignore", __file__, "--one", side, str(path)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout) | {"process": spent}


def main() -> None:
    """Run both in turns; print medians and ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=2)
    asked = parser.parse_args()
    if asked.one is not None:
        side, path = asked.one
        found = SIDES[side](Path(path))
        peak = next(
            line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")
        )
        print(json.dumps(found | {"mib": int(peak.split()[1]) / 1024}))
        return
    with tempfile.TemporaryDirectory(prefix="kw-large-") as name:
        path = write_rows(Path(name), asked.rows)
        runs: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
        for _ in range(asked.rounds):
            for side, done in runs.items():
                done.append(run_side(side, path))
    for part in ("work", "process"):
        pairs = zip(runs["ours"], runs["by hand"], strict=True)
        ratio = statistics.median(ours[part] / other[part] for ours, other in pairs)
        ours, other = (statistics.median(run[part] for run in runs[side]) for side in SIDES)
        print(f"{asked.rows:>11,} rows, {part:8} {ours:7.2f} s, by hand {other:7.2f} s: ratio {ratio:.2f}")
    ours, other = (runs[side][0]["mib"] for side in SIDES)
    print(f"{asked.rows:>11,} rows, memory   {ours:7.0f} MiB, by hand {other:.0f} MiB")


if __name__ == "__main__":
    main()
