import json
from dataclasses import replace
from datetime import date, timedelta
from time import process_time

import numpy as np
import pytest

from ketenwacht.domain.stats import counts, monitor

DAYS = tuple(d for i in range(560) if (d := date(2021, 1, 4) + timedelta(days=i)).weekday() < 5)
SETTINGS = monitor.MonitorSettings((np.log(783.0), np.log(783.0)))
MEANS = np.array([75.0, 28.0, 6.0])


def counts_of(seed, means=MEANS, k=12.0):
    rng = np.random.default_rng(seed)
    return rng.negative_binomial(k, k / (k + np.broadcast_to(means, (len(DAYS), len(means))))).astype(float)


def alarms(y, **changes):
    return counts.watch(replace(counts.panel_of(DAYS, y), **changes), SETTINGS).alarm


def test_a_vanished_segment_is_alarmed_within_days_and_no_other():
    y = counts_of(1)
    y[300:, 1] = 0.0
    found = alarms(y)[:, monitor.FEW]
    assert found[300:306, 1].any()
    assert not found[300:, [0, 2]].any()


def test_an_alarm_ends_soon_after_everybody_arrives_again():
    y = counts_of(2)
    y[300:330, 1] = np.floor(y[300:330, 1] * 0.4)
    found = alarms(y)[:, monitor.FEW, 1]
    assert found[329]
    assert not found[345:].any()


def test_evidence_begins_where_it_is_asked_to_even_after_an_alarm_that_ended():
    y = counts_of(2)
    y[200:230, 1] = np.floor(y[200:230, 1] * 0.4)
    y[300:310, 1] = np.floor(y[300:310, 1] * 0.6)
    found = counts.watch(counts.panel_of(DAYS, y), SETTINGS, since=310)
    assert found.alarm[229, monitor.FEW, 1]
    assert not found.alarm[290, monitor.FEW, 1]
    assert found.evidence[309, monitor.FEW, 1] > 3.0
    assert found.evidence[310, monitor.FEW, 1] <= 3.0, "what came before is gone"


def test_a_surplus_is_the_other_direction():
    y = counts_of(3)
    y[300:, 2] *= 3.0
    found = alarms(y)
    assert found[300:320, monitor.MANY, 2].any()
    assert not found[300:, monitor.FEW, 2].any()


def test_an_empty_delivery_made_good_by_the_next_is_no_shortfall():
    y = counts_of(14)
    late = y.copy()
    late[372] += late[370] + late[371]
    late[370:372] = 0.0
    plain, made_good = (counts.watch(counts.panel_of(DAYS, a), SETTINGS) for a in (y, late))
    assert not (made_good.alarm & ~plain.alarm)[370:390].any()
    assert made_good.evidence[374:380].max() < plain.evidence[374:380].max() + 3.0


def test_masked_days_never_matter():
    y = counts_of(5)
    masked = np.zeros(y.shape, dtype=bool)
    masked[200:240] = True
    spoilt = y.copy()
    spoilt[200:240] = 999.0
    one = counts.watch(replace(counts.panel_of(DAYS, y), masked=masked), SETTINGS)
    two = counts.watch(replace(counts.panel_of(DAYS, spoilt), masked=masked), SETTINGS)
    assert np.array_equal(one.evidence, two.evidence, equal_nan=True)


def test_the_future_never_leaks_into_the_past():
    y = counts_of(6)
    other = y.copy()
    other[250:] = counts_of(7)[250:] * 3
    one, two = (counts.watch(counts.panel_of(DAYS, a), SETTINGS) for a in (y, other))
    assert np.array_equal(one.evidence[:250], two.evidence[:250], equal_nan=True)
    assert np.array_equal(one.expected[:250], two.expected[:250], equal_nan=True)


def test_segments_in_another_order_have_the_same_evidence():
    y = counts_of(8)
    order = [2, 0, 1]
    one, two = (counts.watch(counts.panel_of(DAYS, a), SETTINGS).evidence for a in (y, y[:, order]))
    np.testing.assert_allclose(two, one[:, :, order], rtol=1e-7, atol=1e-7)


