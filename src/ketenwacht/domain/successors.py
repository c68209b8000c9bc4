"""Codes that another code replaced: compared as their successors, so that a merger of areas is no loss.

The code table of a column says until when a code is valid and which one replaces it (0457 Weesp is 0363 Amsterdam
from 24 March 2022). Two sides of a comparison change over on different days. So both are brought to the codes that
are valid on one day before they are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from itertools import groupby

from .evidence import InquiryCount, Known, ReferenceFigure
from .measurement import Measurement, MetricKey, Snapshot, add_up
from .past import Past
from .segment import Segment

Expired = Mapping[str, Mapping[str, str]]
"""Column → a code that is over → the code that replaces it now."""


@dataclass(frozen=True, slots=True)
class Succession:
    """One code that another code replaces.

    Attributes:
        code: the old code.
        last: the last day on which it is valid.
        successor: the code from the next day.
    """

    code: str
    last: date
    successor: str


@dataclass(frozen=True, slots=True)
class CodeSuccessors:
    """Every code of a feed's code tables that another one replaces, by column."""

    columns: Mapping[str, tuple[Succession, ...]] = field(default_factory=dict)

    def expired_on(self, day: date) -> Expired:
        """Return the codes that are over on a day, each with the code that counts on that day.

        A code whose successor is over as well gives the last one of the chain. A circle in a code table ends
        where it began.
        """
        found = {}
        for column, successions in self.columns.items():
            over = {one.code: one.successor for one in successions if one.last < day}
            if over:
                found[column] = {code: _follow(code, over) for code in over}
        return found


def _follow(code: str, over: Mapping[str, str]) -> str:
    seen = {code}
    while (after := over.get(code)) is not None and after not in seen:
        code = after
        seen.add(code)
    return code


def renew_segment(segment: Segment, expired: Expired) -> Segment:
    """Return a segment with current codes; the same object when it has no expired one."""
    if not any(value in expired.get(name, ()) for name, value in segment.pairs):
        return segment
    return Segment(tuple((name, expired.get(name, {}).get(value, value)) for name, value in segment.pairs))


def renew_snapshot(snapshot: Snapshot, expired: Expired) -> Snapshot:
    """Return a delivery counted by current codes; counts that come together are added up."""
    values = _renew_measurements(snapshot.measurements, expired)
    return snapshot if values is snapshot.measurements else replace(snapshot, measurements=values)


def _renew_measurements(
    values: Mapping[MetricKey, Measurement], expired: Expired
) -> Mapping[MetricKey, Measurement]:
    if not any(_has_expired(key.segment, expired) for key in values):
        return values
    return add_up(
        (replace(key, segment=renew_segment(key.segment, expired)), value) for key, value in values.items()
    )


def _has_expired(segment: Segment, expired: Expired) -> bool:
    return any(value in expired.get(name, ()) for name, value in segment.pairs)


def renew_past(past: Past, expired: Expired) -> Past:
    """Return a past counted by current codes."""
    return replace(
        past,
        snapshots=tuple(renew_snapshot(one, expired) for one in past.snapshots),
        catch_ups=tuple(renew_snapshot(one, expired) for one in past.catch_ups),
        index=None,
    )


def renew_known(known: Known, expired: Expired) -> Known:
    """Return outside evidence by current codes.

    Figures of one source, period and publication that come together are added up, and so are inquiries. Registers
    are compared by current codes already (`reconcile.compare`).
    """
    return replace(
        known,
        references=_renew_figures(known.references, expired),
        hops=_renew_figures(known.hops, expired),
        inquiries=_renew_inquiries(known.inquiries, expired),
    )


def _renew_figures(figures: tuple[ReferenceFigure, ...], expired: Expired) -> tuple[ReferenceFigure, ...]:
    if not any(_has_expired(one.segment, expired) for one in figures):
        return figures
    alike: dict[tuple[object, ...], list[ReferenceFigure]] = {}
    for one in figures:
        what = (one.source, one.hop, one.reason, one.period_from, one.period_to)
        alike.setdefault((*what, renew_segment(one.segment, expired)), []).append(one)
    return tuple(figure for own in alike.values() for figure in _merge_figures(own, expired))


def _merge_figures(figures: Sequence[ReferenceFigure], expired: Expired) -> Iterator[ReferenceFigure]:
    """Yield the figures of one period and current code: of several codes their sum, at each day of publication.

    The newest restatement of each code counts, as known on that day.
    """
    segment = renew_segment(figures[0].segment, expired)
    if len({one.segment for one in figures}) == 1:
        yield from (replace(one, segment=segment) for one in figures)
        return
    newest: dict[Segment, ReferenceFigure] = {}
    ordered = sorted(figures, key=lambda one: (one.published_on, one.version))
    for version, (day, published) in enumerate(groupby(ordered, key=lambda one: one.published_on), start=1):
        newest |= {one.segment: one for one in published}
        total = reduce(_add_figures, newest.values())
        yield replace(total, segment=segment, published_on=day, version=version)


def _add_figures(one: ReferenceFigure, other: ReferenceFigure) -> ReferenceFigure:
    """Return the sum of two figures; their errors are taken to go together, which is never too narrow."""
    count = one.count + other.count
    spread = one.count * one.uncertainty + other.count * other.uncertainty
    return replace(one, count=count, uncertainty=spread / count if count > 0.0 else one.uncertainty)


def _renew_inquiries(inquiries: Iterable[InquiryCount], expired: Expired) -> tuple[InquiryCount, ...]:
    found: dict[InquiryCount, int] = {}
    for one in inquiries:
        moved = replace(one, segment=renew_segment(one.segment, expired), count=0)
        found[moved] = found.get(moved, 0) + one.count
    return tuple(replace(one, count=count) for one, count in found.items())
