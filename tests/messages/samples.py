"""An incident and a feed to make messages of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.feed import Feed, FileSource
from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.incidents import KnownIncident, assemble
from ketenwacht.domain.incidents.notices import IncidentNotices
from ketenwacht.domain.message import Message
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Persons, Serial, Statement, legacy
from ketenwacht.messages.compose_incidents import compose_incidents
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy

AT = datetime(2022, 6, 24, 7, tzinfo=UTC)
DAY = AT.date()
FEED = Feed(name="f", title="A to B", sender="A", receiver="B", source=FileSource(path="x"))
PARIS = Segment((("city", "Paris"),))


def incident(name="i1", **changes):
    base = Finding(
        id=name,
        fingerprint=Fingerprint("f", "volume", PARIS),
        state=State.OPEN,
        nature=Nature.FAILED,
        severity=Severity.HIGH,
        evidence=Evidence.HISTORY,
        opened_at=AT,
        changed_at=AT,
        period=DAY,
        said=legacy("said"),
        missing=Missing(date(2022, 5, 30), 187, 121, 263),
        told_severity=Severity.HIGH,
    )
    return replace(base, **changes)


FOUND = Statement("mine.found", {"rows": Persons(7), "floor": Amount(5), "delivery": Serial(5, 5)})
"""What a check says that has texts of its own, as those of a plug-in do."""
TEXTS = {
    "mine.found": {
        "nl": "{rows} personen waar ten minste {floor} zijn afgesproken, in levering {delivery}",
        "en": "{rows} persons where at least {floor} are agreed, in delivery {delivery}",
    }
}


def how_of(alerting=None):
    """The formatter of a configuration, as `LoadedProject.formatter` makes it."""
    alerting = alerting or Alerting()
    return MessageFormatter(alerting.language, Privacy(alerting.small_count), texts=TEXTS)


NUMBER = 7


def grouped(*findings, number=NUMBER, **known):
    """The incident that these findings make."""
    return assemble(KnownIncident(number, "f", AT, **known), findings or (incident(),), Policy())


def composed(*notices, alerting=None, formatter=None, key="run-1", quiet=()):
    """The alerts of these notices."""
    alerting = alerting or Alerting()
    formatter = formatter or how_of(alerting)
    said = IncidentNotices(notices, quiet=quiet)
    return compose_incidents(said, feed=FEED, alerting=alerting, formatter=formatter, key=key, at=AT)


def told(*notices, alerting=None, formatter=None, quiet=()):
    """Their messages, as they come back from the outbox."""
    alerts = composed(*notices, alerting=alerting, formatter=formatter, quiet=quiet)
    return [Message.from_json(alert.body) for alert in alerts]
