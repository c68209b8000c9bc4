"""The audit log: who did what, and which rows were written, in a hash chain that reveals changes and removals.

Each line holds the code of the line before it, and a code over all of itself: an HMAC-SHA256 when the history is
opened with a key, a plain SHA-256 otherwise (which whoever can write the database can compute anew).

A transaction that writes facts adds a line `facts` with their digests (`audit_facts.py`); `verify` compares the
tables with them. A migration adds a line `anchor` with digests of all rows; from then on these count.
Lines that were cut off at the end together with the facts that they record leave no trace, and neither does an
older copy that was put back: compare with a head that was kept elsewhere (`audit_heads.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypedDict

from sqlalchemy import Connection, Select, Table, func, insert, inspect, select, text

from .audit_facts import KIND_OF, Digests, Fact, Row, compare, digest_row, find_misfits, key_of, read_digests
from .audit_heads import Head
from .database import Connections, Transaction, rows_of
from .tables import audit as _audit
from .types import MomentType, canonical

FACTS = "facts"
"""The action of a line that records facts; its result holds their kinds, keys and digests."""

ANCHOR = "anchor"
"""The action of the line from which on only the digests that follow count: after a migration."""

RESTORE = "restore"
"""The action of the line that is the first after a backup was put back."""

_REPLACED = "replaced line "  # in the result of a restore: the last line of what it replaced
_MOST = 1000  # facts that one line holds
_START = "start"
_SEAL = 16  # hex digits that people are told: 64 bits cannot be tried out
_KEYED, _PLAIN = "hmac-sha256:", "sha256:"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log (BIO2): what was done to what, with what result, from where, by whom, when (UTC)."""

    action: str
    object: str
    result: str
    origin: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A line as it stands in the chain: its number from 1, and the codes that tie it."""

    number: int
    entry: AuditEntry
    previous: str
    mac: str


class AuditRepository:
    """The audit log of a history."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def add(self, entry: AuditEntry) -> None:
        """Add a line for something that the history does not record by itself.

        Raises:
            StoreError: the history cannot be written.
        """
        with self._database.begin() as transaction:
            transaction.before_commit.append(
                partial(record, transaction.connection, self._database.audit_key, entry)
            )

    def find(self) -> tuple[AuditRecord, ...]:
        """Return the lines about what people did, in order; those about facts are left out."""
        return tuple(line for line in self.find_all() if line.entry.action != FACTS)

    def find_all(self) -> tuple[AuditRecord, ...]:
        """Return every line, in order."""
        with self._database.reading() as connection:
            return _lines(connection)

    def read_head(self) -> tuple[int, str]:
        """Return the number and code of the last line, to be kept elsewhere; (0, "start") for an empty log."""
        with self._database.reading() as connection:
            return _head(connection)

    def read_seal(self) -> str | None:
        """Return the head as people see it, `number:sixteen hex digits`; None for an empty log."""
        number, digits = self.read_seal_parts()
        return f"{number}:{digits}" if number else None

    def read_seal_parts(self) -> tuple[int, str]:
        """Return the number of the last line and how the digits of its code begin; 0 for an empty log."""
        number, code = self.read_head()
        return number, code.rpartition(":")[2][:_SEAL]

    def read_start(self) -> datetime | None:
        """Return since when it covers facts (UTC): its last anchor, else its first facts; None: it has none."""
        anchors = select(func.max(_audit.c.number)).where(_audit.c.action == ANCHOR).scalar_subquery()
        first = select(func.min(_audit.c.number)).where(_audit.c.action == FACTS).scalar_subquery()
        query = select(_audit.c.at).where(_audit.c.number == func.coalesce(anchors, first))
        with self._database.reading() as connection:
            found: datetime | None = connection.execute(query).scalar_one_or_none()
        return found

    def find_lost(self, head: Head) -> str | None:
        """Return a sentence when a head kept elsewhere is not in the log; None: it is, or was replaced.

        Only the lines that decide it are read.
        """
        query = select(_audit).where((_audit.c.number == head.number) | (_audit.c.action == RESTORE))
        with self._database.reading() as connection:
            lines = _lines(connection, query)
        return next(iter(_find_lost_heads(lines, [head])), None)

    def verify(self, *, heads: Sequence[Head] = ()) -> tuple[str, ...]:
        """Verify that no line was altered, removed or moved, and that the tables hold the facts it records.

        Args:
            heads: what `read_head` said at some moments and was kept elsewhere, or the beginning of its digits as
                `read_seal` gives it. Without one, lines that were cut off at the end go unnoticed together with
                the facts that they record, and so does an older copy that was put back. A head of before a restore
                that replaced it is left aside.

        Returns:
            A sentence a fault, naming the lines or facts; () when the chain holds.
        """
        with self._database.reading() as connection:
            lines = _lines(connection)
            found = [*chain_faults(lines, self._audit_keys), *_anchor_faults(lines)]
            found.extend(_table_faults(connection, lines))
        return (*found, *_find_lost_heads(lines, heads))

    @property
    def _audit_keys(self) -> tuple[bytes | None, ...]:
        return (
            (self._database.audit_key,)
            if self._database.audit_key is None
            else (self._database.audit_key, *self._database.older_audit_keys)
        )


