"""Labels of runs, of their history and of the reports of a build server."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

RUN_LABELS: Mapping[str, Texts] = {
    "run.delivery": {"nl": "levering {delivery}", "en": "delivery {delivery}"},
    "run.no_delivery": {"nl": "geen levering", "en": "no delivery"},
    "run.head": {"nl": "{feed}: {delivery} voor {day}", "en": "{feed}: {delivery} for {day}"},
    "results.count": {"nl": "{count:resultaat|resultaten}", "en": "{count:result|results}"},
    "results.more": {
        "nl": "en nog {count:resultaat|resultaten}; --format json toont alles",
        "en": "and {count:more result|more results}; --format json shows all",
    },
    "results.of_checks": {
        "nl": "{results:resultaat|resultaten} van {checks:controle|controles}",
        "en": "{results:result|results} of {checks:check|checks}",
    },
    "results.same": {"nl": "{check}, {who}: {message}", "en": "{check}, {who}: {message}"},
    "results.of_segment": {"nl": "{who}: {message}", "en": "{who}: {message}"},
    "results.segments": {"nl": "{count:deel|delen}", "en": "{count:segment|segments}"},
    "faults.count": {
        "nl": "{faults:fout|fouten} in {files:bestand|bestanden}",
        "en": "{faults:fault|faults} in {files:file|files}",
    },
    "faults.none": {"nl": "geen fouten", "en": "no faults"},
    "ci.result": {
        "nl": "{status}: {message} (op grond van {evidence})",
        "en": "{status}: {message} (by {evidence})",
    },
    "ci.stops": {
        "nl": "{status}, wat deze release tegenhoudt: {message} (op grond van {evidence})",
        "en": "{status}, which stops this release: {message} (by {evidence})",
    },
    "ci.stops_also": {
        "nl": "Deze controle stopt ook bij: {statuses}.",
        "en": "This gate also stops at: {statuses}.",
    },
    "ci.no_delivery": {
        "nl": "er is niets beoordeeld: er was geen levering",
        "en": "nothing was judged: there was no delivery",
    },
    "ci.no_results": {
        "nl": "in deze levering is niets beoordeeld",
        "en": "nothing was checked in this delivery",
    },
    "ci.title": {"nl": "ketenwacht: {check} {status}", "en": "ketenwacht: {check} {status}"},
    "ci.title_error": {"nl": "ketenwacht: niet te beoordelen", "en": "ketenwacht: could not judge"},
    "ci.title_more": {"nl": "ketenwacht: meer", "en": "ketenwacht: more"},
    "ci.more": {
        "nl": "en nog {count:resultaat|resultaten} van dit soort; de samenvatting heeft ze",
        "en": "and {count:more result|more results} of this kind; the summary has them",
    },
    "ci.finding": {
        "nl": "{delivery} voor {day}: {message}",
        "en": "{delivery} for {day}: {message}",
    },
    "summary.head": {
        "nl": "{status}: {feeds}, {count:levering|leveringen}",
        "en": "{status}: {feeds}, {count:delivery|deliveries}",
    },
    "summary.head_nothing": {"nl": "{status}: er is niets beoordeeld", "en": "{status}: nothing was judged"},
    "summary.wrong": {"nl": "Wat er mis is", "en": "What is wrong"},
    "summary.unproven": {"nl": "Wat onbewezen is", "en": "What is unproven"},
    "summary.more_results": {
        "nl": "En nog {count:resultaat|resultaten}.",
        "en": "And {count:more result|more results}.",
    },
    "summary.more_reasons": {
        "nl": "En nog {count:reden|redenen}.",
        "en": "And {count:more reason|more reasons}.",
    },
    "head.delivery": {"nl": "Levering", "en": "Delivery"},
    "head.for": {"nl": "Voor", "en": "For"},
    "head.verdict": {"nl": "Oordeel", "en": "Verdict"},
    "head.check": {"nl": "Controle", "en": "Check"},
    "head.who": {"nl": "Wie", "en": "Who"},
    "head.seen": {"nl": "Gezien", "en": "Seen"},
    "head.expected": {"nl": "Verwacht", "en": "Expected"},
    "head.evidence": {"nl": "Bewijs", "en": "Evidence"},
    "head.says": {"nl": "Wat het zegt", "en": "What it says"},
    "head.results": {"nl": "Resultaten", "en": "Results"},
    "head.why": {"nl": "Waarom", "en": "Why"},
    "expected.of": {"nl": "van {range}", "en": "of {range}"},
    "observed.hidden": {"nl": "verborgen", "en": "hidden"},
    "expected.at_most": {"nl": "ten hoogste {limit}", "en": "at most {limit}"},
    "expected.at_least": {"nl": "ten minste {limit}", "en": "at least {limit}"},
    "history.none": {"nl": "geen", "en": "none"},
    "history.nothing": {
        "nl": "{feed}: nog niets in de historie",
        "en": "{feed}: nothing in the history yet",
    },
    "history.title": {
        "nl": "{feed}: {count:levering|leveringen}, {span}",
        "en": "{feed}: {count:delivery|deliveries}, {span}",
    },
    "history.more": {"nl": "en {count} kleinere", "en": "and {count} smaller ones"},
    "history.runs": {
        "nl": "{count:De laatste beoordeling|De laatste beoordelingen}",
        "en": "The latest {count:run|runs}",
    },
    "history.judged": {"nl": "{delivery} (beoordeeld {day})", "en": "{delivery} (judged {day})"},
    "history.said": {"nl": "{delivery}: {what}", "en": "{delivery}: {what}"},
    "history.audit_fault": {"nl": "logboek, {fault}", "en": "audit log, {fault}"},
    "history.audit_holds": {
        "nl": "Het logboek klopt: geen regel is veranderd, weggehaald of verplaatst.",
        "en": "The audit log holds: no line was altered, removed or put elsewhere.",
    },
    "column.who": {"nl": "wie", "en": "who"},
    "column.why": {"nl": "waarom", "en": "why"},
    "column.trend": {"nl": "verloop", "en": "trend"},
    "column.last": {"nl": "laatste", "en": "last"},
    "column.expected": {"nl": "verwacht", "en": "expected"},
    "column.now": {"nl": "nu", "en": "now"},
    "reproduce.same": {
        "nl": "{feed}: {same} van {count:oordeel|oordelen} kwamen tot op de bit gelijk uit",
        "en": "{feed}: {same} of {count:verdict|verdicts} came out the same to the last bit",
    },
    "reproduce.other": {
        "nl": "{day}  levering {delivery}: {outcome}: {what}",
        "en": "{day}  delivery {delivery}: {outcome}: {what}",
    },
    "reproduce.detector": {
        "nl": "{verdict} (gegeven door versie {detector} van de controles)",
        "en": "{verdict} (given by version {detector} of the checks)",
    },
    "reproduce.more": {"nl": "en nog {count}", "en": "and {count} more"},
    "reproduce.check": {"nl": "{check} bij {segment}", "en": "{check} on {segment}"},
    "reproduce.state": {"nl": "wat {check} had onthouden", "en": "what {check} remembered"},
    "reproduce.different": {"nl": "anders", "en": "different"},
    "reproduce.unknown": {"nl": "onbekend", "en": "unknown"},
}
