from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ketenwacht.simulate import codes
from ketenwacht.simulate.volumes import GROUPS

OURS = Path(codes.__file__).parent / "codes"
THEIRS = Path(__file__).parents[2] / "expectations" / "codes"


def test_sender_and_receiver_have_the_same_tables():
    ours = {p.name: p.read_bytes() for p in OURS.glob("*.csv")}
    theirs = {p.name: p.read_bytes() for p in THEIRS.glob("*.csv")}
    assert ours == theirs
    assert {
        "gemeentecode.csv",
        "verblijfsdoel.csv",
        "verblijfstitel.csv",
        "nationaliteit.csv",
        "geslacht.csv",
        "mutatiesoort.csv",
        "doelgroep.csv",
    } <= set(ours)


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2022, 1, 1), 345),
        (date(2022, 3, 23), 345),
        (date(2022, 3, 24), 344),
        (date(2022, 12, 31), 344),
        (date(2023, 1, 1), 342),
        (date(2025, 6, 1), 342),
    ],
)
def test_the_number_of_municipalities_is_that_of_the_day(day, count):
    found = codes.list_municipalities(day)
    assert len(found) == len(set(found)) == count
    assert all(len(code) == 4 and code.isdigit() for code in found)


@pytest.mark.parametrize(
    ("code", "day", "then"),
    [
        ("0457", date(2022, 3, 23), "0457"),
        ("0457", date(2022, 3, 24), "0363"),
        ("0501", date(2022, 12, 31), "0501"),
        ("0530", date(2023, 1, 1), "1992"),
        ("0614", date(2024, 1, 1), "1992"),
        ("0363", date(2024, 1, 1), "0363"),
    ],
)
def test_a_municipality_goes_under_its_successor_from_the_day_of_the_merger(code, day, then):
    assert codes.find_municipality(code, day) == then


def test_an_entry_that_ends_names_a_successor_that_begins_before_or_on_the_next_day():
    for entry in codes.read_table("gemeentecode").values():
        if entry.valid_to is not None:
            after = date.fromordinal(entry.valid_to.toordinal() + 1)
            assert codes.read_table("gemeentecode")[entry.successor].is_valid(after)


def test_the_version_of_a_table_is_the_day_of_its_latest_change():
    assert codes.list_versions(date(2022, 3, 23))["gemeentecode"] == "2022-01-01"
    assert codes.list_versions(date(2022, 3, 24))["gemeentecode"] == "2022-03-24"
    assert codes.list_versions(date(2023, 5, 1))["gemeentecode"] == "2023-01-01"
    assert codes.list_versions(date(2022, 3, 24))["verblijfstitel"] == "2022-03-04"


def test_every_purpose_of_a_target_group_is_in_the_table_and_shares_add_up():
    for group in GROUPS:
        assert sum(group.purposes.values()) == pytest.approx(1.0)
        assert {codes.read_table("verblijfsdoel")[p].group for p in group.purposes} == {group.name}
