"""Search for the causes of an incident: changes about its onset, and the category that holds the missing persons.

Each finder in `cause_finders` looks at one kind of change and says how well it fits: 1 minus the chance that a
change of this kind would be there by accident, over everything that the finder compared (Bonferroni's bound).
Below `POSSIBLE` nothing is said, so that a false alarm mostly ends as "no cause found".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.measurement import ROWS, Snapshot
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Name, Statement, params_from_json, params_json

from .incident import CandidateCause, CauseSearch, Incident
from .natures import onset_interval

PROBABLE = 0.95
"""A cause that fits at least this well is told as probable."""
POSSIBLE = 0.8
"""One that fits at least this well is told as possible; below it nothing is said."""
CATEGORY_CAUSES = frozenset(
    {"cause.never_selected", "cause.never_delivered", "cause.lost_after_selection", "cause.value_gone"}
)
"""The codes that name categories of which nobody comes."""
_COINCIDENCES = frozenset({"cause.schema_version", "cause.code_table", "cause.sender_version", "cause.declared"})
"""What lies near the onset in time and says nothing of who is missing: alone, it is told from `PROBABLE` on."""
_CONSEQUENCES = frozenset({"cause.emptier", "cause.value_fell", "cause.weekday"})
"""What follows when a category is gone: the rest of the feed is composed otherwise."""
MOST_CAUSES = 3
"""Candidates that are told of one incident."""
LOOKED_BACK = 60
"""Deliveries before the onset that a change is compared with."""
SETTLES = 20
"""Deliveries after the onset during which an incident is searched again."""
_VAGUE_ONSET = timedelta(days=14)
"""A finding of counts that come later, without an onset of its own, may have begun this long before it."""
_WEEK = timedelta(days=6)
_LATE_EVIDENCE = frozenset({Evidence.RECONCILIATION, Evidence.REFERENCE, Evidence.INQUIRY})
_SLACK = {Evidence.HISTORY: 3, Evidence.INQUIRY: 5, Evidence.REFERENCE: 3}


@dataclass(frozen=True, slots=True)
class CauseMaterial:
    """What causes are looked for in: numbers of one feed, no persons.

    Attributes:
        snapshots: measured deliveries, oldest first, the newest included.
        reconciliations: comparisons with registers, as known now.
        declared: days that somebody declared, releases among them.
        columns: id of an expectation → the columns that it looks at.
        acknowledged: first day of the period of each delivery that was acknowledged.
    """

    snapshots: Sequence[Snapshot] = ()
    reconciliations: Sequence[ReconciliationCount] = ()
    declared: Sequence[ExclusionWindow] = ()
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    acknowledged: Sequence[date] = ()


@dataclass(frozen=True, slots=True)
class CauseCase:
    """One incident beside the deliveries about its onset.

    Attributes:
        incident: whose cause is looked for.
        material: of the feed.
        read: snapshots that were read, from `LOOKED_BACK` deliveries before the onset on.
        first: place in `read` of the first delivery that may show the onset.
        last: place of the last delivery that may show it.
        end: place after the last delivery that the incident is about.
        best: first and last place of the best estimate of the onset: one delivery, or a week of a register.
    """

    incident: Incident
    material: CauseMaterial
    read: Sequence[Snapshot]
    first: int
    last: int
    end: int
    best: tuple[int, int]

    @property
    def window(self) -> int:
        """How many deliveries may show the onset."""
        return max(1, self.last - self.first + 1)

    @property
    def before(self) -> Sequence[Snapshot]:
        """The deliveries before the onset."""
        return self.read[: self.first]

    @property
    def after(self) -> Sequence[Snapshot]:
        """The deliveries from the onset on that the incident is about."""
        return self.read[self.first : self.end]

    def concerns(self, segment: Segment) -> bool:
        """Return whether a segment may hold persons whom the incident is about."""
        known = [one.fingerprint.segment for one in self.incident.fitting if one.fingerprint.segment.pairs]
        return not known or any(_compatible(segment, one) for one in known)

    def by_accident(self, place: int, number: int) -> float:
        """Return the chance that one of `number` changes lies as near to the onset as this one by accident.

        Args:
            place: of the change, in `read`.
            number: changes of this kind in all of `read`.
        """
        begin, end = self.best
        away = max(0, begin - place, place - end)
        share = min(1.0, (end - begin + 1 + 2 * away) / max(len(self.read), 1))
        return 1.0 - (1.0 - share) ** number

    def totals(self, snapshots: Sequence[Snapshot]) -> dict[Segment, list[float]]:
        """Return rows by segment, a number a delivery; segments of the whole feed are left out."""
        found: dict[Segment, list[float]] = {}
        for place, snapshot in enumerate(snapshots):
            for key, value in snapshot.measurements.items():
                if key.name == ROWS and key.segment.pairs and isinstance(value, float):
                    found.setdefault(key.segment, [0.0] * len(snapshots))[place] = value
        return found


CauseFinder = Callable[[CauseCase], Iterable[CandidateCause]]


def search_causes(
    incident: Incident, material: CauseMaterial, finders: Sequence[tuple[int, CauseFinder]]
) -> CauseSearch:
    """Return why an incident happened: at most `MOST_CAUSES` candidates, the best first; none: unknown.

    Args:
        incident: as it is now.
        material: of its feed; snapshots after the incident do no harm.
        finders: rank (lower is told first among those of one strength) and finder.
    """
    case = _open_case(incident, material)
    found: list[tuple[bool, int, float, CandidateCause]] = []
    for rank, finder in finders:
        found += [(one.fit < PROBABLE, rank, -one.fit, one) for one in finder(case) if one.fit >= POSSIBLE]
    if all(one.said.code in _COINCIDENCES for *_, one in found):
        found = [each for each in found if each[-1].fit >= PROBABLE]
    ordered = sorted(found, key=lambda one: (*one[:3], one[3].said.code, str(one[3].said.params)))
    kept: dict[object, CandidateCause] = {}
    gone = any(one.said.code in CATEGORY_CAUSES for *_, one in ordered)
    for *_, one in ordered:
        if not gone or one.said.code not in _CONSEQUENCES:
            kept.setdefault(_identity(one), one)
    return CauseSearch(tuple(kept.values())[:MOST_CAUSES], len(case.before), len(case.after))


def _identity(cause: CandidateCause) -> tuple[str, str]:
    """Return what candidates that say the same share: not the day, in which kinds of evidence may differ."""
    params = {name: value for name, value in cause.said.params.items() if name != "day"}
    return cause.said.code, str(sorted(params.items(), key=lambda one: one[0]))


def needs_search(incident: Incident, material: CauseMaterial, *, joined: bool = False) -> bool:
    """Return whether a cause should be looked for (again): the incident is new, recent, or says something else.

    Args:
        incident: as it is now.
        material: of its feed.
        joined: other findings belong to it than when it was last searched.
    """
    if not incident.active or not material.snapshots:
        return False
    if incident.search is None or joined or incident.search.after < SETTLES:
        return True
    return any(not _is_still_said(one, incident) for one in incident.search.candidates)


_COPIED = frozenset({"deliveries", "numbers", "earlier", "problem", "differences"})
"""Parameters that a cause has from a finding, as they are there."""


def _is_still_said(cause: CandidateCause, incident: Incident) -> bool:
    """Return whether findings still say what a cause has from them: other deliveries may be overdue by now."""
    copied = {name: value for name, value in cause.said.params.items() if name in _COPIED}
    return all(
        any(one.said.params.get(name) == value for one in incident.findings) for name, value in copied.items()
    )


def _open_case(incident: Incident, material: CauseMaterial) -> CauseCase:
    read = [one for one in material.snapshots if one.delivery.read]
    low, high, slack = _onset(incident)
    days = [one.delivery.period for one in read]
    first = max(0, sum(day < low for day in days) - slack)
    last = min(len(days) - 1, sum(day <= high for day in days) - 1 + slack)
    ends = [one.last_period or one.period for one in incident.findings]
    end = len(days) if incident.active and not _is_momentary(incident) else sum(day <= max(ends) for day in days)
    start = max(0, first - LOOKED_BACK)
    best = sum(day < low for day in days) - start
    week = incident.title_finding.evidence in _LATE_EVIDENCE
    wide = sum(low <= day <= min(high, low + _WEEK) for day in days) if week else 1
    first, last = first - start, max(first, last) - start
    return CauseCase(
        incident, material, read[start:], first, last, max(end - start, first + 1), (best, best + max(wide, 1) - 1)
    )


def _is_momentary(incident: Incident) -> bool:
    """Return whether its findings are each about one delivery, so that later ones say nothing about it."""
    return all(one.fingerprint.due for one in incident.findings)


def _onset(incident: Incident) -> tuple[date, date, int]:
    """Return the first and last day on which it may have begun, and how many deliveries more on either side."""
    lead = incident.title_finding
    low, high = onset_interval(lead)
    if lead.missing is None and lead.evidence in _LATE_EVIDENCE:
        low = lead.period - _VAGUE_ONSET
    return low, high, _SLACK.get(lead.evidence, 0)


def _compatible(one: Segment, other: Segment) -> bool:
    mine, theirs = dict(one.pairs), dict(other.pairs)
    shared = set(mine) & set(theirs)
    return bool(shared) and all(mine[name] == theirs[name] for name in shared)


def chance_of_none(mean: float, variance: float, deliveries: int) -> float:
    """Return the chance that a category stays away for so many deliveries by accident.

    Args:
        mean: persons a delivery before.
        variance: of it; at most the mean: Poisson, else negative binomial of the same two moments.
        deliveries: how many have none of it.
    """
    if mean <= 0.0:
        return 1.0
    spread = variance / mean
    rate = mean if spread <= 1.0 else mean * math.log(spread) / (spread - 1.0)
    return math.exp(-rate * deliveries)


def chance_above(z: float) -> float:
    """Return the chance that a standard normal is above `z`."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))


