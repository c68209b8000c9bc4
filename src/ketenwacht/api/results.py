"""What the methods of a project return. Each is a value; `to_dict` returns the JSON of the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ketenwacht.domain.result import Status, worst

if TYPE_CHECKING:
    from ketenwacht.domain.delivery import Delivery
    from ketenwacht.domain.findings.finding import Finding
    from ketenwacht.domain.incidents import Incident
    from ketenwacht.domain.result import JudgedRun
    from ketenwacht.messages.formatter import MessageFormatter
    from ketenwacht.messages.found_first import FoundFirstView
    from ketenwacht.messages.report.data import Replay
    from ketenwacht.messages.views import RunView
    from ketenwacht.messages.views_evidence import ReconciliationView
    from ketenwacht.messages.views_finding import FindingView
    from ketenwacht.messages.views_incident import IncidentView
    from ketenwacht.workflows.ci.reports import ReleaseReports
    from ketenwacht.workflows.reconciliation import ManualReconciliation

AnyPath = str | PathLike[str]
FailOn = Literal["failed", "warned", "unproven"]
Report = Literal["junit", "markdown", "html", "json", "gitlab", "sarif", "github", "save"]

_BAD = frozenset({Status.FAILED, Status.ERROR})
_BAD_IF_STRICT = _BAD | {Status.WARNED, Status.UNPROVEN}


def _ok(statuses: Iterable[Status], *, strict: bool) -> bool:
    found = set(statuses)
    return bool(found) and found.isdisjoint(_BAD_IF_STRICT if strict else _BAD)


@dataclass(frozen=True, slots=True)
class Run:
    """One delivery, judged.

    Attributes:
        judged: its results, with exact counts.
        formatter: puts it into words, and hides what must not be shown.
    """

    judged: JudgedRun
    formatter: MessageFormatter = field(repr=False, compare=False)

    @property
    def feed(self) -> str:
        """The name of the feed."""
        return self.judged.delivery.feed

    @property
    def delivery(self) -> Delivery:
        """The judged delivery; an absent delivery is one too."""
        return self.judged.delivery

    @property
    def status(self) -> Status:
        """The worst of its results; ERROR when nothing was checked."""
        return self.judged.status

    @property
    def view(self) -> RunView:
        """The run in words, and in numbers that may be shown."""
        from ketenwacht.messages.views import view_run

        return view_run(self.judged, self.formatter)

    def ok(self, *, strict: bool = False) -> bool:
        """Return whether it passed; warned and unproven pass too, unless `strict`."""
        return _ok((self.status,), strict=strict)

    def to_dict(self) -> dict[str, object]:
        """Return the run as `ketenwacht/run/1`, ready for `json.dumps`."""
        from ketenwacht.render.json import run_object

        return run_object(self.view)


class RunList(list[Run]):
    """The runs of one call, in order of judging.

    Attributes:
        delivered: whether every alert arrived; those that did not are tried again by the next call.
    """

    def __init__(self, runs: Iterable[Run] = (), *, delivered: bool = True) -> None:
        super().__init__(runs)
        self.delivered = delivered

    @property
    def status(self) -> Status:
        """The worst of all runs; ERROR without any, since nothing judged is never green."""
        return worst(run.status for run in self)

    def ok(self, *, strict: bool = False) -> bool:
        """Return whether something was judged, every run passed and every alert arrived."""
        return self.delivered and _ok([run.status for run in self], strict=strict)


@dataclass(frozen=True, slots=True)
class ReleaseCheckResult:
    """The result of `ci`: its runs, whether the release may ship, and reports.

    Attributes:
        runs: one a delivery judged, oldest first; none when there was no such delivery.
        environment: the one that was judged.
        written: what reports are made from.
    """

    runs: RunList
    environment: str
    written: ReleaseReports = field(repr=False)

    @property
    def feed(self) -> str:
        """The name of the feed."""
        return self.written.feed.name

    @property
    def failing(self) -> frozenset[Status]:
        """The verdicts that stop the release, besides ERROR."""
        return self.written.failing

    @property
    def ok(self) -> bool:
        """Whether something was judged, and nothing in it stops the release."""
        return bool(self.runs) and not any(r.status in self.failing | {Status.ERROR} for r in self.runs)

    def to_dict(self) -> dict[str, object]:
        """Return the result as `ketenwacht/release-check/1`, ready for `json.dumps`."""
        return {
            "schema": "ketenwacht/release-check/1",
            "feed": self.feed,
            "environment": self.environment,
            "ok": self.ok,
            "status": self.runs.status.word,
            "runs": [run.to_dict() for run in self.runs],
        }

    @property
    def incidents(self) -> tuple[IncidentView, ...]:
        """What was found as incidents, the worst first: problems about the same thing are one."""
        from ketenwacht.messages.views_incident import view_incident
        from ketenwacht.workflows.ci.reports import make_incidents

        found = [one for one in make_incidents(self.written) if one.active]
        return tuple(view_incident(one, self.written.formatter, feed=self.written.feed) for one in found)

    def report(self, kind: Report) -> str:
        """Return the text of one report. `save` holds exact counts, for a later `against`."""
        return self.written.text(kind)

    def write(self, reports: Mapping[Report, AnyPath]) -> tuple[str, ...]:
        """Write reports, each whole or not at all; on GitHub the summary of the job too.

        Returns:
            What could not be written, a sentence each.
        """
        return self.written.write({kind: Path(path) for kind, path in reports.items()})


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The result of a replay.

    Attributes:
        runs: one a delivery, in order.
        replay: its summary, with the findings.
        formatter: puts it into words.
    """

    runs: RunList
    replay: Replay = field(repr=False)
    formatter: MessageFormatter = field(repr=False, compare=False)

    @property
    def found_first(self) -> FoundFirstView:
        """Persons first found by us, and by an inquiry."""
        from ketenwacht.messages.found_first import measure_found_first, view_found_first

        return view_found_first(measure_found_first(self.replay), self.formatter)

    def ok(self, *, strict: bool = False) -> bool:
        """Return the same as `RunList.ok`."""
        return self.runs.ok(strict=strict)

    def to_dict(self) -> dict[str, object]:
        """Return the summary as the JSON object `ketenwacht/replay/2`, without the runs."""
        from ketenwacht.render.json_summary import replay_object

        return replay_object(self.replay, self.formatter)


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """The result of comparing a register with the deliveries.

    Attributes:
        feed: name of the feed.
        status: the worst that its reconciliation checks say.
        view: the counts, as they may be shown.
        changed: the incidents that began, went on otherwise or ended.
        formatter: puts it into words.
        delivered: whether every alert arrived.
        listed_missing: persons written to `missing`; None: no such list was asked for.
        listed_extra: persons written to `extra`; None: likewise.
    """

    feed: str
    status: Status
    view: ReconciliationView = field(repr=False)
    changed: tuple[FindingView, ...] = field(repr=False)
    formatter: MessageFormatter = field(repr=False, compare=False)
    delivered: bool = True
    listed_missing: int | None = None
    listed_extra: int | None = None

    @classmethod
    def of(
        cls, done: ManualReconciliation, formatter: MessageFormatter, *, delivered: bool = True
    ) -> ReconcileResult:
        """Return a comparison on request with its counts as they may be shown."""
        from ketenwacht.messages.views_evidence import view_reconciliation
        from ketenwacht.messages.views_finding import view_finding

        return cls(
            done.feed,
            done.status,
            view_reconciliation(
                done.feed, done.outcome, done.results, formatter, unread=done.unread, newer=done.newer
            ),
            tuple(view_finding(finding, formatter) for finding in done.changed),
            formatter,
            delivered,
            done.listed_missing,
            done.listed_extra,
        )

    def ok(self, *, strict: bool = False) -> bool:
        """Return whether nobody is missing or too many, and every alert arrived."""
        return self.delivered and _ok((self.status,), strict=strict)

    def to_dict(self) -> dict[str, object]:
        """Return the comparison as `ketenwacht/reconcile/1`, ready for `json.dumps`."""
        from ketenwacht.render.json_evidence import reconcile_object

        return reconcile_object(self.view, changed=self.changed)


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """One finding, as it is now.

    Attributes:
        found: everything that is known of it, with exact counts.
        view: the finding in words, and in numbers that may be shown.
    """

    found: Finding
    view: FindingView = field(repr=False)

    @property
    def id(self) -> str:
        """Its id."""
        return self.found.id

    def to_dict(self) -> dict[str, object]:
        """Return the finding as in `ketenwacht/findings/1`, ready for `json.dumps`."""
        from ketenwacht.render.json import full_incident

        return full_incident(self.view)


