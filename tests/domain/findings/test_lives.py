"""Whatever is delivered and whoever acts: nothing is lost, nothing is told twice, nothing lives twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.findings import Reason, acknowledge, advance, resolve, snooze, sweep
from ketenwacht.domain.findings.finding import State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.result import CheckResult, Evidence, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment

SEGMENTS = (WHOLE, Segment((("a", "x"),)), Segment((("a", "x"), ("b", "y"))), Segment((("a", "z"),)))
EVIDENCE = {"volume": Evidence.HISTORY, "schedule": Evidence.SCHEDULE, "keys": Evidence.RECONCILIATION}
RESULTS = st.lists(
    st.builds(
        lambda check, segment, status, missing: CheckResult(
            check,
            status,
            EVIDENCE[check],
            "said",
            segment,
            missing=None
            if missing is None
            else Missing(datetime(2022, 1, 1, tzinfo=UTC).date(), missing, 0, missing),
        ),
        st.sampled_from(sorted(EVIDENCE)),
        st.sampled_from(SEGMENTS),
        st.sampled_from(Status),
        st.none() | st.integers(-300, 3000),
    ),
    max_size=6,
)


class Lives(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.policy = Policy()
        self.at = datetime(2022, 1, 1, 7, tzinfo=UTC)
        self.live, self.every, self.events = {}, {}, []
        self.known = set()  # ids of incidents that people have been told are failing
        self.opened = 0
        self.deliveries = 0
        self.judged = False  # nobody acted since all were last looked at together

    def new_id(self):
        self.opened += 1
        return f"i{self.opened}"

    def keep(self, step):
        for incident in step.incidents:
            self.every[incident.id] = incident
            if incident.state is State.CLOSED:
                assert self.live.pop(incident.fingerprint).id == incident.id
            else:
                held = self.live.get(incident.fingerprint)
                assert held is None or held.id == incident.id, "at most one live a fingerprint"
                self.live[incident.fingerprint] = incident
        self.events += step.events
        self.judged = True
        assert len({n.incident.id for n in step.notices}) == len(step.notices), "one notice an incident"
        for notice in step.notices:
            assert notice.incident == self.every[notice.incident.id], "told as it is kept"
            if notice.reason is Reason.RECOVERED:
                assert notice.incident.id in self.known, "nobody hears of the end of what they never heard of"
                self.known.discard(notice.incident.id)
            else:
                self.known.add(notice.incident.id)

    @rule(
        results=RESULTS,
        presence=st.sampled_from(
            [Presence.READ, Presence.READ, Presence.READ, Presence.ABSENT, Presence.UNREADABLE]
        ),
        hours=st.integers(1, 60),
        back=st.sampled_from([0, 0, 0, 3]),
    )
    def deliver(self, results, presence, hours, back):
        self.at += timedelta(hours=hours)
        self.deliveries += 1
        delivery = Delivery("f", str(self.deliveries), self.at.date() - timedelta(days=back), presence)
        given = {"delivery": delivery, "policy": self.policy, "at": self.at, "new_id": self.new_id}
        self.keep(advance(self.live, results, **given))
        opened = self.opened
        again = advance(self.live, results, **given)
        assert (again.incidents, again.events, again.notices) == ((), (), ()), "replaying a run changes nothing"
        assert self.opened == opened
        if presence is not Presence.READ:
            assert any(i.active for i in self.live.values()), "somebody hears that nothing could be read"

    @rule(hours=st.integers(1, 400))
    def wait(self, hours):
        self.at += timedelta(hours=hours)
        self.keep(sweep(self.live, policy=self.policy, at=self.at))
        assert sweep(self.live, policy=self.policy, at=self.at).events == ()

    @precondition(lambda self: any(i.active for i in self.live.values()))
    @rule(data=st.data(), act=st.sampled_from(["acknowledge", "snooze", "resolve"]))
    def act(self, data, act):
        name = data.draw(st.sampled_from(sorted(i.id for i in self.live.values() if i.active)))
        incident = self.every[name]
        if act == "acknowledge":
            done = acknowledge(incident, actor="an", at=self.at)
        elif act == "snooze":
            done = snooze(incident, actor="an", reason="why", until=self.at + timedelta(hours=30), at=self.at)
        else:
            done = resolve(incident, actor="an", reason="", at=self.at)
            self.known.discard(name)
        if done.event is not None:
            self.events.append(done.event)
        self.live[incident.fingerprint] = self.every[name] = done.incident
        self.judged = False

    @invariant()
    def events_tell_every_state(self):
        told = {}
        for event in self.events:
            assert told.get(event.incident_id) == event.before, "no event is lost in between"
            told[event.incident_id] = event.after
        assert told == {name: incident.state for name, incident in self.every.items()}

    @invariant()
    def silence_has_a_reason(self):
        parents = {i.id for i in self.live.values() if i.active}
        for incident in self.live.values():
            assert (incident.told_severity is not None) == (incident.id in self.known)
            if not incident.active or incident.nature not in self.policy.told:
                continue
            hushed = incident.snooze is not None or self.policy.flapping(incident) or incident.parent in parents
            assert hushed or not self.judged or incident.id in self.known, (
                "a failure that nobody silenced is known"
            )


Lives.TestCase.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
TestLives = Lives.TestCase
