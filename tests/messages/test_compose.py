from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ketenwacht.domain.alerting import Alerting, FeedNotes, Route, SlackTarget
from ketenwacht.domain.catchup import PLAN_CLOCK, Clock, Impact, Running, Starts
from ketenwacht.domain.findings import Notice, Reason
from ketenwacht.domain.findings.finding import Fingerprint, Nature, Severity, Snooze, State
from ketenwacht.domain.message import Message
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Statement
from ketenwacht.messages.problem import ProblemTexts

from .samples import AT, DAY, FEED, FOUND, PARIS, composed, how_of, incident, told

OBJECTION = Clock(name="objection", term=timedelta(days=42), starts=Starts.DECISION)


def test_answers_in_dutch_by_default():
    (message,) = told(Notice(incident(), Reason.OPENED))
    (problem,) = message.problems
    assert message.headline == "A to B, levering van 24 juni 2022: ongeveer 190 personen ontbreken, ernst hoog"
    assert problem.what == "Sinds 30 mei 2022 ontbreken naar schatting 190 personen (tussen 120 en 270)."
    assert problem.where == "city Paris"
    assert problem.look == "ketenwacht incidents show i1"
    assert message.changes == (f"24 juni 2022: Nieuw, city Paris: {problem.what}",)


def test_answers_in_english_when_asked():
    (message,) = told(Notice(incident(), Reason.OPENED), alerting=Alerting(language="en"))
    assert message.headline == "A to B, delivery of 24 June 2022: about 190 persons missing, severity high"
    assert message.problems[0].what.startswith("An estimated 190 persons are missing since 30 May 2022")


def a_loss(count, *parts):
    terms = (Running(PLAN_CLOCK, 0, 0, count, count - 60), Running(OBJECTION, count - 15, 4, 0))
    return Impact(count, tuple((Segment.of({"town": town}), n) for town, n in parts), terms)


def test_what_it_means_is_counted_coarsely():
    loss = incident(impact=a_loss(172, ("x", 123), ("y", 41), ("z", 8)))
    said = {
        language: told(Notice(loss, Reason.OPENED), alerting=Alerting(language=language))[0].problems[0].meaning
        for language in ("nl", "en")
    }
    assert said["nl"].startswith("Ontbreken in 3 groepen naar town; de meeste in town x 120, town y 40. ")
    assert "Plan inburgering en participatie (70 dagen): begint bij levering voor 170, " in said["nl"]
    assert "zou bij levering op tijd zijn verstreken voor 110. " in said["nl"]
    assert "Objection (42 dagen): verstreken voor 160, eindigt binnen vier weken voor <10. De " in said["nl"]
    assert said["en"].startswith("Missing in 3 segments by town; most in town x 120, town y 40. ")
    assert "Integration plan (70 days): begins on delivery for 170, " in said["en"]
    assert "would have passed for 110 if delivered on time. " in said["en"]
    assert "Objection (42 days): passed for 160, ends within four weeks for <10. The " in said["en"]


@pytest.mark.parametrize("changes", [{"impact": a_loss(9, ("x", 9))}, {"nature": Nature.PRIVACY}])
def test_what_it_means_is_not_counted_of_a_few_or_of_another_problem(changes):
    loss = incident(**{"impact": a_loss(172, ("x", 123)), **changes})
    (message,) = told(Notice(loss, Reason.OPENED))
    assert "town" not in message.problems[0].meaning


@pytest.mark.parametrize(
    ("sentence", "missing", "says"),
    [
        (
            "few persons are not counted",
            Missing(DAY, 4, 2, 8),
            "Sinds 24 juni 2022 ontbreken naar schatting <10 personen.",
        ),
        (
            "tens are rounded",
            Missing(DAY, 44, 12, 77),
            "Sinds 24 juni 2022 ontbreken naar schatting 40 personen (tussen 10 en 80)",
        ),
        ("too many is said", Missing(DAY, -44, -77, -12), "40 personen meer ontvangen dan verwacht"),
        (
            "thousands have a point",
            Missing(DAY, 1234, 900, 2345),
            "Sinds 24 juni 2022 ontbreken naar schatting 1.230 personen (tussen 900",
        ),
        ("an interval that holds zero starts there", Missing(DAY, 44, -12, 77), "(tussen 0 en 80)"),
    ],
)
def test_persons(sentence, missing, says):
    (message,) = told(Notice(incident(missing=missing), Reason.OPENED))
    assert says in message.problems[0].what


