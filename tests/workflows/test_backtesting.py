"""Backtests: what may be asked, in what losses are planted, and what comes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from ketenwacht.domain.checks.base import View
from ketenwacht.domain.checks.volume import VolumeCheck
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import Feed, FileSource
from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import JudgedRun
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.stats.backtest import CountModel, EvidenceModel, PlantedLoss, bound_days, onsets, run
from ketenwacht.domain.stats.detection_limits import OwnLimit
from ketenwacht.errors import ConfigError
from ketenwacht.store import History
from ketenwacht.workflows.backtest.data import BacktestOptions, parse_drop
from ketenwacht.workflows.backtest.detection_limits import (
    SegmentScale,
    audit_feed,
    audit_segment,
    compute_needed,
    find_watched,
    view_own,
)
from ketenwacht.workflows.backtest.scenarios import run_backtest

FAMILY = Segment((("group", "family"),))
FEED = Feed(name="f", source=FileSource(path="x"), segments=((), ("group",)))
RULES = FeedRules(checks=(VolumeCheck(segments=("group",)),))


def quiet(name, problem):
    raise AssertionError((name, problem))


@pytest.mark.parametrize(
    ("text", "segment", "share"),
    [
        ("group=family:0.2", FAMILY, 0.2),
        ("group=family:20%", FAMILY, 0.2),
        ("a=x, b=y:1", Segment((("a", "x"), ("b", "y"))), 1.0),
        (":0.1", WHOLE, 0.1),
        ("a=x:y:0.5", Segment((("a", "x:y"),)), 0.5),
    ],
)
def test_a_loss_is_written_as_a_segment_and_a_share(text, segment, share):
    drop = parse_drop(text)
    assert (drop.segment, drop.share) == (segment, share)


@pytest.mark.parametrize("text", ["group=family", "group:0.2", "a=x:0", "a=x:1.5", "a=x:nan", "a=x:much"])
def test_anything_else_is_refused(text):
    with pytest.raises(ConfigError, match="not a loss"):
        parse_drop(text)


def days(count):
    first = date(2020, 1, 6)
    found = (first + timedelta(days=n) for n in range(2 * count))
    return tuple(d for d in found if d.weekday() < 5)[:count]


def world(count=420, warming=250):
    mean = np.tile([28.0, 78.0], (count, 1))
    return CountModel(days(count), warming, mean, np.array([12.0, 12.0]), 0.012, 261.0)


@pytest.mark.parametrize("evidence", ["history", "reference", "reconciliation"])
def test_a_large_loss_is_found_soon_and_no_loss_is_not(evidence):
    judge = EvidenceModel(evidence, 12.0)
    large, none = run(
        world(),
        judge,
        [PlantedLoss(np.array([0.7, 0.0])), PlantedLoss(np.array([0.0, 0.0]))],
        8,
        np.random.default_rng(1),
    )
    assert np.isfinite(large.delays).all()
    assert np.median(large.delays) <= 30
    assert np.isfinite(none.delays).mean() <= 0.3
    assert large.exposure > 2


def test_a_loss_from_the_first_day_is_what_own_history_takes_for_normal():
    shares = np.array([0.6, 0.0])
    judge = EvidenceModel("history", 12.0)
    later, always = (
        run(world(), judge, [PlantedLoss(shares, from_start=start)], 8, np.random.default_rng(2))[0]
        for start in (False, True)
    )
    assert np.isfinite(later.delays).mean() > np.isfinite(always.delays).mean() + 0.4


def test_a_creeping_loss_takes_longer():
    shares, judge = np.array([0.7, 0.0]), EvidenceModel("reconciliation", 5.6)
    abrupt, creeping = run(
        world(), judge, [PlantedLoss(shares), PlantedLoss(shares, creep=60)], 10, np.random.default_rng(3)
    )
    assert np.median(creeping.delays) > np.median(abrupt.delays)


def test_the_bound_falls_with_the_loss_and_is_that_of_the_specification():
    bounds = [
        bound_days(world(), EvidenceModel("history", 12.0), np.array([loss, 0.0]), 1 / 3)
        for loss in (0.1, 0.2, 0.5)
    ]
    assert bounds == pytest.approx([209, 49, 6.2], rel=0.12)
    assert bound_days(world(), EvidenceModel("history", 12.0), np.zeros(2), 1.0) is None


def test_without_any_history_an_example_says_so_and_the_same_seed_says_the_same():
    setting = BacktestOptions(evidence="reconciliation", runs=6, seed=4, from_start=True)
    drops = [parse_drop("group=family:0.19")]
    one, other = (run_backtest(None, FEED, RULES, drops, setting, on_warning=quiet) for _ in range(2))
    assert one == other
    assert [said.code for said in one.source] == ["backtest.example"]
    assert one.rows[0].detected == 1.0
    assert one.limits == ()
    assert one.needed[0].reconciliation > 1


@pytest.mark.integration
def test_more_workers_say_the_same():
    setting = BacktestOptions(evidence="reference", runs=25, seed=4)
    drops = [parse_drop("group=family:0.3")]
    one, two = (
        run_backtest(None, FEED, RULES, drops, replace(setting, workers=n), on_warning=quiet) for n in (1, 2)
    )
    assert one == two


def test_what_volume_cannot_see_the_register_can():
    heights = {"reference": 6.0, "reconciliation": 6.7}
    own = OwnLimit(75.0, 12.0, 11.6, 0.0, 3.0)
    asylum = SegmentScale(Segment((("group", "asylum"),)), own, 261.0, heights)
    small = compute_needed(asylum, 0.016)
    assert (small.within, small.reference, round(small.reconciliation)) == (None, None, 59)
    assert compute_needed(asylum, 0.2).within == 90
    seen = audit_segment(asylum)
    for smallest in (seen.history, seen.reference, seen.reconciliation):
        assert smallest[30] > smallest[90] > smallest[365]
    assert seen.reconciliation[365] < seen.history[365]


def counted(deliveries, **sizes):
    rng = np.random.default_rng(3)
    segments = {Segment((("group", name),)): size for name, size in sizes.items()}
    made = []
    for n, day in enumerate(days(deliveries)):
        counts = {MetricKey(ROWS, s): float(rng.poisson(size)) for s, size in segments.items()}
        counts[MetricKey(ROWS)] = sum(counts.values())
        made.append(Snapshot(Delivery("f", str(n), day), counts))
    return Past.of(made)


def test_the_audit_of_stored_counts_knows_that_the_small_see_less():
    large, small = audit_feed(RULES, {}, counted(200, a=80, b=6))
    assert [s.segment.pairs[0][1] for s in (large, small)] == ["a", "b"]
    assert large.history[365] < small.history[365]
    assert large.reconciliation[90] < small.reconciliation[90]
    assert small.rest.loss == small.history[365] / 2
    assert (large.own.reason, large.own.season_known) == ("judged", False)
    assert large.own.blind < small.own.blind


@pytest.mark.parametrize(
    ("own", "loss", "days"),
    [
        ({"mean": 80.0, "slack": 0.08}, 1 / 3, 35),
        ({"mean": 80.0, "slack": 0.32}, 0.5, 35),
        ({"mean": 4.0, "slack": 0.1}, 0.5, 91),
        ({"mean": 0.02, "slack": 0.1}, None, None),
        ({"mean": 80.0, "slack": 0.08, "reason": "restless"}, None, None),
    ],
)
def test_what_own_history_shows_today_is_the_smallest_round_loss_that_it_sees_soon(own, loss, days):
    limit = OwnLimit(**{"size": 12.0, "threshold": 6.3, "cap": 1.25, **own})
    found = view_own(SegmentScale(FAMILY, limit, 261.0, {}))
    assert found.loss == loss
    assert found.reason == limit.reason
    if loss is None:
        assert (found.days, found.blind) == (None, None)
    else:
        assert found.days <= days
        assert limit.slack < found.blind <= loss


def test_a_part_of_a_monthly_delivery_takes_the_whole_month_and_an_open_loss_is_named():
    limit = OwnLimit(mean=600.0, size=12.0, threshold=2.5, slack=0.1, cap=2.0)
    found = view_own(SegmentScale(FAMILY, limit, 12.0, {}, open=True))
    months = found.days / (365.25 / 12.0)
    assert months == pytest.approx(round(months))
    assert months >= limit.deliveries(found.loss)
    assert found.open


def test_there_is_no_audit_while_too_little_is_known():
    assert audit_feed(RULES, {}, counted(30, a=80, b=6)) == ()


def test_segments_too_small_to_be_watched_are_listed_with_what_they_are_judged_as(tmp_path):
    past = counted(60, a=80, b=0.2, c=0.3)
    with History.open(f"sqlite:///{tmp_path}/h.db") as history:
        for snapshot in past.snapshots:
            at = datetime.combine(snapshot.delivery.period, time(9), UTC)
            view = View(snapshot, past.before(snapshot.delivery.period), at=at)
        state = RULES.checks[0].judge(view).state
        history.runs.save(JudgedRun("r", snapshot.delivery, at, ()), snapshot, states={"volume": state})
        (watched,) = find_watched(history, FEED, RULES)
    assert (watched.check, watched.alone) == ("volume", 1)
    (together,) = watched.together
    assert together.segment == WHOLE
    assert [member.pairs[0][1] for member in together.members] == ["b", "c"]


def test_a_loss_that_begins_on_a_given_delivery_is_lost_from_there_on():
    planted = PlantedLoss(np.array([0.9, 0.0]), onset=300)
    assert list(onsets(world(), planted, 3, np.random.default_rng(1))) == [300, 300, 300]
    (found,) = run(world(), EvidenceModel("reconciliation", 6.0), [planted], 3, np.random.default_rng(1))
    assert (found.delays <= 20).all()
