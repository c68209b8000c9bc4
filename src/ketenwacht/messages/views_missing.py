"""The view of missing persons: the one number of an incident or a feed, its parts, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ketenwacht.domain.incidents import MissingPersons
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Text

from .formatter import MessageFormatter
from .privacy import Shown
from .texts.labels import EVIDENCE_WORD
from .texts.labels_incidents import HOW_SURE
from .views import MissingView, clean, segment_text, view_missing

MOST_NAMED = 5
"""Parts or causes that a title names."""


@dataclass(frozen=True, slots=True)
class MissingPartView:
    """The missing persons of one part.

    Attributes:
        name: the value alone: `family`.
        text: with its number: `family 540`.
    """

    segment: Segment
    segment_text: str
    name: str
    value: Shown
    low: float
    high: float
    text: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class MissingPersonsView:
    """The one number of an incident or a feed.

    Attributes:
        total: value, interval, onset and sentence.
        evidence: the strongest that it rests on.
        parts: largest first.
        named: the largest parts with their numbers, then the rest of the total: a few words each.
        how_sure: `certain (register of 24 Jun 2022)`.
        also: a line for each other evidence: `also outside reference: about 610 missing since … (460–770)`.
    """

    total: MissingView
    evidence: Evidence
    evidence_text: str
    parts: tuple[MissingPartView, ...]
    named: tuple[str, ...]
    how_sure: str
    also: tuple[str, ...]


def view_missing_persons(missing: MissingPersons | None, formatter: MessageFormatter) -> MissingPersonsView | None:
    """Return a number of missing persons for showing: rounded at the end, outward; None without one."""
    if missing is None:
        return None
    total = view_missing(missing.to_estimate(), missing.evidence, formatter)
    if total is None:
        return None
    also = []
    for one in missing.also:
        said = view_missing(Missing(one.since, one.value, one.low, one.high), one.evidence, formatter)
        if said is not None and said.sentence_with_range:
            evidence = EVIDENCE_WORD[one.evidence][formatter.language]
            also.append(formatter.label("incidents.also", evidence=evidence, number=said.sentence_with_range))
    parts = _view_parts(missing, formatter)
    return MissingPersonsView(
        total=total,
        evidence=missing.evidence,
        evidence_text=EVIDENCE_WORD[missing.evidence][formatter.language],
        parts=parts,
        named=_name_parts(missing, parts, formatter),
        how_sure=_sure_of(missing, formatter),
        also=tuple(also),
    )


def _view_parts(missing: MissingPersons, formatter: MessageFormatter) -> tuple[MissingPartView, ...]:
    views = []
    for part in missing.parts:
        value = formatter.privacy.count(part.value)
        low, high = formatter.privacy.outward(part.low, part.high)
        name = value_name(part.segment, formatter)
        views.append(
            MissingPartView(
                segment=part.segment,
                segment_text=segment_text(part.segment, formatter),
                name=name,
                value=value,
                low=low,
                high=high,
                text=formatter.label("incidents.part", name=name, count=formatter.shown(value)),
                evidence=part.evidence,
            )
        )
    return tuple(views)


def _name_parts(
    missing: MissingPersons, parts: Sequence[MissingPartView], formatter: MessageFormatter
) -> tuple[str, ...]:
    """Return the largest parts, then how many of the total are in none of them: what is named adds up to it."""
    if not parts:
        return ()
    rest = missing.value - sum(part.value for part in missing.parts[:MOST_NAMED])
    shown = formatter.privacy.count(max(0.0, rest))
    named = tuple(part.text for part in parts[:MOST_NAMED])
    return (*named, formatter.label("incidents.rest", count=formatter.shown(shown))) if shown.value else named


def value_name(segment: Segment, formatter: MessageFormatter) -> str:
    """Return the last value of a segment for people: `family`, `Amsterdam (0363)`; `the whole feed`."""
    return clean(formatter.code(*segment.pairs[-1])) if segment.pairs else segment_text(segment, formatter)


def _sure_of(missing: MissingPersons, formatter: MessageFormatter) -> str:
    """Return how sure a number is; weaker evidence that counts what came later is named."""
    sure = describe_evidence(missing.evidence, missing.until, formatter)
    later = [EVIDENCE_WORD[one][formatter.language] for one in missing.rests_on if one is not missing.evidence]
    if not later:
        return sure
    return formatter.label("incidents.sure_and_later", sure=sure, evidence=tuple(Text.of(one) for one in later))


def describe_evidence(evidence: Evidence, until: date | None, formatter: MessageFormatter) -> str:
    """Return how sure a number is by its evidence, and how far that came: `certain (register of 24 Jun 2022)`."""
    if until is None:
        return EVIDENCE_WORD[evidence][formatter.language]
    return formatter.fill(HOW_SURE[evidence], {"until": formatter.short_day(until)})
