"""From a proposed threshold to one that judges: a history of counts, a calibration, an approval."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from replayed import configured

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.store import History
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.session import open_session

pytestmark = pytest.mark.integration

WHY = ("--why", "a year without a known loss", "--by", "An")
CHECKS = """version: 1
checks:
  - kind: volume
    segments: [doelgroep]
  - kind: ratio
    segments: [doelgroep]
"""
MEANS = {"asielstatushouder": 75.0, "gezinsmigrant": 28.0}
PASSED = CheckResult("schedule", Status.PASSED, Evidence.SCHEDULE, "on time")


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A live history of 200 business days of two groups, and a configuration that judges them by volume."""
    place = configured(tmp_path_factory.mktemp("counted"))
    (place.root / "checks/ind_duo.yaml").write_text(CHECKS, encoding="utf-8")
    rng = np.random.default_rng(4)
    with History.open(f"sqlite:///{place.live}") as history:
        for number, day in enumerate(
            d for d in (date(2024, 1, 1) + timedelta(n) for n in range(280)) if d.weekday() < 5
        ):
            counts = {name: float(rng.negative_binomial(12, 12 / (12 + mean))) for name, mean in MEANS.items()}
            at = datetime.combine(day, time(8), UTC)
            delivery = Delivery("ind-duo", f"{number:06d}", day, arrived_at=at, sha256=f"{number:064x}")
            measured = {MetricKey(ROWS, Segment((("doelgroep", name),))): n for name, n in counts.items()}
            snapshot = Snapshot(delivery, {MetricKey(ROWS, WHOLE): sum(counts.values()), **measured})
            history.runs.save(JudgedRun(f"r{number}", delivery, at, (PASSED,)), snapshot)
    return place


