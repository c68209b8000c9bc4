import json
from dataclasses import fields as parts_of

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenwacht.domain.stats import empty_fields as fields

NEVER = fields.FieldSettings(0.03, 300, np.inf)
DAY = 738000


def drawn(rng, rows, share, days, together=0.01):
    """Beta-binomial empty values of as many streams as there are rows, (days, streams)."""
    size = 1 / together - 1
    share = np.broadcast_to(share, (days, len(rows)))
    chance = np.where(share > 0, rng.beta(np.maximum(share * size, 1e-9), (1 - share) * size), 0.0)
    return rng.binomial(np.broadcast_to(rows, chance.shape), chance).astype(float)


def run(empty, rows, formatter=NEVER, tally=None, first=DAY):
    """The tally after the deliveries, and the evidence after each."""
    tally = fields.FieldTally.start(empty.shape[1], first) if tally is None else tally
    path = []
    for i, x in enumerate(empty):
        tally = fields.step(tally, first + 1 + i, x, np.broadcast_to(rows, x.shape).astype(float), formatter)
        path.append(tally.evidence())
    return tally, np.array(path)


def leaves(tally):
    """Every array of a tally."""
    sums = {name: getattr(tally, name) for name in ("waiting", "fewer", "lately")}
    return sums | {
        (type(p), f.name): getattr(p, f.name)
        for p in (tally.judged, tally.onsets, tally.usual)
        for f in parts_of(p)
    }


def same(one, other):
    return all(np.array_equal(a, leaves(other)[name]) for name, a in leaves(one).items())


@pytest.mark.integration
@pytest.mark.parametrize(("rows", "share"), [(75, 0.05), (28, 0.2), (3, 0.05), (75, 0.001)])
def test_the_run_length_is_at_least_the_nominal_one_on_counts_of_the_model(rows, share):
    rng, a, streams = np.random.default_rng(5), 200, 300
    _, path = run(drawn(rng, np.full(streams, rows), share, 1500), rows)
    crossed = path[300:] >= np.log(a)
    first = np.where(crossed.any(axis=0), crossed.argmax(axis=0) + 1, len(crossed))
    assert first.mean() - 2 * first.std() / np.sqrt(streams) >= a


@given(st.integers(0, 2**32 - 1), st.integers(25, 55))
@settings(max_examples=5, deadline=None)
def test_a_memory_that_was_written_and_read_goes_on_bit_for_bit(seed, cut):
    rng, rows = np.random.default_rng(seed), np.array([75, 28, 3])
    empty = drawn(rng, rows, np.where(np.arange(70)[:, None] < 50, 0.02, 0.3), 70)
    formatter = fields.FieldSettings(0.03, 60, 5.0)
    whole, _ = run(empty, rows, formatter)
    half, _ = run(empty[:cut], rows, formatter)
    again = fields.FieldTally.from_dict(json.loads(json.dumps(half.to_dict(), allow_nan=False)))
    assert same(run(empty[cut:], rows, formatter, again, DAY + cut)[0], whole)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_no_rows_leave_a_stream_exactly_as_it_was(seed):
    rng = np.random.default_rng(seed)
    before, _ = run(drawn(rng, np.array([75, 20]), 0.05, 60), np.array([75, 20]))
    after = fields.step(before, DAY + 90, np.array([9.0, 0.0]), np.array([75.0, 0.0]), NEVER)
    assert all(np.array_equal(a[1], leaves(after)[name][1]) for name, a in leaves(before).items())
    assert not same(before, after)


def test_a_stream_does_not_depend_on_those_beside_it():
    rng, rows = np.random.default_rng(3), np.array([75, 28, 3000])
    empty = drawn(rng, rows, [0.05, 0.2, 0.001], 120)
    together, _ = run(empty, rows)
    for i in range(3):
        alone, _ = run(empty[:, [i]], rows[[i]])
        assert all(np.array_equal(a[0], leaves(together)[name][i]) for name, a in leaves(alone).items())


def test_new_streams_begin_with_nothing_and_change_no_other():
    rng, rows = np.random.default_rng(4), np.array([75, 28])
    before, _ = run(drawn(rng, rows, 0.05, 60), rows)
    wider = before.extend(1, DAY + 60)
    assert all(np.array_equal(a, leaves(wider)[name][:2]) for name, a in leaves(before).items())
    assert wider.usual.rows[2] == 0.0
    assert not wider.find_known(NEVER)[2]


