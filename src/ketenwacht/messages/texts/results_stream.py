"""Texts of checks that judge the stream of deliveries."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

_TOGETHER: Texts = {
    "nl": " Dit gaat over {segments} kleine groepen samen.",
    "en": " This is about {segments} small groups together.",
}
_NOT_JUDGED: Texts = {
    "nl": "Niet beoordeeld vanwege {declared: en }.{together}",
    "en": "Not judged because of {declared: and }.{together}",
}

_UNJUDGED: Texts = {
    "nl": "Niet beoordeeld met de eigen geschiedenis, omdat {reason}.{together}",
    "en": "Not judged by own history, because {reason}.{together}",
}

_COUNTS: Mapping[str, Texts] = {
    "volume.untrained": {
        "nl": (
            "Eigen geschiedenis: {deliveries:levering|leveringen}, en er zijn er {needed} nodig. "
            "Een tekort vanaf de eerste levering lijkt ook dan normaal."
        ),
        "en": (
            "Own history: {deliveries:delivery|deliveries}, and {needed} are needed. "
            "A loss since the first delivery would look normal even then."
        ),
    },
    "volume.quiet": {
        "nl": "{seen:persoon|personen} geleverd; dat past bij de eigen geschiedenis.{together}",
        "en": "{seen:person|persons} delivered, which fits the feed's own history.{together}",
    },
    "volume.unjudged": _UNJUDGED,
    "volume.not_judged": _NOT_JUDGED,
    "volume.shortfall": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. Volgens de eigen geschiedenis waren er {meant} te "
            "verwachten; er kwam {share}. Waarschijnlijk ontbreken {missing} personen.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. "
            "Own history leads to expect {meant}; {share} came. "
            "Probably {missing} persons are missing.{together}"
        ),
    },
    "volume.deeper": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. "
            "Volgens de eigen geschiedenis waren er {meant} te verwachten; er kwam {share}. "
            "Sinds {further} komt er nog minder. Waarschijnlijk ontbreken {missing} personen.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. "
            "Own history leads to expect {meant}; {share} came. "
            "Since {further} even fewer come. Probably {missing} persons are missing.{together}"
        ),
    },
    "volume.shift": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. "
            "Volgens de eigen geschiedenis waren er {meant} te verwachten; er kwam {share}. "
            "Dat kan een gewone verandering zijn of een verlies van {missing} personen.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. "
            "Own history leads to expect {meant}; {share} came. "
            "This may be an ordinary change, or a loss of {missing} persons.{together}"
        ),
    },
    "volume.surplus": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. Volgens de eigen geschiedenis waren er {meant} te "
            "verwachten; er kwam {share}. Waarschijnlijk zijn {missing} personen ten onrechte geleverd.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. "
            "Own history leads to expect {meant}; {share} came. "
            "Probably {missing} persons should not have been delivered.{together}"
        ),
    },
    "volume.together": _TOGETHER,
    "ratio.untrained": {
        "nl": (
            "Eigen geschiedenis: {deliveries:levering|leveringen}, en er zijn er {needed} nodig om aandelen te "
            "vergelijken."
        ),
        "en": ("Own history: {deliveries:delivery|deliveries}, and {needed} are needed to compare shares."),
    },
    "ratio.alone": {
        "nl": "Er is maar één groep, dus er is geen aandeel te vergelijken.",
        "en": "There is only one group, so there is no share to compare.",
    },
    "ratio.quiet": {
        "nl": "{seen:persoon|personen} geleverd; dat past bij het gewone aandeel in de levering.{together}",
        "en": "{seen:person|persons} delivered, which fits the usual share of the delivery.{together}",
    },
    "ratio.unjudged": _UNJUDGED,
    "ratio.not_judged": _NOT_JUDGED,
    "ratio.shortfall": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. Bij het gewone aandeel in de levering horen er "
            "{meant}; er kwam {share}. Waarschijnlijk ontbreken {missing} personen.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. The usual share of the delivery is {meant}; {share} "
            "came. Probably {missing} persons are missing.{together}"
        ),
    },
    "ratio.deeper": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. "
            "Bij het gewone aandeel in de levering horen er {meant}; er kwam {share}. "
            "Sinds {further} komt er nog minder. Waarschijnlijk ontbreken {missing} personen.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. "
            "The usual share of the delivery is {meant}; {share} came. "
            "Since {further} even fewer come. Probably {missing} persons are missing.{together}"
        ),
    },
    "ratio.shift": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. "
            "Bij het gewone aandeel in de levering horen er {meant}; er kwam {share}. "
            "Dat kan een gewone verandering zijn of een verlies van {missing} personen.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. "
            "The usual share of the delivery is {meant}; {share} came. "
            "This may be an ordinary change, or a loss of {missing} persons.{together}"
        ),
    },
    "ratio.surplus": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. Bij het gewone aandeel in de levering horen er "
            "{meant}; er kwam {share}. Waarschijnlijk zijn {missing} personen ten onrechte geleverd.{together}"
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. The usual share of the delivery is {meant}; {share} "
            "came. Probably {missing} persons should not have been delivered.{together}"
        ),
    },
    "ratio.together": _TOGETHER,
    "vanished.gone": {
        "nl": (
            "Sinds {since} kwam er niemand meer: {deliveries:levering|leveringen} zonder één persoon. "
            "Gewoon zijn er {usual} per levering."
        ),
        "en": (
            "Nobody came since {since}: {deliveries:delivery|deliveries} without a single person. "
            "Usual are {usual} a delivery."
        ),
    },
    "vanished.present": {
        "nl": "Deze groep is er nog.",
        "en": "This group is still there.",
    },
}

_SENDER: Mapping[str, Texts] = {
    "control_total.received": {
        "nl": "{received:persoon|personen} ontvangen, net zoveel als de afzender zegt te hebben verzonden.",
        "en": "{received:person|persons} received, as many as the sender says it sent.",
    },
    "control_total.lost": {
        "nl": (
            "De afzender zegt {declared:persoon|personen} te hebben verzonden en er zijn er {received} ontvangen. "
            "Onderweg verloren: {difference}."
        ),
        "en": (
            "The sender says it sent {declared:person|persons} and {received} were received. "
            "Lost on the way: {difference}."
        ),
    },
    "control_total.extra": {
        "nl": (
            "De afzender zegt {declared:persoon|personen} te hebben verzonden en er zijn er {received} ontvangen. "
            "Te veel: {difference}."
        ),
        "en": (
            "The sender says it sent {declared:person|persons} and {received} were received. "
            "Too many: {difference}."
        ),
    },
    "control_total.changed": {
        "nl": (
            "Het totaal klopt, maar de aantallen van {segments:groep|groepen} niet: de inhoud is onderweg "
            "veranderd."
        ),
        "en": (
            "The total agrees, but the counts of {segments:group|groups} do not: the content changed on the way."
        ),
    },
    "control_total.explained": {
        "nl": "Wie de afzender selecteerde, kwam of viel af om een opgegeven reden.{earlier}",
        "en": "Everybody the sender selected came, or was left out for a stated reason.{earlier}",
    },
    "control_total.tolerated": {
        "nl": "Het verschil met wat de afzender selecteerde, is toegestaan (tot {tolerated}: {because}).{earlier}",
        "en": "The difference with what the sender selected is tolerated (up to {tolerated}: {because}).{earlier}",
    },
    "control_total.earlier": {
        "nl": " Van eerder, sinds {since}, zijn {missing} personen nog niet verklaard.",
        "en": " Of earlier deliveries, since {since}, {missing} persons are still unexplained.",
    },
    "control_total.not_sent": {
        "nl": (
            "De afzender selecteerde personen en verzond hen niet. Sinds {since} verklaart geen opgegeven reden "
            "waar {missing} personen zijn."
        ),
        "en": (
            "The sender selected persons and never sent them. Since {since} no stated reason explains where "
            "{missing} persons are."
        ),
    },
    "control_total.keeps_coming": {
        "nl": (
            "Een klein verschil met wat de afzender selecteerde, komt steeds terug. Sinds {since} verklaart geen "
            "opgegeven reden waar {missing} personen zijn."
        ),
        "en": (
            "A small difference with what the sender selected keeps coming back. Since {since} no stated reason "
            "explains where {missing} persons are."
        ),
    },
    "control_total.not_selected": {
        "nl": "Er kwamen {extra} personen meer dan de afzender zegt te hebben geselecteerd.",
        "en": "{extra} more persons came than the sender says it selected.",
    },
    "conservation.uncounted": {
        "nl": "Bij {hop} is nog niets geteld.",
        "en": "Nothing was counted at {hop} yet.",
    },
    "conservation.nobody_due": {
        "nl": "Van {before} naar {hop}: nog niemand hoeft er te zijn.",
        "en": "From {before} to {hop}: nobody is due yet.",
    },
    "conservation.complete": {
        "nl": "Van {before} naar {hop}: wie tot {until} is geteld, kwam verder of viel af om een opgegeven reden.",
        "en": (
            "From {before} to {hop}: everybody counted until {until} came on, or was left out for a stated reason."
        ),
    },
    "conservation.old": {
        "nl": "Van {before} naar {hop}: de tellingen lopen tot {until}. Dat is te lang geleden voor vandaag.",
        "en": "From {before} to {hop}: the counts end on {until}. That is too long ago to speak for today.",
    },
    "conservation.tolerated": {
        "nl": (
            "Van {before} naar {hop}: {missing} personen zijn niet verklaard. Dat is toegestaan "
            "(tot {tolerated}: {because})."
        ),
        "en": (
            "From {before} to {hop}: {missing} persons are unexplained. That is tolerated "
            "(up to {tolerated}: {because})."
        ),
    },
    "conservation.unexplained": {
        "nl": (
            "Van {before} naar {hop}: sinds {since} verklaart geen opgegeven reden waar {missing} personen zijn, "
            "van {came} geteld tot {until}."
        ),
        "en": (
            "From {before} to {hop}: since {since} no stated reason explains where {missing} persons are, of "
            "{came} counted until {until}."
        ),
    },
    "conservation.surplus": {
        "nl": "Van {before} naar {hop}: {extra} personen kwamen aan die nooit bij {before} zijn geteld.",
        "en": "From {before} to {hop}: {extra} persons arrived who were never counted at {before}.",
    },
}

_OUTSIDE: Mapping[str, Texts] = {
    "reconciliation.none": {
        "nl": "Er is nog geen register van de afzender vergeleken.",
        "en": "No register of the sender was compared yet.",
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
        "nl": "Het laatste vergeleken register is van {register}. Dat is te oud voor vandaag.",
        "en": "The last register compared is of {register}. That is too old to speak for today.",
    },
    "reconciliation.complete": {
        "nl": (
            "Alle {registered} personen in het register van {register} zijn geleverd, of hoeven er nog niet te "
            "zijn."
        ),
        "en": "All {registered} persons in the register of {register} were delivered or are not due yet.",
    },
    "reconciliation.missing": {
        "nl": (
            "Van {registered} personen in het register van {register} zijn er {missing} nooit geleverd. "
            "De eerste van hen kreeg een besluit in de week van {since}."
        ),
        "en": (
            "Of {registered} persons in the register of {register}, {missing} were never delivered. "
            "The first of them was decided on in the week of {since}."
        ),
    },
    "reconciliation.in_time": {
        "nl": "Wie in de laatste vier weken aankwam, was op tijd.{delays}",
        "en": "Everybody who arrived in the last four weeks was in time.{delays}",
    },
    "reconciliation.late": {
        "nl": "Van {arrived} personen die in de laatste vier weken aankwamen, waren er {late} te laat.{delays}",
        "en": "Of {arrived} persons who arrived in the last four weeks, {late} were too late.{delays}",
    },
    "reconciliation.delays": {
        "nl": (
            " De helft kwam binnen {half:dag|dagen}, 95% binnen {most:dag|dagen}, de laatste na "
            "{longest:dag|dagen}."
        ),
        "en": " Half came within {half:day|days}, 95% within {most:day|days}, the last after {longest:day|days}.",
    },
    "reconciliation.no_extra": {
        "nl": "Er is niemand geleverd die niet in het register van {register} staat.",
        "en": "Nobody was delivered who is not in the register of {register}.",
    },
    "reconciliation.extra": {
        "nl": (
            "{extra:persoon|personen} geleverd die niet in het register van {register} staan. Zet hun gegevens "
            "apart: het kan een datalek zijn."
        ),
        "en": (
            "{extra:person|persons} delivered who are not in the register of {register}. Set their records apart: "
            "it may be a data breach."
        ),
    },
    "reconciliation.same": {
        "nl": "In het register en in de leveringen staan dezelfde gegevens.",
        "en": "The register and the deliveries hold the same values.",
    },
    "reconciliation.different": {
        "nl": "{different:persoon|personen} geleverd met andere gegevens dan in het register.",
        "en": "{different:person|persons} delivered with other values than in the register.",
    },
    "reference.none": {
        "nl": "Er is geen telling van buiten bekend.",
        "en": "No outside figure is known.",
    },
    "reference.waiting": {
        "nl": "De periode van de eerste telling van {source} is nog niet voorbij.",
        "en": "The period of the first figure of {source} is not over yet.",
    },
    "reference.not_counted": {
        "nl": "{source} telt naar een indeling waarnaar deze stroom niet wordt geteld.",
        "en": "{source} counts by a segmentation by which this feed is not counted.",
    },
    "reference.quiet": {
        "nl": (
            "{seen:persoon|personen} geleverd van {first} tot en met {last}; volgens {source} waren er {meant} te "
            "verwachten. "
            "Een tekort van minder dan {limit} sinds de eerste telling blijft zo onzichtbaar."
        ),
        "en": (
            "{seen:person|persons} delivered from {first} to {last}; {source} leads to expect {meant}. "
            "A loss of under {limit} since the first figure could still hide."
        ),
    },
    "reference.old": {
        "nl": (
            "De laatste telling van {source} loopt tot en met {last}. Dat is te lang geleden voor vandaag. Toen: "
            "{seen:persoon|personen} geleverd sinds {first}, en {meant} te verwachten; een tekort van minder dan "
            "{limit} bleef zo onzichtbaar."
        ),
        "en": (
            "The last figure of {source} ends on {last}. That is too long ago to speak for today. Then: "
            "{seen:person|persons} delivered since {first}, and {meant} to be expected; a loss of under {limit} "
            "could hide."
        ),
    },
    "reference.shortfall": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. Volgens {source} waren er {meant} te verwachten; er "
            "kwam {share}. Waarschijnlijk ontbreken {missing} personen."
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. {source} leads to expect {meant}; {share} came. "
            "Probably {missing} persons are missing."
        ),
    },
    "reference.surplus": {
        "nl": (
            "Sinds {since}: {seen:persoon|personen} geleverd. Volgens {source} waren er {meant} te verwachten; er "
            "kwam {share}. Waarschijnlijk zijn {missing} personen ten onrechte geleverd."
        ),
        "en": (
            "Since {since}: {seen:person|persons} delivered. {source} leads to expect {meant}; {share} came. "
            "Probably {missing} persons should not have been delivered."
        ),
    },
    "inquiries.none": {
        "nl": "Er zijn geen navragen bekend. Dat niemand vraagt, bewijst niets.",
        "en": "No inquiry is known. That nobody asks proves nothing.",
    },
    "inquiries.usual": {
        "nl": (
            "Van {resolved} afgehandelde navragen gingen er {confirmed} over iemand die geleverd had moeten zijn. "
            "Niets wijst op meer dan {usual}."
        ),
        "en": (
            "Of {resolved} resolved inquiries, {confirmed} were about a person who should have been delivered. "
            "Nothing points to more than {usual}."
        ),
    },
    "inquiries.misses": {
        "nl": (
            "Sinds {since} gingen van {resolved} afgehandelde navragen er {confirmed} over iemand die geleverd "
            "had moeten zijn. Gewoon is hoogstens {usual}."
        ),
        "en": (
            "Since {since}, of {resolved} resolved inquiries, {confirmed} were about a person who should have "
            "been delivered. At most {usual} is usual."
        ),
    },
    "inquiries.few_weeks": {
        "nl": "Er zijn te weinig hele weken met navragen om te weten hoeveel er gewoon zijn.",
        "en": "There are too few whole weeks of inquiries to know how many are usual.",
    },
    "inquiries.number": {
        "nl": "{asked:navraag|navragen} in de week van {week}; gewoon zijn er {usual} per week.",
        "en": "{asked:inquiry|inquiries} in the week of {week}; usual are {usual} a week.",
    },
    "inquiries.surge": {
        "nl": (
            "Meer mensen doen navraag dan eerst: {asked:navraag|navragen} in de week van {week}; gewoon zijn er "
            "{usual} per week."
        ),
        "en": (
            "More people inquire than before: {asked:inquiry|inquiries} in the week of {week}; usual are {usual} "
            "a week."
        ),
    },
    "evidence.covered": {
        "nl": "Onafhankelijk bewijs: {by}.",
        "en": "Independent evidence: {by}.",
    },
    "evidence.unproven": {
        "nl": (
            "Alleen de eigen geschiedenis zegt dat hier iedereen is. Een tekort vanaf de eerste levering zou "
            "gewoon lijken."
        ),
        "en": (
            "Nothing but the feed's own history speaks for its completeness. A loss since the first delivery "
            "would look normal."
        ),
    },
}

STREAM: Mapping[str, Texts] = {**_COUNTS, **_SENDER, **_OUTSIDE}
