"""Every scenario of the simulator, replayed. A delivery that several scenarios share is measured once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from project import Project

from ketenwacht.domain.measurement import HOURS_LATE, Snapshot
from ketenwacht.domain.result import CheckResult, JudgedRun, Status
from ketenwacht.measure import measure_lateness
from ketenwacht.pipeline import FeedContext, measure_delivery
from ketenwacht.scheduler import Work
from ketenwacht.simulate import Truth, simulate
from ketenwacht.workflows.check import check
from ketenwacht.workflows.histories import reset_replay
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.replay import replay
from ketenwacht.workflows.session import open_session

FIRST, LAST = date(2022, 1, 1), date(2022, 4, 15)
SEED = 5


@dataclass(frozen=True)
class ReplayedFeed:
    """A scenario after its replay."""

    truth: Truth
    runs: tuple[JudgedRun, ...]

    def of(self, delivery: str) -> JudgedRun:
        """The run of a delivery, or of the day on which one was due."""
        return next(run for run in self.runs if run.delivery.id in {delivery, f"due:{delivery}"})

    def bad(self) -> set[str]:
        """Names of checks that warned, failed or could not judge, in any run."""
        return {r.check for run in self.runs for r in run.results if r.status >= Status.WARNED}

    def first(self, check: str, status: Status = Status.FAILED) -> tuple[JudgedRun, CheckResult] | None:
        """The first run in which a check had this status, with its result."""
        hits = ((run, r) for run in self.runs for r in run.results if r.check == check and r.status is status)
        return next(hits, None)


class Teller:
    """Replays scenarios in a folder, and remembers what was measured."""

    def __init__(self, root: Path) -> None:
        self._root = Project.copied_to(root).root
        self._measured: dict[tuple[str | None, str, str], Snapshot] = {}
        self._told: dict[str, ReplayedFeed] = {}

    def tell(self, scenario: str, *, last: date = LAST) -> ReplayedFeed:
        """The replay of a scenario; the same one is done once."""
        if scenario not in self._told:
            truth = simulate(self._root / "var/sample", first=FIRST, last=last, seed=SEED, scenario=scenario)
            project = LoadedProject.open(self._root / "config.yaml")
            with open_session(project, None, on_warning=lambda *_: None, history=reset_replay(project)) as session:
                runs = tuple(replay(session, first=FIRST, last=last, measuring=self._measure))
            self._told[scenario] = ReplayedFeed(truth, runs)
        return self._told[scenario]

    def check(self, scenario: str, *, at: datetime) -> tuple[JudgedRun, ...]:
        """The runs of one look at the whole archive, long after the last delivery came."""
        simulate(self._root / "var/sample", first=FIRST, last=LAST, seed=SEED, scenario=scenario)
        project = LoadedProject.open(self._root / "config.yaml")
        with open_session(project, None, on_warning=lambda *_: None, history=reset_replay(project)) as session:
            return tuple(check(session, delivery=None, at=at, measuring=self._measure))

    def _measure(self, context: FeedContext, work: Sequence[Work]) -> Iterator[Snapshot]:
        for one in work:
            delivery = context.reader.verify(one.delivery) if one.delivery.read else one.delivery
            key = (
                delivery.sha256,
                delivery.id,
                repr(replace(delivery.manifest, delivery_uuid=None)) if delivery.manifest else "",
            )
            known = self._measured.get(key) if delivery.read else None
            if known is None:
                known = measure_delivery(context, one.delivery, one.moment)
                self._measured[key] = known
            kept = {k: v for k, v in known.measurements.items() if k.name != HOURS_LATE}
            shown = delivery if known.delivery.read else known.delivery
            yield replace(known, delivery=shown, measurements=kept | measure_lateness(shown, one.moment))
