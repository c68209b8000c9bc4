"""Did the receiver acknowledge each delivery, accept it, and count the same persons? Delivery by delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import ClassVar

from ketenwacht.domain.check_traits import CheckTraits, Release, SettingRange, Weight, nonnegative
from ketenwacht.domain.evidence import CONTENT, REJECTED, ReferenceFigure, acknowledgement_hop
from ketenwacht.domain.measurement import DECLARED_ROWS, ROWS, Snapshot
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Codes, Name, Persons, Serial, Statement, Value

from ._flow_accounts import deliveries_of
from .base import Judgement, View

_SATURDAY = 5
_DAY = timedelta(days=1)
_Known = Serial | date | Name


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The newest acknowledgement of one delivery.

    Attributes:
        accepted: persons whom the receiver took over.
        left_out: persons whom it did not, for a stated reason.
        rejected: whether it refused the delivery as a whole.
        by_segment: persons whom it took over, by the segments that it counts; empty: only in all.
        sha256: of the file that came, in hex; None: not stated.
    """

    accepted: float
    left_out: float
    rejected: bool
    by_segment: Mapping[Segment, float] = field(default_factory=dict)
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementCheck:
    """One expected acknowledgement of each delivery.

    Attributes:
        hop: the hop of `evidence.hops` whose receipts are the acknowledgements.
        within: working days after a delivery on which its acknowledgement must be there.
        since: first period that is acknowledged; None: that of the first acknowledgement.
        explained: number of a delivery → why its acknowledgement never comes, or is as it is.
        content: whether an acknowledgement that states the SHA-256 of the file must state that of the delivery.
            Say no where the channel between both parties packs or converts files.
    """

    kind: ClassVar[str] = "acknowledgement"
    codes: ClassVar[Codes] = {
        "acknowledgement.none": {},
        "acknowledgement.complete": {},
        "acknowledgement.awaited": {"deliveries": _Known},
        "acknowledgement.overdue": {"deliveries": _Known, "days": Amount, "persons": Persons},
        "acknowledgement.accepted": {},
        "acknowledgement.rejected": {"deliveries": _Known, "persons": Persons},
        "acknowledgement.counts_agree": {},
        "acknowledgement.counts_differ": {"deliveries": _Known, "delivered": Persons, "acknowledged": Persons},
        "acknowledgement.content_agrees": {},
        "acknowledgement.content_differs": {"deliveries": _Known, "persons": Persons},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.ACKNOWLEDGEMENT,
        release=Release.NOTHING,
        settings={
            "within": nonnegative(Weight.DOWN),
            "explained": SettingRange(weight=Weight.LET_OFF),
            "content": SettingRange(weight=Weight.UP),
        },
        dimension="consistency",
        outside=True,
    )
    name: str = "acknowledgement"
    hop: str = "accepted"
    within: int = 3
    since: date | None = None
    explained: Mapping[int, str] = field(default_factory=dict)
    content: bool = True

    def judge(self, view: View) -> Judgement:
        """Judge `.received`, `.accepted`, `.counts` and `.content` over all deliveries.

        Each of them has a state of its own.
        """
        figures = [f for f in view.known.hops if f.hop == acknowledgement_hop(self.hop)]
        found = _newest_by_delivery(figures)
        since = self.since or min((f.period_to for f in figures), default=date.min)
        due = [s for s in deliveries_of(view) if self._expects(s, since)]
        answered = [(s, ack) for s in due if (ack := _find(found, s)) is not None]
        rejected = [s for s, ack in answered if ack.rejected]
        differing = [(s, ack) for s, ack in answered if not ack.rejected and _differs(s, ack)]
        open_ = [s for s in due if _find(found, s) is None]
        results = [self._judge_received(view, open_, none=not figures)]
        if answered:
            results += [self._judge_accepted(rejected), self._counts(differing)]
        hashed = [(s, ack) for s, ack in answered if ack.sha256 is not None and s.delivery.sha256 is not None]
        if self.content and hashed:
            results.append(self._content([s for s, ack in hashed if ack.sha256 != s.delivery.sha256]))
        return Judgement(tuple(results))

    def _expects(self, snapshot: Snapshot, since: date) -> bool:
        delivery = snapshot.delivery
        number = int(delivery.id) if delivery.id.isdecimal() else None
        # What cannot be read cannot be acknowledged either; that is a finding of its own.
        return delivery.read and delivery.period >= since and number not in self.explained

    def _judge_received(self, view: View, waiting: Sequence[Snapshot], *, none: bool) -> CheckResult:
        overdue = [s for s in waiting if _count_working_days(s, view) >= self.within]
        status, said = Status.PASSED, Statement("acknowledgement.complete")
        if overdue:
            status = Status.FAILED
            params: Mapping[str, Value] = {"days": Amount(self.within), "persons": _persons(overdue)}
            said = Statement("acknowledgement.overdue", {"deliveries": _name(overdue), **params})
        elif none:
            status, said = Status.SKIPPED, Statement("acknowledgement.none")
        elif waiting:
            said = Statement("acknowledgement.awaited", {"deliveries": _name(waiting)})
        return self._result("received", status, said, len(overdue))

    def _judge_accepted(self, rejected: Sequence[Snapshot]) -> CheckResult:
        if not rejected:
            return self._result("accepted", Status.PASSED, Statement("acknowledgement.accepted"), 0)
        params: Mapping[str, Value] = {"deliveries": _name(rejected), "persons": _persons(rejected)}
        said = Statement("acknowledgement.rejected", params)
        return self._result("accepted", Status.FAILED, said, len(rejected))

    def _counts(self, differing: Sequence[tuple[Snapshot, Acknowledgement]]) -> CheckResult:
        if not differing:
            return self._result("counts", Status.PASSED, Statement("acknowledgement.counts_agree"), 0)
        shots = [snapshot for snapshot, _ in differing]
        acknowledged = Persons(sum(ack.accepted + ack.left_out for _, ack in differing))
        params: Mapping[str, Value] = {"delivered": _persons(shots), "acknowledged": acknowledged}
        said = Statement("acknowledgement.counts_differ", {"deliveries": _name(shots), **params})
        return self._result("counts", Status.FAILED, said, len(shots))

    def _content(self, other: Sequence[Snapshot]) -> CheckResult:
        if not other:
            return self._result("content", Status.PASSED, Statement("acknowledgement.content_agrees"), 0)
        params: Mapping[str, Value] = {"deliveries": _name(other), "persons": _persons(other)}
        said = Statement("acknowledgement.content_differs", params)
        return self._result("content", Status.FAILED, said, len(other))

    def _result(self, what: str, status: Status, said: Statement, deliveries: int) -> CheckResult:
        return CheckResult(
            f"{self.name}.{what}",
            status,
            Evidence.ACKNOWLEDGEMENT,
            code=said.code,
            params=said.params,
            observed=float(deliveries),
            expected=Interval(0.0, 0.0),
            unit="deliveries",
        )


