"""Bucketed digests: whether both ends hold the same persons, for parties that may not share a list of keys.

Pseudonyms fall into 2^bits buckets by their first bits. Of each bucket only the number of persons and two numbers
that do not depend on their order leave: the sum of one half of every pseudonym, and the exclusive or of the other.
Buckets that agree hold the same persons; only of those that differ anything more needs to be exchanged.
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
from .tables import Resources, copy_csv, private_file

if TYPE_CHECKING:
    import duckdb

LEAST_PERSONS = 8  # a bucket: the digest of one person is that person's pseudonym
MOST_BITS = 24
_PSEUDONYM_BITS = 128
_HALF = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class DigestPersons:
    """One side's persons, each once: a relation with `pseudonym` and `decided` (days since 1970)."""

    connection: duckdb.DuckDBPyConnection
    relation: str
    key_id: str


def delivered_persons(
    delivered: DeliveredKeys, reference_date: date, *, key_id: str | None = None
) -> DigestPersons:
    """The receiver's side: everybody delivered up to a date and not withdrawn; one date at a time.

    Raises:
        ConfigError: no delivery can be read under this key (default: the newest).
    """
    chosen = key_id or (delivered.keys.newest if delivered.keys is not None else None)
    chosen = chosen or (delivered.key_ids[-1] if delivered.key_ids else None)
    if chosen is None or chosen not in delivered.key_ids:
        raise ConfigError(f"key {chosen}", "is none under which a delivery can be read", "name one of the keys")
    delivered.connection.execute(
        "CREATE OR REPLACE TABLE held AS SELECT pseudonym, min(decided) AS decided "  # noqa: S608 - our own names
        f"FROM {delivered.events(chosen, reference_date)} "
        "GROUP BY pseudonym HAVING NOT arg_max(withdrawn, newest)"
    )
    return DigestPersons(delivered.connection, "held", chosen)


@contextmanager
def registered_persons(
    register: RegisterFile, keys: Keys | None, *, resources: Resources | None = None, nobody: Sequence[str] = ()
) -> Iterator[DigestPersons]:
    """The sender's side: everybody in its register but those of the keys (in clear) that are `nobody`'s.

    Raises:
        ConfigError: the register cannot be used; says why.
        UnreadableDelivery: it is not what it claims to be.
    """
    columns = KeyColumns(key=register.columns.key, decided=register.columns.decided)
    bare = RegisterFile(
        path=register.path,
        columns=columns,
        key_id_column=register.key_id_column,
        delimiter=register.delimiter,
    )
    with DeliveredKeys(columns, keys, resources=resources, nobody=nobody) as nothing:
        loaded = load_register(nothing, bare)
        relation = "(SELECT pseudonym, min(decided) AS decided FROM register GROUP BY pseudonym)"
        yield DigestPersons(nothing.connection, relation, loaded.key_id)


def digest(
    persons: DigestPersons,
    *,
    bits: int | None = None,
    decided_until: date | None = None,
    within: Sequence[int] = (),
    within_bits: int = 0,
) -> BucketDigest:
    """Digest one side.

    Args:
        persons: of either side.
        bits: both sides must use the same; None: as many as leave sixteen persons a bucket.
        decided_until: leave out who was decided on later, or on an unknown day; needed while deliveries are still
            under way, since those differ without being missing.
        within: to drill: only persons in these buckets of an earlier digest …
        within_bits: … that had so many bits.

    Raises:
        ConfigError: so many buckets that some would show single persons.
    """
    chosen = f"(SELECT * FROM {persons.relation} WHERE {_wanted(decided_until, within, within_bits)})"  # noqa: S608 - our own names and numbers
    (count,) = persons.connection.execute(f"SELECT count(*) FROM {chosen}").fetchall()[0]  # noqa: S608 - the same
    occupied = len(within) / 2**within_bits if within else 1.0
    bits = bits if bits is not None else max(0, min(MOST_BITS, int(count / occupied / 16).bit_length() - 1))
    if not 0 <= bits <= MOST_BITS:
        raise ConfigError("--bits", f"is not from 0 to {MOST_BITS}", f"give 0 to {MOST_BITS}")
    if bits > 0 and count < LEAST_PERSONS * occupied * 2**bits:
        raise ConfigError(
            "--bits", f"{bits} leaves fewer than {LEAST_PERSONS} persons a bucket, which shows them", "give fewer"
        )
    rows = persons.connection.execute(
        f"SELECT {_bucket(bits)}, count(*), sum((pseudonym & {_HALF})::UBIGINT)::HUGEINT, "  # noqa: S608 - the same
        f"bit_xor((pseudonym >> 64)::UBIGINT) FROM {chosen} GROUP BY ALL"
    ).fetchall()
    buckets = {int(row[0]): Bucket(int(row[1]), int(row[2]) & _HALF, int(row[3])) for row in rows}
    return BucketDigest(persons.key_id, bits, decided_until, int(count), buckets)