@pytest.mark.parametrize(
    ("sentence", "limit", "says"),
    [
        ("ten hides seven", 10, "<10 personen waar ten minste 5 zijn afgesproken, in levering 5."),
        ("a higher limit hides more", 500, "<500 personen waar ten minste 5 zijn afgesproken, in levering 5."),
        ("one hides nothing", 1, "7 personen waar ten minste 5 zijn afgesproken, in levering 5."),
    ],
)
def test_only_counts_of_persons_are_hidden_and_no_other_number(sentence, limit, says):
    found = incident(said=FOUND, missing=None)
    (message,) = told(Notice(found, Reason.OPENED), alerting=Alerting(small_count=limit))
    assert message.problems[0].what == says


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        (10, "Sinds 30 mei 2022 ontbreken naar schatting 190 personen (tussen 120 en 270)."),
        (500, "Sinds 30 mei 2022 ontbreken naar schatting <500 personen."),
        (1, "Sinds 30 mei 2022 ontbreken naar schatting 187 personen (tussen 121 en 263)."),
    ],
)
def test_the_limit_governs_the_number_of_the_missing_and_its_interval(limit, says):
    (message,) = told(Notice(incident(), Reason.OPENED), alerting=Alerting(small_count=limit))
    assert message.problems[0].what == says


@pytest.mark.parametrize(
    ("sentence", "changes", "part", "says"),
    [
        ("an error says that nothing was judged", {"nature": Nature.ERROR}, "what", "geen oordeel"),
        ("an error is for the receiver", {"nature": Nature.ERROR}, "action", "Eigenaar: B"),
        ("a shortfall is for the sender", {}, "action", "Eigenaar: A"),
        (
            "who does not belong here is said to",
            {"nature": Nature.PRIVACY, "missing": Missing(DAY, -44, -77, -12)},
            "what",
            "40 personen ontvangen die hier niet horen",
        ),
        ("too many is a possible breach", {"nature": Nature.PRIVACY}, "meaning", "datalek"),
        (
            "more than expected is no breach yet",
            {"missing": Missing(DAY, -44, -77, -12)},
            "meaning",
            "dat is nog niet bekend",
        ),
        (
            "more than expected is a question",
            {"missing": Missing(DAY, -44, -77, -12)},
            "action",
            "Vraag A of dit klopt",
        ),
        ("history is no proof", {}, "evidence", "geen bewijs"),
        ("keys are", {"evidence": Evidence.RECONCILIATION}, "evidence", "zeker"),
        (
            "no delivery is for the sender, though it is an error",
            {"nature": Nature.ERROR, "fingerprint": Fingerprint("f", "delivery", WHOLE)},
            "action",
            "Eigenaar: A",
        ),
        (
            "late is late",
            {"evidence": Evidence.SCHEDULE, "missing": None},
            "what",
            "De levering van 24 juni 2022 is niet op tijd.",
        ),
        (
            "a delivery that cannot be read is said to be that, whichever check says so",
            {"evidence": Evidence.SCHEDULE, "nature": Nature.ERROR, "missing": None},
            "what",
            "De levering van 24 juni 2022 ontbreekt of is onleesbaar. Er is niets beoordeeld.",
        ),
        (
            "of a late delivery it is not known who is missing",
            {"evidence": Evidence.SCHEDULE, "missing": None},
            "meaning",
            "Het is nog niet bekend wie in deze levering hoort",
        ),
        (
            "what is late is said by the check, which knows what did not come",
            {"evidence": Evidence.SCHEDULE, "missing": None, "said": FOUND},
            "what",
            "in levering 5.",
        ),
        ("an owner is named", {"state": State.ACKNOWLEDGED, "owner": "an"}, "action", "In behandeling bij an."),
        (
            "the state is said, and since when",
            {"state": State.ACKNOWLEDGED},
            "state",
            "in behandeling, open sinds 24 juni 2022",
        ),
        (
            "a count is no estimate",
            {"evidence": Evidence.RECONCILIATION},
            "what",
            "Sinds de week van 30 mei 2022 ontbreken ongeveer 190 personen",
        ),
        (
            "where no Monday stands for a week, the day is told",
            {"evidence": Evidence.RECONCILIATION, "missing": Missing(DAY + timedelta(1), 190, 190, 190)},
            "what",
            "Sinds 25 juni 2022 ontbreken ongeveer 190 personen",
        ),
        (
            "a small count is not about",
            {"evidence": Evidence.RECONCILIATION, "missing": Missing(DAY, 4, 4, 4)},
            "what",
            "ontbreken <10 personen",
        ),
        (
            "without a number it is said what was found",
            {"said": FOUND, "missing": None},
            "what",
            "<10 personen waar ten minste 5 zijn afgesproken, in levering 5.",
        ),
        (
            "what an older release said in English is not said, but what was checked is",
            {"missing": None},
            "what",
            "De levering voldoet niet aan de controle op aantal personen.",
        ),
        (
            "a check with a name of its own is named",
            {"fingerprint": Fingerprint("f", "mine", PARIS), "missing": None},
            "what",
            "voldoet niet aan de controle op 'mine'",
        ),
    ],
)
def test_words(sentence, changes, part, says):
    (message,) = told(Notice(incident(**changes), Reason.OPENED))
    assert says in getattr(message.problems[0], part)


