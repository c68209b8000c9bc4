"""Private set intersection in three steps: ask, respond, finish; the outcome is that of a reconciliation."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ketenwacht.domain.feed import Feed, Register
from ketenwacht.errors import ConfigError, DeliveryError
from ketenwacht.reconcile import KeyColumns, Keys, RegisterFile
from ketenwacht.reconcile.psi import (
    Intersection,
    PsiPersons,
    count_outcome,
    finish_psi,
    load_delivered_side,
    make_request,
    make_response,
    open_register_side,
    write_only_ours,
)
from ketenwacht.reconcile.psi_files import DELIVERED, REGISTER, REQUEST, RESPONSE, STATE, PsiFile, PsiTerms
from ketenwacht.workflows.alerts import send_due
from ketenwacht.workflows.contexts import build_context, synthetic_keys
from ketenwacht.workflows.digests import choose_columns, refuse_other, require_keys
from ketenwacht.workflows.intake import open_intake
from ketenwacht.workflows.measuring import list_here
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.reconciliation import (
    IN_MEMORY,
    ManualReconciliation,
    ReconciliationContext,
    judge_register,
    save_comparison,
)
from ketenwacht.workflows.register_snapshots import RegisterSnapshot
from ketenwacht.workflows.two_sides import judge_counts

_MOST_ASKED = 10
"""A request may hold so many times the persons of the other side, unless that side allows more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PsiOptions:
    """What this side takes part with.

    Attributes:
        register: this side's register; None: what was delivered to the feed.
        key: the columns that identify a person; (): as configured.
        decided: column with the date of decision; None: as configured.
        feed: its name; None: the only one, or none without a project.
        until: leave out who was decided on later; None: nobody, or as the request says.
        day: reference date; None: the newest delivery, today for a register, or as the request says.
        columns: segment columns to count by; (): as the request says, or none.
        identities: whether the requesting side may learn who of its persons is shared.
    """

    register: Path | None = None
    key: tuple[str, ...] = ()
    decided: str | None = None
    feed: str | None = None
    until: date | None = None
    day: date | None = None
    columns: tuple[str, ...] = ()
    identities: bool = False


@dataclass(frozen=True, slots=True)
class WrittenPsi:
    """A file that was written: its terms, size in bytes, and the persons and groups of this side."""

    terms: PsiTerms
    size: int
    persons: int
    groups: int


@dataclass(frozen=True, slots=True)
class OpenSide:
    """One side, opened: the name of the feed, and what gives its persons for agreed terms."""

    feed: str
    key_id: str
    day: date
    load: Callable[[PsiTerms], PsiPersons]


Warn = Callable[[str, str], None]


def request_psi(  # noqa: PLR0913 - this side, two files, and when
    project: LoadedProject | None,
    options: PsiOptions,
    target: Path,
    state: Path,
    *,
    at: datetime,
    on_warning: Warn,
) -> WrittenPsi:
    """Write the request, and the state that this side keeps until the response comes.

    Raises:
        ConfigError: this side's persons cannot be used, or a file cannot be written.
        DeliveryError: there is no delivery.
    """
    keys = require_keys()
    with _open_side(project, options, keys, options.columns, at=at, on_warning=on_warning) as side:
        terms = PsiTerms(
            feed=side.feed,
            key_id=side.key_id,
            until=options.until,
            day=side.day,
            side=DELIVERED if options.register is None else REGISTER,
            columns=options.columns,
            identities=options.identities,
            nonce=secrets.token_hex(16),
        )
        request, kept = make_request(side.load(terms), terms, _shuffle)
    replace(kept, answers=request.make_tag(keys)).write(state, keys)
    request.write(target, keys)
    return _describe_file(request, target)


