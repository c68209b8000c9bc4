"""Fictional persons with a decision; their fields agree as domain rules require.

Asylum has a reception location or a municipality, family has a sponsor, a municipality has a postcode,
purpose, title and target group agree, and every person is between 18 and pension age. Shares come from the domain
sheet where it gives them (sex), and are plausible elsewhere.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from . import codes
from .records import GRANT, Days, Records, Text
from .volumes import ASYLUM, FAMILY, OTHER

LAW_BEGINS = np.datetime64("2022-01-01")
_WITHOUT_BSN, _SEX_UNKNOWN = 0.12, 0.001
# The largest municipalities in order; the others follow by code, with smaller and smaller shares.
_LARGEST = (
    "0363", "0599", "0518", "0344", "0772", "0014", "0855", "0034", "0758", "0268", "0200", "0153", "0202", "0392",
    "0193", "0307", "0796", "0394", "0637", "0546", "0505", "0080", "0995", "0935", "0361", "0503", "0150", "0114",
    "1883", "0687", "0917", "0141", "0402", "0513", "0622", "0606", "0106", "0160", "0748", "0779", "0317",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonTraits:
    """Distributions for the persons of one target group; every mapping is value → weight.

    `reception` and `municipality` are fractions of persons with such a value. Where one of the two is required, a
    person without a reception location has a municipality.
    """

    women: float
    age: tuple[float, float]  # shape of a beta distribution over 18 to 65 years
    incomplete: tuple[float, float, float]  # unknown day; day and month; everything (fractions)
    nationalities: Mapping[str, float]
    titles: Mapping[str, float]
    begun_before: tuple[int, int]  # days between the start of the right and the decision
    reception: float
    municipality: float
    sponsor: bool


TRAITS = {
    ASYLUM: PersonTraits(
        women=0.40,
        age=(1.3, 3.6),
        incomplete=(0.010, 0.022, 0.003),
        nationalities={
            "0336": 44, "0339": 11, "0058": 9, "0300": 8, "0084": 7, "0314": 4, "0315": 4, "0149": 4, "0499": 3,
            "0041": 1.2, "0137": 0.8, "0138": 0.6, "0148": 0.6, "0114": 0.5, "0331": 0.5, "0000": 0.6, "0451": 0.4,
            "0265": 0.4, "0255": 0.3, "0112": 0.3,
        },
        titles={"26": 1.0},
        begun_before=(120, 540),
        reception=0.62,
        municipality=0.55,
        sponsor=False,
    ),
    FAMILY: PersonTraits(
        women=0.68,
        age=(1.6, 4.2),
        incomplete=(0.001, 0.004, 0.0),
        nationalities={
            "0339": 13, "0131": 12, "0312": 7, "0223": 5, "0263": 5, "0313": 5, "0309": 5, "0253": 5, "0307": 5,
            "0336": 5, "0337": 4, "0315": 3, "0140": 3, "0041": 3, "0255": 3, "0331": 2, "0118": 2, "0216": 2,
            "0060": 3, "0112": 2, "0155": 1, "0137": 2, "0342": 1, "0345": 1, "0262": 1, "0250": 1,
        },
        titles={"21": 82, "23": 12, "24": 6},
        begun_before=(0, 90),
        reception=0.0,
        municipality=0.96,
        sponsor=True,
    ),
    OTHER: PersonTraits(
        women=0.55,
        age=(1.8, 3.6),
        incomplete=(0.001, 0.004, 0.0),
        nationalities={
            "0339": 20, "0263": 10, "0131": 10, "0307": 8, "0312": 8, "0223": 6, "0060": 8, "0118": 5, "0313": 5,
            "0309": 4, "0137": 4, "0140": 4, "0331": 3, "0112": 2, "0000": 0.5, "0499": 0.5,
        },
        titles={"21": 60, "23": 40},
        begun_before=(0, 60),
        reception=0.0,
        municipality=0.95,
        sponsor=False,
    ),
}  # fmt: skip

# Purposes with a title of their own; the other purposes draw a title of their group.
_TITLE_OF_PURPOSE = {"A13": "27", "O32": "25"}


def draw_values(weights: Mapping[str, float], count: int, rng: np.random.Generator) -> Text:
    """Draw `count` values from a mapping value → weight."""
    shares = np.array(list(weights.values()), dtype=np.float64)
    names = np.array(list(weights), dtype=np.object_)
    return np.asarray(names[rng.choice(names.size, count, p=shares / shares.sum())], dtype=np.object_)


def weigh_municipalities(day: date) -> dict[str, float]:
    """Return each municipality's share of persons on `day`: Zipf-like, large cities first; the sum is 1."""
    there = codes.list_municipalities(day)
    large = [c for c in _LARGEST if c in there]
    order = large + [c for c in there if c not in large]
    weights = {code: (rank + 4.0) ** -0.85 for rank, code in enumerate(order)}
    total = sum(weights.values())
    return {code: weight / total for code, weight in weights.items()}


