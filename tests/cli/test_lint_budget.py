"""`lint` says where and by which checks the budget of false alarms is overdrawn."""

import pytest
from replayed import configured


@pytest.fixture
def place(tmp_path):
    return configured(tmp_path)


def allow(place, text):
    path = place.root / "checks/ind_duo.yaml"
    lines = path.read_text().splitlines()
    number = next(i for i, line in enumerate(lines) if line.startswith("false_alarms_per_year"))
    lines[number] = text
    path.write_text("\n".join(lines) + "\n")
    return number + 1


def test_an_overdrawn_budget_is_named_by_its_line_and_by_what_each_check_asks(place):
    line = allow(place, "false_alarms_per_year: 2.5")
    said = place("lint")
    assert said.code == 2
    assert f"checks/ind_duo.yaml:{line}:1: 2.5 false alarms a year are allowed" in said.out + said.err
    assert "ledger 0.5" in said.out + said.err


@pytest.mark.parametrize("text", ["false_alarms_per_year: 100", "# nobody said what they will live with"])
def test_within_the_budget_or_without_one_nothing_is_said(place, text):
    allow(place, text)
    assert place("lint").code == 0
