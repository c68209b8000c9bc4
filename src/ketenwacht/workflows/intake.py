"""Read outside evidence: references, inquiries and register snapshots, each as soon as it can be known.

The history keeps each figure with its source. Reading a file again adds nothing; a restated figure is a new
version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

from ketenwacht.config.calendar import dues
from ketenwacht.domain.delivery import FIRST_DAY, Delivery
from ketenwacht.domain.evidence import Known, ReconciliationCount, ReferenceFigure
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import KetenwachtError
from ketenwacht.measure import KeyRange
from ketenwacht.pipeline import FeedContext
from ketenwacht.processes import WorkStopped
from ketenwacht.reconcile import (
    DeliveredKeys,
    Keys,
    ReconciliationOutcome,
    ReconciliationTerms,
    RegisterFile,
)
from ketenwacht.sources import (
    FeedReader,
)
from ketenwacht.store import EvidenceWatermarks, History, VerdictProvenance
from ketenwacht.workflows.clock import new_id, read_or_make_keys
from ketenwacht.workflows.evidence_files import EvidenceFiles, FilesSetAside
from ketenwacht.workflows.feed_keys import FeedKeys, compare_register, forget_keys
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.register_snapshots import (
    Registers,
    RegisterSnapshot,
    list_registers,
    open_registers,
)
from ketenwacht.workflows.watched import WatchedCalls
from ketenwacht.workflows.worker import Runner, run_here


@contextmanager
def open_intake(
    project: LoadedProject,
    context: FeedContext,
    history: History,
    on_warning: Callable[[str, str], None],
    run: Runner = run_here,
) -> Iterator[Intake]:
    """Open the outside evidence of a feed; forget every key on leaving.

    Args:
        project: the configuration.
        context: the feed.
        history: where evidence is kept.
        on_warning: called with the name of a file that could not be used, and why.
        run: calls a function that reads files: here, or in a process that can be ended.

    Raises:
        ConfigError: the keys of pseudonyms are malformed or weak.
    """
    intake = Intake(
        context.feed,
        project.root,
        project.zone,
        context.reader,
        history,
        read_or_make_keys(),
        on_warning,
        canaries=context.plan.canaries,
        guard=context.plan.guard,
        run=run,
    )
    with closing(intake):
        yield intake


LISTING_REST = 5.0
"""Seconds for which a listing of the periods of a register's source holds: a replay asks at every delivery."""


