"""Bucketed digests: compare the persons of both sides when they may not share a list of keys.

Pseudonyms fall into 2^bits buckets by their first bits. A digest holds three numbers of each bucket: its persons,
the sum of the low halves of their pseudonyms, and the exclusive or of the high halves. Buckets that agree hold the
same persons; the parties exchange more only about buckets that differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ketenwacht.documents import parse_json
from ketenwacht.errors import ConfigError, UnreadableDelivery

from .delivered import EPOCH, DeliveredKeys
from .keys import Keys
from .lists import hex_sql
from .register import RegisterFile, load_register
from .survey import KeyColumns
from .tables import copy_csv, private_file

if TYPE_CHECKING:
    import duckdb

LEAST_PERSONS = 8  # in a bucket: the digest of one person is that person's pseudonym
MOST_BITS = 24
_PSEUDONYM_BITS = 128
_HALF = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class DigestPersons:
    """The persons of one side, each once: a relation with `pseudonym` and `decided` (days since 1970)."""

    connection: duckdb.DuckDBPyConnection
    relation: str
    key_id: str


def load_delivered_persons(
    delivered: DeliveredKeys, reference_date: date, *, key_id: str | None = None
) -> DigestPersons:
    """Return the receiver's persons: delivered up to a date and not withdrawn. A second call replaces the first.

    Raises:
        ConfigError: no delivery is signed with this key (default: the newest).
    """
    chosen = key_id or (delivered.keys.newest if delivered.keys is not None else None)
    chosen = chosen or (delivered.key_ids[-1] if delivered.key_ids else None)
    if chosen is None or chosen not in delivered.key_ids:
        raise ConfigError(f"key {chosen}", "signs no delivery", "name one of the keys")
    delivered.connection.execute(
        "CREATE OR REPLACE TABLE delivered_persons AS SELECT pseudonym, min(decided) AS decided "  # noqa: S608 - our own names
        f"FROM {delivered.events_sql(chosen, reference_date)} "
        "GROUP BY pseudonym HAVING NOT arg_max(withdrawn, newest)"
    )
    return DigestPersons(delivered.connection, "delivered_persons", chosen)


@contextmanager
def open_registered_persons(
    register: RegisterFile, keys: Keys | None, *, excluded: Sequence[str] = ()
) -> Iterator[DigestPersons]:
    """Open the sender's persons: those in its register, without the clear keys in `excluded`.

    Raises:
        ConfigError: the register cannot be used.
        UnreadableDelivery: it cannot be parsed.
    """
    columns = KeyColumns(key=register.columns.key, decided=register.columns.decided)
    bare = RegisterFile(
        path=register.path,
        columns=columns,
        load=register.load,
    )
    with DeliveredKeys(columns, keys, excluded=excluded) as empty:
        loaded = load_register(empty, bare)
        relation = "(SELECT pseudonym, min(decided) AS decided FROM register GROUP BY pseudonym)"
        yield DigestPersons(empty.connection, relation, loaded.key_id)


def digest(
    persons: DigestPersons,
    *,
    bits: int | None = None,
    decided_until: date | None = None,
    within: Sequence[int] = (),
    within_bits: int = 0,
) -> BucketDigest:
    """Return the digest of one side.

    Args:
        persons: of either side.
        bits: the same on both sides; None: as many as leave sixteen persons a bucket.
        decided_until: exclude persons with a later or unknown decision date; needed while deliveries are pending,
            because these persons differ without being missing.
        within: only persons in these buckets of an earlier digest; () means all.
        within_bits: bits of that earlier digest.

    Raises:
        ConfigError: too many buckets, which could reveal single persons.
    """
    chosen = f"(SELECT * FROM {persons.relation} WHERE {_filter_sql(decided_until, within, within_bits)})"  # noqa: S608 - our own names and numbers
    (count,) = persons.connection.execute(f"SELECT count(*) FROM {chosen}").fetchall()[0]  # noqa: S608 - the same
    occupied = len(within) / 2**within_bits if within else 1.0
    bits = bits if bits is not None else max(0, min(MOST_BITS, int(count / occupied / 16).bit_length() - 1))
    if not 0 <= bits <= MOST_BITS:
        raise ConfigError("--bits", f"is not from 0 to {MOST_BITS}", f"give 0 to {MOST_BITS}")
    if bits > 0 and count < LEAST_PERSONS * occupied * 2**bits:
        raise ConfigError(
            "--bits",
            f"{bits} leaves fewer than {LEAST_PERSONS} persons a bucket, which reveals them",
            "give fewer",
        )
    rows = persons.connection.execute(
        f"SELECT {_bucket_sql(bits)}, count(*), sum((pseudonym & {_HALF})::UBIGINT)::HUGEINT, "  # noqa: S608 - the same
        f"bit_xor((pseudonym >> 64)::UBIGINT) FROM {chosen} GROUP BY ALL"
    ).fetchall()
    buckets = {int(row[0]): Bucket(int(row[1]), int(row[2]) & _HALF, int(row[3])) for row in rows}
    return BucketDigest(persons.key_id, bits, decided_until, int(count), buckets)


def write_members(
    persons: DigestPersons, buckets: Sequence[int], *, bits: int, target: Path, decided_until: date | None = None
) -> int:
    """Write the pseudonyms (first 32 hex digits) in some buckets to a file of mode 0600.

    Returns:
        The number of persons.

    Raises:
        ConfigError: the file cannot be written.
    """
    members = f"{persons.relation} WHERE {_filter_sql(decided_until, buckets, bits)}"
    with private_file(target) as partial:
        query = f"SELECT '{persons.key_id}:' || {hex_sql('pseudonym')} AS pseudonym FROM {members} ORDER BY ALL"  # noqa: S608 - our own names and numbers
        copy_csv(persons.connection, query, {}, partial)
    (count,) = persons.connection.execute(f"SELECT count(*) FROM {members}").fetchall()[0]  # noqa: S608 - the same
    return int(count)


def _bucket_sql(bits: int) -> str:
    return f"(pseudonym >> {_PSEUDONYM_BITS - bits})::BIGINT" if bits else "0"


def _filter_sql(decided_until: date | None, within: Sequence[int], within_bits: int) -> str:
    conditions = ["true"]
    if decided_until is not None:
        conditions.append(f"decided <= {(decided_until - EPOCH).days}")
    if within:
        conditions.append(f"{_bucket_sql(within_bits)} IN (SELECT unnest({[int(number) for number in within]}))")
    return " AND ".join(conditions)


# The file format of a digest, and the comparison of two digests.


SCHEMA = "ketenwacht/digest/1"


class Bucket(NamedTuple):
    """Persons in a bucket, the sum (mod 2^64) of their pseudonyms' low halves, the xor of the high halves."""

    persons: int
    total: int
    mixed: int


