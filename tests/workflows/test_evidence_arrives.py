"""Evidence that arrives is judged at once, without a new delivery, and once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tiny_feed import tiny_feed

from ketenwacht.workflows.check import check
from ketenwacht.workflows.histories import open_reader
from ketenwacht.workflows.replay import replay
from ketenwacht.workflows.reproduce import reproduce

pytestmark = pytest.mark.integration

WEEK = [date(2022, 1, day) for day in (10, 11, 12, 13, 14)]
FRIDAY = datetime(2022, 1, 14, 18, tzinfo=UTC)
EVIDENCE = """    key: id
    evidence:
      register: {path: register, pattern: "R_{date:%Y%m%d}.csv", decided_column: decided, segments: [kind]}
      references: [references/*.csv]
    checks"""
REFERENCE = "period_from;period_to;count;uncertainty;published_on;source\n2022-01-10;2022-01-14;150;0.02;{};CBS\n"


@pytest.fixture
def fed(tmp_path):
    """A feed of five deliveries with the persons 0 to 29, judged on the Friday at noon."""
    tiny = tiny_feed(tmp_path / "feed")
    config = tiny.root / "config.yaml"
    config.write_text(config.read_text().replace("    checks", EVIDENCE, 1))
    (tiny.root / "checks.yaml").write_text(
        "checks: [{kind: reconciliation, segments: [kind]}, {kind: reference}, {kind: volume}]\n"
    )
    for folder in ("register", "references"):
        (tiny.root / folder).mkdir()
    for day in WEEK:
        tiny.deliver(day, arrived=datetime(day.year, day.month, day.day, 5, tzinfo=UTC))
    return tiny


def judge(tiny, at):
    """Return (delivery, whether evidence led to it, code of each reconciliation that failed) of each run."""
    with tiny.session() as session:
        return [
            (
                run.delivery.id,
                run.by_evidence,
                sorted(r.code for r in run.results if r.check.startswith("reconciliation") and r.status >= 4),
            )
            for run in check(session, delivery=None, at=at)
        ]


def register(tiny, day, persons):
    lines = [f"{i};{'ab'[i % 2]};2021-12-20\n" for i in range(persons)]
    (tiny.root / "register" / f"R_{day:%Y%m%d}.csv").write_text("id;kind;decided\n" + "".join(lines))


def test_a_register_of_friday_is_judged_that_evening_and_once(fed):
    assert len(judge(fed, FRIDAY - timedelta(hours=6))) == 5
    assert judge(fed, FRIDAY) == []
    register(fed, date(2022, 1, 14), 34)
    assert judge(fed, FRIDAY) == [("2022-01-14", True, ["reconciliation.missing", "reconciliation.missing"])]
    assert judge(fed, FRIDAY) == [], "the same evidence again is nothing to judge"
    assert judge(fed, FRIDAY + timedelta(days=1)) == []
    with fed.session() as session:
        found = session.history.findings.find("tiny")
        runs = session.history.runs.find("tiny")
        assert len(session.history.runs.find_snapshots("tiny")) == 5, "a run by evidence measured nothing"
        assert len(session.history.runs.find_judged("tiny")) == 5, "and judged no delivery that was not judged"
    assert {f.said.code for f in found if f.active} >= {"reconciliation.missing"}
    assert [run.by_evidence for run in runs] == [*[False] * 5, True]
    own, again = runs[-2], runs[-1]
    assert (own.delivery.id, own.delivery.sha256) == (again.delivery.id, again.delivery.sha256)
    assert [r for r in own.results if r.check == "volume"] == [r for r in again.results if r.check == "volume"]


def test_a_register_of_today_waits_for_the_delivery_of_today(fed):
    (fed.root / "in" / "T_20220114.csv").unlink()
    register(fed, date(2022, 1, 14), 34)
    early = datetime(2022, 1, 14, 7, tzinfo=UTC)
    assert [by for _, by, _ in judge(fed, early)] == [False] * 4
    assert judge(fed, early + timedelta(hours=4))[-1][2] != [], "once it is late, the register counts"


def test_a_clean_register_ends_what_another_found(fed):
    judge(fed, FRIDAY)
    register(fed, date(2022, 1, 14), 34)
    judge(fed, FRIDAY)
    register(fed, date(2022, 1, 15), 30)
    assert judge(fed, FRIDAY + timedelta(days=1)) == [("2022-01-14", True, [])]
    with fed.session() as session:
        found = [
            f for f in session.history.findings.find("tiny") if f.fingerprint.check == "reconciliation.missing"
        ]
    assert [f.active for f in found] == [False, False]


def test_a_reference_is_judged_on_the_day_it_is_published(fed):
    judge(fed, FRIDAY)
    (fed.root / "references" / "one.csv").write_text(REFERENCE.format("2022-01-16"))
    assert judge(fed, FRIDAY) == [], "nobody could know it yet"
    assert [by for _, by, _ in judge(fed, FRIDAY + timedelta(days=2))] == [True]


def test_a_replay_judges_a_register_before_the_next_delivery(fed):
    register(fed, date(2022, 1, 14), 34)
    for day in (date(2022, 1, 17), date(2022, 1, 18)):
        fed.deliver(day, arrived=datetime(day.year, day.month, day.day, 5, tzinfo=UTC))
    with fed.session() as session:
        runs = list(replay(session, first=WEEK[0], last=date(2022, 1, 18)))
    assert [(run.at.date().isoformat(), run.by_evidence) for run in runs[4:6]] == [
        ("2022-01-14", False),
        ("2022-01-14", True),  # Saturday 00:00 in Amsterdam
    ]
    assert [run.by_evidence for run in runs] == [*[False] * 5, True, False, False]


def test_a_verdict_by_evidence_is_reproduced_from_the_history(fed):
    judge(fed, FRIDAY)
    register(fed, date(2022, 1, 14), 34)
    judge(fed, FRIDAY)
    with open_reader(fed.project, None, replay=False, on_warning=lambda *_: None) as reader:
        assert [one.checks for one in reproduce(reader) if one.outcome.value != "same"] == []
