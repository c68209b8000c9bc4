"""Defects inside one delivery: a column, a type, an encoding, a code or a few persons are wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import codes
from .people import format_dates, make_v_numbers
from .plan import CATCH_UP, REDELIVERY, Acknowledged, Plan, PlannedDelivery, PlannedOutcome, PlantedDefect
from .records import COLUMNS, GRANT, Records, Text, concatenate
from .volumes import ASYLUM, FAMILY, OTHER, list_working_days, to_local
from .world import LOST_PURPOSES, merge_rows

# A purpose of stay that a release of the sender uses without a table entry.
UNKNOWN_PURPOSE = "G29"
UNION_LAW_TITLES = ("28", "29", "30")
_FEW = 6


def _spoil(plan: Plan, at: int, kind: str, expected_status: str, **changes: Any) -> Plan:  # noqa: ANN401 - fields of a delivery
    """Return the plan with one delivery changed and marked with a defect."""
    defects = (PlantedDefect(kind, expected_status),)
    return [*plan[:at], replace(plan[at], defects=defects, **changes), *plan[at + 1 :]]


def _pick_rows(records: Records, count: int, rng: np.random.Generator, *groups: str) -> NDArray[np.int64]:
    """Return sorted indices of up to `count` rows of the target groups `groups`."""
    candidates = np.flatnonzero(records.mask(doelgroep=groups))
    return np.sort(rng.permutation(candidates)[:count])


def rename_column(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Rename a column, as a release does."""
    header = tuple("verblijfsdoelcode" if c == "verblijfsdoel" else c for c in COLUMNS)
    return _spoil(plan, at, "column-renamed", "failed", header=header)


