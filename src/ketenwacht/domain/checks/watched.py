"""What a check of counts judges by itself, and what is too small for that, read from its memory."""

from __future__ import annotations

from ._memory import CountMemory, SegmentGroup
from .base import State

__all__ = ["SegmentGroup", "groups_of"]


def groups_of(state: State | None) -> tuple[SegmentGroup, ...]:
    """What a `volume` or `ratio` check judges; empty while it has too short a past."""
    return CountMemory.of(state).groups
