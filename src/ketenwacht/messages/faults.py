"""Errors about a delivery that say a code: in words for a log or a terminal, as a statement for the history."""

from __future__ import annotations

from typing import TypeVar

from ketenwacht.domain.statement import Statement, Value
from ketenwacht.errors import DeliveryError, UnreadableDelivery

from .formatter import MessageFormatter

E = TypeVar("E", bound=DeliveryError)


def saying(error: type[E], said: Statement) -> E:
    """An error that says a problem (`domain.problems`)."""
    return error(MessageFormatter().say(said), said)


def unreadable(code: str, **params: Value) -> UnreadableDelivery:
    """The error that a delivery cannot be read, for the problem of this code (`domain.problems`)."""
    return saying(UnreadableDelivery, Statement(code, params))
