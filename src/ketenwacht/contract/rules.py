"""What a change of each sort means for either side of the chain: one table.

*Breaking*, for the sender: a delivery that was right may be wrong now, in shape or words. For the receiver:
something it reads, joins on or counts by is gone or means something else. *Tightening*: the contract asks more of
the same, or promises more. *Loosening*: it asks or promises less. *Editorial*: nobody has to do anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class ChangeEffect(IntEnum):
    """What a change means for a side; a larger one weighs more."""

    EDITORIAL = 0
    LOOSENING = 1
    TIGHTENING = 2
    BREAKING = 3

    @property
    def word(self) -> str:
        """As it is written."""
        return self.name.lower()


E, L, T, B = ChangeEffect.EDITORIAL, ChangeEffect.LOOSENING, ChangeEffect.TIGHTENING, ChangeEffect.BREAKING
Sides = tuple[ChangeEffect, ChangeEffect]
"""(for the sender, for the receiver)"""

_WORDS: dict[str, Sides] = {"added": (E, E), "removed": (E, E), "changed": (E, E)}
_STRICTER_UP: dict[str, Sides] = {
    "up": (T, T), "down": (L, L), "added": (T, T), "removed": (L, L), "changed": (T, T)
}  # fmt: skip
_STRICTER_DOWN: dict[str, Sides] = {
    "up": (L, L), "down": (T, T), "added": (T, T), "removed": (L, L), "changed": (T, T)
}  # fmt: skip
_MORE_ASKED: dict[str, Sides] = {"added": (T, T), "removed": (L, L), "changed": (T, T)}
_LESS_ASKED: dict[str, Sides] = {"added": (L, L), "removed": (T, T), "changed": (T, T)}
_FORM: dict[str, Sides] = {"added": (B, B), "removed": (B, B), "changed": (B, B)}
_SEVERITY: dict[str, Sides] = {"up": (T, T), "down": (L, L), "added:info": (E, E), "removed:info": (E, E)}

TABLE: Mapping[str, Mapping[str, Sides]] = {
    # shape
    "feed": {"added": (B, T), "removed": (L, B)},
    "column": {"added": (B, T), "removed": (L, B)},
    "type": {"added": (T, T), "removed": (L, L), "changed": (B, B)},
    "key": {"added": (T, T), "removed": (L, B), "changed": (B, B)},
    "required": _SEVERITY | {
        "added:critical": (B, T), "removed:critical": (L, B), "added:warning": (T, T), "removed:warning": (L, L),
    },
    "form": _FORM,
    "party": _FORM,
    # one delivery
    "rule": _SEVERITY | {
        "added:critical": (B, T), "removed:critical": (L, L), "added:warning": (T, T), "removed:warning": (L, L),
    },
    "bound on what is right": _STRICTER_UP,
    "lower bound": _STRICTER_UP,
    "upper bound": _STRICTER_DOWN,
    "rule's argument": _FORM,
    "allowed value": {"added": (L, L), "removed": (B, B)},
    "forbidden value": {"added": (B, T), "removed": (L, L)},
    "code table": {"added": (T, T), "removed": (L, L)},
    "code": {"added": (L, L), "removed": (B, B)},
    "code's first day": {"up": (B, B), "down": (L, L), "added": (B, B), "removed": (L, L)},
    "code's last day": {"up": (L, L), "down": (B, B), "added": (B, B), "removed": (L, L)},
    # the stream of deliveries
    "check": _MORE_ASKED,
    "setting, stricter when higher": _STRICTER_UP,
    "setting, stricter when lower": _STRICTER_DOWN,
    "setting": _MORE_ASKED | {"removed": (T, T)},  # which way it goes is not known: take the heavier
    "asked": _MORE_ASKED,
    "let off": _LESS_ASKED,
    # delivery and service
    "schedule": {"added": (T, T), "removed": (L, B), "changed": (B, B)},
    "time allowed": _STRICTER_DOWN,
    "service level": _MORE_ASKED | {"changed": (T, T)},
    "manifest": {"added": (B, T), "removed": (L, B), "changed": (B, B)},
    "rule in words": _MORE_ASKED,
    # words
    "words": _WORDS,
}  # fmt: skip
"""Sort of fact → event → what it means. An event with a value (`added:critical`) goes before one without."""


def sides(sort: str, event: str, value: object) -> Sides:
    """What an event means for the sender and for the receiver.

    Args:
        sort: of the fact, a key of `TABLE`.
        event: added, removed, up, down or changed.
        value: that was added or removed, which may matter (a severity).
    """
    table = TABLE[sort]
    return table.get(f"{event}:{value}") or table.get(event) or (T, T)


def overall(both: Sides) -> ChangeEffect:
    """One word for both sides: breaking when it breaks either, otherwise the direction of what is asked."""
    return B if B in both else both[0]
