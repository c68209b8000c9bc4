"""What checks of the stream of deliveries say, a case a code, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from ketenwacht.domain.statement import (
    Amount,
    Fraction,
    MissingCount,
    Name,
    Persons,
    Share,
    Statement,
    Term,
    Text,
)
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy

SINCE, UNTIL = date(2022, 5, 30), date(2022, 6, 24)
LOSS = {
    "since": SINCE,
    "seen": Persons(412),
    "meant": Persons(508),
    "share": Share(412, 508),
    "missing": MissingCount(93),
}
FEW = {
    "since": SINCE,
    "seen": Persons(7),
    "meant": Persons(31),
    "share": Share(7, 31),
    "missing": MissingCount(6),
}
WAY = {"before": Name("sent"), "hop": Name("received")}
TOGETHER = (Statement("volume.together", {"segments": Amount(12)}),)
DELAYS = (Statement("reconciliation.delays", {"half": Amount(2), "most": Amount(16), "longest": Amount(40)}),)
EARLIER = (Statement("control_total.earlier", {"since": SINCE, "missing": MissingCount(24)}),)


def counted(persons):
    """Persons of the delivery that is judged."""
    return Persons(persons, of_delivery=True)


CASES = [
    (
        "a history that is too short says what it takes",
        Statement("volume.untrained", {"deliveries": Amount(1), "needed": Amount(40)}),
        (
            "De eigen geschiedenis heeft 1 levering; nodig zijn er 40. Een tekort vanaf de eerste levering "
            "lijkt ook daarna normaal."
        ),
        (
            "Own history holds 1 delivery; 40 are needed. Even then, a loss since the first delivery would "
            "look normal."
        ),
    ),
    (
        "a count of a delivery that may be shown exactly",
        Statement("volume.quiet", {"seen": counted(103), "together": ()}),
        "103 personen geleverd. Dat past bij de eigen geschiedenis.",
        "103 persons delivered. That fits own history.",
    ),
    (
        "small groups that are judged as one",
        Statement("volume.quiet", {"seen": counted(14), "together": TOGETHER}),
        "14 personen geleverd. Dat past bij de eigen geschiedenis. Dit gaat over 12 kleine groepen samen.",
        "14 persons delivered. That fits own history. This is about 12 small segments together.",
    ),
    (
        "a declared pause",
        Statement("volume.not_judged", {"declared": (Term("stretch.pause"),), "together": ()}),
        "Niet beoordeeld vanwege een pauze.",
        "Not judged because of a pause.",
    ),
    (
        "a shortfall, rounded, and its share of the shown counts",
        Statement("volume.shortfall", {**LOSS, "together": ()}),
        (
            "Sinds 30 mei 2022: 410 personen geleverd. De eigen geschiedenis voorspelt er 510; er kwam 80%. "
            "Waarschijnlijk ontbreken ongeveer 90 personen."
        ),
        (
            "Since 30 May 2022: 410 persons delivered. Own history predicts 510; 80% came. Probably about 90 "
            "persons are missing."
        ),
    ),
    (
        "a shortfall of a small group tells no small count and no ratio of one",
        Statement("volume.shortfall", {**FEW, "together": ()}),
        (
            "Sinds 30 mei 2022: <10 personen geleverd. De eigen geschiedenis voorspelt er 30; er kwam minder "
            "dan 34%. Waarschijnlijk ontbreken <10 personen."
        ),
        (
            "Since 30 May 2022: <10 persons delivered. Own history predicts 30; less than 34% came. Probably "
            "<10 persons are missing."
        ),
    ),
    (
        "too many",
        Statement(
            "volume.surplus",
            {
                **LOSS,
                "seen": Persons(702),
                "share": Share(702, 508),
                "missing": MissingCount(-194),
                "together": (),
            },
        ),
        (
            "Sinds 30 mei 2022: 700 personen geleverd. De eigen geschiedenis voorspelt er 510; er kwam 137%. "
            "Waarschijnlijk zijn ongeveer 190 personen ten onrechte geleverd."
        ),
        (
            "Since 30 May 2022: 700 persons delivered. Own history predicts 510; 137% came. Probably about 190 "
            "persons should not have been delivered."
        ),
    ),
    (
        "a share of the delivery",
        Statement("ratio.shortfall", {**LOSS, "together": ()}),
        (
            "Sinds 30 mei 2022: 410 personen geleverd. Bij het gewone aandeel in de levering horen er 510; er "
            "kwam 80%. Waarschijnlijk ontbreken ongeveer 90 personen."
        ),
        (
            "Since 30 May 2022: 410 persons delivered. The usual share of the delivery is 510; 80% came. "
            "Probably about 90 persons are missing."
        ),
    ),
    (
        "a group of which nobody comes any more",
        Statement("vanished.gone", {"deliveries": Amount(3), "since": SINCE, "usual": Persons(12.4)}),
        "Sinds 30 mei 2022 kwam er niemand: 3 leveringen zonder één persoon. Normaal zijn 10 per levering.",
        "Nobody came since 30 May 2022: 3 deliveries without a single person. The usual number is 10 a delivery.",
    ),
    (
        "lost on the way, to the person",
        Statement(
            "control_total.lost",
            {"declared": counted(112), "received": counted(100), "difference": counted(12)},
        ),
        "De afzender zegt 112 personen te hebben verzonden. Ontvangen zijn er 100. Onderweg verloren: 12.",
        "The sender says it sent 112 persons, but 100 were received. Lost on the way: 12.",
    ),
    (
        "selected and never sent",
        Statement("control_total.not_sent", {"since": SINCE, "missing": MissingCount(453)}),
        (
            "De afzender selecteerde personen, maar verzond hen niet. Sinds 30 mei 2022 zijn ongeveer 450 "
            "personen weg zonder opgegeven reden."
        ),
        (
            "The sender selected persons but did not send them. Since 30 May 2022, about 450 persons are gone "
            "without a stated reason."
        ),
    ),
    (
        "a difference that is tolerated, and an earlier one that is not explained yet",
        Statement(
            "control_total.tolerated",
            {"tolerated": Amount(5), "because": Text.of("handwerk"), "earlier": EARLIER},
        ),
        (
            "Het verschil met wat de afzender selecteerde, is toegestaan (tot 5: handwerk). Uit eerdere "
            "leveringen, sinds 30 mei 2022, zijn ongeveer 20 personen nog niet verklaard."
        ),
        (
            "The difference from what the sender selected is tolerated (up to 5: handwerk). From earlier "
            "deliveries, since 30 May 2022, about 20 persons are still unexplained."
        ),
    ),
    (
        "a hop of a chain",
        Statement(
            "conservation.unexplained",
            {**WAY, "since": SINCE, "missing": MissingCount(28), "came": Persons(1304), "until": UNTIL},
        ),
        (
            "Van sent naar received: sinds 30 mei 2022 zijn ongeveer 30 personen weg zonder opgegeven reden, "
            "van 1.300 geteld tot 24 juni 2022."
        ),
        (
            "From sent to received: since 30 May 2022, about 30 persons are gone without a stated reason, of "
            "1,300 counted until 24 June 2022."
        ),
    ),
    (
        "the register's missing",
        Statement(
            "reconciliation.missing",
            {"register": UNTIL, "registered": Persons(1362), "missing": Persons(207), "since": SINCE},
        ),
        (
            "Van de 1.360 personen in het register van 24 juni 2022 zijn er 210 nooit geleverd. De eerste van "
            "hen kreeg een besluit in de week van 30 mei 2022."
        ),
        (
            "Of 1,360 persons in the register of 24 June 2022, 210 were never delivered. The first of them was "
            "decided on in the week of 30 May 2022."
        ),
    ),
    (
        "who came too late",
        Statement("reconciliation.late", {"late": Persons(6), "arrived": Persons(100), "delays": DELAYS}),
        (
            "Van de 100 personen die in de laatste vier weken aankwamen, waren er <10 te laat. De helft kwam "
            "binnen "
            "2 dagen, 95% binnen 16 dagen, de laatste na 40 dagen."
        ),
        (
            "Of 100 persons who arrived in the last four weeks, <10 were late. Half came within 2 days, 95% "
            "within 16 days, the last after 40 days."
        ),
    ),
    (
        "somebody who is not in the register",
        Statement("reconciliation.extra", {"register": UNTIL, "extra": Persons(3)}),
        (
            "<10 personen geleverd die niet in het register van 24 juni 2022 staan. Zet deze gegevens apart: "
            "dit kan een datalek zijn."
        ),
        (
            "<10 persons delivered who are not in the register of 24 June 2022. Set these records aside: this "
            "may be a data breach."
        ),
    ),
    (
        "a register that was not compared by what is judged",
        Statement("reconciliation.not_compared", {"register": UNTIL, "dimensions": (Name("group"), Name("town"))}),
        "Het register van 24 juni 2022 is niet vergeleken naar group, town.",
        "The register of 24 June 2022 was not compared by group, town.",
    ),
    (
        "an outside reference, and what it could not show",
        Statement(
            "reference.quiet",
            {
                "first": SINCE,
                "last": UNTIL,
                "source": Name("CBS"),
                "seen": Persons(233),
                "meant": Persons(241),
                "limit": Fraction(0.142),
            },
        ),
        (
            "230 personen geleverd van 30 mei 2022 tot en met 24 juni 2022. CBS voorspelt er 240. Een tekort "
            "van minder dan 14% sinds de eerste telling is zo niet te zien."
        ),
        (
            "230 persons delivered from 30 May 2022 to 24 June 2022. CBS predicts 240. A loss of under 14% "
            "since the first figure could stay unseen."
        ),
    ),
    (
        "a shortfall against an outside reference",
        Statement("reference.shortfall", {**LOSS, "source": Name("CBS")}),
        (
            "Sinds 30 mei 2022: 410 personen geleverd. CBS voorspelt er 510; er kwam 80%. Waarschijnlijk "
            "ontbreken ongeveer 90 personen."
        ),
        (
            "Since 30 May 2022: 410 persons delivered. CBS predicts 510; 80% came. Probably about 90 persons "
            "are missing."
        ),
    ),
    (
        "inquiries that were right",
        Statement(
            "inquiries.misses",
            {"since": SINCE, "confirmed": Persons(12), "resolved": Persons(41), "usual": Fraction(0.05)},
        ),
        (
            "Sinds 30 mei 2022 gingen van 40 afgehandelde navragen er 10 over iemand die geleverd had moeten "
            "zijn. Normaal is hoogstens 5%."
        ),
        (
            "Since 30 May 2022, of 40 resolved inquiries, 10 were about a person who should have been "
            "delivered. Usual is at most 5%."
        ),
    ),
    (
        "more inquiries than before",
        Statement("inquiries.surge", {"asked": Persons(22), "week": SINCE, "usual": Persons(3.1)}),
        "Er zijn meer navragen dan eerst: 20 navragen in de week van 30 mei 2022; normaal zijn er <10 per week.",
        (
            "There are more inquiries than before: 20 inquiries in the week of 30 May 2022; the usual number "
            "is <10 a week."
        ),
    ),
    (
        "evidence from elsewhere",
        Statement("evidence.covered", {"by": Term("evidence.control-total")}),
        "Onafhankelijk bewijs: wat de afzender zegt te hebben geselecteerd.",
        "Independent evidence: what the sender says it selected.",
    ),
    (
        "no evidence at all",
        Statement("evidence.unproven"),
        (
            "Alleen de eigen geschiedenis wijst erop dat hier iedereen is. Een tekort vanaf de eerste levering "
            "zou normaal lijken."
        ),
        ("Only own history suggests that nobody is missing. A loss since the first delivery would look normal."),
    ),
]


@pytest.mark.parametrize(("sentence", "statement", "dutch", "english"), CASES, ids=[one[0] for one in CASES])
def test_it_is_said(sentence, statement, dutch, english):
    privacy = Privacy(10, exact=True)
    said = {language: MessageFormatter(language, privacy).say(statement) for language in ("nl", "en")}
    assert said == {"nl": dutch, "en": english}, sentence


def test_a_count_of_a_delivery_that_holds_a_small_one_is_rounded():
    quiet = Statement("volume.quiet", {"seen": counted(103), "together": ()})
    said = MessageFormatter("en", Privacy(10)).say(quiet)
    assert said == "100 persons delivered. That fits own history."
