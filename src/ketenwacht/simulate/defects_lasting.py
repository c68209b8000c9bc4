"""Defects that last: what the selection leaves out, or gets wrong, delivery after delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np

from .calendar import local, working_days
from .plan import CATCH_UP, Plan, Planned, PlantedDefect
from .records import GRANT, joined
from .volumes import ASYLUM, FAMILY, OTHER
from .world import LOST_PURPOSES, together

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


def without(planned: Planned, purposes: tuple[str, ...]) -> Planned:
    """The delivery as a selection makes it that does not know these purposes of stay."""
    gone = planned.records.having(verblijfsdoel=purposes)
    return replace(planned, records=planned.records.take(~gone), dropped=planned.records.take(gone))


def incident(plan: Plan, _at: int, rng: np.random.Generator) -> Plan:
    """From the first day until the fix some purposes of stay are not selected; in September they are caught up."""
    found = [without(p, LOST_PURPOSES) if p.last < FIXED_ON else p for p in plan]
    return _with_catch_up(found, rng)


def _with_catch_up(plan: Plan, rng: np.random.Generator) -> Plan:
    """Put a declared catch-up in the middle of each of some weeks, as far as the plan reaches."""
    backlog = joined([p.dropped for p in plan])
    weeks = [CATCH_UP_BEGINS + timedelta(weeks=w) for w in range(_CATCH_UP_WEEKS)]
    middles = [working_days(w, w + timedelta(days=4))[2] for w in weeks]
    shares = np.array_split(rng.permutation(backlog.count), _CATCH_UP_WEEKS)
    parcels = dict(zip(middles, shares, strict=True))
    found: Plan = []
    for planned in plan:
        found.append(planned)
        if planned.last in parcels:
            rows = together([backlog.take(np.sort(parcels[planned.last]))], planned.last)
            none = rows.take(np.zeros(0, dtype=np.int64))
            created = local(planned.last, time(11, 4, 20))
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


def code_filter(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """A release forgets one purpose of stay in its filter, from one delivery on."""
    spoilt = [without(p, (FILTERED_PURPOSE,)) for p in plan[at:]]
    known = min(_MISSED_AFTER, len(spoilt) - 1)
    spoilt[known] = replace(spoilt[known], marks=(PlantedDefect("code-filter", "failed"),))
    return [*plan[:at], *spoilt]


def completeness_drift(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """From one delivery on the BSN of most family migrants is no longer filled."""

    def emptied(planned: Planned) -> Planned:
        records = planned.records
        hit = records.having(doelgroep=(FAMILY,)) & (rng.random(records.count) < _WITHOUT_BSN)
        return replace(planned, records=records.with_cells(bsn=np.where(hit, "", records.cells["bsn"])))

    spoilt = [emptied(p) for p in plan[at:]]
    known = min(_SEEN_AFTER, len(spoilt) - 1)
    spoilt[known] = replace(spoilt[known], marks=(PlantedDefect("completeness-drift", "failed"),))
    return [*plan[:at], *spoilt]


def wrong_municipality(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """For some weeks most persons of one municipality are sent under the code of its neighbour."""
    right, wrong = WRONG_MUNICIPALITY

    def misplaced(planned: Planned) -> Planned:
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


def pause(plan: Plan, _at: int, _rng: np.random.Generator) -> Plan:
    """The declared pause of early 2022: rows are kept back, and come in a burst when it ends."""
    found = list(plan)
    for group, ends in _PAUSE_ENDS.items():
        waiting = []
        for i, planned in enumerate(found):
            if PAUSE_BEGINS <= planned.last < ends:
                stays = planned.records.having(doelgroep=(group,), mutatiesoort=(GRANT,))
                waiting.append(planned.records.take(stays))
                held = joined([planned.held, waiting[-1]])
                found[i] = replace(planned, records=planned.records.take(~stays), held=held)
        after = [i for i, p in enumerate(found) if p.last >= ends][:_BURST_DELIVERIES]
        if waiting and after:
            backlog = joined(waiting)
            for i, share in zip(after, np.array_split(np.arange(backlog.count), len(after)), strict=True):
                rows = together([found[i].records, backlog.take(share)], found[i].last)
                found[i] = replace(found[i], records=rows)
    return found
