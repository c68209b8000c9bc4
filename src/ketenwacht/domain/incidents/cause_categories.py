"""Search for causes by category: codes that stopped, began, changed their share, or hold the missing persons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.measurement import DECLARED_SELECTED, ROWS, Snapshot
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Name, Share, Statement, Value

from .causes import POSSIBLE, CauseCase, chance_above, chance_at_least, chance_of_none, names_of
from .incident import CandidateCause, IncidentNature
from .natures import onset_of

MOST_VALUES = 8
FEWEST_BEFORE = 8  # deliveries before the onset, for a comparison of levels
_RARE_GAP = 0.05  # a category last seen before the onset fits when such a gap has at least this chance
_FELL = 0.6  # of the usual level, at most
ALARM, _DIP = 4.0, 2.0  # standard deviations: a level that fell by itself, and beside a sibling that rose
_HALF_SURE = 0.85  # fit of a pair of which only one half is beyond chance
CERTAIN = 1.0
"""The fit of what a finding itself states, and of what the sender declares."""


def find_categories(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield the codes of which findings say that they never came, or no longer come: by column, all in one."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in case.incident.fitting:
        code = _GONE.get(finding.said.code)
        pairs = finding.fingerprint.segment.pairs
        if code is not None and pairs:
            code = _selection_of(finding, case) if code == "cause.never_delivered" else code
            found.setdefault((code, pairs[-1][0]), []).append(finding)
    for (code, column), findings in sorted(found.items()):
        since = min(onset_of(one) for one in findings)
        values = names_of(one.fingerprint.segment.pairs[-1][1] for one in findings)[:MOST_VALUES]
        params: dict[str, Value] = {"column": Name(column, agreed=True), "values": values}
        if code == "cause.value_gone":
            params["day"] = since
        yield CandidateCause(Statement(code, params), since, CERTAIN)


_GONE = {
    "coverage.never_seen": "cause.never_delivered",
    "coverage.not_seen_since": "cause.value_gone",
    "vanished.gone": "cause.value_gone",
}


def _selection_of(finding: Finding, case: CauseCase) -> str:
    """Return whether the sender selected a category that never came, as far as manifests say."""
    pair = finding.fingerprint.segment.pairs[-1]
    stated = [
        (key.segment, value)
        for snapshot in case.read
        for key, value in snapshot.measurements.items()
        if key.name == DECLARED_SELECTED and pair[0] in key.segment.dimensions
    ]
    if not stated:
        return "cause.never_delivered"
    chosen = any(pair in segment.pairs and isinstance(value, float) and value > 0.0 for segment, value in stated)
    return "cause.lost_after_selection" if chosen else "cause.never_selected"


@dataclass(frozen=True, slots=True)
class CodeLevel:
    """The counts of one category before and from the onset on; persons a delivery."""

    segment: Segment
    before: Sequence[float]
    after: Sequence[float]

    @property
    def column(self) -> str:
        """The dimension of the code."""
        return self.segment.pairs[-1][0]

    @property
    def code(self) -> str:
        """The value of its last dimension."""
        return self.segment.pairs[-1][1]

    @property
    def siblings(self) -> tuple[Sequence[str], Sequence[tuple[str, str]]]:
        """What the categories have in common that differ in their last code only."""
        return self.segment.dimensions, self.segment.pairs[:-1]

    @property
    def mean(self) -> float:
        """Persons a delivery before the onset."""
        return sum(self.before) / len(self.before)

    @property
    def variance(self) -> float:
        """Of that."""
        mean = self.mean
        return sum((one - mean) ** 2 for one in self.before) / max(len(self.before) - 1, 1)

    @property
    def spread(self) -> float:
        """Variance over mean, at least 1."""
        return max(1.0, self.variance / self.mean) if self.mean > 0.0 else 1.0

    @property
    def chance_of_rise(self) -> float:
        """The chance of so many or more since the onset, at the level before it."""
        usual = (sum(self.before) + 0.5) / len(self.before) * len(self.after)
        return chance_at_least(sum(self.after), usual, self.spread) if sum(self.after) > usual else 1.0

    @property
    def z(self) -> float:
        """By how many standard deviations the level after the onset is above that before."""
        size = len(self.after)
        own = self.spread * self.mean * (size + size * size / len(self.before))
        return (sum(self.after) - size * self.mean) / math.sqrt(max(own, 0.5))


def _levels(case: CauseCase) -> list[CodeLevel]:
    if len(case.before) < FEWEST_BEFORE or not case.after:
        return []
    before, after = case.totals(case.before), case.totals(case.after)
    none_before, none_after = [0.0] * len(case.before), [0.0] * len(case.after)
    return [
        CodeLevel(segment, before.get(segment, none_before), after.get(segment, none_after))
        for segment in sorted(set(before) | set(after))
        if segment.pairs[-1][1]
    ]


def find_gone(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield codes that came before the onset and of which nobody came since, by column."""
    levels = [one for one in _levels(case) if case.concerns(one.segment) and sum(one.before) > 0.0]
    found: dict[tuple[str, ...], list[tuple[str, date, float]]] = {}
    for one in levels:
        last = max((i for i, rows in enumerate((*one.before, *one.after)) if rows > 0.0), default=-1)
        begun, size = last + 1, len(one.before) + len(one.after)
        if begun > case.last or begun >= size:
            continue
        if chance_of_none(one.mean, one.variance, max(0, case.first - begun)) < _RARE_GAP:
            continue
        chance = len(levels) * case.window * chance_of_none(one.mean, one.variance, size - begun)
        day = case.read[begun].delivery.period
        if 1.0 - chance >= POSSIBLE:
            found.setdefault(one.segment.dimensions, []).append((one.code, day, 1.0 - chance))
    for dimensions, gone in sorted(found.items()):
        day = min(day for _, day, _ in gone)
        codes, fit = tuple(code for code, _, _ in gone), min(fit for *_, fit in gone)
        yield _of_values("cause.value_gone", dimensions[-1], codes, day, fit)


