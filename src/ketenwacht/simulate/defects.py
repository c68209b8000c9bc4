"""Defects inside one delivery: a column, a type, an encoding, a code or a few persons are wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
from numpy.typing import NDArray

from . import codes
from .people import format_dates, make_v_numbers
from .plan import CATCH_UP, REDELIVERY, Plan, PlannedDelivery, PlannedOutcome, PlantedDefect
from .records import COLUMNS, GRANT, Records, Text, concatenate
from .volumes import ASYLUM, FAMILY, OTHER, list_working_days, to_local
from .world import LOST_PURPOSES, merge_rows

# A purpose of stay that a release of the sender introduced without a table entry.
UNKNOWN_PURPOSE = "G29"
UNION_LAW_TITLES = ("28", "29", "30")
_FEW = 6


def _replace_at(plan: Plan, at: int, spoilt: PlannedDelivery) -> Plan:
    return [*plan[:at], spoilt, *plan[at + 1 :]]


def _pick_rows(records: Records, wanted: int, rng: np.random.Generator, *among: str) -> NDArray[np.int64]:
    """Indices of up to `wanted` rows, of those in one of the target groups `among`."""
    there = np.flatnonzero(records.having(doelgroep=among))
    return np.sort(rng.permutation(there)[:wanted])


def rename_column(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """A release renames a column."""
    header = tuple("verblijfsdoelcode" if c == "verblijfsdoel" else c for c in COLUMNS)
    return _replace_at(
        plan, at, replace(plan[at], header=header, marks=(PlantedDefect("column-renamed", "failed"),))
    )


def strip_leading_zeros(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """V-numbers went through an integer on their way: the leading zeros are gone."""

    def shortened(numbers: Text) -> Text:
        return np.array([n.lstrip("0") for n in numbers.tolist()], dtype=np.object_)

    cells = plan[at].records.cells
    records = plan[at].records.with_cells(
        v_nummer=shortened(cells["v_nummer"]), referent_v_nummer=shortened(cells["referent_v_nummer"])
    )
    return _replace_at(
        plan, at, replace(plan[at], records=records, marks=(PlantedDefect("v-nummer-integer", "failed"),))
    )


def change_encoding(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """The file is written in Latin-1 where UTF-8 was agreed."""
    records = plan[at].records
    location = records.cells["coa_locatie"].copy()
    accented = next(name for name in codes.read_table("coa_locatie") if not name.isascii())
    there = np.flatnonzero(location != "")
    location[rng.permutation(there)[:2]] = accented
    spoilt = replace(
        plan[at],
        records=records.with_cells(coa_locatie=location),
        encoding="latin-1",
        marks=(PlantedDefect("mojibake", "error"),),
    )
    return _replace_at(plan, at, spoilt)


def empty_incomplete_dates(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Dates of birth with unknown parts came out empty."""
    records = plan[at].records
    birth = records.cells["geboortedatum"]
    emptied = np.array(["" if b.endswith("00") else b for b in birth.tolist()], dtype=np.object_)
    # On a lucky day hardly anybody has an incomplete date; the defect needs somebody to show in.
    emptied[_pick_rows(records, _FEW, rng, ASYLUM)] = ""
    spoilt = replace(
        plan[at],
        records=records.with_cells(geboortedatum=emptied),
        marks=(PlantedDefect("zero-dates-null", "failed"),),
    )
    return _replace_at(plan, at, spoilt)


