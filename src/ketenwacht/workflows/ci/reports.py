"""Write the reports of `ci`: each completely or not at all, whether or not another one fails."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np

from ketenwacht.config.validate import to_plain
from ketenwacht.config.yaml_file import read_yaml
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings import advance
from ketenwacht.domain.findings.finding import Finding, Nature, State
from ketenwacht.domain.incidents import Incident, assemble_all, group_incidents
from ketenwacht.domain.measurement import ROWS, smallest_count
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.errors import describe_file_fault
from ketenwacht.measure.suite import read_suite
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import ReportData, Series
from ketenwacht.messages.report.view import view_report
from ketenwacht.messages.texts.labels import STATUS_WORD
from ketenwacht.messages.views import RunView, view_run
from ketenwacht.render.json import run_object
from ketenwacht.store.exchange import MeasurementFile, dump
from ketenwacht.workflows import clock
from ketenwacht.workflows.project import LoadedProject

from .release import CheckedRelease

_LINE = re.compile(r":(\d+)(?::\d+)?$")
SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReports:
    """What reports are made from.

    Attributes:
        project: the configuration.
        feed: as configured.
        checked: what was found.
        failing: verdicts that stop the release besides error; JUnit shows each as a failure.
        file: the contract, relative to the repository, for annotations.
        at: the moment of judging, UTC.
    """

    project: LoadedProject
    feed: Feed
    checked: CheckedRelease
    failing: frozenset[Status]
    file: str
    at: datetime

    @property
    def formatter(self) -> MessageFormatter:
        """The formatter of every text in the reports."""
        return self.project.formatter(self.feed, language="en")

    @property
    def views(self) -> list[RunView]:
        """The views of every run."""
        formatter = self.formatter
        return [view_run(run, formatter) for run in self.checked.runs]

    def text(self, kind: str) -> str:
        """Return one report: junit, markdown, html, json, gitlab, sarif or save."""
        return _KINDS[kind](self)

    def write(self, wanted: Mapping[str, Path]) -> tuple[str, ...]:
        """Write reports, by kind, and make their folders; on GitHub, add to the job's summary.

        Returns:
            What could not be written, one sentence each.
        """
        faults = (_write_whole(path, self.text(kind), private=kind == "save") for kind, path in wanted.items())
        failed = [fault for fault in faults if fault is not None]
        page = clock.environment().get(SUMMARY)
        if page:
            try:
                with Path(page).open("a", encoding="utf-8") as summary:
                    summary.write(self.text("markdown"))
            except OSError as fault:
                failed.append(f"{SUMMARY}: {page} cannot be written ({describe_file_fault(fault)})")
        return tuple(failed)


def annotated_path(path: Path) -> str:
    """Return the path of a repository file for annotations: relative to where the build runs."""
    here = Path.cwd().resolve()
    full = path.resolve()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else path.name


def write_lines(path: Path, lines: Iterator[str]) -> str | None:
    """Write lines of exact counts (mode 0600) completely or not at all; return the fault, None without one."""
    return _write_whole(path, "".join(f"{line}\n" for line in lines), private=True)


def _write_whole(path: Path, text: str, *, private: bool) -> str | None:
    part = path.with_name(f".{path.name}.{clock.worker_name()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch(mode=0o600 if private else 0o666)
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as fault:
        with suppress(OSError):  # the folder may be a file
            part.unlink(missing_ok=True)
        return f"{path} cannot be written ({describe_file_fault(fault)})"
    return None


def _render_junit(written: ReleaseReports) -> str:
    from ketenwacht.render.ci_formats import junit_xml  # noqa: PLC0415 - only who asks for a format loads its library

    return junit_xml(
        written.views,
        written.formatter,
        failing=written.failing,
        seconds=written.checked.seconds,
        same=find_speakers(written),
    )


def _render_markdown(written: ReleaseReports) -> str:
    from ketenwacht.render.ci_formats import run_markdown  # noqa: PLC0415 - see _render_junit

    formatter = written.formatter
    softer = sorted(STATUS_WORD[status][formatter.language] for status in written.failing - {Status.FAILED})
    stops = formatter.label("ci.stops_also", statuses=", ".join(softer)) if softer else ""
    return run_markdown(written.views, formatter) + (f"\n{stops}\n" if stops else "")


def _render_html(written: ReleaseReports) -> str:
    from ketenwacht.render.html import render_report  # noqa: PLC0415 - see _render_junit

    feed = written.feed
    formatter = written.project.formatter(feed, language="en")
    data = ReportData(
        feed=feed.name,
        title=feed.title,
        before_release=True,
        sender=feed.sender,
        receiver=feed.receiver,
        generated_at=written.at,
        zone=written.project.zone,
        runs=written.checked.runs,
        series=_make_series(written),
        incidents=_make_incidents(written),
    )
    return render_report(view_report(data, formatter), formatter)


def _make_series(written: ReleaseReports) -> tuple[Series, ...]:
    """Return the counts of the judged deliveries, whole and by part; one delivery makes no chart."""
    past = Past.of(written.checked.snapshots)
    if len(past.snapshots) == 1:
        return ()
    shape = next((dimensions for dimensions in written.feed.segments if dimensions), ())
    segments = (WHOLE, *(past.segments(ROWS, shape) if shape else ()))
    smallest = [smallest_count(one) for one in past.snapshots]
    return tuple(
        Series(
            s,
            past.periods,
            [None if np.isnan(n) else float(n) for n in past.series(ROWS, s)],
            smallest=smallest,
        )
        for s in segments
    )


def _make_incidents(written: ReleaseReports) -> tuple[Finding, ...]:
    """Return the findings as incidents for the report; nothing saves them.

    Each is dated on the day of its delivery, because staging may hold deliveries of long ago.
    """
    every: dict[str, Finding] = {}
    for run in written.checked.runs:
        policy = written.project.settings.alerts.policy
        day = datetime.combine(run.delivery.period, time(12), tzinfo=UTC)
        live = {
            incident.fingerprint: incident for incident in every.values() if incident.state is not State.CLOSED
        }
        step = advance(live, run.results, delivery=run.delivery, policy=policy, at=day, new_id=clock.new_id)
        every.update({incident.id: incident for incident in step.incidents})
    return tuple(every.values())


def make_incidents(written: ReleaseReports) -> tuple[Incident, ...]:
    """Return what was found as incidents, the largest first; nothing saves them."""
    found = {finding.id: finding for finding in _make_incidents(written)}
    grouping = group_incidents(found.values())
    members = {number: [found[one] for one in ids] for number, ids in grouping.members.items()}
    incidents = assemble_all(grouping.incidents, members, written.project.settings.alerts.policy)
    return tuple(sorted(incidents, key=lambda one: one.urgency))


def find_speakers(written: ReleaseReports) -> Mapping[tuple[str, Segment], tuple[str, Segment]]:
    """Return for each finding that is not the strongest of its incident the one that is: both are one problem."""
    speakers: dict[tuple[str, Segment], tuple[str, Segment]] = {}
    for incident in make_incidents(written):
        first = incident.title_finding
        if not incident.active or first.nature is Nature.WARNED:
            continue
        for finding in incident.findings:
            if finding.active and finding.id != first.id and finding.nature is not Nature.ERROR:
                one, speaker = finding.fingerprint, first.fingerprint
                speakers[one.check, one.segment] = (speaker.check, speaker.segment)
    return speakers


def find_places(written: ReleaseReports) -> Mapping[str, tuple[str, int]]:
    """Return file and line of each check in the checks file and each expectation in a suite, by name."""
    root, feed = written.project.root, written.feed
    places: dict[str, tuple[str, int]] = {}
    kinds = {"contract"}
    if feed.checks is not None:
        file = read_yaml(root / feed.checks)
        tree = cast("dict[str, Any]", to_plain(file.tree))
        for number, check in enumerate(tree.get("checks") or ()):
            name = str(check.get("name") or check.get("kind"))
            kinds |= {name} if check.get("kind") == "contract" else set()
            places[name] = (annotated_path(root / feed.checks), _line_of(file.where(("checks", number))))
    for suite in feed.suites:
        for entry in read_suite(root / suite).entries:
            for kind in kinds:
                places[f"{kind}.{entry.check_id}"] = (annotated_path(root / suite), entry.line)
    return places


def _line_of(where: str) -> int:
    """Return the line of `path:line:column`; 0 when there is none."""
    found = _LINE.search(where)
    return 0 if found is None else int(found[1])


def json_lines(runs: Sequence[RunView]) -> str:
    """Return one JSON object a run and line, as `check` prints them."""
    return "".join(json.dumps(run_object(run), ensure_ascii=False) + "\n" for run in runs)


def _render_gitlab(written: ReleaseReports) -> str:
    from ketenwacht.render.ci_formats import gitlab_quality  # noqa: PLC0415 - see _render_junit

    return gitlab_quality(written.views, written.formatter, file=written.file, places=find_places(written))


def _render_sarif(written: ReleaseReports) -> str:
    from ketenwacht.render.ci_formats import sarif_log  # noqa: PLC0415 - see _render_junit

    places, own = find_places(written), version("ketenwacht")
    return sarif_log(written.views, written.formatter, file=written.file, version=own, places=places)


def _render_github(written: ReleaseReports) -> str:
    from ketenwacht.render.ci_formats import github_commands  # noqa: PLC0415 - see _render_junit

    places = find_places(written)
    lines = github_commands(written.views, written.formatter, file=written.file, places=places)
    return "".join(f"{line}\n" for line in lines)


def _render_save(written: ReleaseReports) -> str:
    return "".join(f"{line}\n" for line in dump(MeasurementFile(written.feed.name, written.checked.snapshots)))


_KINDS: Mapping[str, Callable[[ReleaseReports], str]] = {
    "junit": _render_junit,
    "markdown": _render_markdown,
    "html": _render_html,
    "json": lambda written: json_lines(written.views),
    "gitlab": _render_gitlab,
    "sarif": _render_sarif,
    "github": _render_github,
    "save": _render_save,
}
KINDS = tuple(_KINDS)
"""Every report that can be asked for."""
