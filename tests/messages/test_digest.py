"""The daily digest, the test message, and the answer to "why?"."""

from __future__ import annotations

import pytest

from ketenwacht.domain.alerting import Alerting, Route
from ketenwacht.domain.findings.finding import Fingerprint
from ketenwacht.domain.message import Message
from ketenwacht.domain.result import Evidence, Missing, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.messages.compose import FeedDay, compose_digest, compose_test

from .samples import AT, DAY, FEED, PARIS, grouped, how_of, incident

HOW = how_of()


@pytest.mark.parametrize(
    ("sentence", "day", "headline"),
    [
        ("all is well", FeedDay(FEED, HOW, Status.PASSED, 1), "Alles in orde op 24 juni 2022"),
        (
            "not proven is not well",
            FeedDay(FEED, HOW, Status.PASSED, 1, (PARIS,)),
            "Geen problemen op 24 juni 2022, maar",
        ),
        ("unproven is not well", FeedDay(FEED, HOW, Status.UNPROVEN, 1), "Geen problemen op 24 juni 2022, maar"),
        ("a problem is counted", FeedDay(FEED, HOW, Status.FAILED, 1, (), (grouped(),)), "1 incident open op"),
        ("nothing judged is not well", FeedDay(FEED, HOW, None, 0), "Niets beoordeeld op"),
    ],
)
def test_digest(sentence, day, headline):
    (alert,) = compose_digest([day], alerting=Alerting(), day=DAY, used=1, at=AT, head="abc")
    message = Message.from_json(alert.body)
    assert message.headline.startswith(headline)
    assert "Meldingen in zeven dagen: 1; de afspraak is hoogstens 2." in message.lines
    assert "Laatste controlegetal van het logboek: abc" in message.lines


@pytest.mark.parametrize(
    ("sentence", "route", "alerts"),
    [
        ("a route of all feeds takes it", Route(), 1),
        ("a route of this feed takes it", Route(feeds=(FEED.name,)), 1),
        ("a route of another feed does not", Route(feeds=("another",)), 0),
        ("a route without the digest does not", Route(digest=False), 0),
        ("a route of another feed and without the digest does not", Route(feeds=("another",), digest=False), 0),
    ],
)
def test_the_digest_goes_to_the_routes_that_take_it(sentence, route, alerts):
    day = FeedDay(FEED, HOW, Status.PASSED, 1)
    assert len(compose_digest([day], alerting=Alerting(routes=(route,)), day=DAY, used=1, at=AT)) == alerts


def test_the_digest_adds_up_what_misses_and_counts_nobody_twice():
    """The strongest evidence of each part, as the report says: not the largest number of any incident."""
    rome, registers = Fingerprint("f", "volume", Segment((("city", "Rome"),))), Evidence.RECONCILIATION
    there = (
        grouped(incident("a", missing=Missing(DAY, 140.0, 130.0, 150.0)), number=1),
        grouped(
            incident("b", fingerprint=rome, missing=Missing(DAY, 540.0, 530.0, 550.0), evidence=registers),
            incident("c", fingerprint=rome, missing=Missing(DAY, 610.0, 400.0, 800.0)),
            number=2,
        ),
    )
    day = FeedDay(FEED, HOW, Status.FAILED, 1, (), there)
    (alert,) = compose_digest([day], alerting=Alerting(), day=DAY, used=1, at=AT)
    lines = Message.from_json(alert.body).lines
    assert "A to B: in totaal ongeveer 680 ontbreken sinds 24 jun 2022." in lines
    assert "#2 540 personen ontbreken, A → B (Rome 540); niemand heeft dit in behandeling." in lines


def test_a_test_message_names_its_route():
    (alert,) = compose_test(alerting=Alerting(), formatter=HOW, key="1", at=AT)
    assert "'console'" in Message.from_json(alert.body).lines[0]


def lines_of(day):
    (alert,) = compose_digest([day], alerting=Alerting(), day=DAY, used=1, at=AT)
    return Message.from_json(alert.body).lines


def test_a_feed_that_is_proven_names_no_segment():
    assert not [line for line in lines_of(FeedDay(FEED, HOW, Status.PASSED, 1)) if "onbewezen" in line]


@pytest.mark.parametrize(
    ("many", "named", "rest"), [(1, 1, ""), (8, 8, ""), (9, 8, "en nog 1"), (12, 8, "en nog 4")]
)
def test_a_feed_that_is_not_proven_names_eight_segments_and_counts_the_rest(many, named, rest):
    segments = tuple(Segment((("city", f"C{n}"),)) for n in range(many))
    (line,) = (one for one in lines_of(FeedDay(FEED, HOW, Status.UNPROVEN, 1, segments)) if "C0" in one)
    assert [f"C{n}" in line for n in range(many)] == [n < named for n in range(many)]
    assert ("en nog" in line, rest in line) == (bool(rest), True)


@pytest.mark.parametrize(("many", "rest"), [(10, 0), (11, 1), (13, 3)])
def test_a_digest_lists_ten_incidents_and_counts_the_rest(many, rest):
    there = tuple(grouped(incident(str(n)), number=n + 1) for n in range(many))
    lines = lines_of(FeedDay(FEED, HOW, Status.FAILED, 1, (), there))
    assert [n for n in range(1, many + 1) if any(f"#{n} " in line for line in lines)] == list(range(1, 11))
    assert [line for line in lines if "nog" in line and str(rest) in line] or rest == 0