def use_ended_municipality(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
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
    return _replace_at(plan, at, spoilt)


def use_unknown_code(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """A purpose of stay without a table entry."""
    records = plan[at].records
    purpose = records.cells["verblijfsdoel"].copy()
    purpose[_pick_rows(records, _FEW, rng, FAMILY)] = UNKNOWN_PURPOSE
    spoilt = replace(
        plan[at],
        records=records.with_cells(verblijfsdoel=purpose),
        marks=(PlantedDefect("unknown-code", "failed"),),
    )
    return _replace_at(plan, at, spoilt)


def _draw_newcomers(today: Records, wanted: int, rng: np.random.Generator) -> Records:
    """Persons of nobody's register, otherwise like first grants of today; without BSN."""
    like = today.take(rng.choice(np.flatnonzero(today.having(mutatiesoort=(GRANT,))), wanted))
    blank = np.full(wanted, "", dtype=np.object_)
    return like.with_cells(v_nummer=make_v_numbers(wanted, int(rng.integers(0, 10**10))), bsn=blank)


def over_deliver(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """A burst of persons with Union-law titles, and persons who were delivered before, once more as new."""
    today, earlier = plan[at].records, concatenate([p.records for p in plan[max(0, at - 10) : at]])
    wanted = max(12, today.count // 2)
    titles = np.array(UNION_LAW_TITLES, dtype=np.object_)[rng.integers(0, len(UNION_LAW_TITLES), wanted)]
    union = _draw_newcomers(today, wanted, rng).with_cells(
        verblijfstitel=titles,
        doelgroep=np.full(wanted, OTHER, dtype=np.object_),
        verblijfsdoel=np.full(wanted, "O34", dtype=np.object_),
        referent_v_nummer=np.full(wanted, "", dtype=np.object_),
    )
    again = earlier.take(rng.permutation(np.flatnonzero(earlier.having(mutatiesoort=(GRANT,))))[: wanted // 2])
    extra = concatenate([union, again])
    spoilt = replace(
        plan[at],
        records=merge_rows([today, extra], plan[at].last),
        extra=extra,
        marks=(PlantedDefect("over-delivery", "failed"),),
    )
    return _replace_at(plan, at, spoilt)


def add_earlier_law(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Persons whose right was made known before 2022-01-01, and who fall under the earlier law, come as well."""
    decided = np.datetime64(date(2021, 12, 1)) + rng.integers(0, 20, _FEW)
    extra = _draw_newcomers(plan[at].records, _FEW, rng).with_cells(
        datum_beschikking=format_dates(decided),
        datum_bekendmaking=format_dates(decided + 2),
        ingangsdatum_verblijfsrecht=format_dates(decided - 60),
    )
    spoilt = replace(
        plan[at],
        records=concatenate([plan[at].records, extra]),
        extra=extra,
        marks=(PlantedDefect("law-boundary", "failed"),),
    )
    return _replace_at(plan, at, spoilt)


# Defects of a delivery as a whole: cut, absent, late, twice, out of sequence, empty, or sent again.


def truncate(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """The file stops in the middle of a row; its manifest tells of the whole."""
    spoilt = replace(plan[at], kept=0.6, marks=(PlantedDefect("truncated", "error"),))
    return [*plan[:at], spoilt, *plan[at + 1 :]]


def delay(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """The delivery is there only in the afternoon, past its grace."""
    spoilt = replace(
        plan[at], created=to_local(plan[at].last, time(14, 42, 10)), marks=(PlantedDefect("late", "warned"),)
    )
    return [*plan[:at], spoilt, *plan[at + 1 :]]


def _move_to_next(plan: Plan, at: int) -> Plan:
    """The rows of a delivery travel with the next one."""
    today, tomorrow = plan[at], plan[at + 1]
    rows = merge_rows([today.records, tomorrow.records], tomorrow.last)
    left_out = (*today.left_out, *tomorrow.left_out)
    rest = replace(today, records=today.dropped, left_out=())
    return [*plan[:at], rest, replace(tomorrow, records=rows, left_out=left_out), *plan[at + 2 :]]


def skip(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """No delivery is made on a working day; the next one covers both days, and the numbers go on."""
    found = _move_to_next(plan, at)
    found[at] = replace(found[at], outcome=PlannedOutcome.NEVER_SENT, marks=(PlantedDefect("missing", "failed"),))
    found[at + 1] = replace(found[at + 1], first=found[at].first)
    return found


def send_empty(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """An explicit empty delivery: a header, and a manifest that says 0; its rows come the day after."""
    found = _move_to_next(plan, at)
    found[at] = replace(found[at], marks=(PlantedDefect("empty-delivery", "warned"),))
    return found


def send_twice(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """The sender's job runs twice: the same bytes again, under the next number."""
    again = replace(
        plan[at], created=plan[at].created + timedelta(minutes=35), marks=(PlantedDefect("duplicate", "warned"),)
    )
    return [*plan[: at + 1], again, *plan[at + 1 :]]


def lose_second(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """A second delivery of the day, with half of its rows, is lost on its way; the next one shows it."""
    half = plan[at].records.count // 2
    morning, afternoon = (
        plan[at].records.take(part) for part in np.split(np.arange(plan[at].records.count), [half])
    )
    lost = replace(
        plan[at],
        created=to_local(plan[at].last, time(15, 31, 5)),
        records=plan[at].dropped,
        dropped=afternoon,
        left_out=(),
        outcome=PlannedOutcome.LOST,
    )
    following = replace(plan[at + 1], marks=(PlantedDefect("number-gap", "failed"),))
    return [*plan[:at], replace(plan[at], records=morning), lost, following, *plan[at + 2 :]]


def redeliver(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """The next morning the delivery comes again with a few postcodes mended; it replaces the first."""
    right = plan[at].records
    postcode = right.cells["postcode"].copy()
    some = rng.permutation(np.flatnonzero(postcode != ""))[:5]
    postcode[some] = "9999XX"
    again = replace(
        plan[at],
        created=to_local(plan[at + 1].last, time(6, 5, 30)),
        kind=REDELIVERY,
        marks=(PlantedDefect("redelivery", "passed"),),
    )
    first = replace(plan[at], records=right.with_cells(postcode=postcode))
    return [*plan[:at], first, again, *plan[at + 1 :]]


# Defects that last: what the selection leaves out, or gets wrong, delivery after delivery.


FIXED_ON = date(2023, 5, 15)
CATCH_UP_BEGINS = date(2023, 9, 4)
_CATCH_UP_WEEKS = 6
FILTERED_PURPOSE = "G20"
# A share of the persons of one municipality goes under the code of another, for as many deliveries.
WRONG_MUNICIPALITY = ("0599", "0606")
_WRONG_SHARE, _WRONG_DELIVERIES = 0.7, 15
_WITHOUT_BSN = 0.55
_MISSED_AFTER = 1  # a single delivery without a code of twelve a day could still be chance
_SEEN_AFTER = 3  # deliveries; in the first alone it could be chance
# The feed stood still: family until 1 March, asylum and other until 25 March 2022.
PAUSE_BEGINS = date(2022, 1, 17)
_PAUSE_ENDS = {FAMILY: date(2022, 3, 1), ASYLUM: date(2022, 3, 25), OTHER: date(2022, 3, 25)}
_BURST_DELIVERIES = 8


def drop_purposes(planned: PlannedDelivery, purposes: tuple[str, ...]) -> PlannedDelivery:
    """The delivery as a selection makes it that does not know these purposes of stay."""
    gone = planned.records.having(verblijfsdoel=purposes)
    return replace(planned, records=planned.records.take(~gone), dropped=planned.records.take(gone))


def lose_purposes(plan: Plan, _replace_at: int, rng: np.random.Generator) -> Plan:
    """From the first day until the fix some purposes of stay are not selected; in September they are caught up."""
    found = [drop_purposes(p, LOST_PURPOSES) if p.last < FIXED_ON else p for p in plan]
    return _add_catch_up(found, rng)


def _add_catch_up(plan: Plan, rng: np.random.Generator) -> Plan:
    """Put a declared catch-up in the middle of each of some weeks, as far as the plan reaches."""
    backlog = concatenate([p.dropped for p in plan])
    weeks = [CATCH_UP_BEGINS + timedelta(weeks=w) for w in range(_CATCH_UP_WEEKS)]
    middles = [list_working_days(w, w + timedelta(days=4))[2] for w in weeks]
    shares = np.array_split(rng.permutation(backlog.count), _CATCH_UP_WEEKS)
    parcels = dict(zip(middles, shares, strict=True))
    found: Plan = []
    for planned in plan:
        found.append(planned)
        if planned.last in parcels:
            rows = merge_rows([backlog.take(np.sort(parcels[planned.last]))], planned.last)
            none = rows.take(np.zeros(0, dtype=np.int64))
            created = to_local(planned.last, time(11, 4, 20))
            found.append(
                replace(
                    planned,
                    first=plan[0].first,
                    created=created,
                    records=rows,
                    dropped=none,
                    left_out=(),
                    kind=CATCH_UP,
                )
            )
    return found


def filter_purpose(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """A release forgets one purpose of stay in its filter, from one delivery on."""
    spoilt = [drop_purposes(p, (FILTERED_PURPOSE,)) for p in plan[at:]]
    known = min(_MISSED_AFTER, len(spoilt) - 1)
    spoilt[known] = replace(spoilt[known], marks=(PlantedDefect("code-filter", "failed"),))
    return [*plan[:at], *spoilt]


def empty_bsn(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """From one delivery on the BSN of most family migrants is no longer filled."""

    def emptied(planned: PlannedDelivery) -> PlannedDelivery:
        records = planned.records
        hit = records.having(doelgroep=(FAMILY,)) & (rng.random(records.count) < _WITHOUT_BSN)
        return replace(planned, records=records.with_cells(bsn=np.where(hit, "", records.cells["bsn"])))

    spoilt = [emptied(p) for p in plan[at:]]
    known = min(_SEEN_AFTER, len(spoilt) - 1)
    spoilt[known] = replace(spoilt[known], marks=(PlantedDefect("completeness-drift", "failed"),))
    return [*plan[:at], *spoilt]


def swap_municipality(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """For some weeks most persons of one municipality are sent under the code of its neighbour."""
    right, wrong = WRONG_MUNICIPALITY

    def misplaced(planned: PlannedDelivery) -> PlannedDelivery:
        records = planned.records
        hit = records.having(gemeentecode=(right,)) & (rng.random(records.count) < _WRONG_SHARE)
        return replace(
            planned, records=records.with_cells(gemeentecode=np.where(hit, wrong, records.cells["gemeentecode"]))
        )

    until = min(at + _WRONG_DELIVERIES, len(plan))
    found = [*plan[:at], *(misplaced(p) for p in plan[at:until]), *plan[until:]]
    # Nobody sees it in a delivery. Registers do: the delivery after the second one is held to account.
    known = plan[at].last + timedelta(days=14 - plan[at].last.weekday())
    told = next((i for i in range(at, len(plan)) if plan[i].last >= known), at)
    found[told] = replace(found[told], marks=(PlantedDefect("wrong-municipality", "failed"),))
    return found


def hold_back(plan: Plan, _replace_at: int, _rng: np.random.Generator) -> Plan:
    """The declared pause of early 2022: rows are kept back, and come in a burst when it ends."""
    found = list(plan)
    for group, ends in _PAUSE_ENDS.items():
        waiting = []
        for i, planned in enumerate(found):
            if PAUSE_BEGINS <= planned.last < ends:
                stays = planned.records.having(doelgroep=(group,), mutatiesoort=(GRANT,))
                waiting.append(planned.records.take(stays))
                held = concatenate([planned.held, waiting[-1]])
                found[i] = replace(planned, records=planned.records.take(~stays), held=held)
        after = [i for i, p in enumerate(found) if p.last >= ends][:_BURST_DELIVERIES]
        if waiting and after:
            backlog = concatenate(waiting)
            for i, share in zip(after, np.array_split(np.arange(backlog.count), len(after)), strict=True):
                rows = merge_rows([found[i].records, backlog.take(share)], found[i].last)
                found[i] = replace(found[i], records=rows)
    return found
