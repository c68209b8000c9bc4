"""Words that a parameter may stand for, by key: kinds of delivery, declared stretches, named causes."""

from __future__ import annotations

from collections.abc import Mapping

from ketenwacht.domain.statement import Language

from .base import Texts

KINDS_OF_DELIVERY: Mapping[str, Texts] = {
    "delivery.mutation": {"nl": "mutaties", "en": "mutations"},
    "delivery.snapshot": {"nl": "een volledige stand", "en": "a full snapshot"},
    "delivery.redelivery": {"nl": "een herlevering", "en": "a redelivery"},
    "delivery.correction": {"nl": "een correctie", "en": "a correction"},
    "delivery.catch-up": {"nl": "een inhaallevering", "en": "a catch-up delivery"},
}

TYPES: Mapping[str, Texts] = {
    "type.text": {"nl": "tekst", "en": "text"},
    "type.integer": {"nl": "geheel getal", "en": "integer"},
    "type.number": {"nl": "getal", "en": "number"},
    "type.boolean": {"nl": "ja/nee", "en": "boolean"},
    "type.date": {"nl": "datum", "en": "date"},
    "type.time": {"nl": "tijd", "en": "time"},
    "type.timestamp": {"nl": "datum en tijd", "en": "timestamp"},
    "type.json": {"nl": "samengesteld (JSON)", "en": "json"},
    "type.binary": {"nl": "bytes", "en": "binary"},
}
"""The readers' names for types of columns."""

ORIGINS: Mapping[str, Texts] = {
    "origin.production": {"nl": "productie", "en": "production"},
    "origin.itself": {
        "nl": "eerdere leveringen van de testomgeving",
        "en": "earlier deliveries of the test environment",
    },
}
"""Whose share a category should have, in a check before a release."""

STRETCHES: Mapping[str, Texts] = {
    "stretch.pause": {"nl": "een pauze", "en": "a pause"},
    "stretch.catch-up": {"nl": "een inhaallevering", "en": "a catch-up"},
    "stretch.policy": {"nl": "een wijziging van beleid", "en": "a change of policy"},
    "stretch.release": {"nl": "een nieuwe versie bij de afzender", "en": "a release of the sender"},
    "stretch.incident": {"nl": "een verstoring", "en": "an incident"},
}

OWN_HISTORY: Mapping[str, Texts] = {
    "own_history.learning": {
        "nl": "er zijn nog te weinig leveringen om van te leren",
        "en": "there is too little to learn from yet",
    },
    "own_history.restless": {
        "nl": "de aantallen gaan te sterk op en neer",
        "en": "the counts go up and down too much",
    },
    "own_history.few_counts": {
        "nl": "de aantallen zijn te klein of te grillig",
        "en": "the counts are too small or too erratic",
    },
    "own_history.recurring_alarms": {
        "nl": "de aantallen kwamen dit jaar te vaak vanzelf terug na een alarm",
        "en": "the counts returned by themselves too often this year after an alarm",
    },
}

EMPTY_FIELDS: Mapping[str, Texts] = {
    "empty_fields.learning": {
        "nl": "er zijn nog te weinig leveringen om van te leren",
        "en": "there is too little to learn from yet",
    },
    "empty_fields.restless": {
        "nl": "hoe vaak het leeg is, gaat te sterk op en neer",
        "en": "how often it is empty goes up and down too much",
    },
    "empty_fields.recurring_alarms": {
        "nl": "de velden werden dit jaar te vaak vanzelf weer gevuld na een alarm",
        "en": "the fields were filled again by themselves too often this year after an alarm",
    },
}

EVIDENCE: Mapping[str, Texts] = {
    "evidence.reconciliation": {
        "nl": "een vergelijking met het register van de afzender",
        "en": "a comparison with the sender's register",
    },
    "evidence.control-total": {
        "nl": "wat de afzender zegt te hebben geselecteerd",
        "en": "what the sender says it selected",
    },
    "evidence.acknowledgement": {
        "nl": "de ontvangstbevestigingen",
        "en": "the acknowledgements",
    },
    "evidence.reference": {"nl": "een telling van buiten", "en": "an outside reference"},
}

