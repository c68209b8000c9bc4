"""Labels of incidents, of what is missing, of alerts and of replays."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

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
