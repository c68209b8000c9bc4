"""Everything else that a message, a form or a digest says, by name."""

from __future__ import annotations

from ketenwacht.domain.findings.finding import Nature, Reason, Severity, State
from ketenwacht.domain.result import Evidence

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
    "ask_do": {"nl": "Nu doen", "en": "Do now"},
    "ask_who": {"nl": "Wie", "en": "Who"},
    "ask_look": {"nl": "Meer details", "en": "More details"},
    "change": {"nl": "{day}: {change}", "en": "{day}: {change}"},
    "before": {"nl": " Eerder gemeld: {count}.", "en": " Reported before: {count}."},
    "was": {"nl": "Was: {what}", "en": "It was: {what}"},
    "came": {"nl": "Hersteld. {what}", "en": "Recovered. {what}"},
    "about": {"nl": "ongeveer {count}", "en": "about {count}"},
    "interval": {"nl": " (tussen {low} en {high})", "en": " (between {low} and {high})"},
    "one_problem": {"nl": "1 probleem", "en": "1 problem"},
    "problems": {"nl": "{count:probleem|problemen}", "en": "{count:problem|problems}"},
    "more": {
        "nl": "En nog {count:ander probleem|andere problemen}.",
        "en": "And {count:other problem|other problems}.",
    },
    "empty": {"nl": "(leeg)", "en": "(empty)"},
    "other": {"nl": "(overig)", "en": "(other)"},
    "withheld": {"nl": "(niet getoond)", "en": "(withheld)"},
    "whole": {"nl": "de hele stroom", "en": "whole feed"},
    "unknown": {"nl": "onbekend", "en": "unknown"},
    "hidden": {"nl": "niet getoond", "en": "not shown"},
    "hidden_share": {"nl": "een deel dat niet wordt getoond", "en": "a share that is not shown"},
    "less_than": {"nl": "minder dan {limit}", "en": "less than {limit}"},
    "more_than": {"nl": "meer dan {limit}", "en": "more than {limit}"},
    "children": {"nl": "waarvan {children}", "en": "of which {children}"},
    "also": {"nl": "Dit blijkt ook uit: {evidence}.", "en": "Other evidence agrees: {evidence}."},
    "and_more": {"nl": "en nog {count}", "en": "and {count} more"},
    "check_says": {"nl": "De controle meldt: {said}", "en": "The check reports: {said}"},
    "no_evidence": {"nl": "Geen: de controle kon niet worden uitgevoerd.", "en": "None: the check could not run."},
    "owner": {"nl": "In behandeling bij {owner}.", "en": "Handled by {owner}."},
    "snoozed": {"nl": "stil tot {until}", "en": "snoozed until {until}"},
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


# The answers to the questions of a reader: what is wrong, how sure, what it means, what to do.


# What is wrong: by what is known of it. An estimate comes from evidence with an uncertainty, a count does not.
WHAT: dict[str, Texts] = {
    "missing_counted": {
        "nl": "Sinds {since} ontbreken {count} personen{interval}.",
        "en": "{count} persons are missing since {since}{interval}.",
    },
    "surplus_counted": {
        "nl": "Sinds {since} zijn {count} personen meer ontvangen dan verwacht{interval}.",
        "en": "{count} persons more than expected were received since {since}{interval}.",
    },
    "extra_counted": {
        "nl": "Sinds {since} zijn {count} personen ontvangen die hier niet horen{interval}.",
        "en": "{count} persons who do not belong here were received since {since}{interval}.",
    },
    "missing": {
        "nl": "Sinds {since} ontbreken naar schatting {count} personen{interval}.",
        "en": "An estimated {count} persons are missing since {since}{interval}.",
    },
    "surplus": {
        "nl": "Sinds {since} zijn naar schatting {count} personen meer ontvangen dan verwacht{interval}.",
        "en": "An estimated {count} persons more than expected were received since {since}{interval}.",
    },
    "extra": {
        "nl": "Sinds {since} zijn naar schatting {count} personen ontvangen die hier niet horen{interval}.",
        "en": "An estimated {count} persons who do not belong here were received since {since}{interval}.",
    },
    "failed": {
        "nl": "De levering voldoet niet aan de controle op {check}.",
        "en": "The delivery fails the check on {check}.",
    },
    "late": {"nl": "De levering van {period} is niet op tijd.", "en": "The delivery of {period} is late."},
    "unreadable": {
        "nl": "De levering van {period} ontbreekt of is onleesbaar. Er is niets beoordeeld.",
        "en": "The delivery of {period} is missing or unreadable. Nothing was judged.",
    },
    "error": {
        "nl": "De controle op {check} kon niet worden uitgevoerd. Er is geen oordeel over de gegevens.",
        "en": "The check on {check} could not run. The data was not judged.",
    },
    "warned": {"nl": "De controle op {check} vraagt aandacht.", "en": "The check on {check} needs attention."},
    "privacy": {
        "nl": "Er zijn gegevens ontvangen die hier niet horen (controle op {check}).",
        "en": "Data was received that does not belong here (check on {check}).",
    },
}

