"""Write a whole simulation: deliveries, register, references, inquiries, and the truth about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from ketenwacht.errors import ConfigError

from . import evidence, files, plan, records, scenarios, truth, world
from .codes import FIRST_DAY
from .volumes import list_working_days

# The sender's holidays are not known beyond this date.
_LAST_DAY = date(2035, 12, 31)


def _check_arguments(first: date, last: date, seed: int) -> None:
    if first > last:
        raise ConfigError("--to", f"{last} is before {first}", "give a range that does not end before it begins")
    if first < FIRST_DAY:
        raise ConfigError("--from", f"the feed did not exist on {first}", f"begin on {FIRST_DAY} or later")
    if last > _LAST_DAY:
        raise ConfigError("--to", f"{last} is too far ahead", f"end on {_LAST_DAY} or earlier")
    if not list_working_days(first, last):
        raise ConfigError("--to", f"no working day from {first} to {last}", "choose a longer range")
    if seed < 0:
        raise ConfigError("--seed", f"{seed} is negative", "give 0 or more")


def simulate(  # noqa: PLR0913 - one argument for each option of the command, by keyword
    out: Path,
    *,
    first: date,
    last: date,
    seed: int,
    scenario: str,
    progress: Callable[[int, int], None] | None = None,
    canaries: Path | None = None,
) -> truth.Truth:
    """Write a fictional feed; the same arguments give the same bytes.

    Args:
        out: folder to write; created when absent, replaced completely when it holds a simulation.
        first: first day, inclusive, not before 2022-01-01.
        last: last day, inclusive.
        seed: 0 or more.
        scenario: name of one of SCENARIOS.
        progress: called with the number of written deliveries and of all deliveries.
        canaries: list of synthetic persons to add; None: none.

    Returns:
        The truth about the planted defects, as in `out`/truth.json.

    Raises:
        ConfigError: an argument is wrong, or `out` holds something that is not an earlier simulation.
    """
    chosen = scenarios.find_scenario(scenario)
    _check_arguments(first, last, seed)
    simulated = world.build_world(first, last, seed)
    synthetic = records.read_canaries(canaries) if canaries is not None else None
    healthy = plan.plan_deliveries(simulated)
    if synthetic is not None:
        healthy = plan.add_canaries(healthy, synthetic)
    deliveries = plan.number_deliveries(scenarios.apply_scenario(chosen, healthy, seed))
    planted = truth.build_truth(chosen, simulated, deliveries)
    with files.replace_folder(out) as folder:
        for name in ("deliveries", "register", "references", "inquiries", "chain"):
            (folder / name).mkdir()
        arriving = [d for d in deliveries if d.planned.outcome is plan.PlannedOutcome.ARRIVES]
        for done, delivery in enumerate(arriving, start=1):
            files.write_delivery(folder / "deliveries", delivery, chosen.stated, seed, scenario)
            if progress is not None:
                progress(done, len(arriving))
        files.write_register(folder / "register", simulated, synthetic)
        evidence.write_references(folder / "references", simulated)
        evidence.write_inquiries(folder / "inquiries", simulated, deliveries)
        evidence.write_chain(folder / "chain", simulated, deliveries, chosen.stated)
        (folder / truth.TRUTH_FILE).write_text(planted.to_json(), encoding="utf-8")
    return planted
