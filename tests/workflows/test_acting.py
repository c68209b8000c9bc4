"""Finding incidents by the beginning of an id, and acts that meet one another."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.findings import acknowledge, resolve
from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import legacy
from ketenwacht.errors import ConfigError
from ketenwacht.workflows.histories import open_reader
from ketenwacht.workflows.incidents import act, find_incident, short_ids
from ketenwacht.workflows.project import LoadedProject

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


def incident(name):
    return Finding(
        id=name,
        fingerprint=Fingerprint("ind-duo", f"check {name}", WHOLE),
        state=State.OPEN,
        nature=Nature.FAILED,
        severity=Severity.LOW,
        evidence=Evidence.HISTORY,
        opened_at=AT,
        changed_at=AT,
        period=AT.date(),
        said=legacy(""),
    )


@given(st.sets(st.text("0123456789abcdef", min_size=12, max_size=12), min_size=1, max_size=30))
def test_a_short_id_means_one_incident_and_no_other(names):
    short = short_ids([incident(name) for name in names])
    assert set(short) == names
    for name, beginning in short.items():
        assert [other for other in names if other.startswith(beginning)] == [name]
        assert len(beginning) >= 6


@contextmanager
def reader(place):
    with open_reader(
        LoadedProject.open(place.root / "config.yaml"), None, replay=True, on_warning=lambda *_: None
    ) as opened:
        yield opened


def keep(history, *incidents):
    history.findings.save(incidents)


@pytest.mark.integration
def test_a_beginning_that_several_share_is_refused_with_what_tells_them_apart(place):
    with reader(place) as opened:
        keep(opened.history, incident("zzzzzz01"), incident("zzzzzz02"))
        with pytest.raises(
            ConfigError, match="2 incidents begin with that — write more of it: zzzzzz01, zzzzzz02"
        ):
            find_incident(opened, "zzzz")
        assert find_incident(opened, "ZZZZZZ02").id == "zzzzzz02"


@pytest.mark.integration
def test_a_whole_id_wins_from_a_longer_one_that_begins_with_it(place):
    with reader(place) as opened:
        keep(opened.history, incident("zzzzzz"), incident("zzzzzz02"))
        assert find_incident(opened, "zzzzzz").id == "zzzzzz"


@pytest.mark.integration
def test_an_empty_id_is_no_incident(place):
    with reader(place) as opened, pytest.raises(ConfigError, match="there is no such incident"):
        find_incident(opened, " ")


@pytest.mark.integration
def test_an_act_that_was_overtaken_is_done_on_what_is_there_now(place):
    with reader(place) as opened:
        history, (first, *_) = opened.history, opened.history.findings.find()
        overtaken = []

        def slowly(found):
            if not overtaken:
                other = acknowledge(found, actor="Bo", at=AT)
                history.findings.save([other.incident], [other.event], based_on=[found])
                overtaken.append(found.id)
            return resolve(found, actor="An", reason="over", at=AT)

        done = act(opened, first.id, slowly, at=AT)
        assert (done.changed, done.incident.owner, done.incident.state) == (True, "Bo", State.RESOLVED)
        assert [e.reason for e in history.findings.find_events(first.id)][-2:] == [
            "acknowledged",
            "resolved-by-hand",
        ]


@pytest.mark.integration
def test_an_act_writes_one_message_a_channel_in_the_thread_of_its_topic(place):
    with reader(place) as opened:
        history, (first, *_) = opened.history, opened.history.findings.find()
        done = act(opened, first.id, partial(acknowledge, actor="An", at=AT), at=AT)
        newest = history.outbox.find()[-1]
        topic = f"incident/{history.incidents.number_of(first.id)}"
        assert done.alerts == 1
        assert (newest.alert.topic, newest.state) == (topic, "pending")
        assert history.outbox.find_thread(newest.alert.route, topic) is not None


@pytest.mark.integration
def test_an_incident_that_nobody_was_told_of_is_acted_on_without_a_message(place):
    with reader(place) as opened:
        keep(opened.history, replace(incident("zzzzzz01"), told_severity=None))
        done = act(opened, "zzzzzz01", partial(acknowledge, actor="An", at=AT), at=AT)
        assert (done.changed, done.alerts) == (True, 0)