@dataclass(slots=True)
class Intake:
    """The independent evidence of one feed, and the delivered keys, to compare registers with.

    Attributes:
        feed: as configured.
        root: folder of config.yaml.
        zone: in which the dates of registers are meant.
        reader: where the deliveries are.
        history: where evidence is kept.
        keys: to pseudonymise with.
        on_warning: called with the name of a file that could not be used, and why.
        canaries: keys of synthetic persons, who are no persons of either side; None: there are none.
        guard: what of segment values and reasons may be kept.
        run: calls a function that reads files: here, or in a process that can be ended.
    """

    feed: Feed
    root: Path
    zone: ZoneInfo
    reader: FeedReader
    history: History
    keys: Keys
    on_warning: Callable[[str, str], None]
    canaries: KeyRange | None = None
    guard: Guard = field(default_factory=Guard)
    run: Runner = run_here
    _feed_keys: FeedKeys | None = None
    _compared: set[RegisterSnapshot] = field(default_factory=set)
    _registers: Registers | None = None
    _listed: tuple[float, Sequence[RegisterSnapshot]] | None = None
    _files: EvidenceFiles | None = None
    _aside: FilesSetAside | None = None
    _reconciled: dict[Segment, ReconciliationCount] | None = None
    _asked: tuple[object, ...] = ()

    def close(self) -> None:
        """Delete every key from memory."""
        if self._feed_keys is None:
            return
        if isinstance(self.run, WatchedCalls):
            with suppress(KetenwachtError):  # a thread that was left behind may still use them
                self.run(self._feed_keys.close)
        else:
            self._feed_keys.close()
            if self.run != run_here:
                with suppress(KetenwachtError, WorkStopped):  # a process that ended holds no keys either
                    self.run(forget_keys, self._feed_keys.id)
        self._feed_keys = None

    @property
    def delivered(self) -> FeedKeys:
        """The delivered keys of the feed."""
        if self._feed_keys is None:
            self._feed_keys = FeedKeys(
                new_id(),
                self.feed,
                self.zone,
                self.reader,
                self.keys,
                self.canaries,
                self.guard,
                self.registers.reader,
            )
        return self._feed_keys

    @property
    def registers(self) -> Registers:
        """Where the snapshots of the register are."""
        if self._registers is None:
            self._registers = open_registers(self.feed, self.root, self.zone, self.guard)
        return self._registers

    def known(self, at: datetime) -> Known:
        """Return all evidence that is known at `at`, without what is published later."""
        return load_known(
            self.history,
            self.feed.name,
            at,
            self.zone,
            reconciled=self._load_newest(),
            hops=self.files.hop_counts(),
        )

    @property
    def files(self) -> EvidenceFiles:
        """The configured files of counts."""
        if self._files is None:
            self._files = EvidenceFiles(
                self.feed, self.root, self.zone, self.history, self.guard, self.aside, self.run
            )
        return self._files

    @property
    def aside(self) -> FilesSetAside:
        """The files of evidence that are not used now, and why."""
        if self._aside is None:
            self._aside = FilesSetAside(self.on_warning, run=self.run)
        return self._aside

    def read_files(self, at: datetime) -> None:
        """Save the counts in every configured file that was not read before; set aside what cannot be read."""
        self.aside.forget_gone()
        self.files.read(at)

    def has_news(self, rests_on: VerdictProvenance, at: datetime) -> bool:
        """Return whether evidence may have come that a verdict does not rest on; the same question twice: no.

        Args:
            rests_on: what the newest verdict rests on.
            at: now, UTC.
        """
        here = self.history.evidence.read_watermarks()
        days = [moment.astimezone(self.zone).date() for moment in (rests_on.known_at or at, at)]
        asked = (
            days[1],
            tuple(sorted(here.items())),
            rests_on.known_at,
            tuple(sorted(rests_on.watermarks.items())),
        )
        same = days[0] == days[1] and all(rests_on.watermarks.get(name, 0) == here.get(name, 0) for name in here)
        if same or asked == self._asked:
            return False
        self._asked = asked
        return True

    def list_news_days(self, first: date, last: date) -> tuple[date, ...]:
        """Return the days on which a register, reference or count at a hop counts for the first time, in order.

        A register counts from the day after its reference date.
        """
        register, history, name = self.feed.evidence.register, self.history, self.feed.name
        days = {figure.published_on for figure in history.evidence.find_references(name, known_on=None)}
        days |= {figure.published_on for figure in self.files.hop_counts()}
        if register is not None and self.feed.key_columns:
            found = self._list_registers(datetime(last.year, last.month, last.day, tzinfo=self.zone))
            days |= {one.day + timedelta(days=1) for one in found if FIRST_DAY <= one.day < last}
        return tuple(sorted(day for day in days if first <= day <= last))

    def compare_registers(
        self,
        deliveries: Sequence[Delivery],
        at: datetime,
        *,
        same_day: bool = False,
        listed_at: datetime | None = None,
    ) -> None:
        """Compare every new register snapshot whose reference date has passed.

        Args:
            deliveries: all that were found; those that had not arrived at `at` do not count.
            at: now, UTC.
            same_day: whether a register of today counts too, once all that is due today has come or is late.
            listed_at: the moment of the check, when `at` is earlier: a file that was written shortly before it may
                still grow. None: `at`.
        """
        register = self.feed.evidence.register
        if register is None or not self.feed.key_columns:
            return
        done = max((count.register_date for count in self._load_newest().values()), default=None)
        today = at.astimezone(self.zone).date()
        for one in self._list_registers(listed_at or at):
            if done is not None and one.day <= done:
                self.aside.remove(one.origin)  # a newer register stands
            elif one in self._compared or self.aside.waits(one.origin):
                continue
            elif FIRST_DAY <= one.day < today or (
                same_day and one.day == today and self._is_over(one.day, deliveries, at)
            ):
                self._compare_and_save(one, deliveries, at)

    def _list_registers(self, at: datetime) -> Sequence[RegisterSnapshot]:
        """Return every snapshot of the register, oldest first; none, set aside, when it cannot be reached."""
        register = self.feed.evidence.register
        if register is None:
            return ()
        place = self.registers.origin
        if place is None:
            return self.run(list_registers, self.registers, at)
        if self._listed is None or monotonic() - self._listed[0] > LISTING_REST:
            found: Sequence[RegisterSnapshot] = ()
            with self.aside.guard(place):
                found = self.run(list_registers, self.registers, at)
            self._listed = monotonic(), found
        return self._listed[1]

    def _is_over(self, day: date, deliveries: Sequence[Delivery], at: datetime) -> bool:
        """Return whether all that was due on a day has come, or is late; never without a schedule."""
        schedule = self.feed.schedule
        if schedule is None:
            return False
        begin = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        end = begin + timedelta(days=1)
        due = dues(schedule, self.zone.key, after=begin - timedelta(microseconds=1), until=end)
        of_day = [moment for moment in due if moment < end]
        came = [d for d in deliveries if d.arrived_at is not None and d.arrived_at <= at]
        of_it = sum(d.period + schedule.lag == day for d in came)
        return of_it >= len(of_day) or all(moment + schedule.grace <= at for moment in of_day)

    def _compare_and_save(self, one: RegisterSnapshot, deliveries: Sequence[Delivery], at: datetime) -> None:
        """Compare one register and save the outcome; set it aside when it cannot be compared."""
        day = one.day
        moment = min(at, datetime(day.year, day.month, day.day, tzinfo=self.zone) + timedelta(days=1))
        with self.aside.guard(one.origin):
            outcome = self.compare(one, deliveries, moment)
            self._compared.add(one)
            self.history.evidence.add_reconciliation(self.feed.name, outcome.counts)
            self._load_newest().update({count.segment: count for count in outcome.counts})

    def _load_newest(self) -> dict[Segment, ReconciliationCount]:
        """Return the newest count of each segment; no verdict needs older ones."""
        if self._reconciled is None:
            self._reconciled = select_newest(
                self.history.evidence.find_reconciliations(self.feed.name, until=None)
            )
        return self._reconciled

    def compare(
        self, register: RegisterSnapshot, deliveries: Sequence[Delivery], at: datetime
    ) -> ReconciliationOutcome:
        """Compare one register snapshot with everything delivered up to its reference date.

        Raises:
            ConfigError: the feed has no key, or the register cannot be compared.
            DeliveryError: the register or a delivery is not what it claims to be, or reading stood still.
        """
        outcome, unread = self.run(compare_register, self.delivered, register, deliveries, at)
        for name, why in unread:
            self.on_warning(name, why)
        return outcome

    def sides(
        self, register: RegisterSnapshot, deliveries: Sequence[Delivery], at: datetime
    ) -> tuple[DeliveredKeys, RegisterFile, ReconciliationTerms]:
        """Return what a comparison needs; see `FeedKeys.sides`. Deliveries that cannot be read are warned of."""
        sides = self.delivered.sides(register, deliveries, at)
        self._warn()
        return sides

    def keys_until(self, day: date, deliveries: Sequence[Delivery], at: datetime) -> DeliveredKeys:
        """Return the delivered keys; see `FeedKeys.keys_until`. Deliveries that cannot be read are warned of."""
        keys = self.delivered.keys_until(day, deliveries, at)
        self._warn()
        return keys

    def _warn(self) -> None:
        for name, why in self.delivered.take_unread():
            self.on_warning(name, why)


