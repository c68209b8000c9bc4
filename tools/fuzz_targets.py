"""The readers that `fuzz.py` gives broken input, each with sound inputs and a way to change them."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from fuzz_changes import change_bytes, change_cells, change_json, change_json_lines, change_yaml
from fuzz_checks import whole_checks
from fuzz_exchange import exchanged_files
from fuzz_formats import formats

from ketenwacht.config.calendar import check_schedule
from ketenwacht.config.yaml_file import read_yaml
from ketenwacht.document_limits import check_yaml, parse_json
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.feed import Schedule
from ketenwacht.errors import KetenwachtError
from ketenwacht.measure.engine import CopiedDataset, CopyEngine
from ketenwacht.measure.parameters import code_labels, load_parameters
from ketenwacht.measure.sql_table import open_workspace
from ketenwacht.measure.suite import read_suite
from ketenwacht.measure.values import clean_values
from ketenwacht.pipeline import FeedContext, measure_delivery
from ketenwacht.reconcile import Keys
from ketenwacht.reconcile.digest import BucketDigest
from ketenwacht.reconcile.lists import look_up
from ketenwacht.reconcile.register import pseudonymise
from ketenwacht.sources.canaries import CanaryRegistry, read_canaries
from ketenwacht.sources.evidence import (
    parse_count,
    parse_day,
    parse_fraction,
    parse_whole,
    read_inquiries,
    read_references,
)
from ketenwacht.sources.hops import read_hop_counts, read_receipt
from ketenwacht.sources.manifest import field_paths, parse_manifest
from ketenwacht.sources.names import compile_pattern
from ketenwacht.sources.period import parse_period
from ketenwacht.store.exchange import load
from ketenwacht.workflows.backtest.data import parse_drop
from ketenwacht.workflows.contexts import build_context
from ketenwacht.workflows.contracts import read_odcs
from ketenwacht.workflows.lint import find_faults
from ketenwacht.workflows.project import LoadedProject

NOW = datetime(2024, 1, 5, 12, tzinfo=UTC)
REFUSED = "refused"
"""What a reader answers that says in its answer, and not by an error, that it refuses the input."""
_CHECKS = 0.075  # weight of whole checks: about 6,000 of 200,000 inputs
_WHOLE = 25  # of so many deliveries one is measured in a workspace of its own, as `check` does


@dataclass(frozen=True, slots=True)
class Target:
    """One reader.

    Attributes:
        name: for `--only`.
        seeds: sound inputs.
        change: makes another input of one.
        read: gives it to the reader; raises what the reader raises, and returns `REFUSED` when it answers so.
        weight: share of all inputs; a slow reader gets fewer.
    """

    name: str
    seeds: tuple[bytes, ...]
    change: Callable[[bytes, random.Random], bytes]
    read: Callable[[bytes], object]
    weight: float


PROJECT = """\
version: 1
timezone: Europe/Amsterdam
history: sqlite:///history.db
feeds:
  tiny:
    title: {nl: Klein, en: Tiny}
    source: {kind: files, path: in, pattern: "T_{date:%Y%m%d}.csv", reader: csv, delimiter: ";", encoding: utf-8}
    schedule: {cron: "0 7 * * tue,wed,thu,fri,sat", calendar: NL, grace: 4h, lag: 1d, closures: [2024-01-02]}
    segments: [[], [kind], [kind, town]]
    key: id
    suites: [suite.json]
    checks: checks.yaml
    evidence:
      register: {path: in, pattern: "R_{date:%Y%m%d}.csv", decided_column: day, segments: [kind]}
    environments:
      staging: {source: {path: staged}}
service: {tick: 1s, port: 0}
alerts:
  language: en
  routes: [{name: ops, feeds: [tiny], slack: {channel: C1, token: "${TOKEN:-}"}}]
"""
CHECKS = """\
checks:
  - kind: schedule
  - kind: volume
    segments: [kind]
  - kind: completeness
  - kind: ledger
  - kind: control_total
    tolerated: 3
    because: corrections
  - kind: reconciliation
declared:
  - {kind: pause, first: 2024-01-01, last: 2024-01-02, why: holiday, by: us, segment: {kind: a}}