def strip_leading_zeros(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Pass V-numbers through an integer, which strips the leading zeros."""

    def strip(numbers: Text) -> Text:
        return np.array([n.lstrip("0") for n in numbers.tolist()], dtype=np.object_)

    records = plan[at].records
    stripped = {name: strip(records.cells[name]) for name in ("v_nummer", "referent_v_nummer")}
    return _spoil(plan, at, "v-nummer-integer", "failed", records=records.with_cells(**stripped))


def change_encoding(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Write the file in Latin-1 instead of UTF-8."""
    records = plan[at].records
    location = records.cells["coa_locatie"].copy()
    accented = next(name for name in codes.read_table("coa_locatie") if not name.isascii())
    filled = np.flatnonzero(location != "")
    location[rng.permutation(filled)[:2]] = accented
    records = records.with_cells(coa_locatie=location)
    return _spoil(plan, at, "mojibake", "error", records=records, encoding="latin-1")


def empty_incomplete_dates(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Empty the dates of birth with unknown parts."""
    records = plan[at].records
    birth = records.cells["geboortedatum"]
    emptied = np.array(["" if b.endswith("00") else b for b in birth.tolist()], dtype=np.object_)
    # Some days have few incomplete dates; the defect must show.
    emptied[_pick_rows(records, _FEW, rng, ASYLUM)] = ""
    return _spoil(plan, at, "zero-dates-null", "failed", records=records.with_cells(geboortedatum=emptied))


def use_ended_municipality(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Send persons in former Weesp under its code, which ended on 2022-03-24."""
    records = plan[at].records
    municipality = records.cells["gemeentecode"].copy()
    rows = np.flatnonzero(municipality == "0363")
    if rows.size < _FEW:
        rows = np.concatenate([rows, rng.permutation(np.flatnonzero(municipality != ""))[:_FEW]])
    municipality[rows[:_FEW]] = "0457"
    records = records.with_cells(gemeentecode=municipality)
    return _spoil(plan, at, "pre-merger-municipality", "failed", records=records)


def use_unknown_code(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Send a purpose of stay that is not in the code table."""
    records = plan[at].records
    purpose = records.cells["verblijfsdoel"].copy()
    purpose[_pick_rows(records, _FEW, rng, FAMILY)] = UNKNOWN_PURPOSE
    return _spoil(plan, at, "unknown-code", "failed", records=records.with_cells(verblijfsdoel=purpose))


def _draw_newcomers(today: Records, wanted: int, rng: np.random.Generator) -> Records:
    """Return persons outside the register, like first grants of today but without BSN."""
    like = today.take(rng.choice(np.flatnonzero(today.mask(mutatiesoort=(GRANT,))), wanted))
    blank = np.full(wanted, "", dtype=np.object_)
    return like.with_cells(v_nummer=make_v_numbers(wanted, int(rng.integers(0, 10**10))), bsn=blank)


def over_deliver(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Add persons with Union-law titles, and persons of earlier deliveries as new ones."""
    today, earlier = plan[at].records, concatenate([p.records for p in plan[max(0, at - 10) : at]])
    wanted = max(12, today.count // 2)
    titles = np.array(UNION_LAW_TITLES, dtype=np.object_)[rng.integers(0, len(UNION_LAW_TITLES), wanted)]
    union = _draw_newcomers(today, wanted, rng).with_cells(
        verblijfstitel=titles,
        doelgroep=np.full(wanted, OTHER, dtype=np.object_),
        verblijfsdoel=np.full(wanted, "O34", dtype=np.object_),
        referent_v_nummer=np.full(wanted, "", dtype=np.object_),
    )
    again = earlier.take(rng.permutation(np.flatnonzero(earlier.mask(mutatiesoort=(GRANT,))))[: wanted // 2])
    extra = concatenate([union, again])
    records = merge_rows([today, extra], plan[at].last)
    return _spoil(plan, at, "over-delivery", "failed", records=records, extra=extra)


def add_earlier_law(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Add persons under the earlier law, whose right was made known before 2022-01-01."""
    decided = np.datetime64(date(2021, 12, 1)) + rng.integers(0, 20, _FEW)
    extra = _draw_newcomers(plan[at].records, _FEW, rng).with_cells(
        datum_beschikking=format_dates(decided),
        datum_bekendmaking=format_dates(decided + 2),
        ingangsdatum_verblijfsrecht=format_dates(decided - 60),
    )
    records = concatenate([plan[at].records, extra])
    return _spoil(plan, at, "law-boundary", "failed", records=records, extra=extra)


# Defects of a whole delivery: cut, absent, late, duplicate, out of sequence, empty, or sent again.


def truncate(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Cut the file in the middle of a row; its manifest describes the whole file."""
    return _spoil(plan, at, "truncated", "error", arriving_share=0.6)


def delay(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Deliver in the afternoon, after the grace."""
    return _spoil(plan, at, "late", "warned", created=to_local(plan[at].last, time(14, 42, 10)))


def _move_to_next(plan: Plan, at: int) -> Plan:
    """Move the rows of a delivery to the next one."""
    today, tomorrow = plan[at], plan[at + 1]
    rows = merge_rows([today.records, tomorrow.records], tomorrow.last)
    left_out = (*today.left_out, *tomorrow.left_out)
    rest = replace(today, records=today.dropped, left_out=())
    return [*plan[:at], rest, replace(tomorrow, records=rows, left_out=left_out), *plan[at + 2 :]]


def skip(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Make no delivery on a working day; the next one covers both days, and the numbers continue."""
    spoilt = _spoil(_move_to_next(plan, at), at, "missing", "failed", outcome=PlannedOutcome.NEVER_SENT)
    spoilt[at + 1] = replace(spoilt[at + 1], first=spoilt[at].first)
    return spoilt


def send_empty(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Send an explicitly empty delivery: a header, and a manifest with 0 rows; its rows come the next day."""
    return _spoil(_move_to_next(plan, at), at, "empty-delivery", "warned")


def send_twice(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Run the sender's job twice: the same bytes again, under the next number."""
    again = replace(
        plan[at], created=plan[at].created + timedelta(minutes=35), defects=(PlantedDefect("duplicate", "warned"),)
    )
    return [*plan[: at + 1], again, *plan[at + 1 :]]


def lose_second(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Lose a second delivery of the day, with half of its rows; the number of the next one shows the gap."""
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
    following = replace(plan[at + 1], defects=(PlantedDefect("number-gap", "failed"),))
    return [*plan[:at], replace(plan[at], records=morning), lost, following, *plan[at + 2 :]]


def redeliver(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Send the delivery again the next morning with corrected postcodes; it replaces the first."""
    right = plan[at].records
    postcode = right.cells["postcode"].copy()
    some = rng.permutation(np.flatnonzero(postcode != ""))[:5]
    postcode[some] = "9999XX"
    again = replace(
        plan[at],
        created=to_local(plan[at + 1].last, time(6, 5, 30)),
        kind=REDELIVERY,
        defects=(PlantedDefect("redelivery", "passed"),),
    )
    first = replace(plan[at], records=right.with_cells(postcode=postcode))
    return [*plan[:at], first, again, *plan[at + 1 :]]


# Lasting defects: the selection drops or changes rows, delivery after delivery.


FIXED_ON = date(2023, 5, 15)
CATCH_UP_BEGINS = date(2023, 9, 4)
_CATCH_UP_WEEKS = 6
FILTERED_PURPOSE = "G20"
RELEASE_PURPOSES, RELEASE_VERSION = ("G20", "G21"), "1.1"
# The right and the wrong code, the share of persons under the wrong code, and for how many deliveries.
WRONG_MUNICIPALITY = ("0599", "0606")
_WRONG_SHARE, _WRONG_DELIVERIES = 0.7, 15
_WITHOUT_BSN = 0.55
_MISSED_AFTER = 1  # one delivery without a code of twelve a day could be chance
_SEEN_AFTER = 3  # deliveries; the first alone could be chance
# The feed stood still: family until 1 March, asylum and other until 25 March 2022.
PAUSE_BEGINS = date(2022, 1, 17)
_PAUSE_ENDS = {FAMILY: date(2022, 3, 1), ASYLUM: date(2022, 3, 25), OTHER: date(2022, 3, 25)}
_BURST_DELIVERIES = 8


def drop_purposes(planned: PlannedDelivery, purposes: tuple[str, ...]) -> PlannedDelivery:
    """Return the delivery from a selection that misses these purposes of stay."""
    lost = planned.records.mask(verblijfsdoel=purposes)
    return replace(planned, records=planned.records.take(~lost), dropped=planned.records.take(lost))


def lose_purposes(plan: Plan, _replace_at: int, rng: np.random.Generator) -> Plan:
    """Miss some purposes of stay from the first day until the fix; a catch-up follows in September."""
    found = [drop_purposes(p, LOST_PURPOSES) if p.last < FIXED_ON else p for p in plan]
    return _add_catch_up(found, rng)


def _add_catch_up(plan: Plan, rng: np.random.Generator) -> Plan:
    """Add a declared catch-up in the middle of each catch-up week within the plan."""
    backlog = concatenate([p.dropped for p in plan])
    weeks = [CATCH_UP_BEGINS + timedelta(weeks=w) for w in range(_CATCH_UP_WEEKS)]
    middles = [list_working_days(w, w + timedelta(days=4))[2] for w in weeks]
    shares = np.array_split(rng.permutation(backlog.count), _CATCH_UP_WEEKS)
    shares_by_day = dict(zip(middles, shares, strict=True))
    found: Plan = []
    for planned in plan:
        found.append(planned)
        if planned.last in shares_by_day:
            rows = merge_rows([backlog.take(np.sort(shares_by_day[planned.last]))], planned.last)
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
    """Filter out one purpose of stay from one delivery on, as a release does."""
    spoilt = [drop_purposes(p, (FILTERED_PURPOSE,)) for p in plan[at:]]
    known = min(_MISSED_AFTER, len(spoilt) - 1)
    spoilt[known] = replace(spoilt[known], defects=(PlantedDefect("code-filter", "failed"),))
    return [*plan[:at], *spoilt]


def release_filter(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Filter out two purposes of stay from one delivery on, with a release that states a new schema version."""
    spoilt = [replace(drop_purposes(p, RELEASE_PURPOSES), schema_version=RELEASE_VERSION) for p in plan[at:]]
    known = min(_MISSED_AFTER, len(spoilt) - 1)
    spoilt[known] = replace(spoilt[known], defects=(PlantedDefect("release-filter", "failed"),))
    return [*plan[:at], *spoilt]


def lose_acknowledgement(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Lose the acknowledgement of one delivery; the third delivery after it should say so."""
    return _acknowledge(plan, at, Acknowledged.LOST, "acknowledgement-lost", 3)


def delay_acknowledgement(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Send the acknowledgement of one delivery after the term."""
    return _acknowledge(plan, at, Acknowledged.LATE, "acknowledgement-late", 3)


def reject_delivery(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Reject one delivery as a whole."""
    return _acknowledge(plan, at, Acknowledged.REJECTED, "acknowledgement-rejected", 1)


def acknowledge_fewer(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """Acknowledge fewer persons of one delivery than it holds, without a reason."""
    return _acknowledge(plan, at, Acknowledged.DIFFERS, "acknowledgement-differs", 1)


def _acknowledge(plan: Plan, at: int, acknowledged: Acknowledged, kind: str, after: int) -> Plan:
    found = [*plan]
    found[at] = replace(plan[at], acknowledged=acknowledged)
    shown = min(at + after, len(plan) - 1)
    found[shown] = replace(found[shown], defects=(*found[shown].defects, PlantedDefect(kind, "failed")))
    return found


def empty_bsn(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Empty the BSN of most family migrants from one delivery on."""

    def empty(planned: PlannedDelivery) -> PlannedDelivery:
        records = planned.records
        hit = records.mask(doelgroep=(FAMILY,)) & (rng.random(records.count) < _WITHOUT_BSN)
        return replace(planned, records=records.with_cells(bsn=np.where(hit, "", records.cells["bsn"])))

    spoilt = [empty(p) for p in plan[at:]]
    known = min(_SEEN_AFTER, len(spoilt) - 1)
    spoilt[known] = replace(spoilt[known], defects=(PlantedDefect("completeness-drift", "failed"),))
    return [*plan[:at], *spoilt]


def swap_municipality(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """Send most persons of one municipality under the code of its neighbour for some weeks."""
    right, wrong = WRONG_MUNICIPALITY

    def misplace(planned: PlannedDelivery) -> PlannedDelivery:
        records = planned.records
        hit = records.mask(gemeentecode=(right,)) & (rng.random(records.count) < _WRONG_SHARE)
        return replace(
            planned, records=records.with_cells(gemeentecode=np.where(hit, wrong, records.cells["gemeentecode"]))
        )

    until = min(at + _WRONG_DELIVERIES, len(plan))
    found = [*plan[:at], *(misplace(p) for p in plan[at:until]), *plan[until:]]
    # No delivery shows it; registers do. The first delivery after the second register should fail.
    known = plan[at].last + timedelta(days=14 - plan[at].last.weekday())
    failing = next((i for i in range(at, len(plan)) if plan[i].last >= known), at)
    found[failing] = replace(found[failing], defects=(PlantedDefect("wrong-municipality", "failed"),))
    return found


def hold_back(plan: Plan, _replace_at: int, _rng: np.random.Generator) -> Plan:
    """Hold back rows during the declared pause of early 2022, and send them in a burst when it ends."""
    found = list(plan)
    for group, ends in _PAUSE_ENDS.items():
        waiting = []
        for i, planned in enumerate(found):
            if PAUSE_BEGINS <= planned.last < ends:
                held = planned.records.mask(doelgroep=(group,), mutatiesoort=(GRANT,))
                waiting.append(planned.records.take(held))
                held_back = concatenate([planned.paused, waiting[-1]])
                found[i] = replace(planned, records=planned.records.take(~held), paused=held_back)
        after = [i for i, p in enumerate(found) if p.last >= ends][:_BURST_DELIVERIES]
        if waiting and after:
            backlog = concatenate(waiting)
            for i, share in zip(after, np.array_split(np.arange(backlog.count), len(after)), strict=True):
                rows = merge_rows([found[i].records, backlog.take(share)], found[i].last)
                found[i] = replace(found[i], records=rows)
    return found
