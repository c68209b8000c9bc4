"""Bucketed digests: compare the persons of both sides when they may not share a list of keys.

Each person has an id that only a holder of the key can make: HMAC(HMAC(key, purpose and date), pseudonym), 128
bits. Ids fall into 2^bits buckets by their first bits. A bucket of fewer than `LEAST_PERSONS` is joined with its
neighbour, so that every bucket of a digest holds enough persons or nobody. A digest holds three numbers of each
bucket: its persons, the sum of the low halves of their ids, and the exclusive or of the high halves. Buckets that
agree hold the same persons; the parties exchange more only about buckets that differ.

Whoever holds both digests can subtract them, and finds the id of a person where a bucket differs by that one. An
id is no pseudonym: no list holds it, and without the key nobody can make it from a number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ketenwacht.document_limits import parse_json
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.errors import ConfigError, UnreadableDelivery, describe_file_fault

from .delivered import EPOCH, DeliveredKeys
from .keys import Keys, number_sql
from .lists import hex_sql
from .private_files import make_head_error
from .register import RegisterFile, load_register
from .survey import KeyColumns
from .tables import copy_csv, private_file

if TYPE_CHECKING:
    import duckdb

LEAST_PERSONS = 8  # in a bucket, or none: the digest of one person is that person's id
MOST_BITS = 24
SCHEMA = "ketenwacht/digest/2"
_ID_BITS = 128
_HALF = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class DigestPersons:
    """The persons of one side, each once: a relation with `pseudonym` and `decided` (days since 1970)."""

    connection: duckdb.DuckDBPyConnection
    relation: str
    key_id: str
    keys: Keys = field(repr=False)

    def count(self, decided_until: date | None) -> int:
        """Return how many persons were decided on until a date; None: all."""
        until = self._until(decided_until)
        ((persons,),) = self.connection.execute(f"SELECT count(*) FROM {self.relation} WHERE {until}").fetchall()  # noqa: S608 - our own names
        return int(persons)

    def select_ids(self, decided_until: date | None) -> tuple[str, dict[str, bytes]]:
        """Return SQL for the persons with `id`, and its parameters.

        Args:
            decided_until: leave out persons with a later or unknown decision date; digests of another date have
                other ids, so that they cannot be subtracted.
        """
        return self._select(decided_until, f"{SCHEMA}|{decided_until or ''}", f"{number_sql('hex')} AS id")

    def select_exact_ids(self, decided_until: date | None, purpose: str) -> tuple[str, dict[str, bytes]]:
        """Return SQL for the persons with `exact_id`, 64 bits that depend on `purpose`, and its parameters."""
        return self._select(decided_until, purpose, f"{_EXACT_ID} AS exact_id")

    def select_elements(self, decided_until: date | None, purpose: str) -> tuple[str, dict[str, bytes]]:
        """Return SQL for the persons with `element`, 32 hex digits made for `purpose`, and its parameters."""
        return self._select(decided_until, purpose, "substr(hex, 1, 32) AS element")

    def _select(self, decided_until: date | None, purpose: str, column: str) -> tuple[str, dict[str, bytes]]:
        until = self._until(decided_until)
        pads = self.keys.derive(self.key_id, purpose)
        signed = f"sha256($outer || unhex(sha256($inner || encode({hex_sql('pseudonym')}))))"
        persons = f"SELECT pseudonym, {signed} AS hex FROM {self.relation} WHERE {until}"  # noqa: S608 - our own names and numbers
        selected = f"(SELECT pseudonym, {column} FROM ({persons}))"  # noqa: S608 - the same
        return selected, {"inner": pads.inner, "outer": pads.outer}

    def _until(self, decided_until: date | None) -> str:
        """Return SQL for who was decided on until a date.

        Raises:
            ConfigError: nobody has a date of decision, so that everybody would be left out.
        """
        if decided_until is None:
            return "true"
        query = f"SELECT count(*), count(decided) FROM {self.relation}"  # noqa: S608 - our own names
        ((persons, dated),) = self.connection.execute(query).fetchall()
        if persons and not dated:
            what = "needs a date of decision, and nobody on this side has one"
            advice = "give --decided-column, or configure decided_column under evidence.register of the feed"
            raise ConfigError("--until", what, advice)
        return f"decided <= {(decided_until - EPOCH).days}"


# see `select_exact_ids`
_EXACT_ID = "TRY_CAST('0x' || substr(hex, 1, 16) AS UBIGINT)"


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
    return DigestPersons(delivered.connection, "delivered_persons", chosen, _require_key(delivered.keys, chosen))


def _require_key(keys: Keys | None, key_id: str) -> Keys:
    """Return the keys when the key is among them.

    Raises:
        ConfigError: it is not, so that no id can be made.
    """
    if keys is None or key_id not in keys:
        what = "is not among the keys, and an id cannot be made without it"
        raise ConfigError(f"key {shown_text(key_id)}", what, "add the key with this id to the key file")
    return keys


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
        yield DigestPersons(empty.connection, relation, loaded.key_id, _require_key(keys, loaded.key_id))


def digest(
    persons: DigestPersons,
    *,
    bits: int | None = None,
    decided_until: date | None = None,
    within: Sequence[BucketName] = (),
    feed: str = "",
) -> BucketDigest:
    """Return the digest of one side.

    Args:
        persons: of either side.
        bits: at most 2^bits buckets; None: as many as leave sixteen persons a bucket.
        decided_until: exclude persons with a later or unknown decision date; needed while deliveries are pending,
            because these persons differ without being missing. The same on both sides.
        within: only persons in these buckets of an earlier digest of the same date; () means all.
        feed: its name, when both sides call it the same; empty: the digest names none.

    Raises:
        ConfigError: too many buckets, or so few persons that any digest would reveal them.
    """
    if bits is not None and not 0 <= bits <= MOST_BITS:
        raise ConfigError("--bits", f"is not from 0 to {MOST_BITS}", f"give 0 to {MOST_BITS}")
    selected, parameters = persons.select_ids(decided_until)
    chosen = f"(SELECT id FROM {selected} WHERE {_within_sql(within)})"  # noqa: S608 - our own names and numbers
    (count,) = persons.connection.execute(f"SELECT count(*) FROM {chosen}", parameters).fetchall()[0]  # noqa: S608 - the same
    if 0 < count < LEAST_PERSONS:
        what = f"holds fewer than {LEAST_PERSONS} persons, whom a digest would reveal"
        raise ConfigError("digest", what, "digest more buckets, or a longer period")
    occupied = sum(2.0**-name.length for name in within) if within else 1.0
    bits = bits if bits is not None else max(0, min(MOST_BITS, int(count / occupied / 16).bit_length() - 1))
    rows = persons.connection.execute(
        f"SELECT {_bucket_sql(bits)}, count(*), sum((id & {_HALF})::UBIGINT)::HUGEINT, "  # noqa: S608 - the same
        f"bit_xor((id >> 64)::UBIGINT) FROM {chosen} GROUP BY ALL",
        parameters,
    ).fetchall()
    fine = {BucketName(bits, int(row[0])): Bucket(int(row[1]), int(row[2]) & _HALF, int(row[3])) for row in rows}
    return BucketDigest(feed, persons.key_id, bits, decided_until, int(count), join_small(fine, bits))


def join_small(buckets: Mapping[BucketName, Bucket], bits: int) -> dict[BucketName, Bucket]:
    """Join buckets with their neighbours until every bucket holds `LEAST_PERSONS` persons or nobody.

    Args:
        buckets: of one length, without empty ones.
        bits: that length.

    Returns:
        Buckets of several lengths that cover the same ids without overlap; empty ones are left out.
    """
    level = {name.number: {name: bucket} for name, bucket in buckets.items()}
    for length in range(bits, 0, -1):
        above: dict[int, dict[BucketName, Bucket]] = {}
        for number in {number >> 1 for number in level}:
            both = {**level.get(2 * number, {}), **level.get(2 * number + 1, {})}
            small = any(0 < bucket.persons < LEAST_PERSONS for bucket in both.values())
            above[number] = {BucketName(length - 1, number): add_buckets(both.values())} if small else both
        level = above
    return {name: bucket for found in level.values() for name, bucket in found.items() if bucket.persons}


def write_members(
    persons: DigestPersons, buckets: Sequence[BucketName], *, target: Path, decided_until: date | None = None
) -> int:
    """Write the pseudonyms (first 32 hex digits) in some buckets to a file of mode 0600.

    Returns:
        The number of persons.

    Raises:
        ConfigError: the file cannot be written.
    """
    selected, parameters = persons.select_ids(decided_until)
    members = f"{selected} WHERE {_within_sql(buckets)}"
    with private_file(target) as partial:
        query = f"SELECT '{persons.key_id}:' || {hex_sql('pseudonym')} AS pseudonym FROM {members} ORDER BY ALL"  # noqa: S608 - our own names and numbers
        copy_csv(persons.connection, query, parameters, partial)
    (count,) = persons.connection.execute(f"SELECT count(*) FROM {members}", parameters).fetchall()[0]  # noqa: S608 - the same
    return int(count)


def _bucket_sql(bits: int) -> str:
    return f"(id >> {_ID_BITS - bits})::BIGINT" if bits else "0"


def _within_sql(within: Sequence[BucketName]) -> str:
    if not within:
        return "true"
    by_length: dict[int, list[int]] = {}
    for name in within:
        by_length.setdefault(name.length, []).append(int(name.number))
    parts = [f"{_bucket_sql(bits)} IN (SELECT unnest({numbers}))" for bits, numbers in sorted(by_length.items())]
    return f"({' OR '.join(parts)})"


# The file format of a digest, and the comparison of two digests.


_END = "end"


class BucketName(NamedTuple):
    """A bucket by the first bits of its ids: how many, and the number they make. Written as `hex/length`."""

    length: int
    number: int

    def __str__(self) -> str:
        return f"{self.number:x}/{self.length}"

    def cut(self, length: int) -> BucketName:
        """Return the bucket of `length` bits, no more than its own, that holds it."""
        return BucketName(length, self.number >> (self.length - length))

    @classmethod
    def parse(cls, text: str, bits: int | None = None) -> BucketName:
        """Return the bucket that a text names: `hex/length`, or `hex` of `bits` bits.

        Raises:
            ValueError: it names none.
        """
        digits, slash, length = text.partition("/")
        name = cls(int(length) if slash else bits if bits is not None else -1, int(digits, 16))
        if not 0 <= name.length <= MOST_BITS or name.number >> name.length:
            raise ValueError
        return name


class Bucket(NamedTuple):
    """Persons in a bucket, the sum (mod 2^64) of their ids' low halves, the exclusive or of the high halves."""

    persons: int
    total: int
    mixed: int


