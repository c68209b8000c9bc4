"""Which day a register speaks of, by what it is compared, and what its outcome may touch."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ketenwacht.domain.feed import Feed, FileSource, OutsideEvidence, Register
from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.findings.policy import DELIVERY_CHECK
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import legacy
from ketenwacht.errors import ConfigError
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.reconciliation import (
    ReconciliationOptions,
    compare,
    describe_register,
    open_reconciliation,
    reference_date,
    save_comparison,
)
from ketenwacht.workflows.session import open_session

DAY, LATER = date(2024, 3, 1), date(2024, 3, 8)
REGISTER = Register(path="r", pattern="R_{date:%Y%m%d}.csv", decided_column="decided", segments=("town",))
FEED = Feed(
    name="f",
    source=FileSource(path="d"),
    segments=((), ("town",)),
    key="id",
    evidence=OutsideEvidence(register=REGISTER),
)

DAYS = [
    ("its name says it", ReconciliationOptions(Path("R_20240301.csv")), LATER, DAY),
    (
        "so does the name that signing gives it",
        ReconciliationOptions(Path("R_20240301.pseudonyms.csv")),
        LATER,
        DAY,
    ),
    ("where its name does not, what was asked", ReconciliationOptions(Path("x.csv"), DAY), LATER, DAY),
    ("both may say the same", ReconciliationOptions(Path("R_20240301.csv"), DAY), LATER, DAY),
    ("else it is the newest delivery's", ReconciliationOptions(Path("x.csv")), LATER, LATER),
]


@pytest.mark.parametrize(("sentence", "asked", "newest", "day"), DAYS, ids=[d[0] for d in DAYS])
def test_the_day_a_register_speaks_of(sentence, asked, newest, day):
    assert reference_date(FEED, asked, newest) == day


@pytest.mark.parametrize(
    ("asked", "newest"),
    [(ReconciliationOptions(Path("R_20240301.csv"), LATER), LATER), (ReconciliationOptions(Path("x.csv")), None)],
    ids=["its name contradicts what was asked", "nothing says any day"],
)
def test_a_day_that_is_not_known_is_refused(asked, newest):
    with pytest.raises(ConfigError):
        reference_date(FEED, asked, newest)


def test_what_is_asked_goes_before_what_is_configured_and_the_rest_stays():
    made = describe_register(FEED, ReconciliationOptions(Path("x"), key=("number",), segments=("group",)))
    assert (made.key, made.evidence.register.segments) == (("number",), ("group",))
    assert made.evidence.register.decided_column == "decided"
    assert describe_register(FEED, ReconciliationOptions(Path("x"))).evidence.register.count_by == (("town",),)


@pytest.mark.integration
def test_a_register_touches_no_incident_that_it_does_not_speak_of(place):
    place.go_live()
    project = LoadedProject.open(place.root / "config.yaml", overrides=("feeds.ind-duo.suites=[]",))
    asked = ReconciliationOptions(place.root / "var/sample/register/REGISTER_20220114.csv")
    at = datetime(2022, 1, 18, tzinfo=UTC)
    unread = Finding(
        id="unread",
        fingerprint=Fingerprint("ind-duo", DELIVERY_CHECK, WHOLE),
        state=State.OPEN,
        nature=Nature.ERROR,
        severity=Severity.MEDIUM,
        evidence=Evidence.CONTRACT,
        opened_at=at,
        changed_at=at,
        period=date(2022, 1, 17),
        said=legacy("cannot be read"),
    )
    with open_reconciliation(project, None, asked, kept=True, at=at, on_warning=lambda *_: None) as reconciliation:
        reconciliation.history.findings.save([unread])
        before = {i.id: i for i in reconciliation.history.findings.find("ind-duo")}
        done = save_comparison(reconciliation, compare(reconciliation, missing=None, extra=None), who="An")
        after = {i.id: i for i in reconciliation.history.findings.find("ind-duo")}
    spoken = {result.check for result in done.results}
    others = {name for name, one in before.items() if one.fingerprint.check not in spoken}
    assert "unread" in others
    assert {name: after[name] for name in others} == {name: before[name] for name in others}


@pytest.mark.integration
def test_an_older_register_compared_later_does_not_take_the_place_of_the_newest(place):
    place.go_live()
    project = LoadedProject.open(place.root / "config.yaml", overrides=("feeds.ind-duo.suites=[]",))
    asked = ReconciliationOptions(place.root / "var/sample/register/REGISTER_20220107.csv")
    at = datetime(2022, 1, 18, tzinfo=UTC)
    with open_reconciliation(project, None, asked, kept=True, at=at, on_warning=lambda *_: None) as reconciliation:
        assert save_comparison(
            reconciliation, compare(reconciliation, missing=None, extra=None), who="An"
        ).newer == date(2022, 1, 14)
    with open_session(project, None, on_warning=lambda *_: None) as session:
        known = session.intake.known(at + timedelta(1)).reconciliations
    assert {count.register_date for count in known if not count.segment.pairs} == {date(2022, 1, 14)}
