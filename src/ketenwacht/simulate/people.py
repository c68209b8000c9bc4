"""Who is decided on: fictional persons whose fields hang together as domain rules say they must.

Asylum has a reception location or a municipality, family has a sponsor, a municipality has a postcode, purpose,
title and target group agree, and nobody is under 18 or of pension age. Shares are those of the domain sheet where
it gives them (sex), and plausible where it does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from . import codes
from .records import GRANT, Days, Records, Text
from .volumes import ASYLUM, FAMILY, OTHER, bsn_pool, postcodes, v_numbers

LAW_BEGINS = np.datetime64("2022-01-01")
_WITHOUT_BSN, _SEX_UNKNOWN = 0.12, 0.001
_V_SPACE = 10**10
# Larger municipalities first; the others follow in order of code, with ever smaller shares.
_LARGEST = (
    "0363", "0599", "0518", "0344", "0772", "0014", "0855", "0034", "0758", "0268", "0200", "0153", "0202", "0392",
    "0193", "0307", "0796", "0394", "0637", "0546", "0505", "0080", "0995", "0935", "0361", "0503", "0150", "0114",
    "1883", "0687", "0917", "0141", "0402", "0513", "0622", "0606", "0106", "0160", "0748", "0779", "0317",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonTraits:
    """What the persons of one target group are like; every mapping is value → weight.

    `reception` and `municipality` are fractions of persons with such a value; whoever has no reception
    location has a municipality where one of the two is required.
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

# Purposes that come with a title of their own; the others draw from their group.
_TITLE_OF_PURPOSE = {"A13": "27", "O32": "25"}


def drawn(weights: Mapping[str, float], count: int, rng: np.random.Generator) -> Text:
    """`count` values of a mapping value → weight."""
    shares = np.array(list(weights.values()), dtype=np.float64)
    names = np.array(list(weights), dtype=np.object_)
    return np.asarray(names[rng.choice(names.size, count, p=shares / shares.sum())], dtype=np.object_)


def municipality_weights(day: date) -> dict[str, float]:
    """Share of persons a municipality of `day` gets: Zipf-like, the big cities first; adds up to 1."""
    there = codes.municipalities(day)
    large = [c for c in _LARGEST if c in there]
    order = large + [c for c in there if c not in large]
    weights = {code: (rank + 4.0) ** -0.85 for rank, code in enumerate(order)}
    total = sum(weights.values())
    return {code: weight / total for code, weight in weights.items()}


def iso(days: Days) -> Text:
    """Dates as `YYYY-MM-DD` texts."""
    return np.datetime_as_string(days, unit="D").astype(np.object_)


def municipality_on(municipality: Text, days: Days) -> Text:
    """Each municipality code as it goes on its day; empty stays empty."""
    return np.array(
        [
            codes.municipality_on(code, day) if code else ""
            for code, day in zip(municipality.tolist(), days.astype("datetime64[D]").tolist(), strict=True)
        ],
        dtype=np.object_,
    )


def _births(traits: PersonTraits, decided: Days, rng: np.random.Generator) -> Text:
    """Dates of birth `YYYYMMDD`; unknown parts are 00."""
    years = 18.0 + 47.0 * rng.beta(*traits.age, decided.size)
    births = decided - np.ceil(years * 365.25).astype("timedelta64[D]")
    known = [text.replace("-", "") for text in iso(births)]
    no_day, no_month, nothing = np.cumsum(traits.incomplete)
    chance = rng.random(decided.size)
    parts = np.select([chance < no_day, chance < no_month, chance < nothing], [6, 4, 0], default=8)
    return np.array([b[:p].ljust(8, "0") for b, p in zip(known, parts.tolist(), strict=True)], dtype=np.object_)


def _where(traits: PersonTraits, sent_on: Days, rng: np.random.Generator) -> tuple[Text, Text]:
    """Municipality code and reception location of each person; empty where there is none."""
    count = sent_on.size
    # Drawn as of the first day and carried over mergers, so that a person's area does not depend on the date.
    municipality = drawn(municipality_weights(codes.FIRST_DAY), count, rng)
    location = drawn(dict.fromkeys(codes.table("coa_locatie"), 1.0), count, rng)
    in_reception = rng.random(count) < traits.reception
    has_municipality = rng.random(count) < traits.municipality
    if traits.reception > 0:
        has_municipality |= ~in_reception
    return (
        municipality_on(np.where(has_municipality, municipality, ""), sent_on),
        np.where(in_reception, location, ""),
    )


def persons(group: str, purpose: Text, decided: Days, sent_on: Days, rng: np.random.Generator) -> Records:
    """First grants of one target group; V-numbers and BSNs are given out by `numbered`."""
    traits, count = TRAITS[group], decided.size
    municipality, location = _where(traits, sent_on, rng)
    title = drawn(traits.titles, count, rng)
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
        "geboortedatum": _births(traits, decided, rng),
        "geslacht": sex,
        "nationaliteit": drawn(traits.nationalities, count, rng),
        "verblijfstitel": title,
        "verblijfsdoel": purpose,
        "doelgroep": np.full(count, group, dtype=np.object_),
        "datum_beschikking": iso(decided),
        "datum_bekendmaking": iso(np.maximum(made_known, LAW_BEGINS)),
        "ingangsdatum_verblijfsrecht": iso(decided - rng.integers(*traits.begun_before, count)),
        "gemeentecode": municipality,
        "coa_locatie": location,
        "referent_v_nummer": np.full(count, "yes" if traits.sponsor else "", dtype=np.object_),
        "postcode": postcodes(municipality, rng),
    }
    return Records(decided, sent_on, cells)


def numbered(records: Records, apart: NDArray[np.bool_], rng: np.random.Generator) -> Records:
    """Give every person a V-number, most a BSN, and every sponsor a V-number.

    Args:
        records: persons in order of decision.
        apart: persons who may later be sent together although they were decided far apart; their BSNs come from
            a round of their own, so that none comes twice in one delivery.
        rng: source of chance.
    """
    count, offset = records.count, int(rng.integers(0, _V_SPACE))
    pool = bsn_pool(rng)
    turn = np.empty(count, dtype=np.int64)
    for mask in (apart, ~apart):
        turn[mask] = np.arange(int(mask.sum())) % pool.size
    bsn = np.where(rng.random(count) < _WITHOUT_BSN, "", pool[turn])
    sponsors = v_numbers(count, offset, skip=count)
    return records.with_cells(
        v_nummer=v_numbers(count, offset),
        bsn=bsn,
        referent_v_nummer=np.where(records.cells["referent_v_nummer"] == "yes", sponsors, ""),
    )
