from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
import references

from ketenwacht.domain.checks.reference import ReferenceCheck
from ketenwacht.domain.evidence import Known, ReferenceFigure
from ketenwacht.domain.measurement import MetricKey, decided
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Evidence, Status
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import MissingCount, Name, Persons

CHECK = ReferenceCheck(segments=("group",))


class Feed:
    """Decisions of one group, their deliveries one to three days later (8 % up to a fortnight), weekly figures."""

    def __init__(self, made, seed, weeks=30, loss=0.0, onset=0, bias=1.0):
        rng = np.random.default_rng(seed)
        self.days = made.workdays(weeks * 5)
        place = {d: i for i, d in enumerate(self.days)}
        decided = rng.negative_binomial(12, 12 / 40, len(self.days))
        arrived = np.zeros(len(self.days))
        for i, n in enumerate(decided):
            for late in rng.random(n) < 0.08:
                day = self.days[i] + timedelta(days=int(rng.integers(4, 15) if late else rng.integers(1, 4)))
                while day not in place and day <= self.days[-1]:
                    day += timedelta(days=1)
                if day in place and not (place[day] >= onset * 5 and rng.random() < loss):
                    arrived[place[day]] += 1
        self.shots = [
            made.snapshot(d, {"family": int(n), "asylum": 70}) for d, n in zip(self.days, arrived, strict=True)
        ]
        weekly = decided.reshape(-1, 5).sum(axis=1)
        self.figures = tuple(
            figure(made.group("family"), self.days[5 * i], 7, float(n) * bias) for i, n in enumerate(weekly)
        )


def figure(segment, first, length, count, **changes):
    last = first + timedelta(days=length - 1)
    made = ReferenceFigure(segment, first, last, count, 0.02, last + timedelta(days=1), "the sender's decisions")
    return replace(made, **changes)


def run(made, feed, figures=None, check=CHECK, upto=None):
    replay = made.Replay(check, known=Known(references=feed.figures if figures is None else figures))
    for shot in feed.shots[:upto]:
        replay.judge(shot)
    return replay


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_nineteen_percent_loss_from_day_one_fails_within_six_weeks(made, seed):
    replay = run(made, Feed(made, seed, weeks=8, loss=0.19, bias=1.01))
    failed = [d for d, s in replay.statuses(made.group("family")) if s is Status.FAILED]
    assert failed
    assert (failed[0] - date(2022, 1, 3)).days <= 42


@pytest.mark.integration  # a long simulation
@pytest.mark.parametrize("seed", range(11, 17))
def test_a_whole_feed_passes_though_its_deliveries_lag_behind(made, seed):
    replay = run(made, Feed(made, seed, bias=1.02))
    statuses = [s for _, s in replay.statuses(made.group("family"))]
    assert Status.FAILED not in statuses
    assert statuses[-1] is Status.PASSED


def test_a_failure_ends_when_the_loss_does(made):
    broken, whole = Feed(made, 3, loss=0.4, onset=5), Feed(made, 3)
    broken.shots[75:] = whole.shots[75:]
    statuses = run(made, broken).statuses(made.group("family"))
    assert statuses[70][1] is Status.FAILED
    assert statuses[-1][1] is Status.PASSED


def test_a_failure_estimates_what_is_missing(made):
    whole, broken = Feed(made, 5), Feed(made, 5, loss=0.3, onset=15)
    result = run(made, broken).seen[-1][1][0]
    rows = "rows"
    lost = sum(a.value(rows) - b.value(rows) for a, b in zip(whole.shots, broken.shots, strict=True))
    assert result.status is Status.FAILED
    assert result.evidence is Evidence.REFERENCE
    assert result.missing.low <= lost <= result.missing.high * 1.1
    assert (result.code, result.params["source"]) == ("reference.shortfall", Name("the sender's decisions"))
    assert result.params["missing"] == MissingCount(result.missing.value)
    assert result.params["since"] == result.missing.since


