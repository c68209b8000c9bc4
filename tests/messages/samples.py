"""An incident and a feed to make messages of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.incident import Fingerprint, Incident, Nature, Severity, State
from ketenwacht.domain.message import Message
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.source import FileSource
from ketenwacht.domain.statement import legacy
from ketenwacht.messages import compose

AT = datetime(2022, 6, 24, 7, tzinfo=UTC)
DAY = AT.date()
FEED = Feed(name="f", title="A to B", sender="A", receiver="B", source=FileSource(path="x"))
PARIS = Segment((("city", "Paris"),))


def incident(name="i1", **changes):
    base = Incident(
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


def told(*notices, alerting=None, known=(), key="run-1"):
    alerts = compose(notices, known, feed=FEED, alerting=alerting or Alerting(), key=key, at=AT)
    return [Message.from_json(alert.body) for alert in alerts]
