"""Check a release: judge staging deliveries in memory, against the contract and against production.

It saves nothing and sends nothing. Every delivery is measured as always; then each check gets the past that fits
it: checks that follow the stream of deliveries (numbers, categories) get staging's own earlier deliveries,
checks of levels get production's, and checks that are about production only are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from time import monotonic

from ketenwacht.domain.category import Comparison
from ketenwacht.domain.check_traits import Release, listed_categories, traits_of
from ketenwacht.domain.checks.base import Check
from ketenwacht.domain.checks.coverage import learn_shares
from ketenwacht.domain.compare import on_other_input, on_same_input
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.evidence import Known
from ketenwacht.domain.measurement import Snapshot, smallest_count
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Codes, Statement
from ketenwacht.errors import ConfigError
from ketenwacht.pipeline import FeedContext, FeedState, judge_snapshot, mask_new_columns
from ketenwacht.scheduler import Work
from ketenwacht.workflows import clock
from ketenwacht.workflows.baselines import apply_baselines
from ketenwacht.workflows.contexts import build_context
from ketenwacht.workflows.measuring import list_here, measure_ahead
from ketenwacht.workflows.project import LoadedProject

from .sources import Production

CONTEXT = 20
"""Earlier staging deliveries that are measured too, to know what the stream looked like before."""
CODES: Codes = {
    "release.unproven": {"segments": Amount},
    "release.unreadable": {"problem": Statement},
    "release.left_out": {},
    "release.in_production": {},
}
"""The results of a release check itself; see `statement.Codes`."""
_NOW = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySelection:
    """Which staging deliveries to judge; without anything, the newest one.

    Attributes:
        every: all that are there.
        since: those for this day or later.
        delivery: the one of this id.
    """

    every: bool = False
    since: date | None = None
    delivery: str | None = None

    def __post_init__(self) -> None:
        """Refuse more than one of them.

        Raises:
            ConfigError: they exclude each other.
        """
        given = {"--all": self.every, "--since": self.since is not None, "--delivery": self.delivery is not None}
        named = [option for option, is_given in given.items() if is_given]
        if len(named) > 1:
            raise ConfigError(" ".join(named), "they exclude each other", "give one of them")

    def split(self, found: Sequence[Delivery]) -> tuple[tuple[Delivery, ...], tuple[Delivery, ...]]:
        """Return the deliveries before the selected ones (at most `CONTEXT`), and the selected ones, oldest first.

        Raises:
            ConfigError: there is no delivery of that id.
        """
        ordered = sorted(found, key=lambda d: (d.period, d.arrived_at is None, d.arrived_at, d.id))
        chosen = [i for i, one in enumerate(ordered) if self._selects(one, newest=i == len(ordered) - 1)]
        if not chosen:
            if self.delivery is not None:
                raise ConfigError("--delivery", "there is no such delivery in staging", "use an id that is there")
            return (), ()
        first = chosen[0]
        return tuple(ordered[max(0, first - CONTEXT) : first]), tuple(ordered[i] for i in chosen)

    def _selects(self, delivery: Delivery, *, newest: bool) -> bool:
        if self.delivery is not None:
            return delivery.id == self.delivery
        if self.since is not None:
            return delivery.period >= self.since
        return self.every or newest


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRun:
    """Another run to compare with; `same_input`: both were fed with the same."""

    snapshots: tuple[Snapshot, ...]
    same_input: bool = True

    def compare(self, candidate: Sequence[Snapshot]) -> tuple[CheckResult, ...]:
        """Return what the candidate lost and gained."""
        return (on_same_input if self.same_input else on_other_input)(candidate, self.snapshots)


@dataclass(frozen=True, slots=True)
class CheckedRelease:
    """The result of `ci`: one run for each judged delivery, oldest first, and their measurements.

    Attributes:
        runs: what was found.
        snapshots: what was measured.
        seconds: how long each run took; what the runs share is divided evenly.
    """

    runs: tuple[JudgedRun, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    seconds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCheck:
    """The release check of one feed.

    Attributes:
        context: the feed in the environment that is judged.
        production: what production delivers; empty: nothing is known of it.
        against: another run to compare with; None: none.
        totals: whether staging gets as much input as production, so that totals may be compared.
    """

    context: FeedContext
    production: Production = field(default_factory=Production)
    against: ComparisonRun | None = None
    totals: bool = True

    def judge(self, choice: DeliverySelection, at: datetime) -> CheckedRelease:
        """Judge staging deliveries; the newest run holds the results about all of them together.

        Raises:
            ConfigError: there is no such delivery.
            DeliveryError: the source cannot be reached.
        """
        began = monotonic()
        earlier, chosen = choice.split(list_here(self.context, at, _NOW))
        if not chosen:
            return CheckedRelease()
        # Earlier deliveries need only counts: their rows were judged when they arrived.
        bare = replace(self.context, plan=replace(self.context.plan, suites=()))
        past = Past.of(self.production.snapshots)
        preceding, past = self._mask_columns(
            measure_ahead(bare, [Work(at, delivery) for delivery in earlier]), past
        )
        here = measure_ahead(self.context, [Work(at, delivery) for delivery in chosen])
        snapshots, _ = self._mask_columns(here, past)
        results_by_run = [*map(list, self._judge_each(preceding, snapshots, at))]
        results_by_run[-1] += self._compare_all(preceding, snapshots)
        runs = tuple(
            JudgedRun(clock.new_id(), snapshot.delivery, at, tuple(results), smallest_count(snapshot))
            for snapshot, results in zip(snapshots, results_by_run, strict=True)
        )
        return CheckedRelease(runs, snapshots, ((monotonic() - began) / len(runs),) * len(runs))

    def _mask_columns(self, snapshots: Iterable[Snapshot], past: Past) -> tuple[tuple[Snapshot, ...], Past]:
        """Return the snapshots with only columns that are agreed or were in earlier ones; and their past."""
        found = []
        for snapshot in snapshots:
            found.append(mask_new_columns(snapshot, past, self.context.plan.guard))
            past = past.with_snapshot(found[-1])
        return tuple(found), past

    def _judge_each(
        self, preceding: Sequence[Snapshot], snapshots: Sequence[Snapshot], at: datetime
    ) -> Iterable[tuple[CheckResult, ...]]:
        stream = _ReleaseRun(self._learn_shares(preceding, snapshots[-1].delivery.period), FeedState(), at)
        levels, known = self._judge_levels(snapshots[0].delivery.period, at)
        outside = tuple(map(_describe_skipped, self._select_checks(Release.NOTHING).rules.checks))
        for snapshot in preceding:
            stream.judge(snapshot)
        for snapshot in snapshots:
            of_levels = _merge_unproven(_skip_inherited(result, known) for result in levels.judge(snapshot))
            unread = () if snapshot.delivery.read else (_fail_unread(snapshot),)
            yield (*unread, *stream.judge(snapshot), *of_levels, *outside)

    def _judge_levels(self, first: date, at: datetime) -> tuple[_ReleaseRun, frozenset[tuple[str, Segment]]]:
        """Run the checks of levels after all of production before `first`; return it, and what failed there."""
        context = self._select_checks(Release.LEVEL)
        exclusions = (*context.rules.exclusions, *self.production.exclusions)
        past = Past.of(self.production.snapshots, exclusions).before(first)
        if not past.snapshots:
            return _ReleaseRun(context, FeedState(Past((), exclusions)), at), frozenset()
        *before, last = past.snapshots
        walk = _ReleaseRun(context, FeedState(Past(tuple(before), exclusions)), at)
        found = walk.judge(last)
        return walk, frozenset((r.check, r.segment) for r in found if r.status >= Status.WARNED)

    def _select_checks(self, release: Release) -> FeedContext:
        """Return the feed with only the checks that apply at this point of a release."""
        checks = tuple(check for check in self.context.rules.checks if traits_of(check).release is release)
        return replace(self.context, rules=replace(self.context.rules, checks=checks))

    def _learn_shares(self, preceding: Sequence[Snapshot], day: date) -> FeedContext:
        """Return the checks of the stream; `coverage` knows the share that each category has elsewhere."""
        context = self._select_checks(Release.STREAM)
        known, expired = self.production.snapshots or preceding, context.rules.successors.expired_on(day)
        checks = learn_shares(context.rules.checks, known, expired)
        return replace(context, rules=replace(context.rules, checks=checks))

    def _compare_all(
        self, preceding: Sequence[Snapshot], snapshots: Sequence[Snapshot]
    ) -> tuple[CheckResult, ...]:
        comparison = Comparison(
            shapes=self.context.feed.segments,
            listed=listed_categories(self.context.rules.checks),
            totals=self.totals,
        )
        found = comparison.compare((*preceding, *snapshots), len(snapshots), self.production.snapshots)
        return found if self.against is None else (*found, *self.against.compare(snapshots))


@dataclass(slots=True)
class _ReleaseRun:
    """Some checks, with the state that earlier deliveries left."""

    context: FeedContext
    state: FeedState
    at: datetime

    def judge(self, snapshot: Snapshot) -> tuple[CheckResult, ...]:
        """Judge one more delivery, and add it to the state."""
        results, states = judge_snapshot(self.context, snapshot, self.state, Known(), self.at)
        self.state.update(snapshot, states, ())
        return results


def _ignore(_check: str, _why: str) -> None:
    """Ignore a warning."""


def open_release_check(  # noqa: PLR0913 - what is judged, and what it is compared with
    project: LoadedProject,
    feed: str | None,
    *,
    production: Production,
    against: ComparisonRun | None = None,
    totals: bool = True,
    on_warning: Callable[[str, str], None] = _ignore,
) -> ReleaseCheck:
    """Return the release check of one feed, with the baselines that are approved in production.

    See `ReleaseCheck` for its arguments; `on_warning` is called with a check whose baseline does not fit, and why.

    Raises:
        ConfigError: the feed, its checks, suites or source are wrong.
    """
    context = build_context(project, project.feed(feed))
    rules = apply_baselines(context.rules, {one.check: one for one in production.baselines}.get, on_warning)
    context = replace(context, rules=rules)
    return ReleaseCheck(context=context, production=production, against=against, totals=totals)


def _merge_unproven(results: Iterable[CheckResult]) -> Iterator[CheckResult]:
    """Return the results with one for each check in place of all that are only unproven."""
    unproven: dict[str, list[CheckResult]] = {}
    for result in results:
        if result.status is Status.UNPROVEN:
            unproven.setdefault(result.check, []).append(result)
        else:
            yield result
    for check, group in unproven.items():
        yield (
            group[0]
            if len(group) == 1
            else CheckResult(
                check,
                Status.UNPROVEN,
                Evidence.HISTORY,
                code="release.unproven",
                params={"segments": Amount(len(group))},
            )
        )


def _fail_unread(snapshot: Snapshot) -> CheckResult:
    """Return a failure for a delivery that cannot be read: it stops a release whatever the checks find."""
    params = {"problem": snapshot.delivery.why}
    return CheckResult("readable", Status.ERROR, Evidence.CONTRACT, code="release.unreadable", params=params)


def _describe_skipped(check: Check) -> CheckResult:
    return CheckResult(check.name, Status.SKIPPED, Evidence.SCHEDULE, code="release.left_out")


def _skip_inherited(result: CheckResult, known: frozenset[tuple[str, Segment]]) -> CheckResult:
    """Return a result, skipped when production had the same problem before the first of these deliveries."""
    if result.status < Status.WARNED or (result.check, result.segment) not in known:
        return result
    return replace(
        result, status=Status.SKIPPED, missing=None, code="release.in_production", params={}, message=""
    )
