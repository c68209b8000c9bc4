"""The keys of all deliveries of a feed, to compare registers with, in this process or in a worker process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import Feed, Register
from ketenwacht.domain.guard import Guard
from ketenwacht.errors import ConfigError, DeliveryError
from ketenwacht.measure import KeyRange
from ketenwacht.processes import in_child
from ketenwacht.reconcile import (
    DeliveredKeys,
    KeyColumns,
    Keys,
    ReconciliationOutcome,
    ReconciliationTerms,
    RegisterFile,
    Resources,
    reconcile,
)
from ketenwacht.sources import FeedReader
from ketenwacht.workflows.cube_in_place import find_shared_database
from ketenwacht.workflows.engines import measures_in_place
from ketenwacht.workflows.register_snapshots import RegisterSnapshot
from ketenwacht.workflows.signed_keys import SignedLoader, find_signing_reader

if TYPE_CHECKING:
    import duckdb

_SMALL = 16 << 20
"""Bytes of a register in CSV up to which one thread compares it at the least cost."""
_PACKED = {".gz": 4, ".parquet": 4}
"""Suffix of a packed register → about how many bytes of CSV a byte holds: 2.4 of pseudonyms, 4.5 of clear keys."""


@dataclass(slots=True)
class FeedKeys:
    """The delivered keys of one feed. Without its keys it is a plain value: it may be sent to another process.

    Attributes:
        id: tells the keys of one session from those of another in the worker process.
        feed: as configured.
        zone: in which the dates of registers are meant.
        reader: where the deliveries are.
        keys: to pseudonymise with.
        canaries: keys of synthetic persons, who are no persons of either side; None: there are none.
        guard: what of segment values and reasons may be kept.
        register: reads the snapshots of the register; None: they are files.
    """

    id: str
    feed: Feed
    zone: ZoneInfo
    reader: FeedReader
    keys: Keys
    canaries: KeyRange | None
    guard: Guard
    register: FeedReader | None = None
    _delivered: DeliveredKeys | None = None
    _unread: list[tuple[str, str]] = field(default_factory=list)

    def __getstate__(self) -> tuple[object, ...]:
        """Return everything but the delivered keys, which stay in their process."""
        return self.id, self.feed, self.zone, self.reader, self.keys, self.canaries, self.guard, self.register

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Begin without delivered keys."""
        self.id, self.feed, self.zone, self.reader, self.keys, *rest = state
        self.canaries, self.guard, self.register = rest
        self._delivered, self._unread = None, []

    def close(self) -> None:
        """Delete every key from memory."""
        if self._delivered is not None:
            self._delivered.close()
            self._delivered = None

    def take_unread(self) -> list[tuple[str, str]]:
        """Return id and fault of the deliveries that could not be read since the last call."""
        unread, self._unread = self._unread, []
        return unread

    def sides(
        self, snapshot: RegisterSnapshot, deliveries: Sequence[Delivery], at: datetime
    ) -> tuple[DeliveredKeys, RegisterFile, ReconciliationTerms]:
        """Return what a comparison needs: the delivered keys, the register and the terms.

        Raises:
            ConfigError: the feed has no key, or its register is not configured.
        """
        register = self._require_register()
        path = snapshot.path
        small = path is not None and path.is_file() and path.stat().st_size * _PACKED.get(path.suffix, 1) <= _SMALL
        delivered = self.keys_until(snapshot.day, deliveries, at, small=small)
        return (
            delivered,
            RegisterFile(
                path=snapshot.shown_path,
                columns=self._key_columns(register),
                values=register.values,
                load=self._load_register(snapshot, register),
            ),
            self._make_terms(snapshot, register, at),
        )

    def compare_in_place(
        self, snapshot: RegisterSnapshot, deliveries: Sequence[Delivery], at: datetime
    ) -> tuple[ReconciliationOutcome, frozenset[str]] | None:
        """Return the outcome of a comparison inside the database of both sides, and the ids of its deliveries.

        None when `sides` have to be compared here: they are not in one database, rows of this feed are copied, its
        keys are here already, or the database cannot give the same answer.

        Raises:
            ConfigError: the feed has no key, or its register is not configured.
        """
        register = self._require_register()
        shared = find_shared_database(self.reader, self.register) if measures_in_place(self.feed) else None
        kept = self._delivered is not None or self.canaries is not None
        if shared is None or snapshot.delivery is None or kept:
            return None
        found = [one for one in deliveries if _counts(one, snapshot.day, at)]
        with self._open_workspace(register) as into:
            outcome = shared.compare(
                snapshot.delivery,
                found,
                columns=into.columns,
                oldest=register.values == "first",
                into=into,
                terms=self._make_terms(snapshot, register, at),
            )
        return (outcome, frozenset(one.id for one in found)) if outcome is not None else None

    def _make_terms(self, snapshot: RegisterSnapshot, register: Register, at: datetime) -> ReconciliationTerms:
        schedule = self.feed.schedule
        return ReconciliationTerms(
            reference_date=snapshot.day,
            at=at,
            sla=schedule.sla if schedule is not None else timedelta(days=14),
            segments=register.count_by or self.feed.segments,
            backlog=register.backlog,
            clocks=register.terms,
        )

    def _open_workspace(self, register: Register) -> DeliveredKeys:
        return DeliveredKeys(
            self._key_columns(register),
            self.keys,
            zone=self.zone,
            resources=Resources(spill=Path(gettempdir())),
            excluded=self.canaries.keys() if self.canaries is not None else (),
            guard=self.guard,
        )

    def keys_until(
        self, day: date, deliveries: Sequence[Delivery], at: datetime, *, small: bool = False
    ) -> DeliveredKeys:
        """Return the keys of all deliveries that arrived by `at` for periods up to `day`, reading only new ones.

        Args:
            day: last period.
            deliveries: as found.
            at: the moment of comparing, UTC.
            small: they are compared with a register of few rows.

        Raises:
            ConfigError: the feed has no key, or its register is not configured.
        """
        if self._delivered is None:
            self._delivered = self._open_workspace(self._require_register())
        self._delivered.use_threads(1 if small else None)
        have = {(entry.delivery.id, entry.delivery.sha256) for entry in self._delivered.entries}
        new = [one for one in deliveries if _counts(one, day, at) and (one.id, _declared_hash(one)) not in have]
        for found in new:
            self._add_keys(self._delivered, found)
        return self._delivered

    def _add_keys(self, delivered: DeliveredKeys, found: Delivery) -> None:
        """Add the keys of one delivery; an unreadable one holds nobody, and its own run reports it."""
        signing = find_signing_reader(self.reader) if measures_in_place(self.feed) else None
        delivery = self.reader.verify(found) if signing is None else signing.verify_in_place(found)
        if not delivery.read:
            return
        load: Callable[[duckdb.DuckDBPyConnection], object] = partial(self.reader.load, delivery)
        if signing is not None:
            load = SignedLoader(signing, delivery, delivered.columns, self.keys, self.zone)
        try:
            delivered.add(delivery, load)
        except DeliveryError as fault:
            self._unread.append((delivery.id, str(fault)))

    def _load_register(
        self, snapshot: RegisterSnapshot, register: Register
    ) -> Callable[[duckdb.DuckDBPyConnection], object] | None:
        """Return what loads a snapshot: pseudonyms where its database makes them, else rows; None: a file."""
        signing = find_signing_reader(self.register)
        if snapshot.delivery is None or signing is None:
            return snapshot.loader(self.register)
        copy = None if measures_in_place(self.feed) else snapshot.loader(self.register)
        return SignedLoader(signing, snapshot.delivery, self._key_columns(register), self.keys, self.zone, copy)

    def _require_register(self) -> Register:
        register = self.feed.evidence.register
        if not self.feed.key_columns or register is None:
            raise ConfigError(
                f"feeds.{self.feed.name}", "has no key or no register", "configure `key` and `evidence.register`"
            )
        return register

    def _key_columns(self, register: Register) -> KeyColumns:
        return KeyColumns(
            key=self.feed.key_columns,
            segments=register.segments,
            decided=register.decided_column or None,
            mutation=register.mutation_column,
            withdrawn=register.withdrawn,
        )


