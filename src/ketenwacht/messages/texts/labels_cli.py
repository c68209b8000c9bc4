"""What commands print besides their tables: what was done, and where it went."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

CLI_LABELS: Mapping[str, Texts] = {
    "cli.nothing_new": {
        "nl": "niets te beoordelen: geen nieuwe levering, en er ontbreekt er geen die er al had moeten zijn",
        "en": "nothing to judge: no new delivery, and none that was due is missing",
    },
    "cli.nothing_staged": {
        "nl": "niets te beoordelen: zo'n levering is er niet in deze omgeving",
        "en": "nothing to judge: there is no such delivery in this environment",
    },
    "cli.report": {"nl": "{path}: {headline}", "en": "{path}: {headline}"},
    "cli.wrote": {"nl": "{path} geschreven", "en": "wrote {path}"},
    "cli.written": {"nl": "geschreven; alleen u kunt het lezen", "en": "written; only you can read it"},
    "cli.written_empty": {"nl": "geschreven; er staat niemand in", "en": "written; there is nobody in it"},
    "cli.written_clear": {
        "nl": "geschreven, leesbaar; alleen u kunt het lezen",
        "en": "written, in clear; only you can read it",
    },
    "cli.written_canaries": {
        "nl": "geschreven; geef het aan de afzender, en noem het als `canaries.list`",
        "en": "written; give it to the sender, and name it as `canaries.list`",
    },
    "cli.drawn": {
        "nl": "getekend; de aantallen erin zijn afgerond",
        "en": "drawn; its counts are rounded",
    },
    "cli.exported": {
        "nl": "{path}: er staan kleine aantallen in, dus bewaar het waar de historie mag staan",
        "en": "{path}: it holds small counts, so keep it where the history may be",
    },
    "cli.imported": {
        "nl": "{count:nieuwe levering|nieuwe leveringen}",
        "en": "{count:new delivery|new deliveries}",
    },
    "cli.figures_known": {
        "nl": "{feed}: niets nieuws; de {rows} cijfers van het bestand waren alle bekend",
        "en": "{feed}: nothing new; all {rows} figures of the file were known",
    },
    "cli.figures_new": {
        "nl": "{feed}: {new} van {rows} cijfers nieuw",
        "en": "{feed}: {new} new of {rows} figures",
    },
    "cli.signed": {
        "nl": "{rows:regel|regels} ondertekend met sleutel {key}; kolommen: {columns}",
        "en": "{rows:row|rows} signed with key {key}; columns: {columns}",
    },
    "cli.signed_without": {
        "nl": "{count} daarvan hebben geen sleutel en zijn nooit te vergelijken",
        "en": "{count} of them have no key, and can never be matched",
    },
    "cli.looked_up": {
        "nl": "{found} van {listed} personen staan in het register",
        "en": "{found} of {listed} persons are in the register",
    },
    "cli.digest": {
        "nl": "in {buckets} van 2^{bits} vakken staan personen; sleutel {key}",
        "en": "{buckets} buckets of 2^{bits} hold persons; key {key}",
    },
    "cli.digest_same": {
        "nl": "beide samenvattingen bevatten dezelfde personen",
        "en": "both digests hold the same persons",
    },
    "cli.digest_differ": {
        "nl": "{differing} van {buckets} vakken verschillen",
        "en": "{differing} of {buckets} buckets differ",
    },
    "cli.digest_bucket": {
        "nl": "{bucket}: bij ons {ours}, bij hen {theirs}",
        "en": "{bucket}: ours {ours}, theirs {theirs}",
    },
    "cli.digest_drill": {
        "nl": "om verder te zoeken: beide kanten opnieuw met meer --bits en: {options}",
        "en": "to drill, both sides again with more --bits and: {options}",
    },
    "cli.more": {"nl": "en nog {count}", "en": "and {count} more"},
    "cli.canaries": {
        "nl": "{count:proefpersoon|proefpersonen} van {day}, een per categorie",
        "en": "{count:synthetic person|synthetic persons} of {day}, one a category",
    },
    "cli.backup": {
        "nl": "{path}: de historie zoals die op dit moment was",
        "en": "{path}: the history as it was at this moment",
    },
    "cli.restored": {"nl": "de historie is zoals in {path}", "en": "the history is as {path} has it"},
    "cli.prune_row": {"nl": "{count} {table}", "en": "{count} {table}"},
    "cli.pruned": {"nl": "{feed}: {rows} verwijderd", "en": "{feed}: {rows} removed"},
    "cli.would_prune": {
        "nl": "{feed}: {rows} zouden worden verwijderd (met --yes gebeurt het)",
        "en": "{feed}: {rows} would be removed (add --yes to do it)",
    },
    "cli.nothing_to_mend": {"nl": "niets te herstellen", "en": "nothing to mend"},
    "cli.note": {"nl": "let op: {note}", "en": "note: {note}"},
    "cli.next": {"nl": "daarna: {steps}", "en": "next: {steps}"},
    "cli.contracts": {
        "nl": "{feeds:stroom|stromen}, {rules:regel|regels} voor een levering",
        "en": "{feeds:feed|feeds}, {rules:rule|rules} for one delivery",
    },
    "cli.simulated": {
        "nl": "{folder}: {deliveries:levering|leveringen}, {persons:persoon|personen}, scenario {scenario}, "
        "seed {seed}",
        "en": "{folder}: {deliveries:delivery|deliveries}, {persons:person|persons}, scenario {scenario}, "
        "seed {seed}",
    },
    "cli.planted_missing": {
        "nl": "weggelaten: {count:persoon|personen} van {segment}",
        "en": "planted: {count:person|persons} of {segment} are missing",
    },
    "cli.planted_defect": {
        "nl": "aangebracht: {kind} in {delivery}, het oordeel moet {status} zijn",
        "en": "planted: {kind} in {delivery}, which should be {status}",
    },
    "demo.begin": {
        "nl": "Een verzonnen stroom van {first} tot {last} met het verlies van 2022 erin (seed {seed}).",
        "en": "A fictional feed of {first} to {last} with the loss of 2022 in it (seed {seed}).",
    },
    "demo.judging": {
        "nl": "Nu wordt elke levering beoordeeld op de dag dat zij kwam, met wat die dag bekend kon zijn.",
        "en": "Now every delivery is judged on the day it came, with what could be known on that day.",
    },
    "demo.planted": {
        "nl": "Weggelaten, en wat het bewijs ervan zegt:",
        "en": "Planted, and what the evidence says of it:",
    },
    "demo.report": {"nl": "Het rapport: {path}", "en": "The report: {path}"},
}
