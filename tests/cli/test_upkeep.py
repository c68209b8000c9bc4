"""The history is copied, put back and pruned."""

import json

import pytest

pytestmark = pytest.mark.integration


def test_what_was_lost_since_a_copy_was_made_is_back_after_it_is_restored(place):
    place.go_live()
    copy = place.root / "copy.db"
    assert place("backup", str(copy)).code == 0
    before = place("incidents", "list", "--format", "json").json
    assert place("prune", "ind-duo", "--before", "2030-01-01", "--yes").code == 0
    assert place("restore", str(copy)).code == 2, "not without being asked"
    assert place("restore", str(copy), "--yes", "--by", "somebody").code == 0
    assert place("incidents", "list", "--format", "json").json == before
    assert place("history", "--verify", "--format", "json").json["audit"]["verified"]


def test_pruning_says_first_what_would_go(place):
    place.go_live()
    said = place("prune", "ind-duo", "--before", "2022-01-10", "--format", "json").json
    assert not said["removed"]
    assert said["rows"]["runs"] > 0
    assert "would be removed" in place("prune", "ind-duo", "--before", "2022-01-10").out
    done = place("prune", "ind-duo", "--before", "2022-01-10", "--yes", "--format", "json").json
    assert (done["removed"], done["rows"]) == (True, said["rows"])
    again = place("prune", "ind-duo", "--before", "2022-01-10", "--format", "json").json
    assert set(again["rows"].values()) == {0}


def test_each_kind_of_data_may_be_kept_for_a_time_of_its_own(place):
    place.go_live()
    said = place("prune", "ind-duo", "--before", "2030-01-01", "--kind", "alerts", "--format", "json").json
    assert set(said["rows"]) == {"alerts"}
    both = place("prune", "ind-duo", "--before", "2030-01-01", "--kind", "alerts", "--kind", "expected")
    assert "alerts" in both.out
    assert "runs" not in both.out
    assert place("prune", "ind-duo", "--before", "2030-01-01", "--kind", "persons").code == 2


def test_a_copy_that_is_none_changes_nothing(place):
    place.go_live()
    none = place.root / "none.db"
    none.write_text(json.dumps({}))
    assert place("restore", str(none), "--yes").code == 3
    assert place("incidents", "list").code == 0


def test_an_older_copy_that_is_put_back_by_hand_shows_against_the_head_kept_outside(place):
    kept = ("--set", "history_head_file=../heads")
    place.go_live()
    old = place.live.read_bytes()
    assert place(*kept, "history", "--verify").code == 1, "the file is not there yet, and the command says so"
    assert place(*kept, "history", "--verify").code == 0
    assert place("prune", "ind-duo", "--before", "2022-01-10", "--yes").code == 0
    assert place(*kept, "incidents", "list").code == 0
    assert len((place.root / "../heads").read_text().splitlines()) == 2
    assert place(*kept, "history", "--verify").code == 0

    place.live.write_bytes(old)

    assert place("history", "--verify").code == 0, "the copy holds by itself"
    said = place(*kept, "history", "--verify")
    assert said.code == 1
    assert "it is not the line that was the last one" in said.out
    assert "it is not the line that was the last one" in place(*kept, "doctor", "--format", "json").out
    assert len((place.root / "../heads").read_text().splitlines()) == 2, "what is kept stays the yardstick"


def test_a_copy_that_is_restored_goes_on_from_the_head_kept_outside(place):
    kept = ("--set", "history_head_file=../heads")
    place.go_live()
    copy = place.root / "copy.db"
    assert place(*kept, "backup", str(copy)).code == 0
    assert place(*kept, "prune", "ind-duo", "--before", "2022-01-10", "--yes").code == 0
    assert place(*kept, "restore", str(copy), "--yes", "--by", "somebody").code == 0
    assert place(*kept, "history", "--verify").code == 0
    assert len((place.root / "../heads").read_text().splitlines()) == 3
