from __future__ import annotations

from datetime import timedelta

import pytest

from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.errors import StoreError
from ketenwacht.store.declarations import Provenance

from .samples import AT, DAY, FEED, NORTH

MASK = ExclusionWindow(DAY, DAY + timedelta(7), "strike", "pause", NORTH, "anna")
BODY = {"level": 20.5, "weekday": [1.0, 0.9], "reference": None, "naam": "één"}
BY_ANNA = {"who": "anna", "why": "first", "at": AT}
BY_BEN = {"who": "ben", "why": "looks right", "at": AT + timedelta(1)}


def propose(history, times=1, check="volume"):
    return [history.baselines.propose(FEED, check, {**BODY, "n": n}, **BY_ANNA) for n in range(times)]


def test_a_mask_comes_back_as_it_went_in(history):
    earlier = ExclusionWindow(DAY - timedelta(9), DAY, "released in bulk")
    assert history.exclusions.add(FEED, MASK, at=AT) is True
    assert history.exclusions.add(FEED, earlier, at=AT) is True

    assert history.exclusions.find(FEED) == (earlier, MASK)
    assert history.exclusions.find("another feed") == ()


def test_the_same_mask_again_adds_nothing(history):
    history.exclusions.add(FEED, MASK, at=AT)
    assert history.exclusions.add(FEED, MASK, at=AT + timedelta(1)) is False
    assert history.exclusions.find(FEED) == (MASK,)
    assert [line.entry.actor for line in history.audit.find()] == ["anna"]


def test_a_baseline_comes_back_as_it_went_in(history):
    assert history.baselines.propose(FEED, "volume", BODY, **BY_ANNA) == 1

    (found,) = history.baselines.find(FEED)
    assert found.body == BODY
    assert found.proposed == Provenance(**BY_ANNA)
    assert (found.version, found.approved, found.pinned) == (1, None, False)


def test_versions_count_up_within_a_check(history):
    assert propose(history, 2) == [1, 2]
    assert propose(history, 1, check="completeness") == [1]
    assert [one.version for one in history.baselines.find(FEED, "volume")] == [1, 2]
    assert len(history.baselines.find(FEED)) == 3
    assert history.baselines.find("another feed") == ()


def test_a_baseline_is_not_used_before_it_is_approved(history):
    propose(history, 2)
    assert history.baselines.find_approved(FEED, "volume") is None

    history.baselines.approve(FEED, "volume", 1, **BY_BEN)

    found = history.baselines.find_approved(FEED, "volume")
    assert (found.version, found.approved) == (1, Provenance(**BY_BEN))


def test_the_newest_approved_version_is_used_and_a_second_approval_changes_nothing(history):
    propose(history, 3)
    for version in (2, 1, 2):
        history.baselines.approve(FEED, "volume", version, **BY_BEN)
    history.baselines.approve(FEED, "volume", 2, **BY_ANNA)

    assert history.baselines.find_approved(FEED, "volume").version == 2
    assert history.baselines.find_approved(FEED, "volume").approved.who == "ben"


def test_a_pinned_version_goes_before_newer_ones_until_it_is_let_go(history):
    propose(history, 3)
    for version in (1, 2, 3):
        history.baselines.approve(FEED, "volume", version, **BY_BEN)

    history.baselines.pin(FEED, "volume", 1, **BY_BEN)
    assert history.baselines.find_approved(FEED, "volume").version == 1
    history.baselines.pin(FEED, "volume", 2, **BY_BEN)
    assert history.baselines.find_approved(FEED, "volume").version == 2
    assert [one.pinned for one in history.baselines.find(FEED)] == [False, True, False]
    history.baselines.pin(FEED, "volume", None, **BY_BEN)
    assert history.baselines.find_approved(FEED, "volume").version == 3


def test_what_is_not_approved_cannot_be_pinned(history):
    propose(history)
    with pytest.raises(StoreError, match="approve it first"):
        history.baselines.pin(FEED, "volume", 1, **BY_BEN)
    assert history.baselines.find(FEED)[0].pinned is False


@pytest.mark.parametrize("act", ["approve", "pin"])
def test_what_was_never_proposed_is_said(history, act):
    propose(history)
    with pytest.raises(StoreError, match="there is no baseline 2 of check volume of parcels"):
        getattr(history.baselines, act)(FEED, "volume", 2, **BY_BEN)


def test_each_act_leaves_its_line_in_the_audit_log(history):
    propose(history)
    history.baselines.approve(FEED, "volume", 1, **BY_BEN)
    history.baselines.pin(FEED, "volume", 1, **BY_BEN, origin="web")
    history.baselines.pin(FEED, "volume", None, **BY_BEN)

    said = [(line.entry.action, line.entry.object, line.entry.origin) for line in history.audit.find()]
    assert said == [
        ("baseline propose", "parcels volume 1", "cli"),
        ("baseline approve", "parcels volume 1", "cli"),
        ("baseline pin", "parcels volume 1", "web"),
        ("baseline pin", "parcels volume none", "cli"),
    ]