class FindingList(list[FindingRecord]):
    """Findings: those that need action first, the worst on top.

    Attributes:
        at: the present of what was looked at: now, or in a replay when its last delivery was judged (UTC).
        replayed: whether the newest replay found them.
        short: for each id the shortest beginning that no other one of the history has.
    """

    def __init__(
        self, found: Iterable[FindingRecord], *, at: datetime, replayed: bool, short: Mapping[str, str]
    ) -> None:
        super().__init__(found)
        self.at, self.replayed, self.short = at, replayed, short


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """One incident, as it is now: findings that are about the same thing, with one number of missing persons.

    Attributes:
        found: everything that is known of it, with exact counts.
        view: the incident in words, and in numbers that may be shown.
    """

    found: Incident
    view: IncidentView = field(repr=False)

    @property
    def number(self) -> int:
        """Its short number, unique in a history."""
        return self.found.number

    def to_dict(self) -> dict[str, object]:
        """Return the incident as in `ketenwacht/incidents/2`, ready for `json.dumps`."""
        from ketenwacht.render.json_incident import numbered_incident_object

        return numbered_incident_object(self.view)


class IncidentList(list[IncidentRecord]):
    """Incidents: those that need action first, the worst on top.

    Attributes:
        at: the present of what was looked at: now, or in a replay when its last delivery was judged (UTC).
        replayed: whether the newest replay found them.
    """

    def __init__(self, found: Iterable[IncidentRecord], *, at: datetime, replayed: bool) -> None:
        super().__init__(found)
        self.at, self.replayed = at, replayed


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """One exact measurement of a delivery; store it only where the history may be stored.

    Attributes:
        delivery: id of the delivery.
        period: the day it is for.
        name: what was measured (`rows`, `nulls.<column>`, …; see `ketenwacht.domain.measurement`).
        segment: of which part; {} is the whole feed.
        value: None where it could not be measured.
    """

    delivery: str
    period: date
    name: str
    segment: Mapping[str, str]
    value: float | None


@dataclass(frozen=True, slots=True)
class ReportResult:
    """The headline of a written report.

    Attributes:
        path: where it is.
        status: the verdict on the feed.
        headline: the verdict in a sentence.
        detail: what it rests on.
        found_first: persons first found by us, and by an inquiry.
        deliveries: how many it shows.
        open: incidents that live.
        all: incidents that ever were.
        replayed: whether it shows the newest replay.
    """

    path: Path
    feed: str
    status: Status
    headline: str
    detail: str
    found_first: FoundFirstView = field(repr=False)
    deliveries: int
    open: int
    all: int
    replayed: bool

    def to_dict(self) -> dict[str, object]:
        """Return the headline as `ketenwacht/report/1`, ready for `json.dumps`."""
        from ketenwacht.render.json import found_first_object

        return {
            "schema": "ketenwacht/report/1",
            "feed": self.feed,
            "replayed": self.replayed,
            "path": str(self.path),
            "status": self.status.word,
            "headline": self.headline,
            "detail": self.detail,
            "deliveries": self.deliveries,
            "incidents": {"open": self.open, "all": self.all},
            "found_first": found_first_object(self.found_first),
        }
