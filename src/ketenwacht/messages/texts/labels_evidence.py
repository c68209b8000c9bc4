"""Labels of evidence from outside: registers, catch-ups, references, inquiries, declared stretches."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

EVIDENCE_LABELS: Mapping[str, Texts] = {
    "reconcile.title": {
        "nl": "{feed}: register van {day}, vergeleken met {deliveries:levering|leveringen}",
        "en": "{feed}: register of {day} compared with {deliveries:delivery|deliveries}",
    },
    "reconcile.days": {"nl": "{days} d", "en": "{days} d"},
    "reconcile.more": {
        "nl": "en {count:kleinere groep|kleinere groepen} zonder bevinding",
        "en": "and {count:smaller segment|smaller segments} without a finding",
    },
    "reconcile.late_few": {
        "nl": "te laat: te weinig personen om een duur te tonen",
        "en": "late: too few persons to show a delay",
    },
    "reconcile.missing_few": {
        "nl": "ontbrekend: te weinig personen om een duur te tonen",
        "en": "missing: too few persons to show a delay",
    },
    "reconcile.late_days": {
        "nl": "te laat, dagen van beslissing tot aankomst: de helft hoogstens {p50}, 95 % hoogstens {p95}, "
        "langste {longest}",
        "en": "late, days from decision to arrival: half at most {p50}, 95 % at most {p95}, longest {longest}",
    },
    "reconcile.missing_days": {
        "nl": "ontbrekend, dagen sinds de beslissing: de helft hoogstens {p50}, 95 % hoogstens {p95}, "
        "langste {longest}",
        "en": "missing, days since the decision: half at most {p50}, 95 % at most {p95}, longest {longest}",
    },
    "reconcile.by_column": {"nl": "verschillen per kolom: {columns}", "en": "differences by column: {columns}"},
    "reconcile.unread": {
        "nl": "{count:levering is|leveringen zijn} niet te lezen; de personen daarin tellen als niet geleverd",
        "en": "{count:delivery|deliveries} cannot be read; the persons in them count as not delivered",
    },
    "reconcile.undated": {
        "nl": "{count:regel|regels} van het register {count:=heeft|hebben} geen datum van beslissing",
        "en": "{count:row|rows} of the register {count:=has|have} no decision date",
    },
    "reconcile.register_without_key": {
        "nl": "{count:regel|regels} van het register {count:=heeft|hebben} geen sleutel en {count:=kan|kunnen} "
        "niet worden vergeleken",
        "en": "{count:row|rows} of the register {count:=has|have} no key and cannot be compared",
    },
    "reconcile.delivered_without_key": {
        "nl": "{count:geleverde regel heeft|geleverde regels hebben} geen sleutel",
        "en": "{count:delivered row has|delivered rows have} no key",
    },
    "reconcile.duplicates": {
        "nl": "{count:regel|regels} van het register {count:=noemt|noemen} een persoon opnieuw; die telt één keer",
        "en": "{count:row|rows} of the register {count:=repeats|repeat} a person, who counts once",
    },
    "reconcile.newer": {
        "nl": "Een nieuwer register, van {day}, is al vergeleken. De incidenten veranderen daarom niet.",
        "en": "A newer register, of {day}, was already compared. The incidents therefore do not change.",
    },
    "reconcile.changed": {
        "nl": "bevinding {incident} {state}: {message}",
        "en": "finding {incident} {state}: {message}",
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
        "nl": "{feed}: uit het register van {day} ontbreekt niemand",
        "en": "{feed}: nobody in the register of {day} is missing",
    },
    "catchup.title": {
        "nl": "{feed}: {persons:persoon|personen} in {weeks:week|weken}, {span}",
        "en": "{feed}: {persons:person|persons} in {weeks:week|weeks}, {span}",
    },
    "catchup.rule": {
        "nl": "Oudste beslissing eerst. Samen met wat al komt, krijgt geen {by: en } meer dan {multiple} "
        "keer een normale week.",
        "en": "Oldest decision first. Together with what comes anyway, no {by: and } gets more than "
        "{multiple} times a normal week.",
    },
    "catchup.legend": {
        "nl": "{rule} Staven: personen per week. Lijn: personen die nog wachten.",
        "en": "{rule} Bars: persons a week. Line: persons still waiting.",
    },
    "catchup.week": {
        "nl": "{day}: {persons:persoon|personen}, {waiting:wacht|wachten} nog",
        "en": "{day}: {persons:person|persons}, {waiting} still waiting",
    },
    "catchup.risk_delivery": {
        "nl": "{name} ({days:dag|dagen} vanaf levering): verstreken voor {passed}; verstrijkt tijdens het "
        "wachten voor {will_pass}; de laatste eindigt {last}",
        "en": "{name} ({days:day|days} from delivery): passed for {passed}; will pass for {will_pass} "
        "while they wait; the last one ends {last}",
    },
    "catchup.risk_decision": {
        "nl": "{name} ({days:dag|dagen} vanaf beslissing): verstreken voor {passed}; verstrijkt tijdens "
        "het wachten voor {will_pass}; de laatste eindigt {last}",
        "en": "{name} ({days:day|days} from decision): passed for {passed}; will pass for {will_pass} "
        "while they wait; the last one ends {last}",
    },
    "catchup.more": {"nl": "en nog {count:week|weken}", "en": "and {count:more week|more weeks}"},
    "catchup.week_of": {"nl": "week van", "en": "week of"},
    "catchup.persons": {"nl": "personen", "en": "persons"},
    "catchup.waiting": {"nl": "nog wachtend", "en": "still waiting"},
    "reference.none": {
        "nl": "{feed}: er is geen telling van buiten bekend",
        "en": "{feed}: no outside reference is known",
    },
    "reference.source": {
        "nl": "{figures:cijfer|cijfers} van {segments:groep|groepen}, {span}; bekend tot op {uncertainty}, "
        "nieuwste van {newest}",
        "en": "{figures:figure|figures} of {segments:segment|segments}, {span}; known to {uncertainty}, "
        "newest of {newest}",
    },
    "reference.restated": {
        "nl": "{figures:cijfer|cijfers}, waarvan {restated} herzien, van {segments:groep|groepen}, {span}; "
        "bekend tot op {uncertainty}, nieuwste van {newest}",
        "en": "{figures:figure|figures}, {restated} of them restated, of {segments:segment|segments}, "
        "{span}; known to {uncertainty}, newest of {newest}",
    },
    "inquiries.none": {
        "nl": "{feed}: er zijn geen navragen bekend; dat bewijst niets",
        "en": "{feed}: no inquiry is known; that proves nothing",
    },
    "inquiries.month": {"nl": "maand", "en": "month"},
    "inquiries.together": {"nl": "samen", "en": "together"},
    "inquiries.first": {
        "nl": "van de ontbrekende personen vonden wij er {by_us} het eerst; {by_inquiry:bleek|bleken} het eerst "
        "uit een navraag. Dat deel moet naar nul.",
        "en": "of the missing persons, we found {by_us} first and an inquiry found {by_inquiry} first: "
        "that share must fall to zero",
    },
    "declared.none": {"nl": "{feed}: er zijn geen periodes uitgesloten", "en": "{feed}: no period is excluded"},
    "declared.unchanged": {
        "nl": "Er is niets veranderd: dit was al vastgelegd.",
        "en": "Nothing changed: this was already declared.",
    },
    "declared.days": {"nl": "dagen", "en": "days"},
    "declared.kind": {"nl": "soort", "en": "kind"},
    "declared.by": {"nl": "door", "en": "by"},
}


# Labels of incidents, missing persons, alerts and replays.


INCIDENT_LABELS: Mapping[str, Texts] = {
    "missing.too_many": {"nl": "{amount} te veel", "en": "{amount} too many"},
    "missing.since": {"nl": "{amount:ontbreekt|ontbreken} sinds {since}", "en": "{amount} missing since {since}"},
    "missing.too_many_since": {
        "nl": "{amount} te veel sinds {since}",
        "en": "{amount} too many since {since}",
    },
    "missing.in_range": {"nl": "{sentence} ({range})", "en": "{sentence} ({range})"},
    "missing.week": {"nl": "de week van {day}", "en": "the week of {day}"},
    "finding.days": {"nl": "{days:dag|dagen}", "en": "{days:day|days}"},
    "finding.about_days": {"nl": "ongeveer {days:dag|dagen}", "en": "about {days:day|days}"},
    "impact.none_many": {
        "nl": "in geen enkele groep zoveel als {limit}",
        "en": "in no segment as many as {limit}",
    },
    "impact.most": {"nl": "de meeste: {parts:, }", "en": "most: {parts:, }"},
    "impact.parts": {
        "nl": "ontbreken in {count:groep|groepen} naar {by: en }; {most}",
        "en": "missing in {count:segment|segments} by {by: and }; {most}",
    },
    "impact.term": {"nl": "{name} ({days:dag|dagen}): {stands}", "en": "{name} ({days:day|days}): {stands}"},
    "impact.passed": {"nl": "verstreken voor {count}", "en": "passed for {count}"},
    "impact.soon": {"nl": "eindigt binnen vier weken voor {count}", "en": "ends within four weeks for {count}"},
    "impact.waiting": {"nl": "begint pas bij levering ({count})", "en": "begins only on delivery ({count})"},
    "impact.overdue": {
        "nl": "was bij levering op tijd nu voorbij voor {count}",
        "en": "would be over by now for {count} had they been delivered on time",
    },
    "impact.no_risk": {"nl": "nog geen risico", "en": "not at risk yet"},
    "event.by": {"nl": "{event}, {actor}", "en": "{event} by {actor}"},
    "event.detail": {"nl": "{event}: {detail}", "en": "{event}: {detail}"},
    "event.unreadable": {"nl": "niet te lezen", "en": "cannot be read"},
    "event.until": {"nl": "tot en met {day}, {why}", "en": "through {day}, {why}"},
    "incident.none": {"nl": "Geen incidenten.", "en": "No incidents."},
    "incident.count": {
        "nl": "{count:incident|incidenten}: {states}",
        "en": "{count:incident|incidents}: {states}",
    },
    "finding.none": {"nl": "Geen bevindingen.", "en": "No findings."},
    "finding.count": {
        "nl": "{count:bevinding|bevindingen}: {states}",
        "en": "{count:finding|findings}: {states}",
    },
    "finding.hint": {
        "nl": "ketenwacht incidents show {finding} toont meer; ack, snooze en resolve wijzigen de bevinding.",
        "en": "ketenwacht incidents show {finding} shows more; ack, snooze and resolve change the finding.",
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
    "incident.owner": {"nl": "in behandeling bij {owner}", "en": "handled by {owner}"},
    "incident.no_owner": {"nl": "nog niemand heeft dit in behandeling", "en": "nobody handles this yet"},
    "incident.found": {"nl": "gevonden {day}, {state}", "en": "found {day}, {state}"},
    "incident.ended": {"nl": "{state} {day}", "en": "{state} {day}"},
    "incident.snoozed": {
        "nl": "stil tot en met {day} door {owner}: {why}",
        "en": "snoozed through {day} by {owner}: {why}",
    },
    "incident.part_of": {"nl": "deel van {parent}", "en": "part of {parent}"},
    "incident.unchanged": {
        "nl": "Er is niets veranderd: dit was al gedaan.",
        "en": "Nothing changed: this was already done.",
    },
    "party.sender": {"nl": "de afzender", "en": "the sender"},
    "party.receiver": {"nl": "de ontvanger", "en": "the receiver"},
    "incident.row_feed": {"nl": "stroom", "en": "feed"},
    "incident.row_where": {"nl": "waar", "en": "where"},
    "incident.row_what": {"nl": "wat", "en": "what"},
    "incident.row_evidence": {"nl": "bewijs", "en": "evidence"},
    "incident.row_earlier": {"nl": "eerder bewijs", "en": "earlier evidence"},
    "incident.row_apart": {"nl": "past er niet bij", "en": "does not fit"},
    "incident.row_why": {"nl": "waarom", "en": "why"},
    "incident.row_says": {"nl": "toelichting", "en": "details"},
    "incident.row_now": {"nl": "nu", "en": "now"},
    "incident.row_means": {"nl": "gevolg", "en": "means"},
    "incident.row_to_do": {"nl": "te doen", "en": "to do"},
    "incident.events": {"nl": "Wat er gebeurde", "en": "What happened"},
    "replay.title": {
        "nl": "Wat wanneer is gevonden, en door welk bewijs: {feed}, {span}",
        "en": "What was found when, and by which evidence: {feed}, {span}",
    },
    "replay.nothing": {
        "nl": "Er is niets gevonden. Dat bewijst niets: bekijk wat onbewezen is.",
        "en": "Nothing was found. That proves nothing: look at what is unproven.",
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
        "nl": "gevonden ongeveer {days:dag|dagen} na het geschatte begin; {state}",
        "en": "found about {days:day|days} after the estimated beginning; {state}",
    },
    "replay.begun_anew": {
        "nl": "het begin is later opnieuw geschat; {state}",
        "en": "its beginning was estimated anew afterwards; {state}",
    },
    "alerts.none": {"nl": "Er zijn nog geen meldingen.", "en": "There are no alerts yet."},
    "alerts.count": {"nl": "Meldingen: {states}", "en": "Alerts: {states}"},
    "alerts.tried": {"nl": "{attempts} keer geprobeerd: {error}", "en": "tried {attempts:time|times}: {error}"},
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
        "nl": "{sent} verstuurd, {left} niet aangekomen, {waiting:wordt|worden} opnieuw geprobeerd",
        "en": "{sent} sent, {left} did not arrive, {waiting} will be tried again",
    },
    "alerts.next": {"nl": "volgende poging {at}: {error}", "en": "next attempt {at}: {error}"},
    "alerts.not_tried": {"nl": "nog niet geprobeerd", "en": "not tried yet"},
    "demo.not_found": {
        "nl": "{segment}: {count} weggelaten, niet gevonden",
        "en": "{segment}: {count} left out, not found",
    },
    "demo.found": {
        "nl": "{segment}: {count} weggelaten, {found} gevonden door {evidence} op {day}",
        "en": "{segment}: {count} left out, {found} found by {evidence} on {day}",
    },
    "yardstick.nobody": {
        "nl": "Niemand bleek te ontbreken: niet uit eigen bewijs en niet uit een navraag.",
        "en": "Nobody was found to be missing, neither by us nor by an inquiry.",
    },
    "yardstick.found": {
        "nl": "{by_us:persoon is|personen zijn} gevonden voordat iemand ernaar vroeg; {by_inquiry:bleek|bleken} "
        "het eerst "
        "uit een navraag.",
        "en": "{by_us:person was|persons were} found before anybody asked; {by_inquiry:was|were} first found by "
        "an inquiry.",
    },
}
