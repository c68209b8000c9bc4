"""Every text that a message can hold, in every language. Placeholders are those of `str.format`."""

from __future__ import annotations

from ketenwacht.domain.alerting import Language
from ketenwacht.domain.incident import Nature, Severity, State
from ketenwacht.domain.incidents.reasons import Reason
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.status import Status

Texts = dict[Language, str]

MONTHS: dict[Language, tuple[str, ...]] = {
    "nl": (
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}

MONTHS_SHORT: dict[Language, tuple[str, ...]] = {
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}

# What is wrong: by what is known of it.
WHAT: dict[str, Texts] = {
    "missing": {
        "nl": "Naar schatting {count} personen ontbreken sinds {since}{interval}.",
        "en": "An estimated {count} persons are missing since {since}{interval}.",
    },
    "surplus": {
        "nl": "Naar schatting {count} personen meer ontvangen dan verwacht sinds {since}{interval}.",
        "en": "An estimated {count} persons more than expected were received since {since}{interval}.",
    },
    "extra": {
        "nl": "Naar schatting {count} personen ontvangen die hier niet horen, sinds {since}{interval}.",
        "en": "An estimated {count} persons were received who do not belong here, since {since}{interval}.",
    },
    "failed": {
        "nl": "De levering voldoet niet aan de controle '{check}'.",
        "en": "The delivery fails the check '{check}'.",
    },
    "late": {
        "nl": "De levering van {period} is er niet op tijd.",
        "en": "The delivery of {period} is not there in time.",
    },
    "unreadable": {
        "nl": "De levering van {period} ontbreekt of is onleesbaar: er is niets beoordeeld.",
        "en": "The delivery of {period} is missing or unreadable: nothing was judged.",
    },
    "error": {
        "nl": "De controle '{check}' kon niet worden uitgevoerd: er is geen oordeel over de gegevens.",
        "en": "The check '{check}' could not be carried out: the data were not judged.",
    },
    "warned": {
        "nl": "De controle '{check}' vraagt aandacht.",
        "en": "The check '{check}' is worth a look.",
    },
    "privacy": {
        "nl": "Er zijn gegevens ontvangen die hier niet horen (controle '{check}').",
        "en": "Data were received that do not belong here (check '{check}').",
    },
}

MEANING: dict[Nature, Texts] = {
    Nature.FAILED: {
        "nl": "De ontvanger kent deze personen niet of niet goed; wettelijke termijnen kunnen al lopen.",
        "en": "The receiver does not know these persons, or not well; legal terms may be running already.",
    },
    Nature.ERROR: {
        "nl": "Zolang dit duurt, blijft een tekort onopgemerkt. Het zegt niets over de gegevens zelf.",
        "en": "While this lasts a shortfall goes unnoticed. It says nothing about the data themselves.",
    },
    Nature.WARNED: {
        "nl": "Nog geen tekort aangetoond.",
        "en": "No shortfall has been shown yet.",
    },
    Nature.PRIVACY: {
        "nl": "Mogelijk een datalek: personen kunnen ten onrechte worden aangeschreven.",
        "en": "Possibly a data breach: persons may wrongly be written to.",
    },
}

ACTION: dict[Nature, Texts] = {
    Nature.FAILED: {
        "nl": "Vraag {sender} de selectie na te gaan en te herleveren. Eigenaar: {sender}.",
        "en": "Ask {sender} to examine the selection and to deliver again. Owner: {sender}.",
    },
    Nature.ERROR: {
        "nl": "Laat beheer bij {receiver} de oorzaak wegnemen en de controle herhalen. Eigenaar: {receiver}.",
        "en": "Have operations at {receiver} take away the cause and repeat the check. Owner: {receiver}.",
    },
    Nature.WARNED: {
        "nl": "Kijk mee; er hoeft nu niets te gebeuren. Eigenaar: {receiver}.",
        "en": "Keep an eye on it; nothing has to be done now. Owner: {receiver}.",
    },
    Nature.PRIVACY: {
        "nl": "Zet deze gegevens apart, verwerk ze niet, en meld dit vandaag bij de functionaris "
        "gegevensbescherming. Eigenaar: {receiver}, met {sender}.",
        "en": "Set these data apart, do not process them, and tell the data protection officer today. "
        "Owner: {receiver}, with {sender}.",
    },
}

# Of more persons than expected, while nothing proves that they do not belong here.
MEANING_SURPLUS: Texts = {
    "nl": "Onterecht geleverd, dubbel geleverd, of echt meer instroom: dat is nog niet te zeggen.",
    "en": "Delivered wrongly, delivered twice, or really more persons: that cannot be told yet.",
}
ACTION_SURPLUS: Texts = {
    "nl": "Vraag {sender} of dit klopt, voordat er brieven uitgaan. Eigenaar: {sender}.",
    "en": "Ask {sender} whether this is right before letters go out. Owner: {sender}.",
}

# What is done about a delivery that is not there: this is for the sender, though we could not judge.
ACTION_DELIVERY: Texts = {
    "nl": "Vraag {sender} waar de levering blijft. Eigenaar: {sender}.",
    "en": "Ask {sender} where the delivery is. Owner: {sender}.",
}

EVIDENCE: dict[Evidence, Texts] = {
    Evidence.RECONCILIATION: {
        "nl": "Aansluiting met het register van de afzender, persoon voor persoon: zeker.",
        "en": "Reconciliation with the sender's register, person by person: certain.",
    },
    Evidence.CONTROL_TOTAL: {
        "nl": "Controletotalen van de afzender: zeker, voor zover zijn telling klopt.",
        "en": "The sender's control totals: certain, as far as its own count is right.",
    },
    Evidence.REFERENCE: {
        "nl": "Telling van buiten deze keten: sterk, met de onzekerheid van die telling.",
        "en": "A count from outside this chain: strong, with the uncertainty of that count.",
    },
    Evidence.HISTORY: {
        "nl": "Eigen historie van deze stroom: aanwijzing, geen bewijs.",
        "en": "This feed's own history: an indication, not proof.",
    },
    Evidence.INQUIRY: {
        "nl": "Navragen over personen die de ontvanger niet kende: sterk, maar laat.",
        "en": "Inquiries about persons the receiver did not know: strong, but late.",
    },
    Evidence.CONTRACT: {
        "nl": "De afspraken over één levering: zeker.",
        "en": "What was agreed about one delivery: certain.",
    },
    Evidence.SCHEDULE: {
        "nl": "De leverkalender: zeker.",
        "en": "The delivery calendar: certain.",
    },
}

SEVERITY: dict[Severity, Texts] = {
    Severity.LOW: {"nl": "laag", "en": "low"},
    Severity.MEDIUM: {"nl": "midden", "en": "medium"},
    Severity.HIGH: {"nl": "hoog", "en": "high"},
    Severity.CRITICAL: {"nl": "kritiek", "en": "critical"},
}

STATE: dict[State, Texts] = {
    State.OPEN: {"nl": "open", "en": "open"},
    State.ACKNOWLEDGED: {"nl": "in behandeling", "en": "acknowledged"},
    State.RESOLVED: {"nl": "hersteld", "en": "resolved"},
    State.CLOSED: {"nl": "gesloten", "en": "closed"},
}

NATURE: dict[Nature, Texts] = {
    Nature.FAILED: {"nl": "gegevens onjuist", "en": "data wrong"},
    Nature.ERROR: {"nl": "niet te beoordelen", "en": "could not judge"},
    Nature.WARNED: {"nl": "aandacht", "en": "worth a look"},
    Nature.PRIVACY: {"nl": "privacy", "en": "privacy"},
}

STATUS: dict[Status, Texts] = {
    Status.PASSED: {"nl": "goed", "en": "passed"},
    Status.SKIPPED: {"nl": "overgeslagen", "en": "skipped"},
    Status.UNPROVEN: {"nl": "onbewezen", "en": "unproven"},
    Status.WARNED: {"nl": "aandacht", "en": "warned"},
    Status.FAILED: {"nl": "afgekeurd", "en": "failed"},
    Status.ERROR: {"nl": "niet te beoordelen", "en": "could not judge"},
}

# What a thread is told, by the reason of the notice.
CHANGE: dict[Reason, Texts] = {
    Reason.OPENED: {"nl": "Nieuw: {what} ({where})", "en": "New: {what} ({where})"},
    Reason.REOPENED: {"nl": "Terug van weggeweest: {what} ({where})", "en": "It is back: {what} ({where})"},
    Reason.NATURE_CHANGED: {
        "nl": "Anders dan eerst gedacht, nu '{nature}': {what} ({where})",
        "en": "Not what it seemed, now '{nature}': {what} ({where})",
    },
    Reason.UNGROUPED: {"nl": "Blijft over: {what} ({where})", "en": "This remains: {what} ({where})"},
    Reason.STABLE: {
        "nl": "Wisselt niet meer en is er nog: {what} ({where})",
        "en": "No longer up and down, and still there: {what} ({where})",
    },
    Reason.FLAPPING: {
        "nl": "Gaat op en neer: '{check}' ({where}). Stil tot het stabiel is, tenzij het ernstiger wordt.",
        "en": "It goes up and down: '{check}' ({where}). Silent until stable, unless it gets worse.",
    },
    Reason.SEVERITY_GREW: {
        "nl": "Ernstiger, nu {severity}: {what} ({where})",
        "en": "Worse, now {severity}: {what} ({where})",
    },
    Reason.SHORTFALL_GREW: {"nl": "Het loopt op: {what} ({where})", "en": "It is growing: {what} ({where})"},
    Reason.SNOOZE_BROKEN: {
        "nl": "De stilte is doorbroken, want het loopt op: {what} ({where})",
        "en": "The snooze is broken because it is growing: {what} ({where})",
    },
    Reason.SNOOZE_EXPIRED: {
        "nl": "De stilte is voorbij en het is er nog: {what} ({where})",
        "en": "The snooze is over and it is still there: {what} ({where})",
    },
    Reason.RECOVERED: {
        "nl": "Hersteld: '{check}' ({where}), van {opened} tot {resolved}.",
        "en": "Recovered: '{check}' ({where}), from {opened} until {resolved}.",
    },
    Reason.ACKNOWLEDGED: {
        "nl": "In behandeling bij {actor}: '{check}' ({where}).",
        "en": "Acknowledged by {actor}: '{check}' ({where}).",
    },
    Reason.SNOOZED: {
        "nl": "{actor} vraagt stilte tot {until}: {why} ('{check}', {where})",
        "en": "{actor} asks for silence until {until}: {why} ('{check}', {where})",
    },
    Reason.RESOLVED_BY_HAND: {
        "nl": "{actor} meldt dit als opgelost: '{check}' ({where}).",
        "en": "{actor} says this is resolved: '{check}' ({where}).",
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

# Everything else, by name.
PHRASE: dict[str, Texts] = {
    "headline": {
        "nl": "{title}, levering van {period}: {problems}, ernst {severity}",
        "en": "{title}, delivery of {period}: {problems}, severity {severity}",
    },
    "headline_recovered": {
        "nl": "{title}, levering van {period}: alles hersteld",
        "en": "{title}, delivery of {period}: all recovered",
    },
    "interval": {"nl": " (tussen {low} en {high})", "en": " (between {low} and {high})"},
    "one_problem": {"nl": "1 probleem", "en": "1 problem"},
    "problems": {"nl": "{count} problemen", "en": "{count} problems"},
    "more": {"nl": "En nog {count} andere problemen.", "en": "And {count} other problems."},
    "whole": {"nl": "de hele stroom", "en": "the whole feed"},
    "children": {"nl": "waarvan {children}", "en": "of which {children}"},
    "also": {"nl": "Ook gezien door: {checks}.", "en": "Also seen by: {checks}."},
    "and_more": {"nl": "en nog {count}", "en": "and {count} more"},
    "check_says": {"nl": "De controle meldt: {summary}", "en": "The check says: {summary}"},
    "owner": {"nl": "In behandeling bij {owner}.", "en": "Looked after by {owner}."},
    "snoozed": {"nl": "stil tot {until}", "en": "snoozed until {until}"},
    "contact": {"nl": "{name} ({contact})", "en": "{name} ({contact})"},
    "runbook": {"nl": "Draaiboek: {runbook}", "en": "Runbook: {runbook}"},
    "what": {"nl": "Wat", "en": "What"},
    "where": {"nl": "Waar", "en": "Where"},
    "evidence": {"nl": "Bewijs", "en": "Evidence"},
    "meaning": {"nl": "Betekenis", "en": "Meaning"},
    "action": {"nl": "Te doen", "en": "To do"},
    "look": {"nl": "Verder kijken", "en": "Look further"},
    "digest_good": {"nl": "Alles goed op {day}", "en": "All is well on {day}"},
    "digest_open": {"nl": "{problems} open op {day}", "en": "{problems} open on {day}"},
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
        "nl": "{title}: naar schatting {count} personen ontbreken.",
        "en": "{title}: an estimated {count} persons are missing.",
    },
    "digest_not_proven": {"nl": "{title}, onbewezen: {segments}.", "en": "{title}, unproven: {segments}."},
    "digest_budget": {
        "nl": "Meldingen in zeven dagen: {used}; afgesproken is ten hoogste {budget}.",
        "en": "Alerts in seven days: {used}; agreed is at most {budget}.",
    },
    "digest_head": {"nl": "Kop van het logboek: {head}", "en": "Head of the audit log: {head}"},
    "picture": {"nl": "Geleverd en verwacht: {segment}", "en": "Delivered and expected: {segment}"},
    "picture_text": {
        "nl": "Het aantal geleverde personen in de tijd ({segment}), met een band van wat werd verwacht.",
        "en": "The number of persons delivered over time ({segment}), with a band of what was expected.",
    },
    "picture_weekly": {"nl": "geleverd per week", "en": "delivered a week"},
    "picture_daily": {"nl": "geleverd per levering", "en": "delivered each time"},
    "picture_expected": {"nl": "verwacht", "en": "expected"},
    "picture_since": {"nl": "tekort sinds {day}", "en": "missing since {day}"},
    "test": {"nl": "Proefbericht van ketenwacht", "en": "Test message from ketenwacht"},
    "test_line": {
        "nl": "Als u dit leest, werkt route '{route}'. U hoeft niets te doen.",
        "en": "If you read this, route '{route}' works. Nothing has to be done.",
    },
    "acknowledge": {"nl": "Neem in behandeling", "en": "Acknowledge"},
    "snooze": {"nl": "Stil …", "en": "Snooze …"},
    "why": {"nl": "Waarom?", "en": "Why?"},
    "snooze_title": {"nl": "Stilte vragen", "en": "Snooze"},
    "snooze_reason": {"nl": "Reden", "en": "Reason"},
    "snooze_until": {"nl": "Tot en met", "en": "Until (inclusive)"},
    "submit": {"nl": "Vastleggen", "en": "Save"},
    "cancel": {"nl": "Annuleren", "en": "Cancel"},
    "done": {"nl": "Vastgelegd.", "en": "Done."},
    "done_before": {"nl": "Dat was al vastgelegd.", "en": "That was done before."},
    "refused": {
        "nl": "Dit mag alleen wie daarvoor is aangewezen.",
        "en": "Only those who are named for it may do this.",
    },
    "cannot": {"nl": "Dat kan nu niet: {why}", "en": "That cannot be done now: {why}"},
}
