"""Private set intersection: both sides learn how many persons they share, and neither can read the other's list.

The requesting side blinds its persons with a secret of its own (a point on P-256 a person). The responding side
blinds these once more, and adds its own persons, blinded with its own secret. The requesting side takes its secret
off again and compares. Both lists are divided by segment, so that the shared persons are counted for each pair of
segments: these counts give the figures of a reconciliation.

Method: De Cristofaro and Tsudik, *Practical Private Set Intersection Protocols*, FC 2010, after Meadows 1986; the
elliptic curve and the compressed sets are those of `openmined.psi`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import numpy as np
from numpy.typing import NDArray

from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.plugins import install_command
from ketenwacht.processes import count_cores

from .compare import ReconciliationOutcome
from .delivered import DeliveredKeys
from .digest import LEAST_PERSONS, DigestPersons
from .lists import hex_sql
from .psi_files import DELIVERED, REQUEST, RESPONSE, STATE, PsiFile, PsiGroup, PsiTerms
from .register import RegisterFile, load_register
from .survey import ABSENT
from .tables import private_file

if TYPE_CHECKING:
    from .keys import Keys

FALSE_POSITIVES = 1e-9
"""Chance that one comparison of two lists counts a person too many."""
_PSEUDONYM_BYTES = 16

Item = TypeVar("Item")
Made = TypeVar("Made")
Shuffle = Callable[[int], NDArray[np.int64]]
"""Returns a random order of n places."""


@dataclass(frozen=True, slots=True)
class PsiPersons:
    """The persons of one side, each once, with the segments that they are in.

    Attributes:
        persons: a relation with `pseudonym`, `decided` and `segment`.
        segments: the segment of each number in the relation.
    """

    persons: DigestPersons
    segments: Mapping[int, Segment]

    def read_groups(self, terms: PsiTerms, shuffle: Shuffle) -> tuple[PsiMembers, ...]:
        """Return the persons by segment, in no order.

        Raises:
            ConfigError: they are too few.
        """
        selected, parameters = self.persons.select_elements(terms.until, terms.purpose)
        found = self.persons.connection.execute(
            f"SELECT element, segment, {hex_sql('pseudonym')} AS pseudonym "  # noqa: S608 - our own names
            f"FROM {selected} JOIN {self.persons.relation} USING (pseudonym)",
            parameters,
        ).fetchnumpy()
        numbers = np.asarray(found["segment"], dtype=np.int64)
        order = shuffle(len(numbers))
        groups: dict[Segment | None, list[int]] = {}
        named = name_segments(Counter(numbers.tolist()), self.segments)
        for place in order.tolist():
            groups.setdefault(named[int(numbers[place])], []).append(place)
        elements, pseudonyms = found["element"], found["pseudonym"]
        return tuple(
            PsiMembers(
                PsiGroup(segment, len(groups[segment])),
                tuple(str(elements[place]) for place in groups[segment]),
                tuple(str(pseudonyms[place]) for place in groups[segment]),
            )
            for segment in sorted(groups, key=lambda one: (one is None, one or WHOLE))
        )


@dataclass(frozen=True, slots=True)
class PsiMembers:
    """The persons of one group: what the protocol compares, and their pseudonyms, in the same order."""

    group: PsiGroup
    elements: tuple[str, ...] = field(repr=False)
    pseudonyms: tuple[str, ...] = field(repr=False)


def name_segments(counts: Mapping[int, int], segments: Mapping[int, Segment]) -> dict[int, Segment | None]:
    """Return the group of each segment: itself, or None where it holds fewer than `LEAST_PERSONS`.

    The persons of unnamed segments are one group, which holds enough persons too: the smallest named segment joins
    it until it does.

    Raises:
        ConfigError: all persons together are too few.
    """
    if sum(counts.values()) < LEAST_PERSONS:
        what = f"fewer than {LEAST_PERSONS} persons would show who they are"
        raise ConfigError("psi", what, "compare by list, or a longer period")
    absent = {number for number in counts if any(value == ABSENT for _, value in segments[number].pairs)}
    named = sorted((n for n in counts if counts[n] >= LEAST_PERSONS and n not in absent), key=lambda n: -counts[n])
    others = sum(counts[number] for number in counts if number not in named)
    while 0 < others < LEAST_PERSONS:
        others += counts[named.pop()]
    return {number: segments[number] if number in named else None for number in counts}


@contextmanager
def open_register_side(
    register: RegisterFile, keys: Keys, *, excluded: Sequence[str] = ()
) -> Iterator[PsiPersons]:
    """Open the sender's persons with their segments, without the clear keys in `excluded`.

    Raises:
        ConfigError: the register cannot be used.
        UnreadableDelivery: it cannot be parsed.
    """
    with DeliveredKeys(register.columns, keys, excluded=excluded) as empty:
        loaded = load_register(empty, register)
        empty.connection.execute(
            "CREATE TABLE psi_persons AS SELECT pseudonym, min(decided) AS decided, "
            "arg_max(segment, coalesce(decided, -1)) AS segment FROM register GROUP BY pseudonym"
        )
        yield _name_persons(empty, loaded.key_id, keys)


def load_delivered_side(delivered: DeliveredKeys, terms: PsiTerms, keys: Keys, *, newest: bool) -> PsiPersons:
    """Return everybody delivered up to the reference date and not withdrawn, with their segments.

    Args:
        delivered: the keys of all deliveries.
        terms: of the intersection.
        keys: to make what is compared with.
        newest: whether the newest record of a person gives the segment; else the first.

    Raises:
        ConfigError: no delivery is signed with the key of the terms.
    """
    if terms.key_id not in delivered.key_ids:
        raise ConfigError(f"key {terms.key_id}", "signs no delivery", "name one of the keys")
    delivered.connection.execute(
        "CREATE OR REPLACE TABLE psi_persons AS SELECT pseudonym, min(decided) AS decided, "  # noqa: S608 - our own names
        f"arg_max(segment, {'newest' if newest else 'oldest'}) AS segment "
        f"FROM {delivered.events_sql(terms.key_id, terms.day)} "
        "GROUP BY pseudonym HAVING NOT arg_max(withdrawn, newest)"
    )
    if delivered.segments.renew(terms.day):
        delivered.connection.execute(
            "UPDATE psi_persons SET segment = renewed.new FROM renewed WHERE renewed.old = segment"
        )
    return _name_persons(delivered, terms.key_id, keys)


def _name_persons(side: DeliveredKeys, key_id: str, keys: Keys) -> PsiPersons:
    if key_id not in keys:
        what = "is not among the keys, and nothing can be compared without it"
        raise ConfigError(f"key {key_id}", what, "add the key with this id to the key file")
    found = side.connection.execute("SELECT * FROM segment").fetchall()
    columns = side.columns.segments
    segments = {int(row[0]): Segment(tuple(zip(columns, row[1:], strict=True))) for row in found}
    return PsiPersons(DigestPersons(side.connection, "psi_persons", key_id, keys), segments)


# The three steps of the protocol.


def make_request(side: PsiPersons, terms: PsiTerms, shuffle: Shuffle) -> tuple[PsiFile, PsiFile]:
    """Return the request, and the state that the requesting side keeps for `finish_psi`.

    Raises:
        ConfigError: the library is not installed, or there are too few persons.
    """
    library, members = _library(), side.read_groups(terms, shuffle)
    secret = library.client.CreateWithNewKey(terms.identities).GetPrivateKeyBytes()

    def blind(one: PsiMembers) -> bytes:
        asking = library.client.CreateFromKey(secret, terms.identities)
        return bytes(asking.CreateRequest(list(one.elements)).SerializeToString())

    parts = tuple(_map_in_threads(blind, members, [one.group.persons for one in members]))
    groups = tuple(one.group for one in members)
    kept = b"".join(bytes.fromhex(name) for one in members for name in one.pseudonyms) if terms.identities else b""
    state = PsiFile(STATE, terms, groups, (secret, kept))
    return PsiFile(REQUEST, terms, groups, parts), state


def make_response(side: PsiPersons, request: PsiFile, tag: str, shuffle: Shuffle) -> PsiFile:
    """Return the response to a request.

    Raises:
        ConfigError: the library is not installed, or there are too few persons.
        UnreadableDelivery: the request is malformed, or a group of it is too small.
    """
    library, terms = _library(), request.terms
    if not request.groups or len(request.parts) != len(request.groups):
        raise UnreadableDelivery("the request: holds another number of messages than its head says")
    asked = [_parse(library.Request, part) for part in request.parts]
    points: set[bytes] = set()
    wanted = 0
    for group, message in zip(request.groups, asked, strict=True):
        elements = list(message.encrypted_elements)
        points.update(elements)
        wanted += len(elements)
        # a person in two groups is one too: the difference of their counts would tell who is shared
        if len(elements) < LEAST_PERSONS or len(points) != wanted or len(elements) != group.persons:
            what = f"a group of fewer than {LEAST_PERSONS} persons, or with one twice, would show who it is"
            raise UnreadableDelivery(f"the request: {what}")
    members = side.read_groups(terms, shuffle)
    secret = library.server.CreateWithNewKey(terms.identities).GetPrivateKeyBytes()
    most = max(group.persons for group in request.groups)

    def answer(message: Any) -> bytes:  # noqa: ANN401 - the library has no types
        answering = library.server.CreateFromKey(secret, terms.identities)
        return bytes(answering.ProcessRequest(message).SerializeToString())

    def blind(one: PsiMembers) -> bytes:
        answering = library.server.CreateFromKey(secret, terms.identities)
        made = answering.CreateSetupMessage(FALSE_POSITIVES, most, list(one.elements), library.DataStructure.GCS)
        return bytes(made.SerializeToString())

    with _hide_values("the request"):
        parts = _map_in_threads(answer, asked, [group.persons for group in request.groups])
        parts += _map_in_threads(blind, members, [one.group.persons for one in members])
    return PsiFile(RESPONSE, terms, tuple(one.group for one in members), tuple(parts), tag)


@dataclass(frozen=True, slots=True)
class Intersection:
    """What the requesting side learns.

    Attributes:
        ours: the groups of the requesting side.
        theirs: those of the other side.
        shared: persons in both, by group of ours and of theirs.
        only_ours: pseudonyms (32 hex digits) of persons of ours that they lack; None: only counts were agreed.
    """

    ours: tuple[PsiGroup, ...]
    theirs: tuple[PsiGroup, ...]
    shared: tuple[tuple[int, ...], ...]
    only_ours: tuple[str, ...] | None = field(default=None, repr=False)


def finish_psi(state: PsiFile, response: PsiFile) -> Intersection:
    """Compare, with the secret in the state.

    Raises:
        ConfigError: the library is not installed.
        UnreadableDelivery: the response does not hold what it should.
    """
    library, groups = _library(), state.groups
    if len(response.parts) != len(groups) + len(response.groups):
        raise UnreadableDelivery("the response: holds another number of messages than its head says")
    answers = [_parse(library.Response, part) for part in response.parts[: len(groups)]]
    setups = [_parse(library.ServerSetup, part) for part in response.parts[len(groups) :]]
    for group, answer in zip(groups, answers, strict=True):
        if len(answer.encrypted_elements) != group.persons:
            raise UnreadableDelivery("the response: answers for another number of persons than were asked for")
    secret, identities = state.parts[0], state.terms.identities

    def compare(pair: tuple[Any, Any]) -> Any:  # noqa: ANN401 - as above
        answer, setup = pair
        asking = library.client.CreateFromKey(secret, identities)
        found = asking.GetIntersection if identities else asking.GetIntersectionSize
        return found(setup, answer)

    pairs = [(answer, setup) for answer in answers for setup in setups]
    with _hide_values("the response"):
        found = _map_in_threads(compare, pairs, [group.persons for group in groups for _ in setups])
    by_group = [found[place : place + len(setups)] for place in range(0, len(found), len(setups))]
    if not identities:
        return Intersection(groups, response.groups, tuple(tuple(map(int, each)) for each in by_group))
    shared = tuple(tuple(map(len, each)) for each in by_group)
    return Intersection(groups, response.groups, shared, tuple(_find_only_ours(state, by_group)))


def _find_only_ours(state: PsiFile, found: Sequence[Sequence[Iterable[int]]]) -> list[str]:
    """Return the pseudonyms of those in no group of the other side; `found` are places of the shared in ours."""
    kept, start, only_ours = state.parts[1], 0, []
    for group, shared in zip(state.groups, found, strict=True):
        for place in sorted(set(range(group.persons)).difference(*shared)):
            at = (start + place) * _PSEUDONYM_BYTES
            only_ours.append(kept[at : at + _PSEUDONYM_BYTES].hex())
        start += group.persons
    return sorted(only_ours)


def write_only_ours(terms: PsiTerms, pseudonyms: Sequence[str], target: Path) -> None:
    """Write the persons that the other side lacks to a CSV of mode 0600, as `lookup` reads it."""
    with private_file(target) as partial:
        lines = ["pseudonym", *(f"{terms.key_id}:{one}" for one in pseudonyms)]
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")


# From shared persons to the figures of a reconciliation.


def count_outcome(
    terms: PsiTerms, found: Intersection, dimensions: Sequence[tuple[str, ...]], *, deliveries: int, at: datetime
) -> ReconciliationOutcome:
    """Return the counts of a comparison, for the whole feed and by segment.

    Nobody is pending or late: who was decided on after `until` is left out on both sides, and no dates count.

    Args:
        terms: of the intersection.
        found: what the requesting side learnt.
        dimensions: to count by, besides the whole feed.
        deliveries: that counted; 0 on the sender's side.
        at: now (UTC).
    """
    delivered, registered, shared = found.ours, found.theirs, found.shared
    if terms.side != DELIVERED:
        delivered, registered, shared = registered, delivered, tuple(zip(*found.shared, strict=True))
    pairs = {
        (d.segment, r.segment): shared[i][j] for i, d in enumerate(delivered) for j, r in enumerate(registered)
    }
    sides: _Sides = {"delivered": delivered, "registered": registered, "pairs": pairs, "at": at}
    counts = [_count_segment(terms, WHOLE, **sides)]
    for names in dict.fromkeys(dims for dims in dimensions if dims and set(dims) <= set(terms.columns)):
        named = {g.segment.project(names) for g in (*delivered, *registered) if g.segment is not None}
        found_in = (_count_segment(terms, one, **sides) for one in sorted(named))
        counts += [count for count in found_in if count.registered or count.extra]
    return ReconciliationOutcome(
        register_date=terms.day,
        counts=tuple(counts),
        late=None,
        overdue=None,
        differences=_count_differences(terms, pairs),
        backlog=(),
        key_id=terms.key_id,
        duplicates=0,
        undated=0,
        register_without_key=0,
        delivered_without_key=0,
        deliveries=deliveries,
    )


Pairs = Mapping[tuple[Segment | None, Segment | None], int]
"""Persons on both sides, by the segment that they were delivered as and that of the register."""


class _Sides(TypedDict):
    """Both sides of an intersection, and when they were compared."""

    delivered: Sequence[PsiGroup]
    registered: Sequence[PsiGroup]
    pairs: Pairs
    at: datetime


def _count_segment(  # noqa: PLR0913 - both sides of one segment, and when
    terms: PsiTerms,
    segment: Segment,
    *,
    delivered: Sequence[PsiGroup],
    registered: Sequence[PsiGroup],
    pairs: Pairs,
    at: datetime,
) -> ReconciliationCount:
    expected = sum(group.persons for group in registered if _holds(segment, group.segment))
    arrived = sum(group.persons for group in delivered if _holds(segment, group.segment))
    matched = sum(n for (_, there), n in pairs.items() if _holds(segment, there))
    known = sum(n for (here, _), n in pairs.items() if _holds(segment, here))
    different = sum(
        n
        for (here, there), n in pairs.items()
        if _holds(segment, there) and here is not None and there is not None and here != there
    )
    return ReconciliationCount(
        register_date=terms.day,
        at=at,
        segment=segment,
        registered=expected,
        matched=matched,
        missing=max(expected - matched, 0),
        pending=0,
        late=0,
        extra=max(arrived - known, 0),
        different=different,
    )


def _holds(segment: Segment, group: Segment | None) -> bool:
    return segment == WHOLE if group is None else segment.contains(group)


def _count_differences(terms: PsiTerms, pairs: Pairs) -> dict[str, int]:
    found: dict[str, int] = dict.fromkeys(terms.columns, 0)
    for (here, there), persons in pairs.items():
        if here is not None and there is not None:
            for name in terms.columns:
                found[name] += persons if here.as_dict()[name] != there.as_dict()[name] else 0
    return found


# The library, and its errors.


def _library() -> Any:  # noqa: ANN401 - the library has no types
    """Return `openmined.psi`.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import private_set_intersection.python as library
    except ImportError:
        what = "needs a library that is not installed"
        raise ConfigError("psi", what, f"{install_command('psi')} (Linux, x86-64)") from None
    return library


def _map_in_threads(make: Callable[[Item], Made], items: Sequence[Item], sizes: Sequence[int]) -> list[Made]:
    """Return what `make` makes of each item, in order, on all cores; the largest begin first.

    The library lets other threads run while it computes. An object of it must not be shared between them.
    """
    order = sorted(range(len(items)), key=lambda place: -sizes[place])
    with ThreadPoolExecutor(count_cores()) as pool:
        waiting = {place: pool.submit(make, items[place]) for place in order}
        return [waiting[place].result() for place in range(len(items))]


def _parse(message: Any, content: bytes) -> Any:  # noqa: ANN401 - the library has no types
    from google.protobuf.message import DecodeError

    try:
        return message.FromString(content)
    except DecodeError:
        raise UnreadableDelivery("a message of the intersection cannot be read") from None


@contextmanager
def _hide_values(where: str) -> Iterator[None]:
    """Replace errors of the library, which may quote what it was given.

    Raises:
        UnreadableDelivery: the library raised an error.
    """
    try:
        yield
    except (RuntimeError, ValueError, TypeError) as fault:
        raise UnreadableDelivery(f"{where}: cannot be used ({type(fault).__name__})") from None
