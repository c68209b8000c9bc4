"""Other texts of messages, forms and digests, by name."""

from __future__ import annotations

from ketenwacht.domain.findings.finding import Nature, Reason, Severity

from .base import Texts

PHRASE: dict[str, Texts] = {
    "headline": {
        "nl": "{title}, levering van {period}: {worst}, ernst {severity}",
        "en": "{title}, delivery of {period}: {worst}, severity {severity}",
    },
    "archive": {
        "nl": "{title}, eerste beoordeling: {count:incident|incidenten} open",
        "en": "{title}, first look: {count:incident|incidents} open",
    },
    "archive_next": {
        "nl": "U krijgt van elk een eigen bericht zodra er iets verandert.",
        "en": "Each gets a message of its own when something changes.",
    },
    "continued": {"nl": "{incident} gaat verder in {into}", "en": "{incident} is continued in {into}"},
    "over": {"nl": "Voorbij: {title}", "en": "Over: {title}"},
    "state": {"nl": "{state}, gevonden op {day}", "en": "{state}, found on {day}"},
    "heard": {"nl": " (eerder gemeld: {count})", "en": " (reported before: {count})"},
    "responsible": {"nl": "Verantwoordelijk: {party}; {owner}.", "en": "Responsible: {party}; {owner}."},
    "ask_since": {"nl": "Sinds", "en": "Since"},
    "ask_sure": {"nl": "Hoe zeker", "en": "How sure"},
    "ask_why": {"nl": "Oorzaak", "en": "Why"},
    "ask_apart": {"nl": "Past er niet bij", "en": "Does not fit"},
    "ask_means": {"nl": "Betekenis", "en": "What it means"},
    "ask_when": {"nl": "Voor wanneer", "en": "By when"},
    "ask_do": {"nl": "Nu doen", "en": "Do now"},
    "ask_who": {"nl": "Wie", "en": "Who"},
    "ask_look": {"nl": "Meer details", "en": "More details"},
    "change": {"nl": "{day}: {change}", "en": "{day}: {change}"},
    "before": {"nl": " Eerder gemeld: {count}.", "en": " Reported before: {count}."},
    "came": {"nl": "Hersteld. {what}", "en": "Recovered. {what}"},
    "look_alike": {
        "nl": "Door het afronden is het verschil hier niet te zien.",
        "en": "Rounding hides the difference here.",
    },
    "about": {"nl": "ongeveer {count}", "en": "about {count}"},
    "at_least": {"nl": "ten minste {low}", "en": "at least {low}"},
    "extent_unknown": {"nl": "omvang onbekend", "en": "extent unknown"},
    "problems": {"nl": "{count:probleem|problemen}", "en": "{count:problem|problems}"},
    "more": {
        "nl": "En nog {count:ander probleem|andere problemen}.",
        "en": "And {count:other problem|other problems}.",
    },
    "empty": {"nl": "niet ingevuld", "en": "not filled in"},
    "other": {"nl": "(overig)", "en": "(other)"},
    "withheld": {"nl": "(niet getoond)", "en": "(withheld)"},
    "whole": {"nl": "de hele stroom", "en": "the whole feed"},
    "unknown": {"nl": "onbekend", "en": "unknown"},
    "hidden": {"nl": "niet getoond", "en": "not shown"},
    "hidden_share": {"nl": "een deel dat niet wordt getoond", "en": "a share that is not shown"},
    "less_than": {"nl": "minder dan {limit}", "en": "less than {limit}"},
    "more_than": {"nl": "meer dan {limit}", "en": "more than {limit}"},
    "and_more": {"nl": "en nog {count}", "en": "and {count} more"},
    "contact": {"nl": "{name} ({contact})", "en": "{name} ({contact})"},
    "runbook": {"nl": "Draaiboek: {runbook}", "en": "Runbook: {runbook}"},
    "what": {"nl": "Wat", "en": "What"},
    "where": {"nl": "Waar", "en": "Where"},
    "evidence": {"nl": "Bewijs", "en": "Evidence"},
    "meaning": {"nl": "Betekenis", "en": "Meaning"},
    "action": {"nl": "Te doen", "en": "To do"},
    "look": {"nl": "Meer details", "en": "More details"},
    "digest_good": {"nl": "Alles in orde op {day}", "en": "All is well on {day}"},
    "digest_open": {"nl": "{problems} open op {day}", "en": "{problems} open on {day}"},
    "incidents": {"nl": "{count:incident|incidenten}", "en": "{count:incident|incidents}"},
    "digest_unproven": {
        "nl": "Geen problemen op {day}, maar niet alles is bewezen",
        "en": "No problems on {day}, but not everything is proven",
    },
    "digest_silent": {"nl": "Niets beoordeeld op {day}", "en": "Nothing was judged on {day}"},
    "digest_feed": {
        "nl": "{title}: {status}; {deliveries} beoordeeld, {open} open.",
        "en": "{title}: {status}; {deliveries} judged, {open} open.",
    },
    "digest_missing": {
        "nl": "{title}: in totaal {number}.",
        "en": "{title}: {number} in all.",
    },
    "digest_incident": {"nl": "{name} {incident}; {owner}.", "en": "{name} {incident}; {owner}."},
    "digest_not_proven": {"nl": "{title}, onbewezen: {segments}.", "en": "{title}, unproven: {segments}."},
    "digest_budget": {
        "nl": "Meldingen in zeven dagen: {used}; de afspraak is hoogstens {budget}.",
        "en": "Alerts in seven days: {used}; the agreed maximum is {budget}.",
    },
    "digest_head": {
        "nl": "Laatste controlegetal van het logboek: {head}",
        "en": "Latest hash of the audit log: {head}",
    },
    "digest_log_broken": {
        "nl": "Het logboek sluit niet aan op de regel die erbuiten is bewaard: draai `history --verify`.",
        "en": "The audit log does not go on from the line kept outside the history: run `history --verify`.",
    },
    "picture": {"nl": "Geleverd en verwacht: {segment}", "en": "Delivered and expected: {segment}"},
    "picture_text": {
        "nl": "Het aantal geleverde personen in de tijd ({segment}); de band toont hoeveel er werden verwacht.",
        "en": "The number of persons delivered over time ({segment}); the band shows how many were expected.",
    },
    "defect": {"nl": "een fout in het programma ({fault})", "en": "an error in the program ({fault})"},
    "picture_weekly": {"nl": "geleverd per week", "en": "delivered a week"},
    "picture_daily": {"nl": "geleverd per levering", "en": "delivered each time"},
    "picture_expected": {"nl": "verwacht", "en": "expected"},
    "week_of": {"nl": "de week van {day}", "en": "the week of {day}"},
    "picture_since": {"nl": "tekort sinds {day}", "en": "missing since {day}"},
    "test": {"nl": "Proefbericht van ketenwacht", "en": "Test message from ketenwacht"},
    "test_line": {
        "nl": "Als u dit leest, werkt route '{route}'. U hoeft niets te doen.",
        "en": "If you read this, route '{route}' works. You need not do anything.",
    },
    "acknowledge": {"nl": "Neem in behandeling", "en": "Acknowledge"},
    "snooze": {"nl": "Stil …", "en": "Snooze …"},
    "why": {"nl": "Waarom?", "en": "Why?"},
    "snooze_title": {"nl": "Tijdelijk stil zetten", "en": "Snooze"},
    "snooze_reason": {"nl": "Reden", "en": "Reason"},
    "snooze_until": {"nl": "Tot en met", "en": "Until (inclusive)"},
    "submit": {"nl": "Vastleggen", "en": "Save"},
    "cancel": {"nl": "Annuleren", "en": "Cancel"},
    "done": {"nl": "Vastgelegd.", "en": "Saved."},
    "done_before": {"nl": "Dit was al vastgelegd.", "en": "This was already saved."},
    "refused": {
        "nl": "U mag dit niet doen: u staat niet op de lijst.",
        "en": "You may not do this: you are not on the list.",
    },
    "cannot": {"nl": "Dit kan nu niet: {why}", "en": "This is not possible now: {why}"},
}