def add_buckets(buckets: Iterable[Bucket]) -> Bucket:
    """Return what one bucket of the same persons would be."""
    persons = total = mixed = 0
    for bucket in buckets:
        persons, total, mixed = persons + bucket.persons, (total + bucket.total) & _HALF, mixed ^ bucket.mixed
    return Bucket(persons, total, mixed)


@dataclass(frozen=True, slots=True)
class BucketDigest:
    """The digest that one side sends.

    Attributes:
        feed: its name; empty: not named.
        key_id: id of the key behind the pseudonyms.
        bits: there are at most 2^bits buckets.
        decided_until: last decision date in it; None: all dates.
        persons: number of persons.
        buckets: name → bucket, without empty buckets; they do not overlap.
    """

    feed: str
    key_id: str
    bits: int
    decided_until: date | None
    persons: int
    buckets: Mapping[BucketName, Bucket]

    def write(self, path: Path) -> None:
        """Write the digest as text of mode 0600: a JSON line with its settings, a line a bucket, an end."""
        head = {
            "schema": SCHEMA,
            "feed": self.feed,
            "key_id": self.key_id,
            "bits": self.bits,
            "decided_until": self.decided_until.isoformat() if self.decided_until is not None else None,
            "persons": self.persons,
        }
        with private_file(path) as partial, partial.open("w", encoding="ascii") as stream:
            stream.write(json.dumps(head) + "\n")
            for name in sorted(self.buckets):
                count, total, mixed = self.buckets[name]
                stream.write(f"{name};{count};{total:016x};{mixed:016x}\n")
            stream.write(f"{_END};{len(self.buckets)}\n")

    @classmethod
    def read(cls, path: Path) -> BucketDigest:
        """Return a digest from a file that `write` wrote.

        Raises:
            ConfigError: the file cannot be read.
            UnreadableDelivery: it is no digest of this version, or was cut short; names the line.
        """
        try:
            content = path.read_bytes()
        except OSError as fault:
            raise ConfigError(
                str(path), f"cannot be read ({describe_file_fault(fault)})", "name a digest file"
            ) from None
        line = content.partition(b"\n")[0]
        try:
            _, *lines = content.decode("ascii").splitlines() or [""]
            head = parse_json(line)
            until = date.fromisoformat(head["decided_until"]) if head["decided_until"] is not None else None
            valid = head["schema"] == SCHEMA
            parts = str(head["feed"]), str(head["key_id"]), int(head["bits"]), until, int(head["persons"])
        except (ValueError, KeyError, TypeError):
            valid = False
        if not valid:
            raise make_head_error(path, line, SCHEMA)
        return cls(*parts, _parse_buckets(path, lines))


