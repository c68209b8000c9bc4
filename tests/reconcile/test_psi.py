"""The messages of a private intersection, attacked by who holds the key and 100,000 known numbers."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, date, datetime

import duckdb
import numpy as np
import pytest

from ketenwacht.domain.segment import Segment
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.reconcile import Keys
from ketenwacht.reconcile.digest import DigestPersons
from ketenwacht.reconcile.psi import (
    Intersection,
    PsiPersons,
    count_outcome,
    finish_psi,
    make_request,
    make_response,
    name_segments,
)
from ketenwacht.reconcile.psi_files import PsiGroup, PsiTerms

pytestmark = pytest.mark.integration

library = pytest.importorskip("private_set_intersection.python")

KEYS = Keys.parse("2026a:8f3a91c4d2e07b5566a1fe0c9b7d34e2810f6a5bc3d9e8471205b6fa93ce7d18", where="keys")
TOWNS = {0: Segment((("town", "north"),)), 1: Segment((("town", "south"),))}


def terms(**changes):
    given = {
        "feed": "arrivals", "key_id": "2026a", "until": None, "day": date(2024, 3, 4), "side": "delivered",
        "columns": ("town",), "identities": False, "nonce": "0" * 32,
    }  # fmt: skip
    return PsiTerms(**{**given, **changes})


def order(size):
    return np.random.default_rng(1).permutation(size)


def side(numbers):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE people (pseudonym UHUGEINT, decided INTEGER, segment INTEGER)")
    rows = [(int(KEYS.make_pseudonym(str(n)).partition(":")[2][:32], 16), None, n % 2) for n in numbers]
    connection.executemany("INSERT INTO people VALUES (?, ?, ?)", rows)
    return PsiPersons(DigestPersons(connection, "people", "2026a", KEYS), TOWNS)


def exchange(agreed, ours, theirs):
    request, state = make_request(side(ours), agreed, order)
    response = make_response(side(theirs), request, "tag", order)
    return request, response, finish_psi(state, response)


@pytest.mark.parametrize("identities", [False, True])
def test_both_lists_are_counted_for_each_pair_of_segments(identities):
    _, _, found = exchange(terms(identities=identities), range(1, 200), range(100, 400))
    assert [group.persons for group in found.ours] == [99, 100]
    assert found.shared == ((50, 0), (0, 50))
    if identities:
        lacking = {KEYS.make_pseudonym(str(n)).partition(":")[2][:32] for n in range(1, 100)}
        assert set(found.only_ours) == lacking
    else:
        assert found.only_ours is None


def test_nobody_is_found_in_the_messages_with_the_key_and_a_hundred_thousand_known_numbers():
    """Every encoding of a known number that who holds the key can make is looked for in both messages."""
    agreed = terms(identities=True)
    request, response, _ = exchange(agreed, range(1, 300), range(150, 500))
    messages = b"".join((*request.parts, *response.parts))
    windows = {messages[at : at + 8] for at in range(len(messages) - 7)}
    secret = hashlib.sha256  # what the protocol hashes before it goes onto the curve
    pads = KEYS.derive_key("2026a", agreed.purpose)
    tried = 0
    for number in range(100_000):
        text = str(number).encode()
        pseudonym = KEYS.make_pseudonym(str(number)).partition(":")[2]
        element = hashlib.sha256(pads + pseudonym[:32].encode()).hexdigest()[:32]
        for guess in (text.rjust(8, b"0"), bytes.fromhex(pseudonym), pseudonym.encode(), element.encode(),
                      secret(text).digest(), secret(pseudonym[:32].encode()).digest()):  # fmt: skip
            tried += 1
            assert guess[:8] not in windows
    assert tried == 600_000


def test_the_same_persons_give_other_messages_each_time_so_two_exchanges_cannot_be_compared():
    first, second = (exchange(terms(), range(1, 300), range(1, 300))[:2] for _ in range(2))
    for one, other in zip(first, second, strict=True):
        points = [
            {part[at : at + 35] for at in range(0, len(part) - 34, 35)} for part in (one.parts[0], other.parts[0])
        ]
        assert not points[0] & points[1]


def test_in_counts_the_answers_come_in_an_order_that_names_nobody():
    request, state = make_request(side(range(1, 300)), terms(), order)
    response = make_response(side(range(1, 300)), request, "tag", order)
    assert state.parts[1] == b""
    answered = response.parts[:2]
    assert all(request.parts[i] != answered[i] for i in range(2))
    elements = list(library.Response.FromString(answered[0]).encrypted_elements)
    assert elements == sorted(elements)


def test_a_request_that_asks_for_one_person_is_refused():
    request, _ = make_request(side(range(1, 300)), terms(), order)
    message = library.Request.FromString(request.parts[0])
    one = list(message.encrypted_elements)[:1]
    for elements, persons in ((one, 1), (one * 149, 149)):
        forged = library.Request(reveal_intersection=False, encrypted_elements=elements)
        parts = (forged.SerializeToString(), *request.parts[1:])
        groups = (PsiGroup(request.groups[0].segment, persons), *request.groups[1:])
        asked = type(request)(request.schema, request.terms, groups, parts)
        with pytest.raises(UnreadableDelivery, match="would show who it is"):
            make_response(side(range(1, 300)), asked, "tag", order)


@pytest.mark.parametrize("left", [0, 1], ids=["no message", "one message for two groups"])
def test_a_request_with_too_few_messages_is_refused(left):
    request, _ = make_request(side(range(1, 300)), terms(), order)
    asked = type(request)(request.schema, request.terms, request.groups, request.parts[:left])
    with pytest.raises(UnreadableDelivery, match="another number of messages"):
        make_response(side(range(1, 300)), asked, "tag", order)


def test_a_request_with_one_person_in_two_groups_is_refused():
    request, _ = make_request(side(range(1, 300)), terms(), order)
    groups = (request.groups[0], request.groups[0])
    asked = type(request)(request.schema, request.terms, groups, (request.parts[0], request.parts[0]))
    with pytest.raises(UnreadableDelivery, match="would show who it is"):
        make_response(side(range(1, 300)), asked, "tag", order)


@pytest.mark.parametrize(
    ("why", "counts", "named"),
    [
        ("a segment with enough persons has its name", {0: 20, 1: 30}, {0, 1}),
        ("a small one has none, and takes the smallest with it", {0: 20, 1: 30, 2: 3}, {1}),
        ("small ones that are enough together stand alone", {0: 20, 2: 4, 3: 5}, {0}),
        ("all that are too few for a name are one group", {2: 7, 3: 7}, set()),
    ],
)
def test_no_group_holds_one_to_seven_persons(why, counts, named):
    segments = {number: Segment((("town", str(number)),)) for number in range(4)}
    found = name_segments(Counter(counts), segments)
    assert {number for number, segment in found.items() if segment is not None} == named, why
    others = sum(counts[number] for number in counts if number not in named)
    assert others == 0 or others >= 8, why


def test_fewer_than_eight_persons_are_refused():
    with pytest.raises(ConfigError, match="fewer than 8"):
        name_segments({0: 7}, TOWNS)


def test_the_counts_are_those_of_a_reconciliation():
    north, south = TOWNS[0], TOWNS[1]
    delivered = (PsiGroup(north, 100), PsiGroup(south, 60), PsiGroup(None, 9))
    register = (PsiGroup(north, 120), PsiGroup(south, 50))
    found = Intersection(delivered, register, ((90, 5), (3, 40), (2, 4)))
    at = datetime(2024, 3, 5, tzinfo=UTC)
    for agreed, seen in (
        (terms(), found),
        (terms(side="register"), Intersection(register, delivered, tuple(zip(*found.shared, strict=True)))),
    ):
        outcome = count_outcome(agreed, seen, [("town",)], deliveries=3, at=at)
        told = {str(c.segment): (c.registered, c.matched, c.missing, c.extra, c.different) for c in outcome.counts}
        assert told == {
            "whole feed": (170, 144, 26, 25, 8),
            "town=north": (120, 95, 25, 5, 3),
            "town=south": (50, 49, 1, 17, 5),
        }  # fmt: skip
        assert outcome.differences == {"town": 8}