def test_notes_of_the_organisation_are_used():
    notes = FeedNotes(at_stake="terms", runbook="https://r", sender_contact="desk", receiver_contact="ops")
    alerting = Alerting(feeds={"f": notes}, page="https://p/{incident}")
    (message,) = told(Notice(incident(), Reason.OPENED), alerting=alerting)
    (problem,) = message.problems
    assert problem.meaning == "terms"
    assert "A (desk)" in problem.action
    assert "https://r" in problem.action
    assert problem.link == "https://p/i1"


def test_one_message_a_topic_and_channel_with_the_worst_first():
    slack = SlackTarget(channel="C", token="t")
    alerting = Alerting(routes=(Route(name="ops", slack=slack, console=True), Route(name="other", feeds=("g",))))
    later = incident("i3", period=DAY + timedelta(days=1))
    notices = [
        Notice(incident("i1", severity=Severity.LOW), Reason.OPENED),
        Notice(incident("i2", severity=Severity.CRITICAL), Reason.OPENED),
        Notice(later, Reason.OPENED),
    ]
    alerts = composed(notices, alerting=alerting)
    assert [(a.route, a.topic) for a in alerts] == [
        ("ops", "f/2022-06-24"),
        ("ops", "f/2022-06-25"),
        ("ops-console", "f/2022-06-24"),
        ("ops-console", "f/2022-06-25"),
    ]
    assert [p.incident for p in Message.from_json(alerts[0].body).problems] == ["i2", "i1"]


def test_the_same_run_makes_the_same_alert_and_another_run_another():
    def ids(key):
        notices = [Notice(incident(), Reason.OPENED)]
        return {alert.id for alert in composed(notices, key=key)}

    assert ids("run-1") == ids("run-1")
    assert not ids("run-1") & ids("run-2")


def test_a_route_hears_only_what_is_severe_enough_for_it():
    alerting = Alerting(routes=(Route(severity="high"),))
    assert told(Notice(incident(severity=Severity.MEDIUM), Reason.OPENED), alerting=alerting) == []
    assert len(told(Notice(incident(severity=Severity.HIGH), Reason.OPENED), alerting=alerting)) == 1


def test_the_root_tells_of_all_problems_of_its_delivery_and_of_parts():
    whole = incident("i1", fingerprint=Fingerprint("f", "volume", WHOLE))
    part = incident("i2", parent="i1", missing=Missing(DAY, 4, 1, 8))
    other = incident("i3", fingerprint=Fingerprint("f", "schema", WHOLE), state=State.RESOLVED)
    (message,) = told(Notice(whole, Reason.OPENED), known=(whole, part, other))
    assert [(p.incident, p.active) for p in message.problems] == [("i1", True), ("i3", False)]
    assert message.problems[0].where == "de hele stroom, waarvan city Paris (<10)"


def test_other_checks_that_see_the_same_are_named():
    best = incident("i1", fingerprint=Fingerprint("f", "reconciliation", PARIS))
    other = incident("i2", parent="i1")
    (message,) = told(Notice(best, Reason.OPENED), known=(best, other))
    (problem,) = message.problems
    assert problem.where == "city Paris"
    assert problem.evidence.endswith("Dit blijkt ook uit: eigen geschiedenis.")


def test_what_a_check_says_comes_last_since_a_medium_may_cut_it_off():
    best = incident("i1", fingerprint=Fingerprint("f", "reconciliation", PARIS), said=FOUND)
    (message,) = told(Notice(best, Reason.OPENED), known=(best, incident("i2", parent="i1")))
    assert (
        "Dit blijkt ook uit: eigen geschiedenis. De controle meldt: <10 personen" in message.problems[0].evidence
    )


def test_more_than_five_problems_are_counted():
    (message,) = told(*(Notice(incident(f"i{n}"), Reason.OPENED) for n in range(9)))
    assert (len(message.problems), message.more, len(message.changes)) == (5, 4, 9)


def test_recovery_is_told_as_such_and_asks_for_nothing_more():
    done = incident(state=State.RESOLVED, resolved_at=AT + timedelta(days=2))
    (message,) = told(Notice(done, Reason.RECOVERED))
    (problem,) = message.problems
    assert problem.what.startswith("Was: Sinds 30 mei 2022 ontbreken naar schatting 190 personen")
    assert problem.state == "hersteld op 26 juni 2022, open sinds 24 juni 2022"
    assert problem.meaning.startswith("Dit is voorbij")
    assert problem.action == "U hoeft niets te doen. Als het terugkomt, leest u dat hier."
    assert message.kind == "recovery"
    assert message.headline.endswith("alles hersteld")
    assert "van 24 juni 2022 07:00 tot 26 juni 2022 07:00" in message.changes[0]


