"""Find a lasting or sudden jump in a series of counts, given its past.

A count is expected to be its usual share of what it is a part of, with the spread that its past showed. The
evidence is a Shiryaev–Roberts mixture over rises around the multiple looked for; a single delivery may be an
alarm, if it is strange enough. What raised an alarm is not learnt from.
Source: as shiryaev.py and negbin.py; figures in docs/reconciliation.md, by `benchmarks/tolerances.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from . import shiryaev
from .negbin import Array, log_ratio, moment_size

WINDOW = 60
"""Earlier counts that the usual share is learnt from."""
_GUARD = 5  # the newest counts are not learnt from yet: a rise may have begun in them
_CAP = 12.0  # nats a delivery
_WEIGHTS = np.log([0.25, 0.5, 0.25])


def multiples(times: float) -> Array:
    """Return the rises looked for around a multiple above 1: shape (3,)."""
    return 1.0 + (times - 1.0) * np.array([0.5, 1.0, 2.0])


@dataclass(slots=True)
class Rise:
    """One stream of counts, as it is followed.

    Attributes:
        counts: those that may be learnt from, oldest first.
        sizes: what each was a part of.
        log_r: evidence by alternative, nats.
        level: CUSUM of the middle alternative; its last zero is where a rise began.
        length: how many counts there were since then.
        since: those counts, added up.
        meant: what was expected since then.
    """

    counts: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    log_r: list[float] = field(default_factory=lambda: [shiryaev.NOTHING] * 3)
    level: float = 0.0
    length: int = 0
    since: float = 0.0
    meant: float = 0.0

    def update(self, count: float, size: float, *, times: float, height: float, learn: int) -> bool:
        """Take one more count; whether a rise is in evidence.

        Args:
            count: at least 0.
            size: what it is a part of, above 0.
            times: the multiple looked for, above 1.
            height: evidence that is an alarm, nats.
            learn: counts to have seen before any is judged.
        """
        alarm = False
        if len(self.counts) >= max(learn, 2):
            mean, spread = self._usual(size)
            steps = log_ratio(count, mean, spread, multiples(times))
            # Evidence far above the alarm would take as long to go away once all is as usual.
            ceiling = height + shiryaev.LOSS.cap
            log_r = np.minimum(shiryaev.update(np.array(self.log_r), steps, _CAP), ceiling)
            self.log_r = log_r.tolist()
            self.level = min(max(self.level + float(steps[1]), 0.0), ceiling)
            self.length, self.since, self.meant = (
                (self.length + 1, self.since + count, self.meant + mean) if self.level > 0.0 else (0, 0.0, 0.0)
            )
            alarm = bool(shiryaev.log_mean(log_r, _WEIGHTS) >= height)
        if not alarm:
            self.counts = [*self.counts, count][-(WINDOW + _GUARD) :]
            self.sizes = [*self.sizes, size][-(WINDOW + _GUARD) :]
        return alarm

    def _usual(self, size: float) -> tuple[float, float]:
        """Return the mean of a count of this size, one standard error high, and the negative-binomial size."""
        guard = _GUARD if len(self.counts) > 2 * _GUARD else 0
        last = len(self.counts) - guard
        seen, of = np.array(self.counts[:last]), np.array(self.sizes[:last])
        rate = (float(seen.sum()) + 0.5) / float(of.sum())
        means = rate * of
        spread = float(moment_size(seen[:, None], means[:, None], np.ones((last, 1)), 1)[0])
        error = np.sqrt(1.0 / float(means.sum()) + 1.0 / (spread * last))
        return rate * size * float(np.exp(error)), spread

    def to_dict(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> Rise:
        """Read what `to_dict` gave."""
        return cls(
            cast("list[float]", body["counts"]),
            cast("list[float]", body["sizes"]),
            cast("list[float]", body["log_r"]),
            cast("float", body["level"]),
            cast("int", body["length"]),
            cast("float", body["since"]),
            cast("float", body["meant"]),
        )
