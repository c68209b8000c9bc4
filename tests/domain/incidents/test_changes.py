"""What happens to an incident from run to run, as the events that the history keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ketenwacht.domain.findings.finding import Nature, Severity, Snooze
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.incidents import IncidentNature, IncidentState, KnownIncident, assemble
from ketenwacht.domain.incidents.changes import IncidentReason, compare_incidents, events_of

from .made import ASYLUM, FAMILY, HISTORY, day, lost, moment, said

POLICY, AT, NUMBER = Policy(), moment(20), 7
SNOOZE = Snooze("ann", "in hand", AT, None)


def made(*findings, number=NUMBER):
    return assemble(KnownIncident(number, "feed", moment(7)), list(findings), POLICY)


def events(before, after, **options):
    changes = compare_incidents(before, after, POLICY, **options)
    return [(e.incident, e.at, e.reason, e.detail) for e in events_of(changes, AT)]


FIRST = lost(200, FAMILY, name="a")
WAS = made(FIRST)
OVER = made(lost(200, FAMILY, ended=15, name="a"))
STOPPED = replace(WAS, stopped_on=day(5))
LIVES = [
    ("nothing happened", WAS, WAS, []),
    ("the number grew a little", WAS, made(lost(220, name="a")), []),
    ("the number grew", WAS, made(lost(310, name="a")), [("grew", "310")]),
    ("it ended", WAS, OVER, [("recovered", "")]),
    ("it came back", OVER, WAS, [("reopened", "200")]),
    ("it stays over", OVER, OVER, []),
    ("it was closed", OVER, replace(OVER, state=IncidentState.CLOSED), [("closed", "")]),
    (
        "a closed one stays closed",
        replace(OVER, state=IncidentState.CLOSED),
        replace(OVER, state=IncidentState.CLOSED),
        [],
    ),
    ("it stopped", WAS, STOPPED, [("stopped", "2022-01-08")]),
    ("it grows again", STOPPED, WAS, [("grows-again", "")]),
    ("it stays stopped", STOPPED, STOPPED, []),
    ("its snooze ended", replace(WAS, snooze=SNOOZE), WAS, [("snooze-ended", "")]),
    ("it is snoozed: an act of a person has its own event", WAS, replace(WAS, snooze=SNOOZE), []),
    ("severity grew", WAS, replace(WAS, severity=Severity.CRITICAL), [("severity-grew", "high → critical")]),
    ("severity fell", replace(WAS, severity=Severity.CRITICAL), WAS, []),
    (
        "it is something else now",
        replace(WAS, nature=IncidentNature.LATE),
        WAS,
        [("nature-changed", "late → missing")],
    ),
    ("more evidence joined", WAS, made(FIRST, lost(190, evidence=HISTORY, name="b")), [("joined", "volume")]),
    ("evidence left", made(FIRST, lost(190, evidence=HISTORY, name="b")), WAS, []),
    ("other evidence replaced it", WAS, made(lost(200, FAMILY, name="c")), []),
]


@pytest.mark.parametrize(("sentence", "before", "after", "told"), LIVES, ids=[one[0] for one in LIVES])
def test_what_happened_to_an_incident(sentence, before, after, told):
    assert events([before], [after]) == [(NUMBER, AT, reason, detail) for reason, detail in told]


def test_several_things_happen_in_one_run_in_one_order():
    grown = made(lost(1200, name="a"), lost(1100, evidence=HISTORY, name="b"))
    assert [reason for _, _, reason, _ in events([WAS], [grown])] == ["joined", "severity-grew", "grew"]


def test_a_new_incident_began_with_its_first_finding():
    assert events([], [made(FIRST, lost(10, ASYLUM, found=3, since=0, name="b"))]) == [
        (NUMBER, moment(3), "opened", "210")
    ]


def test_a_new_incident_without_a_number_has_no_detail():
    late = made(said("schedule.late", nature=Nature.FAILED, found=2, name="s"))
    assert events([], [late]) == [(NUMBER, moment(2), "opened", "")]


def test_a_merged_incident_names_where_it_goes_on_and_all_come_by_number():
    other = made(lost(20, ASYLUM, name="b"), number=9)
    grown = made(lost(310, name="a"))
    assert events([other, WAS], [grown], merged={9: 7, 4: 7}) == [
        (7, AT, "grew", "310"),
        (9, AT, "merged", "#7"),
    ]
    (_, merged) = compare_incidents([other, WAS], [grown], POLICY, merged={9: 7})
    assert (merged.number, merged.after, merged.into, merged.reasons) == (9, None, 7, (IncidentReason.MERGED,))


def test_the_moment_of_every_other_event_is_the_run():
    later = AT + timedelta(days=1)
    (event,) = events_of(compare_incidents([WAS], [OVER], POLICY), later)
    assert event.at == later


def test_slow_growth_is_noted_when_the_number_is_well_above_the_one_that_was_named_last():
    before, after = made(lost(300, FAMILY, name="a")), made(lost(310, FAMILY, name="a"))
    assert events([before], [after]) == []
    assert events([before], [after], named={NUMBER: 290.0}) == []
    assert events([before], [after], named={NUMBER: 200.0}) == [(NUMBER, AT, "grew", "310")]
    assert events([before], [after], named={NUMBER: 0.0}) == [(NUMBER, AT, "grew", "310")]


def test_growth_is_noted_after_the_number_fell_below_the_one_that_was_named_last():
    before, after = made(lost(300, FAMILY, name="a")), made(lost(700, FAMILY, name="a"))
    assert events([before], [after], named={NUMBER: 1000.0}) == [(NUMBER, AT, "grew", "700")]