@pytest.mark.parametrize(("rows", "points", "within"), [(75, 0.01, 15), (28, 0.02, 15), (3, 0.2, 15)])
def test_a_field_that_was_always_filled_is_told_soon(rows, points, within):
    rng, streams = np.random.default_rng(6), 40
    share = np.where(np.arange(200)[:, None] < 150, 0.0, points)
    _, path = run(drawn(rng, np.full(streams, rows), share, 200), rows)
    assert (path[:150] < np.log(261 * 24)).all()
    assert np.median(np.argmax(path[150:] >= np.log(261 * 24), axis=0)) + 1 <= within


def test_what_is_not_told_yet_is_not_learnt_either():
    rng, streams = np.random.default_rng(7), 40
    share = np.where(np.arange(330)[:, None] < 250, 0.05, 0.08)
    tally, _ = run(drawn(rng, np.full(streams, 28), share, 330), 28)
    assert tally.usual.share.mean() < 0.055


def test_once_it_is_filled_better_the_old_share_is_forgotten():
    rng, streams = np.random.default_rng(8), 40
    share = np.where(np.arange(330)[:, None] < 250, 0.2, 0.05)
    tally, _ = run(drawn(rng, np.full(streams, 28), share, 330), 28)
    assert np.abs(tally.usual.share - 0.05).max() < 0.04


def test_a_share_that_stays_is_hardly_ever_forgotten():
    rng, streams = np.random.default_rng(9), 40
    tally, _ = run(drawn(rng, np.full(streams, 28), 0.2, 400), 28)
    assert np.median(tally.usual.rows) > 28 * 200


def test_how_values_come_together_is_learnt():
    rng, streams = np.random.default_rng(10), 60
    pairs = [(together, share) for together in (0.002, 0.01, 0.05) for share in (0.05, 0.2, 0.5)]
    together, share = (np.repeat(values, streams) for values in zip(*pairs, strict=True))
    tally, _ = run(drawn(rng, np.full(len(share), 75), share, 300, together), 75)
    learnt = tally.usual.together.reshape(len(pairs), streams).mean(axis=1)
    for found, (true, share) in zip(learnt, pairs, strict=True):
        assert found == pytest.approx(true, rel=0.3, abs=0.002), share


def test_a_strange_day_does_not_hide_the_days_after_it():
    rng, streams = np.random.default_rng(11), 40
    empty = drawn(rng, np.full(streams, 75), 0.05, 200)
    empty[100] = 75.0
    tally, path = run(empty, 75)
    assert tally.usual.together.mean() < 0.03
    assert (path[100] <= np.logaddexp(path[99], 0.0) + 3.0 + 1e-9).all()  # and is no alarm by itself


def test_many_thousands_of_rows_alarm_no_sooner_by_chance():
    rng, streams = np.random.default_rng(12), 40
    _, path = run(drawn(rng, np.full(streams, 20_000), 0.2, 500), 20_000)
    assert (path >= np.log(261 * 24)).any(axis=0).sum() <= 1