@pytest.mark.parametrize(
    ("sentence", "others", "headline"),
    [
        ("one more", 1, "ongeveer 190 personen ontbreken en nog 1 probleem, ernst hoog"),
        ("two more", 2, "ongeveer 190 personen ontbreken en nog 2 problemen, ernst hoog"),
    ],
)
def test_the_headline_says_what_is_worst_and_how_much_there_is_besides(sentence, others, headline):
    besides = [incident(f"i{n}", severity=Severity.MEDIUM, missing=None) for n in range(2, 2 + others)]
    (message,) = told(*(Notice(one, Reason.OPENED) for one in (incident(), *besides)))
    assert message.headline.endswith(headline)


def test_what_grew_says_from_what():
    (message,) = told(Notice(incident(), Reason.SHORTFALL_GREW, before=44))
    assert message.changes[0].startswith(
        "24 juni 2022: Het aantal groeit, city Paris: Sinds 30 mei 2022 ontbreken naar schatting 190 personen"
    )
    assert message.changes[0].endswith("Eerder gemeld: 40.")


@pytest.mark.parametrize(
    ("sentence", "changes", "kinds"),
    [
        ("another number that people see edits the root", {"missing": Missing(DAY, 207, 121, 263)}, ["update"]),
        ("one that rounds to the same does not", {"missing": Missing(DAY, 188, 122, 264)}, []),
        ("nor does what nobody sees", {"last_delivery": "another"}, []),
    ],
)
def test_what_changes_in_silence(sentence, changes, kinds):
    was, now = incident(missing=Missing(DAY, 187, 121, 263)), incident(**changes)
    now = replace(now, missing=changes.get("missing", was.missing))
    alerts = composed([], (now,), quiet=[(was, now)])
    assert [alert.kind for alert in alerts] == kinds
    for alert in alerts:
        message = Message.from_json(alert.body)
        assert (message.changes, message.broadcast, message.problems[0].incident) == ((), False, "i1")


@pytest.mark.parametrize("reason", [Reason.SEVERITY_GREW, Reason.REOPENED])
def test_growth_and_return_reach_everybody(reason):
    assert told(Notice(incident(), reason))[0].broadcast
    assert not told(Notice(incident(), Reason.SHORTFALL_GREW))[0].broadcast


def test_a_snooze_is_told_with_who_why_and_until_in_local_time():
    quiet = incident(snooze=Snooze("an", "known", AT))
    formatter = replace(how_of(), zone=ZoneInfo("Europe/Amsterdam"))
    (message,) = told(Notice(quiet, Reason.SNOOZED, "an"), formatter=formatter)
    assert message.changes == (
        "24 juni 2022: an zet dit stil tot 24 juni 2022 09:00, city Paris: aantal personen. Reden: known",
    )


def test_long_and_broken_names_are_cut_to_one_line():
    words = ProblemTexts(how_of(), FEED, Alerting())
    assert len(words.segment(Segment((("city", "x\n" * 500),)))) == 120


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other"}', '{"schema": "ketenwacht/message/1"}'])
def test_what_is_no_message_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        Message.from_json(text)


@pytest.mark.parametrize(
    ("sentence", "language", "changes", "says"),
    [
        ("it follows the number", "nl", {"said": FOUND}, "geen bewijs. De controle meldt: <10 personen waar"),
        ("in English too", "en", {"said": FOUND}, "not proof. The check reports: <10 persons where at least 5"),
        ("it is not said twice", "nl", {"said": FOUND, "missing": None}, "een aanwijzing, geen bewijs."),
        (
            "an error has no evidence, and only the check says why",
            "nl",
            {"said": FOUND, "nature": Nature.ERROR},
            "Geen: de controle kon niet worden uitgevoerd. De controle meldt: <10 personen",
        ),
        ("words of an older release are not said in Dutch", "nl", {}, "een aanwijzing, geen bewijs."),
        ("nor in English, since no rule can hide their counts", "en", {}, "an indication, not proof."),
        (
            "nor is a code of another release",
            "nl",
            {"said": Statement("gone.away", {})},
            "een aanwijzing, geen bewijs.",
        ),
    ],
)
def test_what_the_check_says_itself(sentence, language, changes, says):
    (message,) = told(Notice(incident(**changes), Reason.OPENED), alerting=Alerting(language=language))
    evidence = message.problems[0].evidence
    assert says in evidence
    assert ("eldt:" in evidence or "reports:" in evidence) == (":" in says)