# The same for a headline, which a telephone cuts off.
SHORT: dict[str, Texts] = {
    "missing": {"nl": "{count} personen ontbreken", "en": "{count} persons missing"},
    "surplus": {"nl": "{count} personen te veel", "en": "{count} persons too many"},
}

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

ACTION: dict[Nature, Texts] = {
    Nature.FAILED: {
        "nl": "Vraag {sender} de selectie te controleren en opnieuw te leveren. Eigenaar: {sender}.",
        "en": "Ask {sender} to check the selection and to redeliver. Owner: {sender}.",
    },
    Nature.ERROR: {
        "nl": "Laat beheer bij {receiver} de oorzaak wegnemen en de controle herhalen. Eigenaar: {receiver}.",
        "en": "Ask operations at {receiver} to remove the cause and repeat the check. Owner: {receiver}.",
    },
    Nature.WARNED: {
        "nl": "Houd dit in de gaten. U hoeft nu niets te doen. Eigenaar: {receiver}.",
        "en": "Keep an eye on it. No action is needed now. Owner: {receiver}.",
    },
    Nature.PRIVACY: {
        "nl": "Zet deze gegevens apart en verwerk ze niet. Meld dit vandaag bij de functionaris "
        "gegevensbescherming. Eigenaar: {receiver}, met {sender}.",
        "en": "Set this data aside and do not process it. Tell the data protection officer today. Owner: "
        "{receiver}, with {sender}.",
    },
}

# Of more persons than expected, while nothing proves that they do not belong here.
MEANING_SURPLUS: Texts = {
    "nl": "Onterecht geleverd, dubbel geleverd, of echt meer personen: dat is nog niet bekend.",
    "en": "Delivered wrongly, delivered twice, or really more persons: this is not known yet.",
}

ACTION_SURPLUS: Texts = {
    "nl": "Vraag {sender} of dit klopt, voordat er brieven uitgaan. Eigenaar: {sender}.",
    "en": "Ask {sender} whether this is correct before letters go out. Owner: {sender}.",
}

# What is done about a delivery that is not there: this is for the sender, though we could not judge.
ACTION_DELIVERY: Texts = {
    "nl": "Vraag {sender} waar de levering blijft. Eigenaar: {sender}.",
    "en": "Ask {sender} where the delivery is. Owner: {sender}.",
}

# Of a delivery that is not there in time.
MEANING_LATE: Texts = {
    "nl": "Het is nog niet bekend wie in deze levering hoort. Wettelijke termijnen kunnen al lopen.",
    "en": "It is not known yet who should be in this delivery. Legal terms may already be running.",
}

# Of what is over.
MEANING_OVER: Texts = {
    "nl": "Dit is voorbij: de controle is weer goed, of iemand heeft het incident als opgelost gemeld.",
    "en": "This is over: the check passes again, or somebody resolved the incident.",
}
ACTION_OVER: Texts = {
    "nl": "U hoeft niets te doen. Als het terugkomt, leest u dat hier.",
    "en": "Resolved incidents need no action. If the problem returns, you read it here.",
}

