"""Fictional identifying numbers: always well-formed, never anybody's."""

from __future__ import annotations

import string

import numpy as np
from numpy.typing import NDArray

Text = NDArray[np.object_]

_WEIGHTS = np.array([9, 8, 7, 6, 5, 4, 3, 2, -1])
_SPACE = 10**10
# Coprime to 10^10, so that n → (a·n + b) mod 10^10 never meets the same number twice.
_STEP = 6_180_339_887
# Combinations that the post never hands out.
_UNUSED_LETTERS = {"SA", "SD", "SS"}


def elfproef(number: str) -> bool:
    """Whether a text of nine digits passes the BSN check: Σ weight·digit divisible by 11, not all zeros."""
    if len(number) != _WEIGHTS.size or not number.isascii() or not number.isdigit() or not number.strip("0"):
        return False
    return int(np.dot(_WEIGHTS, [int(c) for c in number])) % 11 == 0


def bsn_pool(rng: np.random.Generator) -> Text:
    """Every valid number from 9999xxxxx, shuffled: about 9,090 texts.

    There are fewer of them than persons, so a number comes back after some weeks; within a delivery it never does.
    """
    numbers = np.arange(999_900_000, 1_000_000_000)
    digits = numbers[:, None] // 10 ** np.arange(8, -1, -1) % 10
    valid = numbers[digits @ _WEIGHTS % 11 == 0]
    return np.array([str(n) for n in rng.permutation(valid)], dtype=np.object_)


def v_numbers(count: int, offset: int, *, skip: int = 0) -> Text:
    """`count` distinct V-numbers of ten digits; about one in ten begins with a zero.

    Args:
        count: how many.
        offset: where the sequence begins, 0 ≤ offset < 10^10; the same offset gives the same sequence.
        skip: how many of the sequence are somebody else's already.
    """
    sequence = (
        np.arange(skip, skip + count, dtype=np.int64) % _SPACE * (_STEP % _SPACE) % _SPACE + offset
    ) % _SPACE
    return np.array([f"{n:010d}" for n in sequence.tolist()], dtype=np.object_)


def postcodes(municipality: Text, rng: np.random.Generator) -> Text:
    """A fictitious postcode for each municipality code (four digits, two letters); empty where there is none."""
    letters = [
        a + b for a in string.ascii_uppercase for b in string.ascii_uppercase if a + b not in _UNUSED_LETTERS
    ]
    pairs = rng.integers(0, len(letters), municipality.size)
    within = rng.integers(0, 20, municipality.size)
    return np.array(
        [
            f"{1000 + (int(code) * 37 + int(w)) % 9000}{letters[p]}" if code else ""
            for code, w, p in zip(municipality.tolist(), within, pairs, strict=True)
        ],
        dtype=np.object_,
    )
