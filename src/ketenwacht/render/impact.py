"""What it means that persons are missing, in English words: where they are, and which terms run for them."""

from __future__ import annotations

from ketenwacht.domain.impact import Impact, Running
from ketenwacht.domain.privacy import SMALL_COUNT, shown_missing
from ketenwacht.messages.formatter import MessageFormatter

from .words import clean, plural, segment_words

_MOST_PARTS = 5


def impact_lines(impact: Impact | None) -> list[str]:
    """Where the missing are, and a line a term; nothing when nobody is, or nothing counted it."""
    if impact is None or impact.count == 0:
        return []
    return [*_places(impact), *(term_words(term) for term in impact.terms)]


def _places(impact: Impact) -> list[str]:
    if not impact.parts:
        return []
    named = [
        f"{segment_words(part)} {shown_missing(n)}" for part, n in impact.most(_MOST_PARTS, small=SMALL_COUNT)
    ]
    by = " and ".join(map(clean, impact.by))
    most = f"most in {', '.join(named)}" if named else f"in none of them as many as {SMALL_COUNT}"
    return [f"missing in {plural(len(impact.parts), 'part')} by {by}; {most}"]


def term_words(term: Running) -> str:
    """How one term stands."""
    told = (
        (term.passed, "passed"),
        (term.soon, "ends within four weeks"),
        (term.waiting, "begins on delivery"),
        (term.overdue, "delivered in time it would have passed"),
    )
    said = ", ".join(f"{words} for {shown_missing(n)}" for n, words in told if n > 0)
    name = clean(MessageFormatter().text(term.clock.name))
    return f"{name} ({plural(term.clock.term.days, 'day')}): {said or 'not at risk yet'}"
