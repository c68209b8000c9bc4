"""`backtest` from the command line."""

import pytest

pytestmark = pytest.mark.integration

DROP = ("--drop", "doelgroep=gezinsmigrant:0.2")


def test_it_prints_figures_and_what_they_were_planted_in(place):
    said = place("backtest", *DROP, "--runs", "3", "--seed", "2", "--evidence", "reconciliation")
    assert said.code == 0, said.err
    assert "example feed" in said.out
    assert "gezinsmigrant 20 %" in said.out


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
