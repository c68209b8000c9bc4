"""Findings about judging itself: a feed that cannot be judged, or a file of evidence that cannot be used.

Whatever goes wrong while one feed is judged is a fault of that feed: a setting that cannot be read, a hung source,
a plug-in that exits, a defect of ours. The finding says its class and place, never its text, which may quote a
value. The first look that succeeds ends it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ketenwacht.announcements import save_findings
from ketenwacht.domain.delivery import Delivery, is_reading_fault
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings import advance
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.personal_values import shown_file
from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Codes, Name, Statement
from ketenwacht.errors import ConcurrentUpdate, ConfigError, DeliveryError, MissingTableError, place_of
from ketenwacht.store import History

from . import clock
from .evidence_files import EvidencePlace
from .project import LoadedProject

CHECK = "judging"
"""The name under which the finding stands, as if it were a check of the feed."""
EVIDENCE_CHECK = "evidence-files"
"""The name under which findings about files of evidence stand, one finding a file."""
MOST_FILES = 50
"""More files of evidence than this get no finding of their own: one setting that is wrong would open thousands."""
_FILE = "file"
_LINE = re.compile(r":(\d+)$")
CODES: Codes = {
    "evidence_files.set_aside": {"file": Name, "fault": Name},
    "evidence_files.line": {"file": Name, "fault": Name, "line": Amount},
    "evidence_files.no_table": {"file": Name},
    "evidence_files.used": {"file": Name},
    "judging.failed": {"fault": Name, "place": Name},
    "judging.no_table": {"setting": Name},
    "judging.source": {"problem": Statement},
    "judging.old_settings": {"fault": Name, "place": Name},
    "judging.works": {},
}
"""Codes of a feed that cannot be judged, or can be again; see `statement.Codes`."""


@dataclass(frozen=True, slots=True)
class FeedFaults:
    """The findings of one feed about judging it.

    Attributes:
        project: the configuration.
        history: keeps the findings.
        feed: whose they are.
    """

    project: LoadedProject
    history: History
    feed: Feed

    def record(self, fault: BaseException, at: datetime, *, old_settings: bool = False) -> None:
        """Open or update the finding of a feed that cannot be judged. The same fault again changes nothing.

        Args:
            fault: what went wrong.
            at: now, UTC.
            old_settings: the feed is judged all the same, by the settings that were in force before.

        Raises:
            StoreError: the history cannot be written.
        """
        said = _statement(fault, old_settings=old_settings)
        result = CheckResult(CHECK, Status.ERROR, Evidence.CONTRACT, code=said.code, params=said.params)
        live = self._live()
        if all(finding.said != result.said for finding in live if finding.active):
            _apply(self, (result,), live, at)

    def record_recovery(self, at: datetime) -> None:
        """End the finding of a feed that was judged again; nothing without one.

        Raises:
            StoreError: the history cannot be written.
        """
        live = [finding for finding in self._live() if finding.active]
        if live:
            result = CheckResult(CHECK, Status.PASSED, Evidence.CONTRACT, code="judging.works", params={})
            _apply(self, (result,), live, at)

    def record_evidence(self, aside: Mapping[EvidencePlace, BaseException], at: datetime) -> None:
        """Open a finding for each file or table of evidence that is set aside; end those of what no longer is.

        Args:
            aside: every file and table that is set aside now → why. More than `MOST_FILES` get no finding of
                their own; each was told as a warning.
            at: now, UTC.

        Raises:
            StoreError: the history cannot be written.
        """
        live = self._live(EVIDENCE_CHECK)
        active = {finding.fingerprint.segment: finding.said for finding in live if finding.active}
        named = sorted((_name_of(place, self.project.root), place) for place in aside)
        now = dict(_set_aside(name, aside[place]) for name, place in named)
        told = dict(list(now.items())[:MOST_FILES])
        results = [
            CheckResult(
                EVIDENCE_CHECK,
                Status.ERROR,
                Evidence.CONTRACT,
                segment=segment,
                code=said.code,
                params=said.params,
            )
            for segment, said in told.items()
            if active.get(segment) != said
        ]
        results += [_used(segment) for segment in active if segment not in now]
        if results:
            _apply(self, results, live, at, check=EVIDENCE_CHECK)

    def _live(self, check: str = CHECK) -> list[Finding]:
        standing = self.history.findings.find(self.feed.name)
        return [finding for finding in standing if finding.fingerprint.check == check]


def find_active_faults(history: History, feeds: Collection[str]) -> dict[str, tuple[Finding, ...]]:
    """Return the active findings about judging, by feed; a feed without any is left out.

    These are: the feed cannot be judged, a file of evidence is set aside, a plug-in fails, or a delivery cannot be
    read because of the machine, the source or a plug-in.

    Raises:
        StoreError: the history cannot be read.
    """
    found: dict[str, tuple[Finding, ...]] = {}
    for finding in history.findings.find():
        feed = finding.fingerprint.feed
        if feed in feeds and finding.active and _is_fault_here(finding):
            found[feed] = (*found.get(feed, ()), finding)
    return {feed: found[feed] for feed in feeds if feed in found}


def _is_fault_here(finding: Finding) -> bool:
    if finding.fingerprint.check in {CHECK, EVIDENCE_CHECK} or finding.said.code.startswith("plugin."):
        return True
    problem = finding.said.params.get("problem")
    unread = finding.said.code in {"schedule.unreadable", "delivery.not_judged"}
    return unread and isinstance(problem, Statement) and is_reading_fault(problem)


def _apply(
    of: FeedFaults, results: Sequence[CheckResult], live: Sequence[Finding], at: datetime, *, check: str = CHECK
) -> None:
    """Save what the results do to the findings, with their alerts, in one transaction."""
    project, history, alerting, name = of.project, of.history, of.project.settings.alerts, of.feed.name
    day = at.astimezone(project.zone).date()
    step = advance(
        {finding.fingerprint: finding for finding in live},
        results,
        delivery=Delivery(name, f"{check}:{at.isoformat()}", day, arrived_at=at),
        policy=alerting.policy,
        at=at,
        new_id=clock.new_id,
    )
    try:
        with history.transaction() as work:
            save_findings(
                work,
                step,
                based_on=live,
                feed=of.feed,
                alerting=alerting,
                formatter=project.formatter(language=alerting.language),
                key=f"{check}/{name}/{at.isoformat()}",
                at=at,
            )
    except ConcurrentUpdate:
        return  # somebody acted on it meanwhile: the next look tells it


def _statement(fault: BaseException, *, old_settings: bool) -> Statement:
    if isinstance(fault, DeliveryError) and isinstance(fault.statement, Statement):
        return Statement("judging.source", {"problem": fault.statement})
    if isinstance(fault, MissingTableError):
        return Statement("judging.no_table", {"setting": Name(fault.where)})
    params = {"fault": Name(type(fault).__name__), "place": Name(place_of(fault))}
    return Statement("judging.old_settings" if old_settings else "judging.failed", params)


def _set_aside(file: str, fault: BaseException) -> tuple[Segment, Statement]:
    """Return the segment of a file's finding and what it says: the class and line of the fault, never its text."""
    params = {"file": Name(file), "fault": Name(type(fault).__name__)}
    segment = Segment(((_FILE, file),))
    if isinstance(fault, MissingTableError):
        return segment, Statement("evidence_files.no_table", {"file": Name(file)})
    line = _LINE.search(fault.where) if isinstance(fault, ConfigError) else None
    if line is None:
        return segment, Statement("evidence_files.set_aside", params)
    return segment, Statement("evidence_files.line", {**params, "line": Amount(int(line[1]))})


def _used(segment: Segment) -> CheckResult:
    params = {"file": Name(segment.as_dict()[_FILE])}
    return CheckResult(
        EVIDENCE_CHECK,
        Status.PASSED,
        Evidence.CONTRACT,
        segment=segment,
        code="evidence_files.used",
        params=params,
    )


def _name_of(path: EvidencePlace, root: Path) -> str:
    """Return the path of a file below the folder of config.yaml, without a name that could be a person's.

    A table has its setting for a name.
    """
    if not isinstance(path, Path):
        return path.name
    return shown_file(path.relative_to(root) if path.is_relative_to(root) else Path(path.name))
