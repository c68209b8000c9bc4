"""What a report is made from: plain values that the caller fills from history, never from a delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from ketenwacht.domain.evidence import InquiryCount, Known
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.incidents import Incident, KnownOnset
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import Evidence, JudgedRun, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Statement, TextSetting


@dataclass(frozen=True, slots=True)
class Series:
    """The counts of one segment over time, with what was expected of them.

    Attributes:
        segment: which part of the feed.
        days: the period of each delivery, strictly increasing.
        observed: rows delivered, one a day of `days`; None: nothing was delivered.
        low: lower end of what was expected, None where nothing was; empty: never.
        high: upper end, likewise.
        smallest: of each delivery the smallest count above 0 that it holds, None where it holds none
            (`JudgedRun.smallest`); empty: not known, so that no count is shown exactly.
        status: the newest verdict on this segment, None when it was never judged.
    """

    segment: Segment
    days: Sequence[date]
    observed: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    status: Status | None = None
    smallest: Sequence[float | None] = ()

    def __post_init__(self) -> None:
        """Refuse sequences that do not go together.

        Raises:
            ValueError: a sequence has another length than `days`, or the days do not increase.
        """
        size = len(self.days)
        for name in ("observed", "low", "high", "smallest"):
            length = len(getattr(self, name))
            if length != size and (length > 0 or name == "observed"):
                raise ValueError(f"{name} has {length} values for {size} days")
        if any(b <= a for a, b in zip(self.days, self.days[1:], strict=False)):
            raise ValueError("days must strictly increase")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """What a loss of one size in one segment would take to be found; one scenario of a backtest.

    Attributes:
        drop: the share lost (fraction 0–1).
        detected: share of the runs in which it was found (fraction 0–1).
        delay_p50: median calendar days from onset to alarm among the found, None when never found.
        delay_p90: the same, nine in ten.
        bound_days: no detector can be quicker than this on average (Lorden), None when not computed.
        false_alarms_per_year: of a feed without a loss; None when not measured.
    """

    segment: Segment
    drop: float
    evidence: Evidence
    runs: int
    detected: float
    delay_p50: float | None = None
    delay_p90: float | None = None
    bound_days: float | None = None
    false_alarms_per_year: float | None = None


Smallest = Mapping[int, float | None]
"""Calendar days → smallest loss (fraction) seen within them; None: not even a total one."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What shows a loss of one size in one segment.

    Attributes:
        loss: a fraction.
        within: days within which own history shows it once it begins; None: it does not.
        reference: how well a reference must be known that shows it from day one (relative sd, a fraction); None:
            none does.
        reconciliation: days in which reconciliation shows it; None: only name by name.
    """

    segment: Segment
    loss: float
    within: int | None
    reference: float | None
    reconciliation: float | None


@dataclass(frozen=True, slots=True)
class OwnHistoryView:
    """What own history can show of a segment today.

    Attributes:
        segment: of the feed.
        reason: why it is not judged now, the end of an `own_history.` term; `judged` where it is.
        season_known: whether a whole year has been seen, so that a season is no longer taken for a loss.
        blind: losses (fraction) below this are not seen within a year; None: no loss is.
        loss: the smallest round loss (fraction) that is seen soon; None: none is within a year.
        days: calendar days that this takes, about.
        open: whether a loss is open already, so that this is about a further one.
    """

    segment: Segment
    reason: str
    season_known: bool
    blind: float | None
    loss: float | None = None
    days: float | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class DetectionLimitView:
    """What each kind of evidence can see of a segment; `rest`: what a loss that own history misses would take."""

    segment: Segment
    history: Smallest
    reference: Smallest
    reconciliation: Smallest
    rest: Needed
    own: OwnHistoryView


@dataclass(frozen=True, slots=True)
class MergedSegments:
    """Segments that are too small to be judged by themselves, and the part as which they are judged together."""

    segment: Segment
    members: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class WatchedCheck:
    """What one check of counts judges: how many segments by themselves, and which only together.

    Attributes:
        check: its name.
        at_least: mean persons a delivery below which a segment is merged upward.
        alone: segments that are judged by themselves.
        together: the others.
    """

    check: str
    at_least: float
    alone: int
    together: tuple[MergedSegments, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a backtest came to.

    Attributes:
        feed: name of the feed.
        source: what the losses were planted in.
        rows: one a scenario.
        limits: the blindness audit, one a coarse segment.
        needed: for each planted loss what shows it.
        watched: what the checks judge as one, for being too small.
    """

    feed: str
    source: tuple[Statement, ...]
    rows: tuple[AuditRow, ...]
    limits: tuple[DetectionLimitView, ...]
    needed: tuple[Needed, ...]
    watched: tuple[WatchedCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Who did something, why and when (UTC)."""

    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """One version of a baseline; `state` is proposed, approved, pinned or outdated, `used` the one that judges."""

    check: str
    version: int
    state: str
    used: bool
    proposed: Signature
    approved: Signature | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay over past deliveries found.

    `incidents` are the findings, `numbered` the incidents that they make. `peaks` holds by id of a finding the
    most persons that it ever said were missing, `inquiries` all there are.
    `configured` is the feed with its parties.
    """

    feed: str
    first: date
    last: date
    deliveries: int
    incidents: tuple[Finding, ...] = ()
    alerts_sent: int = 0
    onsets: tuple[KnownOnset, ...] = ()
    zone: tzinfo = UTC
    peaks: Mapping[str, float] = field(default_factory=dict)
    inquiries: tuple[InquiryCount, ...] = ()
    numbered: tuple[Incident, ...] = ()
    configured: Feed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """Everything one report shows.

    Attributes:
        feed: name of the feed in the configuration, as commands want it.
        title: for people, in one text or one a language; empty: the name.
        before_release: whether it is about deliveries of a release that is not yet in use.
        sender: who delivers.
        receiver: who receives.
        generated_at: when the report was asked for (aware UTC).
        zone: time zone in which dates are shown.
        runs: every run of the reported stretch, oldest first.
        series: a chart each, in this order; counts per coarse segment.
        incidents: every finding of the stretch, closed ones too.
        numbered: the incidents that the history makes of them; None: they are put together from `incidents` alone.
        exclusions: stretches whose counts say nothing.
        onsets: when losses really began, where that is known.
        known: the independent evidence at hand.
        peaks: by id of an incident, the most persons that it ever said were missing.
        limits: the blindness audit: what each segment would show in time; empty: too little is known yet.
        watched: what the checks of counts judge, and what is too small for it.
        baselines: of each calibrated check the version that judges and the newest.
        hops: of each check that follows a chain, the names of its hops in order.
    """

    feed: str
    generated_at: datetime
    title: TextSetting = ""
    before_release: bool = False
    sender: str = "sender"
    receiver: str = "receiver"
    zone: tzinfo = UTC
    runs: tuple[JudgedRun, ...] = ()
    series: tuple[Series, ...] = ()
    incidents: tuple[Finding, ...] = ()
    numbered: tuple[Incident, ...] | None = None
    exclusions: tuple[ExclusionWindow, ...] = ()
    onsets: tuple[KnownOnset, ...] = ()
    known: Known = field(default_factory=Known)
    peaks: Mapping[str, float] = field(default_factory=dict)
    limits: tuple[DetectionLimitView, ...] = ()
    watched: tuple[WatchedCheck, ...] = ()
    baselines: tuple[BaselineEntry, ...] = ()
    hops: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def inquiries(self) -> tuple[InquiryCount, ...]:
        """All inquiries that are known."""
        return tuple(self.known.inquiries)

    @property
    def latest(self) -> JudgedRun | None:
        """The run judged last, None when there is none."""
        return self.runs[-1] if self.runs else None