def _parse_buckets(path: Path, lines: Sequence[str]) -> dict[BucketName, Bucket]:
    found = {}
    for at, line in enumerate(lines[:-1], start=2):
        try:
            name, count, total, mixed = line.split(";")
            found[BucketName.parse(name)] = Bucket(int(count), int(total, 16), int(mixed, 16))
        except ValueError:
            raise UnreadableDelivery(f"{path}: line {at} is not a bucket") from None
    if not lines or lines[-1] != f"{_END};{len(found)}":
        raise UnreadableDelivery(f"{path}: line {len(lines) + 1} is not its end, so it was cut short or changed")
    return found


class BucketDifference(NamedTuple):
    """A bucket that differs: its name, and the persons of both sides in it."""

    bucket: BucketName
    ours: int
    theirs: int


def compare_digests(ours: BucketDigest, theirs: BucketDigest) -> tuple[BucketDifference, ...]:
    """Return the buckets that differ, by name; () when both sides hold the same persons.

    Where one side has joined buckets, those of the other side are joined too.

    Raises:
        ConfigError: the digests are of different feeds, keys, bits or dates.
    """
    for what in ("feed", "key_id", "bits", "decided_until"):
        here, there = getattr(ours, what), getattr(theirs, what)
        if here != there and not (what == "feed" and not (here and there)):
            said = f"the two digests have a different {what}: {_show(here)} and {_show(there)}"
            raise ConfigError("digest", said, "agree on it first")
    shared = _find_common([*ours.buckets, *theirs.buckets])
    sides = [_join(digest.buckets, shared) for digest in (ours, theirs)]
    nobody = Bucket(0, 0, 0)
    found = []
    for name in sorted({*sides[0], *sides[1]}):
        one, other = (side.get(name, nobody) for side in sides)
        if one != other:
            found.append(BucketDifference(name, one.persons, other.persons))
    return tuple(found)


def _show(value: object) -> str:
    return shown_text(str(value)) if value is not None else "none"


def _find_common(names: Iterable[BucketName]) -> frozenset[BucketName]:
    """Return the largest of some buckets: those that no other one holds."""
    found = set(names)
    return frozenset(n for n in found if not any(n.cut(length) in found for length in range(n.length)))


def _join(buckets: Mapping[BucketName, Bucket], into: frozenset[BucketName]) -> dict[BucketName, Bucket]:
    parts: dict[BucketName, list[Bucket]] = {}
    for name, bucket in buckets.items():
        joined = next(name.cut(length) for length in range(name.length + 1) if name.cut(length) in into)
        parts.setdefault(joined, []).append(bucket)
    return {name: add_buckets(found) for name, found in parts.items()}