def test_a_small_segment_is_known_in_time_and_stays_so():
    rng = np.random.default_rng(13)
    rows = rng.poisson(1.0, 700)
    empty, tally, known = rng.binomial(rows, 0.2), fields.FieldTally.start(1, DAY), []
    for i, (x, n) in enumerate(zip(empty, rows, strict=True)):
        tally = fields.step(tally, DAY + 1 + i * 7 // 5, np.array([float(x)]), np.array([float(n)]), NEVER)
        known.append(bool(tally.find_known(NEVER)[0]))
    assert known.index(True) < 400
    assert all(known[400:])


def test_an_alarm_ends_when_the_field_is_filled_again_and_nothing_of_it_is_learnt():
    rng = np.random.default_rng(14)
    day = np.arange(300)[:, None]
    formatter = fields.FieldSettings(0.03, 300, np.log(261))
    empty = drawn(rng, np.array([75, 75]), np.where((day >= 150) & (day < 200), [0.3, 0.05], 0.05), 300)
    sick, _ = run(empty[:190], 75, formatter)
    assert sick.judged.alarm.tolist() == [1.0, 0.0]
    since, wrong, seen = sick.onsets.find_likeliest()
    assert DAY + 145 <= since[0] <= DAY + 152
    assert wrong[0] / seen[0] == pytest.approx(0.3, abs=0.05)
    well, _ = run(empty, 75, formatter)
    assert well.judged.alarm.tolist() == [0.0, 0.0]
    assert well.usual.share == pytest.approx(np.array([0.05, 0.05]), abs=0.015)


def test_an_onset_lies_after_what_was_learnt_from_and_after_the_alarm_before_it():
    rng, day = np.random.default_rng(15), np.arange(210)[:, None]
    formatter = fields.FieldSettings(0.03, 300, np.log(261))
    bad = ((day >= 60) & (day < 110)) | (day >= 160)
    empty = drawn(rng, np.array([75]), np.where(bad, 0.5, 0.1), 210)
    first, _ = run(empty[:80], 75, formatter)
    assert DAY + 58 <= first.onsets.find_likeliest()[0][0] <= DAY + 61
    again, _ = run(empty, 75, formatter)
    assert again.judged.alarm[0] == 1.0
    assert DAY + 120 <= again.onsets.find_likeliest()[0][0] <= DAY + 162


@pytest.mark.parametrize(("known_days", "asked"), [(150, 1.0), (760, 0.0)])
def test_until_two_years_are_known_a_rise_that_a_season_may_explain_is_a_question(known_days, asked):
    rng, day = np.random.default_rng(16), np.arange(known_days + 40)[:, None]
    empty = drawn(rng, np.array([75]), np.where(day >= known_days, 0.1, 0.05), known_days + 40)
    tally, _ = run(empty, 75, fields.FieldSettings(None, 300, np.log(261)))
    assert (tally.judged.alarm[0], tally.asked[0]) == (1.0, asked)


def test_a_question_that_lasts_is_taken_for_usual_and_a_further_rise_is_told():
    rng, day = np.random.default_rng(17), np.arange(330)[:, None]
    empty = drawn(rng, np.array([75]), np.select([day < 150, day < 300], [0.05, 0.1], 0.7), 330)
    settings = fields.FieldSettings(None, 300, np.log(261))
    lasting, _ = run(empty[:300], 75, settings)
    assert (lasting.judged.alarm[0], lasting.usual.share[0]) == (0.0, pytest.approx(0.1, abs=0.02))
    further, _ = run(empty[300:], 75, settings, lasting, DAY + 300)
    assert (further.judged.alarm[0], further.asked[0]) == (1.0, 0.0)


def test_a_field_that_is_suddenly_empty_everywhere_is_told_at_once():
    rng = np.random.default_rng(18)
    empty = drawn(rng, np.array([75, 75]), 0.05, 120)
    empty[-1, 0] = 75.0
    tally, _ = run(empty, 75, fields.FieldSettings(None, 300, np.log(261)))
    assert (tally.judged.alarm.tolist(), tally.asked.tolist()) == ([1.0, 0.0], [0.0, 0.0])


def test_a_share_that_swings_by_itself_is_not_judged():
    rng, day = np.random.default_rng(19), np.arange(720)[:, None]
    share = 1 / (1 + np.exp(2.2 - 1.5 * np.sin(day / 365 * 2 * np.pi)))
    tally, _ = run(drawn(rng, np.array([300]), share, 720), 300, fields.FieldSettings(None, 300, np.log(261)))
    settings = fields.FieldSettings(None, 300, np.log(261))
    assert tally.slack(DAY + 721, settings)[0] > fields.TOO_RESTLESS
    assert fields.REASONS[tally.reasons(DAY + 721, settings)[0]] == "restless"


def test_fields_that_are_filled_again_by_themselves_too_often_are_not_judged():
    rng, day = np.random.default_rng(20), np.arange(330)[:, None]
    burst = (day >= 100) & (day % 60 < 4)
    empty = drawn(rng, np.array([75, 75]), np.where(burst, [0.9, 0.02], 0.02), 330, 0.002)
    settings = fields.FieldSettings(None, 300, np.log(261))
    tally, _ = run(empty, 75, settings)
    assert [fields.REASONS[r] for r in tally.reasons(DAY + 331, settings)] == ["recurring_alarms", "judged"]
