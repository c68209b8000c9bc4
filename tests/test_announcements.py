"""What a run leaves for people."""

from datetime import UTC, datetime

from ketenwacht.announcements import find_cause
from ketenwacht.domain.alerting import Policy
from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.incidents import KnownIncident, assemble
from ketenwacht.domain.incidents.causes import CauseMaterial
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import legacy

AT = datetime(2024, 3, 1, 8, tzinfo=UTC)


class Unreadable(tuple):
    """Deliveries that no search can look through."""

    __slots__ = ()

    def __iter__(self):
        raise IndexError


def test_a_search_for_a_cause_that_fails_is_logged_and_leaves_the_incident_without_one(caplog):
    finding = Finding(
        "f1", Fingerprint("tiny", "volume", WHOLE), State.OPEN, Nature.FAILED, Severity.LOW, Evidence.HISTORY,
        opened_at=AT, changed_at=AT, period=AT.date(), said=legacy("too few"),
    )  # fmt: skip
    incident = assemble(KnownIncident(7, "tiny", AT), [finding], Policy())
    assert find_cause(incident, CauseMaterial(Unreadable())) is None
    assert "the search for the cause of incident #7 failed: " in caplog.text
    assert ".py:" in caplog.text
