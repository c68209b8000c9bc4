"""Words of the surfaces: column heads, labels and short sentences, by key, in every language.

A key is `<surface or noun>.<what>`; `MessageFormatter.label` fills it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ketenwacht.domain.findings.finding import Nature, State
from ketenwacht.domain.result import Evidence, Status

from .base import Texts
from .labels_evidence import EVIDENCE_LABELS, INCIDENT_LABELS
from .labels_incidents import NUMBERED_LABELS

STATUS_WORD: Mapping[Status, Texts] = {
    Status.PASSED: {"nl": "goed", "en": "passed"},
    Status.SKIPPED: {"nl": "overgeslagen", "en": "skipped"},
    Status.UNPROVEN: {"nl": "onbewezen", "en": "unproven"},
    Status.WARNED: {"nl": "aandacht", "en": "warned"},
    Status.FAILED: {"nl": "afgekeurd", "en": "failed"},
    Status.ERROR: {"nl": "geen oordeel", "en": "error"},
}
"""A verdict in one word; *failed* and *error* never look alike."""

STATUS_MEANING: Mapping[Status, Texts] = {
    Status.PASSED: {"nl": "beoordeeld en in orde", "en": "checked and correct"},
    Status.SKIPPED: {"nl": "niet beoordeeld, met reden", "en": "not judged, for a stated reason"},
    Status.UNPROVEN: {
        "nl": "niets spreekt het tegen, maar geen onafhankelijk bewijs dekt het",
        "en": "nothing contradicts it, but no independent evidence covers it",
    },
    Status.WARNED: {"nl": "vraagt aandacht", "en": "needs attention"},
    Status.FAILED: {"nl": "de gegevens zijn onjuist", "en": "the data is wrong"},
    Status.ERROR: {"nl": "kon niet worden beoordeeld", "en": "could not be judged"},
}
"""A verdict in a few words."""

EVIDENCE_WORD: Mapping[Evidence, Texts] = {
    Evidence.RECONCILIATION: {"nl": "vergelijking met het register", "en": "keyed reconciliation"},
    Evidence.CONTROL_TOTAL: {"nl": "controletotalen", "en": "control totals"},
    Evidence.ACKNOWLEDGEMENT: {"nl": "ontvangstbevestigingen", "en": "acknowledgements"},
    Evidence.REFERENCE: {"nl": "telling van buiten", "en": "outside reference"},
    Evidence.UNDERCOVERAGE: {"nl": "overlap van lijsten", "en": "overlap of lists"},
    Evidence.HISTORY: {"nl": "eigen geschiedenis", "en": "own history"},
    Evidence.INQUIRY: {"nl": "navragen", "en": "inquiries"},
    Evidence.CONTRACT: {"nl": "contract", "en": "contract"},
    Evidence.SCHEDULE: {"nl": "leverkalender", "en": "schedule"},
}
"""Each kind of evidence as a phrase that fits after "by" and "on"."""

NATURE_MEANING: Mapping[Nature, Texts] = {
    Nature.ERROR: {"nl": "kon niet worden beoordeeld", "en": "could not be judged"},
    Nature.FAILED: {"nl": "de gegevens zijn onjuist", "en": "the data is wrong"},
    Nature.WARNED: {"nl": "vraagt aandacht", "en": "needs attention"},
    Nature.PRIVACY: {
        "nl": "privacy: personen die hier niet horen te zijn",
        "en": "privacy: persons who should not be here",
    },
}
"""What sort of problem an incident is, in a few words."""

STATE_WORD: Mapping[State, Texts] = {
    State.OPEN: {"nl": "open", "en": "open"},
    State.ACKNOWLEDGED: {"nl": "in behandeling", "en": "acknowledged"},
    State.RESOLVED: {"nl": "hersteld", "en": "resolved"},
    State.CLOSED: {"nl": "gesloten", "en": "closed"},
}
"""Where an incident is in its life, in one word."""

OUTCOME: Mapping[str, Texts] = {
    "known": {"nl": "bekend", "en": "known"},
    "should_have_been_sent": {"nl": "had geleverd moeten zijn", "en": "should have been sent"},
    "not_obliged": {"nl": "hoefde niet", "en": "not obliged"},
    "open": {"nl": "open", "en": "open"},
}
"""What came of an inquiry."""

UNIT: Mapping[str, Texts] = {
    "hours": {"nl": "uur", "en": "hours"},
    "days": {"nl": "dagen", "en": "days"},
    "deliveries": {"nl": "leveringen", "en": "deliveries"},
    "columns": {"nl": "kolommen", "en": "columns"},
    "categories": {"nl": "categorieën", "en": "categories"},
}
"""Units of numbers that count no persons; one that is not here is shown as the check names it."""

# Runs, their history and the reports of a build server.
RUN_LABELS: Mapping[str, Texts] = {
    "run.delivery": {"nl": "levering {delivery}", "en": "delivery {delivery}"},
    "run.delivery_by_evidence": {
        "nl": "levering {delivery}, opnieuw beoordeeld door nieuw bewijs,",
        "en": "delivery {delivery}, judged again by new evidence,",
    },
    "run.no_delivery": {"nl": "geen levering", "en": "no delivery"},
    "run.head": {"nl": "{feed}: {delivery} voor {day}", "en": "{feed}: {delivery} for {day}"},
    "results.count": {"nl": "{count:resultaat|resultaten}", "en": "{count:result|results}"},
    "results.more": {
        "nl": "en nog {count:resultaat|resultaten}; met --format json ziet u alles",
        "en": "and {count:more result|more results}; use --format json to see all",
    },
    "results.same": {"nl": "{check}, {who}: {message}", "en": "{check}, {who}: {message}"},
    "results.of_segment": {"nl": "{who}: {message}", "en": "{who}: {message}"},
    "faults.count": {
        "nl": "{faults:fout|fouten} in {files:bestand|bestanden}",
        "en": "{faults:fault|faults} in {files:file|files}",
    },
    "ci.result": {
        "nl": "{status}: {message} (op grond van {evidence})",
        "en": "{status}: {message} (by {evidence})",
    },
    "ci.stops": {
        "nl": "{status}, en dit houdt de uitrol tegen: {message} (op grond van {evidence})",
        "en": "{status}, and this blocks the release: {message} (by {evidence})",
    },
    "ci.stops_also": {
        "nl": "Deze controle vóór de uitrol stopt ook bij: {statuses}.",
        "en": "This release check also stops at: {statuses}.",
    },
    "ci.no_delivery": {
        "nl": "niets beoordeeld: er was geen levering",
        "en": "nothing was judged: there was no delivery",
    },
    "ci.no_results": {"nl": "niets in deze levering is beoordeeld", "en": "nothing in this delivery was judged"},
    "ci.same": {
        "nl": "hetzelfde probleem als {check}, {who}: {message}",
        "en": "same problem as {check}, {who}: {message}",
    },
    "ci.seen": {"nl": "; gezien {seen}, verwacht {expected}", "en": "; seen {seen}, expected {expected}"},
    "end.incidents": {"nl": "{count:incident|incidenten}", "en": "{count:incident|incidents}"},
    "end.none": {"nl": "geen incidenten", "en": "no incidents"},
    "end.deliveries": {
        "nl": "{count:levering|leveringen}, {first} tot {last}",
        "en": "{count:delivery|deliveries}, {first} to {last}",
    },
    "end.over": {
        "nl": "{count:eerdere levering had|eerdere leveringen hadden} een probleem, de laatste op {day}; voorbij",
        "en": "{count:earlier delivery|earlier deliveries} had a problem, the last on {day}; over",
    },
    "end.more": {"nl": "en nog {count:incident|incidenten}", "en": "and {count:more incident|more incidents}"},
    "end.incident": {"nl": "{name} {what}, sinds {since}", "en": "{name} {what}, since {since}"},
    "end.sentence": {"nl": "{name} {what}", "en": "{name} {what}"},
    "end.since": {"nl": "sinds {since}", "en": "since {since}"},
    "end.sure": {"nl": "zekerheid: {sure}", "en": "sure: {sure}"},
    "end.why": {"nl": "oorzaak: {why}", "en": "cause: {why}"},
    "end.do": {"nl": "doen: {do}", "en": "do: {do}"},
    "end.seconds": {"nl": "{seconds} s", "en": "{seconds} s"},
    "end.verdict": {"nl": "{status} (exitcode {code})", "en": "{status} (exit {code})"},
    "end.report": {"nl": "rapport: {path}", "en": "report: {path}"},
    "end.not_delivered": {"nl": "een melding is nog niet aangekomen", "en": "an alert has not arrived yet"},
    "ci.title": {"nl": "ketenwacht: {check} {status}", "en": "ketenwacht: {check} {status}"},
    "ci.title_error": {"nl": "ketenwacht: niet te beoordelen", "en": "ketenwacht: could not judge"},
    "ci.title_more": {"nl": "ketenwacht: meer", "en": "ketenwacht: more"},
    "ci.more": {
        "nl": "en nog {count:resultaat|resultaten} van dit soort; zie de samenvatting",
        "en": "and {count:more result|more results} of this kind; see the summary",
    },
    "ci.finding": {
        "nl": "{delivery} voor {day}: {message}",
        "en": "{delivery} for {day}: {message}",
    },
    "summary.head": {
        "nl": "{status}: {feeds}, {count:levering|leveringen}",
        "en": "{status}: {feeds}, {count:delivery|deliveries}",
    },
    "summary.head_nothing": {"nl": "{status}: niets beoordeeld", "en": "{status}: nothing was judged"},
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
    "history.nothing": {"nl": "{feed}: de historie is nog leeg", "en": "{feed}: the history is still empty"},
    "history.title": {
        "nl": "{feed}: {count:levering|leveringen}, {span}",
        "en": "{feed}: {count:delivery|deliveries}, {span}",
    },
    "history.more": {"nl": "en {count} kleinere", "en": "and {count:smaller one|smaller ones}"},
    "history.runs": {
        "nl": "{count:De laatste beoordeling|De laatste beoordelingen}",
        "en": "The latest {count:run|runs}",
    },
    "history.judged": {"nl": "{delivery} (beoordeeld {day})", "en": "{delivery} (judged {day})"},
    "history.said": {"nl": "{delivery}: {what}", "en": "{delivery}: {what}"},
    "history.audit_fault": {"nl": "logboek, {fault}", "en": "audit log, {fault}"},
    "history.audit_holds": {
        "nl": "Het logboek klopt: geen regel is veranderd, verwijderd of verplaatst.",
        "en": "The audit log is intact: no line was changed, removed or moved.",
    },
    "history.audit_since": {
        "nl": "De tabellen bevatten wat het logboek sinds {since} vastlegt.",
        "en": "The tables hold what the audit log records since {since}.",
    },
    "column.who": {"nl": "wie", "en": "who"},
    "column.why": {"nl": "waarom", "en": "why"},
    "column.trend": {"nl": "verloop", "en": "trend"},
    "column.last": {"nl": "laatste", "en": "last"},
    "column.expected": {"nl": "verwacht", "en": "expected"},
    "column.now": {"nl": "nu", "en": "now"},
    "reproduce.same": {
        "nl": "{feed}: {same} van {count:oordeel|oordelen} {same:=is|zijn} bij herhaling exact gelijk",
        "en": "{feed}: {same} of {count:verdict|verdicts} came out exactly the same",
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
    "reproduce.state": {"nl": "het geheugen van {check}", "en": "the memory of {check}"},
    "reproduce.different": {"nl": "anders", "en": "different"},
    "reproduce.unknown": {"nl": "onbekend", "en": "unknown"},
}

# What commands print besides their tables: what was done, and where it went.
CLI_LABELS: Mapping[str, Texts] = {
    "cli.nothing_new": {
        "nl": "niets te beoordelen: er is geen nieuwe levering of nieuw bewijs, en geen levering is te laat",
        "en": "nothing to judge: there is no new delivery or new evidence, and no delivery is overdue",
    },
    "cli.nothing_staged": {
        "nl": "niets te beoordelen: deze omgeving heeft zo'n levering niet",
        "en": "nothing to judge: this environment has no such delivery",
    },
    "cli.report": {"nl": "{path}: {headline}", "en": "{path}: {headline}"},
    "cli.wrote": {"nl": "{path} geschreven", "en": "wrote {path}"},
    "cli.written": {
        "nl": "geschreven; alleen u kunt het bestand lezen",
        "en": "written; only you can read the file",
    },
    "cli.written_empty": {"nl": "geschreven; het bestand bevat niemand", "en": "written; the file lists nobody"},
    "cli.written_clear": {
        "nl": "onversleuteld geschreven; alleen u kunt het bestand lezen",
        "en": "written unencrypted; only you can read the file",
    },
    "cli.written_canaries": {
        "nl": "geschreven; geef het bestand aan de afzender en stel het in als `canaries.list`",
        "en": "written; give the file to the sender and set it as `canaries.list`",
    },
    "cli.drawn": {"nl": "getekend; de aantallen zijn afgerond", "en": "drawn; the counts are rounded"},
    "cli.exported": {
        "nl": "{path}: het bestand bevat kleine aantallen; bewaar het net zo veilig als de historie",
        "en": "{path}: the file holds small counts; keep it as safe as the history",
    },
    "cli.imported": {
        "nl": "{count:nieuwe levering|nieuwe leveringen}",
        "en": "{count:new delivery|new deliveries}",
    },
    "cli.figures_known": {
        "nl": "{feed}: niets nieuws; {rows:cijfer van het bestand was|cijfers van het bestand waren} al bekend",
        "en": "{feed}: nothing new; {rows:figure of the file was|figures of the file were} already known",
    },
    "cli.figures_new": {
        "nl": "{feed}: {new} van de {rows:cijfer|cijfers} {new:=is|zijn} nieuw",
        "en": "{feed}: {new} of {rows:figure|figures} {new:=is|are} new",
    },
    "cli.signed": {
        "nl": "{rows:regel|regels} ondertekend met sleutel {key}; kolommen: {columns}",
        "en": "{rows:row|rows} signed with key {key}; columns: {columns}",
    },
    "cli.signed_without": {
        "nl": "{count:regel heeft|regels hebben} geen sleutel en {count:=kan|kunnen} niet worden vergeleken",
        "en": "{count:row has|rows have} no key and cannot be compared",
    },
    "cli.looked_up": {
        "nl": "{found} van {listed:persoon|personen} {found:=staat|staan} in het register",
        "en": "{found} of {listed:person|persons} {found:=is|are} in the register",
    },
    "cli.digest": {
        "nl": "{buckets} van 2^{bits} vakken {buckets:=bevat|bevatten} personen; sleutel {key}",
        "en": "{buckets} of 2^{bits} buckets {buckets:=holds|hold} persons; key {key}",
    },
    "cli.digest_same": {
        "nl": "beide samenvattingen bevatten dezelfde personen",
        "en": "both digests hold the same persons",
    },
    "cli.digest_differ": {
        "nl": "{differing} van {buckets:vak|vakken} {differing:=verschilt|verschillen}",
        "en": "{differing} of {buckets:bucket|buckets} {differing:=differs|differ}",
    },
    "cli.digest_bucket": {
        "nl": "{bucket}: bij ons {ours}, bij hen {theirs}",
        "en": "{bucket}: ours {ours}, theirs {theirs}",
    },
    "cli.digest_drill": {
        "nl": "om verder te zoeken: maak beide samenvattingen opnieuw met meer --bits en: {options}",
        "en": "to search further: make both digests again with more --bits and: {options}",
    },
    "cli.receipts": {
        "nl": "{written:ontvangstbevestiging|ontvangstbevestigingen} geschreven; {before:was|waren} er al",
        "en": "{written:receipt|receipts} written; {before:was|were} there already",
    },
    "cli.weeks": {
        "nl": "{written:bestand|bestanden} over hele weken geschreven",
        "en": "{written:file|files} of whole weeks written",
    },
    "cli.exact_written": {
        "nl": "{cells:cel|cellen}, {size} kB; sleutel {key}",
        "en": "{cells:cell|cells}, {size} kB; key {key}",
    },
    "cli.psi_written": {
        "nl": "{persons:persoon|personen} in {groups:groep|groepen}, {size} kB; sleutel {key}",
        "en": "{persons:person|persons} in {groups:group|groups}, {size} kB; key {key}",
    },
    "cli.overlap": {
        "nl": "{seen:persoon|personen} op de lijsten, en {unseen} ({low}–{high}) op geen enkele lijst",
        "en": "{seen:person|persons} on the lists, and {unseen} ({low}–{high}) whom no list holds",
    },
    "cli.overlap_too_little": {
        "nl": "de lijsten overlappen te weinig om iets te zeggen",
        "en": "the lists overlap too little to say anything",
    },
    "cli.exact_same": {"nl": "beide kanten bevatten dezelfde personen", "en": "both sides hold the same persons"},
    "cli.exact_found": {
        "nl": "ontbreekt bij ons: {missing}; ontbreekt bij hen: {extra}; iedereen is gevonden",
        "en": "missing here: {missing}; missing there: {extra}; every one of them is found",
    },
    "cli.exact_more": {
        "nl": "ten minste {missing:ontbreekt|ontbreken} bij ons en {extra} bij hen; vraag om een groter bestand: "
        "dezelfde "
        "opdracht met --extends en een hogere --expect",
        "en": "at least {missing:is|are} missing here and {extra} there; ask for a larger file: the same command "
        "with --extends and a higher --expect",
    },
    "cli.more": {"nl": "en nog {count}", "en": "and {count} more"},
    "cli.canaries": {
        "nl": "{count:proefpersoon|proefpersonen} van {day}, één per categorie",
        "en": "{count:synthetic person|synthetic persons} of {day}, one for each category",
    },
    "cli.backup": {
        "nl": "{path}: een kopie van de historie zoals die nu is",
        "en": "{path}: a copy of the history as it is now",
    },
    "cli.restored": {"nl": "de historie is teruggezet uit {path}", "en": "the history was restored from {path}"},
    "cli.prune_row": {"nl": "{count} {table}", "en": "{count} {table}"},
    "cli.pruned": {"nl": "{feed}: {rows} verwijderd", "en": "{feed}: {rows} removed"},
    "cli.would_prune": {
        "nl": "{feed}: {rows} zouden worden verwijderd (voeg --yes toe om dat te doen)",
        "en": "{feed}: {rows} would be removed (add --yes to do it)",
    },
    "cli.nothing_to_mend": {"nl": "niets te herstellen", "en": "nothing to fix"},
    "cli.note": {"nl": "let op: {note}", "en": "note: {note}"},
    "cli.next": {"nl": "daarna: {steps}", "en": "next: {steps}"},
    "cli.contracts": {
        "nl": "{feeds:stroom|stromen}, {rules:regel|regels} voor een levering",
        "en": "{feeds:feed|feeds}, {rules:rule|rules} for one delivery",
    },
    "cli.simulated": {
        "nl": "{folder}: {deliveries:levering|leveringen}, {persons:persoon|personen}, scenario "
        "{scenario}, startgetal {seed}",
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
        "nl": "Een verzonnen stroom van {first} tot {last}, met het verlies van 2022 erin (startgetal {seed}).",
        "en": "A fictional feed from {first} to {last}, with the loss of 2022 in it (seed {seed}).",
    },
    "demo.judging": {
        "nl": "Elke levering wordt beoordeeld op de dag dat zij kwam, met alleen wat die dag bekend was.",
        "en": "Each delivery is judged on the day it came, with only what was known that day.",
    },
    "demo.planted": {
        "nl": "Weggelaten, en wat het bewijs daarover zegt:",
        "en": "Planted losses, and what the evidence says about them:",
    },
    "demo.acknowledgement": {
        "nl": "  ontvangstbevestiging van levering {delivery} raakte zoek: gevonden op werkdag {days}, {day}",
        "en": "  acknowledgement of delivery {delivery} lost: found on working day {days}, {day}",
    },
    "demo.digest": {
        "nl": "  exacte samenvatting van {size} kB: dezelfde {missing:persoon|personen} als de vergelijking met "
        "het register van {day}",
        "en": "  exact digest of {size} kB: the same {missing:person|persons} as the comparison with the register "
        "of {day}",
    },
    "demo.evidence": {"nl": "Bewijs dat beide kanten uitwisselen:", "en": "Evidence that both ends exchange:"},
    "demo.cause": {"nl": "  oorzaak van het verlies: {cause}", "en": "  cause of the loss: {cause}"},
    "demo.failed": {"nl": "  niet gevonden: {what}", "en": "  not found: {what}"},
    "demo.report": {"nl": "Het rapport: {path}", "en": "The report: {path}"},
}

LABELS: Mapping[str, Texts] = {
    **RUN_LABELS,
    **INCIDENT_LABELS,
    **NUMBERED_LABELS,
    **EVIDENCE_LABELS,
    **CLI_LABELS,
}
"""Labels and short sentences, by key."""
