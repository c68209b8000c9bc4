"""Words that a parameter may stand for, by key: kinds of delivery, declared stretches, named causes."""

from __future__ import annotations

from collections.abc import Mapping

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
    "stretch.incident": {"nl": "een verstoring", "en": "an incident"},
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
    "evidence.reference": {"nl": "een telling van buiten", "en": "an outside figure"},
}

TERMS: Mapping[str, Texts] = {
    **KINDS_OF_DELIVERY,
    **TYPES,
    **ORIGINS,
    **STRETCHES,
    **EVIDENCE,
}
