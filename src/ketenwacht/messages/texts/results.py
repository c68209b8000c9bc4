"""What every code of a result says, in every language; a test holds them to the kinds of check."""

from __future__ import annotations

from collections.abc import Mapping

from ketenwacht.domain.statement import LEGACY

from .base import Texts
from .causes import CAUSES
from .results_delivery import DELIVERY
from .results_problem import PROBLEM
from .results_stream import STREAM

# What a release check (`ci`) compares.
AGAINST: Mapping[str, Texts] = {
    "against.same": {
        "nl": "Alle aantallen zijn gelijk aan die van de huidige versie, in {deliveries:levering|leveringen}.",
        "en": "All counts are the same as in the current release, in {deliveries:delivery|deliveries}.",
    },
    "against.not_made": {
        "nl": "De huidige versie maakte een levering voor {periods:, }, maar de nieuwe versie niet.",
        "en": "The current release made a delivery for {periods:, }, but the candidate did not.",
    },
    "against.lost": {
        "nl": "De huidige versie levert met dezelfde invoer {expected:persoon|personen}. De nieuwe versie leverde "
        "er {seen}, in {deliveries:levering|leveringen}. Er {lost:=is|zijn} {lost:persoon|personen} weg.",
        "en": "The current release delivers {expected:person|persons} on the same input. The candidate delivered "
        "{seen}, in {deliveries:delivery|deliveries}. Lost: {lost:person|persons}.",
    },
    "against.gained": {
        "nl": "De huidige versie levert met dezelfde invoer {expected:persoon|personen}. De nieuwe versie leverde "
        "er {seen}, in {deliveries:levering|leveringen}. Er {gained:=is|zijn} {gained:persoon|personen} bij.",
        "en": "The current release delivers {expected:person|persons} on the same input. The candidate delivered "
        "{seen}, in {deliveries:delivery|deliveries}. Gained: {gained:person|persons}.",
    },
    "against.lost_and_gained": {
        "nl": "De huidige versie levert met dezelfde invoer {expected:persoon|personen}. De nieuwe versie leverde "
        "er {seen}, in {deliveries:levering|leveringen}. Er {lost:=is|zijn} {lost:persoon|personen} weg en "
        "{gained:persoon|personen} bij.",
        "en": "The current release delivers {expected:person|persons} on the same input. The candidate delivered "
        "{seen}, in {deliveries:delivery|deliveries}. Lost: {lost:person|persons}; gained: "
        "{gained:person|persons}.",
    },
    "against.fewer": {
        "nl": "Verwacht volgens het aandeel in de huidige versie: {expected:persoon|personen}. Gezien: {seen}. "
        "Dat "
        "zijn er minder dan toeval verklaart.",
        "en": "Expected from the share in the current release: {expected:person|persons}. Seen: {seen}. That is "
        "fewer than chance explains.",
    },
    "against.more": {
        "nl": "Verwacht volgens het aandeel in de huidige versie: {expected:persoon|personen}. Gezien: {seen}. "
        "Dat "
        "zijn er meer dan toeval verklaart.",
        "en": "Expected from the share in the current release: {expected:person|persons}. Seen: {seen}. That is "
        "more than chance explains.",
    },
    "against.alike": {
        "nl": "{categories:categorie|categorieën} vergeleken. Geen daarvan is kleiner dan in de huidige versie, "
        "behalve door toeval.",
        "en": "{categories:category|categories} compared. None is smaller than in the current release, beyond "
        "chance.",
    },
    "against.no_period": {
        "nl": "Er is niets te vergelijken: de twee versies hebben geen levering voor dezelfde dag.",
        "en": "There is nothing to compare: the two releases have no delivery for the same day.",
    },
    "against.nobody": {
        "nl": "Er is niets te vergelijken: een van de twee versies leverde niemand.",
        "en": "There is nothing to compare: one of the two releases delivered nobody.",
    },
}