"""
SUITE = {
    "name": "tiny",
    "meta": {"great_expectations_version": "1.24.1"},
    "expectations": [
        {
            "type": "expect_column_values_to_not_be_null",
            "kwargs": {"column": "kind"},
            "meta": {"check_id": "kind"},
        },
        {
            "type": "expect_column_values_to_match_regex",
            "kwargs": {"column": "id", "regex": "^[0-9]+$", "mostly": 0.9},
            "severity": "warning",
            "meta": {"check_id": "id-form", "title": {"nl": "nummer", "en": "number"}},
        },
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "kind", "value_set": ["a", "b"]},
            "meta": {"check_id": "kinds"},
        },
    ],
}
DELIVERY = b"id;kind;town;day\n" + b"".join(b"%d;%s;t%d;2024-01-0%d\n" % (i, b"ab"[i % 2 : i % 2 + 1], i % 3, 1 + i % 4) for i in range(30))  # fmt: skip
REFERENCES = b"period_from;period_to;kind;count;uncertainty;published_on;source\n2024-01-01;2024-01-31;a;40;0.05;2024-02-10;count\n2024-02-01;2024-02-29;b;41.5;0.1;2024-03-10;count\n"  # fmt: skip
INQUIRIES = b"date;kind;outcome\n2024-01-04;a;should_have_been_sent\n2024-01-05;b;known\n"
HOPS = b"period_from;period_to;kind;count;published_on;reason\n2024-01-01;2024-01-07;a;15;2024-01-08;\n2024-01-01;2024-01-07;b;6;2024-01-08;double\n"
MANIFEST = json.dumps(
    {
        "levering_id": "5f1c", "volgnummer": 3, "soort": "mutatie", "zender": "a", "ontvanger": "b",
        "periode": {"van": "2024-01-02", "tot": "2024-01-02"}, "aangemaakt_op": "2024-01-03T06:00:00+01:00",
        "schemaversie": "1.0", "codetabelversies": {"kind": "3"}, "bytes": 500, "sha256": "0" * 64, "aantal": 30,
        "aantallen": [{"kind": "a", "aantal": 15}, {"kind": "b", "aantal": 15}], "geselecteerd": 31,
        "uitgesloten": [{"reden": "dubbel", "aantal": 1}],
    }
).encode()  # fmt: skip


@dataclass(slots=True)
class ReusedEngine:
    """As `CopyEngine`, in one workspace for many deliveries: opening one takes longer than reading a small file."""

    engine: CopyEngine
    _stack: ExitStack = field(default_factory=ExitStack, init=False)
    _workspace: duckdb.DuckDBPyConnection | None = field(default=None, init=False)

    def verify(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`."""
        return self.engine.verify(delivery)

    @contextmanager
    def open(self, delivery: Delivery) -> Iterator[CopiedDataset]:
        """See `Engine.open`."""
        reader = self.engine.reader
        if self._workspace is None:
            self._workspace = self._stack.enter_context(open_workspace())
        try:
            columns = reader.load(delivery, self._workspace)
            find = getattr(reader, "find_line", lambda *_: None)
            clean_values(self._workspace, self.engine.rules, partial(find, delivery))
            yield CopiedDataset(self._workspace, columns)
        except KetenwachtError:
            raise
        except BaseException:  # also the alarm: what it leaves there is no matter of the next delivery
            self._stack.close()
            self._workspace = None
            raise


def _measure_all(context: FeedContext) -> object:
    snapshots = [measure_delivery(context, one, NOW) for one in context.reader.find(NOW)]
    if any(one.delivery.presence is not Presence.READ for one in snapshots):
        return REFUSED
    return snapshots