_comparing: dict[str, FeedKeys] = {}
"""In a worker process: the keys of each session, kept from one comparison to the next."""


def compare_register(
    keys: FeedKeys, snapshot: RegisterSnapshot, deliveries: Sequence[Delivery], at: datetime
) -> tuple[ReconciliationOutcome, list[tuple[str, str]]]:
    """Compare one register with everything delivered up to its reference date.

    Returns:
        The outcome, and id and fault of each delivery that could not be read.
    """
    here = _comparing.setdefault(keys.id, keys) if in_child() else keys
    counted = here.compare_in_place(snapshot, deliveries, at)
    if counted is not None:
        return counted[0], []
    outcome = reconcile(*here.sides(snapshot, deliveries, at))
    return outcome, here.take_unread()


def forget_keys(session: str) -> None:
    """Delete the keys of a session from the memory of a worker process."""
    gone = _comparing.pop(session, None)
    if gone is not None:
        gone.close()


def _counts(delivery: Delivery, day: date, at: datetime) -> bool:
    """Return whether a delivery had arrived at `at`, for a period up to `day`."""
    arrived = delivery.arrived_at is None or delivery.arrived_at <= at
    return delivery.read and arrived and delivery.period <= day


def _declared_hash(delivery: Delivery) -> str | None:
    return delivery.sha256 or (delivery.manifest.sha256 if delivery.manifest is not None else None)