@dataclass(frozen=True, slots=True)
class BucketDigest:
    """The digest that one side sends.

    Attributes:
        key_id: id of the key behind the pseudonyms.
        bits: there are 2^bits buckets.
        decided_until: last decision date in it; None: all dates.
        persons: number of persons.
        buckets: number → bucket, without empty buckets.
    """

    key_id: str
    bits: int
    decided_until: date | None
    persons: int
    buckets: Mapping[int, Bucket]

    def write(self, path: Path) -> None:
        """Write the digest as text of mode 0600: a JSON line with its settings, and a line a bucket."""
        head = {
            "schema": SCHEMA,
            "key_id": self.key_id,
            "bits": self.bits,
            "decided_until": self.decided_until.isoformat() if self.decided_until is not None else None,
            "persons": self.persons,
        }
        with private_file(path) as partial, partial.open("w", encoding="ascii") as stream:
            stream.write(json.dumps(head) + "\n")
            for number in sorted(self.buckets):
                count, total, mixed = self.buckets[number]
                stream.write(f"{number:x};{count};{total:016x};{mixed:016x}\n")

    @classmethod
    def read(cls, path: Path) -> BucketDigest:
        """Return a digest from a file that `write` wrote.

        Raises:
            ConfigError: the file cannot be read.
            UnreadableDelivery: it is no digest; names the line.
        """
        try:
            first, *lines = path.read_text(encoding="ascii").splitlines() or [""]
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(
                str(path), f"cannot be read ({type(fault).__name__})", "name a digest file"
            ) from None
        try:
            head = parse_json(first)
            until = date.fromisoformat(head["decided_until"]) if head["decided_until"] is not None else None
            valid = head["schema"] == SCHEMA
            parts = str(head["key_id"]), int(head["bits"]), until, int(head["persons"])
        except (ValueError, KeyError, TypeError):
            valid = False
        if not valid:
            raise UnreadableDelivery(f"{path}: line 1 does not name {SCHEMA}")
        return cls(*parts, _parse_buckets(path, lines))


def _parse_buckets(path: Path, lines: Sequence[str]) -> dict[int, Bucket]:
    found = {}
    for at, line in enumerate(lines, start=2):
        try:
            number, count, total, mixed = line.split(";")
            found[int(number, 16)] = Bucket(int(count), int(total, 16), int(mixed, 16))
        except ValueError:
            raise UnreadableDelivery(f"{path}: line {at} is not a bucket") from None
    return found


class BucketDifference(NamedTuple):
    """A bucket that differs: its number, and the persons of both sides in it."""

    bucket: int
    ours: int
    theirs: int


def compare_digests(ours: BucketDigest, theirs: BucketDigest) -> tuple[BucketDifference, ...]:
    """Return the buckets that differ, by number; () when both sides hold the same persons.

    Raises:
        ConfigError: the digests have different keys, buckets or dates.
    """
    for what in ("key_id", "bits", "decided_until"):
        if getattr(ours, what) != getattr(theirs, what):
            raise ConfigError("digest", f"the two digests have a different {what}", "agree on it first")
    no_persons = Bucket(0, 0, 0)
    return tuple(
        BucketDifference(
            number, ours.buckets.get(number, no_persons).persons, theirs.buckets.get(number, no_persons).persons
        )
        for number in sorted(ours.buckets.keys() | theirs.buckets.keys())
        if ours.buckets.get(number, no_persons) != theirs.buckets.get(number, no_persons)
    )
