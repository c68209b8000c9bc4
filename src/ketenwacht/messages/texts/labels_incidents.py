"""Words of incidents: what they are about, where they are in their life, their titles and lines; by key."""

from __future__ import annotations

from collections.abc import Mapping

from ketenwacht.domain.incidents.changes import IncidentReason
from ketenwacht.domain.incidents.incident import IncidentNature, IncidentState
from ketenwacht.domain.result import Evidence

from .base import Texts

INCIDENT_NATURE: Mapping[IncidentNature, Texts] = {
    IncidentNature.MISSING: {"nl": "personen ontbreken", "en": "persons missing"},
    IncidentNature.SURPLUS: {"nl": "meer dan verwacht", "en": "more than expected"},
    IncidentNature.LATE: {"nl": "levering te laat", "en": "delivery late"},
    IncidentNature.UNREADABLE: {"nl": "levering onleesbaar", "en": "delivery unreadable"},
    IncidentNature.BROKEN_RULE: {"nl": "afspraak geschonden", "en": "rule broken"},
    IncidentNature.SCHEMA: {"nl": "kolommen gewijzigd", "en": "columns changed"},
    IncidentNature.PRIVACY: {"nl": "privacy", "en": "privacy"},
    IncidentNature.CANNOT_JUDGE: {"nl": "geen oordeel mogelijk", "en": "cannot judge"},
}
"""What an incident is about, in a few words."""

INCIDENT_STATE: Mapping[IncidentState, Texts] = {
    IncidentState.OPEN: {"nl": "open", "en": "open"},
    IncidentState.ACKNOWLEDGED: {"nl": "in behandeling", "en": "acknowledged"},
    IncidentState.SNOOZED: {"nl": "stil gezet", "en": "snoozed"},
    IncidentState.STOPPED: {"nl": "groeit niet meer", "en": "no longer grows"},
    IncidentState.RESOLVED: {"nl": "hersteld", "en": "resolved"},
    IncidentState.CLOSED: {"nl": "gesloten", "en": "closed"},
}
"""Where an incident is in its life, in a few words."""

HOW_SURE: Mapping[Evidence, Texts] = {
    Evidence.RECONCILIATION: {"nl": "zeker (register van {until})", "en": "certain (register of {until})"},
    Evidence.CONTROL_TOTAL: {
        "nl": "geteld (controletotalen tot {until})",
        "en": "counted (control totals up to {until})",
    },
    Evidence.ACKNOWLEDGEMENT: {
        "nl": "vastgesteld (ontvangstbevestigingen)",
        "en": "established (acknowledgements)",
    },
    Evidence.REFERENCE: {
        "nl": "geschat (telling van buiten tot {until})",
        "en": "estimated (outside reference up to {until})",
    },
    Evidence.UNDERCOVERAGE: {"nl": "geschat (overlap van lijsten)", "en": "estimated (overlap of lists)"},
    Evidence.HISTORY: {
        "nl": "geschat (eigen geschiedenis tot {until})",
        "en": "estimated (own history up to {until})",
    },
    Evidence.INQUIRY: {"nl": "vermoed (navragen)", "en": "suspected (inquiries)"},
    Evidence.CONTRACT: {"nl": "vastgesteld (contract)", "en": "established (contract)"},
    Evidence.SCHEDULE: {"nl": "vastgesteld (leverkalender)", "en": "established (schedule)"},
}
"""How sure a number is, by its strongest evidence and how far that came."""

CAUSE_STRENGTH: Mapping[str, Texts] = {
    "probable": {"nl": "waarschijnlijk", "en": "probably"},
    "possible": {"nl": "mogelijk", "en": "possibly"},
}
"""How well a cause fits, in a word."""

INCIDENT_EVENT: Mapping[str, Texts] = {
    IncidentReason.OPENED.value: {"nl": "geopend", "en": "opened"},
    IncidentReason.REOPENED.value: {"nl": "opnieuw geopend", "en": "reopened"},
    IncidentReason.GREW.value: {"nl": "gegroeid", "en": "grew"},
    IncidentReason.SEVERITY_GREW.value: {"nl": "ernstiger geworden", "en": "became more severe"},
    IncidentReason.NATURE_CHANGED.value: {"nl": "gaat nu over iets anders", "en": "is about something else now"},
    IncidentReason.JOINED.value: {
        "nl": "{count:bevinding|bevindingen} erbij",
        "en": "{count:finding|findings} joined",
    },
    IncidentReason.MERGED.value: {"nl": "verder in een ander incident", "en": "continued in another incident"},
    IncidentReason.STOPPED.value: {"nl": "groeit niet meer", "en": "no longer grows"},
    IncidentReason.GROWS_AGAIN.value: {"nl": "groeit weer", "en": "grows again"},
    IncidentReason.RECOVERED.value: {"nl": "hersteld", "en": "recovered"},
    IncidentReason.CLOSED.value: {"nl": "gesloten", "en": "closed"},
    IncidentReason.TAKEN.value: {"nl": "overgenomen", "en": "taken"},
    IncidentReason.ACKNOWLEDGED.value: {"nl": "in behandeling genomen", "en": "acknowledged"},
    IncidentReason.SNOOZED.value: {"nl": "stil gezet", "en": "snoozed"},
    IncidentReason.SNOOZE_ENDED.value: {"nl": "niet meer stil", "en": "snooze ended"},
    IncidentReason.NOTED.value: {"nl": "notitie", "en": "note"},
    IncidentReason.RESOLVED_BY_HAND.value: {"nl": "opgelost verklaard", "en": "resolved by hand"},
    IncidentReason.SPLIT.value: {"nl": "gesplitst", "en": "split"},
    IncidentReason.MERGED_BY_HAND.value: {"nl": "samengevoegd", "en": "merged by hand"},
}
"""What happened to an incident, by the reason that its event stores."""

