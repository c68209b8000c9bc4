"""How many persons a week each part of a feed gets anyway: what a catch-up is spread by."""

from __future__ import annotations

from datetime import date, timedelta

from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import EngineError

from .delivered import DeliveredKeys
from .keys import quoted
from .outcome import live

_USUAL = frozenset({DeliveryKind.MUTATION, DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION})
_WEEK = 7


def weekly_load(
    delivered: DeliveredKeys, dimensions: tuple[str, ...], until: date, *, key_id: str, weeks: int = 26
) -> dict[Segment, float]:
    """Persons a week, by segment, over the last weeks; catch-ups and snapshots are not what comes anyway.

    Args:
        delivered: all that was delivered.
        dimensions: the columns to count by, among those of the account.
        until: last day, inclusive.
        key_id: the key that the account is read under.
        weeks: so many at most; fewer when the feed is younger.

    Raises:
        EngineError: it did not fit in the memory and disk allowed.
    """
    import duckdb

    after = until - timedelta(days=_WEEK * weeks)
    usual = [e for e in live(delivered.entries, until) if e.delivery.kind in _USUAL and e.delivery.period > after]
    if not usual:
        return {}
    first = min(entry.delivery.period for entry in usual)
    span = max(((until - first).days + 1) / _WEEK, 1.0)
    named = ", ".join(map(quoted, dimensions))
    numbers = [entry.number for entry in usual]
    try:
        rows = delivered.connection.execute(
            f"SELECT {named}, count(DISTINCT pseudonym) "  # noqa: S608 - names are quoted
            f"FROM {delivered.table(key_id)} d JOIN segment s ON s.id = d.segment "
            f"WHERE NOT withdrawn AND number IN (SELECT unnest(?::INTEGER[])) GROUP BY {named}",
            [numbers],
        ).fetchall()
    except duckdb.Error as fault:
        raise EngineError(f"counting what comes a week failed ({type(fault).__name__})") from None
    return {Segment(tuple(zip(dimensions, row[:-1], strict=True))): int(row[-1]) / span for row in rows}