EVIDENCE: dict[Evidence, Texts] = {
    Evidence.RECONCILIATION: {
        "nl": "Vergelijking met het register van de afzender, persoon voor persoon: zeker.",
        "en": "Reconciliation with the sender's register, person by person: certain.",
    },
    Evidence.CONTROL_TOTAL: {
        "nl": "Controletotalen van de afzender: zeker, als de afzender goed heeft geteld.",
        "en": "The sender's control totals: certain, if the sender counted correctly.",
    },
    Evidence.REFERENCE: {
        "nl": "Telling van buiten deze keten: sterk, met de onzekerheid van die telling.",
        "en": "An outside reference: strong, with the uncertainty of that count.",
    },
    Evidence.HISTORY: {
        "nl": "Eigen geschiedenis van deze stroom: een aanwijzing, geen bewijs.",
        "en": "The feed's own history: an indication, not proof.",
    },
    Evidence.INQUIRY: {
        "nl": "Navragen over personen die de ontvanger niet kende: sterk, maar laat.",
        "en": "Inquiries about persons the receiver did not know: strong, but late.",
    },
    Evidence.CONTRACT: {
        "nl": "De afspraken over één levering: zeker.",
        "en": "The agreement about one delivery: certain.",
    },
    Evidence.SCHEDULE: {
        "nl": "De leverkalender: zeker.",
        "en": "The delivery calendar: certain.",
    },
}


# The life of an incident: its states, its events, and what a thread is told of them.


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
    Reason.REOPENED: {"nl": "Opnieuw, {where}: {what}", "en": "Back again, {where}: {what}"},
    Reason.NATURE_CHANGED: {
        "nl": "Anders dan eerst gemeld, nu '{nature}', {where}: {what}",
        "en": "Different from what was reported, now '{nature}', {where}: {what}",
    },
    Reason.UNGROUPED: {"nl": "Nog over, {where}: {what}", "en": "Remaining, {where}: {what}"},
    Reason.STABLE: {
        "nl": "Weer stabiel, maar nog niet hersteld, {where}: {what}",
        "en": "Stable again, but not resolved, {where}: {what}",
    },
    Reason.FLAPPING: {
        "nl": "Wisselt steeds, {where}: {check}. U krijgt pas weer een melding als het stabiel is of "
        "ernstiger wordt.",
        "en": "Flapping, {where}: {check}. No more alerts until it is stable or gets worse.",
    },
    Reason.SEVERITY_GREW: {
        "nl": "Ernstiger, nu {severity}, {where}: {what}{before}",
        "en": "Worse, now {severity}, {where}: {what}{before}",
    },
    Reason.SHORTFALL_GREW: {
        "nl": "Het aantal groeit, {where}: {what}{before}",
        "en": "Growing, {where}: {what}{before}",
    },
    Reason.SNOOZE_BROKEN: {
        "nl": "Niet langer stil, want het aantal groeit, {where}: {what}{before}",
        "en": "No longer snoozed, because it is growing, {where}: {what}{before}",
    },
    Reason.SNOOZE_EXPIRED: {
        "nl": "De stille periode is voorbij en het probleem is er nog, {where}: {what}",
        "en": "The snooze has ended and the problem is still there, {where}: {what}",
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
        "nl": "{actor} zet dit stil tot {until}, {where}: {check}. Reden: {why}",
        "en": "Snoozed by {actor} until {until}, {where}: {check}. Reason: {why}",
    },
    Reason.RESOLVED_BY_HAND: {
        "nl": "{actor} meldt dit als opgelost, {where}: {check}.",
        "en": "Resolved by {actor}, {where}: {check}.",
    },
    Reason.EXCUSED: {
        "nl": "Valt onder een aangekondigde pauze: {check}, van {opened} tot {resolved}.",
        "en": "A declared pause covers this: {check}, from {opened} until {resolved}.",
    },
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