# What independent evidence showed of a feed at a moment.


def load_known(  # noqa: PLR0913 - whose, when, and as of when
    history: History,
    feed: str,
    at: datetime,
    zone: ZoneInfo,
    *,
    until: EvidenceWatermarks | None = None,
    reconciled: Mapping[Segment, ReconciliationCount] | None = None,
    hops: Sequence[ReferenceFigure] | None = None,
) -> Known:
    """Return all evidence of a feed that was known at a moment.

    Args:
        history: where it is kept.
        feed: name of the feed.
        at: the moment of judging; what was published later is not in it.
        zone: in which days of publication are meant.
        until: evidence watermarks of that moment; None: the current ones.
        reconciled: the newest outcome of each segment, where the caller holds it; None: read it.
        hops: every count at a hop of the chain, where the caller holds them; None: read them.
    """
    day, here = at.astimezone(zone).date(), history.evidence.read_watermarks() if until is None else until
    if reconciled is None:
        reconciled = select_newest(history.evidence.find_reconciliations(feed, until=None, here=here))
    if hops is None:
        hops = history.evidence.find_hop_counts(feed, until=here)
    return Known(
        references=history.evidence.find_references(feed, known_on=day, until=here),
        inquiries=history.evidence.find_inquiries(feed, known_on=day, until=here),
        reconciliations=tuple(
            reconciled[segment] for segment in sorted(reconciled) if reconciled[segment].at <= at
        ),
        hops=tuple(figure for figure in hops if figure.published_on <= day),
        at=at,
        until=here,
    )


def select_newest(counts: Sequence[ReconciliationCount]) -> dict[Segment, ReconciliationCount]:
    """Return the newest outcome of each segment.

    An older register may be compared after a newer one; the outcome of the newer one stands.
    """
    return {count.segment: count for count in sorted(counts, key=lambda count: (count.register_date, count.at))}
