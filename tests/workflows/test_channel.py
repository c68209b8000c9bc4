"""Six weeks of the feed that lost persons, judged day by day: what stands in the channel, and whether it tells."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest
from replayed import configured

from ketenwacht.domain.message import Message
from ketenwacht.store import History

pytestmark = pytest.mark.e2e
FIRST, LAST = date(2022, 1, 1), date(2022, 2, 12)
WEEKS = 6
GROUPS = ("gezinsmigrant", "asielstatushouder", "overige migrant")


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


def roots(told):
    """The first alert of each topic, and the newest message of it: that is what its root shows."""
    first, newest = {}, {}
    for alert, message in told:
        if alert.kind in {"incident", "recovery"}:
            first.setdefault(alert.topic, alert)
        newest[alert.topic] = message
    return [(alert, newest[topic]) for topic, alert in first.items()]


def test_the_channel_is_quiet_and_tells_the_story(told):  # one test: the replay is what costs
    few_roots(told)
    everybody_is_counted(told)
    threads_tell_how_it_grew(told)
    dutch_is_spoken(told)


def few_roots(told):
    days = Counter(alert.created_at.date() for alert, _ in roots(told))
    assert max(days.values()) == 1, "at most one root message a day"
    assert len(days) / WEEKS < 2
    assert sum(bool(message.changes) for _, message in told) / WEEKS < 4, "in threads and out of them"


def everybody_is_counted(told):
    """Who reads only the roots knows who is missing since when, how that is known, and what to do."""
    problems = [problem for _, message in roots(told) for problem in message.problems if problem.active]
    for group in GROUPS:
        here = [p for p in problems if p.where == f"doelgroep {group}"]
        (counted,) = (p for p in here if p.evidence.startswith("Vergelijking"))
        assert re.match(r"Sinds .*december 2021 ontbreken ongeveer ", counted.what)
        assert "PIP" in counted.meaning
        assert "Vraag IND" in counted.action
    shown = {p.where: p.what for _, message in roots(told) for p in message.problems}
    assert shown == {p.where: p.what for _, message in told for p in message.problems}, "as it was on the last day"


def threads_tell_how_it_grew(told):
    lines = [line for _, message in told for line in message.changes if "gezinsmigrant" in line]
    assert sum("Eerder gemeld" in line for line in lines) >= 2
    assert all(line.split(":")[0].endswith(" 2022") for line in lines), "each with its day"


def dutch_is_spoken(told):
    for _, message in told:
        texts = [message.headline, *message.changes, *(p.what for p in message.problems)]
        assert not [text for text in texts if " persons " in text.replace("obliged persons", "")]
