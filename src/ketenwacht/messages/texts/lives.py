"""The words for the life of an incident: its states, its events, and what a thread is told of them."""

from __future__ import annotations

from ketenwacht.domain.finding import Severity, State
from ketenwacht.domain.findings.reasons import Reason

from .base import Texts

SEVERITY: dict[Severity, Texts] = {
    Severity.LOW: {"nl": "laag", "en": "low"},
    Severity.MEDIUM: {"nl": "midden", "en": "medium"},
    Severity.HIGH: {"nl": "hoog", "en": "high"},
    Severity.CRITICAL: {"nl": "kritiek", "en": "critical"},
}

# `opened` and `ended` are days.
STATE: dict[State, Texts] = {
    State.OPEN: {"nl": "open sinds {opened}", "en": "open since {opened}"},
    State.ACKNOWLEDGED: {
        "nl": "in behandeling, open sinds {opened}",
        "en": "acknowledged, open since {opened}",
    },
    State.RESOLVED: {
        "nl": "hersteld op {ended}, open sinds {opened}",
        "en": "resolved on {ended}, open since {opened}",
    },
    State.CLOSED: {
        "nl": "gesloten, hersteld op {ended}, open sinds {opened}",
        "en": "closed, resolved on {ended}, open since {opened}",
    },
}

# What a thread is told, by the reason of the notice. `before` says what was told last of a number that grew.
CHANGE: dict[Reason, Texts] = {
    Reason.OPENED: {"nl": "Nieuw, {where}: {what}", "en": "New, {where}: {what}"},
    Reason.REOPENED: {"nl": "Terug van weggeweest, {where}: {what}", "en": "It is back, {where}: {what}"},
    Reason.NATURE_CHANGED: {
        "nl": "Anders dan eerst gedacht, nu '{nature}', {where}: {what}",
        "en": "Not what it seemed, now '{nature}', {where}: {what}",
    },
    Reason.UNGROUPED: {"nl": "Blijft over, {where}: {what}", "en": "This remains, {where}: {what}"},
    Reason.STABLE: {
        "nl": "Wisselt niet meer en is er nog, {where}: {what}",
        "en": "No longer up and down, and still there, {where}: {what}",
    },
    Reason.FLAPPING: {
        "nl": "Gaat op en neer, {where}: {check}. Stil tot het stabiel is, tenzij het ernstiger wordt.",
        "en": "It goes up and down, {where}: {check}. Silent until stable, unless it gets worse.",
    },
    Reason.SEVERITY_GREW: {
        "nl": "Ernstiger, nu {severity}, {where}: {what}{before}",
        "en": "Worse, now {severity}, {where}: {what}{before}",
    },
    Reason.SHORTFALL_GREW: {
        "nl": "Het loopt op, {where}: {what}{before}",
        "en": "It is growing, {where}: {what}{before}",
    },
    Reason.SNOOZE_BROKEN: {
        "nl": "De stilte is doorbroken, want het loopt op, {where}: {what}{before}",
        "en": "The snooze is broken because it is growing, {where}: {what}{before}",
    },
    Reason.SNOOZE_EXPIRED: {
        "nl": "De stilte is voorbij en het is er nog, {where}: {what}",
        "en": "The snooze is over and it is still there, {where}: {what}",
    },
    Reason.RECOVERED: {
        "nl": "Hersteld, {where}: {check}, van {opened} tot {resolved}.",
        "en": "Recovered, {where}: {check}, from {opened} until {resolved}.",
    },
    Reason.ACKNOWLEDGED: {
        "nl": "In behandeling bij {actor}, {where}: {check}.",
        "en": "Acknowledged by {actor}, {where}: {check}.",
    },
    Reason.SNOOZED: {
        "nl": "{actor} vraagt stilte tot {until}, {where}: {check}. Reden: {why}",
        "en": "{actor} asks for silence until {until}, {where}: {check}. Reason: {why}",
    },
    Reason.RESOLVED_BY_HAND: {
        "nl": "{actor} meldt dit als opgelost, {where}: {check}.",
        "en": "{actor} says this is resolved, {where}: {check}.",
    },
}

# What a life consists of, by the reason of the event.
EVENT: dict[Reason, Texts] = {
    Reason.OPENED: {"nl": "geopend", "en": "opened"},
    Reason.REOPENED: {"nl": "heropend", "en": "reopened"},
    Reason.RECOVERED: {"nl": "hersteld", "en": "recovered"},
    Reason.RESOLVED_BY_HAND: {"nl": "als opgelost gemeld", "en": "resolved by hand"},
    Reason.ACKNOWLEDGED: {"nl": "in behandeling genomen", "en": "acknowledged"},
    Reason.CLOSED_QUIET: {"nl": "gesloten, want het bleef stil", "en": "closed, since it stayed quiet"},
    Reason.SUPERSEDED: {"nl": "gesloten, want er kwam een nieuw probleem", "en": "closed for a new incident"},
    Reason.SNOOZED: {"nl": "stilte gevraagd", "en": "snoozed"},
    Reason.SNOOZE_EXPIRED: {"nl": "stilte voorbij", "en": "snooze over"},
    Reason.SNOOZE_BROKEN: {"nl": "stilte doorbroken", "en": "snooze broken"},
    Reason.SEVERITY_GREW: {"nl": "ernstiger geworden", "en": "severity grew"},
    Reason.SHORTFALL_GREW: {"nl": "tekort opgelopen", "en": "shortfall grew"},
    Reason.NATURE_CHANGED: {"nl": "anders dan eerst gedacht", "en": "not what it seemed"},
    Reason.FLAPPING: {"nl": "gaat op en neer", "en": "flapping"},
    Reason.STABLE: {"nl": "weer stabiel", "en": "stable again"},
    Reason.GROUPED: {"nl": "deel van een groter probleem", "en": "part of a wider problem"},
    Reason.UNGROUPED: {
        "nl": "niet langer deel van een groter probleem",
        "en": "no longer part of a wider problem",
    },
}