FAULTS: Mapping[str, Texts] = {
    "manifest.not_inside_object": {"nl": "staat niet in een object", "en": "is not inside an object"},
    "manifest.no_text": {
        "nl": "is geen tekst van 1 tot 200 tekens",
        "en": "is not a text of 1 to 200 characters",
    },
    "manifest.no_texts": {"nl": "is geen object met teksten", "en": "is not an object of texts"},
    "manifest.no_whole_number": {
        "nl": "is geen geheel getal van 0 tot en met 10^12",
        "en": "is not a whole number from 0 to 10^12",
    },
    "manifest.no_kind": {"nl": "is geen bekende soort levering", "en": "is no known kind of delivery"},
    "manifest.no_date": {
        "nl": "is geen datum zoals 2022-01-31, van 1970 tot en met 2100",
        "en": "is not a date like 2022-01-31, from 1970 to 2100",
    },
    "manifest.no_moment": {
        "nl": "is geen datum en tijd met het verschil met UTC",
        "en": "is not a date and time with its offset from UTC",
    },
    "manifest.no_sha256": {
        "nl": "is geen SHA-256 van 64 hexadecimale cijfers",
        "en": "is not a SHA-256 in 64 hexadecimal digits",
    },
    "manifest.no_list": {"nl": "is geen lijst van objecten", "en": "is not a list of objects"},
    "manifest.before_first": {
        "nl": "ligt voor de eerste dag van de periode",
        "en": "is before the first day of the period",
    },
    "manifest.no_text_dimension": {
        "nl": "heeft een kenmerk dat geen tekst is",
        "en": "has a dimension that is not text",
    },
    "manifest.segment_twice": {"nl": "noemt een groep twee keer", "en": "names a segment twice"},
    "manifest.stated_twice": {"nl": "heeft in twee rijen een andere waarde", "en": "differs between two rows"},
    "manifest.no_reason": {"nl": "heeft geen eigen reden", "en": "has no reason of its own"},
    "manifest.no_count": {
        "nl": "heeft als aantal geen geheel getal van 0 tot en met 10^12",
        "en": "has a count that is not a whole number from 0 to 10^12",
    },
}
"""What is wrong with a field of a manifest, or with an item of a list in it."""

CLASSES_OF_FAULTS: Mapping[str, Texts] = {
    "ConfigError": {"nl": "een instelling klopt niet", "en": "a setting is wrong"},
    "StoreError": {"nl": "de historie geeft geen antwoord", "en": "the history does not answer"},
    "EngineError": {"nl": "een berekening is mislukt", "en": "a query failed"},
    "FileNotFoundError": {"nl": "het bestand of de map is er niet", "en": "there is no such file or folder"},
    "PermissionError": {"nl": "dit account heeft er geen recht op", "en": "this account has no right to it"},
    "IsADirectoryError": {"nl": "het is een map", "en": "it is a folder"},
    "NotADirectoryError": {
        "nl": "een deel van het pad is een bestand, geen map",
        "en": "a part of its path is a file, not a folder",
    },
    "TimeoutError": {"nl": "het antwoord kwam niet op tijd", "en": "it did not answer in time"},
    "ConnectionError": {
        "nl": "de server is niet te bereiken of verbrak de verbinding",
        "en": "the server cannot be reached or closed the connection",
    },
    "SSLError": {"nl": "de versleutelde verbinding is mislukt", "en": "the encrypted connection failed"},
    "OSError": {"nl": "de schijf of het netwerk geeft een fout", "en": "the disk or the network failed"},
    "OperationalError": {
        "nl": "de database is niet te bereiken of antwoordt niet",
        "en": "the database cannot be reached or does not answer",
    },
    "BlockingIOError": {"nl": "het is nu niet te lezen", "en": "it cannot be read now"},
    "MemoryError": {"nl": "er is te weinig geheugen", "en": "there is too little memory"},
    "UnicodeDecodeError": {
        "nl": "de tekst staat niet in de afgesproken codering",
        "en": "it is not text in the agreed encoding",
    },
    "EOFError": {"nl": "het houdt te vroeg op", "en": "it ends too early"},
    "JSONDecodeError": {"nl": "het is geen JSON", "en": "it is not JSON"},
    "LZMAError": {"nl": "het is geen xz-bestand", "en": "it is not an xz file"},
    "BadGzipFile": {"nl": "het is geen gzip-bestand", "en": "it is not a gzip file"},
    "BadZipFile": {"nl": "het is geen zip-bestand", "en": "it is not a zip file"},
}
"""Class of an exception → what it means to a reader. The class itself stays in the parameters and the log."""

CLASSES_OF_FILE_FAULTS: Mapping[str, Texts] = {
    **CLASSES_OF_FAULTS,
    "ConfigError": {"nl": "de inhoud is niet zoals afgesproken", "en": "its content is not as agreed"},
    "DeliveryError": {"nl": "het is niet te bereiken", "en": "it cannot be reached"},
    "UnreadableDelivery": {"nl": "het is niet te lezen", "en": "it cannot be read"},
    "KeyError": {"nl": "er ontbreekt een kolom of veld", "en": "a column or field is missing"},
    "ValueError": {"nl": "een waarde hoort daar niet", "en": "a value is not what belongs there"},
    "OverflowError": {"nl": "een getal is te groot", "en": "a number is too large"},
}
"""As `CLASSES_OF_FAULTS`, where the fault is about one file."""

