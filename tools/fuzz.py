"""Give every parser and reader broken input, and see that each is refused with an error of ours, in time.

    make fuzz                              200,000 inputs over all readers, seed 1
    tools/fuzz.py --count 2000 --only config,suite --seed 7

An input is a sound file that was changed: bytes flipped, pieces cut out or doubled, cells and values replaced by what
parsers stumble over. A reader may answer or raise a `KetenwachtError`. Everything else is a fault: another exception,
more than ten seconds, an exit code outside 0 to 4, a traceback, or a history that does not verify afterwards. The
smallest input of each kind of fault is kept in `var/fuzz/`, named with the line of our code that it broke.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import hashlib
import io
import json
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from fuzz_formats import formats
from ruamel.yaml import YAML

from ketenwacht.cli.root import run
from ketenwacht.config.calendar import check_schedule
from ketenwacht.config.yaml_file import read_yaml
from ketenwacht.documents import check_yaml, parse_json
from ketenwacht.domain.feed import Schedule
from ketenwacht.errors import KetenwachtError
from ketenwacht.measure.parameters import code_labels, load_parameters
from ketenwacht.measure.suite import read_suite
from ketenwacht.pipeline import measure_delivery
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

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "var" / "fuzz"
LIMIT = 10.0  # seconds an input may take
_DOUBLE, _AS_BYTES = 0.2, 0.45  # how often a line is doubled; how often a document is changed as bytes
NOW = datetime(2024, 1, 5, 12, tzinfo=UTC)

ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 10**17, 10**40, 1.5, -0.0, 1e308, float("inf"), float("nan"), "", " ", "\0", "x" * 5000,
    "2022-02-30", "9999-12-31", "0000-00-00", "12:60", "${HOME}", "${", "../..", "/dev/null", "sqlite://", "http://[", "0x10",
    "1_000", "+1", "١", "é\u0301", "\ud7ff", "\u202e", "{}", "[]", [], {}, [[]], [None], {"": None}, {"a": {"a": {"a": 1}}}, ["a"] * 50,
)  # fmt: skip
ODD_TEXTS = (
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b";", b",", b"\t", b"\n", b"\r", b"\r\n", b":", b"- ", b"&a ", b"*a", b"!!", b"!t ", b"|",
    b">", b"{", b"}", b"[", b"]", b"#", b"\\", b"\\u0000", b"NULL", b"NaN", b"-1", b"1e999", b"1.000,5", b"2022-02-30", b"9999-12-31",
    b"9" * 400, b"[" * 200, b'{"a":' * 200, b"${X}", b"${", b"%s", b"{date:%Y%m%d}", b"..", b"/", b"\xe2\x80\xae", b"\xed\xa0\x80",
)  # fmt: skip


# Changing an input


def change_bytes(data: bytes, rng: random.Random) -> bytes:
    """Return `data` after one to four changes at random places."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + rng.choice((1, 1, 2, 5, 20, 200)))
        odd = rng.choice(ODD_TEXTS)
        data = rng.choice(
            (
                data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
                data[:at] + data[to:],
                data[:to] + data[at:to] * rng.choice((1, 2, 50)) + data[to:],
                data[:at] + odd + data[at:],
                data[:at] + odd + data[to:],
                data[:at],
            )
        )
    return data


def change_cells(data: bytes, rng: random.Random) -> bytes:
    """Return a delimited file with cells, lines or columns replaced, doubled or left out."""
    lines = data.split(b"\n")
    for _ in range(rng.randint(1, 3)):
        number = rng.randrange(len(lines))
        cells = lines[number].split(b";")
        at = rng.randrange(len(cells))
        before, after = cells[:at], cells[at + 1 :]
        changed = (
            [*before, rng.choice(ODD_TEXTS), *after],
            [*before, *after],
            [*before, cells[at], cells[at], *after],
            before,
        )
        doubled = [lines[number]] if rng.random() < _DOUBLE else []
        lines[number : number + 1] = [*doubled, b";".join(rng.choice(changed))]
    return b"\n".join(lines)


def change_tree(tree: Any, rng: random.Random) -> Any:  # noqa: ANN401 - JSON
    """Return a tree of mappings and lists with one to three of its values replaced, renamed or left out."""
    tree = json.loads(json.dumps(tree))
    for _ in range(rng.randint(1, 3)):
        places = list(_places(tree))
        if not places:
            return rng.choice(ODD_VALUES)
        parent, key = rng.choice(places)
        value = parent.pop(key)
        odd = copy.deepcopy(rng.choice(ODD_VALUES))
        new = rng.choice(
            ((key, odd), (key, odd), (key, [value]), (key, {"a": value}), (str(odd)[:40], value), None)
        )
        if new is None:
            continue
        if isinstance(parent, list):
            parent.insert(key, new[1])
        else:
            parent[new[0]] = new[1]
    return tree


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(pairs):
        yield tree, key
        yield from _places(value)