# Consequences for the reader, by nature.


MEANING: dict[Nature, Texts] = {
    Nature.FAILED: {
        "nl": "De ontvanger kent deze personen niet, of heeft verkeerde gegevens. Wettelijke termijnen "
        "kunnen al lopen.",
        "en": "The receiver does not know these persons, or has wrong data about them. Legal terms may "
        "already be running.",
    },
    Nature.ERROR: {
        "nl": "Zolang dit duurt, blijft een tekort onopgemerkt. Het zegt niets over de gegevens zelf.",
        "en": "While this lasts, a shortfall goes unnoticed. It says nothing about the data itself.",
    },
    Nature.WARNED: {"nl": "Er is nog geen tekort aangetoond.", "en": "No shortfall is shown yet."},
    Nature.PRIVACY: {
        "nl": "Mogelijk een datalek: personen kunnen ten onrechte een brief krijgen.",
        "en": "Possible data breach: persons may wrongly receive a letter.",
    },
}


# Of more persons than expected, while nothing proves that they do not belong here.
MEANING_SURPLUS: Texts = {
    "nl": "Onterecht geleverd, dubbel geleverd, of echt meer personen: dat is nog niet bekend.",
    "en": "Delivered wrongly, delivered twice, or really more persons: this is not known yet.",
}


