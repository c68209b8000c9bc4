"""Texts of probable causes, by code of `cause_finders.CODES`; parts of a sentence, without a full stop."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

CAUSES: Mapping[str, Texts] = {
    "cause.never_selected": {
        "nl": "de afzender selecteerde nooit iemand met {column} {values: of }",
        "en": "the sender never selected anybody with {column} {values: or }",
    },
    "cause.never_delivered": {
        "nl": "er kwam nooit iemand met {column} {values: of }",
        "en": "nobody with {column} {values: or } was ever delivered",
    },
    "cause.lost_after_selection": {
        "nl": "de afzender selecteerde personen met {column} {values: of }, maar leverde hen nooit",
        "en": "the sender selected persons with {column} {values: or }, but never delivered them",
    },
    "cause.value_gone": {
        "nl": "sinds {day} komt niemand meer met {column} {values: of }",
        "en": "nobody with {column} {values: or } has come since {day}",
    },
    "cause.value_new": {
        "nl": "nieuw sinds {day}: {column} {values: en }",
        "en": "new since {day}: {column} {values: and }",
    },
    "cause.value_unknown": {
        "nl": "sinds {day} staat in {column} {values: en }, en dat kent de codetabel niet",
        "en": "since {day}, {column} holds {values: and }, which the code table does not have",
    },
    "cause.value_fell": {
        "nl": "sinds {day} komt van {column} {values: en } nog {share} van wat gewoon is",
        "en": "since {day}, {column} {values: and } came to {share} of what is usual",
    },
    "cause.recoded": {
        "nl": "sinds {day} komen personen met {column} {from} onder {into}",
        "en": "since {day}, persons with {column} {from} come under {into}",
    },
    "cause.split": {
        "nl": "van {column} {values: en } ontbreekt {share}, van de anderen {others}",
        "en": "of {column} {values: and }, {share} are missing; of the others {others}",
    },
    "cause.emptier": {
        "nl": "sinds {day} is {column} vaker leeg ({where}): {share}, eerder {usual}",
        "en": "since {day}, {column} is empty more often ({where}): {share}, before {usual}",
    },
    "cause.rule_broken": {
        "nl": "op {day} schonden waarden van {columns:, } een afspraak die in "
        "{deliveries:eerdere levering|eerdere leveringen} niemand schond",
        "en": "on {day}, values of {columns:, } broke an agreement that none had broken in "
        "{deliveries:earlier delivery|earlier deliveries}",
    },
    "cause.columns_changed": {"nl": "andere kolommen: {differences}", "en": "other columns: {differences}"},
    "cause.column_added": {"nl": "nieuwe kolom op {day}: {columns:, }", "en": "new column on {day}: {columns:, }"},
    "cause.column_gone": {"nl": "kolom weg op {day}: {columns:, }", "en": "column gone on {day}: {columns:, }"},
    "cause.reason_rises": {
        "nl": "sinds {day} laat de afzender meer personen weg om de reden {reason}",
        "en": "since {day}, the sender leaves out more persons for the reason {reason}",
    },
    "cause.weekday": {"nl": "alleen op {weekday}", "en": "only on {weekday}"},
    "cause.schema_version": {
        "nl": "begon met schemaversie {version} ({day})",
        "en": "began with schema version {version} ({day})",
    },
    "cause.code_table": {
        "nl": "begon met versie {version} van codetabel {table} ({day})",
        "en": "began with version {version} of code table {table} ({day})",
    },
    "cause.sender_version": {
        "nl": "begon met versie {version} van het systeem van de afzender ({day})",
        "en": "began with version {version} of the sender’s system ({day})",
    },
    "cause.declared": {"nl": "begon met {kind} van {day}: {reason}", "en": "began with {kind} of {day}: {reason}"},
    "cause.delivery_absent": {
        "nl": "de levering van {day} kwam niet op tijd",
        "en": "the delivery of {day} did not come when it was due",
    },
    "cause.delivery_late": {"nl": "de levering van {day} kwam te laat", "en": "the delivery of {day} came late"},
    "cause.delivery_empty": {"nl": "de levering van {day} was leeg", "en": "the delivery of {day} was empty"},
    "cause.delivery_damaged": {
        "nl": "de levering van {day} is beschadigd: {problem}",
        "en": "the delivery of {day} is damaged: {problem}",
    },
    "cause.sent_twice": {
        "nl": "de afzender stuurde levering {earlier} twee keer",
        "en": "the sender sent delivery {earlier} twice",
    },
    "cause.number_lost": {
        "nl": "levering {numbers} raakte onderweg kwijt",
        "en": "delivery {numbers} was lost on its way",
    },
    "cause.receipt_lost": {
        "nl": "de ontvangstbevestiging van levering {deliveries:, } kwam niet; die van andere leveringen wel",
        "en": "the acknowledgement of delivery {deliveries:, } did not come; those of other deliveries did",
    },
    "cause.receipts_stopped": {
        "nl": "er komen geen ontvangstbevestigingen meer sinds levering {deliveries:, }",
        "en": "no acknowledgement has come since delivery {deliveries:, }",
    },
    "cause.receipt_rejected": {
        "nl": "de ontvanger keurde levering {deliveries:, } af",
        "en": "the receiver rejected delivery {deliveries:, }",
    },
    "cause.receipt_differs": {
        "nl": "de ontvanger telde in levering {deliveries:, } een ander aantal personen",
        "en": "the receiver counted another number of persons in delivery {deliveries:, }",
    },
}
