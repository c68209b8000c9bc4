"""What time alone does to incidents: snoozes end, and what stayed quiet is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ketenwacht.domain.incident import Fingerprint, Incident, State
from ketenwacht.domain.policy import Policy

from .grouping import group
from .reasons import Reason
from .telling import tell
from .values import Advance, Book


def sweep(live: Mapping[Fingerprint, Incident], *, policy: Policy, at: datetime) -> Advance:
    """End snoozes and close incidents that stayed quiet; pure, and a second sweep changes nothing.

    `advance` does this too; a scheduler calls it for the days on which nothing is delivered.
    """
    book = Book.of(live, at)
    end_snoozes(book)
    close_quiet(book, policy)
    group(book)
    return book.done(tell(book, policy))


def end_snoozes(book: Book) -> None:
    """Take away every snooze whose time is over."""
    for incident in book.walk():
        if incident.snooze is not None and incident.snooze.until <= book.at:
            book.record(incident.state, replace(incident, snooze=None), Reason.SNOOZE_EXPIRED)


def close_quiet(book: Book, policy: Policy) -> None:
    """Close every resolved incident that stayed quiet."""
    for incident in book.walk():
        if quiet_enough(incident, policy, book.at):
            gone = replace(incident, state=State.CLOSED, closed_at=book.at, snooze=None)
            book.record(incident.state, gone, Reason.CLOSED_QUIET)


def quiet_enough(incident: Incident, policy: Policy, at: datetime) -> bool:
    """Whether a resolved incident may be closed.

    Besides the time, a few healthy deliveries in a row are asked for: with one delivery a day, a problem that
    comes and goes would otherwise be a new incident each time, and never be seen to flap.
    """
    if incident.state is not State.RESOLVED or incident.resolved_at is None:
        return False
    quiet_for = at - incident.resolved_at
    last = incident.flips[-policy.settled :]
    settled = len(last) == policy.settled and not any(last) and not policy.flapping(incident)
    return (quiet_for > policy.reopen and settled) or quiet_for > policy.forget
