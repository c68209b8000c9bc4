"""What `make demo` shows besides the replay: a lost acknowledgement, an exact digest, and the cause."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ketenwacht.domain.feed import Feed, FileSource
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.statement import Serial
from ketenwacht.reconcile import RegisterFile, load_delivered_persons, open_registered_persons
from ketenwacht.reconcile.exact import (
    NONCE_BYTES,
    ExactDigest,
    ExactTerms,
    SparseCellError,
    choose_cells,
    compare_exact,
    make_exact,
)
from ketenwacht.reconcile.lists import write_missing
from ketenwacht.simulate import simulate
from ketenwacht.workflows.contexts import build_context, synthetic_keys
from ketenwacht.workflows.intake import open_intake
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.reconciliation import IN_MEMORY
from ketenwacht.workflows.register_snapshots import RegisterSnapshot
from ketenwacht.workflows.replay import run_replay

_LOST_FIRST, _LOST_LAST = date(2022, 1, 1), date(2022, 3, 15)
_SATURDAY = 5
_TRIES = 40


@dataclass(frozen=True, slots=True)
class LostAcknowledgement:
    """An acknowledgement that was lost on purpose.

    Attributes:
        delivery: the delivery that the sender's check named; empty: it named none.
        found: the day on which it did so; None: it did not.
        working_days: from the delivery to that day.
    """

    delivery: str
    found: date | None
    working_days: int


def find_lost_acknowledgement(
    config: Path, sample: Path, folder: Path, *, seed: int, progress: Callable[[int, int], None]
) -> LostAcknowledgement:
    """Simulate a feed of which one acknowledgement never comes, replay it, and return when that was found.

    Args:
        config: config.yaml.
        sample: the folder that its paths begin with, for which `folder` is taken.
        folder: for the simulated feed and the history.
        seed: of the simulation.
        progress: called with how many deliveries are done, and how many there are.

    Raises:
        ConfigError: a setting is wrong.
        StoreError: the history cannot be written.
    """
    simulate(folder, first=_LOST_FIRST, last=_LOST_LAST, seed=seed, scenario="acknowledgement-lost")
    opened = LoadedProject.open(config, overrides=(f"history=sqlite:///{folder}/history.db",))
    feeds = {name: move_feed(feed, sample, folder) for name, feed in opened.settings.feeds.items()}
    project = replace(opened, settings=replace(opened.settings, feeds=feeds))
    told = run_replay(
        project,
        None,
        first=_LOST_FIRST,
        last=_LOST_LAST,
        each=lambda _: None,
        progress=progress,
        on_warning=lambda *_: None,
        write=lambda _: None,
    )
    overdue = [one for one in told.replay.incidents if one.said.code == "acknowledgement.overdue"]
    if not overdue:
        return LostAcknowledgement("", None, 0)
    first = min(overdue, key=lambda one: one.opened_at)
    found = first.opened_at.astimezone(project.zone).date()
    deliveries = build_context(project, project.feed(None)).find(first.opened_at)
    sent = next(one for one in deliveries if _names(first, one.id))
    days = sum(
        (sent.period + timedelta(days=n)).weekday() < _SATURDAY for n in range(1, (found - sent.period).days + 1)
    )
    return LostAcknowledgement(sent.id, found, days)


def move_feed(feed: Feed, old: Path, new: Path) -> Feed:
    """Return the feed with every path below one folder moved to another."""

    def moved(path: Any) -> Any:  # noqa: ANN401 - what is no path stays as it is
        inside = isinstance(path, str) and path.startswith(f"{old}/")
        return f"{new}{path.removeprefix(str(old))}" if inside else path

    evidence, source = feed.evidence, feed.source
    return replace(
        feed,
        source=replace(source, path=moved(source.path)) if isinstance(source, FileSource) else source,
        evidence=replace(
            evidence,
            references=tuple(map(moved, evidence.references)),
            inquiries=tuple(map(moved, evidence.inquiries)),
            hops={
                name: replace(hop, counts=tuple(map(moved, hop.counts)), receipts=tuple(map(moved, hop.receipts)))
                for name, hop in evidence.hops.items()
            },
            register=replace(evidence.register, path=moved(evidence.register.path)) if evidence.register else None,
        ),
    )


def _names(finding: Finding, delivery: str) -> bool:
    """Return whether a finding names a delivery by its number."""
    named = finding.said.params.get("deliveries", ())
    runs = named if isinstance(named, tuple) else (named,)
    return any(isinstance(one, Serial) and one.first <= int(delivery) <= one.last for one in runs)


@dataclass(frozen=True, slots=True)
class DigestFound:
    """What an exact digest of a register found, beside a reconciliation with that register.

    Attributes:
        size: of the digest, in bytes.
        missing: persons whom the digest found missing.
        same: whether these are exactly those of the reconciliation.
    """

    size: int
    missing: int
    same: bool


def compare_by_digest(project: LoadedProject, register: Path, day: date, *, at: datetime) -> DigestFound:
    """Compare a register with everything delivered by exact digest, and by reconciliation.

    Args:
        project: the configuration; its only feed has a register.
        register: the file.
        day: its reference date.
        at: now (UTC).

    Raises:
        ConfigError: so many differ that a digest is no use, or the register cannot be used.
    """
    feed = project.feed(None)
    context = build_context(project, feed)
    with project.history(IN_MEMORY) as nowhere, open_intake(project, context, nowhere, lambda *_: None) as intake:
        delivered, sides, terms = intake.sides(RegisterSnapshot(day, register), context.find(at), at)
        until = day - terms.sla - timedelta(days=1)
        bare = RegisterFile(path=register, columns=sides.columns)
        nobody = synthetic_keys(project, feed)
        with (
            TemporaryDirectory() as folder,
            open_registered_persons(bare, intake.keys, excluded=nobody) as persons,
        ):
            ours, path = load_delivered_persons(delivered, day), Path(folder) / "register.exact"
            for _ in range(_TRIES):
                agreed = ExactTerms(feed.name, persons.key_id, until, secrets.token_hex(NONCE_BYTES))
                with suppress(SparseCellError):
                    made = make_exact(persons, agreed, choose_cells(persons.count(until), None))
                    size = made.write(path, intake.keys)
                    found = compare_exact(ours, ExactDigest.read(path, intake.keys))
                    if found.complete:
                        break
            selected, parameters = persons.select_exact_ids(until, agreed.purpose)
            named = f"SELECT exact_id, pseudonym FROM {selected}"  # noqa: S608 - our own names
            names = dict(persons.connection.execute(named, parameters).fetchall())
            listed = Path(folder) / "missing.csv"
            write_missing(delivered, sides, terms, listed)
            lines = listed.read_text(encoding="utf-8").splitlines()[1:]
    by_list = {int(line.partition(":")[2][:32], 16) for line in lines}
    same = found.complete and {names[one] for one in found.missing} == by_list
    return DigestFound(size, len(found.missing), same)
