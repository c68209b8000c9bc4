"""Texts of notices in the thread of an incident, by the reason of the notice."""

from __future__ import annotations

from collections.abc import Mapping

from ketenwacht.domain.incidents.changes import IncidentReason

from .base import Texts

CHANGED: Mapping[IncidentReason, Texts] = {
    IncidentReason.OPENED: {"nl": "Nieuw: {what}.", "en": "New: {what}."},
    IncidentReason.REOPENED: {"nl": "Het is terug: {what}.", "en": "It is back: {what}."},
    IncidentReason.GREW: {"nl": "Nu: {what}{before}.", "en": "Now: {what}{before}."},
    IncidentReason.SEVERITY_GREW: {
        "nl": "Ernstiger, nu {severity}: {what}{before}.",
        "en": "Worse, now {severity}: {what}{before}.",
    },
    IncidentReason.NATURE_CHANGED: {
        "nl": "Anders dan eerst gemeld ({nature}): {what}{before}.",
        "en": "Different from what was reported ({nature}): {what}{before}.",
    },
    IncidentReason.JOINED: {"nl": "Meer bewijs: {what}.", "en": "More evidence: {what}."},
    IncidentReason.MERGED: {"nl": "Gaat verder in een ander incident.", "en": "Continued in another incident."},
    IncidentReason.STOPPED: {"nl": "Het {stopped}.", "en": "It {stopped}."},
    IncidentReason.GROWS_AGAIN: {"nl": "Het groeit weer: {what}.", "en": "It grows again: {what}."},
    IncidentReason.RECOVERED: {"nl": "Hersteld. Het was: {what}.", "en": "Recovered. It was: {what}."},
    IncidentReason.CLOSED: {"nl": "Gesloten.", "en": "Closed."},
    IncidentReason.TAKEN: {"nl": "{actor} heeft dit in behandeling.", "en": "{actor} looks after this."},
    IncidentReason.ACKNOWLEDGED: {"nl": "{actor} heeft dit in behandeling.", "en": "{actor} looks after this."},
    IncidentReason.SNOOZED: {"nl": "{actor} zet dit stil: {detail}.", "en": "{actor} snoozed this: {detail}."},
    IncidentReason.SNOOZE_ENDED: {"nl": "Niet langer stil: {what}.", "en": "No longer snoozed: {what}."},
    IncidentReason.NOTED: {"nl": "{actor}: {detail}", "en": "{actor}: {detail}"},
    IncidentReason.RESOLVED_BY_HAND: {
        "nl": "{actor} meldt dit als opgelost: {detail}.",
        "en": "{actor} resolved this: {detail}.",
    },
    IncidentReason.SPLIT: {
        "nl": "{actor} heeft dit gesplitst: {detail}.",
        "en": "{actor} split this: {detail}.",
    },
    IncidentReason.MERGED_BY_HAND: {
        "nl": "{actor} heeft incidenten samengevoegd: {detail}.",
        "en": "{actor} merged incidents: {detail}.",
    },
}
"""What a thread is told; `before` says what was told last of a number that grew."""

NOTICE: Mapping[str, Texts] = {
    "unsettled": {
        "nl": "Dit wisselt steeds. U krijgt pas weer een melding als het een week rustig is of ernstiger wordt.",
        "en": "This comes and goes. The next alert follows after a week of quiet, or when it gets worse.",
    },
}
"""Other sentences of a notice."""
