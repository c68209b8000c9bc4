"""A small difference that is tolerated delivery by delivery: does it keep coming back?

The account is one of persons with a sign. Who is unexplained today and comes tomorrow takes back, to the last nat,
what his absence said: the log-likelihood of a share is linear in the number of persons.
Source: as bernoulli.py; figures in docs/reconciliation.md, by `benchmarks/tolerances.py`.
"""

from __future__ import annotations

import numpy as np

from .bernoulli import ShareDetector
from .negbin import Array
from .shiryaev import LOSS


def kept_coming(unexplained: Array, selected: Array, share: float, height: float) -> Array:
    """Evidence, after each delivery, that more than a share of the selected stays unexplained.

    Args:
        unexplained: persons each delivery lacks, shape (deliveries,); negative: they came after all; NaN: unknown.
        selected: out of how many, same shape.
        share: at most so many stay unexplained over time (fraction, 0–1, exclusive of both).
        height: evidence that is an alarm, nats. What lies far above it is not kept, since it would take as long to
            go away once the cause is mended.

    Returns:
        Log Σ w R, nats, same shape. No single delivery is an alarm, whatever it lacks.
    """
    detector = ShareDetector.above(share, cap=LOSS.cap)
    log_r, path = detector.start(), np.empty(unexplained.shape)
    for i, (persons, seen) in enumerate(zip(unexplained, selected, strict=True)):
        if not np.isnan(persons):
            log_r = np.minimum(detector.update(log_r, [min(persons, seen)], [seen]), height + LOSS.cap)
        path[i] = detector.evidence(log_r)[0]
    return path