def respond_psi(  # noqa: PLR0913 - the request, the answer, and this side
    project: LoadedProject | None,
    options: PsiOptions,
    request: Path,
    target: Path,
    *,
    at_most: int | None,
    at: datetime,
    on_warning: Warn,
) -> WrittenPsi:
    """Answer a request with the persons of this side.

    Raises:
        ConfigError: the request is of another feed, key, date or mode, asks for too many persons, or this side's
            persons cannot be used.
        UnreadableDelivery: the request was cut short or changed.
        DeliveryError: there is no delivery.
    """
    keys = require_keys()
    asked, tag = PsiFile.read(request, REQUEST, keys)
    terms = asked.terms
    if (options.register is None) == (terms.side == DELIVERED):
        mend = "give --register" if terms.side == DELIVERED else "leave --register out"
        raise ConfigError(str(request), f"holds the side `{terms.side}`, as this side does", mend)
    if terms.identities and not options.identities:
        what = "asks who is shared, and only counts were agreed"
        raise ConfigError(str(request), what, "give --identities, or ask for a request of counts")
    for name, theirs, ours in (
        ("--until", terms.until, options.until),
        ("--date", terms.day, options.day),
        ("--segments", ",".join(terms.columns), ",".join(options.columns)),
    ):
        refuse_other(name, str(theirs or "none"), str(ours or ""), request)
    with _open_side(project, options, keys, terms.columns, at=at, on_warning=on_warning) as side:
        refuse_other("feed", terms.feed, side.feed, request)
        refuse_other("key", terms.key_id, side.key_id, request)
        persons = side.load(terms)
        _refuse_many(asked, persons, at_most, request)
        response = make_response(persons, asked, tag, _shuffle)
    response.write(target, keys)
    return _describe_file(response, target)


def _refuse_many(asked: PsiFile, side: PsiPersons, at_most: int | None, request: Path) -> None:
    wanted = sum(group.persons for group in asked.groups)
    allowed = at_most if at_most is not None else _MOST_ASKED * side.persons.count(asked.terms.until)
    if wanted > allowed:
        what = f"asks for {wanted} persons, and {allowed} are allowed: whoever asks for many may be guessing"
        raise ConfigError(str(request), what, "ask why, and give --at-most")


def read_state(path: Path) -> PsiTerms:
    """Return what was agreed on, from the state of this side; raises as `PsiFile.read`."""
    return PsiFile.read(path, STATE, require_keys())[0].terms


def _intersect(state: Path, response: Path, target: Path | None) -> tuple[PsiTerms, Intersection]:
    keys = require_keys()
    ours, _ = PsiFile.read(state, STATE, keys)
    theirs, _ = PsiFile.read(response, RESPONSE, keys)
    # A state of an earlier version does not hold the tag of its request.
    if theirs.terms != ours.terms or (ours.answers and theirs.answers != ours.answers):
        # the same feed and date may have been asked for twice
        what = f"answers another request: one of feed {theirs.terms.feed or 'none'}, {theirs.terms.day}"
        raise ConfigError(str(response), what, "name the state that was written with that request")
    found = finish_psi(ours, theirs)
    if target is not None:
        if found.only_ours is None:
            what = "nobody is named: only counts were agreed"
            raise ConfigError(str(target), what, "make the request with --identities")
        write_only_ours(ours.terms, found.only_ours, target)
    return ours.terms, found


def finish_register(state: Path, response: Path, target: Path | None, *, at: datetime) -> ManualReconciliation:
    """Finish on the side of the register: judge by the default check, and keep nothing.

    Args:
        state: of this side.
        response: of the other side.
        target: where the missing persons go; None: nowhere.
        at: now (UTC).

    Raises:
        ConfigError: the response answers another request, or nobody may be named.
        UnreadableDelivery: a file was cut short or changed.
    """
    terms, found = _intersect(state, response, target)
    dimensions = [(name,) for name in terms.columns]
    outcome = count_outcome(terms, found, dimensions, deliveries=0, at=at)
    listed = len(found.only_ours or ()) if target is not None else None
    results = judge_counts(outcome.counts, terms.day, at)
    return ManualReconciliation(terms.feed or "psi", outcome, results, 0, listed_missing=listed)


