"""Which incidents speak for others: a containing segment that fails the same check groups what is in it."""

from __future__ import annotations

from dataclasses import replace

from ketenwacht.domain.incident import Incident

from .reasons import Reason
from .values import Book


def group(book: Book) -> None:
    """Give every active incident its parent, or take away one that no longer speaks for it."""
    active = [incident for incident in book.walk() if incident.active]
    families: dict[str, list[Incident]] = {}
    for incident in active:
        families.setdefault(incident.fingerprint.check, []).append(incident)
    for incident in active:
        parent = _parent(incident, families[incident.fingerprint.check])
        if parent == incident.parent:
            continue
        reason = Reason.GROUPED if parent is not None else Reason.UNGROUPED
        book.record(incident.state, replace(incident, parent=parent), reason, parent or incident.parent or "")


def _parent(incident: Incident, family: list[Incident]) -> str | None:
    """Id of the widest incident that contains this one and is at least as bad, of the same nature."""
    segment = incident.fingerprint.segment
    speakers = [
        other
        for other in family
        if other.fingerprint.segment != segment
        and other.fingerprint.segment.contains(segment)
        and len(other.fingerprint.segment.pairs) < len(segment.pairs)
        and other.nature is incident.nature
        and other.severity >= incident.severity
    ]
    widest = min(speakers, key=lambda i: (len(i.fingerprint.segment.pairs), i.fingerprint), default=None)
    return widest.id if widest is not None else None
