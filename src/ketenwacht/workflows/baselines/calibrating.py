"""Baselines that people approve: slack and threshold proposed from a feed's own history, looked at, then used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.base import Check
from ketenwacht.domain.checks.calibration import LEAST, Tunable, Tuning, tune
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.finding import Finding
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import ExclusionWindow, Past
from ketenwacht.domain.traits import traits_of
from ketenwacht.domain.traits import tunable as follows_counts
from ketenwacht.errors import ConfigError, DeliveryError
from ketenwacht.store.declared import BaselineVersion
from ketenwacht.workflows.importing import Attribution
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.queries.history_reader import HistoryReader

SCHEMA = "ketenwacht/baseline/2"
RUNS = 100
_NOT_SETTINGS = frozenset({"name", "threshold"})


@dataclass(frozen=True, slots=True)
class DrawOptions:
    """How clean histories are drawn: how many, and from which seed."""

    runs: int
    seed: int


def tunable(project: LoadedProject, feed: Feed, name: str | None) -> tuple[Tunable, ...]:
    """The checks of a feed whose threshold is calibrated; one of them, or all.

    Raises:
        ConfigError: there is no such check.
    """
    found = tuple(check for check in load_rules(feed, project.root).checks if follows_counts(check))
    chosen = tuple(check for check in found if name is None or check.name == name)
    if not chosen:
        kinds = " or ".join(kind.kind for kind in KINDS if traits_of(kind).calibrated)
        known = ", ".join(check.name for check in found) or f"none: add a check of kind {kinds}"
        raise ConfigError("--check", f"there is no check {name or 'with a threshold'}", f"use one of: {known}")
    return chosen


def propose(
    reader: HistoryReader,
    check: Tunable,
    attribution: Attribution,
    drawing: DrawOptions,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> BaselineVersion:
    """Calibrate a check's threshold on the history that is looked at, and keep it, to be approved.

    What is learnt from may be a replay; what is kept goes into the configured history, with its datasets.

    Raises:
        DeliveryError: there is too little history.
        StoreError: the configured history cannot be written.
    """
    feed = reader.project.feed(reader.feeds[0])
    rules = load_rules(feed, reader.project.root)
    exclusions = (*rules.exclusions, *reader.history.exclusions(feed.name))
    with reader.project.history() as history:
        if reader.replayed:
            exclusions = (*exclusions, *history.exclusions(feed.name))
        past = Past.of(reader.history.snapshots(feed.name, metrics={ROWS}), exclusions)
        rng = np.random.default_rng(drawing.seed)
        tuning = tune(check, past, rules.holidays, runs=drawing.runs, rng=rng, progress=progress)
        if tuning is None:
            raise DeliveryError(
                f"{feed.name}: {len(past.snapshots)} deliveries are too few, or too few parts, to calibrate "
                f"{check.name}; it takes more than {LEAST}"
            )
        if tuning.cost.false_alarms_a_year > check.false_alarms_per_year:
            raise DeliveryError(
                f"{feed.name}: this history is too restless for {check.name}: even {tuning.cost.threshold:g} nats "
                f"give more than {check.false_alarms_per_year:g} false alarms a year; allow more, or judge by "
                "coarser segments"
            )
        troubled = _troubled(reader.history.incidents(feed.name, closed=True), tuning)
        body = _body(check, tuning, drawing, exclusions, troubled, replayed=reader.replayed)
        number = history.propose_baseline(
            feed.name, check.name, body, who=attribution.who, why=attribution.why, at=attribution.at
        )
        return next(one for one in history.baselines(feed.name, check.name) if one.version == number)


def _body(  # noqa: PLR0913 - everything the threshold rests on
    check: Tunable,
    tuning: Tuning,
    drawing: DrawOptions,
    exclusions: Sequence[ExclusionWindow],
    troubled: int,
    *,
    replayed: bool,
) -> dict[str, Any]:
    cost = tuning.cost
    return {
        "schema": SCHEMA,
        "kind": check.kind,
        "settings": settings_of(check),
        "slack": tuning.slack,
        "threshold": round(cost.threshold, 2),
        "false_alarms_a_year": round(cost.false_alarms_a_year, 3),
        "at_most": round(cost.upper, 3),
        "exposure_years": round(cost.exposure_years, 1),
        "highest_seen": round(tuning.highest, 2),
        "path": list(tuning.path),
        "curve": [[round(c.threshold, 1), round(c.false_alarms_a_year, 3)] for c in tuning.curve],
        "training": {
            "first": tuning.first.isoformat(),
            "last": tuning.last.isoformat(),
            "deliveries": tuning.deliveries,
            "masked": tuning.masked,
            "declared": len(exclusions),
            "incidents": troubled,
            "replayed": replayed,
        },
        "drift_a_week": round(tuning.drift, 4),
        "parts": [
            {"segment": t.segment.as_dict(), "members": t.members, "mean": round(t.mean, 2), "k": round(t.size, 2)}
            for t in tuning.traits
        ],
        "runs": drawing.runs,
        "seed": drawing.seed,
        "code": version("ketenwacht"),
    }


def _troubled(incidents: Sequence[Finding], tuning: Tuning) -> int:
    """Incidents about missing persons that lived in the stretch that was learnt from."""
    return sum(
        incident.missing is not None
        and incident.missing.value > 0
        and incident.missing.since <= tuning.last
        and (incident.resolved_at is None or incident.resolved_at.date() >= tuning.first)
        for incident in incidents
    )


def settings_of(check: Check) -> dict[str, Any]:
    """What a threshold was calibrated for: with other settings it says nothing."""
    kept = {name: value for name, value in asdict(check).items() if name not in _NOT_SETTINGS}  # type: ignore[call-overload]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}
