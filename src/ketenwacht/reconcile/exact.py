"""Exact digests: a file the size of the loss, from which the other side learns exactly who is missing and extra.

The file holds the first cells of a rateless invertible Bloom lookup table (`domain/iblt.py`) over one id a person:
HMAC(HMAC(key, feed, date, nonce), pseudonym), 64 bits. Every file has a nonce of its own, so that who lacks the
key cannot subtract two files; every cell holds at least `LEAST_IN_CELL` persons. An HMAC ends the file: one that
was cut short, changed, or made with another key is refused.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from ketenwacht.document_limits import parse_json
from ketenwacht.domain.iblt import Ids, Sketch, decode, split_sides
from ketenwacht.domain.iblt_cells import CELL_BYTES
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.errors import ConfigError, UnreadableDelivery, describe_file_fault

from .digest import DigestPersons
from .keys import Keys, find_form, key_text, pseudonym_sql, signing_parameters
from .lists import hex_sql
from .private_files import make_head_error, make_length_error
from .survey import EXACT_ID, EXACT_TERMS
from .tables import Resources, copy_csv, hide_values, open_table, private_file, workspace

SCHEMA = "ketenwacht/exact/1"
LEAST_IN_CELL = 5
PERSONS_PER_CELL = 9  # at least: a cell of few persons says something of each
MOST_CELLS = 50_000  # when nobody says how many: 600 kB
NONCE_BYTES = 16
_PART = 250_000  # persons added at a time
_TAG_BYTES = 32
_LONGEST_HEAD = 4096
_NONCE = re.compile(r"[0-9a-f]{32}")


class SparseCellError(Exception):
    """A cell holds too few persons: another nonce is needed."""


@dataclass(frozen=True, slots=True)
class ExactTerms:
    """What the ids of one file depend on besides the key.

    Attributes:
        feed: its name, the same on both sides.
        key_id: id of the key.
        until: last date of decision in it; None: all dates.
        nonce: 32 hex digits, of this file only.
    """

    feed: str
    key_id: str
    until: date | None
    nonce: str

    @property
    def purpose(self) -> str:
        """What the key of the file is derived for."""
        return json.dumps([SCHEMA, self.feed, self.until.isoformat() if self.until else "", self.nonce])


@dataclass(frozen=True, slots=True)
class ExactDigest:
    """The file that one side sends.

    Attributes:
        terms: what its ids depend on.
        persons: of the side that made it.
        sketch: its cells.
    """

    terms: ExactTerms
    persons: int
    sketch: Sketch = field(repr=False)

    def write(self, path: Path, keys: Keys) -> int:
        """Write the file, mode 0600, completely or not at all; return its bytes."""
        body = self._head() + self.sketch.to_bytes()
        tag = hmac.digest(_file_key(keys, self.terms), body, "sha256")
        with private_file(path) as partial:
            partial.write_bytes(body + tag)
        return len(body) + len(tag)

    def _head(self) -> bytes:
        terms = self.terms
        head = {
            "schema": SCHEMA,
            "feed": terms.feed,
            "key_id": terms.key_id,
            "until": terms.until.isoformat() if terms.until is not None else None,
            "nonce": terms.nonce,
            "persons": self.persons,
            "cells": len(self.sketch.ids),
        }
        return json.dumps(head).encode("ascii") + b"\n"

    @classmethod
    def read(cls, path: Path, keys: Keys) -> ExactDigest:
        """Return the digest in a file.

        Raises:
            ConfigError: it cannot be read, or is made with a key that is not among `keys`.
            UnreadableDelivery: it is no exact digest of this version, was cut short, or changed.
        """
        try:
            content = path.read_bytes()
        except OSError as fault:
            raise ConfigError(
                str(path), f"cannot be read ({describe_file_fault(fault)})", "name an exact digest"
            ) from None
        head, newline, _ = content[:_LONGEST_HEAD].partition(b"\n")
        terms, persons, cells = _parse_head(path, head)
        if terms.key_id not in keys:
            what = f"is made with key {shown_text(terms.key_id)}, which is not among {', '.join(keys.ids)}"
            raise ConfigError(str(path), what, "agree on one key file")
        start = len(head) + len(newline)
        body, tag = content[:-_TAG_BYTES], content[-_TAG_BYTES:]
        expected = start + cells * CELL_BYTES + _TAG_BYTES
        if len(content) != expected:
            raise make_length_error(path, len(content), expected)
        if not hmac.compare_digest(hmac.digest(_file_key(keys, terms), body, "sha256"), tag):
            raise UnreadableDelivery(f"{path}: was changed, or is made with another key of the same id")
        return cls(terms, persons, Sketch.from_bytes(body[start:], _salt(keys, terms)))


def choose_cells(persons: int, expected: int | None) -> int:
    """Return how many cells a file gets.

    Args:
        persons: of this side.
        expected: persons in whom the sides may differ; None: as many as are safe, at most `MOST_CELLS`.

    Raises:
        ConfigError: so many cells would hold too few persons each.
    """
    most = persons // PERSONS_PER_CELL
    if most < 1:
        what = f"{persons} persons are too few: a cell would say something of each"
        raise ConfigError("digest --exact", what, "compare by list, or digest a longer period")
    if expected is None:
        return min(most, MOST_CELLS)
    # 1.5 cells a difference decode with 200 of them or more; fewer need more each (measured in docs)
    wanted = int(1.6 * expected) + 60
    if wanted > most:
        what = f"a difference of {expected} needs {wanted} cells, and {persons} persons allow {most}"
        fits = max(0, int((most - 60) / 1.6))
        mend = f"give {fits} at most, or leave it out; where more differ, use `reconcile`"
        raise ConfigError("--expect", what, mend)
    return wanted


def make_exact(persons: DigestPersons, terms: ExactTerms, cells: int) -> ExactDigest:
    """Return the exact digest of one side.

    Raises:
        SparseCellError: a cell holds fewer than `LEAST_IN_CELL` persons; try another nonce.
    """
    ids = read_ids(persons, terms)
    sketch = _sketch(ids, cells, _salt(persons.keys, terms))
    if int(sketch.counts.min()) < LEAST_IN_CELL:
        raise SparseCellError
    return ExactDigest(terms, len(ids), sketch)


def read_ids(persons: DigestPersons, terms: ExactTerms) -> Ids:
    """Return the id of every person, in no order."""
    selected, parameters = persons.select_exact_ids(terms.until, terms.purpose)
    found = persons.connection.execute(f"SELECT exact_id FROM {selected}", parameters).fetchnumpy()  # noqa: S608 - our own names
    return np.asarray(found["exact_id"], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class ExactDifference:
    """Who differs, by id.

    Attributes:
        missing: ids that only the other side has.
        extra: ids that only this side has.
        complete: whether these are all; otherwise there are at least so many.
    """

    missing: tuple[int, ...] = field(repr=False)
    extra: tuple[int, ...] = field(repr=False)
    complete: bool


def compare_exact(persons: DigestPersons, theirs: ExactDigest) -> ExactDifference:
    """Return in whom this side differs from the file of the other side."""
    ids = read_ids(persons, theirs.terms)
    ours = _sketch(ids, len(theirs.sketch.ids), theirs.sketch.salt)
    decoded = decode(ours, theirs.sketch)
    missing, extra = split_sides(decoded.ids, ids)
    exact = decoded.complete and theirs.persons - len(ids) == len(missing) - len(extra)
    return ExactDifference(tuple(sorted(missing)), tuple(sorted(extra)), exact)


def write_ids(terms: ExactTerms, ids: Sequence[int], target: Path) -> None:
    """Write ids that only the other side can resolve, with `lookup`, to a CSV (`;`) of mode 0600."""
    until = terms.until.isoformat() if terms.until is not None else ""
    tail = f"{terms.key_id};{terms.feed};{until};{terms.nonce}"
    rows = [";".join([EXACT_ID, *EXACT_TERMS]), *(f"{one:016x};{tail}" for one in ids)]
    with private_file(target) as partial:
        partial.write_text("\n".join(rows) + "\n", encoding="utf-8")


def is_exact_list(path: Path) -> bool:
    """Return whether a list holds ids of an exact digest instead of pseudonyms."""
    try:
        with path.open(encoding="utf-8") as stream:
            return stream.readline().rstrip("\n") == ";".join([EXACT_ID, *EXACT_TERMS])
    except (OSError, UnicodeDecodeError):
        return False


def look_up_exact(source: Path, listed: Path, target: Path, *, key: Sequence[str], keys: Keys) -> tuple[int, int]:
    """Write the register rows of the persons in a list of ids; returns and raises as `look_up`."""
    terms, ids = _read_list(listed)
    if terms.key_id not in keys:
        what = f"is made with key {shown_text(terms.key_id)}"
        raise ConfigError(str(listed), what, "add that key to the keys")
    with workspace(Resources()) as connection:
        table = open_table(connection, source)
        table.require(*key)
        file_pads = keys.derive(terms.key_id, terms.purpose)
        # a register may have a column `id`
        connection.register("wanted_ids", {"__wanted": np.array(ids, dtype=np.uint64)})
        with hide_values(str(source)):
            form = find_form(connection, table.relation, key, where=str(source))
            if not form.clear:
                raise ConfigError(
                    str(source), f"column {', '.join(key)} holds pseudonyms", "name the register in clear"
                )
            signed = signing_parameters(form, keys, terms.key_id)
            short = "encode(substr(__hex, 1, 32))"
            of_file = f"sha256($file_outer || unhex(sha256($file_inner || {short})))"
            number = f"TRY_CAST('0x' || substr({of_file}, 1, 16) AS UBIGINT)"
            connection.execute(
                f"CREATE TABLE found AS SELECT * FROM (SELECT *, {number} AS __number FROM ("  # noqa: S608 - names are quoted
                f"SELECT *, {pseudonym_sql(key, form)} AS __hex FROM {table.relation} "
                f"WHERE {key_text(key)} <> '')) SEMI JOIN wanted_ids ON __number = __wanted",
                {**signed, "file_inner": file_pads.inner, "file_outer": file_pads.outer},
            )
        with private_file(target) as partial:
            copy_csv(
                connection, "SELECT * EXCLUDE (__hex, __number) FROM found ORDER BY ALL NULLS FIRST", {}, partial
            )
        ((found,),) = connection.execute("SELECT count(DISTINCT __number) FROM found").fetchall()
    return len(set(ids)), int(found)


_ID = re.compile(r"\A[0-9a-f]{16}\Z")


def _read_list(listed: Path) -> tuple[ExactTerms, list[int]]:
    ids: list[int] = []
    seen: set[tuple[str, ...]] = set()
    try:
        with listed.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter=";"):
                [number] = _ID.findall(row[EXACT_ID])
                ids.append(int(number, 16))
                seen.add(tuple(row[name] for name in EXACT_TERMS))
        ((key_id, feed, until, nonce),) = seen
        return ExactTerms(feed, key_id, date.fromisoformat(until) if until else None, nonce), ids
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        raise UnreadableDelivery(f"{listed}: is not a list of ids of one exact digest") from None


def write_extra_ids(persons: DigestPersons, terms: ExactTerms, ids: Sequence[int], target: Path) -> None:
    """Write the pseudonyms (first 32 hex digits) of persons of this side to a file of mode 0600."""
    selected, parameters = persons.select_exact_ids(terms.until, terms.purpose)
    persons.connection.register("wanted_ids", {"id": np.array(ids, dtype=np.uint64)})
    try:
        query = (
            f"SELECT '{persons.key_id}:' || {hex_sql('pseudonym')} AS pseudonym "  # noqa: S608 - our own names
            f"FROM {selected} WHERE exact_id IN (SELECT id FROM wanted_ids) ORDER BY ALL"
        )
        with private_file(target) as partial:
            copy_csv(persons.connection, query, parameters, partial)
    finally:
        persons.connection.unregister("wanted_ids")


def _sketch(ids: Ids, cells: int, salt: int) -> Sketch:
    sketch = Sketch.empty(cells, salt)
    for start in range(0, len(ids), _PART):
        sketch.add(ids[start : start + _PART])
    return sketch


def _file_key(keys: Keys, terms: ExactTerms) -> bytes:
    return hashlib.sha256(keys.derive_key(terms.key_id, terms.purpose) + b"file").digest()


def _salt(keys: Keys, terms: ExactTerms) -> int:
    return int.from_bytes(hashlib.sha256(keys.derive_key(terms.key_id, terms.purpose) + b"check").digest()[:8])


def _parse_head(path: Path, head: bytes) -> tuple[ExactTerms, int, int]:
    try:
        found = parse_json(head)
        until = date.fromisoformat(found["until"]) if found["until"] is not None else None
        terms = ExactTerms(str(found["feed"]), str(found["key_id"]), until, str(found["nonce"]))
        persons, cells = int(found["persons"]), int(found["cells"])
        valid = found["schema"] == SCHEMA and _NONCE.fullmatch(terms.nonce) is not None and cells > 0
    except (ValueError, KeyError, TypeError, UnreadableDelivery):
        valid = False
    if not valid:
        raise make_head_error(path, head, SCHEMA)
    return terms, persons, cells
