from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal, nbinom

from ketenwacht.domain.stats import shiryaev
from ketenwacht.domain.stats.reference_figures import ONSETS, OutsideDetector, OutsideWindows

WEEKLY = shiryaev.Mixture(shiryaev.LOSS.shares, shiryaev.LOSS.weights, shiryaev.WEEKLY_CAP)
NOISE, BEFORE, AFTER = 0.01, 400.0, 90.0


def seen(y, mu=140.0, *, noise=NOISE, ends=(BEFORE, AFTER), follows=True):
    """Windows of which the first follows on no other."""
    y = np.atleast_2d(np.array(y, float))
    after_another = np.full(y.shape, follows)
    after_another[0] = False
    return OutsideWindows(y, *(np.full_like(y, v) for v in (mu, noise, *ends)), after_another)


def run(y, spread=0.03, cap=np.inf, *, drawn=False, **about):
    """Evidence after each window, (steps, streams)."""
    windows = seen(y, **about)
    streams = windows.y.shape[1]
    mixture = shiryaev.Mixture(WEEKLY.shares, WEEKLY.weights, cap)
    return OutsideDetector(mixture, np.full(streams, spread), np.full(streams, drawn)).run(windows)


def by_hand(y, mu, spread):
    """The same from the joint normal distribution of all windows, without a filter."""
    n = len(y)

    def log_density(onset, rho):
        share = np.where(np.arange(n) >= onset, rho, 1.0)
        # y = share·(mu(1 + b) + xi[t-1] - xi[t]) + own; the variables are b, xi[-1], xi[0] …
        load = np.zeros((n, n + 2))
        for t in range(n):
            load[t, 0] = mu * share[t]
            load[t, t + 1], load[t, t + 2] = share[t], -share[t]
        prior = np.diag([spread**2, BEFORE, *[AFTER] * n])
        own = (share * NOISE * mu) ** 2 + 1.0 + share * (1.0 - share) * mu
        return multivariate_normal.logpdf(y, mu * share, load @ prior @ load.T + np.diag(own))

    whole = log_density(n, 1.0)
    ratios = [[log_density(onset, rho) - whole for onset in range(n)] for rho in WEEKLY.shares]
    return np.log(sum(w * np.exp(r).sum() for w, r in zip(WEEKLY.weights, ratios, strict=True)))


@pytest.mark.parametrize("y", [[140, 133, 151, 128], [118, 112, 109, 121, 110], [160, 140]])
def test_the_filter_gives_the_evidence_of_the_joint_distribution_written_out(y):
    assert run(np.array(y)[:, None])[-1, 0] == pytest.approx(by_hand(np.array(y, float), 140.0, 0.03), abs=1e-6)


def test_who_is_late_for_one_window_is_early_for_the_next():
    """Twenty persons come a week later: that is no loss, where the same shortfall without a return would be."""
    usual = [140.0] * 8
    late, lost = [*usual, 120.0, 160.0, *usual], [*usual, 120.0, 120.0, *usual]
    late, lost = (run(np.array(y)[:, None]) for y in (late, lost))
    assert late[9:].max() < 2.0
    assert lost[9:].max() > late[9:].max() + 2.0


def test_a_loss_from_the_first_day_is_found_in_weeks():
    assert (run(np.full((5, 1), 140 * 0.81), spread=np.hypot(0.02, 0.01)) >= np.log(52 * 6)).any()


def test_a_shortfall_from_the_first_day_that_the_level_explains_saturates():
    assert run(np.full((150, 1), 134.0), spread=0.03).max() < np.log(104)


def test_the_same_shortfall_later_is_found_as_the_level_was_learnt():
    assert run(np.array([140.0] * 60 + [134.0] * 40)[:, None], spread=0.03).max() > np.log(104)


def test_a_window_without_a_figure_changes_nothing_at_all():
    with_gap = run([[130.0, 130.0], [np.nan, 128.0], [125.0, 125.0]])
    assert with_gap[1, 0] == with_gap[0, 0]
    assert with_gap[2, 0] == pytest.approx(run([[130.0], [125.0]])[1, 0])


def test_where_a_window_does_not_follow_on_the_last_nothing_is_owed_by_it():
    y = np.array([[110.0], [170.0], [110.0]])
    assert run(y, follows=False)[-1, 0] > run(y, follows=True)[-1, 0]


