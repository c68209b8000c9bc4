"""Texts of the report of a feed, by key, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts
from .own_history import AUDIT, BACKTEST, BASELINES
from .report_page import LAYOUT

ACTIONS: Mapping[str, Texts] = {
    "action.error": {
        "nl": "Zoek uit waarom het niet kon worden beoordeeld, herstel dat en beoordeel de levering opnieuw.",
        "en": "Find out why it could not be judged, mend that, and judge the delivery again.",
    },
    "action.privacy": {
        "nl": "Zet de records apart, verwerk ze niet en meld dit vandaag bij de functionaris "
        "gegevensbescherming: het kan een datalek zijn, en de meldtermijn is 72 uur.",
        "en": "Set the records apart, do not process them, and tell the privacy officer today: it may be a "
        "data breach, and the term for reporting one is 72 hours.",
    },
    "action.too_many": {
        "nl": "Zet de extra records apart en vraag {sender} waarom {segment} is geleverd; niemand mag ten "
        "onrechte worden aangeschreven.",
        "en": "Set the extra records apart and ask {sender} why {segment} was delivered; nobody may be "
        "notified by mistake.",
    },
    "action.more_than_expected": {
        "nl": "Vraag {sender} wat er rond {since} is veranderd. Is het bedoeld (beleid, een inhaalslag, "
        "groei), leg het dan vast; zo niet, laat het register vergelijken.",
        "en": "Ask {sender} what changed around {since}. If it is meant (a policy, a catch-up, growth), "
        "declare it; if not, have its register compared.",
    },
    "action.reconciliation": {
        "nl": "Geef {sender} de lijst met ontbrekende sleutels van {segment} en laat ze leveren als "
        "aangekondigde inhaalslag.",
        "en": "Give {sender} the list of missing keys of {segment}, and have them sent as a declared catch-up.",
    },
    "action.control-total": {
        "nl": "Vraag {sender} waarom er minder van {segment} is verzonden dan geselecteerd, en vraag om een "
        "herlevering.",
        "en": "Ask {sender} why it sent fewer of {segment} than it selected, and ask for a redelivery.",
    },
    "action.reference": {
        "nl": "Vraag {sender} hoeveel van {segment} zijn beslist en geselecteerd sinds {since}; vergelijk "
        "daarna met het register om te weten wie er ontbreken.",
        "en": "Ask {sender} how many of {segment} it decided and selected since {since}; then reconcile with "
        "its register to learn who is missing.",
    },
    "action.history": {
        "nl": "Vraag {sender} of de selectie van {segment} rond {since} is veranderd; vergelijk daarna met "
        "het register om te weten wie er ontbreken.",
        "en": "Ask {sender} whether it changed its selection of {segment} around {since}; then reconcile with "
        "its register to learn who is missing.",
    },
    "action.inquiry": {
        "nl": "Mensen moesten er zelf om vragen. Laat {sender} de selectie van {segment} sinds {since} "
        "onderzoeken en vergelijk met het register.",
        "en": "Persons had to ask. Have {sender} investigate its selection of {segment} since {since}, and "
        "reconcile with its register.",
    },
    "action.contract": {
        "nl": "Meld de geschonden regels hieronder bij {sender} en vraag om een herlevering.",
        "en": "Return the broken rules below to {sender} and ask for a redelivery.",
    },
    "action.schedule": {
        "nl": "Vraag {sender} om de levering; een dag zonder personen moet als lege levering komen.",
        "en": "Ask {sender} for the delivery; a day with nobody in it must come as an empty one.",
    },
    "action.ask_for_evidence": {
        "nl": "Vraag {sender} om controletotalen (geselecteerd, verzonden, weggelaten per reden) of een "
        "momentopname van het register.",
        "en": "Ask {sender} for control totals (selected, sent, left out by reason) or a register snapshot.",
    },
    "action.look": {
        "nl": "Bekijk hieronder de resultaten van de laatste levering.",
        "en": "Look at the results of the latest delivery below.",
    },
}
"""What to do, by the nature of an incident or the evidence that it rests on."""

VERDICT: Mapping[str, Texts] = {
    "report.about_persons": {"nl": "ongeveer {count} personen", "en": "about {count} persons"},
    "report.fewer_persons": {"nl": "minder dan {limit} personen", "en": "fewer than {limit} persons"},
    "report.headline_missing": {
        "nl": "{persons} ontbreken sinds {since}.",
        "en": "{persons} are missing since {since}.",
    },
    "report.headline_error": {
        "nl": "Wat {sender} leverde, kon niet worden beoordeeld.",
        "en": "What {sender} delivered could not be judged.",
    },
    "report.headline_failed": {
        "nl": "Wat {sender} leverde, klopt niet.",
        "en": "What {sender} delivered is wrong.",
    },
    "report.headline_warned": {
        "nl": "{count:punt vraagt|punten vragen} aandacht; voor zover bekend ontbreekt niemand.",
        "en": "{count:thing|things} to look at; nobody is known to be missing.",
    },
    "report.detail_open": {
        "nl": "{count:incident staat|incidenten staan} open.",
        "en": "{count:incident|incidents} open.",
    },
    "report.detail_missing": {
        "nl": "{sender} had hen aan {receiver} moeten leveren en deed dat niet. Het aantal berust op "
        "{evidence}; niemand telt dubbel.",
        "en": "{sender} should have sent them to {receiver} and did not. The number rests on {evidence}; it "
        "counts nobody twice.",
    },
    "report.and": {"nl": " en ", "en": " and "},
    "report.quiet_nothing": {"nl": "Er is niets beoordeeld.", "en": "Nothing was judged."},
    "report.detail_nothing": {
        "nl": "In deze periode is er geen levering.",
        "en": "There is no delivery in this stretch.",
    },
    "report.quiet_passed": {
        "nl": "Iedereen die erin hoort, zit erin.",
        "en": "Everybody who should be in it is in it.",
    },
    "report.detail_passed": {
        "nl": "De laatste levering doorstond elke controle.",
        "en": "The latest delivery passed every check.",
    },
    "report.quiet_skipped": {
        "nl": "De laatste levering is niet beoordeeld.",
        "en": "The latest delivery was not judged.",
    },
    "report.detail_skipped": {"nl": "Elke controle is overgeslagen.", "en": "Every check was skipped."},
    "report.quiet_unproven": {
        "nl": "Niets lijkt mis, maar niets bewijst dat de levering volledig is.",
        "en": "Nothing looks wrong, but nothing proves it complete.",
    },
    "report.detail_unproven": {
        "nl": "Stilte is geen bewijs: geen onafhankelijke bron dekt wat hieronder als onbewezen staat.",
        "en": "Silence is not evidence: no independent source covers what is listed as unproven below.",
    },
    "report.quiet_warned": {
        "nl": "Voor zover bekend ontbreekt niemand; iets vraagt aandacht.",
        "en": "Nobody is known to be missing; something is worth a look.",
    },
    "report.detail_warned": {"nl": "Er staat geen incident open.", "en": "No incident is open."},
    "report.quiet_failed": {"nl": "De laatste levering klopt niet.", "en": "The latest delivery is wrong."},
    "report.detail_failed": {
        "nl": "Er staat nog geen incident voor open.",
        "en": "No incident is open for it yet.",
    },
    "report.quiet_error": {
        "nl": "De laatste levering kon niet worden beoordeeld.",
        "en": "The latest delivery could not be judged.",
    },
    "report.detail_error": {
        "nl": "Er staat nog geen incident voor open.",
        "en": "No incident is open for it yet.",
    },
    "report.past_closed": {
        "nl": "{count:incident|incidenten} van deze periode gesloten.",
        "en": "{count:incident|incidents} of this stretch closed.",
    },
    "report.past_missing": {
        "nl": "In deze periode ontbraken {persons}, het eerst gevonden op {found} door {evidence}; alle "
        "incidenten daarover zijn gesloten.",
        "en": "In this stretch {persons} were missing, first found on {found} by {evidence}; every incident "
        "about them is closed.",
    },
    "report.more_cases": {
        "nl": "{count:verder geval|verdere gevallen} in de tabel met bevindingen hieronder.",
        "en": "{count:further case|further cases} in the table of findings below.",
    },
    "report.found_on": {"nl": "gevonden op {day}", "en": "found {day}"},
    "report.also": {"nl": "ook {evidence}", "en": "also {evidence}"},
    "report.of_which": {"nl": "waarvan {segment}: {amount}", "en": "of which {segment}: {amount}"},
    "report.places": {
        "nl": "{count:deel|delen} waarin {limit} of meer ontbreken",
        "en": "{count:part|parts} in which {limit} or more are missing",
    },
    "report.missing": {"nl": "Ontbrekend", "en": "Missing"},
    "report.too_many": {"nl": "Te veel", "en": "Too many"},
}
"""The first lines of a report."""

FINDINGS: Mapping[str, Texts] = {
    "report.before_release": {"nl": "{title}, vóór een uitrol", "en": "{title}, before a release"},
    "report.made": {"nl": "gemaakt {moment}", "en": "made {moment}"},
    "report.finding_note": {
        "nl": "{found}, {evidence}: {amount} sinds {since}",
        "en": "{found}, {evidence}: {amount} since {since}",
    },
    "report.timeline_text": {
        "nl": "{count:bevinding|bevindingen} door {evidence}; de tabel hieronder noemt ze alle.",
        "en": "{count:finding|findings} by {evidence}; the table below has them all.",
    },
    "report.found_known": {
        "nl": "Bevindingen op volgorde van vinden. Dagen tellen vanaf het bekende begin van het tekort.",
        "en": "Findings in the order in which they were made. Days count from the known beginning of the loss.",
    },
    "report.found_estimated": {
        "nl": "Bevindingen op volgorde van vinden. Dagen tellen vanaf het geschatte begin van het tekort.",
        "en": "Findings in the order in which they were made. Days count from the estimated beginning of the "
        "loss.",
    },
    "report.found_more": {
        "nl": "En nog {count:bevinding|bevindingen} van minder gewicht, in de historie.",
        "en": "And {count:finding|findings} of less weight, in the history.",
    },
    "report.strip_deliveries": {"nl": "leveringen verwacht of ontvangen", "en": "deliveries due or received"},
    "report.strip_findings": {"nl": "bevindingen, {live} nog open", "en": "findings, {live} still open"},
    "report.strip_none": {"nl": "bevindingen, geen nog open", "en": "findings, none still open"},
    "report.strip_first": {
        "nl": "van de ontbrekenden het eerst gevonden doordat iemand ernaar vroeg",
        "en": "of the missing first found because somebody asked",
    },
    "report.first_headline": {
        "nl": "{us} personen zijn gevonden door het eigen bewijs van de stroom, {inquiry} doordat iemand vroeg.",
        "en": "{us} persons were found by the feed’s own evidence, {inquiry} because somebody asked.",
    },
    "report.first_bar": {
        "nl": "{us} door bewijs, {inquiry} door een navraag",
        "en": "{us} by evidence, {inquiry} by inquiry",
    },
}
"""The findings and who made them."""

COUNTS: Mapping[str, Texts] = {
    "report.persons_a_week": {"nl": "personen per week", "en": "persons a week"},
    "report.persons_a_delivery": {"nl": "personen per levering", "en": "persons a delivery"},
    "report.sums_of_weeks": {
        "nl": "Weeksommen van {segment}, {span}.",
        "en": "Weekly sums of {segment}, {span}.",
    },
    "report.counts_by_delivery": {
        "nl": "Aantallen per levering van {segment}, {span}.",
        "en": "Counts by delivery of {segment}, {span}.",
    },
    "report.nothing_expected": {
        "nl": "Niets onafhankelijks zei wat te verwachten was.",
        "en": "Nothing independent said what to expect.",
    },
    "report.outside": {
        "nl": "Van {judged:levering|leveringen} liggen er {below} onder en {above} boven de verwachte band.",
        "en": "Of {judged:delivery|deliveries} {below} below and {above} above the expected band.",
    },
    "report.outside_weeks": {
        "nl": "Van {judged:week|weken} liggen er {below} onder en {above} boven de verwachte band.",
        "en": "Of {judged:week|weeks} {below} below and {above} above the expected band.",
    },
    "report.side_below": {"nl": "eronder", "en": "below"},
    "report.side_above": {"nl": "erboven", "en": "above"},
    "report.side_inside": {"nl": "erin", "en": "inside"},
    "report.side_masked": {"nl": "zegt niets", "en": "masked"},
    "mask.pause": {"nl": "pauze", "en": "pause"},
    "mask.incident": {"nl": "incident", "en": "incident"},
    "mask.catch_up": {"nl": "inhaalslag", "en": "catch-up"},
    "mask.policy": {"nl": "beleid", "en": "policy"},
    "report.none": {"nl": "geen", "en": "none"},
    "report.up_to": {"nl": "tot {count}", "en": "up to {count}"},
    "report.mark_received": {"nl": "op tijd ontvangen", "en": "received in time"},
    "report.mark_late": {"nl": "te laat ontvangen", "en": "received late"},
    "report.mark_missing": {"nl": "niet gekomen", "en": "did not come"},
    "report.mark_unreadable": {"nl": "gekomen, niet leesbaar", "en": "came, could not be read"},
    "report.ledger_odd": {
        "nl": "{count:levering|leveringen} niet op tijd ontvangen",
        "en": "{count:delivery|deliveries} not received in time",
    },
    "report.ledger_text": {
        "nl": "Van {count:levering|leveringen}: {tally}.",
        "en": "Of {count:delivery|deliveries}: {tally}.",
    },
}
"""What was delivered."""

LATEST: Mapping[str, Texts] = {
    "report.latest_title": {"nl": "{delivery} voor {day}", "en": "{delivery} for {day}"},
    "report.results_passed": {
        "nl": "{count:resultaat|resultaten} goed",
        "en": "{count:result|results} passed",
    },
    "report.results_unproven": {"nl": "{count} onbewezen (zie hieronder)", "en": "{count} unproven (see below)"},
    "report.results_look": {"nl": "{count} om naar te kijken", "en": "{count} to look at"},
    "report.results_more": {
        "nl": "En nog {count:resultaat|resultaten}, in de historie.",
        "en": "And {count:further result|further results}, in the history.",
    },
    "report.results_caption": {
        "nl": "Het ergste eerst. Aantallen personen onder {limit} staan er als <{limit}.",
        "en": "Worst first. Counts of persons below {limit} show as <{limit}.",
    },
    "report.results_caption_exact": {"nl": "Het ergste eerst.", "en": "Worst first."},
    "report.other_segments": {
        "nl": "{segments} en {count:ander deel|andere delen}",
        "en": "{segments} and {count:other segment|other segments}",
    },
    "report.and_more": {"nl": "en nog {count}", "en": "and {count} more"},
    "report.evidence_absent": {"nl": "niet voorhanden", "en": "none at hand"},
    "report.evidence_register": {
        "nl": "het register van de afzender, {count:momentopname|momentopnamen}",
        "en": "the sender's register, {count:snapshot|snapshots}",
    },
    "report.evidence_selected": {
        "nl": "geselecteerde records, opgegeven door de afzender in {count:levering|leveringen}",
        "en": "records selected, stated by the sender in {count:delivery|deliveries}",
    },
    "report.evidence_sent": {
        "nl": "verzonden records, opgegeven door de afzender in {count:levering|leveringen}",
        "en": "records sent, stated by the sender in {count:delivery|deliveries}",
    },
    "report.evidence_reference": {
        "nl": "{source} (bekend tot op ±{uncertainty})",
        "en": "{source} (known to ±{uncertainty})",
    },
    "report.evidence_inquiries": {
        "nl": "navragen over personen die de ontvanger niet kende",
        "en": "inquiries about persons the receiver did not know",
    },
    "report.evidence_covers": {
        "nl": "{count:deel|delen} naar {by:, }",
        "en": "{count:segment|segments} by {by:, }",
    },
    "report.hop_silent": {"nl": "{hop} (niet geteld)", "en": "{hop} (not counted)"},
    "report.hop_unknown": {"nl": "hierdoor niet geteld", "en": "not counted by this"},
    "report.hop_of": {"nl": "van {came}", "en": "of {came}"},
    "report.hop_of_since": {"nl": "van {came}, sinds {since}", "en": "of {came}, since {since}"},
    "report.chain_caption": {
        "nl": "Personen zonder verklaring, opgeteld tot en met {until}, van iedereen die verwacht werd "
        "(controle {check}); aantallen afgerond",
        "en": "Persons without explanation, added up until {until}, of all who were due (check {check}); "
        "counts are rounded",
    },
}
"""The latest delivery and the evidence at hand."""


FOOTER: Mapping[str, Texts] = {
    "report.foot_words": {
        "nl": "Afgekeurd: de gegevens zijn onjuist. Fout: er kon niet worden beoordeeld. Onbewezen: niets "
        "spreekt het tegen en niets onafhankelijks bewijst het. Dit zijn drie verschillende oordelen.",
        "en": "Failed: the data is wrong. Error: we could not judge. Unproven: nothing contradicts, and "
        "nothing independent proves it. These are three different verdicts.",
    },
    "report.foot_numbers": {
        "nl": "Gemaakt van aantallen; er worden geen persoonsgegevens bewaard. Aantallen personen onder "
        "{limit} staan er als <{limit} en zijn halverwege getekend. Andere aantallen zijn afgerond op een "
        "veelvoud van {step}, behalve van een levering zonder zulke kleine aantallen; daardoor kloppen "
        "optellingen niet precies. Bij een weeksom gelden de dagen als onafhankelijk.",
        "en": "Made from counts; no personal data is kept. Counts of persons below {limit} show as <{limit} "
        "and are drawn halfway. Other counts are rounded to a multiple of {step}, except those of one "
        "delivery without any such small count, so totals may not add up. The band of a week takes its days "
        "as independent.",
    },
    "report.foot_numbers_exact": {
        "nl": "Gemaakt van aantallen; er worden geen persoonsgegevens bewaard. Bij een weeksom gelden de "
        "dagen als onafhankelijk.",
        "en": "Made from counts; no personal data is kept. The band of a week takes its days as independent.",
    },
}
"""What words and numbers of a report mean."""

REPORT: Mapping[str, Texts] = {
    **ACTIONS,
    **VERDICT,
    **FINDINGS,
    **COUNTS,
    **LATEST,
    **AUDIT,
    **BACKTEST,
    **BASELINES,
    **FOOTER,
    **LAYOUT,
}
"""Every text of the report."""
