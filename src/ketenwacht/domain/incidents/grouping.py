"""Group the findings of one feed into incidents: which findings are about the same thing.

The findings are taken in a fixed order, so that any order gives the same incidents:

1. What a person put together or apart stays so.
2. Anchors (failed, with a number, below the whole feed) of one loss come together: one segment equals or contains
   the other and both were active at one time; then losses whose onsets overlap.
3. Other findings about missing persons attach to the one incident that explains them best. They never join
   two incidents; without an incident they wait together for one.
4. Causes absorb their consequences: a changed schema the broken rules and what could not be judged; a late or
   unreadable delivery the persons that were due then.

An incident keeps the lowest number that one of its findings had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from ketenwacht.domain.findings.finding import Finding, Nature
from ketenwacht.domain.result import Evidence

from .incident import IncidentNature, KnownIncident, KnownIncidents, Membership
from .missing import share_persons
from .natures import (
    LONGEST_ONSET,
    RANK,
    by_age,
    columns_of,
    is_anchor,
    is_proof,
    lived_together,
    nature_of,
    onset_interval,
    onset_of,
)

_FORGET = timedelta(days=14)
"""A rule that breaks again within this time of being met is the same incident."""
_NEIGHBOURS = timedelta(days=4)
"""Due days at most this far apart follow each other, where nobody knows which deliveries lie between."""
_COUNTS_EXACTLY = frozenset({Evidence.RECONCILIATION, Evidence.CONTROL_TOTAL})


@dataclass(frozen=True, slots=True)
class Grouping:
    """The outcome of grouping.

    Attributes:
        memberships: one a finding that was given, in order of the finding's age.
        incidents: every incident that is new or was merged into another by this grouping.
        next_number: the first number that is free afterwards.
    """

    memberships: tuple[Membership, ...]
    incidents: tuple[KnownIncident, ...]
    next_number: int

    @property
    def members(self) -> Mapping[int, tuple[str, ...]]:
        """Number → ids of its findings."""
        found: dict[int, list[str]] = defaultdict(list)
        for one in self.memberships:
            found[one.incident].append(one.finding)
        return {number: tuple(ids) for number, ids in sorted(found.items())}


def group_incidents(
    findings: Iterable[Finding], known: KnownIncidents | None = None, *, periods: Collection[date] = ()
) -> Grouping:
    """Group findings of one feed, closed ones too; pure, and a second call with its outcome changes nothing.

    Args:
        findings: of one feed. Known memberships of findings that are not given stay as they are.
        known: what the history knows; None: nothing.
        periods: every period that was judged: two late deliveries belong together when none lies between them.
    """
    known = known if known is not None else KnownIncidents()
    ordered = sorted({finding.id: finding for finding in findings}.values(), key=by_age)
    groups = _Groups(known, {finding.id: finding for finding in ordered})
    groups.restore()
    _join_losses(groups, ordered)
    _absorb_consequences(groups, ordered)
    _join_late(groups, ordered, frozenset(periods))
    _join_rest(groups, ordered)
    _attach_surplus(groups, ordered)
    _attach_missing(groups, ordered)
    return _number(groups, ordered, known)


@dataclass(slots=True)
class _Groups:
    """Disjoint sets of findings. Two sets that a person keeps apart are never joined."""

    known: KnownIncidents
    findings: Mapping[str, Finding]
    root: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[Finding]] = field(default_factory=dict)
    pinned: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, finding in self.findings.items():
            self.root[name], self.members[name] = name, [finding]
            membership = self.known.memberships.get(name)
            if membership is not None and membership.by_hand:
                self.pinned[name] = self.final(membership.incident)

    def final(self, number: int) -> int:
        """Return the number that an incident is continued in."""
        seen = {number}
        while True:
            one = self.known.incidents.get(number)
            if one is None or one.merged_into is None or one.merged_into in seen:
                return number
            number = one.merged_into
            seen.add(number)

    def restore(self) -> None:
        """Join what was together before: what a person put together, and what does not look for a better place."""
        together: dict[tuple[int, bool], Finding] = {}
        for name, finding in self.findings.items():
            membership = self.known.memberships.get(name)
            if membership is None or (not membership.by_hand and _moves(finding)):
                continue
            first = together.setdefault((self.final(membership.incident), membership.by_hand), finding)
            self.join(first, finding)

    def number_of(self, finding: Finding) -> int | None:
        """Return the number that a finding had before; None: it is new."""
        membership = self.known.memberships.get(finding.id)
        return None if membership is None else self.final(membership.incident)

    def group(self, finding: Finding) -> list[Finding]:
        """Return everything that is together with a finding."""
        return self.members[self.root[finding.id]]

    def all(self) -> list[list[Finding]]:
        """Return every group, by the age of its oldest finding."""
        return sorted(self.members.values(), key=lambda group: min(by_age(one) for one in group))

    def alone(self, finding: Finding) -> bool:
        """Return whether nothing is together with a finding, and no person put it where it is."""
        return len(self.group(finding)) == 1 and self.root[finding.id] not in self.pinned

    def join(self, one: Finding, other: Finding) -> bool:
        """Join the groups of two findings; False when a person keeps them apart."""
        into, out = self.root[one.id], self.root[other.id]
        if into == out:
            return True
        pins = {self.pinned[root] for root in (into, out) if root in self.pinned}
        if len(pins) > 1:
            return False
        if pins:
            self.pinned[into] = pins.pop()
        self.pinned.pop(out, None)
        moved = self.members.pop(out)
        self.members[into] += moved
        for each in moved:
            self.root[each.id] = into
        return True


def _moves(finding: Finding) -> bool:
    """Return whether a finding looks for its incident anew each time, rather than staying where it was."""
    return nature_of(finding) in {IncidentNature.MISSING, IncidentNature.SURPLUS} and not is_anchor(finding)


# 2. Losses.


def _join_losses(groups: _Groups, ordered: Sequence[Finding]) -> None:
    anchors = [finding for finding in ordered if is_anchor(finding) and not _is_consequence(finding, ordered)]
    _join_pairs(groups, anchors, _same_place)
    _join_by_onset(groups, anchors)


def _same_place(one: Finding, other: Finding) -> bool:
    ours, theirs = one.fingerprint.segment, other.fingerprint.segment
    return (ours.contains(theirs) or theirs.contains(ours)) and lived_together(one, other)


def _join_pairs(groups: _Groups, findings: Sequence[Finding], alike: Callable[[Finding, Finding], bool]) -> None:
    for at, one in enumerate(findings):
        for other in findings[at + 1 :]:
            if alike(one, other):
                groups.join(one, other)


def _join_by_onset(groups: _Groups, findings: Sequence[Finding]) -> None:
    """Join groups whose onsets overlap; the onset of a group is that of its strongest evidence."""
    heads: dict[str, Finding] = {}
    for finding in findings:
        root = groups.root[finding.id]
        if root not in heads or _onset_rank(finding) < _onset_rank(heads[root]):
            heads[root] = finding
    _join_pairs(groups, sorted(heads.values(), key=by_age), _same_onset)


def _onset_rank(finding: Finding) -> tuple[object, ...]:
    return RANK[finding.evidence], onset_of(finding), by_age(finding)


def _same_onset(one: Finding, other: Finding) -> bool:
    (first, last), (begins, ends) = onset_interval(one), onset_interval(other)
    return first <= ends and begins <= last


# 3. What attaches to a loss.


def _attach_missing(groups: _Groups, ordered: Sequence[Finding]) -> None:
    """Attach findings about missing persons to the incident that explains it best; failed findings first."""
    loose = [
        finding
        for finding in ordered
        if nature_of(finding) is IncidentNature.MISSING and not is_anchor(finding) and groups.alone(finding)
    ]
    losses = [group for group in groups.all() if any(is_anchor(one) for one in group)]
    left = []
    for finding in sorted(loose, key=lambda one: (one.nature is not Nature.FAILED, by_age(one))):
        best = _find_best(groups, finding, losses)
        if best is None:
            left.append(finding)
        else:
            groups.join(best, finding)
    for failed in (True, False):
        rest = [finding for finding in left if (finding.nature is Nature.FAILED) is failed]
        _join_pairs(groups, rest, _same_place)
        _join_by_onset(groups, rest)


def _find_best(groups: _Groups, finding: Finding, losses: Sequence[Sequence[Finding]]) -> Finding | None:
    """Return an anchor of the loss that explains a finding best; None: no loss explains it."""
    explained = [
        (_fit(groups, finding, anchor), anchor)
        for group in losses
        for anchor in group
        if is_anchor(anchor) and _explains(anchor, finding)
    ]
    return min(explained, key=lambda pair: pair[0])[1] if explained else None


def _explains(anchor: Finding, finding: Finding) -> bool:
    """Return whether the loss of an anchor can be what a finding sees."""
    here, there = anchor.fingerprint.segment, finding.fingerprint.segment
    began, _ = onset_interval(anchor)
    _, latest = onset_interval(finding)
    ended = None if anchor.active else anchor.resolved_at or anchor.closed_at
    in_time = latest >= began and onset_of(finding) >= began - LONGEST_ONSET
    lasts = ended is None or onset_of(finding) <= ended.date()
    return in_time and lasts and (share_persons(here, there) or _same_onset(anchor, finding))


def _fit(groups: _Groups, finding: Finding, anchor: Finding) -> tuple[object, ...]:
    """Return how well an anchor explains a finding; the least is the best.

    Where it was before counts first, as long as that loss lasts: findings do not wander.
    """
    here, there = anchor.fingerprint.segment, finding.fingerprint.segment
    stays = anchor.active and groups.number_of(finding) in {groups.number_of(one) for one in groups.group(anchor)}
    known = groups.number_of(finding) is not None
    apart = abs((onset_of(anchor) - onset_of(finding)).days)
    size = anchor.missing.value if anchor.missing is not None else 0.0
    return (
        not (known and stays),
        not here.contains(there),
        not _same_onset(anchor, finding),
        not anchor.active,
        apart,
        -size,
        by_age(anchor),
    )


def _attach_surplus(groups: _Groups, ordered: Sequence[Finding]) -> None:
    """List a surplus that only weak evidence sees beside the loss in its place; join others by place and onset.

    It contradicts that loss, and is shown as what does not fit.
    """
    surplus = [finding for finding in ordered if nature_of(finding) is IncidentNature.SURPLUS]
    anchors = [finding for finding in ordered if is_anchor(finding)]
    left = []
    for finding in surplus:
        if not groups.alone(finding):
            continue
        beside = [one for one in anchors if _is_beside(one, finding)]
        best = min(beside, key=lambda one: _fit(groups, finding, one), default=None)
        if best is None or not groups.join(best, finding):
            left.append(finding)
    _join_pairs(groups, left, _same_place)
    _join_by_onset(groups, left)


def _is_beside(anchor: Finding, surplus: Finding) -> bool:
    if surplus.evidence in _COUNTS_EXACTLY or not lived_together(anchor, surplus):
        return False
    here, there = anchor.fingerprint.segment, surplus.fingerprint.segment
    nested = here.contains(there) or there.contains(here)
    return nested or (are_siblings(anchor, surplus) and _same_onset(anchor, surplus))


def are_siblings(one: Finding, other: Finding) -> bool:
    """Return whether two findings are about different values of one dimension, in the same part of the feed."""
    ours, theirs = one.fingerprint.segment, other.fingerprint.segment
    return ours.dimensions == theirs.dimensions and len(set(ours.pairs) ^ set(theirs.pairs)) == 2  # noqa: PLR2004


# 4. Causes and their consequences.


def _is_consequence(finding: Finding, ordered: Iterable[Finding]) -> bool:
    return any(_causes(cause, finding) for cause in ordered)


def _absorb_consequences(groups: _Groups, ordered: Sequence[Finding]) -> None:
    for finding in ordered:
        if not groups.alone(finding):
            continue
        causes = [cause for cause in ordered if _causes(cause, finding)]
        if causes:
            groups.join(min(causes, key=lambda cause: (_CAUSE_ORDER[nature_of(cause)], by_age(cause))), finding)


_CAUSE_ORDER: Mapping[IncidentNature, int] = {
    IncidentNature.SCHEMA: 0,
    IncidentNature.UNREADABLE: 1,
    IncidentNature.LATE: 2,
}
_FOLLOW_SCHEMA = frozenset({IncidentNature.BROKEN_RULE, IncidentNature.CANNOT_JUDGE})
_FOLLOW_ABSENCE = frozenset({IncidentNature.CANNOT_JUDGE})


def _causes(cause: Finding, finding: Finding) -> bool:
    """Return whether a finding is only a consequence of a changed schema, or of a late or unreadable delivery."""
    nature = nature_of(cause)
    if nature not in _CAUSE_ORDER or cause.nature is Nature.WARNED or cause.id == finding.id:
        return False
    what, same_delivery = nature_of(finding), finding.period == cause.period
    if nature is IncidentNature.SCHEMA:
        about = columns_of(finding.said)
        if what in _FOLLOW_SCHEMA:
            return same_delivery and (not about or bool(about & columns_of(cause.said)))
        return what is IncidentNature.MISSING and same_delivery and not _counted_exactly(finding)
    if what in _FOLLOW_ABSENCE:
        return same_delivery
    due_then = _lasts_over(cause, onset_of(finding)) and lived_together(cause, finding)
    return what is IncidentNature.MISSING and is_proof(finding) and due_then and not _counted_exactly(finding)


def _counted_exactly(finding: Finding) -> bool:
    return finding.evidence in _COUNTS_EXACTLY


def _lasts_over(cause: Finding, day: date) -> bool:
    ended = None if cause.active else cause.resolved_at or cause.closed_at
    return cause.period <= day and (ended is None or day <= ended.date())


# Other natures.


def _join_late(groups: _Groups, ordered: Sequence[Finding], periods: frozenset[date]) -> None:
    """Join late, and unreadable, deliveries that follow each other."""
    for nature in (IncidentNature.LATE, IncidentNature.UNREADABLE):
        found = sorted((f for f in ordered if nature_of(f) is nature), key=lambda one: (one.period, by_age(one)))
        for one, other in pairwise(found):
            if _follows(one, other, found, periods):
                groups.join(one, other)


def _follows(one: Finding, other: Finding, found: Sequence[Finding], periods: frozenset[date]) -> bool:
    if one.fingerprint == other.fingerprint and not lived_together(one, other):
        return False  # it came in between, and then another one did not
    last = max(one.period, one.last_period or one.period)
    if not periods:
        return other.period - last <= _NEIGHBOURS
    covered = {finding.period for finding in found}
    return not any(last < day < other.period and day not in covered for day in periods)


def _join_rest(groups: _Groups, ordered: Sequence[Finding]) -> None:
    """Join broken rules, breaches, schemas and what could not be judged: the same check, or the same delivery.

    A finding joins the incident of its own check before that of its first delivery, so that one rule that breaks
    for months does not collect every other rule.
    """
    natures = (
        IncidentNature.SCHEMA,
        IncidentNature.BROKEN_RULE,
        IncidentNature.PRIVACY,
        IncidentNature.CANNOT_JUDGE,
    )
    for nature in natures:
        seen: list[Finding] = []
        for finding in (one for one in ordered if nature_of(one) is nature):
            same = [one for one in seen if _same_rule(one, finding)] or [
                one for one in seen if one.period == finding.period and _alike(one, finding)
            ]
            if same and groups.alone(finding):
                groups.join(same[0], finding)
            seen.append(finding)


def _alike(one: Finding, other: Finding) -> bool:
    return (one.nature is Nature.WARNED) is (other.nature is Nature.WARNED)


def _same_rule(one: Finding, other: Finding) -> bool:
    if one.fingerprint.check != other.fingerprint.check:
        return False
    ended = None if one.active else one.resolved_at or one.closed_at
    return ended is None or other.opened_at - ended <= _FORGET


# Numbers.


def _number(groups: _Groups, ordered: Sequence[Finding], known: KnownIncidents) -> Grouping:
    """Give each group the number that a person gave it, else the lowest that its findings had, else a new one."""
    taken: dict[int, str] = {}
    following = known.next_number
    chosen: dict[str, int] = {}
    everything = groups.all()
    for group in everything:
        root = groups.root[group[0].id]
        before = sorted({n for one in group if (n := groups.number_of(one)) is not None})
        wanted = [groups.pinned[root]] if root in groups.pinned else before
        free = [number for number in wanted if number not in taken]
        if free:
            chosen[root] = free[0]
            taken[free[0]] = root
    new = []
    for group in everything:
        root = groups.root[group[0].id]
        if root not in chosen:
            chosen[root] = following
            first = min(group, key=by_age)
            new.append(KnownIncident(following, first.fingerprint.feed, first.opened_at))
            following += 1
    memberships = tuple(
        Membership(one.id, chosen[groups.root[one.id]], by_hand=_by_hand(known, one.id)) for one in ordered
    )
    return Grouping(memberships, (*new, *_merge(memberships, known)), following)


def _by_hand(known: KnownIncidents, finding: str) -> bool:
    membership = known.memberships.get(finding)
    return membership is not None and membership.by_hand


def _merge(memberships: Sequence[Membership], known: KnownIncidents) -> list[KnownIncident]:
    """Return the incidents that lost their last finding, continued in the one that has the most of them."""
    now = {**{name: one.incident for name, one in known.memberships.items()}}
    now |= {one.finding: one.incident for one in memberships}
    alive = set(now.values())
    merged = []
    for number, one in sorted(known.incidents.items()):
        if number in alive or one.merged_into is not None:
            continue
        went = [now[name] for name, before in known.memberships.items() if before.incident == number]
        if went:
            merged.append(replace(one, merged_into=min(went, key=lambda into: (-went.count(into), into))))
    return merged
