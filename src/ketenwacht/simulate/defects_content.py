"""Defects inside one delivery: a column, a type, an encoding, a code or a few persons are wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from . import codes
from .numbers import v_numbers
from .people import iso
from .plan import Plan, Planned, PlantedDefect
from .records import COLUMNS, GRANT, Records, Text, joined
from .volumes import ASYLUM, FAMILY, OTHER
from .world import together

# A purpose of stay that a release of the sender introduced without a table entry.
UNKNOWN_PURPOSE = "G29"
UNION_LAW_TITLES = ("28", "29", "30")
_FEW = 6


def _at(plan: Plan, at: int, spoilt: Planned) -> Plan:
    return [*plan[:at], spoilt, *plan[at + 1 :]]


def _some(records: Records, wanted: int, rng: np.random.Generator, *among: str) -> NDArray[np.int64]:
    """Indices of up to `wanted` rows, of those in one of the target groups `among`."""
    there = np.flatnonzero(records.having(doelgroep=among))
    return np.sort(rng.permutation(there)[:wanted])


def column_renamed(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """A release renames a column."""
    header = tuple("verblijfsdoelcode" if c == "verblijfsdoel" else c for c in COLUMNS)
    return _at(plan, at, replace(plan[at], header=header, marks=(PlantedDefect("column-renamed", "failed"),)))


def v_nummer_integer(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """V-numbers went through an integer on their way: the leading zeros are gone."""

    def shortened(numbers: Text) -> Text:
        return np.array([n.lstrip("0") for n in numbers.tolist()], dtype=np.object_)

    cells = plan[at].records.cells
    records = plan[at].records.with_cells(
        v_nummer=shortened(cells["v_nummer"]), referent_v_nummer=shortened(cells["referent_v_nummer"])
    )
    return _at(plan, at, replace(plan[at], records=records, marks=(PlantedDefect("v-nummer-integer", "failed"),)))


def mojibake(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """The file is written in Latin-1 where UTF-8 was agreed."""
    records = plan[at].records
    location = records.cells["coa_locatie"].copy()
    accented = next(name for name in codes.table("coa_locatie") if not name.isascii())
    there = np.flatnonzero(location != "")
    location[rng.permutation(there)[:2]] = accented
    spoilt = replace(
        plan[at],
        records=records.with_cells(coa_locatie=location),
        encoding="latin-1",
        marks=(PlantedDefect("mojibake", "error"),),
    )
    return _at(plan, at, spoilt)


def zero_dates_null(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Dates of birth with unknown parts came out empty."""
    records = plan[at].records
    birth = records.cells["geboortedatum"]
    emptied = np.array(["" if b.endswith("00") else b for b in birth.tolist()], dtype=np.object_)
    # On a lucky day hardly anybody has an incomplete date; the defect needs somebody to show in.
    emptied[_some(records, _FEW, rng, ASYLUM)] = ""
    spoilt = replace(
        plan[at],
        records=records.with_cells(geboortedatum=emptied),
        marks=(PlantedDefect("zero-dates-null", "failed"),),
    )
    return _at(plan, at, spoilt)


def pre_merger_municipality(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Persons in what was Weesp come under its code, which ended on 2022-03-24."""
    records = plan[at].records
    municipality = records.cells["gemeentecode"].copy()
    there = np.flatnonzero(municipality == "0363")
    if there.size < _FEW:
        there = np.concatenate([there, rng.permutation(np.flatnonzero(municipality != ""))[:_FEW]])
    municipality[there[:_FEW]] = "0457"
    spoilt = replace(
        plan[at],
        records=records.with_cells(gemeentecode=municipality),
        marks=(PlantedDefect("pre-merger-municipality", "failed"),),
    )
    return _at(plan, at, spoilt)


def unknown_code(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """A purpose of stay without a table entry."""
    records = plan[at].records
    purpose = records.cells["verblijfsdoel"].copy()
    purpose[_some(records, _FEW, rng, FAMILY)] = UNKNOWN_PURPOSE
    spoilt = replace(
        plan[at],
        records=records.with_cells(verblijfsdoel=purpose),
        marks=(PlantedDefect("unknown-code", "failed"),),
    )
    return _at(plan, at, spoilt)


def _newcomers(today: Records, wanted: int, rng: np.random.Generator) -> Records:
    """Persons of nobody's register, otherwise like first grants of today; without BSN."""
    like = today.take(rng.choice(np.flatnonzero(today.having(mutatiesoort=(GRANT,))), wanted))
    blank = np.full(wanted, "", dtype=np.object_)
    return like.with_cells(v_nummer=v_numbers(wanted, int(rng.integers(0, 10**10))), bsn=blank)


def over_delivery(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """A burst of persons with Union-law titles, and persons who were delivered before, once more as new."""
    today, earlier = plan[at].records, joined([p.records for p in plan[max(0, at - 10) : at]])
    wanted = max(12, today.count // 2)
    titles = np.array(UNION_LAW_TITLES, dtype=np.object_)[rng.integers(0, len(UNION_LAW_TITLES), wanted)]
    union = _newcomers(today, wanted, rng).with_cells(
        verblijfstitel=titles,
        doelgroep=np.full(wanted, OTHER, dtype=np.object_),
        verblijfsdoel=np.full(wanted, "O34", dtype=np.object_),
        referent_v_nummer=np.full(wanted, "", dtype=np.object_),
    )
    again = earlier.take(rng.permutation(np.flatnonzero(earlier.having(mutatiesoort=(GRANT,))))[: wanted // 2])
    extra = joined([union, again])
    spoilt = replace(
        plan[at],
        records=together([today, extra], plan[at].last),
        extra=extra,
        marks=(PlantedDefect("over-delivery", "failed"),),
    )
    return _at(plan, at, spoilt)


def law_boundary(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Persons whose right was made known before 2022-01-01, and who fall under the earlier law, come as well."""
    decided = np.datetime64(date(2021, 12, 1)) + rng.integers(0, 20, _FEW)
    extra = _newcomers(plan[at].records, _FEW, rng).with_cells(
        datum_beschikking=iso(decided),
        datum_bekendmaking=iso(decided + 2),
        ingangsdatum_verblijfsrecht=iso(decided - 60),
    )
    spoilt = replace(
        plan[at],
        records=joined([plan[at].records, extra]),
        extra=extra,
        marks=(PlantedDefect("law-boundary", "failed"),),
    )
    return _at(plan, at, spoilt)