def find_new(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield codes that no delivery before the onset had: counted by segment, or not in a code table."""
    if len(case.before) < FEWEST_BEFORE:
        return
    levels = _levels(case)
    spreads: dict[object, float] = {}
    for one in levels:
        spreads[one.siblings] = max(spreads.get(one.siblings, 1.0), one.spread)
    found: dict[str, list[tuple[str, date, float]]] = {}
    for one in levels:
        begun = next((place for place, rows in enumerate(one.after) if rows > 0.0), case.window)
        if not sum(one.before) and begun < case.window and _is_beside(case, one.segment):
            chance = len(levels) * case.window * _chance_of_new(one, spreads[one.siblings])
            found.setdefault(one.column, []).append((one.code, case.after[begun].delivery.period, 1.0 - chance))
    for column, new in sorted(found.items()):
        sure = [each for each in new if each[-1] >= POSSIBLE]
        if sure and not _often_new(case, ROWS, column):
            day, fit = min(day for _, day, _ in sure), min(fit for *_, fit in sure)
            yield _of_values("cause.value_new", column, tuple(code for code, *_ in sure), day, fit)
    yield from _find_unknown(case)


def _chance_of_new(level: CodeLevel, spread: float) -> float:
    """Return the chance that all persons of a code come after the onset, of one that comes as often before it.

    Each person comes after it with the share of the deliveries that do. Persons may come together: as many count
    for one as the most restless sibling of the code has variance over mean, its `spread`.
    """
    share = len(level.after) / (len(level.before) + len(level.after))
    return math.pow(share, sum(level.after) / spread)


def _is_beside(case: CauseCase, segment: Segment) -> bool:
    """Return whether a segment, or one that differs from it in its last code only, may hold the persons."""
    column = segment.pairs[-1][0]
    siblings = any(column in one.fingerprint.segment.dimensions for one in case.incident.fitting)
    return (
        case.concerns(segment)
        or case.incident.nature in _ANYWHERE
        or (siblings if len(segment.pairs) == 1 else case.concerns(Segment(segment.pairs[:-1])))
    )


def _find_unknown(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield codes that no code table has, and that none before the onset had."""
    known = {column: set[str]() for one in case.read for column, _ in _codes_of(one, _UNKNOWN)}
    for snapshot in case.before:
        for column, code in _codes_of(snapshot, _UNKNOWN):
            known[column].add(code)
    new: dict[str, dict[str, date]] = {}
    for snapshot in case.read[case.first : case.last + 1]:
        for column, code in _codes_of(snapshot, _UNKNOWN):
            if code not in known[column]:
                new.setdefault(column, {}).setdefault(code, snapshot.delivery.period)
    for column, codes in sorted(new.items()):
        if not _often_new(case, _UNKNOWN, column):
            fit = 1.0 - len(codes) / (len(case.before) + 1.0)
            yield _of_values("cause.value_unknown", column, tuple(codes), min(codes.values()), fit)


_UNKNOWN = "expectation."
"""What the measurements of rows begin with whose code no code table has."""
_FEW_ROWS = 3.0
"""From so many rows in a delivery on, a code that a code table has is taken to come."""


def _codes_of(snapshot: Snapshot, metric: str) -> Iterator[tuple[str, str]]:
    """Yield the column and code of each segment that a metric counts: known codes from `_FEW_ROWS` rows on."""
    for key, value in snapshot.measurements.items():
        if not key.segment.pairs or not isinstance(value, float):
            continue
        unknown = key.name.startswith(_UNKNOWN) and key.name.endswith(".code")
        if (value >= _FEW_ROWS and key.name == ROWS) if metric == ROWS else (value > 0.0 and unknown):
            yield key.segment.pairs[-1]


def _often_new(case: CauseCase, metric: str, column: str) -> bool:
    """Return whether new codes of a column come now and then anyway, in the second half of the past."""
    half = len(case.before) // 2
    early, late = (
        {code for one in part for name, code in _codes_of(one, metric) if name == column}
        for part in (case.before[:half], case.before[half:])
    )
    return bool(late - early)


def find_moved(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield codes that rose by what a sibling fell, and codes that fell without such a sibling.

    A code that rose beyond chance is the sure half. Its counterpart is the sibling that fell most, by half to
    twice as much; where that fall could be chance by itself, the pair is only possible.
    """
    levels = [one for one in _levels(case) if one.mean > 0.0 or sum(one.after) > 0.0]
    number = max(1, len(levels)) * case.window
    day = case.read[case.first].delivery.period if case.first < len(case.read) else case.incident.since
    taken: set[Segment] = set()
    dipped = [one for one in levels if one.z <= -_DIP]
    for risen in levels:
        fit = 1.0 - min(1.0, number * risen.chance_of_rise)
        fallen = [one for one in dipped if fit >= POSSIBLE and _took_over(one, risen)]
        if not fallen or not any(_compare(case, one) for one in (risen, *fallen)):
            continue
        source = min(fallen, key=lambda one: one.z)
        taken.add(source.segment)
        sure = 1.0 - min(1.0, number * chance_above(-source.z)) >= POSSIBLE
        params: dict[str, Value] = {
            "column": Name(source.column, agreed=True),
            "from": Name(source.code, agreed=True),
            "into": Name(risen.code, agreed=True),
            "day": day,
        }
        yield CandidateCause(Statement("cause.recoded", params), day, fit if sure else min(fit, _HALF_SURE))
    yield from _find_known_recoded(case, levels, day)
    if case.incident.nature is IncidentNature.MISSING:
        for one in levels:
            if one.segment not in taken and one.z < -ALARM and case.concerns(one.segment) and _has_fallen(one):
                fit = 1.0 - min(1.0, number * chance_above(-one.z))
                said = _of_values("cause.value_fell", one.column, (one.code,), day, fit)
                share = Share(sum(one.after), len(one.after) * one.mean)
                yield replace(said, said=Statement(said.said.code, {**said.said.params, "share": share}))


def _find_known_recoded(case: CauseCase, levels: Sequence[CodeLevel], day: date) -> Iterator[CandidateCause]:
    """Yield the code that took the place of one whose persons the register knows to be delivered otherwise.

    The register says which code was replaced, so that only its siblings are compared: the one that rose most,
    by half to twice as many persons.
    """
    if case.incident.nature is not IncidentNature.BROKEN_RULE:
        return
    for known in _find_replaced(case.material.reconciliations):
        dimensions, prefix = known.segment.dimensions, known.segment.pairs[:-1]
        siblings = [
            one
            for one in levels
            if one.segment != known.segment
            and one.segment.dimensions == dimensions
            and one.segment.pairs[:-1] == prefix
        ]
        risen = [
            one
            for one in siblings
            if known.different / 2.0 <= sum(one.after) - len(one.after) * one.mean <= known.different * 2.0
        ]
        if not risen:
            continue
        best = min(risen, key=lambda one: one.chance_of_rise)
        params: dict[str, Value] = {
            "column": Name(best.column, agreed=True),
            "from": Name(known.segment.pairs[-1][1], agreed=True),
            "into": Name(best.code, agreed=True),
            "day": day,
        }
        fit = 1.0 - min(1.0, len(siblings) * best.chance_of_rise)
        yield CandidateCause(Statement("cause.recoded", params), day, fit)


def _find_replaced(counts: Sequence[ReconciliationCount]) -> Iterator[ReconciliationCount]:
    """Yield the codes that hold most of those whom the newest register found under another code."""
    newest = max((one.register_date for one in counts), default=None)
    by: dict[tuple[str, ...], list[ReconciliationCount]] = {}
    for one in counts:
        if one.register_date == newest and one.segment.pairs:
            by.setdefault(one.segment.dimensions, []).append(one)
    for _, found in sorted(by.items()):
        different, registered = sum(one.different for one in found), sum(one.registered for one in found)
        for one in found:
            most = one.different >= max(FEW_MISSING, _MOST_OF * different)
            if most and one.registered <= _FEW_REGISTERED * registered:
                yield one


_FEW_REGISTERED = 0.2  # of all registered persons, at most: a code of nearly everybody holds most of anything


def _has_fallen(level: CodeLevel) -> bool:
    """Return whether it is well below its level and has not gone: somebody came in the second half."""
    low = sum(level.after) <= _FELL * len(level.after) * level.mean
    return low and sum(level.after[len(level.after) // 2 :]) > 0.0


def _compare(case: CauseCase, level: CodeLevel) -> bool:
    return case.concerns(level.segment) or case.incident.nature in _ANYWHERE


_ANYWHERE = frozenset({IncidentNature.BROKEN_RULE, IncidentNature.SURPLUS})
"""What may come of persons who were counted in another segment."""


def _took_over(fallen: CodeLevel, risen: CodeLevel) -> bool:
    """Return whether one code rose by about what a sibling that fell lost."""
    gained = sum(risen.after) - len(risen.after) * risen.mean
    lost = len(fallen.after) * fallen.mean - sum(fallen.after)
    return fallen.siblings == risen.siblings and gained / 2.0 <= lost <= gained * 2.0


def _of_values(code: str, column: str, values: tuple[str, ...], day: date, fit: float) -> CandidateCause:
    params: dict[str, Value] = {"column": Name(column, agreed=True), "values": names_of(values)[:MOST_VALUES]}
    return CandidateCause(Statement(code, {**params, "day": day}), day, fit)


# What separates the missing from the delivered, where a register gives both.


def find_split(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield the column, and the fewest of its codes, that most of the missing have and few of the others."""
    if case.incident.nature is not IncidentNature.MISSING or not case.material.reconciliations:
        return
    newest = max(one.register_date for one in case.material.reconciliations)
    by: dict[tuple[str, ...], list[ReconciliationCount]] = {}
    for one in case.material.reconciliations:
        if one.register_date == newest and one.segment.pairs and one.registered > 0:
            by.setdefault(one.segment.dimensions, []).append(one)
    for dimensions, counts in sorted(by.items()):
        worst = [one for one in counts if one.missing * 2 >= one.registered and one.missing >= FEW_MISSING]
        rest = [one for one in counts if one not in worst]
        lost, all_lost = sum(one.missing for one in worst), sum(one.missing for one in counts)
        others = sum(one.registered for one in rest)
        left = sum(one.missing for one in rest)
        if not worst or others < FEW_OTHERS or lost < _MOST_OF * all_lost or left > _FEW_OF_OTHERS * others:
            continue
        registered = sum(one.registered for one in worst)
        pooled = (lost + left) / (registered + others)
        error = (pooled * (1.0 - pooled) * (1.0 / registered + 1.0 / others)) ** 0.5
        z = (lost / registered - left / others) / max(error, 1e-9)
        fit = 1.0 - min(1.0, len(counts) ** 2 * chance_above(z))
        since = min((one.first_missing for one in worst if one.first_missing is not None), default=newest)
        column, values = dimensions[-1], names_of(one.segment.pairs[-1][1] for one in worst)[:MOST_VALUES]
        params: dict[str, Value] = {
            "column": Name(column, agreed=True),
            "values": values,
            "share": Share(lost, registered),
            "others": Share(left, others),
        }
        yield CandidateCause(Statement("cause.split", params), since, fit)


FEW_MISSING, FEW_OTHERS = 5, 20  # persons
_MOST_OF, _FEW_OF_OTHERS = 0.6, 0.1  # of the missing in these codes at least; of the others missing at most
