"""What a check of each kind looks at, in a few words, and what it found when it fails, in a sentence."""

from __future__ import annotations

from ketenwacht.domain.alerting import Language

from .base import Texts

SAID: dict[str, Texts] = {
    "schedule": {
        "nl": "De levering kwam niet op het afgesproken moment.",
        "en": "The delivery did not come when it was agreed.",
    },
    "ledger": {
        "nl": "De reeks leveringen of de telling daarin sluit niet.",
        "en": "The series of deliveries, or the count in it, has a gap.",
    },
    "schema": {
        "nl": "De kolommen zijn niet die van de afspraak.",
        "en": "The columns are not those agreed.",
    },
    "contract": {
        "nl": "Niet aan deze afspraak voldaan: {detail}.",
        "en": "This was agreed and does not hold: {detail}.",
    },
    "completeness": {
        "nl": "Minder vaak ingevuld dan afgesproken: {detail}.",
        "en": "Filled in less often than agreed: {detail}.",
    },
    "drift": {
        "nl": "De vulling of de verdeling van een veld is anders dan voorheen.",
        "en": "How a field is filled or spread is not as it used to be.",
    },
    "coverage": {
        "nl": "Een categorie die er hoort te zijn, is niet gezien.",
        "en": "A category that must be there was not seen.",
    },
    "canary": {
        "nl": "Een proefpersoon van deze categorie kwam er niet, of niet goed, uit.",
        "en": "A synthetic person of this category did not come out, or not as it should.",
    },
    "vanished": {
        "nl": "Van deze groep komt niemand meer binnen.",
        "en": "Of this group nobody comes in any more.",
    },
    "control_total": {
        "nl": "De afzender telt een ander aantal personen dan er zijn ontvangen.",
        "en": "The sender counts another number of persons than were received.",
    },
    "conservation": {
        "nl": "Tussen twee schakels van de keten zijn personen weg zonder opgegeven reden.",
        "en": "Between two hops of the chain persons are gone without a stated reason.",
    },
    "reconciliation": {
        "nl": "Het register van de afzender en wat is ontvangen zijn niet gelijk.",
        "en": "The sender's register and what was received are not the same.",
    },
    "reconciliation.different": {
        "nl": "Personen staan hier met andere gegevens dan in het register, zoals een andere gemeente.",
        "en": "Persons are here with other data than in the register, such as another municipality.",
    },
    "reference": {
        "nl": "Het aantal wijkt af van wat een ander over dezelfde personen telt.",
        "en": "The number differs from what others count of the same persons.",
    },
    "volume": {
        "nl": "Het aantal personen wijkt af van wat deze groep gewoonlijk telt.",
        "en": "The number of persons differs from what is usual for this group.",
    },
    "ratio": {
        "nl": "Het aandeel van deze groep in de levering is anders dan gewoonlijk.",
        "en": "The share of this group in the delivery is not as usual.",
    },
    "inquiries": {
        "nl": "Er wordt meer dan gewoonlijk gevraagd naar personen die niet zijn ontvangen.",
        "en": "There are more inquiries than usual about persons who were not received.",
    },
    "evidence": {
        "nl": "Geen onafhankelijk bewijs dekt deze groep.",
        "en": "No independent evidence covers this group.",
    },
}
"""By kind of check, or by its whole name. `detail` is what follows the kind: a field, or what was agreed."""


NAMED: dict[str, Texts] = {
    "schedule": {"nl": "levering op tijd", "en": "delivery in time"},
    "ledger": {"nl": "reeks van leveringen", "en": "series of deliveries"},
    "schema": {"nl": "kolommen", "en": "columns"},
    "contract": {"nl": "afspraak over de levering", "en": "what was agreed"},
    "completeness": {"nl": "ingevulde velden", "en": "fields filled in"},
    "drift": {"nl": "vulling en verdeling van een veld", "en": "how a field is filled and spread"},
    "coverage": {"nl": "categorie die er hoort te zijn", "en": "category that must be there"},
    "vanished": {"nl": "groep waarvan niemand meer kwam", "en": "group of which nobody came"},
    "control_total": {"nl": "telling van de afzender", "en": "the sender's count"},
    "conservation": {"nl": "behoud langs de keten", "en": "conservation along the chain"},
    "canary": {"nl": "proefpersonen", "en": "synthetic persons"},
    "reconciliation.late": {"nl": "te laat aangekomen personen", "en": "persons who arrived too late"},
    "reconciliation": {"nl": "aansluiting met het register", "en": "reconciliation with the register"},
    "reconciliation.missing": {
        "nl": "personen uit het register die ontbreken",
        "en": "persons of the register who are missing",
    },
    "reconciliation.extra": {
        "nl": "personen die niet in het register staan",
        "en": "persons who are not in the register",
    },
    "reconciliation.different": {
        "nl": "andere gegevens dan in het register",
        "en": "other data than in the register",
    },
    "reconciliation.age": {"nl": "ouderdom van het register", "en": "age of the register"},
    "reference": {"nl": "telling van buiten deze keten", "en": "count from outside this chain"},
    "volume": {"nl": "aantal personen", "en": "number of persons"},
    "ratio": {"nl": "aandeel in de levering", "en": "share of the delivery"},
    "inquiries": {"nl": "navragen over personen", "en": "inquiries about persons"},
    "evidence": {"nl": "onafhankelijk bewijs", "en": "independent evidence"},
    "delivery": {"nl": "leesbare levering", "en": "delivery that can be read"},
}
"""By kind of check, or by the whole name, and of the check that a delivery can be read at all."""


def named(check: str, language: Language) -> str:
    """What a check looks at, by its name; a name that does not begin with a kind stands for itself."""
    if check in NAMED:
        return NAMED[check][language]
    kind, _, detail = check.partition(".")
    texts = NAMED.get(kind)
    if texts is None:
        return f"'{check}'"
    return f"{texts[language]} '{detail}'" if detail else texts[language]


def said(check: str, language: Language) -> str | None:
    """What a failing check found, by its name; None when the name does not begin with a kind."""
    kind, _, detail = check.partition(".")
    texts = SAID.get(check, SAID.get(kind))
    if texts is None:
        return None
    text = texts[language]
    return None if "{detail}" in text and not detail else text.format(detail=detail)
