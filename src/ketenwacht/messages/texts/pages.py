"""Texts of the pages of the service, by key, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

PAGES: Mapping[str, Texts] = {
    "web.to_page": {"nl": "Naar de pagina", "en": "To the page"},
    "web.feeds": {"nl": "Stromen", "en": "Feeds"},
    "web.incidents": {"nl": "Incidenten", "en": "Incidents"},
    "web.leads": {"nl": "aan het werk", "en": "at work"},
    "web.stands_by": {"nl": "staat paraat", "en": "standing by"},
    "web.demonstration": {
        "nl": "een demonstratie: een dag duurt {seconds} s",
        "en": "a demonstration: a day takes {seconds} s",
    },
    "web.not_judged": {"nl": "nog niet beoordeeld", "en": "not judged yet"},
    "web.newest": {
        "nl": "Nieuwste: {delivery} van {day}, beoordeeld {moment}.",
        "en": "Newest: {delivery} of {day}, judged {moment}.",
    },
    "web.open": {
        "nl": "{count:incident staat|incidenten staan} open",
        "en": "{count:incident|incidents} open",
    },
    "web.none_open": {"nl": "Er staat geen incident open.", "en": "No incident is open."},
    "web.missing_caption": {
        "nl": "Personen die naar schatting ontbreken, afgerond",
        "en": "Persons estimated to be missing, rounded",
    },
    "web.due_caption": {
        "nl": "De laatste leveringen die werden verwacht",
        "en": "The last deliveries that were due",
    },
    "web.due": {"nl": "Verwacht op", "en": "Due"},
    "web.became": {"nl": "Wat ervan werd", "en": "What became of it"},
    "web.awaited": {"nl": "verwacht", "en": "awaited"},
    "web.fate_received": {"nl": "ontvangen", "en": "received"},
    "web.fate_late": {"nl": "te laat", "en": "late"},
    "web.fate_missed": {"nl": "niet gekomen", "en": "missed"},
    "web.fate_excused": {"nl": "vooraf afgemeld", "en": "excused"},
    "web.incident": {"nl": "Incident {id}", "en": "Incident {id}"},
    "web.incident_of": {"nl": "Incident {id}: {segment}", "en": "Incident {id}: {segment}"},
    "web.incident_head": {"nl": "Incident", "en": "Incident"},
    "web.severity": {"nl": "Ernst", "en": "Severity"},
    "web.feed": {"nl": "Stroom", "en": "Feed"},
    "web.missing_since": {
        "nl": "{amount} sinds {since}",
        "en": "{amount} since {since}",
    },
    "web.missing_since_range": {
        "nl": "{amount} sinds {since} (90%-interval {range})",
        "en": "{amount} since {since} (90% interval {range})",
    },
    "web.evidence_check": {
        "nl": "{evidence}, controle {check}",
        "en": "{evidence}, check {check}",
    },
    "web.state_owner": {
        "nl": "{state}, in behandeling bij {owner}",
        "en": "{state}, looked after by {owner}",
    },
    "web.snoozed": {"nl": "Stil", "en": "Snoozed"},
    "web.snoozed_until": {
        "nl": "tot {until} door {owner}: {why}",
        "en": "until {until} by {owner}: {why}",
    },
    "web.part_of": {"nl": "Deel van", "en": "Part of"},
    "web.happened": {"nl": "Wat er gebeurde", "en": "What happened"},
    "web.when": {"nl": "Wanneer", "en": "When"},
    "web.from": {"nl": "Van", "en": "From"},
    "web.to": {"nl": "Naar", "en": "To"},
    "web.all_incidents": {"nl": "Alle incidenten", "en": "All incidents"},
    "web.not_closed": {"nl": "Incidenten die niet gesloten zijn", "en": "Incidents that are not closed"},
    "web.only_not_closed": {"nl": "Alleen wat niet gesloten is", "en": "Only those that are not closed"},
    "web.closed_too": {"nl": "Alle, ook de gesloten", "en": "All, the closed ones too"},
    "web.incidents_table": {"nl": "Tabel met incidenten", "en": "Table of incidents"},
    "web.more": {
        "nl": "En nog {count:incident|incidenten}; `ketenwacht incidents list` toont ze alle.",
        "en": "And {count:incident|incidents} more; `ketenwacht incidents list` has them all.",
    },
    "web.no_incidents": {
        "nl": "Geen. Dat bewijst op zichzelf niets: zie wat onbewezen is op de pagina van elke stroom.",
        "en": "None. That proves nothing by itself: see what is unproven on the page of each feed.",
    },
    "web.not_here": {"nl": "Niet hier", "en": "Not here"},
    "web.no_such_page": {"nl": "Deze pagina bestaat niet.", "en": "There is no such page."},
    "web.no_history": {
        "nl": "De historie kan nu niet worden gelezen.",
        "en": "The history cannot be read now.",
    },
    "web.to_feeds": {"nl": "Naar de stromen", "en": "To the feeds"},
}
"""Every text of the pages."""
