"""Make what sender and receiver exchange: digests of either side, and the list of canaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.check_traits import listed_categories
from ketenwacht.domain.feed import Feed, Register
from ketenwacht.errors import ConfigError, DeliveryError
from ketenwacht.reconcile import (
    BucketDigest,
    BucketName,
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
from ketenwacht.workflows.contexts import build_context
from ketenwacht.workflows.intake import open_intake
from ketenwacht.workflows.measuring import list_here
from ketenwacht.workflows.project import LoadedProject


@dataclass(frozen=True, slots=True)
class DigestOptions:
    """What to make of one side's persons.

    Attributes:
        target: where the digest goes; None: none is written.
        members: where the pseudonyms in `within` go; None: nowhere.
        until: leave out who was decided on later.
        bits: 2^bits buckets; None: as many as are safe.
        within: only these buckets of an earlier digest.
        feed: its name; empty: the digest names none.
        decided: column of the deliveries with the date of decision; None: as configured.
    """

    target: Path | None
    members: Path | None = None
    until: date | None = None
    bits: int | None = None
    within: tuple[BucketName, ...] = ()
    feed: str = ""
    decided: str | None = None


def require_keys() -> Keys:
    """Return the keys that both parties hold.

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


def refuse_other(what: str, theirs: str, expected: str, path: Path) -> None:
    """Raise ConfigError when a file of the other side is of something else than expected; "" expects nothing."""
    if theirs and expected and theirs != expected:
        raise ConfigError(
            str(path), f"is of {what} {theirs}, and {expected} was expected", "ask for the right file"
        )


def choose_columns(feed: Feed | None, key: Sequence[str], decided: str | None) -> KeyColumns:
    """Return the columns of a register: as asked, else as configured.

    Raises:
        ConfigError: nothing says which column identifies a person.
    """
    register = feed.evidence.register if feed is not None else None
    chosen = tuple(key) or (feed.key_columns if feed is not None else ())
    if not chosen:
        raise ConfigError("--key", "nothing says which column identifies a person", "give --key COLUMN")
    configured = register.decided_column if register is not None else None
    return KeyColumns(key=chosen, decided=decided if decided is not None else configured)


def digest_register(
    path: Path, columns: KeyColumns, options: DigestOptions, *, nobody: Sequence[str] = ()
) -> BucketDigest | None:
    """Digest a register, without its synthetic persons: the sender's side.

    Raises:
        ConfigError: the register cannot be used, or so many buckets would show single persons.
        UnreadableDelivery: it is not what it claims to be.
    """
    register = RegisterFile(path=path, columns=columns)
    with open_registered_persons(register, require_keys(), excluded=nobody) as persons:
        return _write_digest(persons, options)


def digest_deliveries(
    project: LoadedProject,
    feed: str | None,
    options: DigestOptions,
    *,
    at: datetime,
    on_warning: Callable[[str, str], None],
) -> BucketDigest | None:
    """Digest everything that was delivered: the receiver's side.

    Raises:
        ConfigError: the feed has no key, or so many buckets would show single persons.
        DeliveryError: there is no delivery.
    """
    side = open_delivered_side(project, feed, at=at, on_warning=on_warning, decided=options.decided)
    with side as (name, persons):
        return _write_digest(persons, replace(options, feed=name))


@contextmanager
def open_delivered_side(
    project: LoadedProject,
    feed: str | None,
    *,
    at: datetime,
    on_warning: Callable[[str, str], None],
    decided: str | None = None,
) -> Iterator[tuple[str, DigestPersons]]:
    """Open everybody who was delivered, with the name of the feed.

    Args:
        project: that has the feed.
        feed: its name; None: the only one.
        at: when this is asked.
        on_warning: takes the subject and text of each warning.
        decided: column of the deliveries with the date of decision; None: as configured.

    Raises:
        ConfigError: the feed has no key, or the key file does not sign it.
        DeliveryError: there is no delivery.
    """
    require_keys()
    named = project.feed(feed)
    register = named.evidence.register or Register(path=".", pattern="", decided_column="")
    if named.key_columns:
        register = register if decided is None else replace(register, decided_column=decided)
        named = replace(named, evidence=replace(named.evidence, register=register))
    context = replace(build_context(project, named), feed=named)
    found = list_here(context, at)
    if not found:
        raise DeliveryError(f"{named.name}: there is no delivery to digest")
    newest = max(delivery.period for delivery in found)
    with project.history("sqlite://") as nowhere, open_intake(project, context, nowhere, on_warning) as intake:
        yield named.name, load_delivered_persons(intake.keys_until(newest, found, at), newest)


def _write_digest(persons: DigestPersons, options: DigestOptions) -> BucketDigest | None:
    if options.members is not None:
        if not options.within:
            raise ConfigError("--members", "no bucket is named, and nobody else is written", "give --within")
        write_members(persons, options.within, target=options.members, decided_until=options.until)
    if options.target is None:
        return None
    digest = digest_of(
        persons,
        bits=options.bits,
        decided_until=options.until,
        within=options.within,
        feed=options.feed,
    )
    digest.write(options.target)
    return digest


# Synthetic persons: writing them for the sender, and telling them apart at the receiver.


def write_canaries(feed: Feed, root: Path, day: date, target: Path) -> int:
    """Add one record for each category that coverage checks expect to a list of canaries; make the file if needed.

    Args:
        feed: as configured.
        root: folder of config.yaml.
        day: fictional decision date of the synthetic persons.
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
    categories = listed_categories(load_rules(feed, root).checks)
    if not categories:
        raise ConfigError(f"{feed.checks}", "lists no category", "add `kind: coverage` with `expected`")
    dimensions = feed.dimensions
    used = (
        [canary for _, canary in read_canaries(target, registry, dimensions=dimensions)]
        if target.is_file()
        else []
    )
    added = create_rows(registry, categories, day, used=used, values=feed.canaries.values)
    target.parent.mkdir(parents=True, exist_ok=True)
    with private_file(target) as made:
        made.write_text(format_csv([*read_rows(target), *added]), encoding="utf-8")
    return len(added)