WEEKDAYS: Mapping[str, Texts] = {
    "weekday.0": {"nl": "maandag", "en": "Mondays"},
    "weekday.1": {"nl": "dinsdag", "en": "Tuesdays"},
    "weekday.2": {"nl": "woensdag", "en": "Wednesdays"},
    "weekday.3": {"nl": "donderdag", "en": "Thursdays"},
    "weekday.4": {"nl": "vrijdag", "en": "Fridays"},
    "weekday.5": {"nl": "zaterdag", "en": "Saturdays"},
    "weekday.6": {"nl": "zondag", "en": "Sundays"},
}

TERMS: Mapping[str, Texts] = {
    **WEEKDAYS,
    **KINDS_OF_DELIVERY,
    **TYPES,
    **ORIGINS,
    **STRETCHES,
    **OWN_HISTORY,
    **EMPTY_FIELDS,
    **EVIDENCE,
    **FAULTS,
}


# What a check of each kind looks at, in a few words.


NAMED: dict[str, Texts] = {
    "schedule": {"nl": "levering op tijd", "en": "delivery on time"},
    "ledger": {"nl": "reeks van leveringen", "en": "series of deliveries"},
    "schema": {"nl": "kolommen", "en": "columns"},
    "contract": {"nl": "afspraak over de levering", "en": "agreement about the delivery"},
    "completeness": {"nl": "ingevulde velden", "en": "fields filled in"},
    "drift": {"nl": "lege waarden in een veld", "en": "empty values in a field"},
    "coverage": {"nl": "categorie die er hoort te zijn", "en": "category that should be there"},
    "vanished": {"nl": "groep waarvan niemand meer kwam", "en": "segment of which nobody comes any more"},
    "control_total": {"nl": "telling van de afzender", "en": "the sender's count"},
    "conservation": {"nl": "behoud van personen langs de keten", "en": "conservation of persons along the chain"},
    "acknowledgement": {"nl": "ontvangstbevestiging van elke levering", "en": "acknowledgement of each delivery"},
    "canary": {"nl": "proefpersonen", "en": "synthetic persons"},
    "reconciliation.late": {"nl": "personen die te laat kwamen", "en": "persons who arrived late"},
    "reconciliation": {"nl": "vergelijking met het register", "en": "reconciliation with the register"},
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
    "reference": {"nl": "telling van buiten deze keten", "en": "outside reference"},
    "undercoverage": {"nl": "personen op geen enkele lijst", "en": "persons on no list"},
    "volume": {"nl": "aantal personen", "en": "number of persons"},
    "volume.surplus": {"nl": "te veel personen", "en": "too many persons"},
    "ratio": {"nl": "aandeel in de levering", "en": "share of the delivery"},
    "inquiries": {"nl": "navragen over personen", "en": "inquiries about persons"},
    "evidence": {"nl": "onafhankelijk bewijs", "en": "independent evidence"},
    "delivery": {"nl": "leesbare levering", "en": "delivery that can be read"},
}
"""By kind of check, or by the whole name, and of the check that a delivery can be read at all."""


REQUIRED: Mapping[str, str] = {
    "schedule": "De levering is er, leesbaar en op tijd.",
    "ledger": "De nummers van leveringen lopen door, en wat is weggelaten is verklaard.",
    "schema": "De kolommen zijn die welke zijn afgesproken.",
    "contract": "Elke regel voor één levering, naar zijn weging.",
    "completeness": "Een veld is zo vaak gevuld als is afgesproken.",
    "drift": "Een veld is niet vaker leeg dan vroeger.",
    "coverage": "Elke verwachte categorie komt voor.",
    "canary": "Van elke categorie komt een proefpersoon er binnen de termijn uit.",
    "vanished": "Geen categorie verdwijnt ongemerkt.",
    "control_total": "Wat is geselecteerd en verzonden, is ontvangen.",
    "conservation": "Wie bij een schakel van de keten kwam, is bij de volgende, of verklaard.",
    "acknowledgement": "Elke levering is op tijd bevestigd, aanvaard en met hetzelfde aantal geteld.",
    "reconciliation": "Wie in het register van de leverancier staat, is geleverd, en niemand anders.",
    "reference": "De aantallen passen bij wat anderen publiceren.",
    "undercoverage": "Bijna niemand staat op geen enkele lijst.",
    "volume": "De aantallen passen bij de eigen geschiedenis.",
    "ratio": "Een deel van de levering past bij de rest.",
    "inquiries": "Navragen over onbekende personen blijven zeldzaam.",
    "evidence": "Voor elk deel is er bewijs van buiten de levering zelf.",
}
"""Check kind → what it requires, in Dutch, for the page of the contract; in English that is its docstring."""


def named(check: str, language: Language) -> str:
    """Return what a check looks at, by its name; a name that does not begin with a kind stands for itself."""
    if check in NAMED:
        return NAMED[check][language]
    kind, _, detail = check.partition(".")
    texts = NAMED.get(kind)
    if texts is None:
        return f"'{check}'"
    return f"{texts[language]} '{detail}'" if detail else texts[language]
