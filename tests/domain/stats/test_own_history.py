"""Own history over whole feeds: what is told, what is asked, and what is never learnt."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from simulator import business_days

from ketenwacht.domain.stats import missing, own_history, own_history_json
from ketenwacht.domain.stats.detector import (
    ALARM,
    NONE,
    QUESTION,
    DetectorState,
    OwnDetectionLimit,
    OwnHistoryStep,
    step,
)

DAYS = business_days(700)
DAY = DAYS[0].toordinal()


def drawn(seed, factor=1.0, means=(75.0, 28.0, 12.0), days=700, size=12.0):
    rng = np.random.default_rng(seed)
    mean = np.broadcast_to(means, (days, len(means))) * factor
    return rng.poisson(rng.gamma(size, mean / size)).astype(float), rng


def watched(y, days=DAYS, **formatter):
    return own_history.watch(
        own_history.panel_of(days[: len(y)], y, groups=np.zeros(y.shape[1], dtype=int)), **formatter
    )


def stepped(at, by, column=1, days=700, columns=3):
    factor = np.ones((days, columns))
    factor[at:, column] = by
    return factor


@pytest.mark.integration
def test_a_steady_feed_is_judged_after_eight_weeks_and_is_quiet():
    y, _ = drawn(11)
    history = watched(y)
    assert not history.told.any()
    assert (history.reason[:40] == own_history.REASONS.index("learning")).all()
    assert (history.reason[60:] == own_history.REASONS.index("judged")).all()


@pytest.mark.integration
@pytest.mark.parametrize(("loss", "within"), [(0.5, 15), (0.3, 40)])
def test_a_loss_is_told_and_stays_open_until_the_counts_are_back(loss, within):
    y, rng = drawn(2)
    y[560:640, 1] = rng.binomial(y[560:640, 1].astype(int), 1.0 - loss)
    history = watched(y)
    first = np.flatnonzero(history.told[:, 1])[0]
    assert 560 <= first < 560 + within
    assert (history.short[first:640, 1] == ALARM).all()
    assert history.short[-1, 1] == NONE
    assert not history.told[:, [0, 2]].any()


@pytest.mark.integration
def test_a_surplus_is_one_open_question_and_a_loss_after_it_is_told_and_does_not_close_it():
    y, rng = drawn(3, stepped(300, 1.4))
    y[480:, 1] = rng.binomial(y[480:, 1].astype(int), 0.7)
    history = watched(y)
    assert history.over[340:480, 1].all()
    told = np.flatnonzero(history.told[:, 1])
    assert 480 <= told[0] < 560
    assert history.over[told[0], 1]


@pytest.mark.integration
def test_a_further_drop_inside_an_open_shortfall_is_told():
    y, _ = drawn(4, stepped(540, 0.6) * stepped(630, 0.6))
    history = watched(y)
    told = np.flatnonzero(history.told[:, 1])
    assert 540 <= told[0] < 570
    assert 630 <= told[1] < 670
    # The missing are counted against the level before the first of them.
    assert history.normal[-1, 1] == pytest.approx(28.0, rel=0.15)


@pytest.mark.parametrize(
    ("deeper", "short", "sentence"),
    [
        (0.0, QUESTION, "a mild shortfall of half a year that drift explains is a question"),
        (DAY + 180.0, ALARM, "but not a week after a further drop was told inside it"),
    ],
)
def test_a_further_drop_is_not_taken_for_mild_because_of_what_came_before_it(deeper, short, sentence):
    one = np.ones(1)
    track = replace(
        DetectorState.start(1, DAY),
        short=one * ALARM,
        short_since=one * DAY,
        deeper=one * deeper,
        begun=one * max(deeper, DAY),
        total=np.array([[[1320.0], [1500.0]], [[0.0], [0.0]]]),
    )
    assert after(track, 187).short[0] == short, sentence


@pytest.mark.parametrize(
    ("deeper", "short", "sentence"),
    [
        (0.0, NONE, "a question about a shortfall of a year lapses"),
        (DAY + 300.0, QUESTION, "but one about a further drop inside it stays until that is a year old"),
        (DAY + 21.0, NONE, "and lapses then"),
    ],
)
def test_a_question_about_a_further_drop_lapses_by_the_age_of_that_drop(deeper, short, sentence):
    one = np.ones(1)
    track = replace(
        DetectorState.start(1, DAY),
        short=one * QUESTION,
        short_since=one * DAY,
        deeper=one * deeper,
        begun=one * DAY,
    )
    assert after(track, 387).short[0] == short, sentence


def after(track, days):
    """Return the state after a delivery in which as many came as expected, so many days after the first."""
    one = np.ones(1)
    limit = OwnDetectionLimit(
        slack=one * 0.1, wide=one * 0.1, size=one * 30.0, judged=one < 0.0, many=False, learning=one > 0.0,
        threshold=one * 4.0, cap=1.5, drift=one * 0.1, wait=56.0, settles=70.0,
    )  # fmt: skip
    seen = OwnHistoryStep(DAY + days, one * 24.0, one * 24.0, one * 60.0, one > 0.0, one * 0.0)
    return step(track, seen, limit)


def test_a_shift_in_the_first_year_is_asked_not_learnt_silently():
    y, _ = drawn(5, stepped(150, 0.75))
    history = watched(y[:260])
    assert not history.told[:, 1].any()
    assert (history.short[:, 1] == QUESTION).any()


def test_a_monthly_feed_is_judged_within_its_first_year():
    months = tuple(date(2020 + i // 12, i % 12 + 1, 1) for i in range(24))
    y, rng = drawn(6, means=(600.0, 500.0), days=24, size=150.0)
    y[18:, 0] = rng.binomial(y[18:, 0].astype(int), 0.5)
    history = watched(y, months)
    assert np.flatnonzero(history.told[:, 0])[0] in {18, 19}
    assert not history.told[:, 1].any()


@pytest.mark.integration
def test_waves_are_not_judged():
    wave = np.exp(1.5 * np.sin(np.arange(700) / 23.0))[:, None]
    y, _ = drawn(7, wave)
    history = watched(y)
    assert (history.reason[300:] == own_history.REASONS.index("restless")).mean() > 0.8


def test_a_memory_is_stored_under_the_names_that_histories_hold_and_is_read_back_exactly():
    y, _ = drawn(8, days=100)
    memory = watched(y).memory
    body = json.loads(json.dumps(own_history_json.to_dict(memory)))
    assert set(body) == {"first", "track", "errors", "origins", "model"}
    assert set(body["model"]) == {"season", "levels", "normal", "under", "spread", "sight", "reason", "rhythm"}
    again = own_history_json.from_dict(body)
    assert own_history_json.to_dict(again) == own_history_json.to_dict(memory)
    later = own_history.panel_of(DAYS[:1], y[:1], groups=np.zeros(3, dtype=int))
    assert own_history.judge(later, again)[1].mu == pytest.approx(own_history.judge(later, memory)[1].mu)


WEEKS = tuple(date(2017, 1, 2) + timedelta(weeks=i) for i in range(200))


@pytest.mark.integration
def test_what_came_before_a_surplus_is_no_part_of_the_loss_inside_it():
    factor = np.ones((200, 1))
    factor[150:170] = 1.4
    y, _ = drawn(3, factor, means=(3000.0,), days=200, size=150.0)
    panel = own_history.panel_of(WEEKS, y)
    state = own_history.watch(panel).memory
    loss, surplus = (
        missing.stretch_of(panel, state, 0, since, many=many)
        for since, many in ((state.track.short_since[0], False), (state.track.over_since[0], True))
    )
    first, last = (
        estimate.onset + stretch.rows[0]
        for stretch, estimate in (
            (stretch, missing.estimate(stretch.y, stretch.mu, stretch.size, many=many))
            for stretch, many in ((loss, False), (surplus, True))
        )
    )
    assert abs(first - 170) <= 1
    assert abs(last - 150) <= 1
    assert surplus.rows[-1] < state.track.short_since[0]