# Of a delivery that is not there in time.
MEANING_LATE: Texts = {
    "nl": "Het is nog niet bekend wie in deze levering hoort. Wettelijke termijnen kunnen al lopen.",
    "en": "It is not known yet who should be in this delivery. Legal terms may already be running.",
}


# How severe a finding is, and the events of its life.


SEVERITY: dict[Severity, Texts] = {
    Severity.LOW: {"nl": "laag", "en": "low"},
    Severity.MEDIUM: {"nl": "midden", "en": "medium"},
    Severity.HIGH: {"nl": "hoog", "en": "high"},
    Severity.CRITICAL: {"nl": "kritiek", "en": "critical"},
}


# What a life consists of, by the reason of the event.
EVENT: dict[Reason, Texts] = {
    Reason.OPENED: {"nl": "geopend", "en": "opened"},
    Reason.REOPENED: {"nl": "heropend", "en": "reopened"},
    Reason.RECOVERED: {"nl": "hersteld", "en": "recovered"},
    Reason.RESOLVED_BY_HAND: {"nl": "als opgelost gemeld", "en": "resolved by hand"},
    Reason.EXCUSED: {"nl": "valt onder een aangekondigde pauze", "en": "covered by a declared pause"},
    Reason.ACKNOWLEDGED: {"nl": "in behandeling genomen", "en": "acknowledged"},
    Reason.CLOSED_QUIET: {
        "nl": "gesloten, want het kwam niet terug",
        "en": "closed, because it did not come back",
    },
    Reason.SUPERSEDED: {
        "nl": "gesloten, want er is een nieuw incident",
        "en": "closed, because there is a new incident",
    },
    Reason.SNOOZED: {"nl": "stilgezet", "en": "snoozed"},
    Reason.SNOOZE_EXPIRED: {"nl": "stille periode voorbij", "en": "snooze ended"},
    Reason.SNOOZE_BROKEN: {"nl": "niet langer stil", "en": "snooze broken"},
    Reason.SEVERITY_GREW: {"nl": "ernstiger geworden", "en": "severity grew"},
    Reason.SHORTFALL_GREW: {"nl": "tekort gegroeid", "en": "shortfall grew"},
    Reason.NATURE_CHANGED: {"nl": "anders dan eerst gemeld", "en": "nature changed"},
    Reason.FLAPPING: {"nl": "wisselt steeds", "en": "flapping"},
    Reason.STABLE: {"nl": "weer stabiel", "en": "stable again"},
    Reason.GROUPED: {"nl": "deel van een groter probleem", "en": "part of a wider problem"},
    Reason.UNGROUPED: {
        "nl": "niet langer deel van een groter probleem",
        "en": "no longer part of a wider problem",
    },
}
