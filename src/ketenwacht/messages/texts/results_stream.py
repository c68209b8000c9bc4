"""Texts of checks that judge the stream of deliveries."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

_TOGETHER: Texts = {
    "nl": " Dit gaat over {segments:kleine groep|kleine groepen} samen.",
    "en": " This is about {segments:small segment|small segments} together.",
}
_NOT_JUDGED: Texts = {
    "nl": "Niet beoordeeld vanwege {declared: en }.{together}",
    "en": "Not judged because of {declared: and }.{together}",
}

_UNJUDGED: Texts = {
    "nl": "Niet beoordeeld met de eigen geschiedenis, want {reason}.{together}",
    "en": "Not judged by own history, because {reason}.{together}",
}

_COUNTS: Mapping[str, Texts] = {
    "volume.untrained": {
        "nl": "De eigen geschiedenis heeft {deliveries:levering|leveringen}; nodig zijn er {needed}. Een "
        "tekort vanaf de eerste levering lijkt ook daarna normaal.",
        "en": "Own history holds {deliveries:delivery|deliveries}; {needed} are needed. Even then, a loss "
        "since the first delivery would look normal.",
    },
    "volume.quiet": {
        "nl": "{seen:persoon|personen} geleverd. Dat past bij de eigen geschiedenis.{together}",
        "en": "{seen:person|persons} delivered. That fits own history.{together}",
    },
    "volume.absurd": {
        "nl": "{seen:persoon|personen} geleverd. Volgens de eigen geschiedenis horen het er {low} tot {high} te "
        "zijn. Zo'n groot verschil is geen toeval.{together}",
        "en": "{seen:person|persons} delivered. Own history predicts {low} to {high}. A difference this large is "
        "not chance.{together}",
    },
    "volume.unjudged": _UNJUDGED,
    "volume.not_judged": _NOT_JUDGED,
    "volume.shortfall": {
        "nl": "Sinds {since}: {seen:persoon|personen} geleverd. De eigen geschiedenis voorspelt er "
        "{meant}; er kwam {share}. Waarschijnlijk {missing:=ontbreekt|ontbreken} "
        "{missing:persoon|personen}.{together}",
        "en": "Since {since}: {seen:person|persons} delivered. Own history predicts {meant}; {share} came. "
        "Probably {missing:person is|persons are} missing.{together}",
    },
    "volume.deeper": {
        "nl": "Sinds {since}: {seen:persoon|personen} geleverd. De eigen geschiedenis voorspelt er "
        "{meant}; er kwam {share}. Sinds {further} komen er nog minder. Waarschijnlijk "
        "{missing:=ontbreekt|ontbreken} {missing:persoon|personen}.{together}",
        "en": "Since {since}: {seen:person|persons} delivered. Own history predicts {meant}; {share} came. "
        "Since {further} even fewer come. Probably {missing:person is|persons are} missing.{together}",
    },
    "volume.shift": {
        "nl": "Sinds {since}: {seen:persoon|personen} geleverd. De eigen geschiedenis voorspelt er "
        "{meant}; er kwam {share}. Dat kan een gewone verandering zijn, of een verlies van "
        "{missing:persoon|personen}.{together}",
        "en": "Since {since}: {seen:person|persons} delivered. Own history predicts {meant}; {share} came. "
        "This may be an ordinary change, or a loss of {missing:person|persons}.{together}",
    },
    "volume.surplus": {
        "nl": "Sinds {since}: {seen:persoon|personen} geleverd. De eigen geschiedenis voorspelt er "
        "{meant}; er kwam {share}. Waarschijnlijk {missing:=is|zijn} {missing:persoon|personen} ten onrechte "
        "geleverd.{together}",
        "en": "Since {since}: {seen:person|persons} delivered. Own history predicts {meant}; {share} came. "
        "Probably {missing:person|persons} should not have been delivered.{together}",
    },
    "volume.together": _TOGETHER,
    "ratio.untrained": {
        "nl": "De eigen geschiedenis heeft {deliveries:levering|leveringen}; om aandelen te vergelijken "
        "zijn er {needed} nodig.",
        "en": "Own history holds {deliveries:delivery|deliveries}; {needed} are needed to compare shares.",
    },
    "ratio.alone": {
        "nl": "Er is maar één groep, dus er is geen aandeel te vergelijken.",
        "en": "There is only one segment, so there is no share to compare.",
    },
    "ratio.quiet": {
        "nl": "{seen:persoon|personen} geleverd. Dat past bij het gewone aandeel in de levering.{together}",
        "en": "{seen:person|persons} delivered. That fits the usual share of the delivery.{together}",
    },
    "ratio.absurd": {
        "nl": "{seen:persoon|personen} geleverd. Bij het gewone aandeel in de levering horen er {low} tot {high}. "
        "Zo'n groot verschil is geen toeval.{together}",
        "en": "{seen:person|persons} delivered. The usual share of the delivery is {low} to {high}. A difference "
        "this large is not chance.{together}",
    },
    "ratio.unjudged": _UNJUDGED,
    "ratio.not_judged": _NOT_JUDGED,
    "ratio.shortfall": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. Bij het gewone aandeel in de levering horen er "
            "{meant}; er kwam {share}. Waarschijnlijk {missing:=ontbreekt|ontbreken} "
            "{missing:persoon|personen}.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. The usual share of the delivery is {meant}; {share} "
            "came. Probably {missing:person is|persons are} missing.{together}"
        ),
    },
    "ratio.deeper": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. "
            "Bij het gewone aandeel in de levering horen er {meant}; er kwam {share}. "
            "Sinds {further} komt er nog minder. Waarschijnlijk {missing:=ontbreekt|ontbreken} "
            "{missing:persoon|personen}.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. "
            "The usual share of the delivery is {meant}; {share} came. "
            "Since {further} even fewer come. Probably {missing:person is|persons are} missing.{together}"
        ),
    },
    "ratio.shift": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. "
            "Bij het gewone aandeel in de levering horen er {meant}; er kwam {share}. "
            "Dat kan een gewone verandering zijn of een verlies van {missing:persoon|personen}.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. "
            "The usual share of the delivery is {meant}; {share} came. "
            "This may be an ordinary change, or a loss of {missing:person|persons}.{together}"
        ),
    },
    "ratio.surplus": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. Bij het gewone aandeel in de levering horen er "
            "{meant}; er kwam {share}. Waarschijnlijk {missing:=is|zijn} {missing:persoon|personen} ten onrechte "
            "geleverd.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. The usual share of the delivery is {meant}; {share} "
            "came. Probably {missing:person|persons} should not have been delivered.{together}"
        ),
    },
    "ratio.together": _TOGETHER,
    "vanished.gone": {
        "nl": "Sinds {since} kwam er niemand: {deliveries:levering|leveringen} zonder één persoon. Normaal "
        "{usual:=is|zijn} {usual} per levering.",
        "en": "Nobody came since {since}: {deliveries:delivery|deliveries} without a single person. The "
        "usual number is {usual} a delivery.",
    },
    "vanished.present": {"nl": "Deze groep is er nog.", "en": "This segment is still there."},
}

_SENDER: Mapping[str, Texts] = {
    "control_total.received": {
        "nl": "{received:persoon|personen} ontvangen, evenveel als de afzender zegt te hebben verzonden.",
        "en": "{received:person|persons} received, as many as the sender says it sent.",
    },
    "control_total.lost": {
        "nl": "De afzender zegt {declared:persoon|personen} te hebben verzonden. Ontvangen {received:=is|zijn} "
        "er {received}. Onderweg verloren: {difference}.",
        "en": "The sender says it sent {declared:person|persons}, but {received:was|were} received. Lost on "
        "the way: {difference}.",
    },
    "control_total.extra": {
        "nl": "De afzender zegt {declared:persoon|personen} te hebben verzonden. Ontvangen {received:=is|zijn} "
        "er {received}. Te veel: {difference}.",
        "en": "The sender says it sent {declared:person|persons}, but {received:was|were} received. Too many: "
        "{difference}.",
    },
    "control_total.changed": {
        "nl": "Het totaal klopt, maar de aantallen van {segments:groep|groepen} niet: de inhoud is "
        "onderweg veranderd.",
        "en": "The total agrees, but the counts of {segments:segment|segments} do not: the content changed "
        "on the way.",
    },
    "control_total.explained": {
        "nl": "Iedereen die de afzender selecteerde, is geleverd of om een opgegeven reden weggelaten.{earlier}",
        "en": "Everybody whom the sender selected was delivered, or left out for a stated reason.{earlier}",
    },
    "control_total.tolerated": {
        "nl": "Het verschil met wat de afzender selecteerde, is toegestaan (tot {tolerated}: {because}).{earlier}",
        "en": "The difference from what the sender selected is tolerated (up to {tolerated}: {because}).{earlier}",
    },
    "control_total.earlier": {
        "nl": " Uit eerdere leveringen, sinds {since}, {missing:=is|zijn} {missing:persoon|personen} nog niet "
        "verklaard.",
        "en": " From earlier deliveries, since {since}, {missing:person is|persons are} still unexplained.",
    },
    "control_total.not_sent": {
        "nl": "De afzender selecteerde personen, maar verzond hen niet. Sinds {since} {missing:=is|zijn} "
        "{missing:persoon|personen} weg zonder opgegeven reden.",
        "en": "The sender selected persons but did not send them. Since {since}, {missing:person is|persons are} "
        "gone without a stated reason.",
    },
    "control_total.keeps_coming": {
        "nl": "Een klein verschil met wat de afzender selecteerde, komt steeds terug. Sinds {since} "
        "{missing:=is|zijn} {missing:persoon|personen} weg zonder opgegeven reden.",
        "en": "A small difference from what the sender selected keeps coming back. Since {since}, "
        "{missing:person is|persons are} gone without a stated reason.",
    },
    "control_total.not_selected": {
        "nl": "Er {extra:=kwam|kwamen} {extra:persoon|personen} meer dan de afzender zegt te hebben geselecteerd.",
        "en": "{extra:more person|more persons} came than the sender says it selected.",
    },
    "acknowledgement.none": {
        "nl": "Er is nog geen ontvangstbevestiging.",
        "en": "No acknowledgement was received yet.",
    },
    "acknowledgement.complete": {
        "nl": "Elke levering heeft een ontvangstbevestiging.",
        "en": "Every delivery has an acknowledgement.",
    },
    "acknowledgement.awaited": {
        "nl": "Levering {deliveries:, } is nog niet bevestigd. De termijn loopt nog.",
        "en": "Delivery {deliveries:, } is not acknowledged yet. The term still runs.",
    },
    "acknowledgement.overdue": {
        "nl": "Niet bevestigd binnen {days:werkdag|werkdagen}: levering {deliveries:, } met "
        "{persons:persoon|personen}. Vraag de "
        "ontvanger of de levering is aangekomen, of leg vast waarom er geen bevestiging komt.",
        "en": "Not acknowledged within {days:working day|working days}: delivery {deliveries:, } with "
        "{persons:person|persons}. Ask "
        "the receiver whether it arrived, or record why no acknowledgement will come.",
    },
    "acknowledgement.accepted": {
        "nl": "Elke bevestigde levering is aanvaard.",
        "en": "Every acknowledged delivery was accepted.",
    },
    "acknowledgement.rejected": {
        "nl": "Geweigerd door de ontvanger: levering {deliveries:, } met {persons:persoon|personen}. Stuur een "
        "herlevering.",
        "en": "Rejected by the receiver: delivery {deliveries:, } with {persons:person|persons}. Send a "
        "redelivery.",
    },
    "acknowledgement.counts_agree": {
        "nl": "De ontvanger telde in elke bevestigde levering evenveel personen.",
        "en": "The receiver counted the same persons in every acknowledged delivery.",
    },
    "acknowledgement.counts_differ": {
        "nl": "Anders geteld door de ontvanger: levering {deliveries:, }. Geleverd: {delivered:persoon|personen}. "
        "Bevestigd of met een reden geweigerd: {acknowledged:persoon|personen}.",
        "en": "Counted otherwise by the receiver: delivery {deliveries:, }. Delivered: "
        "{delivered:person|persons}. "
        "Accepted, or refused for a stated reason: {acknowledged:person|persons}.",
    },
    "acknowledgement.content_agrees": {
        "nl": "De ontvanger kreeg van elke bevestigde levering hetzelfde bestand.",
        "en": "The receiver got the same file of every acknowledged delivery.",
    },
    "acknowledgement.content_differs": {
        "nl": "De ontvanger kreeg een ander bestand: levering {deliveries:, } met {persons:persoon|personen}. "
        "Zoek uit "
        "waar het onderweg is veranderd, en stuur een herlevering.",
        "en": "The receiver got another file: delivery {deliveries:, } with {persons:person|persons}. Find out "
        "where it "
        "changed on the way, and send a redelivery.",
    },
    "conservation.uncounted": {"nl": "Bij {hop} is nog niets geteld.", "en": "Nothing is counted at {hop} yet."},
    "conservation.nobody_due": {
        "nl": "Van {before} naar {hop}: er hoeft nog niemand te zijn.",
        "en": "From {before} to {hop}: nobody is due yet.",
    },
    "conservation.complete": {
        "nl": "Van {before} naar {hop}: iedereen die tot {until} is geteld, kwam verder of is om een "
        "opgegeven reden weggelaten.",
        "en": "From {before} to {hop}: everybody counted until {until} arrived, or was left out for a "
        "stated reason.",
    },
    "conservation.old": {
        "nl": "Van {before} naar {hop}: de tellingen lopen tot {until}. Dat is te oud voor een oordeel "
        "over vandaag.",
        "en": "From {before} to {hop}: the counts end on {until}. That is too old to judge today.",
    },
    "conservation.tolerated": {
        "nl": (
            "Van {before} naar {hop}: {missing:persoon is|personen zijn} niet verklaard. Dat is toegestaan "
            "(tot {tolerated}: {because})."
        ),
        "en": (
            "From {before} to {hop}: {missing:person is|persons are} unexplained. That is tolerated "
            "(up to {tolerated}: {because})."
        ),
    },
    "conservation.unexplained": {
        "nl": "Van {before} naar {hop}: sinds {since} {missing:=is|zijn} {missing:persoon|personen} weg zonder "
        "opgegeven reden, "
        "van {came} geteld tot {until}.",
        "en": "From {before} to {hop}: since {since}, {missing:person is|persons are} gone without a stated "
        "reason, "
        "of {came} counted until {until}.",
    },
    "conservation.surplus": {
        "nl": "Van {before} naar {hop}: {extra:persoon kwam|personen kwamen} aan, maar {extra:=is|zijn} nooit "
        "bij {before} geteld.",
        "en": "From {before} to {hop}: {extra:person|persons} arrived but {extra:=was|were} never counted at "
        "{before}.",
    },
}

_OUTSIDE: Mapping[str, Texts] = {
    "reconciliation.none": {
        "nl": "Er is nog geen register van de afzender vergeleken.",
        "en": "No register of the sender is compared yet.",
    },
    "reconciliation.compared": {
        "nl": "Het register van de afzender van {register} is vergeleken.",
        "en": "The sender's register of {register} was compared.",
    },
    "reconciliation.not_compared": {
        "nl": "Het register van {register} is niet vergeleken naar {dimensions:, }.",
        "en": "The register of {register} was not compared by {dimensions:, }.",
    },
    "reconciliation.not_compared_whole": {
        "nl": "Het register van {register} is niet als geheel vergeleken.",
        "en": "The register of {register} was not compared as a whole.",
    },
    "reconciliation.old": {
        "nl": "Het laatste vergeleken register is van {register}. Dat is te oud voor een oordeel over vandaag.",
        "en": "The last compared register is of {register}. That is too old to judge today.",
    },
    "reconciliation.complete": {
        "nl": (
            "{registered:=De|Alle} {registered:persoon|personen} in het register van {register} "
            "{registered:=is|zijn} geleverd, of {registered:=hoeft|hoeven} er nog niet te zijn."
        ),
        "en": "{registered:=The|All} {registered:person|persons} in the register of {register} "
        "{registered:=was|were} delivered or {registered:=is|are} not due yet.",
    },
    "reconciliation.missing": {
        "nl": "Van de {registered:persoon|personen} in het register van {register} {missing:=is|zijn} er "
        "{missing} nooit "
        "geleverd. De eerste van hen kreeg een besluit in de week van {since}.",
        "en": "Of {registered:person|persons} in the register of {register}, {missing:was|were} never delivered. "
        "The "
        "first of them was decided on in the week of {since}.",
    },
    "reconciliation.missing_undated": {
        "nl": "Van de {registered:persoon|personen} in het register van {register} {missing:=is|zijn} er "
        "{missing} nooit geleverd.",
        "en": "Of {registered:person|persons} in the register of {register}, {missing:was|were} never delivered.",
    },
    "reconciliation.in_time": {
        "nl": "Iedereen die in de laatste vier weken aankwam, was op tijd.{delays}",
        "en": "Everybody who arrived in the last four weeks was on time.{delays}",
    },
    "reconciliation.late": {
        "nl": "Van de {arrived:persoon|personen} die in de laatste vier weken {arrived:=aankwam|aankwamen}, "
        "{late:=was|waren} er {late} te laat.{delays}",
        "en": "Of {arrived:person|persons} who arrived in the last four weeks, {late:was|were} late.{delays}",
    },
    "reconciliation.delays": {
        "nl": (
            " De helft kwam binnen {half:dag|dagen}, 95% binnen {most:dag|dagen}, de laatste na "
            "{longest:dag|dagen}."
        ),
        "en": " Half came within {half:day|days}, 95% within {most:day|days}, the last after {longest:day|days}.",
    },
    "reconciliation.no_extra": {
        "nl": "Iedereen die is geleverd, staat in het register van {register}.",
        "en": "Everybody who was delivered is in the register of {register}.",
    },
    "reconciliation.extra": {
        "nl": "{extra:persoon|personen} geleverd die niet in het register van {register} {extra:=staat|staan}. "
        "Zet deze gegevens apart: dit kan een datalek zijn.",
        "en": "{extra:person|persons} delivered who {extra:=is|are} not in the register of {register}. Set these "
        "records aside: this may be a data breach.",
    },
    "reconciliation.same": {
        "nl": "In het register en in de leveringen staan dezelfde gegevens.",
        "en": "The register and the deliveries hold the same values.",
    },
    "reconciliation.different": {
        "nl": "{different:persoon|personen} geleverd met andere gegevens dan in het register.",
        "en": "{different:person|persons} delivered with other values than in the register.",
    },
    "reference.none": {"nl": "Er is geen telling van buiten bekend.", "en": "No outside reference is known."},
    "reference.waiting": {
        "nl": "De periode van de eerste telling van {source} is nog niet voorbij.",
        "en": "The period of the first figure of {source} has not ended yet.",
    },
    "reference.not_counted": {
        "nl": "{source} telt naar een indeling die deze stroom niet heeft.",
        "en": "{source} counts by a dimension that this feed does not have.",
    },
    "reference.quiet": {
        "nl": "{seen:persoon|personen} geleverd van {first} tot en met {last}. {source} voorspelt er "
        "{meant}. Een tekort van minder dan {limit} sinds de eerste telling is zo niet te zien.",
        "en": "{seen:person|persons} delivered from {first} to {last}. {source} predicts {meant}. A loss "
        "of under {limit} since the first figure could stay unseen.",
    },
    "reference.old": {
        "nl": "De laatste telling van {source} loopt tot en met {last}. Dat is te oud voor een oordeel "
        "over vandaag. Toen {seen:=was|waren} sinds {first} {seen:persoon|personen} geleverd; {meant:was|waren} "
        "voorspeld. Een tekort van minder dan {limit} was zo niet te zien.",
        "en": "The last figure of {source} ends on {last}. That is too old to judge today. Then, "
        "{seen:person was|persons were} delivered since {first}; {meant:was|were} predicted. A loss of under "
        "{limit} could stay unseen.",
    },
    "reference.shortfall": {
        "nl": "Sinds {since}: {seen:persoon|personen} geleverd. {source} voorspelt er {meant}; er kwam "
        "{share}. Waarschijnlijk {missing:=ontbreekt|ontbreken} {missing:persoon|personen}.",
        "en": "Since {since}: {seen:person|persons} delivered. {source} predicts {meant}; {share} came. "
        "Probably {missing:person is|persons are} missing.",
    },
    "reference.surplus": {
        "nl": "Sinds {since}: {seen:persoon|personen} geleverd. {source} voorspelt er {meant}; er kwam "
        "{share}. Waarschijnlijk {missing:=is|zijn} {missing:persoon|personen} ten onrechte geleverd.",
        "en": "Since {since}: {seen:person|persons} delivered. {source} predicts {meant}; {share} came. "
        "Probably {missing:person|persons} should not have been delivered.",
    },
    "reference.quiet_by_decision": {
        "nl": "Besluiten van {first} tot en met {last}: {seen:persoon|personen} geleverd. {source} voorspelt er "
        "nu {meant}. Nog niet te verwachten: {not_due:persoon|personen}. Een tekort van minder dan {limit} "
        "sinds de eerste telling is zo niet te zien.",
        "en": "Decided from {first} to {last}: {seen:person|persons} delivered. {source} predicts {meant} by now. "
        "Of all decisions together, {not_due:person is|persons are} not yet due. A loss of under {limit} since "
        "the first figure could stay unseen.",
    },
    "reference.shortfall_by_decision": {
        "nl": "Besluiten sinds {since}: {seen:persoon|personen} geleverd. {source} voorspelt er nu {meant}; er "
        "kwam {share}. Waarschijnlijk {missing:=ontbreekt|ontbreken} {missing:persoon|personen}. Nog niet te "
        "verwachten: "
        "{not_due:persoon|personen}.",
        "en": "Decided since {since}: {seen:person|persons} delivered. {source} predicts {meant} by now; {share} "
        "came. Probably {missing:person is|persons are} missing. Another {not_due:person is|persons are} not yet "
        "due.",
    },
    "reference.surplus_by_decision": {
        "nl": "Besluiten sinds {since}: {seen:persoon|personen} geleverd. {source} voorspelt er nu {meant}; er "
        "kwam {share}. Waarschijnlijk {missing:=is|zijn} {missing:persoon|personen} ten onrechte geleverd. Nog "
        "niet te verwachten: "
        "{not_due:persoon|personen}.",
        "en": "Decided since {since}: {seen:person|persons} delivered. {source} predicts {meant} by now; {share} "
        "came. Probably {missing:person|persons} should not have been delivered. Another "
        "{not_due:person is|persons are} not yet due.",
    },
    "undercoverage.none": {
        "nl": "Er is niet vergeleken hoe onafhankelijke lijsten overlappen.",
        "en": "Nobody compared how independent lists overlap.",
    },
    "undercoverage.old": {
        "nl": "De lijsten {lists: en } zijn van {day}. Vergelijk nieuwe lijsten.",
        "en": "The lists {lists: and } are of {day}. Compare new ones.",
    },
    "undercoverage.too_little": {
        "nl": "De lijsten {lists: en } van {day} overlappen te weinig om iets te zeggen.",
        "en": "The lists {lists: and } of {day} overlap too little to say anything.",
    },
    "undercoverage.few": {
        "nl": "Naar schatting {high:=staat|staan} hoogstens {high:persoon|personen} in geen van de lijsten "
        "{lists: en } van {day}.",
        "en": "At most {high:person is|persons are} estimated to be in none of the lists {lists: and } of {day}.",
    },
    "undercoverage.some": {
        "nl": "En {unseen:persoon|personen} ({low}–{high}) {unseen:=staat|staan} in geen van de lijsten "
        "{lists: en } van {day}.",
        "en": "And {unseen:person|persons} ({low}–{high}) {unseen:=is|are} in none of the lists {lists: and } of "
        "{day}.",
    },
    "inquiries.none": {
        "nl": "Er zijn geen navragen bekend. Dat bewijst niets.",
        "en": "No inquiry is known. That proves nothing.",
    },
    "inquiries.usual": {
        "nl": "Van {resolved:afgehandelde navraag|afgehandelde navragen} {confirmed:=ging|gingen} er {confirmed} "
        "over iemand die geleverd had "
        "moeten zijn. Niets wijst op meer dan {usual}.",
        "en": "Of {resolved:resolved inquiry|resolved inquiries}, {confirmed:was|were} about a person who should "
        "have been "
        "delivered. Nothing points to more than {usual}.",
    },
    "inquiries.misses": {
        "nl": "Sinds {since} {confirmed:=ging|gingen} van {resolved:afgehandelde navraag|afgehandelde navragen} "
        "er {confirmed} over iemand die "
        "geleverd had moeten zijn. Normaal is hoogstens {usual}.",
        "en": "Since {since}, of {resolved:resolved inquiry|resolved inquiries}, {confirmed:was|were} about a "
        "person who should "
        "have been delivered. Usual is at most {usual}.",
    },
    "inquiries.few_weeks": {
        "nl": "Er zijn te weinig hele weken met navragen om te weten wat normaal is.",
        "en": "There are too few whole weeks of inquiries to know what is usual.",
    },
    "inquiries.number": {
        "nl": "{asked:navraag|navragen} in de week van {week}; normaal {usual:=is|zijn} er {usual} per week.",
        "en": "{asked:inquiry|inquiries} in the week of {week}; the usual number is {usual} a week.",
    },
    "inquiries.surge": {
        "nl": "Er zijn meer navragen dan eerst: {asked:navraag|navragen} in de week van {week}; normaal "
        "{usual:=is|zijn} er {usual} per week.",
        "en": "There are more inquiries than before: {asked:inquiry|inquiries} in the week of {week}; the "
        "usual number is {usual} a week.",
    },
    "evidence.covered": {
        "nl": "Onafhankelijk bewijs: {by}.",
        "en": "Independent evidence: {by}.",
    },
    "evidence.overruled": {
        "nl": "Volgens het register van {register} ontbreekt hier niemand en is hier niemand te veel. "
        "Dit telt daarom niet: {said}",
        "en": "According to the register of {register} nobody is missing here and nobody is too many. "
        "So this does not count: {said}",
    },
    "evidence.unproven": {
        "nl": "Alleen de eigen geschiedenis wijst erop dat hier iedereen is. Een tekort vanaf de eerste "
        "levering zou normaal lijken.",
        "en": "Only own history suggests that nobody is missing. A loss since the first delivery would "
        "look normal.",
    },
}

STREAM: Mapping[str, Texts] = {**_COUNTS, **_SENDER, **_OUTSIDE}
