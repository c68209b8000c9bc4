"""What a check of counts judges by itself, and what is too small for that, read from its memory."""

from __future__ import annotations

from ._memory import Group, Memory
from .base import State

__all__ = ["Group", "groups_of"]


def groups_of(state: State | None) -> tuple[Group, ...]:
    """What a `volume` or `ratio` check judges; empty while it has too short a past."""
    return Memory.of(state).groups
