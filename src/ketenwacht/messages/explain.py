"""Why an incident is there and what happened to it: the answer to the button and the command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.incident import Event, Incident
from ketenwacht.domain.incidents import Reason
from ketenwacht.domain.incidents.values import SYSTEM

from . import texts
from .words import MAX_NAME, Words, cut

MAX_EVENTS = 12


def explain(
    incident: Incident, events: Sequence[Event], *, feed: Feed, alerting: Alerting, zone: tzinfo = UTC
) -> tuple[str, ...]:
    """Lines: what is wrong, where, the evidence, what it means and what to do; then the newest events.

    Args:
        incident: as it is now.
        events: all that happened to it, oldest first.
        feed: names of sender and receiver.
        alerting: language and notes.
        zone: for moments in texts.
    """
    words = Words(feed, alerting, zone)
    problem = words.problem(incident)
    answers = ("what", "where", "evidence", "meaning", "action")
    lines = [f"{words.phrase(name)}: {getattr(problem, name)}" for name in answers]
    return (*lines, *(_event(words, event) for event in events[-MAX_EVENTS:]))


def _event(words: Words, event: Event) -> str:
    known = {reason.value: reason for reason in texts.EVENT}
    reason: Reason | None = known.get(event.reason)
    said = texts.EVENT[reason][words.language] if reason is not None else event.reason
    who = "" if event.actor == SYSTEM else f", {cut(event.actor, MAX_NAME)}"
    return f"{words.moment(event.at)}: {said}{who}"
