"""The answers to the questions of a reader: what is wrong, how sure, what it means, what to do."""

from __future__ import annotations

from ketenwacht.domain.finding import Nature
from ketenwacht.domain.result import Evidence

from .base import Texts

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
