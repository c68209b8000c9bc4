"""Bucketed digests: whether both ends hold the same persons, for parties that may not share a list of keys.

Pseudonyms fall into 2^bits buckets by their first bits. Of each bucket only the number of persons and two numbers
that do not depend on their order leave: the sum of one half of every pseudonym, and the exclusive or of the other.
Buckets that agree hold the same persons; only of those that differ anything more needs to be exchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.errors import ConfigError

from .delivered import EPOCH, DeliveredKeys
from .digest_file import Bucket, BucketDigest
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
