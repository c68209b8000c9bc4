"""Every category against its share in production: what is lost is named, what is whole passes."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from ketenwacht.domain.category import ITSELF, PRODUCTION, Comparison
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Persons

SHARES = {"x": {"x1": 0.5, "x2": 0.4, "x3": 0.1}, "y": {"y1": 0.6, "y2": 0.4}}
GROUPS = {"x": 80.0, "y": 30.0}
SHAPES = ((), ("group",), ("group", "code"))
LISTED = tuple(Segment((("group", g), ("code", c))) for g, codes in SHARES.items() for c in codes)
COMPARISON = Comparison(shapes=SHAPES, listed=LISTED)
FIRST = date(2022, 1, 3)


def category(group, code=None):
    return Segment((("group", group), ("code", code)) if code else (("group", group),))


def shot(day, counts):
    """A delivery from counts by (group, code)."""
    rows = {}
    for (group, code), n in counts.items():
        for segment in (WHOLE, category(group), category(group, code)):
            rows[MetricKey(ROWS, segment)] = rows.get(MetricKey(ROWS, segment), 0.0) + float(n)
    return Snapshot(Delivery("f", f"{day}", FIRST + timedelta(days=day)), {k: v for k, v in rows.items() if v})


def days(rng, n, *, start=0, size=12.0, lost=(), scale=1.0):
    """Deliveries with negative binomial groups, multinomial codes; the codes in `lost` never come."""
    found = []
    for day in range(start, start + n):
        counts = {}
        for group, mean in GROUPS.items():
            total = rng.poisson(scale * mean * rng.gamma(size, 1.0 / size))
            drawn = rng.multinomial(total, list(SHARES[group].values()))
            counts |= {(group, c): int(k) for c, k in zip(SHARES[group], drawn, strict=True) if c not in lost}
        found.append(shot(day, counts))
    return found


@pytest.fixture(name="rng")
def _rng():
    return np.random.default_rng(11)


@pytest.fixture(name="production")
def _production(rng):
    return days(rng, 120)


def failed(results):
    return {r.segment for r in results if r.status is Status.FAILED}


def test_a_code_that_is_dropped_is_named_with_what_was_expected_and_seen(rng, production):
    staging = days(rng, 2, start=200, lost=("y2",))
    found = [r for r in COMPARISON.compare(staging, 2, production) if r.status is Status.FAILED]
    (lost,) = found
    assert lost.segment == category("y", "y2")
    rest = sum(one.value(ROWS, category("y", "y1")) for one in staging)
    expected = round(rest * 0.4 / 0.6)
    assert lost.code == "category.share_lost"
    assert lost.params["expected"].value == pytest.approx(expected, rel=0.1)
    assert (lost.params["seen"], lost.params["deliveries"]) == (Persons(0.0), Amount(2))
    assert (lost.params["origin"], lost.of_delivery) == (PRODUCTION, False)
    assert lost.observed == 0.0
    assert lost.expected.low > 0.0


def test_twelve_expected_and_none_seen_is_enough(production):
    rest = 12 * 0.9 / 0.1
    counts = {("x", "x1"): round(rest * 5 / 9), ("x", "x2"): round(rest * 4 / 9), ("y", "y1"): 18, ("y", "y2"): 12}
    found = COMPARISON.compare([shot(200, counts)], 1, production)
    assert failed(found) == {category("x", "x3")}
    (lost,) = [r for r in found if r.status is Status.FAILED]
    assert (lost.of_delivery, lost.params["seen"]) == (True, Persons(0.0, of_delivery=True))


def test_the_same_release_without_the_fault_passes(rng, production):
    found = COMPARISON.compare(days(rng, 3, start=200), 3, production)
    assert {r.status for r in found} == {Status.PASSED}


def test_a_loss_that_begins_halfway_is_not_diluted(rng, production):
    staging = [*days(rng, 12, start=200), *days(rng, 2, start=212, lost=("y1",))]
    assert failed(COMPARISON.compare(staging, 14, production)) == {category("y", "y1")}


def test_what_the_earlier_release_lost_is_not_held_against_the_one_that_brings_it_back(rng, production):
    staging = [*days(rng, 10, start=200, lost=("y1",)), *days(rng, 1, start=210)]
    assert failed(COMPARISON.compare(staging, 1, production)) == set()
    assert failed(COMPARISON.compare(staging[:-1], 1, production)) >= {category("y", "y1")}


def test_a_group_that_is_dropped_is_named_itself_not_by_its_codes(rng, production):
    staging = days(rng, 4, start=200, lost=("y1", "y2"))
    assert failed(COMPARISON.compare(staging, 4, production)) == {category("y")}


def test_a_loss_of_everybody_alike_shows_in_the_total_unless_staging_is_a_part(rng, production):
    staging = days(rng, 5, start=200, scale=0.3)
    assert failed(COMPARISON.compare(staging, 5, production)) == {WHOLE}
    part = Comparison(shapes=SHAPES, listed=LISTED, totals=False)
    assert failed(part.compare(staging, 5, production)) == set()


def test_without_production_stagings_own_earlier_deliveries_stand_in(rng):
    staging = [*days(rng, 8), *days(rng, 3, start=8, lost=("x2",))]
    (lost,) = [r for r in COMPARISON.compare(staging, 3, ()) if r.status is Status.FAILED]
    assert lost.segment == category("x", "x2")
    assert lost.params["origin"] == ITSELF


def test_with_nothing_to_compare_with_it_is_unproven(rng):
    (only,) = COMPARISON.compare(days(rng, 2), 2, ())
    assert only.status is Status.UNPROVEN


def test_listed_categories_too_small_to_miss_are_named_as_unproven(production):
    tiny = shot(200, {("x", "x1"): 5, ("x", "x2"): 4, ("x", "x3"): 1, ("y", "y1"): 1})
    comparison = Comparison(shapes=SHAPES, listed=LISTED, totals=False)
    unproven = [r for r in comparison.compare([tiny], 1, production) if r.status is Status.UNPROVEN]
    assert unproven[0].code == "category.too_few"
    assert {category("x", "x3"), category("y", "y2")} <= set(unproven[0].params["categories"])


@pytest.mark.integration  # a long simulation
def test_a_healthy_release_is_seldom_stopped(rng):
    stopped = sum(bool(failed(COMPARISON.compare(days(rng, 4, start=200), 4, days(rng, 80)))) for _ in range(300))
    assert stopped / 300 <= 0.02  # promised: one in a hundred
