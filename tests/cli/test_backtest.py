"""`backtest` from the command line."""

import pytest

pytestmark = pytest.mark.integration

DROP = ("--drop", "doelgroep=gezinsmigrant:0.2")


def test_it_prints_figures_and_what_they_were_planted_in(place):
    said = place("backtest", *DROP, "--runs", "3", "--seed", "2", "--evidence", "reconciliation")
    assert said.code == 0, said.err
    assert "example feed" in said.out
    assert "gezinsmigrant 20%" in said.out


def test_json_is_the_public_object(place):
    drops = (*DROP, "--drop", "doelgroep=asielstatushouder:0.016")
    asked = ("backtest", *drops, "--runs", "3", "--evidence", "reference", "--format", "json")
    shown = place(*asked).json
    assert shown["schema"] == "ketenwacht/backtest/1"
    assert [one["segment"]["doelgroep"] for one in shown["scenarios"]] == ["gezinsmigrant", "asielstatushouder"]
    assert shown["scenarios"][0]["evidence"] == "reference"
    assert set(shown["scenarios"][0]["delay_days"]) == {"p50", "p90"}
    assert place(*asked).json == shown


@pytest.mark.parametrize("wrong", ["doelgroep:0.2", "doelgroep=gezinsmigrant"])
def test_a_loss_that_cannot_be_read_is_a_usage_error(place, wrong):
    said = place("backtest", "--drop", wrong)
    assert said.code == 2
    assert "NAME=VALUE:SHARE" in said.err


def test_a_loss_begins_on_the_day_that_is_asked_for(place):
    asked = ("backtest", *DROP, "--runs", "4", "--evidence", "reconciliation", "--format", "json", "--onset")
    first, same = (place(*asked, day).json["scenarios"][0] for day in ("2020-03-02", "2020-03-02"))
    assert first == same
    assert first["delay_days"]["p50"] <= first["delay_days"]["p90"]
    outside = place(*asked, "2018-03-02")
    assert outside.code == 2
    assert "2018-03-02 lies outside of the days on which losses are looked for — use 20" in outside.err
