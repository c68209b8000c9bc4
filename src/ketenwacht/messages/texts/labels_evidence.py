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


# Labels of incidents, of what is missing, of alerts and of replays.


INCIDENT_LABELS: Mapping[str, Texts] = {
    "missing.too_many": {"nl": "{amount} te veel", "en": "{amount} too many"},
    "missing.since": {"nl": "{amount} ontbreken sinds {since}", "en": "{amount} missing since {since}"},
    "missing.too_many_since": {
        "nl": "{amount} te veel sinds {since}",
        "en": "{amount} too many since {since}",
    },
    "missing.in_range": {"nl": "{sentence} ({range})", "en": "{sentence} ({range})"},
    "missing.week": {"nl": "de week van {day}", "en": "the week of {day}"},
    "finding.days": {"nl": "{days:dag|dagen}", "en": "{days:day|days}"},
    "finding.about_days": {"nl": "ongeveer {days:dag|dagen}", "en": "about {days:day|days}"},
    "impact.none_many": {
        "nl": "in geen ervan zoveel als {limit}",
        "en": "in none of them as many as {limit}",
    },
    "impact.most": {"nl": "de meeste in {parts:, }", "en": "most in {parts:, }"},
    "impact.parts": {
        "nl": "ontbreken in {count:deel|delen} naar {by: en }; {most}",
        "en": "missing in {count:part|parts} by {by: and }; {most}",
    },
    "impact.term": {"nl": "{name} ({days:dag|dagen}): {stands}", "en": "{name} ({days:day|days}): {stands}"},
    "impact.passed": {"nl": "verstreken voor {count}", "en": "passed for {count}"},
    "impact.soon": {"nl": "eindigt binnen vier weken voor {count}", "en": "ends within four weeks for {count}"},
    "impact.waiting": {"nl": "begint bij levering voor {count}", "en": "begins on delivery for {count}"},
    "impact.overdue": {
        "nl": "was bij tijdige levering verstreken voor {count}",
        "en": "delivered in time it would have passed for {count}",
    },
    "impact.no_risk": {"nl": "nog geen risico", "en": "not at risk yet"},
    "event.by": {"nl": "{event}, {actor}", "en": "{event} by {actor}"},
    "event.detail": {"nl": "{event}: {detail}", "en": "{event}: {detail}"},
    "event.until": {"nl": "tot {day}, {why}", "en": "until {day}, {why}"},
    "incident.none": {"nl": "Geen incidenten.", "en": "No incident."},
    "incident.count": {
        "nl": "{count:incident|incidenten}: {states}",
        "en": "{count:incident|incidents}: {states}",
    },
    "incident.hint": {
        "nl": "ketenwacht incidents show {incident} zegt meer; ack, snooze en resolve doen er iets mee.",
        "en": "ketenwacht incidents show {incident} says more; ack, snooze and resolve act on it.",
    },
    "incident.what": {"nl": "{what}; {evidence}", "en": "{what}; {evidence}"},
    "incident.evidence": {"nl": "{evidence}, controle {check}", "en": "{evidence}, check {check}"},
    "incident.open_since": {
        "nl": "open sinds {day}, {lasted:dag|dagen}",
        "en": "open since {day}, {lasted:day|days}",
    },
    "incident.acknowledged_since": {
        "nl": "open sinds {day}, {lasted:dag|dagen}, in behandeling",
        "en": "open since {day}, {lasted:day|days}, acknowledged",
    },
    "incident.owner": {"nl": "in behandeling bij {owner}", "en": "looked after by {owner}"},
    "incident.no_owner": {"nl": "nog niemand neemt het in behandeling", "en": "nobody looks after it yet"},
    "incident.found": {"nl": "gevonden {day}, {state}", "en": "found {day}, {state}"},
    "incident.ended": {"nl": "{state} {day}", "en": "{state} {day}"},
    "incident.snoozed": {
        "nl": "stil tot {day} door {owner}: {why}",
        "en": "snoozed until {day} by {owner}: {why}",
    },
    "incident.part_of": {"nl": "deel van {parent}", "en": "part of {parent}"},
    "incident.unchanged": {
        "nl": "Er is niets veranderd: dat was al gedaan.",
        "en": "Nothing changed: that was done before.",
    },
    "party.sender": {"nl": "de afzender", "en": "the sender"},
    "party.receiver": {"nl": "de ontvanger", "en": "the receiver"},
    "incident.row_feed": {"nl": "stroom", "en": "feed"},
    "incident.row_where": {"nl": "waar", "en": "where"},
    "incident.row_what": {"nl": "wat", "en": "what"},
    "incident.row_evidence": {"nl": "bewijs", "en": "evidence"},
    "incident.row_says": {"nl": "melding", "en": "it says"},
    "incident.row_now": {"nl": "nu", "en": "now"},
    "incident.row_means": {"nl": "gevolg", "en": "means"},
    "incident.row_to_do": {"nl": "te doen", "en": "to do"},
    "incident.events": {"nl": "Wat er gebeurde", "en": "What happened"},
    "replay.task": {"nl": "naspelen", "en": "replay"},
    "replay.progress": {"nl": "{bad} niet goed", "en": "{bad} not right"},
    "replay.title": {
        "nl": "Wat wanneer is gevonden, en door welk bewijs: {feed}, {span}",
        "en": "What was found when, and by which evidence: {feed}, {span}",
    },
    "replay.nothing": {
        "nl": "Er is niets gevonden. Dat bewijst op zichzelf niets: zie wat onbewezen is.",
        "en": "Nothing was found. That proves nothing by itself: see what is unproven.",
    },
    "replay.totals": {
        "nl": "{deliveries:levering|leveringen}, {findings:bevinding|bevindingen}, {alerts:melding|meldingen} "
        "verstuurd ({a_week} per week).",
        "en": "{deliveries:delivery|deliveries}, {findings:finding|findings}, {alerts:alert|alerts} sent "
        "({a_week} a week).",
    },
    "replay.said": {"nl": "{message}; {state}", "en": "{message}; {state}"},
    "replay.after_known": {
        "nl": "gevonden {days:dag|dagen} nadat het begon op {day}; {state}",
        "en": "found {days:day|days} after it began on {day}; {state}",
    },
    "replay.after_about": {
        "nl": "gevonden ongeveer {days:dag|dagen} nadat het lijkt te zijn begonnen; {state}",
        "en": "found about {days:day|days} after it seems to have begun; {state}",
    },
    "alerts.none": {"nl": "Er is nog nooit een melding geschreven.", "en": "No alert was ever written."},
    "alerts.count": {"nl": "Meldingen: {states}", "en": "Alerts: {states}"},
    "alerts.tried": {"nl": "{attempts} keer geprobeerd: {error}", "en": "tried {attempts} times: {error}"},
    "alerts.pending": {"nl": "wacht", "en": "pending"},
    "alerts.sending": {"nl": "onderweg", "en": "sending"},
    "alerts.sent": {"nl": "verstuurd", "en": "sent"},
    "alerts.failed": {"nl": "mislukt", "en": "failed"},
    "alerts.arrived": {"nl": "({medium}) aangekomen", "en": "({medium}) arrived"},
    "alerts.not_arrived": {
        "nl": "({medium}) niet aangekomen: {error}",
        "en": "({medium}) did not arrive: {error}",
    },
    "alerts.flushed": {
        "nl": "{sent} verstuurd, {left} niet aangekomen, {waiting} wachten op een nieuwe poging",
        "en": "{sent} sent, {left} did not arrive, {waiting} wait for another attempt",
    },
    "alerts.next": {"nl": "volgende poging {at}: {error}", "en": "next attempt {at}: {error}"},
    "alerts.not_tried": {"nl": "nog niet geprobeerd", "en": "not tried yet"},
    "demo.not_found": {
        "nl": "{segment}: {count} weggelaten, niemand gevonden",
        "en": "{segment}: {count} left out, nobody found",
    },
    "demo.found": {
        "nl": "{segment}: {count} weggelaten, {found} gevonden door {evidence} op {day}",
        "en": "{segment}: {count} left out, {found} found by {evidence} on {day}",
    },
    "yardstick.nobody": {
        "nl": "Niemand bleek te ontbreken, niet door ons en niet door een navraag.",
        "en": "Nobody was found missing, by us or by an inquiry.",
    },
    "yardstick.found": {
        "nl": "{by_us} personen gevonden voordat iemand ernaar vroeg, {by_inquiry} het eerst door een navraag.",
        "en": "{by_us} persons found before anybody asked, {by_inquiry} first found by an inquiry.",
    },
}
