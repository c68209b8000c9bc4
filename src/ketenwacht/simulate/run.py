"""Write a whole simulation: deliveries, register, references, inquiries, and the truth about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from ketenwacht.errors import ConfigError

from . import evidence, files, plan, records, scenarios, truth, world
from .codes import FIRST_DAY
from .volumes import list_working_days

# Dates beyond this would need more calendar than the sender's holidays are known for.
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


def simulate(  # noqa: PLR0913 - one argument an option of the command; all but the first by keyword
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
        out: folder to write; created when it is not there, replaced as a whole when it holds a simulation.
        first: first day, inclusive, not before 2022-01-01.
        last: last day, inclusive.
        seed: 0 or more.
        scenario: name of one of SCENARIOS.
        progress: called with the deliveries done and all there are.
        canaries: a list of synthetic persons that the sender puts in; None: there are none.

    Returns:
        What was planted, as it also stands in `out`/truth.json.

    Raises:
        ConfigError: an argument is wrong, or `out` holds something that is not an earlier simulation.
    """
    chosen = scenarios.find_scenario(scenario)
    _check_arguments(first, last, seed)
    real = world.build_world(first, last, seed)
    synthetic = records.read_canaries(canaries) if canaries is not None else None
    healthy = (
        plan.plan_deliveries(real)
        if synthetic is None
        else plan.add_canaries(plan.plan_deliveries(real), synthetic)
    )
    deliveries = plan.number_deliveries(scenarios.apply_scenario(chosen, healthy, seed))
    planted = truth.build_truth(chosen, real, deliveries)
    with files.replace_folder(out) as folder:
        for name in ("deliveries", "register", "references", "inquiries", "chain"):
            (folder / name).mkdir()
        arriving = [d for d in deliveries if d.planned.outcome is plan.PlannedOutcome.ARRIVES]
        for done, delivery in enumerate(arriving, start=1):
            files.write_delivery(folder / "deliveries", delivery, chosen.stated, seed, scenario)
            if progress is not None:
                progress(done, len(arriving))
        files.write_register(folder / "register", real, synthetic)
        evidence.write_references(folder / "references", real)
        evidence.write_inquiries(folder / "inquiries", real, deliveries)
        evidence.write_chain(folder / "chain", real, deliveries, chosen.stated)
        (folder / truth.TRUTH_FILE).write_text(planted.to_json(), encoding="utf-8")
    return planted
