"""A feed whose incidents live through the days that a test writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.findings import advance
from ketenwacht.domain.findings.finding import State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.result import CheckResult, Evidence, Missing, Status
from ketenwacht.domain.segment import Segment

START = datetime(2022, 1, 3, 7, tzinfo=UTC)
PARIS = Segment((("city", "Paris"),))
LYON = Segment((("city", "Lyon"),))
STATUS = {
    "P": Status.PASSED,
    "S": Status.SKIPPED,
    "U": Status.UNPROVEN,
    "W": Status.WARNED,
    "F": Status.FAILED,
    "E": Status.ERROR,
}


def result(letter="F", missing=None, *, check="volume", segment=PARIS, evidence=Evidence.HISTORY):
    estimate = None if missing is None else Missing(START.date(), missing, missing - 5, missing + 5)
    return CheckResult(check, STATUS[letter], evidence, "in our own words", segment, missing=estimate)


class Feed:
    """The incidents of one feed over days; remembers every event and notice."""

    def __init__(self, policy=None):
        self.policy = policy or Policy()
        self.live, self.events, self.closed = {}, [], []
        self.ids = iter(range(1000))

    def day(self, number, *results, presence=Presence.READ, hours=0.0, period=None):
        day = START.date() + timedelta(days=number if period is None else period)
        return self.run(
            Delivery("feed", f"{day}", day, presence),
            results,
            START + timedelta(days=number, hours=hours),
        )

    def run(self, delivery, results, at):
        step = advance(
            self.live, results, delivery=delivery, policy=self.policy, at=at, new_id=lambda: f"i{next(self.ids)}"
        )
        return self.keep(step)

    def keep(self, step):
        for incident in step.incidents:
            if incident.state is State.CLOSED:
                self.closed.append(incident)
                self.live.pop(incident.fingerprint)
            else:
                assert incident.fingerprint not in self.live or self.live[incident.fingerprint].id == incident.id
                self.live[incident.fingerprint] = incident
        self.events += step.events
        return step

    def act(self, act):
        if act.event is not None:
            self.events.append(act.event)
        self.live[act.incident.fingerprint] = act.incident
        return act

    def one(self):
        (incident,) = self.live.values()
        return incident


def told(step):
    return [notice.reason.value for notice in step.notices]


def happened(step):
    return [event.reason for event in step.events]
