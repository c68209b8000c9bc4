"""Proposed baselines: which is approved or pinned, and so judges, and whether it still fits its check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.checks.base import Check
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.traits import tunable
from ketenwacht.errors import ConfigError
from ketenwacht.messages.report.data import BaselineEntry, Signature
from ketenwacht.store import History
from ketenwacht.store.declared import BaselineVersion
from ketenwacht.workflows.importing import Attribution
from ketenwacht.workflows.project import LoadedProject

from .calibrating import SCHEMA, settings_of


def chosen_version(history: History, feed: str, check: str, number: int | None) -> BaselineVersion:
    """One version of a baseline; None: the newest.

    Raises:
        ConfigError: there is none, or not that one.
    """
    versions = history.baselines(feed, check)
    found = [one for one in versions if number is None or one.version == number]
    if not found:
        known = ", ".join(str(one.version) for one in versions)
        mend = f"use one of: {known}" if known else "make one with `ketenwacht baseline propose`"
        raise ConfigError("--version", f"check {check} has no such baseline", mend)
    return found[-1]


def approve(
    history: History, feed: str, check: str, number: int | None, attribution: Attribution
) -> BaselineVersion:
    """Let a check use a version from its next delivery on, unless another is pinned."""
    one = chosen_version(history, feed, check, number)
    history.approve_baseline(feed, check, one.version, who=attribution.who, why=attribution.why, at=attribution.at)
    return chosen_version(history, feed, check, one.version)


def pin(history: History, feed: str, check: str, number: int, attribution: Attribution) -> BaselineVersion:
    """Use an approved version in place of any newer one."""
    one = chosen_version(history, feed, check, number)
    if one.approved is None:
        raise ConfigError("--version", f"baseline {number} is not approved", "approve it first")
    history.pin_baseline(feed, check, number, who=attribution.who, why=attribution.why, at=attribution.at)
    return chosen_version(history, feed, check, number)


def unpin(history: History, feed: str, check: str, attribution: Attribution) -> None:
    """Use the newest approved version again."""
    history.pin_baseline(feed, check, None, who=attribution.who, why=attribution.why, at=attribution.at)


def with_approved(
    rules: FeedRules, history: History, feed: str, on_warning: Callable[[str, str], None]
) -> FeedRules:
    """The checks with their approved slacks and thresholds; a threshold that the checks file sets goes first.

    Args:
        rules: as configured.
        history: where baselines were approved.
        feed: name of the feed.
        on_warning: called with a check whose approved baseline no longer fits, and why.
    """
    return replace(rules, checks=tuple(_with_threshold(c, history, feed, on_warning) for c in rules.checks))


def _with_threshold(check: Check, history: History, feed: str, on_warning: Callable[[str, str], None]) -> Check:
    if not tunable(check) or check.threshold is not None:
        return check
    approved = history.approved_baseline(feed, check.name)
    if approved is None:
        return check
    if not fits(approved.body, check):
        on_warning(
            check.name,
            f"baseline {approved.version} was calibrated for other settings, so it is not used: propose a new one",
        )
        return check
    return replace(check, threshold=float(approved.body["threshold"]), slack=float(approved.body["slack"]))


def fits(body: Mapping[str, Any], check: Check) -> bool:
    """Whether a baseline was made for a check as it is configured now."""
    made_for = (body.get("schema"), body.get("kind"), body.get("settings"))
    return made_for == (SCHEMA, check.kind, settings_of(check))


def shown_baselines(
    project: LoadedProject, feed: Feed, versions: Sequence[BaselineVersion]
) -> tuple[BaselineEntry, ...]:
    """Versions as they are told: which of them judges now, and which no longer fits its check.

    Raises:
        StoreError: the configured history cannot be read.
    """
    checks = {check.name: check for check in load_rules(feed, project.root).checks}
    used: dict[str, int | None] = {}
    with project.history(create=False) as history:
        for name in {one.check for one in versions}:
            approved = history.approved_baseline(feed.name, name)
            used[name] = approved.version if approved is not None else None
    return tuple(_shown(one, checks.get(one.check), used[one.check]) for one in versions)


def _shown(one: BaselineVersion, check: Check | None, used: int | None) -> BaselineEntry:
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
