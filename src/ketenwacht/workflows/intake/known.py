"""What was known of a feed at a moment, by all that independent evidence had said until then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ketenwacht.domain.evidence import Known, ReconciliationCount, ReferenceFigure
from ketenwacht.domain.segment import Segment
from ketenwacht.store import EvidenceWatermarks, History


def known_then(  # noqa: PLR0913 - whose, when, and as of when
    history: History,
    feed: str,
    at: datetime,
    zone: ZoneInfo,
    *,
    until: EvidenceWatermarks | None = None,
    reconciled: Mapping[Segment, ReconciliationCount] | None = None,
    hops: Sequence[ReferenceFigure] | None = None,
) -> Known:
    """All evidence of a feed that was known at a moment.

    Args:
        history: where it is kept.
        feed: name of the feed.
        at: the moment of judging; what was published later is not in it.
        zone: in which days of publication are meant.
        until: how far the papers had come then; None: as far as now.
        reconciled: the newest outcome of each segment, where the caller holds it; None: read it.
        hops: every count at a hop of the chain, where the caller holds them; None: read them.
    """
    day, here = at.astimezone(zone).date(), history.watermarks() if until is None else until
    if reconciled is None:
        reconciled = newest_of(history.reconciliations(feed, until=None, here=here))
    if hops is None:
        hops = history.hop_counts(feed, until=here)
    return Known(
        references=history.references(feed, known_on=day, until=here),
        inquiries=history.inquiries(feed, known_on=day, until=here),
        reconciliations=tuple(count for count in reconciled.values() if count.at <= at),
        hops=tuple(figure for figure in hops if figure.published_on <= day),
        at=at,
        until=here,
    )


def newest_of(counts: Sequence[ReconciliationCount]) -> dict[Segment, ReconciliationCount]:
    """The newest outcome of each segment.

    An older register may be compared after a newer one; the newer one's finding stands.
    """
    return {count.segment: count for count in sorted(counts, key=lambda count: (count.register_date, count.at))}