class Workshop:
    """A folder with a project in it, in which readers find the inputs as files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "in").mkdir()
        self.write("config.yaml", PROJECT.encode())
        self.write("checks.yaml", CHECKS.encode())
        self.write("suite.json", json.dumps(SUITE).encode())

    def write(self, name: str, data: bytes) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    def targets(self) -> tuple[Target, ...]:
        """Every reader, with its inputs."""
        return (
            *self._texts(),
            *self._settings(),
            *self._files(),
            *self._deliveries(),
            *self._words(),
            *self._exchanged(),
            *self._commands(),
        )

    def _settings(self) -> Iterator[Target]:

        config = self.folder / "config.yaml"

        def linted(name: str, good: bytes) -> Callable[[bytes], object]:
            def read(data: bytes) -> object:
                self.write(name, data)
                try:
                    return REFUSED if find_faults(config) else None
                finally:
                    self.write(name, good)

            return read

        suite = json.dumps(SUITE).encode()
        yield Target("config", (PROJECT.encode(),), change_yaml, linted("config.yaml", PROJECT.encode()), 0.02)
        yield Target("checks", (CHECKS.encode(),), change_yaml, linted("checks.yaml", CHECKS.encode()), 0.015)
        yield Target("suite", (suite,), change_json, linted("suite.json", suite), 0.015)

    def _texts(self) -> Iterator[Target]:

        paths = field_paths({}, where="fuzz")
        suite = json.dumps(SUITE).encode()

        def guarded(read: Callable[[str], object]) -> Callable[[bytes], object]:
            def call(data: bytes) -> object:
                try:
                    return read(data.decode("utf-8", "surrogateescape"))
                except ValueError:
                    return REFUSED

            return call

        yield Target("json", (MANIFEST, suite), change_json, guarded(parse_json), 0.1)
        yield Target("yaml", (CHECKS.encode(),), change_yaml, guarded(check_yaml), 0.05)
        yield Target(
            "yaml-file", (CHECKS.encode(),), change_yaml, lambda d: read_yaml(self.write("any.yaml", d)), 0.02
        )
        yield Target("manifest", (MANIFEST,), change_json, lambda d: parse_manifest(d, paths), 0.25)
        yield Target(
            "schedule", (b"0 7 * * mon-fri", b"30 9 1,15 jan *"), change_bytes,
            lambda d: check_schedule(Schedule(cron=d.decode("latin-1"))), 0.01,
        )  # fmt: skip
        yield Target(
            "pattern", (b"T_{date:%Y%m%d}_{sequence:06d}.csv", b"T_{date:%G-W%V}.csv"), change_bytes,
            lambda d: compile_pattern(d.decode("latin-1")), 0.1,
        )  # fmt: skip

    def _files(self) -> Iterator[Target]:

        head = {"deliveries": 1, "feed": "tiny", "notice": "", "schema": "ketenwacht/measurements/1"}
        line = {"arrived_at": None, "columns": [["kind", "text"]], "due_at": None, "id": "1", "manifest": None, "measurements": [["rows", [], 30.0], ["rows", [["kind", "a"]], 15.0]], "period": "2024-01-03", "presence": "read", "problem": None, "sha256": None, "size": 10}  # fmt: skip
        measurements = (json.dumps(head) + "\n" + json.dumps(line) + "\n").encode()
        digest = b'{"schema": "ketenwacht/digest/2", "feed": "f", "key_id": "k1", "bits": 2, "decided_until": "2024-01-01", "persons": 40}\n' + b"".join(b"%x/2;10;00000000000000aa;0000000000000bbb\n" % i for i in range(4)) + b"end;4\n"  # fmt: skip
        contract = json.dumps(CONTRACT).encode()
        shaped = ("kind", "town")
        yield Target("measurements", (measurements,), change_json_lines, lambda d: load(d.decode("utf-8", "replace").splitlines()), 0.1)  # fmt: skip
        yield Target("digest", (digest,), change_bytes, lambda d: BucketDigest.read(self.write("d", d)), 0.1)
        yield Target("references", (REFERENCES,), change_cells, lambda d: read_references(self.write("r.csv", d), dimensions=shaped), 0.1)  # fmt: skip
        yield Target("inquiries", (INQUIRIES,), change_cells, lambda d: read_inquiries(self.write("i.csv", d), dimensions=shaped), 0.08)  # fmt: skip
        yield Target("hops", (HOPS,), change_cells, lambda d: read_hop_counts(self.write("h.csv", d), "a", dimensions=shaped), 0.05)  # fmt: skip
        yield Target("contract", (contract,), change_json, lambda d: read_odcs(self.write("c.yaml", d)), 0.02)

    def _deliveries(self) -> Iterator[Target]:

        measure = self._measure(("feeds.tiny.suites=[]",))
        yield Target("delivery", (DELIVERY,), change_cells, measure, 0.06)
        yield Target("delivery-bytes", (DELIVERY,), change_bytes, measure, 0.04)
        yield from self._registers()

    def _registers(self) -> Iterator[Target]:

        keys = Keys.parse("k1:" + hashlib.sha256(b"fuzz").hexdigest(), where="fuzz")
        register = b"id;day;kind\n" + b"".join(b"%09d;2024-01-0%d;a\n" % (1000 + i, 1 + i % 5) for i in range(12))

        def sign(data: bytes) -> object:
            target = self.folder / "signed.csv"
            return pseudonymise(self.write("R.csv", data), target, key=("id",), keep=("day", "kind"), keys=keys)

        yield Target("register", (register,), change_cells, sign, 0.01)
        pairs = b"k1:" + hashlib.sha256(b"a").hexdigest().encode() + b"\n# old\nk2:" + hashlib.sha256(b"b").hexdigest().encode() + b"\n"  # fmt: skip
        yield Target("keys", (pairs,), change_bytes, lambda d: Keys.read(self.write("keys", d)), 0.1)
        yield from self._listed(keys, register)

    def _listed(self, keys: Keys, register: bytes) -> Iterator[Target]:

        clear = self.write("clear.csv", register)
        listed = b"pseudonym\n" + b"".join(
            keys.make_pseudonym(f"{1000 + i:09d}").encode() + b"\n" for i in range(4)
        )

        def find(data: bytes) -> object:
            return look_up(clear, self.write("l.csv", data), self.folder / "found.csv", key=("id",), keys=keys)

        yield Target("lookup", (listed,), change_cells, find, 0.01)
        registry = CanaryRegistry("id", "day", "000000001", "000000009", "fuzz")
        canaries = b"id;day;kind\n000000001;2024-01-01;a\n000000002;2024-01-02;b\n"
        yield Target("canaries", (canaries,), change_cells, lambda d: read_canaries(self.write("k.csv", d), registry, dimensions=("kind",)), 0.08)  # fmt: skip
        receipt = b'{"periode": {"van": "2024-01-01", "tot": "2024-01-01"}, "aantal": 5}'
        yield Target("receipt", (receipt,), change_json, lambda d: read_receipt(self.write("a.json", d), "a", dimensions=("kind",), fields={}), 0.1)  # fmt: skip
        codes = b"code;name;valid_from;valid_to;successor\na;Amsterdam;2000-01-01;;\nb;Breda;;2023-01-01;a\n"
        yield Target("codes", (codes,), change_cells, self._read_codes, 0.05)
        yield from self._formats()

    def _read_codes(self, data: bytes) -> object:
        self.write("codes/codes.csv", data)
        kwargs = {"column": "kind", "value_set": {"$PARAMETER": "codes"}}
        entry = {"type": "expect_column_values_to_be_in_set", "kwargs": kwargs, "meta": {"check_id": "codes"}}
        suite = self.write("coded.json", json.dumps({**SUITE, "expectations": [entry]}).encode())
        return load_parameters(read_suite(str(suite)).entries, date(2024, 1, 3)), code_labels([suite])

    def _formats(self) -> Iterator[Target]:

        for one in formats(self.folder, change_bytes, change_cells, change_json_lines):
            settings = tuple(f"feeds.tiny.{name}" for name in ("suites=[]", *(f"source.{x}" for x in one.source)))
            if "reader=csv" not in one.source and any(name.startswith("reader=") for name in one.source):
                settings += ("feeds.tiny.source.delimiter=null",)
            yield Target(one.name, (one.seed,), one.change, self._measure(settings), 0.06)

    def _measure(self, settings: tuple[str, ...]) -> Callable[[bytes], object]:
        project = LoadedProject.open(self.folder / "config.yaml", overrides=settings)
        context = build_context(project, project.feed(None))
        engine = context.engine
        if not isinstance(engine, CopyEngine):
            raise TypeError("a file is measured in a copy")
        reused = replace(context, engine=ReusedEngine(engine))
        seen = 0

        def measure(data: bytes) -> object:
            nonlocal seen
            seen += 1
            path = self.write("in/T_20240103.csv", data)
            try:
                return _measure_all(reused if seen % _WHOLE else context)
            finally:
                path.unlink()

        return measure

    def _words(self) -> Iterator[Target]:
        """Targets that read a word of the command line, of a file's name or of a cell."""
        zone, config = ZoneInfo("Europe/Amsterdam"), self.folder / "config.yaml"
        keys = (b"service.tick=1s", b"alerts.small_count=5", b"feeds.tiny.schedule.grace=4h", b"feeds.tiny.segments=[[], [kind]]",
                b"timezone=Europe/Amsterdam", b"feeds.tiny.source.max_bytes=1000", b"alerts.routes.0.name=x")  # fmt: skip
        dates = (b"2024-01-03", b"20240103", b"2024-W03", b"2024-01", b"2024-01-03T12:00:00+01:00", b"31-12-2024")
        numbers = (b"40", b"41.5", b"0.05", b"1000", b"12.5")

        def read_moment(data: bytes) -> object:
            text = data.decode("utf-8", "replace")
            read = parse_period(text, zone), parse_period(text, zone, "%d-%m-%Y"), parse_day(text)
            return REFUSED if set(read) == {None} else read

        def read_number(data: bytes) -> object:
            text = data.decode("utf-8", "replace")
            read = parse_count(text), parse_whole(text), parse_fraction(text)
            return REFUSED if set(read) == {None} else read

        yield Target("set", keys, change_bytes, lambda d: LoadedProject.open(config, overrides=(d.decode("utf-8", "replace"),)), 0.03)  # fmt: skip
        yield Target("dates", dates, change_bytes, read_moment, 0.06)
        yield Target("numbers", numbers, change_bytes, read_number, 0.06)
        yield Target("drop", (b"kind=a:0.2", b":20%", b"kind=a,town=b:0.5"), change_bytes, lambda d: parse_drop(d.decode("utf-8", "replace")), 0.03)  # fmt: skip

    def _exchanged(self) -> Iterator[Target]:
        """Targets of files that another party sends, or that are kept outside the history."""
        for file in exchanged_files(self.folder / "exchanged", change_bytes, change_cells, change_json):
            yield Target(file.name, (file.seed,), file.change, file.read, file.weight)

    def _commands(self) -> Iterator[Target]:

        for file, check, part in whole_checks(self.folder / "checks"):

            def read(data: bytes, check: Callable[[bytes], bool] = check) -> object:
                return None if check(data) else REFUSED

            yield Target(f"check-{file.name}", (file.content.encode(),), file.change, read, _CHECKS * part)


CONTRACT = {
    "apiVersion": "v3.0.2",
    "kind": "DataContract",
    "id": "tiny",
    "name": "Tiny",
    "version": "1.0.0",
    "status": "active",
    "team": {"name": "Senders", "members": [{"username": "a", "role": "owner"}]},
    "servers": [{"server": "files", "type": "local", "path": "in/*.csv", "format": "csv", "delimiter": ";"}],
    "slaProperties": [{"property": "frequency", "value": 1, "unit": "d"}],
    "schema": [
        {
            "name": "tiny",
            "logicalType": "object",
            "properties": [
                {
                    "name": "id",
                    "logicalType": "string",
                    "primaryKey": True,
                    "required": True,
                    "logicalTypeOptions": {"minLength": 1, "maxLength": 9, "pattern": "^[0-9]+$"},
                },
                {
                    "name": "kind",
                    "logicalType": "string",
                    "quality": [{"type": "library", "rule": "nullCount", "mustBe": 0}],
                },
                {"name": "day", "logicalType": "date"},
            ],
            "quality": [{"type": "library", "rule": "rowCount", "mustBeBetween": [1, 1000]}],
        }
    ],
}
