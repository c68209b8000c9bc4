"""Small counts leave the tool as `<10`; missing persons leave it rounded to tens."""

from __future__ import annotations

SMALL_COUNT = 10


def shown_count(count: float, *, small: int = SMALL_COUNT) -> str:
    """A count of persons as anything outside may show it: `0`, `<10`, or the number itself."""
    whole = round(count)
    return f"<{small}" if 0 < whole < small else f"{whole:,}"


def shown_missing(count: float, *, small: int = SMALL_COUNT) -> str:
    """An estimate of missing persons: `0`, `<10`, or rounded to tens, as the ministry's own news item does."""
    whole = round(abs(count))
    if 0 < whole < small:
        return f"<{small}"
    return f"{round(whole, -1):,}"
