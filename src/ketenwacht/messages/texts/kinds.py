"""What a check of each kind looks at, in a few words."""

from __future__ import annotations

from ketenwacht.domain.statement import Language

from .base import Texts

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
