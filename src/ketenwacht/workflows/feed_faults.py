"""What becomes of a feed that cannot be judged: a finding of its own, and every other feed goes on.

Whatever goes wrong while one feed is judged is a fault of that feed: a setting that cannot be read, a hung source,
a plug-in that exits, a defect of ours. The finding says its class and place, never its text, which may quote a
value. The first look that succeeds ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings import advance
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.statement import Codes, Name, Statement
from ketenwacht.errors import ConcurrentUpdate, DeliveryError, place_of
from ketenwacht.messages import compose
from ketenwacht.store import History

from . import clock
from .project import LoadedProject

CHECK = "judging"
"""The name under which the finding stands, as if it were a check of the feed."""
CODES: Codes = {
    "judging.failed": {"fault": Name, "place": Name},
    "judging.source": {"problem": Statement},
    "judging.old_settings": {"fault": Name, "place": Name},
    "judging.works": {},
}
"""What is said of a feed that cannot be judged, or can be again; see `statement.Codes`."""


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
            self._apply(result, live, at)

    def record_recovery(self, at: datetime) -> None:
        """End the finding of a feed that was judged again; nothing without one.

        Raises:
            StoreError: the history cannot be written.
        """
        live = [finding for finding in self._live() if finding.active]
        if live:
            result = CheckResult(CHECK, Status.PASSED, Evidence.CONTRACT, code="judging.works", params={})
            self._apply(result, live, at)

    def _live(self) -> list[Finding]:
        standing = self.history.findings.find(self.feed.name)
        return [finding for finding in standing if finding.fingerprint.check == CHECK]

    def _apply(self, result: CheckResult, live: list[Finding], at: datetime) -> None:
        project, alerting, name = self.project, self.project.settings.alerts, self.feed.name
        day = at.astimezone(project.zone).date()
        step = advance(
            {finding.fingerprint: finding for finding in live},
            (result,),
            delivery=Delivery(name, f"{CHECK}:{at.isoformat()}", day, arrived_at=at),
            policy=alerting.policy,
            at=at,
            new_id=clock.new_id,
        )
        changed = {finding.id: finding for finding in step.incidents}
        standing = [finding for finding in self.history.findings.find(name) if finding.id not in changed]
        alerts = compose(
            step.notices,
            [*standing, *changed.values()],
            feed=self.feed,
            alerting=alerting,
            formatter=project.formatter(language=alerting.language),
            key=f"{CHECK}/{name}/{at.isoformat()}",
            at=at,
        )
        try:
            with self.history.transaction() as work:
                work.findings.save(step.incidents, step.events, based_on=live)
                work.outbox.add(alerts)
        except ConcurrentUpdate:
            return  # somebody acted on it meanwhile: the next look tells it


def _statement(fault: BaseException, *, old_settings: bool) -> Statement:
    if isinstance(fault, DeliveryError) and isinstance(fault.statement, Statement):
        return Statement("judging.source", {"problem": fault.statement})
    params = {"fault": Name(type(fault).__name__), "place": Name(place_of(fault))}
    return Statement("judging.old_settings" if old_settings else "judging.failed", params)
