"""When did a share begin to be too large? The last zero of a CUSUM, for each size of change that is looked for.

A CUSUM that looks for a small change wanders for weeks before a large one; one that looks for a large change never
sees a small one. The likeliest change says which of them to believe.
Sources: Page 1954; Lorden 1971 (maximum over alternatives).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from . import shiryaev
from .bernoulli import ShareDetector
from .negbin import Array

# Larger than what an alarm takes of one day: a large change in few days must be likelier than a small one in many.
_CAP = shiryaev.WEEKLY_CAP
_RECOVERING = 1.5  # nats a step at most, that the days on which a change ends take from it


@dataclass(frozen=True, slots=True)
class Onsets:
    """What is remembered of each stream and alternative, all of shape (streams, alternatives).

    Attributes:
        cusum: running CUSUM, nats.
        zero: ordinal of the last day on which it was 0.
        wrong: gone wrong since then.
        seen: seen since then.
    """

    cusum: Array
    zero: Array
    wrong: Array
    seen: Array

    @classmethod
    def start(cls, streams: int, day: int) -> Onsets:
        """Nothing seen yet."""
        none = np.zeros((streams, ShareDetector.above(0.5).alternatives.shape[1]))
        return cls(none, np.full(none.shape, float(day)), none, none)

    def to_dict(self) -> dict[str, object]:
        """As JSON values, exact."""
        return {f.name: getattr(self, f.name).tolist() for f in fields(self)}

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> Onsets:
        """Read back what `to_dict` wrote."""
        return cls(*(np.array(body[f.name], dtype=np.float64) for f in fields(cls)))

    def after(
        self, day: int, counts: tuple[Array, Array], detector: ShareDetector, quiet: NDArray[np.bool_]
    ) -> Onsets:
        """One step; while a stream is not quiet but alarmed, only which change is the likeliest may still move."""
        wrong, seen = (a[:, None] for a in counts)
        steps, active = np.minimum(detector.steps(*counts), _CAP), seen > 0.0
        loud = np.maximum(self.cusum + np.maximum(steps, -_RECOVERING), 0.0)
        cusum = np.where(active, np.where(quiet[:, None], shiryaev.cusum(self.cusum, steps), loud), self.cusum)
        reset = active & quiet[:, None] & (cusum <= 0.0)
        return Onsets(
            cusum,
            np.where(reset, float(day), self.zero),
            np.where(reset, 0.0, self.wrong + wrong),
            np.where(reset, 0.0, self.seen + seen),
        )

    def anew(self, which: NDArray[np.bool_], day: int) -> Onsets:
        """With some streams normal up to this day."""
        fresh = Onsets.start(len(which), day)
        return Onsets(
            *(np.where(which[:, None], getattr(fresh, f.name), getattr(self, f.name)) for f in fields(self))
        )

    def likeliest(self) -> tuple[Array, Array, Array]:
        """The last normal day of each stream (ordinal), what went wrong since, and of how many; all (streams,)."""
        place = np.arange(len(self.cusum)), self.cusum.argmax(axis=1)
        return self.zero[place], self.wrong[place], self.seen[place]
