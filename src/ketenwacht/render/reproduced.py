"""Past verdicts that were come to again: which came out the same.

`ketenwacht/reproduce/1`: `{"feed": "…", "detector": 1, "same": 378, "different": 1, "unknown": 0, "verdicts":
[{"run": "…", "delivery": "000123", "period": "2022-06-24", "outcome": "different", "checks": [{"check":
"volume", "segment": "group=family"}], "why": "", "detector": 1}]}`. `detector` is the version of the checks: of
today, and of each verdict. Of verdicts that came out the same only the number is told. A check with an empty
segment left another memory behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from rich.console import Console
from rich.text import Text

from ketenwacht.domain.result import DETECTOR
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import clean

from .json import Object
from .terminal import glyphs_of

_MOST = 20


class ReproductionOutcome(Enum):
    """What came of a verdict that was come to again."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One past verdict, come to again.

    Attributes:
        run: id of the run.
        delivery: id of its delivery.
        period: of the delivery.
        outcome: the same to the last bit; different; or it cannot be known, as of a verdict that differs and that
            another version of the checks gave.
        checks: check and segment of every result that differs; an empty segment: what the check remembered.
        why: why it cannot be known.
        detector: the version of the checks that gave it.
    """

    run: str
    delivery: str
    period: date
    outcome: ReproductionOutcome
    checks: tuple[tuple[str, str], ...]
    why: str = ""
    detector: int = DETECTOR


def reproduced_object(feed: str, found: Sequence[Reproduction]) -> Object:
    """Verdicts that were come to again as `ketenwacht/reproduce/1`."""
    return {
        "schema": "ketenwacht/reproduce/1",
        "feed": feed,
        "detector": DETECTOR,
        **{outcome.value: sum(one.outcome is outcome for one in found) for outcome in ReproductionOutcome},
        "verdicts": [
            {
                "run": one.run,
                "delivery": one.delivery,
                "period": one.period.isoformat(),
                "outcome": one.outcome.value,
                "checks": [{"check": check, "segment": segment} for check, segment in one.checks],
                "why": one.why,
                "detector": one.detector,
            }
            for one in found
            if one.outcome is not ReproductionOutcome.SAME
        ],
    }


def print_reproduced(feed: str, found: Sequence[Reproduction], how: MessageFormatter, console: Console) -> None:
    """Print how many came out the same, and those that did not."""
    same, glyphs = sum(one.outcome is ReproductionOutcome.SAME for one in found), glyphs_of(console)
    told = how.label("reproduce.same", feed=clean(feed), same=Amount(same), count=Amount(len(found)))
    console.print(Text(told, style="bold"), soft_wrap=True)
    others = [one for one in found if one.outcome is not ReproductionOutcome.SAME]
    for one in others[:_MOST]:
        what = one.why or "; ".join(_differs(check, segment, how) for check, segment in one.checks)
        line = how.label(
            "reproduce.other",
            day=how.short_day(one.period),
            delivery=clean(one.delivery),
            outcome=how.label(f"reproduce.{one.outcome.value}"),
            what=clean(what),
        )
        if one.detector != DETECTOR:
            line = how.label("reproduce.detector", verdict=line, detector=Amount(one.detector))
        console.print(Text(f"  {glyphs.plain(line)}"), soft_wrap=True)
    if len(others) > _MOST:
        console.print(f"  {how.label('reproduce.more', count=Amount(len(others) - _MOST))}")


def _differs(check: str, segment: str, how: MessageFormatter) -> str:
    if not segment:
        return how.label("reproduce.state", check=check)
    return how.label("reproduce.check", check=check, segment=segment)
