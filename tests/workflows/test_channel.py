"""Six weeks of the feed that lost persons, judged day by day: one root message, and whether it tells."""

from __future__ import annotations

from datetime import date

import pytest
from replayed import configured

from ketenwacht.domain.message import Message
from ketenwacht.store import History

pytestmark = pytest.mark.e2e
FIRST, LAST = date(2022, 1, 1), date(2022, 2, 12)
WEEKS = 6
TOPIC = "incident/1"


@pytest.fixture
def told(tmp_path):
    """Every alert, with its message."""
    place = configured(tmp_path)
    span = ("--from", f"{FIRST}", "--to", f"{LAST}")
    out = str(place.root / "var/sample")
    assert place("simulate", out, *span, "--seed", "3", "--scenario", "incident-2022").code == 0
    assert place("--set", "alerts.language=nl", "replay", *span).code == 1
    with History.open(f"sqlite:///{place.replayed}", create=False) as history:
        return [(one.alert, Message.from_json(one.alert.body)) for one in history.outbox.find()]


def test_the_channel_is_quiet_and_tells_the_story(told):  # one test: the replay is what costs
    three_lost_groups_are_one_root(told)
    the_root_says_who_is_missing(told)
    the_thread_tells_how_it_grew(told)
    dutch_is_spoken(told)


def three_lost_groups_are_one_root(told):
    assert {alert.topic for alert, _ in told} == {TOPIC}
    assert {message.problems[0].incident for _, message in told} == {"1"}
    assert {alert.kind for alert, _ in told} == {"incident", "update"}, (
        "nothing recovers while persons are missing"
    )
    assert [message.changes != () for _, message in told] == [alert.kind == "incident" for alert, _ in told]
    heard = [alert.created_at.date() for alert, message in told if message.changes]
    assert len(set(heard)) == len(heard), "once a day at most"
    assert len(heard) / WEEKS < 1


def the_root_says_who_is_missing(told):
    """Who reads only the root knows who is missing since when, how that is known, and what to do."""
    _, root = told[-1]
    assert root.headline == (
        "170 personen ontbreken, IND → DUO (gezinsmigrant 110 · overige migrant 30 · asielstatushouder 30)"
    )
    (problem,) = root.problems
    answers = dict(problem.answers)
    assert (problem.active, problem.severity, problem.what) == (True, "hoog", "170 personen ontbreken")
    assert answers["Sinds"] == "de week van 27 dec 2021"
    assert answers["Hoe zeker"].startswith("zeker (register van 11 feb 2022)")
    assert answers["Oorzaak"].startswith(
        "Waarschijnlijk: er kwam nooit iemand met verblijfsdoel A14, G24, G25 of O33"
    )
    assert "PIP" in answers["Betekenis"]
    assert answers["Nu doen"].startswith("Geef IND de lijst met ontbrekende sleutels")
    assert "IND" in answers["Wie"]


def the_thread_tells_how_it_grew(told):
    assert [line for _, message in told for line in message.changes] == [
        "10 januari 2022: Nieuw: 2 categorieën ontbreken: G24 · G25.",
        "22 januari 2022: Nu: 50 personen ontbreken.",
        "29 januari 2022: Nu: 90 personen ontbreken (eerder gemeld: 50).",
        "31 januari 2022: Ernstiger, nu hoog: 120 personen ontbreken (eerder gemeld: 90).",
    ]


def dutch_is_spoken(told):
    for _, message in told:
        answers = [text for p in message.problems for answer in p.answers for text in answer]
        texts = [message.headline, *message.changes, *(p.what for p in message.problems), *answers]
        assert not [text for text in texts if " persons " in text or "missing" in text]
