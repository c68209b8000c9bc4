"""Targets of `fuzz.py` for files that others send or keep: exact digests, their lists, heads, suites to adopt."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ketenwacht.measure.suite_adopt import adopt_suite
from ketenwacht.reconcile import KeyColumns, Keys, RegisterFile
from ketenwacht.reconcile.digest import DigestPersons, open_registered_persons
from ketenwacht.reconcile.exact import (
    ExactDigest,
    ExactTerms,
    SparseCellError,
    compare_exact,
    look_up_exact,
    make_exact,
    write_ids,
)
from ketenwacht.store.audit_heads import HeadFile

Change = Callable[[bytes, random.Random], bytes]
_TAG = 32  # bytes at the end of an exact digest
_PERSONS = 400
_SIGNED = 0.7  # how often a changed digest is signed anew, as somebody with the key would
OLD_SUITE = {
    "expectation_suite_name": "theirs",
    "ge_cloud_id": None,
    "expectations": [
        {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "kind"}, "meta": {}},
        {
            "expectation_type": "expect_column_values_to_be_between",
            "kwargs": {"column": "n", "min_value": 0, "max_value": 9, "mostly": 0.9, "result_format": "COMPLETE"},
            "meta": {"notes": {"format": "markdown", "content": ["why"]}},
        },
        {
            "type": "expect_column_values_to_match_regex",
            "kwargs": {"column": "id", "regex": "^[0-9]+$", "row_condition": 'kind=="a"'},
            "severity": "warning",
        },
    ],
}


@dataclass(frozen=True, slots=True)
class ExchangedFile:
    """One kind of file.

    Attributes:
        name: of its target.
        seed: a sound file.
        change: makes another of it.
        read: gives it to its reader.
        weight: share of all inputs.
    """

    name: str
    seed: bytes
    change: Change
    read: Callable[[bytes], object]
    weight: float


def exchanged_files(
    folder: Path, change_bytes: Change, change_cells: Change, change_json: Change
) -> Iterator[ExchangedFile]:
    """Yield each kind of file that is exchanged.

    Args:
        folder: for files that are made on the way.
        change_bytes: changes any bytes.
        change_cells: changes a delimited file.
        change_json: changes a JSON document.
    """
    folder.mkdir(exist_ok=True)

    def write(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    suite = json.dumps(OLD_SUITE).encode()
    yield ExchangedFile("suite-adopt", suite, change_json, lambda d: adopt_suite(write("adopt.json", d)), 0.05)
    heads = b"2024-01-04T06:00:00+00:00 3:" + b"5a" * 8 + b"\n2024-01-05T06:00:00+00:00 4:" + b"6b" * 8 + b"\n"
    yield ExchangedFile("heads", heads, change_bytes, lambda d: _read_heads(write("heads", d)), 0.05)
    yield from _exact_files(write, change_bytes, change_cells)


def _read_heads(path: Path) -> object:
    return HeadFile(path).read()


def _make_digest(persons: DigestPersons) -> ExactDigest:
    """Return a digest with the first nonce that fills every cell."""
    for number in range(1, 60):
        try:
            return make_exact(persons, ExactTerms("f", "k1", None, f"{number:032x}"), 30)
        except SparseCellError:
            continue
    raise AssertionError("no nonce fills every cell")


def _sign(body: bytes, terms: ExactTerms, keys: Keys) -> bytes:
    """Return the tag of a file, as whoever has the key makes it."""
    key = hashlib.sha256(keys.derive_key(terms.key_id, terms.purpose) + b"file").digest()
    return hmac.digest(key, body, "sha256")


def _exact_files(
    write: Callable[[str, bytes], Path], change_bytes: Change, change_cells: Change
) -> Iterator[ExchangedFile]:
    keys = Keys.parse("k1:" + hashlib.sha256(b"fuzz").hexdigest(), where="fuzz")
    rows = b"id;day\n" + b"".join(b"%09d;2024-01-0%d\n" % (1000 + i, 1 + i % 5) for i in range(_PERSONS))
    register = write("register.csv", rows)
    with open_registered_persons(RegisterFile(path=register, columns=KeyColumns(key=("id",))), keys) as persons:
        digest = _make_digest(persons)
        target = write("sound.exact", b"")
        digest.write(target, keys)
        seed = target.read_bytes()
        write_ids(digest.terms, [1, 2, 3], target)
        listed = target.read_bytes()

    def change(data: bytes, rng: random.Random) -> bytes:
        if rng.random() > _SIGNED:
            return change_bytes(data, rng)
        body = change_bytes(data[:-_TAG], rng)
        return body + _sign(body, digest.terms, keys)

    def compare(data: bytes) -> object:
        theirs = ExactDigest.read(write("theirs.exact", data), keys)
        with open_registered_persons(RegisterFile(path=register, columns=KeyColumns(key=("id",))), keys) as ours:
            return compare_exact(ours, theirs)

    def find(data: bytes) -> object:
        return look_up_exact(register, write("ids.csv", data), target, key=("id",), keys=keys)

    yield ExchangedFile("exact-digest", seed, change, compare, 0.02)
    yield ExchangedFile("exact-list", listed, change_cells, find, 0.01)