_MANY = 500.0
"""A Poisson count with a greater mean is as good as normal."""


def chance_at_least(count: float, mean: float, spread: float) -> float:
    """Return the chance of so many or more, of a quasi-Poisson count.

    Args:
        count: seen.
        mean: expected, above 0.
        spread: variance over mean, at least 1.
    """
    if mean / spread > _MANY:  # the sum below would begin at 0
        return chance_above((count - mean) / math.sqrt(spread * mean))
    seen, rate = math.ceil(count / spread), mean / spread
    below, term = 0.0, math.exp(-rate)
    for number in range(seen):
        below += term
        term *= rate / (number + 1.0)
    return max(0.0, min(1.0, 1.0 - below))


def names_of(values: Iterable[str]) -> tuple[Name, ...]:
    """Return values of a column as names of a statement; they passed the guard of the feed when measured."""
    return tuple(Name(value, agreed=True) for value in sorted(set(values)))


# The history holds a search with the incident.


def search_json(search: CauseSearch | None) -> object:
    """Return a search as the history holds it."""
    if search is None:
        return None
    return {
        "before": search.before,
        "after": search.after,
        "candidates": [
            {
                "code": one.said.code,
                "params": params_json(one.said.params),
                "since": one.since.isoformat(),
                "fit": one.fit,
            }
            for one in search.candidates
        ],
    }


def search_from_json(stored: object) -> CauseSearch | None:
    """Read what `search_json` wrote; None when this release does not know it."""
    if not isinstance(stored, dict):
        return None
    try:
        candidates = tuple(
            CandidateCause(
                Statement(str(one["code"]), params_from_json(one["params"])),
                date.fromisoformat(one["since"]),
                float(one["fit"]),
            )
            for one in cast("list[dict[str, Any]]", stored["candidates"])
        )
        return CauseSearch(candidates, int(stored["before"]), int(stored["after"]))
    except (KeyError, TypeError, ValueError):
        return None
