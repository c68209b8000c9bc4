"""Write a whole simulation: deliveries, register, references, inquiries, and the truth about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from ketenwacht.errors import ConfigError

from . import canary, chain, delivering, evidence, output, plan, register, scenarios, truth, world
from .codes import FIRST_DAY
from .volumes import working_days

# Dates beyond this would need more calendar than the sender's holidays are known for.
_LAST_DAY = date(2035, 12, 31)


def _check(first: date, last: date, seed: int) -> None:
    if first > last:
        raise ConfigError("--to", f"{last} is before {first}", "give a range that does not end before it begins")
    if first < FIRST_DAY:
        raise ConfigError("--from", f"the feed did not exist on {first}", f"begin on {FIRST_DAY} or later")
    if last > _LAST_DAY:
        raise ConfigError("--to", f"{last} is too far ahead", f"end on {_LAST_DAY} or earlier")
    if not working_days(first, last):
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
    chosen = scenarios.find(scenario)
    _check(first, last, seed)
    real = world.build(first, last, seed)
    birds = canary.read(canaries) if canaries is not None else None
    sane = plan.healthy(real) if birds is None else canary.put_in(plan.healthy(real), birds)
    deliveries = plan.numbered(scenarios.spoilt(chosen, sane, seed))
    told = truth.of(chosen, real, deliveries)
    with output.replacing(out) as folder:
        for name in ("deliveries", "register", "references", "inquiries", "chain"):
            (folder / name).mkdir()
        arriving = [d for d in deliveries if d.planned.outcome is plan.PlannedOutcome.ARRIVES]
        for done, delivery in enumerate(arriving, start=1):
            delivering.write(folder / "deliveries", delivery, chosen.stated, seed, scenario)
            if progress is not None:
                progress(done, len(arriving))
        register.write(folder / "register", real, birds)
        evidence.write_references(folder / "references", real)
        evidence.write_inquiries(folder / "inquiries", real, deliveries)
        chain.write_chain(folder / "chain", real, deliveries, chosen.stated)
        (folder / truth.FILE).write_text(told.to_json(), encoding="utf-8")
    return told