def finish_delivered(  # noqa: PLR0913 - both files, the list, and what becomes of the outcome
    project: LoadedProject,
    state: Path,
    response: Path,
    target: Path | None,
    *,
    keep: bool,
    who: str,
    at: datetime,
    write: Callable[[str], object],
    on_warning: Warn,
) -> tuple[ManualReconciliation, bool]:
    """Finish on the receiver's side: judge by the feed's checks, keep the counts, and change the incidents.

    Args:
        project: the configuration.
        state: of this side.
        response: of the other side.
        target: where the pseudonyms of extra persons go; None: nowhere.
        keep: whether the history keeps the counts and incidents follow them.
        who: for the audit log.
        at: now (UTC).
        write: called with each alert of a console route.
        on_warning: called with the name of what could not be used, and why.

    Returns:
        The comparison, and whether every alert arrived.

    Raises:
        ConfigError: the response answers another request, or nobody may be named.
        UnreadableDelivery: a file was cut short or changed.
        StoreError: the history cannot be written.
    """
    terms, found = _intersect(state, response, target)
    feed = _with_columns(project.feed(terms.feed or None), terms.columns, None)
    context = replace(build_context(project, feed), feed=feed)
    deliveries = list_here(context, at)
    newest = max((delivery.period for delivery in deliveries), default=terms.day)
    until = tuple(delivery for delivery in deliveries if delivery.period <= terms.day)
    outcome = count_outcome(terms, found, _dimensions(feed, terms.columns), deliveries=len(until), at=at)
    url = None if keep else IN_MEMORY
    with project.history(url) as history, open_intake(project, context, history, on_warning) as intake:
        register = RegisterSnapshot(terms.day)
        sides = ReconciliationContext(project, context, history, intake, until, newest, register, at)
        listed = len(found.only_ours or ()) if target is not None else None
        done = ManualReconciliation(feed.name, outcome, judge_register(sides, outcome), 0, listed_extra=listed)
        if not keep:
            return done, True
        done = save_comparison(sides, done, who=who)
        return done, send_due(project, history, write=write, at=at).delivered


def _dimensions(feed: Feed, columns: Sequence[str]) -> list[tuple[str, ...]]:
    counted = [tuple(dims) for dims in feed.segments if dims and set(dims) <= set(columns)]
    return counted or [(name,) for name in columns]


def _with_columns(feed: Feed, columns: tuple[str, ...], decided: str | None) -> Feed:
    register = feed.evidence.register or Register(path=".", pattern="", decided_column="")
    register = register if decided is None else replace(register, decided_column=decided)
    return replace(
        feed, evidence=replace(feed.evidence, register=replace(register, segments=columns, count_by=()))
    )


@contextmanager
def _open_side(  # noqa: PLR0913 - this side, its keys and columns, and when
    project: LoadedProject | None,
    options: PsiOptions,
    keys: Keys,
    columns: tuple[str, ...],
    *,
    at: datetime,
    on_warning: Warn,
) -> Iterator[OpenSide]:
    named = project.feed(options.feed) if project is not None else None
    if options.register is not None:
        nobody = synthetic_keys(project, named) if project is not None and named is not None else ()
        chosen = choose_columns(named, options.key, options.decided)
        register = RegisterFile(
            path=options.register, columns=KeyColumns(key=chosen.key, decided=chosen.decided, segments=columns)
        )
        with open_register_side(register, keys, excluded=nobody) as persons:
            feed = named.name if named is not None else options.feed or ""
            yield OpenSide(feed, persons.persons.key_id, options.day or at.date(), lambda _: persons)
        return
    if project is None or named is None or not named.key_columns:
        raise ConfigError("psi", "nothing says whose persons these are", "give --register, or a feed with a key")
    feed_of = _with_columns(named, columns, options.decided)
    context = replace(build_context(project, feed_of), feed=feed_of)
    found = list_here(context, at)
    if not found:
        raise DeliveryError(f"{named.name}: there is no delivery to compare")
    day = options.day or max(delivery.period for delivery in found)
    newest = feed_of.evidence.register is not None and feed_of.evidence.register.values == "newest"
    with project.history(IN_MEMORY) as nowhere, open_intake(project, context, nowhere, on_warning) as intake:
        delivered = intake.keys_until(day, found, at)
        key_id = keys.newest if keys.newest in delivered.key_ids else next(iter(delivered.key_ids), keys.newest)

        def load(terms: PsiTerms) -> PsiPersons:
            return load_delivered_side(delivered, terms, keys, newest=newest)

        yield OpenSide(named.name, key_id, day, load)


def _shuffle(size: int) -> NDArray[np.int64]:
    return np.random.default_rng(secrets.randbits(128)).permutation(size)


def _describe_file(made: PsiFile, path: Path) -> WrittenPsi:
    persons = sum(group.persons for group in made.groups)
    return WrittenPsi(made.terms, path.stat().st_size, persons, len(made.groups))
