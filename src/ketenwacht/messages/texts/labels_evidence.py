"""Labels of evidence from outside: registers, catch-ups, references, inquiries, declared stretches."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

EVIDENCE_LABELS: Mapping[str, Texts] = {
    "reconcile.title": {
        "nl": "{feed}: register van {day} naast {deliveries:levering|leveringen}",
        "en": "{feed}: register of {day} against {deliveries:delivery|deliveries}",
    },
    "reconcile.days": {"nl": "{days} d", "en": "{days} d"},
    "reconcile.more": {
        "nl": "en {count:fijner deel|fijnere delen} zonder bevinding",
        "en": "and {count:finer part|finer parts} without a finding",
    },
    "reconcile.late_few": {
        "nl": "te laat: te weinig personen om te zeggen hoe lang",
        "en": "late: too few to tell how long",
    },
    "reconcile.missing_few": {
        "nl": "ontbrekend: te weinig personen om te zeggen hoe lang",
        "en": "missing: too few to tell how long",
    },
    "reconcile.late_days": {
        "nl": "te laat, dagen van beslissing tot aankomst: de helft hoogstens {p50}, 95 % hoogstens {p95}, "
        "langste {longest}",
        "en": "late, days from decision to arrival: half at most {p50}, 95 % at most {p95}, longest {longest}",
    },
    "reconcile.missing_days": {
        "nl": "ontbrekend, dagen sinds het beslissing: de helft hoogstens {p50}, 95 % hoogstens {p95}, "
        "langste {longest}",
        "en": "missing, days since the decision: half at most {p50}, 95 % at most {p95}, longest {longest}",
    },
    "reconcile.by_column": {"nl": "verschillend per kolom: {columns}", "en": "different by column: {columns}"},
    "reconcile.unread": {
        "nl": "{count} leveringen konden niet worden gelezen: hun personen tellen als niet geleverd",
        "en": "{count} deliveries could not be read: their persons count as not delivered",
    },
    "reconcile.undated": {
        "nl": "{count} regels van het register hebben geen beslissingdatum",
        "en": "{count} rows of the register have no date of decision",
    },
    "reconcile.register_without_key": {
        "nl": "{count} regels van het register hebben geen sleutel en zijn nooit te vergelijken",
        "en": "{count} rows of the register have no key, and can never be matched",
    },
    "reconcile.delivered_without_key": {
        "nl": "{count} records zijn zonder sleutel geleverd",
        "en": "{count} records were delivered without a key",
    },
    "reconcile.duplicates": {
        "nl": "{count} regels van het register herhalen een persoon, die eenmaal telt",
        "en": "{count} rows of the register repeat a person, who counts once",
    },
    "reconcile.newer": {
        "nl": "Een nieuwer register, van {day}, is al vergeleken: incidenten blijven zoals dat ze achterliet.",
        "en": "A newer register, of {day}, was compared before: incidents stay as it left them.",
    },
    "reconcile.changed": {
        "nl": "incident {incident} {state}: {message}",
        "en": "incident {incident} {state}: {message}",
    },
    "reconcile.registered": {"nl": "in register", "en": "registered"},
    "reconcile.matched": {"nl": "gevonden", "en": "matched"},
    "reconcile.pending": {"nl": "nog te komen", "en": "pending"},
    "reconcile.late": {"nl": "te laat", "en": "late"},
    "reconcile.missing": {"nl": "ontbrekend", "en": "missing"},
    "reconcile.extra": {"nl": "te veel", "en": "extra"},
    "reconcile.different": {"nl": "verschillend", "en": "different"},
    "reconcile.within": {"nl": "95 % in", "en": "95 % in"},
    "catchup.nobody": {
        "nl": "{feed}: niemand in het register van {day} ontbreekt",
        "en": "{feed}: nobody in the register of {day} is missing",
    },
    "catchup.title": {
        "nl": "{feed}: {persons} personen in {weeks:week|weken}, {span}",
        "en": "{feed}: {persons} persons in {weeks:week|weeks}, {span}",
    },
    "catchup.rule": {
        "nl": "Oudste beslissing eerst; met wat al komt, krijgt geen {by: en } meer dan {multiple} keer een "
        "normale week.",
        "en": "Oldest decision first; with what comes anyway no {by: and } gets more than {multiple} times "
        "its normal week.",
    },
    "catchup.legend": {
        "nl": "{rule} Staven: personen per week. Lijn: personen die nog wachten.",
        "en": "{rule} Bars: persons a week. Line: persons still waiting.",
    },
    "catchup.week": {
        "nl": "{day}: {persons} personen, {waiting} wachten nog",
        "en": "{day}: {persons} persons, {waiting} still waiting",
    },
    "catchup.risk_delivery": {
        "nl": "{name} ({days:dag|dagen} vanaf levering): verstreken voor {passed}, verstrijkt voor {will_pass} "
        "terwijl zij wachten; de laatste eindigt {last}",
        "en": "{name} ({days:day|days} from delivery): passed for {passed}, will pass for {will_pass} while they "
        "wait; the last one ends {last}",
    },
    "catchup.risk_decision": {
        "nl": "{name} ({days:dag|dagen} vanaf beslissing): verstreken voor {passed}, verstrijkt voor {will_pass} "
        "terwijl zij wachten; de laatste eindigt {last}",
        "en": "{name} ({days:day|days} from decision): passed for {passed}, will pass for {will_pass} while they "
        "wait; the last one ends {last}",
    },
    "catchup.more": {"nl": "en nog {count:week|weken}", "en": "and {count:more week|more weeks}"},
    "catchup.week_of": {"nl": "week van", "en": "week of"},
    "catchup.persons": {"nl": "personen", "en": "persons"},
    "catchup.waiting": {"nl": "nog wachtend", "en": "still waiting"},
    "reference.none": {
        "nl": "{feed}: er is geen cijfer van buiten bekend",
        "en": "{feed}: no reference figure is known",
    },
    "reference.source": {
        "nl": "{figures:cijfer|cijfers}, van {segments:deel|delen}, {span}; bekend tot op {uncertainty}, "
        "nieuwste van {newest}",
        "en": "{figures:figure|figures}, of {segments:part|parts}, {span}; known to {uncertainty}, "
        "newest of {newest}",
    },
    "reference.restated": {
        "nl": "{figures:cijfer|cijfers}, waarvan {restated} herzien, van {segments:deel|delen}, {span}; bekend "
        "tot op {uncertainty}, nieuwste van {newest}",
        "en": "{figures:figure|figures}, {restated} of them restated, of {segments:part|parts}, {span}; known to "
        "{uncertainty}, newest of {newest}",
    },
    "inquiries.none": {
        "nl": "{feed}: er is geen navraag bekend; dat niemand vraagt, bewijst niets",
        "en": "{feed}: no inquiry is known; nobody asking proves nothing",
    },
    "inquiries.month": {"nl": "maand", "en": "month"},
    "inquiries.together": {"nl": "samen", "en": "together"},
    "inquiries.first": {
        "nl": "van de ontbrekenden zijn er {by_us} het eerst door ons gevonden, {by_inquiry} het eerst door een "
        "navraag: dat aandeel moet naar nul",
        "en": "of the missing {by_us} were first found by us, {by_inquiry} first by an inquiry: the share must "
        "fall to nothing",
    },
    "declared.none": {"nl": "{feed}: er is niets uitgezonderd", "en": "{feed}: nothing is declared"},
    "declared.unchanged": {
        "nl": "Er is niets veranderd: dat was al opgegeven.",
        "en": "Nothing changed: that was declared before.",
    },
    "declared.days": {"nl": "dagen", "en": "days"},
    "declared.kind": {"nl": "soort", "en": "kind"},
    "declared.by": {"nl": "door", "en": "by"},
}