@pytest.fixture
def place(counted, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.delenv("KETENWACHT_HISTORY", raising=False)
    copy = configured(tmp_path)
    (copy.root / "checks/ind_duo.yaml").write_text(CHECKS, encoding="utf-8")
    copy.live.parent.mkdir()
    copy.live.write_bytes(counted.live.read_bytes())
    return copy


def propose(place, *arguments):
    return place("baseline", "propose", "--check", "volume", "--runs", "10", *WHY, *arguments)


def judging(place, replayed=None):
    """The checks that judge now, by name, and what was told about them."""
    project = LoadedProject.open(place.root / "config.yaml", overrides=("feeds.ind-duo.suites=[]",))
    told = []
    with open_session(project, None, on_warning=lambda *words: told.append(words), history=replayed) as session:
        checks = session.context.rules.checks
        return {check.name: check for check in checks if hasattr(check, "threshold")}, told


def thresholds(place, replayed=None):
    found, told = judging(place, replayed)
    return {name: check.threshold for name, check in found.items()}, told


def test_a_proposal_rests_on_what_it_says_and_the_same_seed_gives_the_same(place):
    said = propose(place, "--format", "json")
    assert said.code == 0, said.err
    (one,) = said.json["baselines"]
    body = one["body"]
    assert (one["check"], one["version"], one["state"], one["used"]) == ("volume", 1, "proposed", False)
    assert one["proposed"]["who"] == "An"
    assert body["training"]["deliveries"] == 199
    assert body["training"]["first"] == "2024-01-01"
    assert 0.0 <= body["false_alarms_a_year"] <= 1.0 <= body["at_most"] or body["at_most"] < 1.0
    assert body["threshold"] > 5.0
    costs = [cost for _, cost in body["curve"]]
    assert costs == sorted(costs, reverse=True)
    assert {part["segment"]["doelgroep"] for part in body["parts"]} == set(MEANS)
    again = propose(place, "--format", "json").json["baselines"][0]
    assert (again["version"], again["body"]) == (2, body)
    assert 0.0 < body["slack"] < 0.25


def test_a_slack_of_the_checks_file_is_kept_and_the_history_then_gives_the_same_whatever_the_seed(place):
    checks = place.root / "checks/ind_duo.yaml"
    checks.write_text(CHECKS.replace("volume\n", "volume\n    slack: 0.1\n"), encoding="utf-8")
    first, second = (
        propose(place, "--seed", seed, "--format", "json").json["baselines"][0]["body"] for seed in ("1", "2")
    )
    assert first["slack"] == second["slack"] == 0.1
    assert first["path"] == second["path"]


def test_nothing_judges_by_a_proposal_and_the_next_delivery_by_what_was_approved(place):
    body = propose(place, "--format", "json").json["baselines"][0]["body"]
    proposed = body["threshold"]
    assert thresholds(place) == ({"volume": None, "ratio": None}, [])
    said = place("baseline", "approve", "--check", "volume", *WHY, "--format", "json")
    assert (said.code, said.json["baselines"][0]["used"]) == (0, True)
    assert thresholds(place) == ({"volume": proposed, "ratio": None}, [])
    assert thresholds(place, "sqlite://")[0]["volume"] == proposed, "a replay judges by it too"
    assert judging(place)[0]["volume"].slack == body["slack"]
    shown = place("baseline", "show").out
    assert "volume 1 (approved, in use)" in shown
    assert "about here" in shown
    assert "What volume can detect now:" in shown
    assert "gezinsmigrant: own history detects a loss of" in shown
    own = place("baseline", "show", "--format", "json").json["own_history"]
    assert {(one["check"], one["segment"]["doelgroep"]) for one in own} == {
        (check, group) for check in ("volume", "ratio") for group in MEANS
    }
    assert all(one["judged"] and 0 < one["blind"] <= one["loss"] for one in own)


def test_a_pinned_version_stays_in_use_until_nothing_is_pinned(place):
    first = propose(place, "--format", "json").json["baselines"][0]["body"]["threshold"]
    second = propose(place, "--seed", "9", "--runs", "20", "--format", "json").json["baselines"][0]["body"][
        "threshold"
    ]
    for number in ("1", "2"):
        assert place("baseline", "approve", "--check", "volume", "--version", number, *WHY).code == 0
    assert thresholds(place)[0]["volume"] == second
    assert place("baseline", "pin", "--check", "volume", "--version", "1", *WHY).code == 0
    assert thresholds(place)[0]["volume"] == first
    assert [one["state"] for one in place("baseline", "show", "--format", "json").json["baselines"]] == [
        "pinned",
        "approved",
    ]
    assert place("baseline", "pin", "--check", "volume", "--none", *WHY).code == 0
    assert thresholds(place)[0]["volume"] == second
    with History.open(f"sqlite:///{place.live}", create=False) as history:
        acts = [line.entry.action for line in history.audit.find()]
    assert acts[-4:] == ["baseline approve", "baseline approve", "baseline pin", "baseline pin"]


def test_a_threshold_for_other_settings_is_not_used_and_that_is_told(place):
    propose(place)
    place("baseline", "approve", "--check", "volume", *WHY)
    checks = place.root / "checks/ind_duo.yaml"
    checks.write_text(CHECKS.replace("volume\n", "volume\n    slack: 0.1\n"), encoding="utf-8")
    found, told = thresholds(place)
    assert found["volume"] is None
    assert told == [
        ("volume", "baseline 1 was calibrated for other settings, so it is not used: propose a new one")
    ]
    assert place("baseline", "show", "--format", "json").json["baselines"][0]["state"] == "outdated"


def test_what_the_checks_file_says_goes_first(place):
    propose(place)
    place("baseline", "approve", "--check", "volume", *WHY)
    checks = place.root / "checks/ind_duo.yaml"
    checks.write_text(CHECKS.replace("volume\n", "volume\n    threshold: 30\n"), encoding="utf-8")
    assert thresholds(place)[0]["volume"] == 30
    assert place("baseline", "show", "--format", "json").json["baselines"][0]["used"] is False


REFUSED = [
    ("a check that is not there", ("propose", "--check", "nope", *WHY), 2, "use one of: volume, ratio"),
    (
        "a version that is not there",
        ("approve", "--check", "volume", "--version", "7", *WHY),
        2,
        "no such baseline",
    ),
    ("pinning what is not approved", ("pin", "--check", "volume", "--version", "1", *WHY), 2, "approve it first"),
    ("approving without a reason", ("approve", "--check", "volume", "--why", " "), 2, "it is empty"),
]


@pytest.mark.parametrize(("sentence", "arguments", "code", "why"), REFUSED, ids=[r[0] for r in REFUSED])
def test_an_act_is_refused(place, sentence, arguments, code, why):
    if "1" in arguments:
        propose(place)
    said = place("baseline", *arguments)
    assert (said.code, why in said.err) == (code, True), said.err


def test_days_of_a_declared_incident_are_not_learnt_from_and_are_told(place):
    whole = propose(place, "--format", "json").json["baselines"][0]["body"]
    said = place("declare", "--from", "2024-03-01", "--to", "2024-03-31", "--kind", "incident", *WHY)
    assert said.code == 0, said.err
    body = propose(place, "--format", "json").json["baselines"][0]["body"]
    assert (body["training"]["masked"], body["training"]["declared"]) == (21, 1)
    assert body["path"] != whole["path"]


def test_too_little_history_could_not_be_judged(tmp_path, made):
    place = configured(tmp_path)
    place.live.parent.mkdir()
    place.live.write_bytes((made / "var/history.replay.db").read_bytes())
    said = place("baseline", "propose", "--check", "volume", *WHY)
    assert (said.code, "too few" in said.err) == (3, True)
