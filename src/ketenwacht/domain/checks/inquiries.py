"""Do people ask about persons who should have been delivered? The last detector, and the feed's yardstick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar

import numpy as np

from ketenwacht.domain.check_traits import CheckTraits, Release, Weight, budget, fraction
from ketenwacht.domain.evidence import InquiryCount
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing, Status
from ketenwacht.domain.statement import Codes, Fraction, Persons
from ketenwacht.domain.stats import shares, shiryaev
from ketenwacht.domain.stats.negbin import Array, log_ratio, moment_size
from ketenwacht.domain.stats.shares import ShareDetector

from .base import Judgement, View

CONFIRMED = "should_have_been_sent"
OPEN = "open"
_WEEKS_A_YEAR = 52.0
_LEAST_WEEKS, _LEARN_WEEKS, _TRUST_AFTER = 8, 26, 4
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_NUMBER: Mapping[str, type] = {"asked": Persons, "week": date, "usual": Persons}


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiriesCheck:
    """Inquiries about persons the receiver does not know, by outcome and by number.

    A confirmed miss is a fact; a growing share of them is a fault. The number alone, whatever the outcome, says
    something only much later, and warns.

    Attributes:
        usual_share: of the resolved inquiries at most this share (0–1) is a confirmed miss when all is well.
        false_alarms_per_year: budget of each of the two.
        asking_share: fraction of the missing about whom somebody asks, for an estimate; None: none is made.
    """

    kind: ClassVar[str] = "inquiries"
    codes: ClassVar[Codes] = {
        "inquiries.none": {},
        "inquiries.usual": {"confirmed": Persons, "resolved": Persons, "usual": Fraction},
        "inquiries.misses": {"since": date, "confirmed": Persons, "resolved": Persons, "usual": Fraction},
        "inquiries.few_weeks": {},
        "inquiries.number": _NUMBER,
        "inquiries.surge": _NUMBER,
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.INQUIRY,
        release=Release.NOTHING,
        settings={
            "usual_share": fraction(Weight.DOWN),
            "asking_share": fraction(Weight.WORDS),
            **budget(),
        },
        default=lambda feed: {} if feed.evidence.inquiries else None,
        outside=True,
    )
    name: str = "inquiries"
    usual_share: float = 0.05
    false_alarms_per_year: float = 1.0
    asking_share: float | None = None

    def judge(self, view: View) -> Judgement:
        """Return two results: confirmed misses among the resolved, and the number of inquiries a week."""
        known = [c for c in view.known.inquiries if c.day <= min(view.snapshot.delivery.period, view.at.date())]
        if not known:
            return Judgement((CheckResult(self.name, Status.SKIPPED, Evidence.INQUIRY, code="inquiries.none"),))
        return Judgement((self._judge_confirmed(known), self._number(known, view.snapshot.delivery.period)))

    def _judge_confirmed(self, known: Sequence[InquiryCount]) -> CheckResult:
        days, (wrong, resolved) = _by_day(known)
        detector = ShareDetector.above(self.usual_share)
        tally = shares.ShareTally.start(1, (days[0] - _DAY).toordinal())
        for i, (day, x, n) in enumerate(zip(days, wrong, resolved, strict=True)):
            # A step is a day with inquiries. How many there are a year, the days so far say: no later one may
            # move an earlier threshold.
            per_year = max(_WEEKS_A_YEAR, (i + 1) / max((day - days[0]).days, 365) * 365.25)
            threshold = shiryaev.threshold_of(per_year, self.false_alarms_per_year)
            tally = shares.step(tally, day.toordinal(), (np.array([x]), np.array([n])), detector, threshold)
        usual = Fraction(self.usual_share)
        quiet = CheckResult(
            self.name,
            Status.PASSED,
            Evidence.INQUIRY,
            code="inquiries.usual",
            params={
                "confirmed": Persons(float(wrong.sum())),
                "resolved": Persons(float(resolved.sum())),
                "usual": usual,
            },
            observed=round(float(wrong.sum() / max(resolved.sum(), 1.0)), 4),
            expected=Interval(0.0, self.usual_share),
            unit="share",
            whole=float(resolved.sum()),
        )
        if not tally.alarm[0] > 0.0:
            return quiet
        since = date.fromordinal(int(tally.zero[0])) + _DAY
        confirmed, seen = float(tally.wrong[0]), float(tally.seen[0])
        return replace(
            quiet,
            status=Status.FAILED,
            code="inquiries.misses",
            params={
                "since": since,
                "confirmed": Persons(confirmed),
                "resolved": Persons(seen),
                "usual": usual,
            },
            missing=self._missing(since, confirmed),
        )

    def _missing(self, since: date, confirmed: float) -> Missing | None:
        """Return the confirmed misses scaled up to those nobody asked about; exact Poisson interval."""
        if self.asking_share is None:
            return None
        from scipy.stats import chi2

        low, high = chi2.ppf(0.05, 2 * confirmed) / 2, chi2.ppf(0.95, 2 * confirmed + 2) / 2
        return Missing(since, *(float(round(v / self.asking_share)) for v in (confirmed, low, high)))

    def _number(self, known: Sequence[InquiryCount], today: date) -> CheckResult:
        weeks, count = _whole_weeks(known, today)
        quiet = CheckResult(
            f"{self.name}.number",
            Status.SKIPPED,
            Evidence.INQUIRY,
            code="inquiries.few_weeks",
            unit="inquiries",
        )
        if len(weeks) <= _LEAST_WEEKS + _TRUST_AFTER:
            return quiet
        loud, mean = _surge(count, shiryaev.threshold_of(_WEEKS_A_YEAR, self.false_alarms_per_year))
        return replace(
            quiet,
            status=Status.WARNED if loud else Status.PASSED,
            code="inquiries.surge" if loud else "inquiries.number",
            params={"asked": Persons(float(count[-1])), "week": weeks[-1], "usual": Persons(mean)},
            observed=float(count[-1]),
            expected=Interval(0.0, round(3.0 * mean + 3.0)),
        )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _by_day(known: Sequence[InquiryCount]) -> tuple[list[date], tuple[Array, Array]]:
    """Return confirmed and resolved inquiries of each day that has any inquiry, in order."""
    wrong: Counter[date] = Counter()
    resolved: Counter[date] = Counter()
    for c in known:
        resolved[c.day] += 0 if c.outcome == OPEN else c.count
        wrong[c.day] += c.count if c.outcome == CONFIRMED else 0
    days = sorted(resolved)
    return days, (np.array([float(wrong[d]) for d in days]), np.array([float(resolved[d]) for d in days]))


def _whole_weeks(known: Sequence[InquiryCount], today: date) -> tuple[list[date], Array]:
    """Return all inquiries of every whole week from the first to the last that is over, 0 where nobody asked."""
    number: Counter[date] = Counter()
    for c in known:
        number[_monday(c.day)] += c.count
    first = min(number)
    weeks = [first + i * _WEEK for i in range((_monday(today) - first).days // 7)]
    return weeks, np.array([float(number[w]) for w in weeks])


def _surge(count: Array, threshold: float) -> tuple[bool, float]:
    """Return whether more is asked than before, and the usual number a week; weeks are judged by their own past.

    Once told it stands until the evidence is gone, and not only until it falls below the threshold again.
    """
    grid = shiryaev.SURPLUS.grid
    log_r, mean, loud = shiryaev.nothing(1, len(grid)), 0.0, False
    for t in range(_LEAST_WEEKS + _TRUST_AFTER, len(count)):
        past = count[max(0, t - _TRUST_AFTER - _LEARN_WEEKS) : t - _TRUST_AFTER][:, None]
        mean = float((past.sum() + 0.5) / len(past))
        size = moment_size(past, np.full_like(past, mean), np.ones_like(past), 1)
        log_r = shiryaev.update(log_r, log_ratio(count[t], mean, size, grid)[None], shiryaev.LOSS.cap)
        loud = bool(shiryaev.evidence(log_r, shiryaev.SURPLUS)[0] >= (0.0 if loud else threshold))
    return loud, mean