def _newest_by_delivery(figures: Iterable[ReferenceFigure]) -> dict[str, Acknowledgement]:
    """Return the acknowledgement of each delivery by its number or id; of several the newest counts."""
    by_delivery: dict[str, list[ReferenceFigure]] = {}
    for figure in figures:
        by_delivery.setdefault(figure.source, []).append(figure)
    found = {}
    for name, all_of_it in by_delivery.items():
        newest = max(figure.published_on for figure in all_of_it)
        now = [figure for figure in all_of_it if figure.published_on == newest]
        found[name] = Acknowledgement(
            accepted=sum(figure.count for figure in now if not figure.reason),
            left_out=sum(f.count for f in now if f.reason not in {"", REJECTED} and not _states_content(f)),
            rejected=any(figure.reason == REJECTED for figure in now),
            by_segment={f.segment: f.count for f in now if not f.reason and f.segment.pairs},
            sha256=next((f.reason.removeprefix(CONTENT) for f in now if _states_content(f)), None),
        )
    return found


def _states_content(figure: ReferenceFigure) -> bool:
    return figure.reason.startswith(CONTENT)


def _find(found: Mapping[str, Acknowledgement], snapshot: Snapshot) -> Acknowledgement | None:
    delivery = snapshot.delivery
    names = [delivery.id, str(int(delivery.id)) if delivery.id.isdecimal() else ""]
    if delivery.manifest is not None:
        sequence, uuid = delivery.manifest.sequence, delivery.manifest.delivery_uuid
        names += [str(sequence) if sequence is not None else "", uuid or ""]
    return next((found[name] for name in names if name in found), None)


def _count_rows(snapshot: Snapshot) -> float | None:
    """Return the records of a delivery; None where neither it nor its manifest could be counted."""
    for name in (ROWS, DECLARED_ROWS):
        value = snapshot.value(name, WHOLE)
        if isinstance(value, float):
            return value
    return None


def _differs(snapshot: Snapshot, ack: Acknowledgement) -> bool:
    """Return whether the receiver counted other persons: in all, or in a segment where it left nobody out."""
    rows = _count_rows(snapshot)
    if rows is not None and rows != ack.accepted + ack.left_out:
        return True
    if ack.left_out > 0.0 or not snapshot.delivery.read:
        return False
    counted = {one: n for one, n in ack.by_segment.items() if snapshot.counts_by(one.dimensions)}
    return any(snapshot.value(ROWS, segment) != persons for segment, persons in counted.items())


def _persons(shots: Iterable[Snapshot]) -> Persons:
    return Persons(sum(_count_rows(snapshot) or 0.0 for snapshot in shots))


def _count_working_days(snapshot: Snapshot, view: View) -> int:
    """Return the working days after the arrival of a delivery, today included."""
    delivery, today = snapshot.delivery, view.at.date()
    day = delivery.arrived_at.date() if delivery.arrived_at is not None else delivery.period
    count = 0
    while day < today:
        day += _DAY
        count += day.weekday() < _SATURDAY and day not in view.holidays
    return count


def _name(shots: Iterable[Snapshot]) -> tuple[Value, ...]:
    """Return deliveries by number, runs of numbers together, else by day or id."""
    ids = [snapshot.delivery.id for snapshot in shots]
    runs: list[Serial] = []
    for number in sorted({int(name) for name in ids if name.isdecimal()}):
        if runs and runs[-1].last == number - 1:
            runs[-1] = Serial(runs[-1].first, number)
        else:
            runs.append(Serial(number, number))
    return (*runs, *(_parse_id(name) for name in ids if not name.isdecimal()))


def _parse_id(name: str) -> date | Name:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return Name(name)
