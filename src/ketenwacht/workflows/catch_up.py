"""Plan a catch-up: spread the missing persons over weeks that the receiver can process."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from ketenwacht.domain.catchup import PLAN_CLOCK, CatchUpPlan, Clock, plan
from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.errors import ConfigError
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views_evidence import CatchUpView
from ketenwacht.reconcile import reconcile
from ketenwacht.reconcile.delivered import measure_weekly_load
from ketenwacht.reconcile.tables import private_file
from ketenwacht.render.charts import catchup_svg
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.reconciliation import ReconciliationOptions, open_reconciliation

MOST = 1000
"""No receiver processes more normal weeks in one."""


@dataclass(frozen=True, slots=True)
class CatchUp:
    """A schedule of redelivery, and what it is based on.

    Attributes:
        feed: of which feed.
        whole: the comparison that says who is missing.
        by: columns that the backlog is spread by.
        multiple: of its normal week, at most, for each of them.
        plan: the schedule.
    """

    feed: str
    whole: ReconciliationCount
    by: tuple[str, ...]
    multiple: float
    plan: CatchUpPlan


def plan_catch_up(  # noqa: PLR0913 - what is compared, and how the missing are spread
    project: LoadedProject,
    feed: str | None,
    options: ReconciliationOptions,
    *,
    by: tuple[str, ...],
    multiple: float,
    start: date,
    clocks: Sequence[Clock] = (PLAN_CLOCK,),
    at: datetime,
    on_warning: Callable[[str, str], None],
) -> CatchUp:
    """Compare a register, and spread the missing over weeks, oldest decision first; save nothing.

    Args:
        project: the configuration.
        feed: name of the feed; None: the only one.
        options: the register.
        by: columns that the backlog is spread by; among those that register and deliveries share.
        multiple: what comes anyway and what is caught up are together at most this many times a normal week.
        start: first day of the first week.
        clocks: terms that run for the missing.
        at: now, UTC.
        on_warning: called with a delivery that could not be read, and why.

    Raises:
        ConfigError: the register cannot be compared, or not by these columns, or `multiple` is not 1 to `MOST`.
        DeliveryError: the register is not what it claims to be, or there is nothing to compare it with.
    """
    if not multiple >= 1.0:
        raise ConfigError("--multiple", "is below 1, so that nobody could be caught up", "give 1 or more")
    if multiple > MOST:
        raise ConfigError("--multiple", "is no multiple of a normal week", f"give 1 to {MOST}")
    with open_reconciliation(project, feed, options, kept=False, at=at, on_warning=on_warning) as reconciliation:
        delivered, register, terms = reconciliation.intake.sides(reconciliation.register, reconciliation.found, at)
        strange = [name for name in by if name not in delivered.columns.segments]
        if not by or strange:
            shared = ", ".join(delivered.columns.segments) or "none"
            raise ConfigError(
                "--by",
                f"`{', '.join(strange)}` is no column that both sides share" if by else "no column is named",
                f"use one of: {shared}",
            )
        outcome = reconcile(delivered, register, replace(terms, backlog=by))
        normal = measure_weekly_load(delivered, by, reconciliation.day, key_id=outcome.key_id)
        schedule = plan(outcome.backlog, normal, multiple=multiple, start=start, clocks=clocks)
        return CatchUp(reconciliation.context.feed.name, outcome.whole, by, multiple, schedule)


def write_schedule(catch_up: CatchUp, path: Path) -> None:
    """Write the schedule as CSV (`;`, exact counts, mode 0600), completely or not at all.

    Raises:
        ConfigError: the file cannot be written.
    """
    columns = ("week", *catch_up.by, "persons", "at_most", "oldest_decision")
    with private_file(path) as made, made.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(catch_up.plan.rows())


def write_chart(view: CatchUpView, formatter: MessageFormatter, path: Path) -> None:
    """Draw the schedule as SVG; its counts may be published.

    Raises:
        ConfigError: the file cannot be written.
    """
    drawn = catchup_svg(view, formatter)
    with private_file(path) as made:
        made.write_text(drawn, encoding="utf-8")
