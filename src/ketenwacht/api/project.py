"""A project: its configuration, and the commands as methods."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.domain.result import Status
from ketenwacht.errors import ConfigError, StoreError
from ketenwacht.workflows import clock
from ketenwacht.workflows.project import LoadedProject

from .results import (
    AnyPath,
    FailOn,
    FindingList,
    FindingRecord,
    IncidentList,
    IncidentRecord,
    MeasurementRow,
    ReconcileResult,
    ReleaseCheckResult,
    ReplayResult,
    ReportResult,
    Run,
    RunList,
)

if TYPE_CHECKING:
    from ketenwacht.domain.feed import Feed
    from ketenwacht.domain.measurement import Snapshot
    from ketenwacht.domain.statement import Language
    from ketenwacht.messages.formatter import MessageFormatter
    from ketenwacht.store import History
    from ketenwacht.workflows.ci.release import ComparisonRun

Settings = Mapping[str, object] | Sequence[str]
"""Settings by dotted key, or as `KEY=VALUE` texts."""
_LOG = logging.getLogger("ketenwacht")


def _log(name: str, problem: str) -> None:
    _LOG.warning("%s: %s", name, problem)


class Project:
    """A configuration that was read, with the commands as methods.

    Every method opens the history and closes it again, so a project may be kept, and used by one thread at a time.
    `feed` is the name of a feed; None where there is only one.
    """

    def __init__(
        self,
        config: AnyPath = "config.yaml",
        *,
        set: Settings = (),  # noqa: A002 - as `--set`
        environment: str | None = None,
        on_message: Callable[[str], object] = print,
        on_warning: Callable[[str, str], None] = _log,
    ) -> None:
        """Read a configuration.

        Args:
            config: config.yaml.
            set: settings that override those of the file, by dotted key, as `--set`: `{"history": "sqlite:///x.db"}`.
            environment: the environment of the feeds that is in force; None: the feeds as they stand.
            on_message: called with each alert of a console route.
            on_warning: called with a name and what had to be left aside there; by default it is logged.

        Raises:
            ConfigError: with place, fault and remedy.
        """
        self._config, self._set = Path(config), _overrides(set)
        self._write, self._warn = on_message, on_warning
        self._project = self._opened(environment)

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of the configured feeds."""
        return tuple(self._project.settings.feeds)

    def formatter(self, feed: str | None = None) -> MessageFormatter:
        """Return the formatter of codes, counts and days in English; it hides counts that must not be shown.

        Args:
            feed: whose code tables and plug-ins name things; None: only codes are shown.
        """
        return _formatter(self._project, None if feed is None else self._project.feed(feed))

    def check(
        self,
        feed: str | None = None,
        *,
        delivery: str | None = None,
        at: datetime | None = None,
        each: Callable[[Run], object] | None = None,
    ) -> RunList:
        """Judge the deliveries that are new, and those that are missing; save the verdicts and send the alerts.

        Args:
            feed: name of the feed.
            delivery: judge only the delivery of this id; one that was judged before is given as it was judged.
            at: judge as if it were this moment (with a time zone); None: now.
            each: called with every run as soon as it is kept.

        Returns:
            The runs, oldest first; none when nothing is new and nothing is missing.

        Raises:
            ConfigError: a setting is wrong, or there is no such feed or delivery.
            DeliveryError: the source cannot be reached; a finding says so.
            StoreError: the history cannot be read or written.
        """
        from ketenwacht.workflows.alerts import send_due
        from ketenwacht.workflows.check import check
        from ketenwacht.workflows.feed_faults import FeedFaults
        from ketenwacht.workflows.session import open_session

        moment = clock.now() if at is None else _utc(at)
        with open_session(self._project, feed, on_warning=self._warn) as session:
            formatter = _formatter(self._project, session.context.feed)
            faults = FeedFaults(self._project, session.history, session.context.feed)
            try:
                runs = [_called(Run(run, formatter), each) for run in check(session, delivery=delivery, at=moment)]
                faults.record_recovery(moment)
            except (ConfigError, StoreError):
                raise  # what was asked is wrong, or nothing can be kept
            except Exception as fault:
                faults.record(fault, moment)
                send_due(self._project, session.history, write=self._write, at=moment)
                raise
            sent = send_due(self._project, session.history, write=self._write, at=moment)
        return RunList(runs, delivered=sent.delivered)

    def replay(
        self,
        feed: str | None = None,
        *,
        first: date,
        last: date,
        each: Callable[[Run], object] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> ReplayResult:
        """Judge past deliveries one by one, each at the moment it came, in a history of their own.

        Args:
            feed: name of the feed.
            first: first period, inclusive.
            last: last period, inclusive.
            each: called with every run as soon as it is kept.
            progress: called with how many deliveries are done, and how many there are.

        Raises:
            ConfigError: a setting is wrong, or there is no such feed.
            DeliveryError: the source cannot be reached.
            StoreError: the history cannot be written.
        """
        from ketenwacht.workflows.replay import run_replay

        formatter, runs = _formatter(self._project, self._project.feed(feed)), RunList()
        result = run_replay(
            self._project,
            feed,
            first=first,
            last=last,
            each=lambda run: runs.append(_called(Run(run, formatter), each)),
            progress=progress or (lambda _done, _total: None),
            on_warning=self._warn,
            write=self._write,
        )
        runs.delivered = result.delivered
        return ReplayResult(runs, result.replay, formatter)

    def ci(  # noqa: PLR0913 - what is judged, and what it is compared with
        self,
        feed: str | None = None,
        *,
        environment: str = "staging",
        since: date | None = None,
        delivery: str | None = None,
        every: bool = False,
        against: AnyPath | None = None,
        same_input: bool = True,
        measurements: AnyPath | None = None,
        totals: bool = True,
        fail_on: FailOn = "failed",
    ) -> ReleaseCheckResult:
        """Judge staging deliveries before a release; save nothing and send nothing.

        Args:
            feed: name of the feed.
            environment: of the feed.
            since: judge all for this day or later.
            delivery: judge the delivery of this id.
            every: judge all that are there; without any of these three the newest one.
            against: compare with a run: its id, or a file that was written with `save`.
            same_input: whether that run was fed with the same.
            measurements: file with production's measurements; None: those of the history.
            totals: whether staging gets as much input as production, so that totals may be compared.
            fail_on: the mildest verdict that stops the release.

        Raises:
            ConfigError: a setting is wrong, a file cannot be read, or there is no such delivery.
            DeliveryError: the source cannot be reached.
            StoreError: the history or a file is damaged.
        """
        from ketenwacht.workflows.ci.release import DeliverySelection, open_release_check
        from ketenwacht.workflows.ci.reports import ReleaseReports, annotated_path
        from ketenwacht.workflows.ci.sources import load_production

        project, at = self._opened(environment), clock.now()
        name = project.feed(feed).name
        release = open_release_check(
            project,
            name,
            production=load_production(project, name, None if measurements is None else Path(measurements)),
            against=_against(project, name, against, same_input=same_input),
            totals=totals,
            on_warning=self._warn,
        )
        checked = release.judge(DeliverySelection(every=every, since=since, delivery=delivery), at)
        written = ReleaseReports(
            project=project,
            feed=release.context.feed,
            checked=checked,
            failing=failing(fail_on),
            file=annotated_path(project.root / (release.context.feed.checks or self._config.name)),
            at=at,
        )
        formatter = written.formatter
        return ReleaseCheckResult(RunList(Run(run, formatter) for run in checked.runs), environment, written)

    def reconcile(  # noqa: PLR0913 - what is compared, how, and what becomes of it
        self,
        feed: str | None = None,
        *,
        register: AnyPath | None = None,
        day: date | None = None,
        key: str | Sequence[str] = (),
        decided_column: str | None = None,
        segments: Sequence[str] = (),
        missing: AnyPath | None = None,
        extra: AnyPath | None = None,
        keep: bool = True,
        by: str | None = None,
    ) -> ReconcileResult:
        """Compare the sender's register with everything delivered up to its reference date, in both directions.

        Args:
            feed: name of the feed.
            register: the file, in clear or pseudonymised; None: the newest snapshot that is configured.
            day: its reference date; None: as its name says, or the newest delivery.
            key: column that identifies a person, or columns that do so together; (): as configured.
            decided_column: column with the date of decision; None: as configured.
            segments: columns that both sides share; (): as configured.
            missing: write the pseudonyms of the missing to this file.
            extra: write those of persons who are not in the register to this file.
            keep: whether the history keeps the outcome, incidents follow it and alerts are sent.
            by: who does this, for the audit log; None: the account that runs this process.

        Raises:
            ConfigError: a setting is wrong, or the register cannot be compared as asked.
            DeliveryError: the register is not what it claims to be, or there is nothing to compare it with.
            EngineError: it did not fit in the memory and disk allowed.
            StoreError: the history cannot be read or written.
        """
        from ketenwacht.workflows.alerts import send_due
        from ketenwacht.workflows.reconciliation import (
            ReconciliationOptions,
            compare,
            open_reconciliation,
            save_comparison,
        )

        at, who, delivered = clock.now(), clock.actor(by), True
        asked = ReconciliationOptions(
            _path(register), day, (key,) if isinstance(key, str) else tuple(key), decided_column, tuple(segments)
        )
        with open_reconciliation(
            self._project, feed, asked, kept=keep, at=at, on_warning=self._warn
        ) as reconciliation:
            done = compare(reconciliation, missing=_path(missing), extra=_path(extra))
            if keep:
                done = save_comparison(reconciliation, done, who=who)
                sent = send_due(self._project, reconciliation.history, write=self._write, at=at)
                delivered = sent.delivered
        return ReconcileResult.of(done, self.formatter(done.feed), delivered=delivered)

    def incidents(self, feed: str | None = None, *, closed: bool = False, replay: bool = False) -> IncidentList:
        """Return the incidents of a feed, or of every feed: those that need action first, the worst on top.

        Where nothing was judged live yet they are those of the newest replay.

        Args:
            feed: name of the feed; None: every feed.
            closed: closed ones too.
            replay: those of the newest replay, whatever was judged live.

        Raises:
            ConfigError: there is no such feed.
            StoreError: nothing was judged yet, or the history cannot be read.
        """
        from ketenwacht.messages.views_incident import sort_incidents, view_incident
        from ketenwacht.workflows.histories import open_reader

        alerting, feeds = self._project.settings.alerts, self._project.settings.feeds
        with open_reader(self._project, feed, replay=replay, on_warning=self._warn, every=True) as reader:
            every = reader.history.incidents.find(alerting.policy, closed=closed)
            at, replayed, names = reader.moment(clock.now()), reader.replayed, reader.feeds
        found = sort_incidents(one for one in every if one.feed in names)
        formatters = {name: self.formatter(name) for name in {one.feed for one in found}}
        records = (
            IncidentRecord(
                one,
                view_incident(one, formatters[one.feed], feed=feeds.get(one.feed), notes=alerting.notes(one.feed)),
            )
            for one in found
        )
        return IncidentList(records, at=at, replayed=replayed)

    def summarize(self, runs: RunList, feed: str | None = None) -> dict[str, object]:
        """Return what `check` found for each feed as `ketenwacht/summary/1`, ready for `json.dumps`.

        Args:
            runs: what `check` returned.
            feed: the feed that is named when nothing was judged, with 0 deliveries and the status of no runs
                (ERROR: nothing judged is never green); None: the only one.

        Raises:
            ConfigError: nothing was judged, and there is no such feed.
            StoreError: the history cannot be read.
        """
        from ketenwacht.domain.delivery import Presence
        from ketenwacht.domain.result import worst
        from ketenwacht.render.json_summary import FeedOutcome, summary_object
        from ketenwacht.workflows.histories import open_required

        policy, outcomes = self._project.settings.alerts.policy, []
        with open_required(self._project) as history:
            for name in dict.fromkeys(run.feed for run in runs) or (self._project.feed(feed).name,):
                judged = [run for run in runs if run.feed == name]
                outcomes.append(
                    FeedOutcome(
                        name,
                        worst(run.status for run in judged),
                        len({run.delivery.id for run in judged if run.delivery.presence is not Presence.ABSENT}),
                        [one for one in history.incidents.find(policy, name) if one.active],
                        self.formatter(name),
                        self._project.settings.feeds.get(name),
                    )
                )
        return summary_object(outcomes)

    def findings(self, feed: str | None = None, *, closed: bool = False, replay: bool = False) -> FindingList:
        """Return the findings of a feed, or of every feed: those that need action first, the worst on top.

        Where nothing was judged live yet they are those of the newest replay.

        Args:
            feed: name of the feed; None: every feed.
            closed: closed ones too.
            replay: those of the newest replay, whatever was judged live.

        Raises:
            ConfigError: there is no such feed.
            StoreError: nothing was judged yet, or the history cannot be read.
        """
        from ketenwacht.messages.findings import sort_by_urgency
        from ketenwacht.messages.views_finding import view_finding
        from ketenwacht.workflows.histories import open_reader
        from ketenwacht.workflows.incidents import short_ids

        with open_reader(self._project, feed, replay=replay, on_warning=self._warn, every=True) as reader:
            every, at, replayed = (
                reader.history.findings.find(closed=True),
                reader.moment(clock.now()),
                reader.replayed,
            )
            names = reader.feeds
        found = sort_by_urgency(
            i for i in every if i.fingerprint.feed in names and (closed or i.closed_at is None)
        )
        formatters = {name: self.formatter(name) for name in {one.fingerprint.feed for one in found}}
        records = (FindingRecord(one, view_finding(one, formatters[one.fingerprint.feed])) for one in found)
        return FindingList(records, at=at, replayed=replayed, short=short_ids(every))

    def measurements(self, feed: str | None = None) -> list[MeasurementRow]:
        """Return every measurement of a feed, in order of judging. They are exact: protect them as the history.

        `pandas.DataFrame(project.measurements("arrivals"))` makes a table of them.

        Raises:
            ConfigError: there is no such feed.
            StoreError: nothing was judged yet, or the history cannot be read.
        """
        return [row for snapshot in self._snapshots(feed) for row in _rows(snapshot)]

    def export_measurements(self, path: AnyPath, feed: str | None = None) -> None:
        """Write the measurements to a file that `ci` reads as `measurements`, completely or not at all.

        Raises:
            ConfigError: there is no such feed, or the file cannot be written.
            StoreError: nothing was judged yet, or the history cannot be read.
        """
        from ketenwacht.store.exchange import export_measurements
        from ketenwacht.workflows.ci.reports import write_lines

        with self._open_history() as history:
            failed = write_lines(Path(path), export_measurements(history, self._project.feed(feed).name))
        if failed is not None:
            raise ConfigError("FILE", failed, "name another file")

    def report(
        self,
        path: AnyPath,
        feed: str | None = None,
        *,
        since: date | None = None,
        replay: bool = False,
        language: Language = "en",
    ) -> ReportResult:
        """Write everything that is known of a feed into one self-contained HTML file.

        Args:
            path: the file; an earlier one is replaced.
            feed: name of the feed.
            since: first period; None: all.
            replay: of the newest replay, whatever was judged live.
            language: of its texts.

        Raises:
            ConfigError: there is no such feed, or the file cannot be written.
            StoreError: nothing was judged yet, or the history cannot be read.
        """
        from ketenwacht.messages.found_first import measure_found_first, view_found_first
        from ketenwacht.workflows.histories import open_reader
        from ketenwacht.workflows.report import collect_report, write_report

        with open_reader(self._project, feed, replay=replay, on_warning=self._warn) as reader:
            data = collect_report(reader, since=since, at=clock.now())
            shown, policy = {one.id for one in data.incidents}, self._project.settings.alerts.policy
            every = reader.history.incidents.find(policy, data.feed, closed=True)
            numbered = [one for one in every if any(finding.id in shown for finding in one.findings)]
            formatter = self._project.formatter(self._project.feed(data.feed), language=language)
            verdict, replayed = write_report(data, formatter, Path(path)), reader.replayed
        return ReportResult(
            path=Path(path),
            feed=data.feed,
            status=verdict.status,
            headline=verdict.headline,
            detail=verdict.detail,
            found_first=view_found_first(measure_found_first(data), formatter),
            deliveries=len(data.runs),
            open=sum(one.active for one in numbered),
            all=len(numbered),
            replayed=replayed,
        )

    def _opened(self, environment: str | None) -> LoadedProject:
        return LoadedProject.open(self._config, overrides=self._set, environment=environment)

    def _snapshots(self, feed: str | None) -> tuple[Snapshot, ...]:
        name = self._project.feed(feed).name
        with self._open_history() as history:
            return history.runs.find_snapshots(name)

    @contextmanager
    def _open_history(self) -> Iterator[History]:
        """Open the configured history to be read only; raise StoreError when there is none."""
        from ketenwacht.workflows.ci.sources import open_read_only

        with open_read_only(self._project) as history:
            if history is None:
                raise StoreError("there is no history yet — judge a delivery first")
            yield history


def failing(fail_on: FailOn) -> frozenset[Status]:
    """Return every verdict from this one up to FAILED: those that stop a release besides ERROR."""
    return frozenset(s for s in Status if Status[fail_on.upper()] <= s < Status.ERROR)


def _overrides(settings: Settings) -> tuple[str, ...]:
    """Return the settings as the command line has them, with values as JSON, which YAML reads as intended."""
    if not isinstance(settings, Mapping):
        return tuple(settings)
    return tuple(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in settings.items())


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ConfigError("at", "has no time zone", "write it as datetime(2022, 6, 24, 12, tzinfo=UTC)")
    return at.astimezone(UTC)


def _path(path: AnyPath | None) -> Path | None:
    return None if path is None else Path(path)


def _called(run: Run, each: Callable[[Run], object] | None) -> Run:
    if each is not None:
        each(run)
    return run


def _formatter(project: LoadedProject, feed: Feed | None) -> MessageFormatter:
    return project.formatter(feed, language="en")


def _against(project: LoadedProject, feed: str, run: AnyPath | None, *, same_input: bool) -> ComparisonRun | None:
    if run is None:
        if not same_input:
            raise ConfigError("--other-input", "there is no run to compare with", "name one with --against")
        return None
    from ketenwacht.workflows.ci.release import ComparisonRun
    from ketenwacht.workflows.ci.sources import load_other_run

    return ComparisonRun(snapshots=load_other_run(project, feed, str(run)), same_input=same_input)


def _rows(snapshot: Snapshot) -> Iterator[MeasurementRow]:
    for key, value in snapshot.measurements.items():
        number = value if isinstance(value, float) else None
        yield MeasurementRow(
            snapshot.delivery.id, snapshot.delivery.period, key.name, key.segment.as_dict(), number
        )