NUMBERED_LABELS: Mapping[str, Texts] = {
    "incidents.missing": {
        "nl": "{count:persoon ontbreekt|personen ontbreken}",
        "en": "{count:person|persons} missing",
    },
    "incidents.warned": {
        "nl": "minder dan gewoonlijk; kan door het seizoen of beleid komen",
        "en": "fewer than usual; may be season or policy",
    },
    "incidents.recoded": {
        "nl": "waarschijnlijk anders gecodeerd: de ene groep daalt, de andere stijgt",
        "en": "probably recoded: one segment falls, another rises",
    },
    "incidents.why_unknown": {
        "nl": "geen oorzaak gevonden: vergeleken met {before:levering|leveringen} ervoor",
        "en": "no cause found: compared with {before:delivery|deliveries} before it",
    },
    "incidents.causes": {
        "nl": "{count:categorie ontbreekt|categorieën ontbreken}: {names: · }",
        "en": "{count:category is|categories are} missing: {names: · }",
    },
    "incidents.in_feed": {"nl": "{what}, {feed}", "en": "{what}, {feed}"},
    "incidents.with_parts": {"nl": "{what} ({parts: · })", "en": "{what} ({parts: · })"},
    "incidents.parties": {"nl": "{sender} → {receiver}", "en": "{sender} → {receiver}"},
    "incidents.part": {"nl": "{name} {count}", "en": "{name} {count}"},
    "incidents.rest": {"nl": "de rest {count}", "en": "the rest {count}"},
    "incidents.sure_and_later": {
        "nl": "{sure}, aangevuld met {evidence:, }",
        "en": "{sure}, completed with {evidence:, }",
    },
    "incidents.segment_says": {"nl": "{segment}: {what}", "en": "{segment}: {what}"},
    "incidents.more": {"nl": "nog {count}", "en": "{count} more"},
    "incidents.also": {"nl": "ook {evidence}: {number}", "en": "also {evidence}: {number}"},
    "incidents.too_many_since": {
        "nl": "volgens {evidence} te veel in {segment} sinds {since}; telt niet mee",
        "en": "too many in {segment} since {since} by {evidence}; does not count",
    },
    "incidents.too_many_beside": {
        "nl": "volgens {evidence} te veel in {segment} sinds {since} en te weinig sinds {fewer}, elk vergeleken "
        "met het niveau ervoor; het teveel telt niet mee",
        "en": "too many in {segment} since {since} and too few since {fewer} by {evidence}, each compared with "
        "the level before it; the surplus does not count",
    },
    "incidents.stopped": {
        "nl": "groeit niet meer sinds {day}; {count:ontbreekt|ontbreken} nog",
        "en": "no longer grows since {day}; {count} still missing",
    },
    "incidents.deadline": {
        "nl": "week van {day}: een termijn eindigt voor {count:persoon|personen}",
        "en": "week of {day}: a term ends for {count:person|persons}",
    },
    "incidents.too_late": {
        "nl": "nu al te laat voor {count:persoon|personen}",
        "en": "already too late for {count:person|persons}",
    },
    "incidents.term_waits": {
        "nl": "geen datum: de termijn begint pas bij levering",
        "en": "no date: the term begins only on delivery",
    },
    "incidents.cause_over": {
        "nl": "{segment}: voorbij sinds {day}. Daarvoor: {what}",
        "en": "{segment}: over since {day}. Until then: {what}",
    },
    "incidents.owned": {"nl": "in behandeling bij {owner}", "en": "taken by {owner}"},
    "incidents.nobody": {"nl": "niemand heeft dit in behandeling", "en": "taken by nobody"},
    "incidents.evidence": {"nl": "{evidence}: {segment}: {what}", "en": "{evidence}: {segment}: {what}"},
    "incidents.standing": {
        "nl": "{state}; sinds {since}; {sure}; {owner}",
        "en": "{state}; since {since}; {sure}; {owner}",
    },
    "incidents.standing_today": {
        "nl": "{state}, vandaag gevonden; sinds {since}; {sure}; {owner}",
        "en": "{state}, found today; since {since}; {sure}; {owner}",
    },
    "incidents.standing_active": {
        "nl": "{state}, gevonden op {day}, {lasted:dag|dagen} geleden; sinds {since}; {sure}; {owner}",
        "en": "{state}, found on {day}, {lasted:day|days} ago; since {since}; {sure}; {owner}",
    },
    "incidents.hint": {
        "nl": "ketenwacht incidents show {incident} toont meer; take, ack, snooze, note, resolve, split en merge "
        "wijzigen het incident.",
        "en": "ketenwacht incidents show {incident} shows more; take, ack, snooze, note, resolve, split and merge "
        "change the incident.",
    },
    "incidents.step_missing": {
        "nl": "{count:persoon ontbreekt|personen ontbreken}",
        "en": "{count:person|persons} missing",
    },
    "incidents.step_since": {"nl": "sinds {day}", "en": "since {day}"},
    "incidents.snoozed": {
        "nl": "stil tot en met {day} door {owner}: {why}",
        "en": "snoozed through {day} by {owner}: {why}",
    },
}
"""Words of incidents, by key."""