def change_json(data: bytes, rng: random.Random) -> bytes:
    """Return a JSON document that was changed as a tree, or as bytes."""
    if rng.random() < _AS_BYTES:
        return change_bytes(data, rng)
    return json.dumps(change_tree(json.loads(data), rng), ensure_ascii=rng.random() < _AS_BYTES).encode(
        errors="surrogatepass"
    )


def change_json_lines(data: bytes, rng: random.Random) -> bytes:
    """Return lines of JSON of which one was changed."""
    lines = data.splitlines()
    at = rng.randrange(len(lines))
    lines[at] = change_json(lines[at], rng).replace(b"\n", b" ")
    return b"\n".join(lines) + b"\n"


def change_yaml(data: bytes, rng: random.Random) -> bytes:
    """Return a YAML document that was changed as a tree, or as bytes."""
    if rng.random() < _AS_BYTES:
        return change_bytes(data, rng)
    tree = _plain(YAML(typ="safe", pure=True).load(data.decode()))
    return json.dumps(change_tree(tree, rng)).encode()  # JSON is YAML


def _plain(tree: Any) -> Any:  # noqa: ANN401 - YAML
    if isinstance(tree, dict):
        return {str(key): _plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_plain(value) for value in tree]
    return tree.isoformat() if isinstance(tree, date) else tree


# What is given the inputs


@dataclass(frozen=True, slots=True)
class Target:
    """One reader.

    Attributes:
        name: for `--only`.
        seeds: sound inputs.
        change: makes another input of one.
        read: gives it to the reader; raises what the reader raises.
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
    schedule: {cron: "0 7 * * mon-fri", calendar: NL, grace: 4h, lag: 1d, closures: [2024-01-02]}
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
            *self._commands(),
        )

    def _settings(self) -> Iterator[Target]:

        config = self.folder / "config.yaml"

        def linted(name: str, good: bytes) -> Callable[[bytes], object]:
            def read(data: bytes) -> object:
                self.write(name, data)
                try:
                    return find_faults(config)
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
                with contextlib.suppress(ValueError):
                    return read(data.decode("utf-8", "surrogateescape"))
                return None

            return call

        yield Target("json", (MANIFEST, suite), change_json, guarded(parse_json), 0.1)
        yield Target("yaml", (CHECKS.encode(),), change_yaml, guarded(check_yaml), 0.03)
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
        yield Target("delivery", (DELIVERY,), change_cells, measure, 0.015)
        yield Target("delivery-bytes", (DELIVERY,), change_bytes, measure, 0.01)
        yield from self._registers()

    def _registers(self) -> Iterator[Target]:

        keys = Keys.parse("k1:" + hashlib.sha256(b"fuzz").hexdigest(), where="fuzz")
        register = b"id;day;kind\n" + b"".join(b"%09d;2024-01-0%d;a\n" % (1000 + i, 1 + i % 5) for i in range(12))

        def sign(data: bytes) -> object:
            target = self.folder / "signed.csv"
            return pseudonymise(self.write("R.csv", data), target, key="id", keep=("day", "kind"), keys=keys)

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
            return look_up(clear, self.write("l.csv", data), self.folder / "found.csv", key="id", keys=keys)

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
            yield Target(one.name, (one.seed,), one.change, self._measure(settings), 0.02)

    def _measure(self, settings: tuple[str, ...]) -> Callable[[bytes], object]:
        project = LoadedProject.open(self.folder / "config.yaml", overrides=settings)
        context = build_context(project, project.feed(None))

        def measure(data: bytes) -> object:
            path = self.write("in/T_20240103.csv", data)
            try:
                return [measure_delivery(context, one, NOW) for one in context.reader.find(NOW)]
            finally:
                path.unlink()

        return measure

    def _words(self) -> Iterator[Target]:
        """Targets that read a word of the command line, of a file's name or of a cell."""
        zone, config = ZoneInfo("Europe/Amsterdam"), self.folder / "config.yaml"
        keys = (b"service.tick=1s", b"alerts.small_count=5", b"feeds.tiny.schedule.grace=4h", b"feeds.tiny.segments=[[], [kind]]",
                b"timezone=Europe/Amsterdam", b"feeds.tiny.source.max_bytes=1000", b"alerts.routes.0.name=x")  # fmt: skip
        dates = (b"2024-01-03", b"20240103", b"2024-W03", b"2024-01", b"2024-01-03T12:00:00+01:00", b"31-12-2024")
        numbers = (b"40", b"41.5", b"0.05", b"1e3", b"12,5")

        def read_moment(data: bytes) -> object:
            text = data.decode("utf-8", "replace")
            return [parse_period(text, zone), parse_period(text, zone, "%d-%m-%Y"), parse_day(text)]

        def read_number(data: bytes) -> object:
            text = data.decode("utf-8", "replace")
            return [parse_count(text), parse_whole(text), parse_fraction(text)]

        yield Target("set", keys, change_bytes, lambda d: LoadedProject.open(config, overrides=(d.decode("utf-8", "replace"),)), 0.03)  # fmt: skip
        yield Target("dates", dates, change_bytes, read_moment, 0.06)
        yield Target("numbers", numbers, change_bytes, read_number, 0.06)
        yield Target("drop", (b"kind=a:0.2", b":20%", b"kind=a,town=b:0.5"), change_bytes, lambda d: parse_drop(d.decode("utf-8", "replace")), 0.03)  # fmt: skip

    def _commands(self) -> Iterator[Target]:

        def check(data: bytes) -> object:
            for old in self.folder.glob("history.db*"):
                old.unlink()
            self.write("in/T_20240103.csv", data)
            said = io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                config = str(self.folder / "config.yaml")
                codes = [run(["-c", config, *command]) for command in (["check"], ["history", "--verify"])]
            (self.folder / "in" / "T_20240103.csv").unlink()
            if not set(codes) <= {0, 1, 2, 3, 4} or "Traceback" in said.getvalue() or codes[1] not in {0, 3}:
                raise AssertionError(f"exit codes {codes}")
            return codes

        yield Target("check", (DELIVERY,), change_cells, check, 0.002)


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