def format_dates(days: Days) -> Text:
    """Return dates as `YYYY-MM-DD` texts."""
    return np.datetime_as_string(days, unit="D").astype(np.object_)


def map_municipalities(municipality: Text, days: Days) -> Text:
    """Return each municipality code as valid on its day; empty stays empty."""
    return np.array(
        [
            codes.find_municipality(code, day) if code else ""
            for code, day in zip(municipality.tolist(), days.astype("datetime64[D]").tolist(), strict=True)
        ],
        dtype=np.object_,
    )


def _draw_births(traits: PersonTraits, decided: Days, rng: np.random.Generator) -> Text:
    """Draw dates of birth `YYYYMMDD`; unknown parts are 00."""
    years = 18.0 + 47.0 * rng.beta(*traits.age, decided.size)
    births = decided - np.ceil(years * 365.25).astype("timedelta64[D]")
    known = [text.replace("-", "") for text in format_dates(births)]
    no_day, no_month, nothing = np.cumsum(traits.incomplete)
    chance = rng.random(decided.size)
    parts = np.select([chance < no_day, chance < no_month, chance < nothing], [6, 4, 0], default=8)
    return np.array([b[:p].ljust(8, "0") for b, p in zip(known, parts.tolist(), strict=True)], dtype=np.object_)


def _draw_places(traits: PersonTraits, sent_on: Days, rng: np.random.Generator) -> tuple[Text, Text]:
    """Draw municipality code and reception location of each person; empty without one."""
    count = sent_on.size
    # Drawn for the first day and mapped over mergers, so that a person's area does not depend on the date.
    municipality = draw_values(weigh_municipalities(codes.FIRST_DAY), count, rng)
    location = draw_values(dict.fromkeys(codes.read_table("coa_locatie"), 1.0), count, rng)
    in_reception = rng.random(count) < traits.reception
    has_municipality = rng.random(count) < traits.municipality
    if traits.reception > 0:
        has_municipality |= ~in_reception
    return (
        map_municipalities(np.where(has_municipality, municipality, ""), sent_on),
        np.where(in_reception, location, ""),
    )


def draw_persons(group: str, purpose: Text, decided: Days, sent_on: Days, rng: np.random.Generator) -> Records:
    """Draw first grants of one target group; `assign_numbers` adds V-numbers and BSNs."""
    traits, count = TRAITS[group], decided.size
    municipality, location = _draw_places(traits, sent_on, rng)
    title = draw_values(traits.titles, count, rng)
    for code, own in _TITLE_OF_PURPOSE.items():
        title = np.where(purpose == code, own, title)
    made_known = np.minimum(decided + rng.integers(0, 4, count), sent_on - np.timedelta64(1, "D"))
    sex = np.where(rng.random(count) < traits.women, "V", "M").astype(np.object_)
    sex[rng.random(count) < _SEX_UNKNOWN] = "O"
    blank = np.full(count, "", dtype=np.object_)
    cells = {
        "mutatiesoort": np.full(count, GRANT, dtype=np.object_),
        "v_nummer": blank,
        "bsn": blank,
        "geboortedatum": _draw_births(traits, decided, rng),
        "geslacht": sex,
        "nationaliteit": draw_values(traits.nationalities, count, rng),
        "verblijfstitel": title,
        "verblijfsdoel": purpose,
        "doelgroep": np.full(count, group, dtype=np.object_),
        "datum_beschikking": format_dates(decided),
        "datum_bekendmaking": format_dates(np.maximum(made_known, LAW_BEGINS)),
        "ingangsdatum_verblijfsrecht": format_dates(decided - rng.integers(*traits.begun_before, count)),
        "gemeentecode": municipality,
        "coa_locatie": location,
        "referent_v_nummer": np.full(count, "yes" if traits.sponsor else "", dtype=np.object_),
        "postcode": draw_postcodes(municipality, rng),
    }
    return Records(decided, sent_on, cells)


