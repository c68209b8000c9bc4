"""A segment: the part of a feed that a measurement is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """Ordered dimension=value pairs; none means the whole feed.

    A row without a value in a dimension belongs to the segment with the empty string there.
    """

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Segment:
        """Build a segment from a mapping, keeping its order."""
        return cls(tuple(values.items()))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of the dimensions, in order; () for the whole feed."""
        return tuple(name for name, _ in self.pairs)

    def as_dict(self) -> dict[str, str]:
        """Return the pairs as a plain object, as JSON shows a segment; {} for the whole feed."""
        return dict(self.pairs)

    def contains(self, other: Segment) -> bool:
        """Return whether every row of `other` is a row of this segment too."""
        return set(self.pairs) <= set(other.pairs)

    def project(self, dimensions: Iterable[str]) -> Segment:
        """Return this segment seen through fewer dimensions, in the order given; unknown ones are left out."""
        values = dict(self.pairs)
        return Segment(tuple((name, values[name]) for name in dimensions if name in values))

    def __str__(self) -> str:
        """Return `a=x, b=y`, or `whole feed`."""
        return ", ".join(f"{name}={value or '(empty)'}" for name, value in self.pairs) or "whole feed"


WHOLE = Segment()
