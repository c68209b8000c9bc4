import numpy as np
import pytest

from ketenwacht.domain.checks.ratio import RatioCheck
from ketenwacht.domain.result import Status

CHECK = RatioCheck(segments=("group",))


def run(made, counts, days, check=CHECK):
    replay = made.Replay(check)
    for day, count in zip(days, counts, strict=True):
        replay.judge(made.snapshot(day, count))
    return replay


@pytest.fixture
def waves(made):
    """A feed whose whole level wanders by half, segments in step."""
    days = made.workdays(220)
    level = np.exp(0.4 * np.sin(np.arange(220) / 25))
    rng = np.random.default_rng(2)
    return days, [
        {g: int(rng.poisson(m * f)) for g, m in (("family", 28), ("asylum", 75), ("other", 12))} for f in level
    ]


def test_what_moves_the_whole_feed_is_no_alarm(made, waves):
    replay = run(made, waves[1], waves[0])
    assert not [
        s for g in ("family", "asylum", "other") for _, s in replay.statuses(made.group(g)) if s >= Status.FAILED
    ]


@pytest.mark.integration  # a long simulation
def test_what_moves_one_segment_is(made, waves):
    days, counts = waves
    rng = np.random.default_rng(5)
    lost = [c if i < 120 else {**c, "family": int(rng.binomial(c["family"], 0.7))} for i, c in enumerate(counts)]
    replay = run(made, lost, days)
    failed = [d for d, s in replay.statuses(made.group("family")) if s is Status.FAILED]
    assert days[120] <= failed[0] <= days[150]
    result = next(r for r in replay.seen[-1][1] if r.segment == made.group("family"))
    truth = sum(a["family"] - b["family"] for a, b in zip(counts, lost, strict=True))
    assert result.missing.low <= truth <= result.missing.high
    assert (result.code, result.params["since"]) == ("ratio.shortfall", result.missing.since)


def test_one_segment_has_nothing_to_be_compared_with(made, waves):
    days, counts = waves
    replay = run(made, [{"family": c["family"]} for c in counts[:60]], days[:60])
    before, after = replay.seen[20][1][0], replay.seen[-1][1][0]
    assert (before.status, before.code) == (Status.SKIPPED, "ratio.untrained")
    assert (after.status, after.code) == (Status.SKIPPED, "ratio.alone")


def test_quiet_needs_nobody_to_calibrate_it(made, waves):
    days, counts = waves
    replay = run(made, counts[:60], days[:60], RatioCheck(segments=("group",)))
    assert {(r.status, r.code) for r in replay.seen[-1][1]} == {(Status.PASSED, "ratio.quiet")}
