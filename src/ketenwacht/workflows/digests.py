"""Digests of either side, and the keys that both sign with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.feed import Feed, Register
from ketenwacht.domain.traits import listed_categories
from ketenwacht.errors import ConfigError, DeliveryError
from ketenwacht.reconcile import (
    BucketDigest,
    DigestPersons,
    KeyColumns,
    Keys,
    RegisterFile,
    load_delivered_persons,
    open_registered_persons,
    write_members,
)
from ketenwacht.reconcile import digest as digest_of
from ketenwacht.reconcile.tables import private_file
from ketenwacht.sources.canaries import CanaryRegistry, create_rows, format_csv, read_canaries, read_rows
from ketenwacht.workflows.clock import KEYS, agreed_keys
from ketenwacht.workflows.contexts import feed_context
from ketenwacht.workflows.intake import open_intake
from ketenwacht.workflows.project import LoadedProject


@dataclass(frozen=True, slots=True)
class DigestOptions:
    """What is to be made of one side's persons.

    Attributes:
        target: where the digest goes; None: none is written.
        members: where the pseudonyms in `within` go; None: nowhere.
        until: leave out who was decided on later.
        bits: 2^bits buckets; None: as many as are safe.
        within: only these buckets of an earlier digest …
        within_bits: … that had so many bits.
    """

    target: Path | None
    members: Path | None = None
    until: date | None = None
    bits: int | None = None
    within: tuple[int, ...] = ()
    within_bits: int = 0


def signing_keys() -> Keys:
    """The keys that both parties hold.

    Raises:
        ConfigError: the environment has none, or they are malformed or weak.
    """
    keys = agreed_keys()
    if keys is None:
        raise ConfigError(
            f"{KEYS}_FILE",
            "is not set, and without a key a pseudonym can be undone by trying every number",
            f"name the file with the key that both parties hold, or give its text in {KEYS}",
        )
    return keys


def with_columns(feed: Feed | None, key: str | None, decided: str | None) -> KeyColumns:
    """The columns of a register: as asked, else as configured.

    Raises:
        ConfigError: nothing says which column identifies a person.
    """
    register = feed.evidence.register if feed is not None else None
    chosen = key if key is not None else feed.key if feed is not None else None
    if chosen is None:
        raise ConfigError("--key", "nothing says which column identifies a person", "give --key COLUMN")
    configured = register.decided_column if register is not None else None
    return KeyColumns(key=chosen, decided=decided if decided is not None else configured)


def make_registered(
    path: Path, columns: KeyColumns, wanted: DigestOptions, *, nobody: Sequence[str] = ()
) -> BucketDigest | None:
    """Digest a register, without the synthetic persons in it: the sender's side.

    Raises:
        ConfigError: the register cannot be used, or so many buckets would show single persons.
        UnreadableDelivery: it is not what it claims to be.
    """
    register = RegisterFile(path=path, columns=columns)
    with open_registered_persons(register, signing_keys(), excluded=nobody) as persons:
        return _make(persons, wanted)


def make_delivered(
    project: LoadedProject,
    feed: str | None,
    wanted: DigestOptions,
    *,
    at: datetime,
    on_warning: Callable[[str, str], None],
) -> BucketDigest | None:
    """Digest everything that was delivered: the receiver's side.

    Raises:
        ConfigError: the feed has no key, or so many buckets would show single persons.
        DeliveryError: there is no delivery.
    """
    signing_keys()
    named = project.feed(feed)
    if named.evidence.register is None and named.key is not None:
        bare = Register(path=".", pattern="", decided_column="")
        named = replace(named, evidence=replace(named.evidence, register=bare))
    context = replace(feed_context(project, named), feed=named)
    found = context.find(at)
    if not found:
        raise DeliveryError(f"{named.name}: there is no delivery to digest")
    newest = max(delivery.period for delivery in found)
    with project.history("sqlite://") as nowhere, open_intake(project, context, nowhere, on_warning) as intake:
        delivered = intake.keys_until(newest, found, at)
        return _make(load_delivered_persons(delivered, newest), wanted)


def _make(persons: DigestPersons, wanted: DigestOptions) -> BucketDigest | None:
    if wanted.members is not None:
        if not wanted.within:
            raise ConfigError("--members", "no bucket is named, and nobody else is written", "give --within")
        write_members(
            persons, wanted.within, bits=wanted.within_bits, target=wanted.members, decided_until=wanted.until
        )
    if wanted.target is None:
        return None
    made = digest_of(
        persons,
        bits=wanted.bits,
        decided_until=wanted.until,
        within=wanted.within,
        within_bits=wanted.within_bits,
    )
    made.write(wanted.target)
    return made


# Synthetic persons: writing them for the sender, and telling them apart at the receiver.


def write_list(feed: Feed, root: Path, day: date, target: Path) -> int:
    """Add a record of each category that the coverage checks list to a list, the file made when it is not there.

    Args:
        feed: as configured.
        root: folder of config.yaml.
        day: on which they are put in as if decided on.
        target: the list.

    Returns:
        How many records were added.

    Raises:
        ConfigError: no range is declared, no category is listed, or the list cannot be written.
    """
    if feed.canaries is None:
        where = f"feeds.{feed.name}"
        raise ConfigError(where, "declares no keys for synthetic persons", "set `canaries.first` and `.last`")
    registry = CanaryRegistry.of(feed, feed.canaries)
    wanted = listed_categories(load_rules(feed, root).checks)
    if not wanted:
        raise ConfigError(f"{feed.checks}", "lists no category", "add `kind: coverage` with `expected`")
    dimensions = feed.dimensions
    used = (
        [canary for _, canary in read_canaries(target, registry, dimensions=dimensions)]
        if target.is_file()
        else []
    )
    added = create_rows(registry, wanted, day, used=used, values=feed.canaries.values)
    target.parent.mkdir(parents=True, exist_ok=True)
    with private_file(target) as made:
        made.write_text(format_csv([*read_rows(target), *added]), encoding="utf-8")
    return len(added)
