"""Everything else that a message, a form or a digest says, by name."""

from __future__ import annotations

from ketenwacht.domain.findings.finding import Nature
from ketenwacht.domain.result import Evidence

from .base import Texts

PHRASE: dict[str, Texts] = {
    "headline": {
        "nl": "{title}, levering van {period}: {worst}, ernst {severity}",
        "en": "{title}, delivery of {period}: {worst}, severity {severity}",
    },
    "headline_recovered": {
        "nl": "{title}, levering van {period}: alles hersteld",
        "en": "{title}, delivery of {period}: all recovered",
    },
    "change": {"nl": "{day}: {change}", "en": "{day}: {change}"},
    "before": {"nl": " Eerder gemeld: {count}.", "en": " Told before: {count}."},
    "was": {"nl": "Was: {what}", "en": "It was: {what}"},
    "about": {"nl": "ongeveer {count}", "en": "about {count}"},
    "interval": {"nl": " (tussen {low} en {high})", "en": " (between {low} and {high})"},
    "worst_and_more": {
        "nl": "{worst} en nog {count:probleem|problemen}",
        "en": "{worst} and {count:more problem|more problems}",
    },
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
    "hidden_share": {"nl": "een niet getoond deel", "en": "an undisclosed part"},
    "less_than": {"nl": "minder dan {limit}", "en": "less than {limit}"},
    "more_than": {"nl": "meer dan {limit}", "en": "more than {limit}"},
    "children": {"nl": "waarvan {children}", "en": "of which {children}"},
    "also": {"nl": "Dit blijkt ook uit: {evidence}.", "en": "This also shows in: {evidence}."},
    "and_more": {"nl": "en nog {count}", "en": "and {count} more"},
    "check_says": {"nl": "De controle meldt: {said}", "en": "The check says: {said}"},
    "no_evidence": {
        "nl": "Geen, want er kon niet worden gekeken.",
        "en": "None, since nothing could be looked at.",
    },
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
    "week_of": {"nl": "de week van {day}", "en": "the week of {day}"},
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


# The answers to the questions of a reader: what is wrong, how sure, what it means, what to do.


# What is wrong: by what is known of it. An estimate comes from evidence with an uncertainty, a count does not.
WHAT: dict[str, Texts] = {
    "missing_counted": {
        "nl": "Er ontbreken {count} personen sinds {since}{interval}.",
        "en": "There are {count} persons missing since {since}{interval}.",
    },
    "surplus_counted": {
        "nl": "Er zijn {count} personen meer ontvangen dan verwacht sinds {since}{interval}.",
        "en": "There are {count} persons more than expected since {since}{interval}.",
    },
    "extra_counted": {
        "nl": "Er zijn {count} personen ontvangen die hier niet horen, sinds {since}{interval}.",
        "en": "There are {count} persons who do not belong here, since {since}{interval}.",
    },
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
        "nl": "De levering voldoet niet aan de controle op {check}.",
        "en": "The delivery fails the check of {check}.",
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
        "nl": "De controle op {check} kon niet worden uitgevoerd: er is geen oordeel over de gegevens.",
        "en": "The check of {check} could not be carried out: the data were not judged.",
    },
    "warned": {
        "nl": "De controle op {check} vraagt aandacht.",
        "en": "The check of {check} is worth a look.",
    },
    "privacy": {
        "nl": "Er zijn gegevens ontvangen die hier niet horen (controle op {check}).",
        "en": "Data were received that do not belong here (check of {check}).",
    },
}

# The same for a headline, which a telephone cuts off.
SHORT: dict[str, Texts] = {
    "missing": {"nl": "{count} personen ontbreken", "en": "{count} persons missing"},
    "surplus": {"nl": "{count} personen te veel", "en": "{count} persons too many"},
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

# Of a delivery that is not there in time.
MEANING_LATE: Texts = {
    "nl": "Wie in deze levering hoort, is nog niet bekend; wettelijke termijnen kunnen al lopen.",
    "en": "Who should be in this delivery is not known yet; legal terms may be running already.",
}

# Of what is over.
MEANING_OVER: Texts = {
    "nl": "Dit is voorbij: de controle is weer goed, of iemand heeft het als opgelost gemeld.",
    "en": "This is over: the check is right again, or somebody said that it is resolved.",
}
ACTION_OVER: Texts = {
    "nl": "Niets; komt het terug, dan staat dat hier.",
    "en": "Nothing; if it comes back, that is said here.",
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