CATEGORY: Mapping[str, Texts] = {
    "category.share_lost": {
        "nl": "Verwacht volgens het aandeel in {origin}: {expected:persoon|personen}. Gezien: {seen}, in de "
        "laatste {deliveries:levering|leveringen}. Dat zijn er minder dan toeval verklaart.",
        "en": "Expected from the share in {origin}: {expected:person|persons}. Seen: {seen}, in the last "
        "{deliveries:delivery|deliveries}. That is fewer than chance explains.",
    },
    "category.total_lost": {
        "nl": "Verwacht volgens het gemiddelde in {origin}: {expected:persoon|personen}. Gezien: {seen}, in de "
        "laatste {deliveries:levering|leveringen}. Dat zijn er minder dan toeval verklaart.",
        "en": "Expected from the mean in {origin}: {expected:person|persons}. Seen: {seen}, in the last "
        "{deliveries:delivery|deliveries}. That is fewer than chance explains.",
    },
    "category.shares_kept": {
        "nl": "{categories:=De|Alle} {categories:categorie|categorieën} naar {by:, } {categories:=heeft|hebben} "
        "hetzelfde aandeel als in {origin}.",
        "en": "{categories:=The|All} {categories:category|categories} by {by:, } {categories:=has|have} the same "
        "share as in {origin}.",
    },
    "category.shares_partly_kept": {
        "nl": "{categories:=De|Alle} {categories:categorie|categorieën} naar {by:, } {categories:=heeft|hebben} "
        "hetzelfde aandeel als in "
        "{origin}. In {blind} daarvan zou zelfs het verlies van iedereen niet opvallen.",
        "en": "{categories:=The|All} {categories:category|categories} by {by:, } {categories:=has|have} the same "
        "share as in {origin}. In "
        "{blind} of them, not even the loss of everybody would show.",
    },
    "category.total_kept": {
        "nl": "De hele stroom heeft het aantal personen dat past bij {origin}.",
        "en": "The whole feed has the number of persons that {origin} implies.",
    },
    "category.total_blind": {
        "nl": "De hele stroom heeft het aantal personen dat past bij {origin}. Maar zelfs het verlies van "
        "iedereen zou niet opvallen.",
        "en": "The whole feed has the number of persons that {origin} implies. But not even the loss of "
        "everybody would show.",
    },
    "category.too_few": {
        "nl": "Te weinig personen om iets te zeggen, zelfs als iedereen weg zou zijn: {categories}. "
        "Beoordeel meer leveringen.",
        "en": "Too few persons to judge, even if everybody were lost: {categories}. Judge more deliveries.",
    },
    "category.no_baseline": {
        "nl": "Er is niets om mee te vergelijken: er zijn geen metingen van {origin}, en geen "
        "{deliveries:eerdere levering|eerdere leveringen} van de testomgeving.",
        "en": "There is nothing to compare with: there are no measurements of {origin}, and no "
        "{deliveries:earlier delivery|earlier deliveries} of the test environment.",
    },
}

GATE: Mapping[str, Texts] = {
    "release.unproven": {
        "nl": "Voor {segments:groep|groepen} spreekt niets dit tegen, maar een gekalibreerd niveau als "
        "bewijs ontbreekt.",
        "en": "For {segments:segment|segments} nothing contradicts this, but there is no calibrated "
        "baseline to prove it.",
    },
    "release.unreadable": {
        "nl": "De levering kan niet worden beoordeeld. {problem}",
        "en": "The delivery cannot be judged. {problem}",
    },
    "release.left_out": {
        "nl": "Niet beoordeeld vóór een uitrol: deze controle gaat over leveringen van productie.",
        "en": "Not judged before a release: this check is about deliveries from production.",
    },
    "release.in_production": {
        "nl": "Productie heeft dit probleem ook al. Het zegt dus niets over deze leveringen.",
        "en": "Production already has this problem, so it says nothing about these deliveries.",
    },
}

RELEASE: Mapping[str, Texts] = {**AGAINST, **CATEGORY, **GATE}

RESULTS: Mapping[str, Texts] = {
    **DELIVERY,
    **PROBLEM,
    **STREAM,
    **RELEASE,
    **CAUSES,
    # words without a code, such as those of an earlier release: they are never shown inside Dutch
    LEGACY: {"nl": "Hiervan is alleen een Engelse tekst bewaard. Zie `ketenwacht history`.", "en": "{text}"},
}

EARLIER: Mapping[str, Texts] = {
    "coverage.never_seen": {
        "nl": "Deze categorie is nog nooit gezien, en niemand heeft dat verklaard.",
        "en": "This category was never seen, and nobody explained why.",
    },
}
"""Texts of codes that an earlier release stored with fewer parameters."""

COMPARED: Mapping[str, tuple[str, str]] = {
    "control_total.lost": ("declared", "received"),
    "control_total.extra": ("declared", "received"),
    "acknowledgement.counts_differ": ("delivered", "acknowledged"),
    "inquiries.surge": ("asked", "usual"),
    **{
        f"{check}.{code}": ("seen", "meant")
        for check, codes in (
            ("volume", ("shortfall", "shift", "surplus")),
            ("ratio", ("shortfall", "shift", "surplus")),
            ("reference", ("shortfall", "surplus")),
        )
        for code in codes
    },
}
"""Codes that say that two counts differ → the counts; rounded or hidden they may look alike."""