# The run


@dataclass(slots=True)
class Tally:
    """What became of the inputs of one target: how many, how many were refused, and the faults by kind."""

    inputs: int = 0
    refused: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    smallest: dict[str, bytes] = field(default_factory=dict)


class _TookTooLong(BaseException):
    """No library can catch this by accident."""


def _ring(_: int, __: FrameType | None) -> NoReturn:
    raise _TookTooLong


def try_input(target: Target, data: bytes, tally: Tally) -> None:
    """Give one input to a reader, and note what became of it."""
    begin, fault = time.monotonic(), ""
    signal.setitimer(signal.ITIMER_PROF, LIMIT)  # processor time: a busy machine is no fault of a reader
    signal.setitimer(signal.ITIMER_REAL, 12 * LIMIT)
    try:
        target.read(data)
    except KetenwachtError:
        tally.refused += 1
    except _TookTooLong:
        fault = f"took more than {LIMIT:.0f} s"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "/ketenwacht/" in frame.filename] or list(frames)
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        fault = f"{type(error).__name__} at {place}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    tally.inputs += 1
    tally.seconds += time.monotonic() - begin
    if fault:
        tally.faults[fault] += 1
        if len(data) < len(tally.smallest.get(fault, data + b"x")):
            tally.smallest[fault] = data


def fuzz(targets: tuple[Target, ...], count: int, seed: int) -> dict[str, Tally]:
    """Give `count` inputs to the targets, each its share."""
    whole = sum(target.weight for target in targets)
    tallies = {}
    for target in targets:
        rng = random.Random(f"{seed}/{target.name}")  # noqa: S311 - chance of a test
        tally = tallies[target.name] = Tally()
        for seed_input in target.seeds:
            try_input(target, seed_input, tally)
        if tally.refused:
            raise SystemExit(f"{target.name}: its sound input is refused, so that nothing would be tried")
        for _ in range(round(count * target.weight / whole)):
            try_input(target, target.change(rng.choice(target.seeds), rng), tally)
        print(_line(target.name, tally), flush=True)
    return tallies


def _line(name: str, tally: Tally) -> str:
    kinds = "; ".join(f"{fault} ({number})" for fault, number in tally.faults.most_common(5))
    return f"{name:15} {tally.inputs:8,} {tally.refused:8,} {tally.seconds:7.0f} s  {kinds or 'no fault'}"


def _keep(tallies: dict[str, Tally]) -> None:
    shutil.rmtree(KEPT, ignore_errors=True)
    for name, tally in tallies.items():
        for number, (fault, data) in enumerate(sorted(tally.smallest.items())):
            KEPT.mkdir(parents=True, exist_ok=True)
            word = "".join(letter if letter.isalnum() else "-" for letter in fault)[:60]
            (KEPT / f"{name}-{number}-{word}.bin").write_bytes(data)


def main() -> int:
    """Run; 0 when no input broke a reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="names of targets, separated by commas")
    asked = parser.parse_args()
    signal.signal(signal.SIGALRM, _ring)
    signal.signal(signal.SIGPROF, _ring)
    with tempfile.TemporaryDirectory() as folder:
        targets = Workshop(Path(folder)).targets()
        wanted = set(asked.only.split(",")) if asked.only else {target.name for target in targets}
        print(f"{'reader':15} {'inputs':>8} {'refused':>8} {'time':>9}  faults")
        tallies = fuzz(tuple(target for target in targets if target.name in wanted), asked.count, asked.seed)
    _keep(tallies)
    faults = sum(tally.faults.total() for tally in tallies.values())
    print(f"{sum(tally.inputs for tally in tallies.values()):,} inputs, seed {asked.seed}: {faults:,} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