def assign_numbers(records: Records, apart: NDArray[np.bool_], rng: np.random.Generator) -> Records:
    """Give every person a V-number, most persons a BSN, and every sponsor a V-number.

    Args:
        records: persons in order of decision.
        apart: mask of persons who may later be in one delivery although their decisions are far apart; their BSNs
            come from a cycle of their own, so that no delivery holds a BSN twice.
        rng: random generator.
    """
    count, offset = records.count, int(rng.integers(0, _SPACE))
    pool = draw_bsn_pool(rng)
    turn = np.empty(count, dtype=np.int64)
    for mask in (apart, ~apart):
        turn[mask] = np.arange(int(mask.sum())) % pool.size
    bsn = np.where(rng.random(count) < _WITHOUT_BSN, "", pool[turn])
    sponsors = make_v_numbers(count, offset, skip=count)
    return records.with_cells(
        v_nummer=make_v_numbers(count, offset),
        bsn=bsn,
        referent_v_nummer=np.where(records.cells["referent_v_nummer"] == "yes", sponsors, ""),
    )


# Fictional identifying numbers: well-formed, and never of a real person.


_WEIGHTS = np.array([9, 8, 7, 6, 5, 4, 3, 2, -1])
_SPACE = 10**10  # ten digits
# Coprime to 10^10, so that n → (a·n + b) mod 10^10 does not repeat a number.
_STEP = 6_180_339_887
# Combinations that postcodes do not use.
_UNUSED_LETTERS = {"SA", "SD", "SS"}


def draw_bsn_pool(rng: np.random.Generator) -> Text:
    """Return every valid number from 9999xxxxx in random order: about 9,090 texts.

    There are more persons than numbers, so a number repeats after some weeks, but not within a delivery.
    """
    numbers = np.arange(999_900_000, 1_000_000_000)
    digits = numbers[:, None] // 10 ** np.arange(8, -1, -1) % 10
    valid = numbers[digits @ _WEIGHTS % 11 == 0]
    return np.array([str(n) for n in rng.permutation(valid)], dtype=np.object_)


def make_v_numbers(count: int, offset: int, *, skip: int = 0) -> Text:
    """Return `count` distinct V-numbers of ten digits; about one in ten begins with a zero.

    Args:
        count: of numbers.
        offset: start of the sequence, 0 ≤ offset < 10^10; the same offset gives the same sequence.
        skip: numbers at the start of the sequence that are in use.
    """
    sequence = (
        np.arange(skip, skip + count, dtype=np.int64) % _SPACE * (_STEP % _SPACE) % _SPACE + offset
    ) % _SPACE
    return np.array([f"{n:010d}" for n in sequence.tolist()], dtype=np.object_)


def draw_postcodes(municipality: Text, rng: np.random.Generator) -> Text:
    """Draw a fictional postcode for each municipality code (four digits, two letters); empty without a code."""
    letters = [
        a + b for a in string.ascii_uppercase for b in string.ascii_uppercase if a + b not in _UNUSED_LETTERS
    ]
    pairs = rng.integers(0, len(letters), municipality.size)
    within = rng.integers(0, 20, municipality.size)
    return np.array(
        [
            f"{1000 + (int(code) * 37 + int(w)) % 9000}{letters[p]}" if code else ""
            for code, w, p in zip(municipality.tolist(), within, pairs, strict=True)
        ],
        dtype=np.object_,
    )
