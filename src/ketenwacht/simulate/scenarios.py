"""The scenarios by name, with their defects, in one table."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date

import numpy as np

from ketenwacht.errors import ConfigError, format_count

from . import defects
from .plan import ApplyDefect, Plan, StatedSelection
from .world import make_generator

# Position of a defect in the range (fraction 0–1): a past before it, deliveries after it.
_PLACE = 0.6
_FEWEST_DELIVERIES = 5
_BY_GROUP, _BY_PURPOSE = ("doelgroep",), ("doelgroep", "verblijfsdoel")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a feed.

    Attributes:
        name: as given to `simulate --scenario`.
        description: one line, for people.
        defect: puts the defect into a healthy plan; None: no defect.
        stated: the part of the sender's selection that manifests state.
        missing_by: columns by which the truth counts lost persons.
        not_before: first possible day of the defect.
        reaches: the range must hold a delivery before this day; None: no condition.
    """

    name: str
    description: str
    defect: ApplyDefect | None = None
    stated: StatedSelection = StatedSelection.SENT
    missing_by: tuple[str, ...] = _BY_GROUP
    not_before: date = date.min
    reaches: date | None = None


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("healthy", "everybody arrives within the SLA"),
    Scenario(
        "incident-2022",
        "purposes of stay are never selected until the fix of 2023-05-15; manifests count only what was sent",
        defects.lose_purposes,
        StatedSelection.NOTHING,
        reaches=defects.FIXED_ON,
    ),
    Scenario(
        "incident-2022-selected",
        "the same loss, but it happens after the selection, which manifests state",
        defects.lose_purposes,
        StatedSelection.ALL,
        reaches=defects.FIXED_ON,
    ),
    Scenario(
        "pause-2022",
        "the declared pause of early 2022, with explicit empty deliveries and a burst after it",
        defects.hold_back,
        reaches=defects.PAUSE_BEGINS,
    ),
    Scenario("truncated", "one file stops in the middle of a row", defects.truncate),
    Scenario("missing", "no delivery on one working day; the next one covers both", defects.skip),
    Scenario("late", "one delivery comes in the afternoon", defects.delay),
    Scenario("duplicate", "one delivery comes twice, under two numbers", defects.send_twice),
    Scenario("number-gap", "a second delivery of one day is lost on its way", defects.lose_second),
    Scenario("redelivery", "one delivery is corrected and rightly sent again", defects.redeliver),
    Scenario(
        "empty-delivery", "one delivery is explicitly empty; its rows come the day after", defects.send_empty
    ),
    Scenario(
        "code-filter",
        "from one delivery on a purpose of stay is left out",
        defects.filter_purpose,
        missing_by=_BY_PURPOSE,
    ),
    Scenario(
        "release-filter",
        "from one delivery on two purposes of stay are left out, by a release with a new schema version",
        defects.release_filter,
        missing_by=_BY_PURPOSE,
    ),
    Scenario("column-renamed", "one delivery has a column under another name", defects.rename_column),
    Scenario("v-nummer-integer", "one delivery lost the leading zeros of V-numbers", defects.strip_leading_zeros),
    Scenario("mojibake", "one delivery is not in the agreed encoding", defects.change_encoding),
    Scenario(
        "zero-dates-null", "one delivery has incomplete dates of birth emptied", defects.empty_incomplete_dates
    ),
    Scenario(
        "pre-merger-municipality",
        "one delivery uses the code of a municipality that no longer exists",
        defects.use_ended_municipality,
        not_before=date(2022, 3, 24),
    ),
    Scenario("unknown-code", "one delivery has a purpose of stay without a table entry", defects.use_unknown_code),
    Scenario("over-delivery", "one delivery has persons who do not belong in it", defects.over_deliver),
    Scenario("law-boundary", "one delivery has persons who fall under the earlier law", defects.add_earlier_law),
    Scenario(
        "completeness-drift",
        "from one delivery on most family migrants come without BSN",
        defects.empty_bsn,
    ),
    Scenario(
        "acknowledgement-lost", "the acknowledgement of one delivery never comes", defects.lose_acknowledgement
    ),
    Scenario(
        "acknowledgement-late",
        "the acknowledgement of one delivery comes after the term",
        defects.delay_acknowledgement,
    ),
    Scenario("acknowledgement-rejected", "the receiver rejects one delivery", defects.reject_delivery),
    Scenario(
        "acknowledgement-differs",
        "the acknowledgement of one delivery counts fewer persons",
        defects.acknowledge_fewer,
    ),
    Scenario(
        "wrong-municipality",
        "for some weeks persons of one municipality come under the code of another",
        defects.swap_municipality,
    ),
)


def find_scenario(name: str) -> Scenario:
    """Return the scenario of a name.

    Raises:
        ConfigError: there is none; the remedy names the most similar.
    """
    names = [s.name for s in SCENARIOS]
    if name in names:
        return SCENARIOS[names.index(name)]
    near = difflib.get_close_matches(name, names, n=1)
    mend = f"did you mean '{near[0]}'?" if near else f"choose one of: {', '.join(names)}"
    raise ConfigError("--scenario", f"there is no scenario '{name}'", mend)


def apply_scenario(scenario: Scenario, plan: Plan, seed: int) -> Plan:
    """Return a healthy plan with the defect of a scenario.

    Raises:
        ConfigError: the range is too short for the defect, or the defect cannot occur in it.
    """
    if scenario.defect is None:
        return plan
    if scenario.reaches is not None and plan[0].last >= scenario.reaches:
        what = f"scenario '{scenario.name}' has no defect from {plan[0].first} on"
        raise ConfigError("--from", what, f"begin before {scenario.reaches}")
    if len(plan) < _FEWEST_DELIVERIES:
        what = f"{format_count(len(plan), 'delivery is', 'deliveries are')} too few for scenario '{scenario.name}'"
        raise ConfigError("--to", what, f"choose a range of at least {_FEWEST_DELIVERIES} working days")
    later = [i for i in range(int(_PLACE * len(plan)), len(plan) - 1) if plan[i].last >= scenario.not_before]
    if not later:
        what = f"scenario '{scenario.name}' cannot occur before {scenario.not_before}"
        raise ConfigError("--to", what, "choose a range that reaches further")
    rng: np.random.Generator = make_generator(seed, f"scenario {scenario.name}")
    return scenario.defect(plan, later[0], rng)