def test_a_figure_is_never_seen_before_it_is_published(made):
    feed = Feed(made, 2, weeks=6, loss=0.5)
    late = tuple(replace(f, published_on=date(2023, 1, 1)) for f in feed.figures)
    result = run(made, feed, late).seen[-1][1][0]
    assert (result.status, result.segment, result.code) == (Status.SKIPPED, WHOLE, "reference.none")


def test_a_restated_figure_counts_from_the_day_it_is_published(made):
    feed = Feed(made, 4, weeks=10)
    wrong = tuple(replace(f, count=f.count * 1.6) for f in feed.figures)
    mended = tuple(replace(f, version=2, published_on=feed.days[40]) for f in feed.figures[:8])
    statuses = run(made, feed, (*wrong[:8], *mended, *feed.figures[8:])).statuses(made.group("family"))
    by_day = dict(statuses)
    assert by_day[feed.days[39]] is Status.FAILED
    assert by_day[feed.days[40]] is Status.PASSED


@pytest.mark.integration
def test_monthly_and_daily_figures_are_judged_too(made):
    feed = Feed(made, 6, weeks=26)
    rows = [s.value("rows", made.group("family")) for s in feed.shots]
    daily = tuple(figure(made.group("family"), d, 1, n) for d, n in zip(feed.days, rows, strict=True))
    assert run(made, feed, daily).seen[-1][1][0].status is Status.PASSED
    months = [(date(2022, m, 1), date(2022, m + 1, 1)) for m in range(2, 6)]
    monthly = tuple(
        figure(
            made.group("family"),
            a,
            (b - a).days,
            sum(n for d, n in zip(feed.days, rows, strict=True) if a <= d < b),
        )
        for a, b in months
    )
    assert run(made, feed, monthly).seen[-1][1][0].status is Status.PASSED
    halved = tuple(replace(f, count=2 * f.count) for f in monthly)
    assert run(made, feed, halved).seen[-1][1][0].status is Status.FAILED


def test_a_yearly_forecast_is_spread_over_blocks_and_judged_before_the_year_is_over(made):
    feed = Feed(made, 7, weeks=40)
    forecast = (figure(made.group("family"), date(2022, 1, 3), 364, 28.0 * 260, published_on=date(2022, 1, 3)),)
    results = run(made, feed, forecast).seen
    assert results[-1][1][0].status is Status.PASSED
    assert (results[15][1][0].status, results[15][1][0].code) == (Status.SKIPPED, "reference.waiting")


def test_an_old_figure_no_longer_speaks_for_today(made):
    feed = Feed(made, 8)
    result = run(made, feed, feed.figures[:8]).seen[-1][1][0]
    assert result.status is Status.SKIPPED
    assert (result.code, result.params["last"]) == ("reference.old", feed.figures[7].period_to)


def test_figures_by_a_segmentation_the_feed_is_not_counted_by_prove_nothing(made):
    feed = Feed(made, 9, weeks=8)
    other = tuple(replace(f, segment=type(WHOLE)((("place", "x"),))) for f in feed.figures)
    result = run(made, feed, other, ReferenceCheck()).seen[-1][1][0]
    assert (result.status, result.code) == (Status.SKIPPED, "reference.not_counted")


def test_a_quiet_result_names_the_loss_that_could_hide(made):
    result = run(made, Feed(made, 13, weeks=10)).seen[-1][1][0]
    assert result.code == "reference.quiet"
    assert 0.1 <= result.params["limit"].value < 0.2
    assert result.params["seen"] == Persons(result.observed)
    assert result.expected.low < result.observed < result.expected.high


