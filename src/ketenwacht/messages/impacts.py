"""What it means that persons are missing, as an alert may say it: coarsely, and without small numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketenwacht.domain.impact import Impact, Running

if TYPE_CHECKING:
    from .words import Words

MAX_PARTS = 3


def impact_phrase(words: Words, impact: Impact | None) -> str:
    """Where the missing are and which terms run for them; nothing of so few that it would point at them."""
    if impact is None or impact.count < words.alerting.small_count:
        return ""
    said = [_places(words, impact), *(_term(words, term) for term in impact.terms)]
    return " ".join(part for part in said if part)


def _places(words: Words, impact: Impact) -> str:
    if not impact.parts:
        return ""
    largest = impact.most(MAX_PARTS, small=words.alerting.small_count)
    named = ", ".join(f"{words.segment(part)} ({words.persons(count)})" for part, count in largest)
    return words.phrase(
        "places",
        places=len(impact.parts),
        by=words.name(", ".join(impact.by)),
        most=words.phrase("places_most", most=named) if named else "",
    )


def _term(words: Words, term: Running) -> str:
    stands = ", ".join(
        words.phrase(f"term_{how}", count=words.persons(count))
        for how, count in (
            ("passed", term.passed),
            ("soon", term.soon),
            ("waiting", term.waiting),
            ("overdue", term.overdue),
        )
        if count > 0
    )
    if not stands:
        return ""
    return words.phrase("term", name=words.name(term.clock.name), days=term.clock.term.days, stands=stands)
