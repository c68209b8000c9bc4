"""Synthetic persons that a sender puts in, one of each legal category, to see whether they come out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .segment import Segment

PREFIX = "canary."


@dataclass(frozen=True, slots=True)
class Canary:
    """One synthetic person.

    Attributes:
        number: its place in the declared range of keys; the key itself is nobody's, and is not told either.
        decided: the day it was put in as if decided on.
        category: as what it must come out.
    """

    number: int
    decided: date
    category: Segment

    @property
    def metric(self) -> str:
        """Name of the measurement that counts it in a delivery."""
        return f"{PREFIX}{self.number}"
