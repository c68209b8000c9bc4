from __future__ import annotations

import re

import numpy as np
import pytest
from bsn import passes_elfproef
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.simulate.people import draw_bsn_pool, draw_postcodes, make_v_numbers


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("111222333", True),  # the example of the public descriptions
        ("123456782", True),
        ("123456789", False),
        ("000000000", False),
        ("11122233", False),
        ("11122233a", False),
        ("١١١٢٢٢٣٣٣", False),  # digits of another script are no digits here
        ("", False),
    ],
)
def test_elfproef(number, valid):
    assert passes_elfproef(number) is valid


def test_every_number_of_the_pool_is_fictional_and_valid():
    pool = draw_bsn_pool(np.random.default_rng(1)).tolist()
    assert all(number.startswith("9999") and passes_elfproef(number) for number in pool)
    assert len(set(pool)) == len(pool) > 9000


@given(offset=st.integers(0, 10**10 - 1), count=st.integers(1, 2000), skip=st.integers(0, 10**6))
def test_v_numbers_are_ten_digits_and_never_the_same(offset, count, skip):
    numbers = make_v_numbers(count, offset, skip=skip).tolist()
    assert len(set(numbers)) == count
    assert all(re.fullmatch(r"\d{10}", n, re.ASCII) for n in numbers)


def test_v_numbers_continue_after_the_skipped_ones():
    assert make_v_numbers(10, 5).tolist()[4:] == make_v_numbers(6, 5, skip=4).tolist()


def test_about_a_tenth_of_v_numbers_begins_with_a_zero():
    numbers = make_v_numbers(10_000, 123).tolist()
    assert 0.08 < sum(n.startswith("0") for n in numbers) / len(numbers) < 0.12


def test_a_row_has_a_postcode_exactly_when_it_has_a_municipality():
    municipality = np.array(["0363", "", "1992", ""], dtype=np.object_)
    found = draw_postcodes(municipality, np.random.default_rng(1)).tolist()
    assert [bool(p) for p in found] == [True, False, True, False]
    assert all(re.fullmatch(r"[1-9]\d{3}[A-Z]{2}", p) for p in found if p)