class Signing(TypedDict):
    """The keys of a chain, as a `HistoryDatabase` takes them."""

    audit_key: bytes | None
    older_audit_keys: Sequence[bytes]


def signing(keys: Sequence[bytes]) -> Signing:
    """Return the last key signs, the others were used before; without any the chain has no key."""
    return {"audit_key": keys[-1] if keys else None, "older_audit_keys": keys[:-1]}


def _is_head(line: AuditRecord, number: int, code: str) -> bool:
    digits = line.mac.rpartition(":")[2]
    return line.number == number and (line.mac == code or (len(code) >= _SEAL and digits.startswith(code)))


def take_turns(connection: Connection) -> None:
    """Block other transactions that will add a line until this one ends.

    Two lines must not follow the same one. SQLite has one writer at a time by itself.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))


def record(connection: Connection, key: bytes | None, entry: AuditEntry) -> None:
    """Add a line to the chain, in the transaction of the act that it records."""
    take_turns(connection)
    last, previous = _head(connection)
    mac = _code(key, last + 1, entry, previous)
    row = {"number": last + 1, **{name: getattr(entry, name) for name in AuditEntry.__dataclass_fields__}}
    connection.execute(insert(_audit), {**row, "previous": previous, "mac": mac})


def record_row(transaction: Transaction, table: Table, row: Row, at: datetime) -> None:
    """Add the digest of a row that a transaction wrote to the line that it adds at its end.

    Args:
        transaction: that wrote it.
        table: one that `audit_facts.KINDS` names.
        row: as it is now; every column that the database does not leave null.
        at: now (UTC).
    """
    kind = KIND_OF[table]
    record_facts(transaction, {key_of(kind, row): digest_row(kind, row)}, at)


def record_facts(transaction: Transaction, facts: Digests, at: datetime, reason: str = "write") -> None:
    """Add digests of what a transaction wrote to the line that it adds at its end.

    Args:
        transaction: that wrote them.
        facts: with None for what it removed.
        at: now (UTC).
        reason: of the line.
    """
    if facts and not transaction.facts:
        line = partial(_write_facts, transaction.connection, transaction.audit_key, transaction.facts, reason, at)
        transaction.before_commit.append(line)
    transaction.facts.update(facts)


def compare_before_anchor(connection: Connection) -> tuple[str, ...]:
    """Return how the tables of an older revision differ from the log; () when it records no facts.

    A migration alters rows on purpose. So what was altered before it must be found before it, and `anchor_facts`
    keeps it.
    """
    if not inspect(connection).has_table(_audit.name):
        return ()
    lines = _lines(connection)
    if all(line.entry.action != FACTS for line in lines):
        return ()
    return _table_faults(connection, lines, revision_is_older=True)


def anchor_facts(connection: Connection, key: bytes | None, revision: str, before: Sequence[str] = ()) -> None:
    """Add a line `anchor`, and digests of everything that is in the tables as it is there: after a migration.

    Args:
        connection: in the transaction of the migration.
        key: of the chain, None for one without.
        revision: that the tables have now.
        before: what `compare_before_anchor` found; `verify` goes on naming it.
    """
    now = connection.execute(select(func.current_timestamp(type_=MomentType()))).scalar_one()
    facts = dict(read_digests(connection))
    result = canonical({"facts": len(facts), "faults": list(before)})
    record(connection, key, AuditEntry(ANCHOR, revision, result, "store", "ketenwacht", now))
    _write_facts(connection, key, facts, f"{ANCHOR} {revision}", now)


def describe_restore(head: tuple[int, str], faults: Sequence[str]) -> str:
    """Return the result of a restore for its line.

    Args:
        head: of the log that was replaced.
        faults: of the log that was put back.
    """
    number, code = head
    held = f"its log does not hold: {'; '.join(faults)}" if faults else "its log holds"
    return f"{_REPLACED}{number}:{code.rpartition(':')[2][:_SEAL]}; {held}"


def _write_facts(connection: Connection, key: bytes | None, facts: Digests, reason: str, at: datetime) -> None:
    rows = [[*fact, digest] for fact, digest in facts.items()]
    for start in range(0, len(rows), _MOST):
        content = canonical(rows[start : start + _MOST])
        record(connection, key, AuditEntry(FACTS, reason, content, "store", "ketenwacht", at))


def _table_faults(
    connection: Connection, lines: Sequence[AuditRecord], *, revision_is_older: bool = False
) -> tuple[str, ...]:
    """Return a sentence for each way in which the tables differ from what the log records."""
    recorded, faults = _read_facts(lines)
    try:
        faults.extend(compare(recorded, read_digests(connection, revision_is_older=revision_is_older)))
        if not revision_is_older:
            faults.extend(find_misfits(connection))
    except (ValueError, TypeError, LookupError) as fault:  # a key that is forged may be of any type
        faults.append(f"a table holds a value that cannot be read ({type(fault).__name__})")
    return tuple(faults)


def _read_facts(lines: Sequence[AuditRecord]) -> tuple[dict[Fact, str | None], list[str]]:
    """Return what the lines say of facts, and a sentence for each line that cannot be read."""
    found: dict[Fact, str | None] = {}
    faults: list[str] = []
    for line in lines:
        if line.entry.action == ANCHOR:
            found.clear()
        elif line.entry.action == FACTS:
            try:
                found.update({(kind, key): digest for kind, key, digest in json.loads(line.entry.result)})
            except (ValueError, TypeError):
                faults.append(f"line {line.number}: its digests cannot be read")
    return found, faults


def _anchor_faults(lines: Sequence[AuditRecord]) -> list[str]:
    """Return what the tables held otherwise than the log recorded when an anchor was written."""
    found: list[str] = []
    for line in lines:
        if line.entry.action != ANCHOR:
            continue
        try:
            before = json.loads(line.entry.result)["faults"]
            found.extend(f"{fault} (before revision {line.entry.object})" for fault in before)
        except (ValueError, TypeError, LookupError):
            found.append(f"line {line.number}: its result cannot be read")
    return found


def _find_lost_heads(lines: Sequence[AuditRecord], heads: Sequence[Head]) -> list[str]:
    """Return a sentence for each head that was kept elsewhere and is neither here nor replaced."""
    places = {line.number: line for line in lines}
    restores = [line for line in lines if line.entry.action == RESTORE]
    lost = [
        head.number
        for head in heads
        if (head.number, head.code) != (0, _START)
        and not (head.number in places and _is_head(places[head.number], head.number, head.code))
        and not any(_replaces(line, head) for line in restores)
    ]
    return [
        f"line {number}: it is not the line that was the last one when that was told elsewhere"
        for number in dict.fromkeys(lost)
    ]


def _replaces(restore: AuditRecord, head: Head) -> bool:
    """Return whether a head is of the lines that a restore replaced, and not of those that came after it."""
    digits = restore.entry.result.removeprefix(_REPLACED).partition(":")[0]
    last = int(digits) if digits.isascii() and digits.isdigit() else 0
    return restore.number <= head.number <= last and (head.at is None or head.at <= restore.entry.at)


def _lines(connection: Connection, query: Select[Any] | None = None) -> tuple[AuditRecord, ...]:
    query = select(_audit) if query is None else query
    names = tuple(AuditEntry.__dataclass_fields__)
    return tuple(
        AuditRecord(row["number"], AuditEntry(*(row[name] for name in names)), row["previous"], row["mac"])
        for row in rows_of(connection, query.order_by(_audit.c.number))
    )


def chain_faults(lines: Sequence[AuditRecord], keys: Sequence[bytes | None]) -> tuple[str, ...]:
    """Return a sentence for each stretch of lines that is altered, removed or not in its place.

    Args:
        lines: in order.
        keys: any of which may have been used; (None,) for a chain without a key.
    """
    held = [_holds(line, keys, line.number) for line in lines]
    # Under another key nothing holds: then it is no use to look where each line came from.
    places = range(1, lines[-1].number + len(lines) + 1) if any(held) else range(0)
    found: list[tuple[int, int, str]] = []
    last, previous, firm = 0, _START, True
    for line, holds in zip(lines, held, strict=True):
        if line.number > last + 1:
            found.append((last + 1, line.number - 1, "removed"))
        elif holds and firm and line.previous != previous:
            found.append((line.number, line.number, "does not follow the line before it, which was replaced"))
        if not holds:
            place = next((number for number in places if _holds(line, keys, number)), None)
            what = _describe_alteration(line, keys[0]) if place is None else f"was line {place}"
            found.append((line.number, line.number, what))
        last, previous, firm = line.number, line.mac, holds
    return tuple(f"{_span(first, end)}: {what}" for first, end, what in _join_neighbours(found))


def _join_neighbours(found: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Join neighbouring ranges that have the same text."""
    joined: list[tuple[int, int, str]] = []
    for first, end, what in found:
        if joined and joined[-1][1] + 1 == first and joined[-1][2] == what:
            joined[-1] = (joined[-1][0], end, what)
        else:
            joined.append((first, end, what))
    return joined


