"""Why an incident happened, for people: the candidates of the search for causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ketenwacht.domain.incidents import CauseSearch
from ketenwacht.domain.incidents.causes import PROBABLE
from ketenwacht.domain.statement import Amount

from .formatter import MessageFormatter
from .texts.labels_incidents import CAUSE_STRENGTH


@dataclass(frozen=True, slots=True)
class ProbableCauseView:
    """Something that changed about the onset of an incident.

    Attributes:
        code: what changed.
        text: the same in words.
        since: the day.
        strength: `probable` or `possible`.
        strength_text: the same in a word.
        fit: 0 to 1.
    """

    code: str
    text: str
    since: date
    strength: str
    strength_text: str
    fit: float


def view_search(search: CauseSearch | None, formatter: MessageFormatter) -> tuple[ProbableCauseView, ...] | None:
    """Return the candidates of a search, the best first; None: no search was made."""
    if search is None:
        return None
    found = []
    for one in search.candidates:
        strength = "probable" if one.fit >= PROBABLE else "possible"
        text, word = formatter.say(one.said).rstrip(". "), CAUSE_STRENGTH[strength][formatter.language]
        found.append(ProbableCauseView(one.said.code, text, one.since, strength, word, one.fit))
    return tuple(found)


def view_why(search: CauseSearch | None, formatter: MessageFormatter) -> str:
    """Return why an incident happened, in one line; empty: no search was made."""
    return explain_search(search, view_search(search, formatter), formatter)


def explain_search(
    search: CauseSearch | None, probable: Sequence[ProbableCauseView] | None, formatter: MessageFormatter
) -> str:
    """Return why it happened, in one line: the probable causes, then the possible ones."""
    if search is None:
        return ""
    if not probable:
        return formatter.label("incidents.why_unknown", before=Amount(float(search.before)))
    words = dict.fromkeys(one.strength_text for one in probable)
    return ". ".join(
        f"{word}: {'; '.join(one.text for one in probable if one.strength_text == word)}" for word in words
    )
