"""Headings, legends and heads of columns of the report, by key, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

LAYOUT: Mapping[str, Texts] = {
    "page.to_verdict": {"nl": "Naar het oordeel", "en": "Skip to the verdict"},
    "page.what_to_do": {"nl": "Wat te doen", "en": "What to do"},
    "page.interval": {"nl": "90%-interval {range}", "en": "90% interval {range}"},
    "page.since": {"nl": "Sinds", "en": "Since"},
    "page.what": {"nl": "Wat", "en": "What"},
    "page.on_evidence": {"nl": "Op welk bewijs", "en": "On what evidence"},
    "page.findings_of_case": {"nl": "bevindingen", "en": "findings"},
    "page.finding_of_case": {"nl": "bevinding", "en": "finding"},
    "page.meaning": {"nl": "Wat het betekent", "en": "What it means"},
    "page.h_found": {
        "nl": "Wat wanneer is gevonden, door welk bewijs",
        "en": "What was found when, by which evidence",
    },
    "page.strongest_on_top": {"nl": "Bewijs, het sterkste bovenaan.", "en": "Evidence, strongest first."},
    "page.legend_hidden": {"nl": "begonnen, nog niet gevonden", "en": "began, not found yet"},
    "page.legend_found": {"nl": "gevonden", "en": "found"},
    "page.legend_open": {"nl": "open tot hersteld", "en": "open until resolved"},
    "page.legend_live": {
        "nl": "nog open, loopt door tot de rechterrand",
        "en": "still open, runs to the right edge",
    },
    "page.found_table": {"nl": "Tabel met bevindingen", "en": "Table of findings"},
    "page.number": {"nl": "Nr", "en": "No"},
    "page.found": {"nl": "Gevonden", "en": "Found"},
    "page.by": {"nl": "Door", "en": "By"},
    "page.who": {"nl": "Wie", "en": "Who"},
    "page.missing_90": {"nl": "Ontbrekend (90%)", "en": "Missing (90%)"},
    "page.began": {"nl": "Begonnen", "en": "Began"},
    "page.found_after": {"nl": "Gevonden na", "en": "Found after"},
    "page.now": {"nl": "Nu", "en": "Now"},
    "page.nothing_found": {
        "nl": "In deze periode is niets gevonden. Dat bewijst niets: bekijk wat onbewezen is.",
        "en": "Nothing was found in this period. That proves nothing: look at what is unproven.",
    },
    "page.h_chain": {"nl": "Langs de keten", "en": "Along the chain"},
    "page.chain_what": {
        "nl": "{path}: personen die bij de ene stap zijn geteld, maar niet bij de volgende, en niet om een "
        "opgegeven reden zijn weggelaten.",
        "en": "{path}: persons counted at one hop, but not at the next, and not left out for a stated reason.",
    },
    "page.chain_note": {
        "nl": "Wie nog onderweg kan zijn, telt niet mee. Personen die eerder komen dan nodig, verbergen "
        "evenveel anderen. Een groep kan daardoor meer personen missen dan het geheel.",
        "en": "Persons who may still be on the way are not counted. Persons who arrive early hide as many "
        "others, so a segment can lack more than the whole.",
    },
    "page.chain_table": {"nl": "Telling langs de keten", "en": "Counts along the chain"},
    "page.h_first": {
        "nl": "Hoe ontbrekende personen het eerst zijn gevonden",
        "en": "How missing persons were first found",
    },
    "page.before_asked": {"nl": "voordat iemand ernaar vroeg", "en": "before anybody asked"},
    "page.by_inquiry": {"nl": "door een navraag over een persoon", "en": "by an inquiry about a person"},
    "page.first_note": {
        "nl": "Wacht niet op een navraag: het aandeel dat zo het eerst wordt gevonden, moet naar nul. Elk "
        "tekort telt één keer, met het grootste aantal, voor het bewijs dat er het eerst was.",
        "en": "Do not wait for an inquiry: the share first found that way must fall to zero. Each loss "
        "counts once, at its largest, for the evidence that came first.",
    },
    "page.h_counts": {
        "nl": "Wat is geleverd, en wat werd verwacht",
        "en": "What was delivered, and what was expected",
    },
    "page.delivered": {"nl": "geleverd", "en": "delivered"},
    "page.expected": {"nl": "verwacht", "en": "expected"},
    "page.not_delivered": {"nl": "niet geleverd", "en": "not delivered"},
    "page.loss_began": {"nl": "tekort begon", "en": "loss began"},
    "page.found_by_number": {"nl": "gevonden, met nummer", "en": "found, by number"},
    "page.masked": {"nl": "uitgesloten", "en": "excluded"},
    "page.now_status": {"nl": "nu", "en": "now"},
    "page.same_as_table": {"nl": "Hetzelfde als tabel", "en": "The same as a table"},
    "page.counts_of": {"nl": "Aantallen van {segment}", "en": "Counts of {segment}"},
    "page.week": {"nl": "Week", "en": "Week"},
    "page.delivery": {"nl": "Levering", "en": "Delivery"},
    "page.delivered_head": {"nl": "Geleverd", "en": "Delivered"},
    "page.expected_head": {"nl": "Verwacht", "en": "Expected"},
    "page.where": {"nl": "Waar personen ontbreken", "en": "Where persons are missing"},
    "page.h_ledger": {"nl": "Leveringen, dag voor dag", "en": "Deliveries, day by day"},
    "page.odd_table": {
        "nl": "Leveringen die niet op tijd zijn ontvangen",
        "en": "Deliveries not received on time",
    },
    "page.odd_caption": {
        "nl": "Leveringen die niet kwamen, te laat kwamen of niet leesbaar waren",
        "en": "Deliveries that did not come, came late or could not be read",
    },
    "page.day": {"nl": "Dag", "en": "Day"},
    "page.why": {"nl": "Waarom", "en": "Why"},
    "page.h_latest": {"nl": "De laatste levering", "en": "The latest delivery"},
    "page.results_table": {"nl": "Resultaten van de laatste levering", "en": "Results of the latest delivery"},
    "page.verdict": {"nl": "Oordeel", "en": "Verdict"},
    "page.check": {"nl": "Controle", "en": "Check"},
    "page.seen": {"nl": "Gezien", "en": "Seen"},
    "page.evidence": {"nl": "Bewijs", "en": "Evidence"},
    "page.says": {"nl": "Wat de controle meldt", "en": "What the check reports"},
    "page.h_unproven": {"nl": "Wat onbewezen is, en waarom", "en": "What is unproven, and why"},
    "page.unproven_table": {"nl": "Wat onbewezen is", "en": "What is unproven"},
    "page.unproven_caption": {
        "nl": "Niets spreekt dit tegen, maar geen onafhankelijk bewijs dekt het.",
        "en": "Nothing contradicts these, but no independent evidence covers them.",
    },
    "page.none_unproven": {
        "nl": "Geen resultaat van de laatste levering is onbewezen.",
        "en": "No result of the latest delivery is unproven.",
    },
    "page.h_evidence": {"nl": "Het beschikbare bewijs", "en": "The available evidence"},
    "page.evidence_table": {"nl": "Onafhankelijk bewijs", "en": "Independent evidence"},
    "page.evidence_caption": {
        "nl": "Onafhankelijk bewijs, het sterkste eerst, zoals bekend toen dit rapport werd gemaakt.",
        "en": "Independent evidence, strongest first, as known when this report was made.",
    },
    "page.source": {"nl": "Bron", "en": "Source"},
    "page.covers": {"nl": "Dekt", "en": "Covers"},
    "page.period": {"nl": "Periode", "en": "Period"},
    "page.newest": {"nl": "Nieuwste", "en": "Newest"},
    "page.masks_table": {"nl": "Uitgesloten periodes", "en": "Exclusion windows"},
    "page.masks_caption": {
        "nl": "Periodes die niet meetellen voor het normale niveau, en wie ze heeft vastgelegd",
        "en": "Periods that do not count for the normal level, and who declared them",
    },
    "page.kind": {"nl": "Soort", "en": "Kind"},
    "page.declared_by": {"nl": "Vastgelegd door", "en": "Declared by"},
    "page.h_unseen": {"nl": "Wat niemand zou zien", "en": "What would go unseen"},
    "page.unseen_what": {
        "nl": "Geen controle ziet alles. Deze tabel toont het kleinste tekort dat elk soort bewijs zou "
        "vinden, bij de omvang en het ritme van deze stroom en met de huidige drempels. Een kleiner "
        "tekort blijft ongezien.",
        "en": "No check sees everything. This table shows the smallest loss that each kind of evidence "
        "would detect, at the size and rhythm of this feed and with the current thresholds. A "
        "smaller loss stays unseen.",
    },
    "page.unseen_table": {"nl": "Wat elk bewijs kan zien", "en": "Blindness audit"},
    "page.unseen_caption": {
        "nl": "Kleinste tekort dat binnen 30 / 90 / 365 dagen na het begin opvalt; –: zelfs een volledig "
        "tekort valt niet op",
        "en": "Smallest loss detected within 30 / 90 / 365 days of its beginning; –: not even a total loss",
    },
    "page.own_history": {"nl": "Eigen geschiedenis", "en": "Own history"},
    "page.weekly_reference": {"nl": "Telling per week, ±2%", "en": "Weekly reference, ±2%"},
    "page.every_key": {"nl": "Register, elke sleutel", "en": "Reconciliation, every key"},
    "page.rest_takes": {"nl": "Wat nodig is om de rest te vinden.", "en": "What it takes to find the rest."},
    "page.unseen_note": {
        "nl": "De eigen geschiedenis vindt tekorten die beginnen. Een tekort dat er vanaf de eerste dag "
        "is, lijkt normaal, hoe groot het ook is.",
        "en": "Own history detects losses that begin. A loss since the first day looks normal, whatever its size.",
    },
    "page.judged_as_one": {"nl": "Samen beoordeeld", "en": "Judged together"},
    "page.as": {"nl": "Als", "en": "As"},
    "page.segments": {"nl": "Groepen", "en": "Segments"},
    "page.which": {"nl": "Welke", "en": "Which"},
    "page.h_baselines": {
        "nl": "Het normale niveau van de eigen geschiedenis",
        "en": "The baseline of own history",
    },
}
"""Headings, legends and heads of columns."""