def test_feeds_side_by_side_are_judged_as_if_alone():
    y, z = counts_of(9), counts_of(10)
    together = counts.watch(counts.panel_of(DAYS, np.hstack([y, z]), (), np.repeat([0, 1], 3)), SETTINGS)
    alone = counts.watch(counts.panel_of(DAYS, z), SETTINGS)
    np.testing.assert_allclose(together.evidence[:, :, 3:], alone.evidence, rtol=1e-7, atol=1e-7)
    assert np.array_equal(together.alarm[:, :, 3:], alone.alarm)


def test_a_slow_fault_is_not_learnt_as_normal():
    y = counts_of(11)
    rng = np.random.default_rng(1)
    y[250:, 1] = rng.binomial(y[250:, 1].astype(int), 0.75)
    history = counts.watch(counts.panel_of(DAYS, y), SETTINGS)
    assert history.expected[330, 1] == pytest.approx(28.0, rel=0.12)


def test_a_slow_surplus_is_not_learnt_as_normal_either():
    y = counts_of(12)
    y[250:, 1] = np.round(y[250:, 1] * 1.25)
    history = counts.watch(counts.panel_of(DAYS, y), SETTINGS)
    assert history.expected[330, 1] == pytest.approx(28.0, rel=0.12)


@pytest.mark.parametrize(("every", "least"), [(1, 157), (7, 157), (30, 157)], ids=["daily", "weekly", "monthly"])
def test_three_years_are_looked_at_but_never_fewer_deliveries_than_a_fit_needs(every, least):
    days = tuple(date(2010, 1, 4) + timedelta(days=every * i) for i in range(1500))
    kept = counts.panel_of(days, np.ones((1500, 1))).last(counts.LONGEST, counts.LEAST_ROWS)
    assert len(kept.days) == max(1096 // every, least)
    assert kept.days[-1] == days[-1]


def test_a_tally_is_json_and_comes_back_bit_for_bit():
    tally = monitor.Tally.start(3, DAYS[0].toordinal())
    seen = monitor.MonitorStep(
        DAYS[0].toordinal(), np.array([60.0, 30.0, 2.0]), MEANS, np.full(3, 12.0), np.ones(3, bool)
    )
    tally = monitor.step(tally, seen, SETTINGS)
    again = monitor.Tally.from_dict(json.loads(json.dumps(tally.to_dict(), allow_nan=False)))
    for name in tally.to_dict():
        assert np.array_equal(getattr(tally, name), getattr(again, name)), name


def test_a_tally_of_other_segments_keeps_who_stayed_and_starts_who_came():
    tally = monitor.Tally.start(2, 5)
    seen = monitor.MonitorStep(
        6, np.array([2.0, 30.0]), np.array([20.0, 30.0]), np.full(2, 12.0), np.ones(2, bool)
    )
    tally = monitor.step(tally, seen, SETTINGS)
    moved = tally.take(np.array([1, -1, 0]), 7)
    assert np.array_equal(moved.log_r[:, [2, 0]], tally.log_r)
    assert (moved.zero[:, 1] == 7.0).all()
    assert moved.evidence()[0, 1] < -600


@pytest.mark.integration
def test_a_daily_update_of_four_hundred_segments_takes_less_than_a_second():
    rng = np.random.default_rng(1)
    means = rng.uniform(0.5, 40.0, 400)
    y = counts_of(1, means)
    panel = counts.panel_of(DAYS, y)
    tally = monitor.Tally.start(400, DAYS[0].toordinal())
    started = process_time()
    held = counts.learn(panel.rows(0, 390), tally, DAYS[390].toordinal(), None, refit=True)
    counts.judge(held, tally, panel.rows(390, 391), SETTINGS)
    assert process_time() - started < 1.0
