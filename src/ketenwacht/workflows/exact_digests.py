"""Exchange exact digests: write one, answer one, and write one with more cells."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ketenwacht.errors import ConfigError
from ketenwacht.reconcile import (
    DigestPersons,
    KeyColumns,
    RegisterFile,
    open_registered_persons,
)
from ketenwacht.reconcile.exact import (
    NONCE_BYTES,
    ExactDifference,
    ExactDigest,
    ExactTerms,
    SparseCellError,
    choose_cells,
    compare_exact,
    make_exact,
    write_extra_ids,
    write_ids,
)
from ketenwacht.workflows.digests import refuse_other, require_keys

_TRIES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactOptions:
    """What to do with an exact digest.

    Attributes:
        target: where a new digest goes; None: `against` is answered instead.
        feed: name of the feed, the same on both sides; empty: not named.
        until: leave out who was decided on later.
        expected: persons in whom the sides may differ; None: as many as are safe.
        extends: an earlier digest of this side that had too few cells: the new one has its nonce.
        against: the digest of the other side.
        missing: where the ids of those only the other side has go.
        extra: where the pseudonyms of those only this side has go.
    """

    target: Path | None = None
    feed: str = ""
    until: date | None = None
    expected: int | None = None
    extends: Path | None = None
    against: Path | None = None
    missing: Path | None = None
    extra: Path | None = None


@dataclass(frozen=True, slots=True)
class WrittenDigest:
    """A digest that was written: its cells, bytes and key."""

    cells: int
    size: int
    key_id: str


def write_exact(persons: DigestPersons, options: ExactOptions, target: Path) -> WrittenDigest:
    """Write the exact digest of this side.

    Raises:
        ConfigError: too many cells for so few persons, or the persons changed since the digest that it extends.
    """
    before = ExactDigest.read(options.extends, require_keys()) if options.extends is not None else None
    until = before.terms.until if before is not None else options.until
    terms = ExactTerms(options.feed, persons.key_id, until, secrets.token_hex(NONCE_BYTES))
    cells = choose_cells(persons.count(until), options.expected)
    made = _extend(persons, before, cells) if before is not None else _make_dense(persons, terms, cells)
    return WrittenDigest(cells, made.write(target, require_keys()), persons.key_id)


def _make_dense(persons: DigestPersons, terms: ExactTerms, cells: int) -> ExactDigest:
    for _ in range(_TRIES):
        try:
            return make_exact(persons, replace(terms, nonce=secrets.token_hex(NONCE_BYTES)), cells)
        except SparseCellError:
            continue
    raise ConfigError("--expect", "a cell would hold fewer than five persons", "expect a smaller difference")


def _extend(persons: DigestPersons, before: ExactDigest, cells: int) -> ExactDigest:
    if cells <= len(before.sketch.ids):
        raise ConfigError("--extends", f"has {len(before.sketch.ids)} cells already", "give a larger --expect")
    try:
        made = make_exact(persons, before.terms, cells)
    except SparseCellError:
        raise ConfigError(
            "--extends", "a cell would hold fewer than five persons", "write a new digest without --extends"
        ) from None
    # The first cells of the same persons are the same; those of others could be subtracted.
    if made.sketch.to_bytes()[: len(before.sketch.to_bytes())] != before.sketch.to_bytes():
        what = "is a digest of other persons than there are now"
        raise ConfigError("--extends", what, "write a new digest without --extends")
    return made


def answer_exact(persons: DigestPersons, options: ExactOptions, against: Path) -> ExactDifference:
    """Compare this side with the digest of the other side, and write the requested lists.

    Raises:
        ConfigError: the digest is of another feed, key or date.
        UnreadableDelivery: it was cut short or changed.
    """
    theirs = ExactDigest.read(against, require_keys())
    refuse_other("feed", theirs.terms.feed, options.feed, against)
    refuse_other("key", theirs.terms.key_id, persons.key_id, against)
    if options.until is not None:
        refuse_other("--until", str(theirs.terms.until or "none"), str(options.until), against)
    found = compare_exact(persons, theirs)
    if options.missing is not None:
        write_ids(theirs.terms, found.missing, options.missing)
    if options.extra is not None:
        write_extra_ids(persons, theirs.terms, found.extra, options.extra)
    return found


@contextmanager
def open_register_side(path: Path, columns: KeyColumns, *, nobody: Sequence[str] = ()) -> Iterator[DigestPersons]:
    """Open the persons of a register, without its synthetic ones; raises as `open_registered_persons`."""
    register = RegisterFile(path=path, columns=columns)
    with open_registered_persons(register, require_keys(), excluded=nobody) as persons:
        yield persons
