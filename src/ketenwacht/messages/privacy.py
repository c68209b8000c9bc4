"""The one privacy rule for counts of persons: small counts are hidden, and cannot be computed from others.

Whoever shows a number of persons asks here, whatever the surface:

* A count above 0 and below the limit (`alerts.small_count`) is hidden: `<10`, and null in JSON.
* Every other count is rounded to a multiple of the step, which is the limit and at least ten. So nothing below
  the limit follows from subtracting shown counts: not a part from its whole, not yesterday from today, not one
  surface from another (Hundepool and others, Statistical Disclosure Control, 2012, chapter 5: rounding).
* A delivery in which no count at all is small may be shown exactly, what is computed over several never is.
* A sum over deliveries (`total`) is computed from their counts as they are shown, so it says no more than they do.
* A share is computed from the two counts as they are shown, so it says no more than they do.
* With a limit of 1 nothing is personal, and everything is exact.

What rounding cannot prevent: enough parts of a whole, all at the same end of what they are shown as, follow from
that whole. Of hidden parts alone it takes limit − 1: where they make a hidden whole, each is one person. Beside
shown parts it takes five or more.

What is exempt is listed in docs/operations.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

TEN = 10
"""Missing persons are rounded to tens, as in the news item of the ministry."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A number as it may leave the tool.

    Attributes:
        value: to be shown; None: it is hidden.
        limit: what a hidden number is below: persons, or of a share a fraction; 0 where nothing is said of it.
        above: a hidden share is above its limit instead.
    """

    value: float | None
    limit: float = 0.0
    above: bool = False

    @property
    def hidden(self) -> bool:
        """Whether the number itself must not be shown."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class Privacy:
    """The rule, with the limit that is configured.

    Attributes:
        limit: counts of persons below it are hidden; 1: nothing is.
        exact: whether counts `of_delivery` are shown as they are: only where that delivery holds no small count.
    """

    limit: int = TEN
    exact: bool = False

    @property
    def step(self) -> int:
        """Counts are rounded to multiples of it."""
        return max(TEN, self.limit) if self.limit > 1 else 1

    def for_delivery(self, smallest: float | None) -> Privacy:
        """Return the rule for one delivery, from the smallest count above 0 that can be had of it.

        None when there is none.
        """
        return Privacy(self.limit, exact=smallest is None or round(smallest) >= self.limit)

    def count(self, persons: float, *, of_delivery: bool = False) -> Shown:
        """Return a count of persons; its sign is kept."""
        if not math.isfinite(persons):
            return Shown(None)
        whole = math.floor(abs(persons) + 0.5)
        if 0 < whole < self.limit:
            return Shown(None, float(self.limit))
        if of_delivery and self.exact:
            return Shown(math.copysign(float(whole), persons) if whole else 0.0)
        if 0 < whole < self.step / 2:  # under a limit below five it would round to 0, and nobody is missing then
            return Shown(None, self.step / 2)
        rounded = float(math.floor(whole / self.step + 0.5) * self.step)
        least = math.ceil(rounded - self.step / 2)  # that is shown like this
        if self.limit > 1 and rounded > self.step and whole == least and whole % (self.limit - 1) == 0:
            rounded -= self.step  # shown as more, hidden parts of limit − 1 persons each would follow from it
        return Shown(math.copysign(rounded, persons) if rounded else 0.0)

    def share(self, part: float, whole: float, *, of_delivery: bool = False) -> Shown:
        """Return a part of some persons as a fraction, from the counts as they may be shown."""
        of = self.count(whole, of_delivery=of_delivery)
        some, rest = (self.count(n, of_delivery=of_delivery) for n in (part, whole - part))
        if of.value is None or of.value == 0.0:
            return Shown(None)
        if some.hidden:
            return Shown(None, min(1.0, some.limit / of.value))
        if rest.hidden:
            return Shown(None, max(0.0, 1.0 - rest.limit / of.value), above=True)
        assert some.value is not None  # noqa: S101 - hidden was asked
        return Shown(some.value / of.value)

    def total(self, counts: Sequence[float]) -> Shown:
        """Return the sum of one count in several deliveries, from the count of each of them as it may be shown.

        Each enters as the middle of all counts that are shown alike, so the error of a sum stays small; as it is
        where all these deliveries are shown exactly.
        """
        if self.exact or self.limit <= 1:
            return self.count(sum(counts))
        return self.count(sum(self._middle(self.count(n)) for n in counts))

    def _middle(self, shown: Shown) -> float:
        """Return the middle of the counts that are shown like this one."""
        if shown.value is None:
            return shown.limit / 2
        if not shown.value:
            return 0.0
        half = self.step / 2
        low = max(abs(shown.value) - half, float(self.limit))
        return math.copysign((low + abs(shown.value) + half - 1.0) / 2, shown.value)

    def outward(self, low: float, high: float) -> tuple[float, float]:
        """Return an interval of persons, rounded outward to the step."""
        down, up = sorted((low, high))
        return math.floor(down / self.step) * float(self.step), math.ceil(up / self.step) * float(self.step)

    def drawn(self, persons: float | None, *, of_delivery: bool = False) -> float | None:
        """Return the height at which a count is drawn: a hidden one halfway, since a drawing can be measured."""
        if persons is None or not math.isfinite(persons):
            return None
        shown = self.count(persons, of_delivery=of_delivery)
        return shown.limit / 2 if shown.value is None else shown.value
