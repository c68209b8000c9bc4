"""Is every category that the contract lists seen, or explained? One never seen fails on day one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from hashlib import sha256
from typing import ClassVar, cast

from ketenwacht.domain.category import Category, Explained, Rare, categories, rows_around, rows_of, seen_in
from ketenwacht.domain.check_traits import CheckTraits, Holds, SettingRange, Weight, fraction, nonnegative
from ketenwacht.domain.measurement import ROWS, Snapshot
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Codes, Statement, Text
from ketenwacht.domain.successors import Expired, renew_segment, renew_snapshot

from ._flow_accounts import COUNTED
from .base import Check, Judgement, View

_LEAST = 1e-12  # lower bound: with chance 0 no rare category would ever fail
_LEAST_DELIVERIES = 5  # fewer are no baseline for a share, as in `domain.category`
_BELOW = 1.645  # standard errors: the lower end of the 90 % interval of a learnt share
_MOST_NAMED = 20  # a list of thousands of categories would be saved with every delivery
_ORDINARY = 0.05  # the share that a listed category has at least when nothing is known of it


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageCheck:
    """Every expected category against the deliveries so far.

    The feed must be counted by the dimensions of the categories (`segments` of the feed).

    Attributes:
        expected: dimension → value, or a list of values; several lists stand for their product.
        expected_file: CSV with one category a row, its header the dimensions; read into `expected` with the
            configuration.
        within: a category not seen for longer fails.
        after_deliveries: a category never seen is asked for once so many deliveries with persons have come without
            it; 0 asks on the first day.
        rare: categories that a delivery may lack by chance, with the share that they have: such a one fails, first
            and later, when so many came without it that nobody would be of it in `chance` of the cases.
        chance: that a category stays away by chance and fails all the same (fraction 0–1).
        explained: categories that rightly stay away.
    """

    kind: ClassVar[str] = "coverage"
    codes: ClassVar[Codes] = {
        "coverage.all_seen": {"categories": Amount},
        "coverage.seen": {},
        "coverage.explained": {"reason": Text, "who": Text, "until": date},
        "coverage.never_seen": {"since": date},
        "coverage.too_few": {"number": Amount, "categories": Segment},
        "coverage.not_seen_since": {"since": date},
        "coverage.no_categories": {},
        "coverage.file_not_read": {},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        settings={
            "expected": SettingRange(weight=Weight.ASKED, holds=Holds.CATEGORIES),
            "within": SettingRange(weight=Weight.DOWN),
            "after_deliveries": nonnegative(Weight.DOWN),
            "rare": SettingRange(weight=Weight.LET_OFF, holds=Holds.RARE),
            "chance": fraction(),
            "explained": SettingRange(weight=Weight.LET_OFF),
        }
    )
    name: str = "coverage"
    expected: tuple[Category, ...] = ()
    expected_file: str | None = None
    within: timedelta = timedelta(days=365)
    after_deliveries: int = 0
    rare: tuple[Rare, ...] = ()
    chance: float = 0.001
    explained: tuple[Explained, ...] = ()

    def learn(self, snapshots: Sequence[Snapshot], expired: Expired) -> CoverageCheck:
        """Return the check with the share that each category has in other deliveries, for a release.

        A release is judged on few deliveries, in which an ordinary category may be absent by chance. A category
        that no chance explains (one row, in every delivery) stays as it is: it is asked for at once.

        Args:
            snapshots: of production, or earlier ones of the same stream; fewer than five tell nothing.
            expired: the codes by whose successors everything is counted.
        """
        read = [renew_snapshot(one, expired) for one in snapshots if one.delivery.read]
        wanted = tuple(dict.fromkeys(renew_segment(one, expired) for one in categories(self.expected)))
        there = [seen_in(one, wanted) for one in read]
        found = []
        for category in wanted:
            around = [rows_around(one, category) for one in read]
            counts = [rows_of(one, category) for one in read]
            share = self._share(category, wanted, counts, around)
            if share > 0.0 and not self._is_regular(share, around, [category in one for one in there]):
                found.append(Rare(segment=category.as_dict(), share=share))
        found.sort(key=lambda one: -len(one.segment))  # the first that covers a category counts: its own, if any
        settings = {one.name: getattr(self, one.name) for one in fields(self)}
        return _ReleaseCoverage(**settings | {"rare": (*found, *self.rare)})

    def _share(
        self, category: Segment, wanted: Sequence[Segment], counts: Sequence[float], around: Sequence[float]
    ) -> float:
        """Return the share that a category has at least: learnt, declared, or else what is ordinary."""
        declared = next((one.share for one in self.rare if one.covers(category)), 0.0)
        count, rows = sum(counts), sum(around)
        if len(counts) >= _LEAST_DELIVERIES and count > 0.0 and rows > 0.0:
            return max(declared, _lower_end(count) / rows)
        siblings = sum(one.pairs[:-1] == category.pairs[:-1] for one in wanted)
        return declared or min(_ORDINARY, 1.0 / (3 * siblings))

    def _is_regular(self, share: float, around: Sequence[float], there: Sequence[bool]) -> bool:
        """Return whether a category was in every delivery, which samples of that share would not have shown."""
        if len(there) < _LEAST_DELIVERIES or not all(there):
            return False
        return math.prod(-math.expm1(-share * rows) for rows in around) < self.chance

    def judge(self, view: View) -> Judgement:
        """Return a result for each category that stays away or has just come back.

        One for all when none is away.
        """
        if not view.snapshot.delivery.read:
            return Judgement((), view.state)
        wanted = tuple(dict.fromkeys(renew_segment(one, view.expired) for one in categories(self.expected)))
        if not wanted:
            return Judgement((self._nothing(),), view.state)
        memory = self._memory(view, wanted)
        day = view.snapshot.delivery.period
        memory.take(view.snapshot, self.rare)
        first = _first_day(view) if len(memory.seen) < len(wanted) else day
        results = [self._one(memory, category, day, first) for category in wanted]
        away = [r for r in results if r.status is not Status.PASSED]
        back = [r for r in results if r.status is Status.PASSED and r.segment in memory.away]
        memory.away = {r.segment for r in away}
        return Judgement((*(away or (self._whole(memory, day),)), *back), memory.to_state())

    def _nothing(self) -> CheckResult:
        if self.expected_file is not None:
            return CheckResult(self.name, Status.ERROR, Evidence.CONTRACT, code="coverage.file_not_read")
        return CheckResult(self.name, Status.SKIPPED, Evidence.CONTRACT, code="coverage.no_categories")

    def _one(self, memory: _CategoryMemory, category: Segment, day: date, first: date) -> CheckResult:
        status, said = self._verdict(memory, category, day, first)
        return CheckResult(
            self.name, status, Evidence.CONTRACT, code=said.code, params=said.params, segment=category
        )

    def _verdict(
        self, memory: _CategoryMemory, category: Segment, day: date, first: date
    ) -> tuple[Status, Statement]:
        last = memory.seen.get(category)
        rare = any(one.covers(category) for one in self.rare)
        due = memory.missed.get(category, 0.0) >= -math.log(max(self.chance, _LEAST))
        explanation = next((e for e in self.explained if e.covers(category, day)), None)
        if explanation is not None:
            why = {"reason": Text.of(explanation.reason), "who": Text.of(explanation.who)}
            return Status.PASSED, Statement("coverage.explained", {**why, "until": explanation.until})
        if last is None and (due if rare else memory.deliveries > self.after_deliveries):
            return Status.FAILED, Statement("coverage.never_seen", {"since": first})
        if last is not None and (due if rare else day - last > self.within):
            return Status.FAILED, Statement("coverage.not_seen_since", {"since": last})
        return Status.PASSED, Statement("coverage.seen")

    def _whole(self, memory: _CategoryMemory, day: date) -> CheckResult:  # noqa: ARG002 - for a release they count
        """Return the result when no category fails."""
        number = float(len(memory.wanted))
        return CheckResult(
            self.name,
            Status.PASSED,
            Evidence.CONTRACT,
            code="coverage.all_seen",
            params={"categories": Amount(number)},
            observed=number,
            expected=Interval(number, number),
            unit="categories",
        )

    def _memory(self, view: View, wanted: tuple[Segment, ...]) -> _CategoryMemory:
        """Return what is remembered; built from the past when there is nothing, or the categories have changed."""
        if (
            view.state is not None
            and view.state.get("wanted") == _digest_categories(wanted)
            and "missed" in view.state
        ):
            return _CategoryMemory.from_state(view.state, wanted)
        memory = _CategoryMemory(wanted)
        for snapshot in view.past.before(view.snapshot.delivery.period).snapshots:
            if snapshot.delivery.read:
                memory.take(snapshot, self.rare)
        return memory


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReleaseCoverage(CoverageCheck):
    """The check of a release: what is absent by chance, as far as few deliveries can tell, is not proven."""

    def _whole(self, memory: _CategoryMemory, day: date) -> CheckResult:
        """Return the result when no category fails: those never seen, if any, may be absent by chance."""
        unseen = tuple(
            one
            for one in memory.wanted
            if one not in memory.seen and not any(e.covers(one, day) for e in self.explained)
        )
        if not unseen:
            return CoverageCheck._whole(self, memory, day)  # noqa: SLF001 - of its own base
        return CheckResult(
            self.name,
            Status.UNPROVEN,
            Evidence.CONTRACT,
            code="coverage.too_few",
            params={"number": Amount(len(unseen)), "categories": unseen[:_MOST_NAMED]},
        )


def _lower_end(count: float) -> float:
    """Return the lower end of the 90 % interval of the mean of a Poisson count; above 0, however small the count.

    Wilson and Hilferty 1931, as in Breslow and Day 1987, chapter 2.
    """
    return count * (1.0 - 1.0 / (9.0 * count) - _BELOW / (3.0 * math.sqrt(count))) ** 3


def learn_shares(checks: Iterable[Check], snapshots: Sequence[Snapshot], expired: Expired) -> tuple[Check, ...]:
    """Return the checks; those of this kind know the shares of other deliveries: see `CoverageCheck.learn`."""
    return tuple(one.learn(snapshots, expired) if isinstance(one, CoverageCheck) else one for one in checks)


@dataclass(slots=True)
class _CategoryMemory:
    """What was seen of every category.

    Attributes:
        wanted: the categories.
        deliveries: so many with persons in them.
        seen: when each was seen last.
        missed: of each rare one, how many were to be expected since; persons.
        away: categories reported as absent by the previous delivery.
    """

    wanted: tuple[Segment, ...]
    deliveries: int = 0
    seen: dict[Segment, date] = field(default_factory=dict)
    missed: dict[Segment, float] = field(default_factory=dict)
    away: set[Segment] = field(default_factory=set)

    def take(self, snapshot: Snapshot, rare: Sequence[Rare]) -> None:
        """Look at one more delivery."""
        there, day = seen_in(snapshot, self.wanted), snapshot.delivery.period
        for category in there:
            self.seen[category] = max(day, self.seen.get(category, day))
            self.missed[category] = 0.0
        if snapshot.delivery.kind not in COUNTED:
            return  # who is in a catch-up was chosen: it says nothing of who is not
        self.deliveries += int(snapshot.value(ROWS) != 0.0)  # a delivery that holds nobody says nothing of anybody
        for category in set(self.wanted) - there:
            if not snapshot.counts_by(category.dimensions) and not _is_finer(snapshot, category):
                continue  # the delivery lacks a column of it
            share = next((one.share for one in rare if one.covers(category)), None)
            if share is not None:
                came = share * rows_around(snapshot, category)
                self.missed[category] = self.missed.get(category, 0.0) + came

    def to_state(self) -> dict[str, object]:
        place = {category: i for i, category in enumerate(self.wanted)}
        return {
            "wanted": _digest_categories(self.wanted),
            "deliveries": self.deliveries,
            "seen": {str(place[category]): day.isoformat() for category, day in self.seen.items()},
            "missed": {str(place[category]): persons for category, persons in self.missed.items()},
            "away": sorted(place[category] for category in self.away),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, object], wanted: tuple[Segment, ...]) -> _CategoryMemory:
        seen = cast("dict[str, str]", state["seen"])
        return cls(
            wanted,
            cast("int", state["deliveries"]),
            {wanted[int(i)]: date.fromisoformat(day) for i, day in seen.items()},
            {wanted[int(i)]: persons for i, persons in cast("dict[str, float]", state["missed"]).items()},
            {wanted[i] for i in cast("list[int]", state["away"])},
        )


def _first_day(view: View) -> date:
    """Return the day of the first delivery that held anybody, this one included."""
    day = view.snapshot.delivery.period
    days = (
        one.delivery.period
        for one in view.past.before(day).snapshots
        if one.delivery.read and one.delivery.kind in COUNTED and one.value(ROWS) != 0.0
    )
    return min(days, default=day)


def _digest_categories(wanted: tuple[Segment, ...]) -> str:
    return sha256(repr([category.pairs for category in wanted]).encode()).hexdigest()[:16]


def _is_finer(snapshot: Snapshot, category: Segment) -> bool:
    """Return whether rows were counted by the dimensions of a category and others."""
    wanted = set(category.dimensions)
    return any(key.name == ROWS and wanted <= set(key.segment.dimensions) for key in snapshot.measurements)