def _describe_alteration(line: AuditRecord, key: bytes | None) -> str:
    if line.mac.startswith(_KEYED) and key is None:
        return "written with a key; give that key to verify it"
    if line.mac.startswith(_PLAIN) and key is not None:
        return "written without the key"
    return "altered"


def _holds(line: AuditRecord, keys: Sequence[bytes | None], number: int) -> bool:
    codes = (_code(key, number, line.entry, line.previous) for key in keys)
    return any(hmac.compare_digest(line.mac, code) for code in codes)


def _head(connection: Connection) -> tuple[int, str]:
    newest = select(_audit.c.number, _audit.c.mac).order_by(_audit.c.number.desc()).limit(1)
    row = connection.execute(newest).first()
    return (0, _START) if row is None else (row.number, row.mac)


def _code(key: bytes | None, number: int, entry: AuditEntry, previous: str) -> str:
    *words, at = astuple(entry)
    content = canonical([number, *words, at.astimezone(UTC).isoformat(), previous]).encode()
    if key is None:
        return _PLAIN + hashlib.sha256(content).hexdigest()
    return _KEYED + hmac.new(key, content, hashlib.sha256).hexdigest()


def _span(first: int, end: int) -> str:
    return f"line {first}" if first == end else f"lines {first} to {end}"
