"""Texts of the report of a feed, by key, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts
from .own_history import AUDIT, BACKTEST, BASELINES
from .report_page import LAYOUT

ACTIONS: Mapping[str, Texts] = {
    "action.error": {
        "nl": "Zoek de oorzaak, herstel die en beoordeel de levering opnieuw.",
        "en": "Find the cause, fix it, and judge the delivery again.",
    },
    "action.privacy": {
        "nl": "Zet de records apart en verwerk ze niet. Meld dit vandaag bij de functionaris "
        "gegevensbescherming: het kan een datalek zijn, en de meldtermijn is 72 uur.",
        "en": "Set the records aside and do not process them. Tell the data protection officer today: this "
        "may be a data breach, which must be reported within 72 hours.",
    },
    "action.too_many": {
        "nl": "Zet de extra records apart en vraag {sender} waarom {segment} is geleverd. Niemand mag ten "
        "onrechte een brief krijgen.",
        "en": "Set the extra records aside and ask {sender} why {segment} was delivered. Nobody may "
        "receive a letter by mistake.",
    },
    "action.more_than_expected": {
        "nl": "Vraag {sender} wat er rond {since} is veranderd. Is het bedoeld (beleid, een "
        "inhaallevering, groei)? Leg het dan vast. Is het niet bedoeld? Laat dan met het register "
        "vergelijken.",
        "en": "Ask {sender} what changed around {since}. If it is intended (a policy, a catch-up, growth), "
        "declare it. If not, reconcile with the register.",
    },
    "action.reconciliation": {
        "nl": "Geef {sender} de lijst met ontbrekende sleutels van {segment}. Laat deze personen leveren "
        "in een aangekondigde inhaallevering.",
        "en": "Give {sender} the list of missing keys of {segment}. Have these persons sent in a declared "
        "catch-up.",
    },
    "action.control-total": {
        "nl": "Vraag {sender} waarom er minder personen van {segment} zijn verzonden dan geselecteerd. "
        "Vraag om een herlevering.",
        "en": "Ask {sender} why it sent fewer persons of {segment} than it selected. Ask for a redelivery.",
    },
    "action.acknowledgement": {
        "nl": "Vraag de ontvanger of deze leveringen zijn aangekomen en verwerkt. Laat een verloren "
        "ontvangstbevestiging opnieuw sturen, of leg vast waarom die niet komt.",
        "en": "Ask the receiver whether these deliveries arrived and were processed. Have a lost acknowledgement "
        "sent again, or record why it will not come.",
    },
    "action.reference": {
        "nl": "Vraag {sender} hoeveel personen van {segment} sinds {since} een beslissing kregen en zijn "
        "geselecteerd. Vergelijk daarna met het register om te weten wie er ontbreken.",
        "en": "Ask {sender} how many persons of {segment} it decided on and selected since {since}. Then "
        "reconcile with its register to learn who is missing.",
    },
    "action.history": {
        "nl": "Vraag {sender} of de selectie van {segment} rond {since} is veranderd. Vergelijk daarna met "
        "het register om te weten wie er ontbreken.",
        "en": "Ask {sender} whether it changed its selection of {segment} around {since}. Then reconcile "
        "with its register to learn who is missing.",
    },
    "action.undercoverage": {
        "nl": "Laat {sender} en de andere partijen nagaan wie van {segment} sinds {since} op geen lijst staat.",
        "en": "Have {sender} and the other parties find out who of {segment} is on no list since {since}.",
    },
    "action.inquiry": {
        "nl": "Mensen moesten er zelf om vragen. Laat {sender} de selectie van {segment} sinds {since} "
        "onderzoeken en vergelijk met het register.",
        "en": "Persons had to ask themselves. Have {sender} investigate its selection of {segment} since "
        "{since}, and reconcile with its register.",
    },
    "action.contract": {
        "nl": "Meld de geschonden regels hieronder bij {sender} en vraag om een herlevering.",
        "en": "Report the broken rules below to {sender} and ask for a redelivery.",
    },
    "action.schedule": {
        "nl": "Vraag {sender} om de levering. Een dag zonder personen hoort een lege levering te geven.",
        "en": "Ask {sender} for the delivery. A day without persons needs an empty delivery.",
    },
    "action.ask_for_evidence": {
        "nl": "Vraag {sender} om controletotalen (geselecteerd, verzonden, weggelaten per reden) of een "
        "momentopname van het register.",
        "en": "Ask {sender} for control totals (selected, sent, left out by reason) or a register snapshot.",
    },
    "action.look": {
        "nl": "Bekijk hieronder de resultaten van de laatste levering.",
        "en": "See the results of the latest delivery below.",
    },
}
"""What to do, by the nature of an incident or the evidence that it rests on."""

VERDICT: Mapping[str, Texts] = {
    "report.about_persons": {"nl": "ongeveer {count:persoon|personen}", "en": "about {count:person|persons}"},
    "report.fewer_persons": {
        "nl": "minder dan {limit:persoon|personen}",
        "en": "fewer than {limit:person|persons}",
    },
    "report.headline_missing": {
        "nl": "{persons} {count:=ontbreekt|ontbreken} sinds {since}.",
        "en": "{persons} {count:=has|have} been missing since {since}.",
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
        "nl": "{count:punt vraagt|punten vragen} aandacht. Voor zover bekend ontbreekt niemand.",
        "en": "{count:point needs|points need} attention. Nobody is known to be missing.",
    },
    "report.detail_open": {
        "nl": "{count:incident staat|incidenten staan} open.",
        "en": "{count:incident|incidents} open.",
    },
    "report.detail_missing": {
        "nl": "{sender} had deze personen aan {receiver} moeten leveren. Het aantal berust op {evidence} "
        "en telt niemand dubbel.",
        "en": "{sender} should have sent these persons to {receiver}. The number rests on {evidence} and "
        "counts nobody twice.",
    },
    "report.and": {"nl": " en ", "en": " and "},
    "report.quiet_nothing": {"nl": "Er is niets beoordeeld.", "en": "Nothing was judged."},
    "report.detail_nothing": {"nl": "Deze periode heeft geen levering.", "en": "This period has no delivery."},
    "report.quiet_passed": {
        "nl": "Iedereen die in de levering hoort, zit erin.",
        "en": "Everybody who should be in the delivery is in it.",
    },
    "report.detail_passed": {
        "nl": "De laatste levering is goed voor elke controle.",
        "en": "The latest delivery passed every check.",
    },
    "report.quiet_skipped": {
        "nl": "De laatste levering is niet beoordeeld.",
        "en": "The latest delivery was not judged.",
    },
    "report.detail_skipped": {"nl": "Elke controle is overgeslagen.", "en": "Every check was skipped."},
    "report.quiet_unproven": {
        "nl": "Niets lijkt fout, maar niets bewijst dat de levering volledig is.",
        "en": "Nothing looks wrong, but nothing proves that the delivery is complete.",
    },
    "report.detail_unproven": {
        "nl": "Stilte is geen bewijs: geen onafhankelijke bron dekt wat hieronder onbewezen heet.",
        "en": "Silence is not evidence: no independent source covers what is unproven below.",
    },
    "report.quiet_warned": {
        "nl": "Voor zover bekend ontbreekt niemand. Er is een punt dat aandacht vraagt.",
        "en": "Nobody is known to be missing. Something needs attention.",
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
        "nl": "{count:incident|incidenten} in deze periode gesloten.",
        "en": "{count:incident|incidents} closed in this period.",
    },
    "report.past_missing": {
        "nl": "In deze periode {count:=ontbrak|ontbraken} {persons}, het eerst gevonden op {found} door "
        "{evidence}. Alle incidenten daarover zijn gesloten.",
        "en": "In this period {persons} {count:=was|were} missing, first found on {found} by "
        "{evidence}. Every incident about them is closed.",
    },
    "report.more_cases": {
        "nl": "Nog {count:geval staat|gevallen staan} in de tabel met bevindingen hieronder.",
        "en": "See the table of findings below for {count:more case|more cases}.",
    },
    "report.found_on": {"nl": "gevonden op {day}", "en": "found {day}"},
    "report.also": {"nl": "ook {evidence}", "en": "also {evidence}"},
    "report.of_which": {"nl": "waarvan {segment}: {amount}", "en": "of which {segment}: {amount}"},
    "report.places": {
        "nl": "{count:groep|groepen} waarin {limit} of meer personen ontbreken",
        "en": "{count:segment|segments} in which {limit} or more persons are missing",
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
        "nl": "{count:bevinding|bevindingen} door {evidence}; de tabel hieronder toont ze alle.",
        "en": "{count:finding|findings} by {evidence}; the table below lists them all.",
    },
    "report.found_known": {
        "nl": "Bevindingen in de volgorde waarin ze zijn gevonden. De dagen tellen vanaf het bekende begin "
        "van het tekort.",
        "en": "Findings in the order in which they were found. Days count from the known beginning of the loss.",
    },
    "report.found_estimated": {
        "nl": "Bevindingen in de volgorde waarin ze zijn gevonden. De dagen tellen vanaf het geschatte "
        "begin van het tekort.",
        "en": "Findings in the order in which they were found. Days count from the estimated beginning of "
        "the loss.",
    },
    "report.found_more": {
        "nl": "De historie heeft nog {count:kleinere bevinding|kleinere bevindingen}.",
        "en": "The history holds {count:more finding|more findings} of less weight.",
    },
    "report.strip_deliveries": {"nl": "leveringen verwacht of ontvangen", "en": "deliveries due or received"},
    "report.strip_findings": {"nl": "bevindingen, {live} nog open", "en": "findings, {live} still open"},
    "report.strip_none": {"nl": "bevindingen, geen nog open", "en": "findings, none still open"},
    "report.strip_first": {
        "nl": "van de ontbrekende personen zijn het eerst gevonden doordat iemand ernaar vroeg",
        "en": "of the missing persons were first found because somebody asked",
    },
    "report.first_headline": {
        "nl": "{us:persoon is|personen zijn} gevonden door eigen bewijs, {inquiry} doordat iemand ernaar vroeg.",
        "en": "{us:person was|persons were} found by the feed’s own evidence, {inquiry} because somebody asked.",
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
        "nl": "Geen onafhankelijk bewijs zegt hoeveel personen te verwachten waren.",
        "en": "No independent evidence says how many persons to expect.",
    },
    "report.outside": {
        "nl": "Van {judged:levering|leveringen} {below:=ligt|liggen} er {below} onder en {above} boven de "
        "verwachte band.",
        "en": "Of {judged:delivery|deliveries}, {below:lies|lie} below and {above} above the expected band.",
    },
    "report.outside_weeks": {
        "nl": "Van {judged:week|weken} {below:=ligt|liggen} er {below} onder en {above} boven de verwachte band.",
        "en": "Of {judged:week|weeks}, {below:lies|lie} below and {above} above the expected band.",
    },
    "report.side_below": {"nl": "eronder", "en": "below"},
    "report.side_above": {"nl": "erboven", "en": "above"},
    "report.side_inside": {"nl": "erin", "en": "inside"},
    "report.side_masked": {"nl": "uitgesloten", "en": "excluded"},
    "mask.pause": {"nl": "pauze", "en": "pause"},
    "mask.incident": {"nl": "incident", "en": "incident"},
    "mask.catch_up": {"nl": "inhaallevering", "en": "catch-up"},
    "mask.policy": {"nl": "beleid", "en": "policy"},
    "mask.release": {"nl": "nieuwe versie", "en": "release"},
    "report.none": {"nl": "geen", "en": "none"},
    "report.up_to": {"nl": "tot {count}", "en": "up to {count}"},
    "report.mark_received": {"nl": "op tijd ontvangen", "en": "received on time"},
    "report.mark_late": {"nl": "te laat ontvangen", "en": "received late"},
    "report.mark_missing": {"nl": "niet ontvangen", "en": "not received"},
    "report.mark_unreadable": {"nl": "onleesbaar", "en": "unreadable"},
    "report.ledger_odd": {
        "nl": "{count:levering|leveringen} niet op tijd ontvangen",
        "en": "{count:delivery|deliveries} not received on time",
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
    "report.results_look": {"nl": "{count} om te bekijken", "en": "{count} to look at"},
    "report.results_more": {
        "nl": "De historie heeft nog {count:resultaat|resultaten}.",
        "en": "The history holds {count:more result|more results}.",
    },
    "report.results_caption": {
        "nl": "Het ergste eerst. Een aantal personen onder {limit} staat er als <{limit}.",
        "en": "Worst first. A count of persons below {limit} is shown as <{limit}.",
    },
    "report.results_caption_exact": {"nl": "Het ergste eerst.", "en": "Worst first."},
    "report.other_segments": {
        "nl": "{segments} en {count:andere groep|andere groepen}",
        "en": "{segments} and {count:other segment|other segments}",
    },
    "report.and_more": {"nl": "en nog {count}", "en": "and {count} more"},
    "report.evidence_absent": {"nl": "niet beschikbaar", "en": "not available"},
    "report.evidence_register": {
        "nl": "het register van de afzender, {count:momentopname|momentopnamen}",
        "en": "the sender's register, {count:snapshot|snapshots}",
    },
    "report.evidence_selected": {
        "nl": "geselecteerde records volgens de afzender, in {count:levering|leveringen}",
        "en": "records selected according to the sender, in {count:delivery|deliveries}",
    },
    "report.evidence_sent": {
        "nl": "verzonden records volgens de afzender, in {count:levering|leveringen}",
        "en": "records sent according to the sender, in {count:delivery|deliveries}",
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
        "nl": "{count:groep|groepen} naar {by:, }",
        "en": "{count:segment|segments} by {by:, }",
    },
    "report.hop_silent": {"nl": "{hop} (niet geteld)", "en": "{hop} (not counted)"},
    "report.hop_unknown": {"nl": "niet geteld naar deze indeling", "en": "not counted by these segments"},
    "report.hop_of": {"nl": "van {came}", "en": "of {came}"},
    "report.hop_of_since": {"nl": "van {came}, sinds {since}", "en": "of {came}, since {since}"},
    "report.chain_caption": {
        "nl": "Personen zonder verklaring, opgeteld tot en met {until}, van alle personen die verder "
        "moesten komen (controle {check}); aantallen zijn afgerond",
        "en": "Unexplained persons, added up until {until}, of all who were due (check {check}); counts "
        "are rounded",
    },
}
"""The latest delivery and the evidence at hand."""


FOOTER: Mapping[str, Texts] = {
    "report.foot_words": {
        "nl": "Afgekeurd: de gegevens zijn onjuist. Geen oordeel: wij konden niet beoordelen. Onbewezen: "
        "niets spreekt het tegen, maar niets onafhankelijks bewijst het. Dit zijn drie verschillende "
        "oordelen.",
        "en": "Failed: the data is wrong. Error: we could not judge. Unproven: nothing contradicts it, but "
        "nothing independent proves it. These are three different verdicts.",
    },
    "report.foot_numbers": {
        "nl": "Gemaakt van aantallen; er worden geen persoonsgegevens bewaard. Een aantal personen onder "
        "{limit} staat er als <{limit} en is getekend op de helft daarvan. Andere aantallen zijn "
        "afgerond op een veelvoud van {step}, behalve in een levering zonder zulke kleine aantallen. "
        "Optellingen kloppen daarom niet precies. De band van een week rekent met onafhankelijke "
        "dagen.",
        "en": "Made from counts; no personal data is kept. A count of persons below {limit} is shown as "
        "<{limit} and drawn at half of it. Other counts are rounded to a multiple of {step}, except "
        "in a delivery without such small counts. Totals may therefore not add up. The band of a "
        "week assumes independent days.",
    },
    "report.foot_numbers_exact": {
        "nl": "Gemaakt van aantallen; er worden geen persoonsgegevens bewaard. De band van een week rekent "
        "met onafhankelijke dagen.",
        "en": "Made from counts; no personal data is kept. The band of a week assumes independent days.",
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