def test_streams_do_not_look_at_each_other():
    rng = np.random.default_rng(4)
    y = rng.normal(138, 9, (30, 3))
    np.testing.assert_allclose(run(y)[:, [2, 0]], run(y[:, [2, 0]]), rtol=1e-12)


def test_more_windows_than_possible_onsets_are_followed_all_the_same():
    path = run(np.array([140.0] * (ONSETS + 20) + [100.0] * 8)[:, None])
    assert path[-1, 0] > np.log(104)


def test_cleared_evidence_is_gone_and_nobody_elses():
    detector = OutsideDetector(WEEKLY, np.full(2, 0.03), np.zeros(2, dtype=bool))
    state, windows = detector.start(), seen(np.full((4, 2), 100.0))
    for t in range(4):
        state = detector.update(state, windows.at(t))
    before, after = (detector.evidence(s) for s in (state, detector.clear(state, np.array([True, False]))))
    assert after[0] < -600
    assert after[1] == before[1]


def test_a_fresh_draw_of_few_persons_is_no_normal_count():
    """Nobody on the way, the level known: what is left is the textbook's statistic for such counts."""
    y = np.array([4.0, 1.0, 3.0, 0.0, 9.0])
    log_r = np.full(len(WEEKLY.shares), shiryaev.NOTHING)
    for count in y:
        log_r = shiryaev.update(log_r, _step(count, WEEKLY.grid) - _step(count, 1.0), np.inf)
    path = run(y[:, None], 1e-9, drawn=True, mu=3.0, noise=0.2, ends=(0.0, 0.0))
    assert path[-1, 0] == pytest.approx(float(shiryaev.evidence(log_r, WEEKLY)), abs=1e-6)


def _step(count, rho):
    mean = 3.0 * rho
    size = mean**2 / ((0.2 * mean) ** 2 + 1.0)
    return nbinom.logpmf(count, size, size / (size + mean))


def test_the_same_shortfall_says_more_where_the_very_persons_are_counted():
    y = np.full((8, 1), 127.0)
    assert run(y, drawn=False)[-1, 0] > run(y, drawn=True)[-1, 0] + 1.0


def test_whoever_waits_over_the_weekend_is_no_loss_to_figures_of_others():
    """A day's persons more or less at either end: told that, the windows of a whole feed prove little."""
    y = np.array([140.0] * 8 + [95.0, 185.0, 95.0, 185.0])[:, None]
    unaware, aware = (run(y, drawn=True, noise=0.03, ends=(v, v)).max() for v in (0.0, 500.0))
    assert unaware > np.log(52)
    assert aware < np.log(52) - 1.0


def test_the_size_of_a_count_knows_of_who_was_on_the_way_only_where_nothing_else_is_known():
    windows = seen([[140.0], [140.0]], noise=0.03)
    assert windows.size[1, 0] == pytest.approx(0.03**-2)
    assert windows.size[0, 0] == pytest.approx(1.0 / (0.03**2 + BEFORE / 140.0**2))
    certain = replace(windows, noise=np.zeros_like(windows.y))
    assert np.isfinite(certain.size).all()


@pytest.mark.integration
@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize(("mean", "tau"), [(140.0, 0.02), (15.0, 0.05), (4.0, 0.05)])
def test_the_average_run_length_holds_for_whole_persons_with_binomial_lateness(mean, tau, drawn):
    """Counts that are drawn, not normal: a part of each week's persons waits for the next week's delivery."""
    rng = np.random.default_rng(31)
    a, runs, steps, waiting = 52, 150, 400, 0.3
    bias = np.exp(rng.normal(0.0, tau, runs))
    decided = rng.poisson(mean, (steps + 1, runs))
    sent = rng.poisson(decided) if drawn else decided
    late = rng.binomial(sent, waiting)
    y = (sent - late)[1:] + late[:-1]
    figure = decided * bias
    mu = np.maximum((figure * (1 - waiting))[1:] + (figure * waiting)[:-1], 0.5)
    ends = mu * waiting * (1 - waiting)
    follows = np.ones(mu.shape, dtype=bool)
    spread = np.full(runs, np.hypot(tau, 0.01))
    windows = OutsideWindows(y.astype(float), mu, np.full(mu.shape, NOISE), mu * waiting, ends, follows)
    path = OutsideDetector(WEEKLY, spread, np.full(runs, drawn)).run(windows)
    crossed = path >= np.log(a)
    length = np.where(crossed.any(axis=0), crossed.argmax(axis=0) + 1.0, steps)
    assert length.mean() - 2 * length.std() / np.sqrt(runs) >= a
