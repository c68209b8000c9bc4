"""What stands in a message about an incident, and which messages there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ketenwacht.domain.alerting import Alerting, FeedNotes, Route, SlackTarget
from ketenwacht.domain.catchup import PLAN_CLOCK, Impact, Running
from ketenwacht.domain.findings.finding import Fingerprint, Nature, State
from ketenwacht.domain.incidents.changes import IncidentReason
from ketenwacht.domain.incidents.notices import IncidentNotice
from ketenwacht.domain.message import Message
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Statement
from ketenwacht.messages.compose_incidents import compose_summary
from ketenwacht.messages.texts.notices import CHANGED

from .samples import AT, DAY, FEED, FOUND, PARIS, composed, grouped, how_of, incident, told

REGISTER = Evidence.RECONCILIATION
ROME = Segment((("city", "Rome"),))


def counted(name, segment, persons, **changes):
    missing = Missing(date(2022, 5, 30), persons, persons, persons)
    fields = {"evidence": REGISTER, "missing": missing, **changes}
    return incident(name, fingerprint=Fingerprint("f", "reconciliation", segment), **fields)


def opened(*findings, **known):
    return IncidentNotice(grouped(*findings, **known), IncidentReason.OPENED)


def answers(message):
    (problem,) = message.problems
    return dict(problem.answers)


def test_the_title_is_what_a_phone_shows():
    (message,) = told(opened(counted("a", PARIS, 540), counted("b", ROME, 340)))
    assert message.headline == "880 personen ontbreken, A → B (Paris 540 · Rome 340)"
    assert str(DAY.year) not in message.headline
    assert message.topic == "incident/7"


def test_the_answers_stand_in_the_order_of_a_reader():
    (message,) = told(opened(counted("a", PARIS, 540)))
    assert list(answers(message)) == ["Sinds", "Hoe zeker", "Betekenis", "Nu doen", "Wie", "Meer details"]
    assert answers(message)["Hoe zeker"].startswith("zeker (register van")
    assert answers(message)["Wie"] == "Verantwoordelijk: A; niemand heeft dit in behandeling."


def test_every_word_follows_the_language():
    notes = FeedNotes(at_stake={"nl": "Termijnen lopen.", "en": "Terms run."})
    alerting = Alerting(language="en", feeds={"f": notes})
    (message,) = told(opened(counted("a", PARIS, 540)), alerting=alerting)
    assert message.headline == "540 persons missing, A → B (Paris 540)"
    assert list(answers(message)) == ["Since", "How sure", "What it means", "Do now", "Who", "More details"]
    assert answers(message)["What it means"] == "Terms run."
    assert message.changes == ("24 June 2022: New: 540 persons missing.",)


def test_what_it_means_has_dates_and_numbers():
    week = date(2022, 7, 4)
    running = Running(clock=PLAN_CLOCK, passed=340, soon=60, waiting=140, overdue=340, weeks=((week, 60),))
    impact = Impact(count=540, parts=((PARIS, 540),), terms=(running,))
    (message,) = told(opened(counted("a", PARIS, 540, impact=impact)))
    assert "340" in answers(message)["Betekenis"]
    assert answers(message)["Voor wanneer"] == (
        "week van 4 jul 2022: een termijn eindigt voor 60 personen; nu al te laat voor 340 personen"
    )


def test_notes_of_the_organisation_and_a_link_are_used():
    notes = FeedNotes(runbook="https://r", sender_contact="desk")
    alerting = Alerting(feeds={"f": notes}, page="https://p/{incident}")
    (message,) = told(opened(counted("a", PARIS, 540)), alerting=alerting)
    assert answers(message)["Wie"].startswith("Verantwoordelijk: A (desk);")
    assert answers(message)["Nu doen"].endswith("Draaiboek: https://r")
    assert message.problems[0].link == "https://p/7"
    assert message.problems[0].incident == "7"


def test_small_counts_are_hidden_in_every_text():
    said = opened(counted("a", PARIS, 4), counted("b", ROME, 3))
    (message,) = told(said)
    text = message.to_json()
    assert "<10 personen ontbreken" in message.headline
    assert not [number for number in ("Paris 4", "Rome 3", " 7 personen") if number in text]
    (message,) = told(said, alerting=Alerting(small_count=1))
    assert message.headline == "7 personen ontbreken, A → B (Paris 4 · Rome 3)"


def test_the_whole_has_the_severity_and_a_route_hears_by_that():
    routes = (Route(name="all"), Route(name="worst", severity="critical"))
    said = opened(counted("a", PARIS, 740), counted("b", ROME, 420))
    assert [alert.route for alert in composed(said, alerting=Alerting(routes=routes))] == ["all", "worst"]
    (message, _) = told(said, alerting=Alerting(routes=routes))
    assert message.problems[0].severity == "kritiek"
    assert [a.route for a in composed(opened(counted("a", PARIS, 740)), alerting=Alerting(routes=routes))] == [
        "all"
    ]


def test_one_message_an_incident_and_channel_of_the_feed():
    slack = SlackTarget(channel="C", token="t")
    alerting = Alerting(routes=(Route(name="ops", slack=slack, console=True), Route(name="other", feeds=("g",))))
    said = (opened(number=3), opened(number=5))
    assert [(a.route, a.topic) for a in composed(*said, alerting=alerting)] == [
        ("ops", "incident/3"),
        ("ops", "incident/5"),
        ("ops-console", "incident/3"),
        ("ops-console", "incident/5"),
    ]


def test_the_same_run_makes_the_same_alert_and_another_run_another():
    def ids(key):
        return [alert.id for alert in composed(opened(), key=key)]

    assert ids("run-1") == ids("run-1")
    assert ids("run-1") != ids("run-2")


def test_what_changed_in_silence_edits_the_root_only_when_the_root_reads_otherwise():
    before, after = grouped(counted("a", PARIS, 540)), grouped(counted("a", PARIS, 550))
    (alert,) = composed(quiet=((before, after),))
    assert (alert.kind, Message.from_json(alert.body).changes) == ("update", ())
    unseen = grouped(counted("a", PARIS, 540.4))
    assert composed(quiet=((before, unseen),)) == ()


def test_an_incident_that_is_continued_says_where_in_its_root():
    notice = IncidentNotice(grouped(), IncidentReason.MERGED, into=3)
    (alert,) = composed(notice)
    assert (alert.kind, alert.topic) == ("update", "incident/7")
    assert Message.from_json(alert.body).headline == "#7 gaat verder in #3"


def test_recovery_is_told_as_such_and_asks_for_nothing():
    over = counted("a", PARIS, 540, state=State.RESOLVED, resolved_at=AT + timedelta(days=1))
    (message,) = told(IncidentNotice(grouped(over), IncidentReason.RECOVERED))
    assert message.kind == "recovery"
    assert message.headline.startswith("Voorbij: 540 personen ontbreken")
    assert list(answers(message)) == ["Sinds", "Hoe zeker", "Meer details"]
    assert not message.problems[0].active


def test_what_grew_says_from_what():
    notice = IncidentNotice(grouped(counted("a", PARIS, 880)), IncidentReason.GREW, before=612)
    (message,) = told(notice)
    assert message.changes == ("24 juni 2022: Nu: 880 personen ontbreken (eerder gemeld: 610).",)


@pytest.mark.parametrize("reason", [IncidentReason.SEVERITY_GREW, IncidentReason.REOPENED])
def test_growth_of_severity_and_return_reach_everybody(reason):
    (message,) = told(IncidentNotice(grouped(), reason))
    assert message.broadcast
    (other,) = told(IncidentNotice(grouped(), IncidentReason.GREW))
    assert not other.broadcast


@pytest.mark.parametrize("reason", IncidentReason)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_reason_has_its_sentence(reason, language):
    assert reason in CHANGED
    (message,) = told(
        IncidentNotice(grouped(), reason, actor="an", detail="why"), alerting=Alerting(language=language)
    )
    assert message.changes[0].startswith(("24 juni 2022: ", "24 June 2022: "))


def test_causes_that_say_the_same_stand_together():
    found = [
        incident(
            name, fingerprint=Fingerprint("f", "coverage", Segment((("code", name),))), missing=None, said=said
        )
        for name, said in (
            ("G24", Statement("coverage.never_seen", {"since": date(2022, 1, 3)})),
            ("G25", Statement("coverage.never_seen", {"since": date(2022, 1, 3)})),
        )
    ]
    (message,) = told(opened(counted("a", PARIS, 540), *found))
    assert answers(message)["Oorzaak"].startswith("G24 · G25: ")


def test_what_does_not_fit_is_said_and_not_counted():
    surplus = incident("s", fingerprint=Fingerprint("f", "volume", ROME), missing=Missing(DAY, -90, -120, -60))
    (message,) = told(opened(counted("a", PARIS, 540), surplus))
    assert message.headline == "540 personen ontbreken, A → B (Paris 540)"
    assert "telt niet mee" in answers(message)["Past er niet bij"]


def test_long_and_broken_names_are_cut_to_one_line():
    owner = "An\n" * 200
    (message,) = told(IncidentNotice(grouped(), IncidentReason.TAKEN, actor=owner))
    assert "\n" not in message.changes[0]
    assert len(message.changes[0]) < 200


def test_a_first_look_at_an_archive_is_one_message():
    several = [grouped(counted("a", PARIS, 540), number=2), grouped(counted("b", ROME, 20), number=4)]
    warned = grouped(incident("w", nature=Nature.WARNED, fingerprint=Fingerprint("f", "volume", WHOLE)), number=5)
    given = {"feed": FEED, "alerting": Alerting(), "formatter": how_of(), "key": "k", "at": AT}
    (alert,) = compose_summary([*several, warned], **given)
    message = Message.from_json(alert.body)
    assert message.headline == "A to B, eerste beoordeling: 2 incidenten open"
    assert [line.split(" ")[0] for line in message.lines[:2]] == ["#2", "#4"]
    assert compose_summary([warned], **given) == ()


def test_a_finding_of_a_plug_in_is_said_in_its_own_words():
    (message,) = told(opened(incident(said=FOUND, missing=None)))
    assert "waar ten minste 5 zijn afgesproken" in message.headline


def test_an_owner_is_named():
    (message,) = told(opened(replace(incident(), state=State.ACKNOWLEDGED), owner="an", acknowledged_at=AT))
    assert answers(message)["Wie"] == "Verantwoordelijk: A; in behandeling bij an."


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"schema": "other/1"}', '{"schema": "ketenwacht/message/1"}']
)
def test_what_is_no_message_is_refused(text):
    with pytest.raises(ValueError, match=r"stored message|another version|Expecting value"):
        Message.from_json(text)


def test_a_message_of_an_older_release_is_read():
    (message,) = told(opened())
    problem = {name: getattr(message.problems[0], name) for name in ("incident", "nature", "severity", "state")}
    old = {**problem, **dict.fromkeys(("what", "where", "evidence", "meaning", "action", "look"), "x")}
    text = (
        Message("incident", "f/2022-06-24", "nl", "kop")
        .to_json()
        .replace('"problems": []', f'"problems": [{old}]'.replace("'", '"'))
    )
    (read,) = Message.from_json(text).problems
    assert (read.answers, read.what) == ((), "x")
