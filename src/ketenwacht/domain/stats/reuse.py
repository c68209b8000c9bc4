"""Reuse of the latest results of a pure function, by the content of its arguments.

The checks are pure, so a delivery that brings no new figure asks for exactly what the delivery before asked for.
The module stands alone because arrays and the classes that hold them cannot be hashed, as `functools` needs.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _Call:
    """The arguments of one call; two calls are equal when their arguments hold the same values."""

    __slots__ = ("args", "content", "named")

    def __init__(self, args: tuple[object, ...], named: dict[str, object]) -> None:
        self.args, self.named = args, named
        self.content = pickle.dumps((args, named))

    def __hash__(self) -> int:
        return hash(self.content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Call) and self.content == other.content


def reuse_latest(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that keeps the results of the last `most` different calls.

    Args:
        most: results to keep. The function must be pure, and nobody may change what it returns.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize=most)
        def call(one: _Call) -> T:
            return function(*one.args, **one.named)  # type: ignore[arg-type]

        @wraps(function)
        def reuse(*args: P.args, **named: P.kwargs) -> T:
            return call(_Call(args, dict(named)))

        return reuse

    return decorate
