"""Texts of checks that judge one delivery by itself."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

ITSELF: Mapping[str, Texts] = {
    "delivery.not_judged": {
        "nl": "De levering kan niet worden beoordeeld. {problem}",
        "en": "The delivery cannot be judged. {problem}",
    },
    "evidence_files.set_aside": {
        "nl": "Bestand {file} is niet te gebruiken als bewijs: {fault:file-fault}. "
        "Het andere bewijs telt wel mee.",
        "en": "File {file} cannot be used as evidence: {fault:file-fault}. The other evidence counts.",
    },
    "evidence_files.line": {
        "nl": "Bestand {file} is niet te gebruiken als bewijs: {fault:file-fault} op regel {line}. "
        "Het andere bewijs telt wel mee.",
        "en": "File {file} cannot be used as evidence: {fault:file-fault} at line {line}. "
        "The other evidence counts.",
    },
    "evidence_files.no_table": {
        "nl": "De tabel van {file} is er niet, of dit account mag hem niet zien. Maak hem aan, verbeter de "
        "instelling, of geef het recht om hem te lezen. Het andere bewijs telt wel mee.",
        "en": "The table of {file} is not there, or this account may not see it. Create it, correct the "
        "setting, or grant the right to read it. The other evidence counts.",
    },
    "evidence_files.used": {
        "nl": "Bestand {file} is hersteld of verwijderd.",
        "en": "File {file} was mended or removed.",
    },
    "import.not_judged": {
        "nl": "Op een andere plek gemeten en hier niet beoordeeld.",
        "en": "Measured elsewhere and not judged here.",
    },
    "judging.failed": {
        "nl": "Deze stroom is niet te beoordelen: {fault:fault} in {place}. Een tekort blijft nu onopgemerkt.",
        "en": "This feed cannot be judged: {fault:fault} at {place}. A shortfall goes unnoticed now.",
    },
    "judging.no_table": {
        "nl": "Deze stroom is niet te beoordelen: de tabel van {setting} is er niet, of dit account mag hem "
        "niet zien. Maak hem aan, verbeter de instelling, of geef het recht om hem te lezen. Een tekort blijft "
        "nu onopgemerkt.",
        "en": "This feed cannot be judged: the table of {setting} is not there, or this account may not see it. "
        "Create it, correct the setting, or grant the right to read it. A shortfall goes unnoticed now.",
    },
    "judging.source": {
        "nl": "Deze leveringen zijn niet te beoordelen. {problem} Wat ontbreekt, is nu niet te zien.",
        "en": "This feed cannot be judged. {problem} What is missing does not show now.",
    },
    "judging.old_settings": {
        "nl": "De instellingen zijn niet te lezen: {fault:fault} in {place}. "
        "De vorige instellingen blijven gelden.",
        "en": "The settings cannot be read: {fault:fault} at {place}. The previous settings stay in force.",
    },
    "judging.works": {
        "nl": "Deze stroom wordt weer beoordeeld.",
        "en": "This feed is judged again.",
    },
    "plugin.failed": {
        "nl": "De uitbreiding met controle `{kind}` werkt niet: {cause}",
        "en": "The plug-in with check kind `{kind}` failed: {cause}",
    },
    "plugin.no_judgement": {
        "nl": "De uitbreiding met controle `{kind}` werkt niet: zij geeft geen oordeel.",
        "en": "The plug-in with check kind `{kind}` failed: it does not return a result.",
    },
    "plugin.undeclared": {
        "nl": "De uitbreiding met controle `{kind}` werkt niet: zij meldt iets wat zij niet heeft "
        "opgegeven: {what}",
        "en": "The plug-in with check kind `{kind}` failed: it returns something that it does not declare: {what}",
    },
    "segment.succeeded": {
        "nl": "Deze code geldt niet meer. De code die ervoor in de plaats kwam, telt verder.",
        "en": "This code is no longer valid. The code that replaces it continues the count.",
    },
}

SCHEDULE: Mapping[str, Texts] = {
    "schedule.on_time": {"nl": "Op tijd ontvangen.", "en": "Received on time."},
    "schedule.asked_for": {
        "nl": "Ontvangen: {kind} van {period}.",
        "en": "Received: {kind} of {period}.",
    },
    "schedule.late": {
        "nl": "De levering van {period} kwam {hours} uur te laat; {grace} uur is toegestaan.",
        "en": "The delivery of {period} came {hours:hour|hours} after it was due; {grace:hour|hours} is allowed.",
    },
    "schedule.unexpected": {
        "nl": "Er kwam een levering voor {period}, maar voor die dag is geen levering afgesproken.",
        "en": "A delivery for {period} came, but no delivery is due for that day.",
    },
    "schedule.stated_empty": {
        "nl": "De levering is leeg. De afzender verklaart dat er niets te leveren was.",
        "en": "The delivery is empty. The sender confirms that there was nothing to send.",
    },
    "schedule.empty": {
        "nl": "De levering is leeg. De afzender verklaart niet dat er niets te leveren was.",
        "en": "The delivery is empty. The sender does not confirm that there was nothing to send.",
    },
    "schedule.missing": {
        "nl": "De levering van {period} is er niet. {problem}",
        "en": "The delivery of {period} is missing. {problem}",
    },
    "schedule.unreadable": {
        "nl": "De levering kan niet worden beoordeeld. {problem}",
        "en": "The delivery cannot be judged. {problem}",
    },
}

LEDGER: Mapping[str, Texts] = {
    "ledger.new": {"nl": "Niet eerder geleverd.", "en": "Not delivered before."},
    "ledger.out_of_order": {
        "nl": "De levering kwam na leveringen met een hoger nummer.",
        "en": "The delivery came after deliveries with a higher number.",
    },
    "ledger.replaces": {
        "nl": "De levering is aangekondigd als herlevering of correctie, en vervangt wat er was.",
        "en": "The delivery is declared as a redelivery or correction, and replaces what was there.",
    },
    "ledger.duplicate": {
        "nl": "De levering heeft precies dezelfde inhoud als die van {earlier}. De personen tellen niet dubbel.",
        "en": "The delivery has exactly the same content as delivery {earlier}. Its persons must not count twice.",
    },
    "ledger.replay": {
        "nl": "Deze levering is al eerder verwerkt. Niets telt dubbel.",
        "en": "This delivery was entered before. Nothing is counted twice.",
    },
    "ledger.conflict": {
        "nl": "De levering heeft het nummer van levering {earlier}, met een andere inhoud. De afzender zegt "
        "niet waarom.",
        "en": "The delivery has the number of delivery {earlier}, with other content. The sender does not say "
        "why.",
    },
    "ledger.restarted": {
        "nl": "Het nummer ligt ver van de nummers ervoor. De afzender is opnieuw gaan nummeren.",
        "en": "The number is far from the numbers before it. The sender numbers anew.",
    },
    "ledger.complete": {
        "nl": "Alle nummers tot en met dit nummer zijn ontvangen.",
        "en": "Every number up to this one was received.",
    },
    "ledger.gap": {
        "nl": "Nooit ontvangen: levering {numbers:, }. Vraag de afzender erom, of leg vast waarom die niet komt.",
        "en": "Never received: delivery {numbers:, }. Ask the sender for it, or record why it will not come.",
    },
    "ledger.gap_given_up": {
        "nl": "Levering {numbers:, } kwam nooit. Er wordt niet meer om gevraagd.",
        "en": "Delivery {numbers:, } never came. It is not asked for any more.",
    },
    "ledger.excluded_usual": {
        "nl": "De afzender liet niet meer personen weg dan gewoonlijk.",
        "en": "The sender left out no more persons than usual.",
    },
    "ledger.excluded_unusual": {
        "nl": "De afzender liet meer personen weg dan gewoonlijk. {reasons: }",
        "en": "The sender left out more persons than usual. {reasons: }",
    },
    "ledger.new_reason": {
        "nl": "Een nieuwe reden: '{reason}', voor {persons:persoon|personen}.",
        "en": "A new reason: '{reason}', for {persons:person|persons}.",
    },
    "ledger.reason_rises": {
        "nl": "Om reden '{reason}': {persons:persoon|personen} in {deliveries:levering|leveringen}; "
        "{usual} is normaal.",
        "en": "For reason '{reason}': {persons:person|persons} in {deliveries:delivery|deliveries}; "
        "{usual} is usual.",
    },
}

SCHEMA: Mapping[str, Texts] = {
    "schema.as_agreed": {
        "nl": "{columns:kolom|kolommen}, zoals afgesproken.",
        "en": "{columns:column|columns}, as agreed.",
    },
    "schema.different": {
        "nl": "De kolommen zijn anders dan afgesproken. {differences: }",
        "en": "The columns are not as agreed. {differences: }",
    },
    "schema.renamed": {
        "nl": "Kolom '{column}' heet nu '{into}'.",
        "en": "Column '{column}' is now called '{into}'.",
    },
    "schema.near_space": {
        "nl": "Met andere spaties geschreven: {columns:, }.",
        "en": "Written with other spaces: {columns:, }.",
    },
    "schema.near_case": {
        "nl": "Met andere hoofdletters geschreven: {columns:, }.",
        "en": "Written with other capitals: {columns:, }.",
    },
    "schema.near_unicode": {
        "nl": "Geschreven met tekens die er anders uitzien of anders zijn opgeslagen: {columns:, }.",
        "en": "Written with characters of another form: {columns:, }.",
    },
    "schema.called_otherwise": {
        "nl": "Kolom '{column}' heeft een andere naam gekregen: de naam van kolom {position} is niet afgesproken.",
        "en": "Column '{column}' has another name now: the name of column {position} is not agreed.",
    },
    "schema.gone": {"nl": "Kolom '{column}' ontbreekt.", "en": "Column '{column}' is missing."},
    "schema.added": {
        "nl": "Kolom '{column}' is nieuw (kolom {position}).",
        "en": "Column '{column}' is new (column {position}).",
    },
    "schema.retyped": {
        "nl": "Kolom '{column}' heeft het type {found}; afgesproken is {agreed}.",
        "en": "Column '{column}' has type {found}; the agreed type is {agreed}.",
    },
}

CONTRACT: Mapping[str, Texts] = {
    "contract.met": {
        "nl": "Aan deze afspraak is voldaan: {expectation}.",
        "en": "This agreement is met: {expectation}.",
    },
    "contract.not_met": {
        "nl": "Aan deze afspraak is niet voldaan: {expectation}. {remedy}",
        "en": "This agreement is not met: {expectation}. {remedy}",
    },
    "contract.not_met_rows": {
        "nl": "Aan deze afspraak is niet voldaan in {rows:regel|regels} ({share}): {expectation}. {found}{remedy}",
        "en": "This agreement is not met in {rows:row|rows} ({share}): {expectation}. {found}{remedy}",
    },
    "contract.found": {"nl": "Gevonden: {codes:; }. ", "en": "Found: {codes:; }. "},
    "contract.code": {"nl": "{code} ({rows:regel|regels})", "en": "{code} ({rows:row|rows})"},
    "contract.near_space": {
        "nl": "{code} met andere spaties ({rows:regel|regels})",
        "en": "{code} with other spaces ({rows:row|rows})",
    },
    "contract.near_case": {
        "nl": "{code} met andere hoofdletters ({rows:regel|regels})",
        "en": "{code} with other capitals ({rows:row|rows})",
    },
    "contract.near_unicode": {
        "nl": "{code} met tekens die er anders zijn geschreven ({rows:regel|regels})",
        "en": "{code} with characters in another Unicode form ({rows:row|rows})",
    },
    "contract.remedy_not_sent": {
        "nl": "Vraag de afzender waarom deze personen zijn geleverd. Neem ze tot dan niet in behandeling.",
        "en": "Ask the sender why these persons were delivered. Do not handle them until then.",
    },
    "contract.remedy_code": {
        "nl": "Voeg de code toe aan de codetabel van {columns:, }, of vraag de afzender wat zij betekent.",
        "en": "Add the code to the code table of {columns:, }, or ask the sender what it means.",
    },
    "contract.remedy_filled": {
        "nl": "Vraag de afzender om {columns:, } in te vullen en opnieuw te leveren.",
        "en": "Ask the sender to fill in {columns:, } and to deliver again.",
    },
    "contract.remedy_once": {
        "nl": "Vraag de afzender om een levering zonder herhaalde regels, en tel de personen niet dubbel.",
        "en": "Ask the sender for a delivery without repeated rows, and do not count the persons twice.",
    },
    "contract.remedy_form": {
        "nl": "Vraag de afzender of de vorm van {columns:, } is veranderd, bijvoorbeeld door een andere uitvoer.",
        "en": "Ask the sender whether the form of {columns:, } changed, for instance by another export.",
    },
    "contract.remedy_range": {
        "nl": "Vraag de afzender of {columns:, } klopt, of pas de grens in de afspraken aan.",
        "en": "Ask the sender whether {columns:, } is right, or change the limit in the suite.",
    },
    "contract.remedy_other": {
        "nl": "Vraag de afzender of dit klopt, of pas de afspraak aan.",
        "en": "Ask the sender whether this is right, or change the agreement.",
    },
    "contract.no_rows": {
        "nl": "Deze afspraak geldt voor geen enkele regel: {expectation}.",
        "en": "This agreement applies to no row: {expectation}.",
    },
    "contract.no_columns": {
        "nl": "Deze afspraak is niet te beoordelen, want de levering heeft geen kolom {columns:, }: "
        "{expectation}.",
        "en": "This agreement cannot be judged, because the delivery has no column {columns:, }: {expectation}.",
    },
    "contract.not_evaluated": {
        "nl": "Deze afspraak kon niet worden beoordeeld: {expectation}. {reason}",
        "en": "This agreement could not be judged: {expectation}. {reason}",
    },
}

FIELDS: Mapping[str, Texts] = {
    "completeness.filled": {
        "nl": "Veld '{field}' is gevuld in {share} van de regels; afgesproken is ten minste {floor}.",
        "en": "Field '{field}' is filled in {share} of the rows; the agreement is at least {floor}.",
    },
    "completeness.too_empty": {
        "nl": "Veld '{field}' is maar in {share} van de regels gevuld; afgesproken is ten minste {floor}.",
        "en": "Field '{field}' is filled in only {share} of the rows; the agreement is at least {floor}.",
    },
    "completeness.placeholders": {
        "nl": "Veld '{field}' lijkt gevuld, maar een deel van de regels heeft daar {texts}. Zonder die regels is "
        "het in {share} gevuld; afgesproken is ten minste {floor}. Betekenen deze teksten 'leeg', zet ze dan in "
        "`source.empty_values`.",
        "en": "Field '{field}' looks filled, but some rows hold {texts}. Without these rows it is filled in "
        "{share}; the agreement is at least {floor}. If these texts mean empty, add them to "
        "`source.empty_values`.",
    },
    "completeness.not_measured": {
        "nl": "Niet geteld: hoe vaak veld '{field}' is gevuld.",
        "en": "The filled rows of field '{field}' could not be counted.",
    },
    "drift.as_before": {
        "nl": "Veld '{field}' is niet vaker leeg dan eerst ({usual} van de regels).",
        "en": "Field '{field}' is empty as often as before ({usual} of the rows).",
    },
    "drift.emptier": {
        "nl": "Veld '{field}' is sinds {since} leeg in {share} van de regels; eerst was dat {usual}.",
        "en": "Since {since}, field '{field}' is empty in {share} of the rows; before, it was {usual}.",
    },
    "drift.question": {
        "nl": "Veld '{field}' is sinds {since} leeg in {share} van de regels; eerst was dat {usual}. "
        "Dit kan bij het seizoen horen: de geschiedenis is korter dan twee jaar.",
        "en": "Since {since}, field '{field}' is empty in {share} of the rows; before, it was {usual}. "
        "A season may explain this: less than two years of history are known.",
    },
    "drift.unjudged": {
        "nl": "Veld '{field}' wordt niet beoordeeld op vaker leeg zijn: {reason}.",
        "en": "Field '{field}' is not judged for being empty more often: {reason}.",
    },
    "drift.not_learnt": {
        "nl": "Er zijn te weinig regels om te weten hoe vaak de velden normaal leeg zijn.",
        "en": "There are too few rows to know how often the fields are usually empty.",
    },
}

CATEGORIES: Mapping[str, Texts] = {
    "coverage.all_seen": {
        "nl": "{categories:=De|Alle} {categories:categorie|categorieën} {categories:=is|zijn} gezien of "
        "verklaard.",
        "en": "{categories:=The|All} {categories:category|categories} {categories:=was|were} seen or explained.",
    },
    "coverage.seen": {"nl": "Deze categorie is gezien.", "en": "This category was seen."},
    "coverage.explained": {
        "nl": "Deze categorie hoeft er niet te zijn tot en met {until}. {who} geeft als reden: {reason}",
        "en": "This category may be absent until {until}. {who} gives the reason: {reason}",
    },
    "coverage.never_seen": {
        "nl": "Nog nooit gezien sinds de eerste levering ({since}), en niemand heeft dat verklaard.",
        "en": "Never seen since the first delivery ({since}), and nobody explained why.",
    },
    "coverage.too_few": {
        "nl": "Nog niet gezien: {number:categorie|categorieën}, waaronder {categories}. Er kwamen te weinig "
        "personen om iets te zeggen.",
        "en": "Not seen yet: {number:category|categories}, among them {categories}. Too few persons came to "
        "judge.",
    },
    "coverage.not_seen_since": {
        "nl": "Deze categorie is sinds {since} niet gezien, en niemand heeft dat verklaard.",
        "en": "This category was not seen since {since}, and nobody explained why.",
    },
    "coverage.no_categories": {
        "nl": "Er zijn geen categorieën opgegeven.",
        "en": "No categories are listed.",
    },
    "coverage.file_not_read": {
        "nl": "Het bestand met de categorieën is leeg of kon niet worden gelezen.",
        "en": "The file with the categories is empty or could not be read.",
    },
    "canary.all_came": {
        "nl": "Voor {categories:=de|alle} {categories:categorie|categorieën} is een proefpersoon ontvangen.",
        "en": "A synthetic person was received for {categories:=the|all} {categories:category|categories}.",
    },
    "canary.some_came": {
        "nl": "Voor {came} van de {categories:categorie|categorieën} is een proefpersoon ontvangen. De "
        "andere hoeven er nog niet te zijn.",
        "en": "A synthetic person was received for {came} of {categories:category|categories}. The others "
        "are not due yet.",
    },
    "canary.none_put_in": {
        "nl": "Er is nog geen proefpersoon ingevoerd. Het commando `ketenwacht canary` maakt proefpersonen.",
        "en": "No synthetic person was entered yet. The command `ketenwacht canary` makes them.",
    },
    "canary.came": {
        "nl": "De proefpersoon van {put_in} is ontvangen op {came}.",
        "en": "The synthetic person entered on {put_in} was received on {came}.",
    },
    "canary.late": {
        "nl": "De proefpersoon van {put_in} is pas op {came} ontvangen; afgesproken is binnen {days:dag|dagen}.",
        "en": "The synthetic person entered on {put_in} was received on {came}; the agreement is within "
        "{days:day|days}.",
    },
    "canary.overdue": {
        "nl": "De proefpersoon van {put_in} is na {days:dag|dagen} nog niet ontvangen.",
        "en": "The synthetic person entered on {put_in} was not received within {days:day|days}.",
    },
    "canary.other_category": {
        "nl": "De proefpersoon van {put_in} is ontvangen in een andere categorie: {found:; }.",
        "en": "The synthetic person entered on {put_in} was received in another category: {found:; }.",
    },
}

DELIVERY: Mapping[str, Texts] = {**ITSELF, **SCHEDULE, **LEDGER, **SCHEMA, **CONTRACT, **FIELDS, **CATEGORIES}
