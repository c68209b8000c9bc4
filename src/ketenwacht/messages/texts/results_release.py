"""Texts of what a release check (`ci`) compares."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

AGAINST: Mapping[str, Texts] = {
    "against.same": {
        "nl": "Alle aantallen zijn gelijk aan die van de huidige versie, in {deliveries:levering|leveringen}.",
        "en": "Every count is the same as in the current release, in {deliveries:delivery|deliveries}.",
    },
    "against.not_made": {
        "nl": "De huidige versie maakte een levering voor {periods:, }; de nieuwe versie niet.",
        "en": "The current release made a delivery for {periods:, }; the candidate did not.",
    },
    "against.lost": {
        "nl": "Verwacht: {expected} personen, zoals de huidige versie met dezelfde invoer levert. Gezien: "
        "{seen}, in {deliveries:levering|leveringen}. Er zijn {lost:persoon|personen} weg.",
        "en": "Expected: {expected} persons, as the current release delivers on the same input. Seen: {seen}, "
        "in {deliveries:delivery|deliveries}. Lost: {lost:person|persons}.",
    },
    "against.gained": {
        "nl": "Verwacht: {expected} personen, zoals de huidige versie met dezelfde invoer levert. Gezien: "
        "{seen}, in {deliveries:levering|leveringen}. Er zijn {gained:persoon|personen} bij.",
        "en": "Expected: {expected} persons, as the current release delivers on the same input. Seen: {seen}, "
        "in {deliveries:delivery|deliveries}. Gained: {gained:person|persons}.",
    },
    "against.lost_and_gained": {
        "nl": "Verwacht: {expected} personen, zoals de huidige versie met dezelfde invoer levert. Gezien: "
        "{seen}, in {deliveries:levering|leveringen}. Er zijn {lost:persoon|personen} weg en "
        "{gained:persoon|personen} bij.",
        "en": "Expected: {expected} persons, as the current release delivers on the same input. Seen: {seen}, "
        "in {deliveries:delivery|deliveries}. Lost: {lost:person|persons}; gained: {gained:person|persons}.",
    },
    "against.fewer": {
        "nl": "Verwacht: {expected} personen, naar het aandeel in de huidige versie. Gezien: {seen}. Dat zijn "
        "er minder dan toeval verklaart.",
        "en": "Expected: {expected} persons, by the share in the current release. Seen: {seen}. That is fewer "
        "than chance explains.",
    },
    "against.more": {
        "nl": "Verwacht: {expected} personen, naar het aandeel in de huidige versie. Gezien: {seen}. Dat zijn "
        "er meer dan toeval verklaart.",
        "en": "Expected: {expected} persons, by the share in the current release. Seen: {seen}. That is more "
        "than chance explains.",
    },
    "against.alike": {
        "nl": "Geen van de {categories:categorie|categorieën} is een kleiner deel dan in de huidige versie, "
        "behalve door toeval.",
        "en": "None of {categories:category|categories} is a smaller part than in the current release, beyond "
        "chance.",
    },
    "against.no_period": {
        "nl": "Er is niets te vergelijken: de twee versies leverden niet over dezelfde dag.",
        "en": "There is nothing to compare: the two runs hold no delivery for the same period.",
    },
    "against.nobody": {
        "nl": "Er is niets te vergelijken: een van de twee versies leverde niemand.",
        "en": "There is nothing to compare: one of the two runs delivered nobody.",
    },
}

CATEGORY: Mapping[str, Texts] = {
    "category.share_lost": {
        "nl": "Verwacht: {expected} personen, naar het aandeel in {origin}. Gezien: {seen}, in de laatste "
        "{deliveries:levering|leveringen}. Dat zijn er minder dan toeval verklaart.",
        "en": "Expected: {expected} persons, by the share in {origin}. Seen: {seen}, in the last "
        "{deliveries:delivery|deliveries}. That is fewer than chance explains.",
    },
    "category.total_lost": {
        "nl": "Verwacht: {expected} personen, naar het gemiddelde in {origin}. Gezien: {seen}, in de laatste "
        "{deliveries:levering|leveringen}. Dat zijn er minder dan toeval verklaart.",
        "en": "Expected: {expected} persons, by the mean in {origin}. Seen: {seen}, in the last "
        "{deliveries:delivery|deliveries}. That is fewer than chance explains.",
    },
    "category.shares_kept": {
        "nl": "Elk van de {categories:categorie|categorieën} naar {by:, } heeft het aandeel dat past bij "
        "{origin}.",
        "en": "Each of {categories:category|categories} by {by:, } has the share that it has in {origin}.",
    },
    "category.shares_partly_kept": {
        "nl": "Elk van de {categories:categorie|categorieën} naar {by:, } heeft het aandeel dat past bij "
        "{origin}. Bij {blind} daarvan zou zelfs het verlies van iedereen niet opvallen.",
        "en": "Each of {categories:category|categories} by {by:, } has the share that it has in {origin}. In "
        "{blind} of them even the loss of everybody would not show.",
    },
    "category.total_kept": {
        "nl": "De hele stroom telt zoveel personen als past bij {origin}.",
        "en": "The whole feed counts as many persons as {origin} implies.",
    },
    "category.total_blind": {
        "nl": "De hele stroom telt zoveel personen als past bij {origin}, maar zelfs het verlies van iedereen "
        "zou niet opvallen.",
        "en": "The whole feed counts as many persons as {origin} implies, but even the loss of everybody would "
        "not show.",
    },
    "category.too_few": {
        "nl": "Te weinig personen om iets te zeggen, zelfs als iedereen weg zou zijn: {categories}. Beoordeel "
        "meer leveringen.",
        "en": "Too few persons to tell, even if everybody were lost: {categories}. Judge more deliveries.",
    },
    "category.no_baseline": {
        "nl": "Er is niets om mee te vergelijken: geen metingen van {origin}, en geen {deliveries} eerdere "
        "leveringen van de testomgeving.",
        "en": "There is nothing to compare with: no measurements of {origin}, nor {deliveries} earlier "
        "deliveries of the test environment.",
    },
}

GATE: Mapping[str, Texts] = {
    "release.unproven": {
        "nl": "Bij {segments:segment|segmenten} spreekt niets dit tegen, maar er is geen gekalibreerd niveau om "
        "het mee te bewijzen.",
        "en": "Of {segments:segment|segments} nothing contradicts it, but no calibrated level stands behind it.",
    },
    "release.unreadable": {
        "nl": "De levering kan niet worden beoordeeld. {problem}",
        "en": "The delivery cannot be judged. {problem}",
    },
    "release.left_out": {
        "nl": "Voor een release niet beoordeeld: deze controle gaat over wat productie levert.",
        "en": "Not judged before a release: this check speaks of what production delivers.",
    },
    "release.in_production": {
        "nl": "Productie heeft dit probleem al. Het zegt dus niets over deze leveringen.",
        "en": "Production has this problem already, so it says nothing of these deliveries.",
    },
}

RELEASE: Mapping[str, Texts] = {**AGAINST, **CATEGORY, **GATE}
