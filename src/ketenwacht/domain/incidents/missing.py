"""Compute the number of missing persons from findings: the one function that every surface uses.

Each rule in one line:

* only failed findings with a number above 0 count;
* of one segment the strongest evidence counts, up to its watermark; the next strongest adds what came later;
* the parts of a number differ in one dimension, so that nobody is counted twice;
* a segment has its own number or the sum of its parts, whichever rests on the stronger evidence; at a tie the sum
  counts when it reaches the lower end of the segment's own number;
* parts on stronger evidence are never more than the whole: the whole is raised to them;
* the ends of intervals add up; nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.result import STRENGTH, Evidence
from ketenwacht.domain.segment import WHOLE, Segment

from .incident import AlsoSays, MissingPart, MissingPersons
from .natures import LONGEST_ONSET, RANK, by_strength, is_proof, onset_of, watermark_of


@dataclass(frozen=True, slots=True)
class _Number:
    """The number of one segment, and what it rests on.

    Attributes:
        best: rank of the strongest evidence in it.
        worst: rank of the weakest evidence that it needs.
        used: ids of the findings that it rests on.
        until: how far the strongest evidence counts.
    """

    value: float
    low: float
    high: float
    since: date
    best: int
    worst: int
    used: frozenset[str]
    until: date
    parts: tuple[MissingPart, ...] = ()


def count_missing(findings: Iterable[Finding], within: Segment = WHOLE) -> MissingPersons | None:
    """Return how many persons these findings prove missing; None when they prove nobody missing.

    The order of the findings does not matter, and a finding that is given twice counts once.

    Args:
        findings: of one feed; only failed ones with a number above 0 count, whatever their state.
        within: the segment to count in; findings about other segments, or about more than it, are left out.
    """
    known = {finding.id: finding for finding in findings if is_proof(finding)}
    proofs = sorted((f for f in known.values() if within.contains(f.fingerprint.segment)), key=by_strength)
    number = _count(within, proofs)
    if number is None:
        return None
    return MissingPersons(
        value=number.value,
        low=number.low,
        high=number.high,
        since=number.since,
        evidence=STRENGTH[number.best],
        parts=number.parts,
        also=_list_others(within, proofs, number),
        until=number.until,
        rests_on=tuple(dict.fromkeys(proof.evidence for proof in proofs if proof.id in number.used)),
    )


def _count(segment: Segment, proofs: Sequence[Finding]) -> _Number | None:
    own = _count_own([f for f in proofs if f.fingerprint.segment.pairs == segment.pairs])
    inside = [f for f in proofs if f.fingerprint.segment.pairs != segment.pairs]
    parts = _count_parts(segment, inside)
    if own is None or not parts:
        return own if not parts else _add_up(parts)
    whole = _add_up(parts)
    if whole.worst < own.best:
        return whole
    certain = _count_parts(segment, [f for f in inside if RANK[f.evidence] <= own.best])
    if not certain:
        return _raise_to_parts(own, certain, parts)
    grown = _grow_parts(segment, own, certain, inside)
    covered = _add_up(certain).value >= own.low
    own_came_further = own.worst > own.best and own.value > _add_up(grown).value
    return _add_up(grown) if covered and not own_came_further else _raise_to_parts(own, certain, grown)


def _grow_parts(
    segment: Segment, own: _Number, certain: dict[Segment, _Number], inside: Sequence[Finding]
) -> dict[Segment, _Number]:
    """Return certain parts with what weaker evidence adds to them, where that came after the stronger evidence."""
    counted = {f.fingerprint.segment for f in inside if RANK[f.evidence] <= own.best}
    later = [
        f
        for f in inside
        if f.fingerprint.segment in counted or (f.missing is not None and f.missing.since > own.until)
    ]
    grown = _count_parts(segment, later)
    return grown if certain.keys() <= grown.keys() and _add_up(grown).value >= _add_up(certain).value else certain


def _count_own(own: Sequence[Finding]) -> _Number | None:
    """Return the number of one segment from the findings about exactly this segment."""
    number: _Number | None = None
    for finding in own:
        estimate = finding.missing
        if estimate is None:
            continue
        rank, until = RANK[finding.evidence], watermark_of(finding)
        if number is None:
            number = _Number(
                estimate.value,
                max(0.0, estimate.low),
                estimate.high,
                estimate.since,
                rank,
                rank,
                frozenset({finding.id}),
                until,
            )
            counted = until
        elif rank > number.worst and until > counted:
            later = _count_after(finding, counted)
            number = _add_later(number, later, finding) if later is not None else number
            counted = until
    return number


def _count_after(finding: Finding, day: date) -> tuple[float, float, float] | None:
    """Return the persons that a finding adds after a day; None when it adds nobody, or nobody knows.

    A loss that began after the day is new in full. Of an earlier one the trail tells what it said by then.
    """
    now = finding.missing
    if now is None:
        return None
    if now.since > day:
        return max(0.0, now.low), now.value, now.high
    before = [point for point in finding.trail if point.day <= day]
    if not before:
        return None
    value = now.value - before[-1].value
    if value <= 0.0:
        return None
    return max(0.0, min(value, now.low - before[-1].low)), value, max(value, now.high - before[-1].high)


def _add_later(number: _Number, later: tuple[float, float, float], finding: Finding) -> _Number:
    low, value, high = later
    return replace(
        number,
        low=number.low + low,
        value=number.value + value,
        high=number.high + high,
        worst=RANK[finding.evidence],
        used=number.used | {finding.id},
    )


def _count_parts(segment: Segment, inside: Sequence[Finding]) -> dict[Segment, _Number]:
    """Return the parts in the one dimension that says most: the strongest evidence, then the most persons."""
    known = set(segment.dimensions)
    families: dict[str, dict[Segment, list[Finding]]] = {}
    for finding in inside:
        theirs = finding.fingerprint.segment
        dimension = next(name for name in theirs.dimensions if name not in known)
        part = Segment(tuple(pair for pair in theirs.pairs if pair[0] in known or pair[0] == dimension))
        families.setdefault(dimension, {}).setdefault(part, []).append(finding)
    counted = {
        dimension: {part: number for part, found in parts.items() if (number := _count(part, found)) is not None}
        for dimension, parts in families.items()
    }
    ranked = sorted((_rank_parts(parts), dimension) for dimension, parts in counted.items() if parts)
    return counted[ranked[0][1]] if ranked else {}


def _rank_parts(parts: Mapping[Segment, _Number]) -> tuple[int, float]:
    numbers = parts.values()
    return min(number.best for number in numbers), -sum(number.value for number in numbers)


def _add_up(parts: Mapping[Segment, _Number]) -> _Number:
    numbers = list(parts.values())
    best = min(number.best for number in numbers)
    strongest = [number for number in numbers if number.best == best]
    return _Number(
        value=sum(number.value for number in numbers),
        low=sum(number.low for number in numbers),
        high=sum(number.high for number in numbers),
        since=min(number.since for number in strongest),
        best=best,
        worst=max(number.worst for number in numbers),
        used=frozenset().union(*(number.used for number in numbers)),
        until=min(number.until for number in strongest),
        parts=_list_parts(parts),
    )


def _raise_to_parts(own: _Number, certain: dict[Segment, _Number], parts: dict[Segment, _Number]) -> _Number:
    """Return a segment's own number with the parts that fit into it.

    Args:
        own: the segment's own number; it is never less than the certain parts.
        certain: parts on evidence at least as strong.
        parts: parts on weaker evidence too; shown when all of them fit, else only the certain ones.
    """
    whole = own
    if certain:
        added = _add_up(certain)
        raised = added.value > own.value
        whole = replace(
            own,
            value=max(own.value, added.value),
            low=max(own.low, added.low),
            high=max(own.high, added.high),
            best=min(own.best, added.best),
            since=added.since if added.best < own.best else own.since,
            until=added.until if added.best < own.best else own.until,
            used=(own.used | added.used) if raised or added.best < own.best else own.used,
        )
    everything = _add_up(parts)
    fits = everything.value <= whole.value and everything.low <= whole.low and everything.high <= whole.high
    return replace(whole, parts=_list_parts(parts if fits else certain))


def _list_parts(parts: Mapping[Segment, _Number]) -> tuple[MissingPart, ...]:
    listed = (
        MissingPart(segment, number.value, number.low, number.high, number.since, STRENGTH[number.best])
        for segment, number in parts.items()
    )
    return tuple(sorted(listed, key=lambda part: (-part.value, part.segment)))


def _list_others(segment: Segment, proofs: Sequence[Finding], number: _Number) -> tuple[AlsoSays, ...]:
    """Return what each other evidence says by itself, where the number does not rest on all of it."""
    others = []
    for evidence in STRENGTH[number.best + 1 :]:
        found = [proof for proof in proofs if proof.evidence is evidence]
        said = _count(segment, found) if any(proof.id not in number.used for proof in found) else None
        if said is not None:
            others.append(AlsoSays(evidence, said.value, said.low, said.high, said.since))
    return tuple(others)


# Losses that are known from outside: planted in a simulation, or found by an investigation.


@dataclass(frozen=True, slots=True)
class KnownOnset:
    """When a loss really began, known from outside.

    Attributes:
        segment: where.
        day: its first day.
        persons: how many; None: not known.
    """

    segment: Segment
    day: date
    persons: float | None = None


_HISTORY_LEARNS = timedelta(days=92)
"""After a quarter, own history has learnt the level of a loss; what it sees begin then is something else."""


def attribute(finding: Finding, losses: Iterable[KnownOnset]) -> KnownOnset | None:
    """Return the known loss that a finding is about; None when it is about none of them.

    It has the same sign (persons missing, not too many), shares persons with the loss, was found after the loss
    began, and does not state an onset long before it. Own history must also date the onset within a quarter: it
    cannot see a loss begin that it has learnt.

    Of several, the same segment counts before its parts or its whole, then the earliest: no delay is flattered.
    """
    if finding.missing is None or finding.missing.value <= 0.0:
        return None
    segment, onset, found = finding.fingerprint.segment, onset_of(finding), finding.opened_at.date()
    latest = onset if finding.evidence is Evidence.HISTORY else date.min
    known = [
        loss
        for loss in losses
        if share_persons(loss.segment, segment)
        and loss.day <= found
        and onset >= loss.day - LONGEST_ONSET
        and latest <= loss.day + _HISTORY_LEARNS
    ]
    return min(known, key=lambda loss: (loss.segment != segment, loss.day, loss.segment), default=None)


def share_persons(one: Segment, other: Segment) -> bool:
    """Return whether a person can be in both segments: no shared dimension has different values."""
    values = dict(other.pairs)
    return all(values.get(name, value) == value for name, value in one.pairs)