def implied(made, counts, day_of_the_first=0):
    """What forty decisions a workday, each delivered on the next one, imply of each week: (persons, delivered)."""
    days = made.workdays(len(counts))
    past = Past.of(made.snapshot(d, {"family": n, "asylum": 2 * n}) for d, n in zip(days, counts, strict=True))
    figures = [figure(made.group("family"), d, 7, 200) for d in days[day_of_the_first::5]]
    check = replace(CHECK, lag_days=1, late_share=0.0)
    (stream,) = check.streams(figures, past, days[-1] + timedelta(days=30))
    return [(w.meant, w.seen) for w in stream.windows]


@pytest.mark.parametrize("before", [0, 5, 35])
def test_the_first_window_knows_who_was_decided_before_the_weekend(made, before):
    assert implied(made, [40] * 60, before)[0] == pytest.approx((200.0, 200.0))


def test_what_was_decided_on_the_day_of_an_outage_comes_with_the_next_delivery(made):
    friday = [40] * 19 + [0, 80] + [40] * 19
    assert implied(made, friday)[3:5] == [pytest.approx((160.0, 160.0)), pytest.approx((240.0, 240.0))]


def dated(made, seed, weeks=30, loss=0.0, onset=0):
    """Forty decisions a workday, one in ten delivered after three workdays; counted by decision."""
    rng = np.random.default_rng(seed)
    days = made.workdays(weeks * 5 + 1)
    cells = {day: {} for day in days}
    for i, day in enumerate(days[:-1]):
        lost = loss if i >= onset * 5 else 0.0
        for lag, share in ((1, 0.9), (3, 0.1)):
            if i + lag < len(days) and (came := rng.binomial(round(40 * share), 1.0 - lost)):
                cells[days[i + lag]][(days[i + lag] - day).days] = float(came)
    shots = []
    for day in days[1:]:
        shot = made.snapshot(day, {"family": int(sum(cells[day].values())), "asylum": 0})
        ages = {
            MetricKey(decided(age), segment): n
            for age, n in cells[day].items()
            for segment in (WHOLE, made.group("family"))
        }
        shots.append(replace(shot, measurements={**shot.measurements, **ages}))
    figures = tuple(figure(made.group("family"), monday, 7, 200.0) for monday in days[:-1:5])
    return SimpleNamespace(shots=shots, figures=figures)


@pytest.mark.parametrize("lag_days", [0, 3])
def test_a_date_of_decision_makes_the_lag_that_is_stated_of_no_account(made, lag_days):
    """Where nobody comes on the day itself, `lag_days: 0` alone makes false alarms: some nine a year."""
    check = replace(CHECK, lag_days=lag_days, decided_column="decided_on", same_persons=("the sender",))
    replay = run(made, dated(made, 1), check=check)
    assert Status.FAILED not in {s for _, s in replay.statuses(made.group("family"))}
    result = replay.seen[-1][1][0]
    assert result.code == "reference.quiet_by_decision"
    assert 1.0 <= result.params["not_due"].value <= 20.0


def test_a_loss_among_dated_decisions_is_told_with_who_is_not_yet_due(made):
    check = replace(CHECK, decided_column="decided_on", same_persons=("the sender",))
    replay = run(made, dated(made, 2, loss=0.2, onset=20), check=check)
    failed = [d for d, s in replay.statuses(made.group("family")) if s is Status.FAILED]
    assert failed[0] <= replay.seen[20 * 5 + 25][0]
    result = replay.seen[-1][1][0]
    assert result.code == "reference.shortfall_by_decision"
    assert result.missing.low <= 40 * 0.2 * 50 <= result.missing.high


@pytest.mark.integration
@pytest.mark.parametrize("kind", references.KINDS)
@pytest.mark.parametrize("tau", [0.02, 0.05])
def test_a_whole_feed_costs_at_most_one_false_alarm_a_year(kind, tau):
    """Three segments, persons on the way at every week's end, two outages a year; the check as it comes."""
    cost = references.cost(references.Case(kind, tau, 80), 30, np.random.default_rng(41))
    assert cost.exposure_years > 30
    assert cost.upper <= 1.0
