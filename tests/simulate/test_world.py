from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from ketenwacht.simulate.records import CHANGE, GRANT, WITHDRAWAL
from ketenwacht.simulate.volumes import ASYLUM, FAMILY, GROUPS, OTHER
from ketenwacht.simulate.world import LOST_PURPOSES, SLA_DAYS, build_world, merge_rows

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def world():
    return build_world(date(2022, 1, 1), date(2023, 6, 30), 11)


def per_day(world, group, days):
    rows = world.grants.take(world.grants.mask(doelgroep=(group,)))
    calendar = np.array([d for d in world.days if days[0] <= d <= days[1]], dtype="datetime64[D]")
    return np.array([(rows.sent_on == day).sum() for day in calendar])


def test_volumes_are_those_of_the_published_cohorts(world):
    in_2022 = (date(2022, 1, 1), date(2022, 12, 31))
    asylum = per_day(world, ASYLUM, in_2022).sum()
    others = per_day(world, FAMILY, in_2022).sum() + per_day(world, OTHER, in_2022).sum()
    assert asylum == pytest.approx(18_900, rel=0.08)
    assert others == pytest.approx(36 * 254, rel=0.10)
    in_2023 = (date(2023, 3, 1), date(2023, 6, 30))
    assert per_day(world, FAMILY, in_2023).mean() + per_day(world, OTHER, in_2023).mean() == pytest.approx(
        52, rel=0.25
    )


@pytest.mark.parametrize("group", [ASYLUM, FAMILY])
def test_delivered_counts_are_overdispersed(group):
    ratios = []
    for seed in range(4):
        counts = per_day(
            build_world(date(2022, 1, 1), date(2022, 7, 31), seed), group, (date(2022, 1, 1), date(2022, 7, 31))
        )
        ratios.append(counts.var() / counts.mean())
    assert 1.7 < np.mean(ratios) < 3.3


def test_the_incident_loses_what_history_lost(world):
    before_fix = world.grants.take(world.grants.sent_on < np.datetime64("2023-05-15"))
    lost = before_fix.take(before_fix.mask(verblijfsdoel=LOST_PURPOSES))
    asylum = lost.mask(doelgroep=(ASYLUM,)).sum()
    others = lost.count - asylum
    assert asylum / before_fix.mask(doelgroep=(ASYLUM,)).sum() == pytest.approx(0.0165, abs=0.003)
    assert others / (~before_fix.mask(doelgroep=(ASYLUM,))).sum() == pytest.approx(0.198, abs=0.012)
    family = before_fix.mask(doelgroep=(FAMILY,))
    assert 0.17 < lost.mask(doelgroep=(FAMILY,)).sum() / family.sum() < 0.21
    assert lost.count == pytest.approx(3210, rel=0.10)


def test_a_decision_is_delivered_on_a_later_working_day_and_within_the_sla(world):
    waited = (world.events.sent_on - world.events.decided).astype(int)
    assert waited.min() >= 1
    assert waited.max() <= SLA_DAYS
    working = np.array([*world.days], dtype="datetime64[D]")
    inside = world.events.sent_on <= working[-1]
    assert np.isin(world.events.sent_on[inside], working).all()
    late = np.busday_count(world.grants.decided, world.grants.sent_on) > 3
    assert 0.05 < late.mean() < 0.12


def test_every_person_is_unique_and_consistent(world):
    cells = world.grants.cells
    assert len(set(cells["v_nummer"])) == world.grants.count
    asylum, family = (world.grants.mask(doelgroep=(g,)) for g in (ASYLUM, FAMILY))
    assert ((cells["coa_locatie"] != "") | (cells["gemeentecode"] != ""))[asylum].all()
    assert (cells["referent_v_nummer"] != "")[family].all()
    assert (cells["referent_v_nummer"] == "")[~family].all()
    assert ((cells["gemeentecode"] != "") == (cells["postcode"] != "")).all()
    assert (cells["datum_beschikking"] <= cells["datum_bekendmaking"]).all()
    assert (cells["datum_bekendmaking"] >= "2022-01-01").all()
    assert (cells["ingangsdatum_verblijfsrecht"] <= cells["datum_beschikking"]).all()
    assert (cells["geslacht"][asylum] == "M").mean() == pytest.approx(0.60, abs=0.02)
    assert (cells["geslacht"][family] == "V").mean() == pytest.approx(0.68, abs=0.02)
    assert (cells["bsn"] == "").mean() == pytest.approx(0.12, abs=0.01)


def test_everybody_is_of_age_and_some_births_are_incompletely_known(world):
    births = world.grants.cells["geboortedatum"]
    assert {len(b) for b in births} == {8}
    incomplete = np.array([b.endswith("00") for b in births])
    assert 0.01 < incomplete.mean() < 0.05
    assert any(b == "00000000" for b in births)
    assert any(b.endswith("0000") and b != "00000000" for b in births)
    years = world.grants.decided.astype("datetime64[Y]").astype(int) + 1970
    ages = years - np.array([int(b[:4]) for b in births])
    assert (ages[births != "00000000"] >= 18).all()
    assert (ages[births != "00000000"] <= 66).all()


def test_changes_follow_a_grant_and_spare_those_whom_the_incident_hid(world):
    kinds = set(world.changes.cells["mutatiesoort"])
    assert kinds == {CHANGE, WITHDRAWAL}
    decided = dict(zip(world.grants.cells["v_nummer"], world.grants.decided, strict=True))
    before = np.array([decided[v] for v in world.changes.cells["v_nummer"]])
    assert (world.changes.decided - before).astype(int).min() >= 20
    assert not world.changes.mask(verblijfsdoel=LOST_PURPOSES).any()
    assert set(world.grants.cells["mutatiesoort"]) == {GRANT}


def test_rows_sent_later_go_under_the_codes_of_that_day(world):
    weesp = world.grants.take(world.grants.mask(gemeentecode=("0457",)))
    assert weesp.count > 0
    moved = merge_rows([weesp, weesp], date(2022, 4, 1))
    assert set(moved.cells["gemeentecode"]) == {"0363"}
    numbers = [b for b in moved.cells["bsn"] if b]
    assert len(numbers) == len(set(numbers))


def test_the_same_seed_gives_the_same_world_and_another_one_another():
    a, b, c = (build_world(date(2022, 1, 1), date(2022, 2, 28), s) for s in (1, 1, 2))
    assert a.grants.list_rows() == b.grants.list_rows()
    assert a.grants.list_rows() != c.grants.list_rows()


def test_shares_of_weekdays_are_around_one():
    for group in GROUPS:
        assert sum(group.weekdays) / 5 == pytest.approx(1.0, abs=0.01)