def write_members(
    persons: DigestPersons, buckets: Sequence[int], *, bits: int, target: Path, decided_until: date | None = None
) -> int:
    """Write the pseudonyms (first 32 hex digits) in some buckets to a file of mode 0600, to compare those only.

    Returns:
        How many persons.

    Raises:
        ConfigError: the file cannot be written.
    """
    wanted = f"{persons.relation} WHERE {_wanted(decided_until, buckets, bits)}"
    with private_file(target) as made:
        query = f"SELECT '{persons.key_id}:' || {hex_sql('pseudonym')} AS pseudonym FROM {wanted} ORDER BY ALL"  # noqa: S608 - our own names and numbers
        copy_csv(persons.connection, query, {}, made, delimiter=";")
    (count,) = persons.connection.execute(f"SELECT count(*) FROM {wanted}").fetchall()[0]  # noqa: S608 - the same
    return int(count)


def _bucket(bits: int) -> str:
    return f"(pseudonym >> {_PSEUDONYM_BITS - bits})::BIGINT" if bits else "0"


def _wanted(decided_until: date | None, within: Sequence[int], within_bits: int) -> str:
    conditions = ["true"]
    if decided_until is not None:
        conditions.append(f"decided <= {(decided_until - EPOCH).days}")
    if within:
        conditions.append(f"{_bucket(within_bits)} IN (SELECT unnest({[int(number) for number in within]}))")
    return " AND ".join(conditions)


# A digest as one side sends it: what is in the file, and which buckets of two of them differ.


SCHEMA = "ketenwacht/digest/1"


class Bucket(NamedTuple):
    """Persons in a bucket, the sum (mod 2^64) of their pseudonyms' low halves, and the xor of the high ones."""

    persons: int
    total: int
    mixed: int


@dataclass(frozen=True, slots=True)
class BucketDigest:
    """What one side sends.

    Attributes:
        key_id: key of the pseudonyms.
        bits: there are 2^bits buckets.
        decided_until: only persons decided on until this day are in it; None: all.
        persons: how many are in it.
        buckets: by number, those that hold anybody.
    """

    key_id: str
    bits: int
    decided_until: date | None
    persons: int
    buckets: Mapping[int, Bucket]

    def write(self, path: Path) -> None:
        """Write it as text, mode 0600: a JSON line that says what it is, and a line a bucket."""
        head = {
            "schema": SCHEMA,
            "key_id": self.key_id,
            "bits": self.bits,
            "decided_until": self.decided_until.isoformat() if self.decided_until is not None else None,
            "persons": self.persons,
        }
        with private_file(path) as made, made.open("w", encoding="ascii") as stream:
            stream.write(json.dumps(head) + "\n")
            for number in sorted(self.buckets):
                count, total, mixed = self.buckets[number]
                stream.write(f"{number:x};{count};{total:016x};{mixed:016x}\n")

    @classmethod
    def read(cls, path: Path) -> BucketDigest:
        """Read back what `write` wrote.

        Raises:
            ConfigError: it cannot be read.
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
            known = head["schema"] == SCHEMA
            parts = str(head["key_id"]), int(head["bits"]), until, int(head["persons"])
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise UnreadableDelivery(f"{path}: line 1 does not say {SCHEMA}")
        return cls(*parts, _buckets(path, lines))


def _buckets(path: Path, lines: Sequence[str]) -> dict[int, Bucket]:
    found = {}
    for at, line in enumerate(lines, start=2):
        try:
            number, count, total, mixed = line.split(";")
            found[int(number, 16)] = Bucket(int(count), int(total, 16), int(mixed, 16))
        except ValueError:
            raise UnreadableDelivery(f"{path}: line {at} is no bucket") from None
    return found


class BucketDifference(NamedTuple):
    """A bucket that differs: its number, and the persons that either side has in it."""

    bucket: int
    ours: int
    theirs: int


def differences(ours: BucketDigest, theirs: BucketDigest) -> tuple[BucketDifference, ...]:
    """The buckets that do not hold the same persons, by number; none when both sides are the same.

    Raises:
        ConfigError: the digests were made with other keys, buckets or dates.
    """
    for what in ("key_id", "bits", "decided_until"):
        if getattr(ours, what) != getattr(theirs, what):
            raise ConfigError("digest", f"the two digests were made with another {what}", "agree on it first")
    nobody = Bucket(0, 0, 0)
    return tuple(
        BucketDifference(
            number, ours.buckets.get(number, nobody).persons, theirs.buckets.get(number, nobody).persons
        )
        for number in sorted(ours.buckets.keys() | theirs.buckets.keys())
        if ours.buckets.get(number, nobody) != theirs.buckets.get(number, nobody)
    )
