"""Propose slack and threshold from a feed's own history, for people to examine and approve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any, Protocol

import numpy as np

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.check_traits import traits_of
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.base import Check
from ketenwacht.domain.checks.calibration import LEAST, Tunable, Tuning, is_tunable, tune
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import ExclusionWindow, Past
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.stats.season import CalendarTerms
from ketenwacht.errors import ConfigError, DeliveryError, format_count
from ketenwacht.messages.report.data import BaselineEntry, Signature
from ketenwacht.store import History
from ketenwacht.store.declarations import BaselineVersion
from ketenwacht.workflows.histories import HistoryReader
from ketenwacht.workflows.outside_evidence import Attribution
from ketenwacht.workflows.project import LoadedProject

SCHEMA = "ketenwacht/baseline/3"
_NOT_SETTINGS = frozenset({"name", "threshold"})


@dataclass(frozen=True, slots=True)
class DrawOptions:
    """How many clean histories to draw, and from which seed."""

    runs: int
    seed: int


def tunable_checks(project: LoadedProject, feed: Feed, name: str | None) -> tuple[Tunable, ...]:
    """Return the checks of a feed whose threshold is calibrated: all, or the named one.

    Raises:
        ConfigError: there is no such check.
    """
    found = tuple(check for check in load_rules(feed, project.root).checks if is_tunable(check))
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
    """Calibrate a check's threshold on an open history, and save the proposal to be approved.

    The history to learn from may be a replay; the configured history keeps the proposal.

    Raises:
        DeliveryError: there is too little history.
        StoreError: the configured history cannot be written.
    """
    feed = reader.project.feed(reader.feeds[0])
    rules = load_rules(feed, reader.project.root)
    exclusions = (*rules.exclusions, *reader.history.exclusions.find(feed.name))
    with reader.project.history() as history:
        if reader.replayed:
            exclusions = (*exclusions, *history.exclusions.find(feed.name))
        past = Past.of(reader.history.runs.find_snapshots(feed.name, metrics={ROWS}), exclusions)
        rng = np.random.default_rng(drawing.seed)
        tuning = tune(
            check,
            past,
            CalendarTerms(rules.holidays, rules.periods),
            runs=drawing.runs,
            rng=rng,
            progress=progress,
        )
        if tuning is None:
            raise DeliveryError(
                f"{feed.name}: {format_count(len(past.snapshots), 'delivery is', 'deliveries are')} too few, "
                f"too restless or too few parts to calibrate {check.name}; it takes more than {LEAST}"
            )
        troubled = _count_troubled(reader.history.findings.find(feed.name, closed=True), tuning)
        body = _make_body(check, tuning, drawing, exclusions, troubled, replayed=reader.replayed)
        number = history.baselines.propose(
            feed.name, check.name, body, who=attribution.who, why=attribution.why, at=attribution.at
        )
        return next(one for one in history.baselines.find(feed.name, check.name) if one.version == number)


def _make_body(  # noqa: PLR0913 - everything the threshold rests on
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


def _count_troubled(incidents: Sequence[Finding], tuning: Tuning) -> int:
    """Count incidents about missing persons within the days to learn from."""
    return sum(
        incident.missing is not None
        and incident.missing.value > 0
        and incident.missing.since <= tuning.last
        and (incident.resolved_at is None or incident.resolved_at.date() >= tuning.first)
        for incident in incidents
    )


def settings_of(check: Check) -> dict[str, Any]:
    """Return the settings that a threshold was calibrated for; for other settings it is void."""
    kept = {name: value for name, value in asdict(check).items() if name not in _NOT_SETTINGS}  # type: ignore[call-overload]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}


# Proposed baselines: which is approved or pinned, and so judges, and whether it still fits its check.


def select_version(history: History, feed: str, check: str, number: int | None) -> BaselineVersion:
    """Return one version of a baseline; None: the newest.

    Raises:
        ConfigError: there is none, or not that one.
    """
    versions = history.baselines.find(feed, check)
    found = [one for one in versions if number is None or one.version == number]
    if not found:
        known = ", ".join(str(one.version) for one in versions)
        mend = f"use one of: {known}" if known else "make one with `ketenwacht baseline propose`"
        raise ConfigError("--version", f"check {check} has no such baseline", mend)
    return found[-1]


def approve(
    history: History, feed: str, check: str, number: int | None, attribution: Attribution
) -> BaselineVersion:
    """Let a check use a version from its next delivery on, unless another one is pinned."""
    one = select_version(history, feed, check, number)
    history.baselines.approve(
        feed, check, one.version, who=attribution.who, why=attribution.why, at=attribution.at
    )
    return select_version(history, feed, check, one.version)


def pin(history: History, feed: str, check: str, number: int, attribution: Attribution) -> BaselineVersion:
    """Use an approved version instead of any newer one."""
    one = select_version(history, feed, check, number)
    if one.approved is None:
        raise ConfigError("--version", f"baseline {number} is not approved", "approve it first")
    history.baselines.pin(feed, check, number, who=attribution.who, why=attribution.why, at=attribution.at)
    return select_version(history, feed, check, number)


def unpin(history: History, feed: str, check: str, attribution: Attribution) -> None:
    """Use the newest approved version again."""
    history.baselines.pin(feed, check, None, who=attribution.who, why=attribution.why, at=attribution.at)


def apply_approved(
    rules: FeedRules, history: History, feed: str, on_warning: Callable[[str, str], None]
) -> FeedRules:
    """Return the rules with approved slacks and thresholds; a threshold in the checks file takes precedence.

    Args:
        rules: as configured.
        history: where baselines were approved.
        feed: name of the feed.
        on_warning: called with a check whose approved baseline no longer fits, and why.
    """
    return apply_baselines(rules, lambda check: history.baselines.find_approved(feed, check), on_warning)


class _Approved(Protocol):
    """A baseline that was approved: of a history, or of a measurement file."""

    @property
    def version(self) -> int: ...

    @property
    def body(self) -> Mapping[str, Any]: ...


def apply_baselines(
    rules: FeedRules, find: Callable[[str], _Approved | None], on_warning: Callable[[str, str], None]
) -> FeedRules:
    """Return the rules with the slack and threshold that `find` returns for a check; see `apply_approved`."""
    return replace(rules, checks=tuple(_apply_threshold(c, find, on_warning) for c in rules.checks))


def _apply_threshold(
    check: Check, find: Callable[[str], _Approved | None], on_warning: Callable[[str, str], None]
) -> Check:
    if not is_tunable(check) or check.threshold is not None:
        return check
    approved = find(check.name)
    if approved is None:
        return check
    if approved.body.get("schema") != SCHEMA:
        on_warning(
            check.name,
            f"baseline {approved.version} was calibrated by an earlier release, so it is not used: slack and "
            "threshold follow from the feed's own forecast errors",
        )
        return check
    if not fits(approved.body, check):
        on_warning(
            check.name,
            f"baseline {approved.version} was calibrated for other settings, so it is not used: propose a new one",
        )
        return check
    return replace(check, threshold=float(approved.body["threshold"]), slack=float(approved.body["slack"]))


def fits(body: Mapping[str, Any], check: Check) -> bool:
    """Return whether a baseline was made for a check as it is configured now."""
    made_for = (body.get("schema"), body.get("kind"), body.get("settings"))
    return made_for == (SCHEMA, check.kind, settings_of(check))


def describe_baselines(
    project: LoadedProject, feed: Feed, versions: Sequence[BaselineVersion]
) -> tuple[BaselineEntry, ...]:
    """Return versions for display: which one judges now, and which no longer fits its check.

    Raises:
        StoreError: the configured history cannot be read.
    """
    checks = {check.name: check for check in load_rules(feed, project.root).checks}
    used: dict[str, int | None] = {}
    with project.history(create=False) as history:
        for name in {one.check for one in versions}:
            approved = history.baselines.find_approved(feed.name, name)
            used[name] = approved.version if approved is not None else None
    return tuple(_describe(one, checks.get(one.check), used[one.check]) for one in versions)


def _describe(one: BaselineVersion, check: Check | None, used: int | None) -> BaselineEntry:
    fitting = check is not None and fits(one.body, check)
    own = getattr(check, "threshold", None) is not None  # what the checks file says goes first
    state = "pinned" if one.pinned else "approved" if one.approved is not None else "proposed"
    signed = one.approved
    return BaselineEntry(
        one.check,
        one.version,
        state if fitting else "outdated",
        used=fitting and not own and one.version == used,
        proposed=Signature(one.proposed.who, one.proposed.why, one.proposed.at),
        approved=Signature(signed.who, signed.why, signed.at) if signed is not None else None,
        body=one.body,
    )
