"""What the extent of a finding of own history is estimated from; `missing.py` estimates it.

How far a sum as long as the finding strays is read from the feed's own forecast errors of such windows, so that
level, season and shape are all in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .following import FollowedPanel, FollowerMemory, Model, empty
from .negbin import Array
from .spread import HORIZONS


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the extent of a finding is estimated from: the last deliveries of one segment, none of them masked.

    Attributes:
        rows: index of each delivery in the panel.
        y: counts.
        mu: expected at the level before the finding.
        size: k.
        error: relative standard error of that level.
        strays: sd of the log of a sum as long as the finding, from the feed's own forecasts, beyond chance.
        freedom: independent errors behind it.
        temper: by how much the feed's errors are larger than chance, squared.
    """

    rows: NDArray[np.intp]
    y: Array
    mu: Array
    size: float
    error: float
    strays: float
    freedom: float
    temper: float


_BEFORE, _LOOK = 40, 130


def stretch_of(
    panel: FollowedPanel, memory: FollowerMemory, s: int, since: float, *, many: bool = False
) -> Stretch | None:
    """What the extent of a finding of segment `s` with onset `since` (ordinal) is estimated from."""
    model = memory.model
    if model is None:
        return None
    ordinal = panel.ordinals
    onset = int(np.searchsorted(ordinal, since))
    first = max(0, min(onset - _BEFORE, len(ordinal) - _LOOK))
    part = panel.rows(first, len(ordinal))
    gap = empty(part.y, part.groups)[:, s]
    usable = ~(gap | part.masked[:, s])
    usable[1:] &= ~gap[:-1]
    usable[-1] = not np.isnan(part.y[-1, s])
    chosen = int(memory.errors.chosen[s])
    levels = model.under if many else model.normal
    mean = model.season.mean(part.days, part.calendar, part.offset)[:, s]
    factor = np.array([levels.at(day)[chosen, s] for day in part.ordinals])
    strays, freedom, temper = _strays(memory, model, s, float(ordinal[-1] - since))
    return Stretch(
        np.flatnonzero(usable) + first,
        np.nan_to_num(part.y[usable, s]),
        (mean * factor)[usable],
        float(model.season.size[s]),
        float(levels.error[chosen, s]),
        strays,
        freedom,
        temper,
    )


def _strays(memory: FollowerMemory, model: Model, s: int, lasted: float) -> tuple[float, float, float]:
    """Spread of the log of a sum over the finding, its freedom, and how much larger than chance it is, squared."""
    h = int(np.searchsorted(np.array(HORIZONS[:-1]), lasted))
    ok = memory.errors.valid(memory.track.changes, np.maximum(memory.track.guard(), 0.0))[h, :, s]
    e = memory.errors.error[h, ok, s]
    number = min(len(e) * min(max(28.0, model.rhythm) / HORIZONS[h], 1.0), 30.0)
    grown = float(np.sqrt(max(lasted, HORIZONS[h]) / HORIZONS[h])) if h == len(HORIZONS) - 1 else 1.0
    prior = float(model.spread.by_horizon[h, s])
    noise = float(np.mean(memory.errors.noise[h, ok, s])) if ok.any() else 0.0
    if len(e) >= 5:  # noqa: PLR2004
        away = np.abs(e - np.median(e))
        held = np.minimum(away, 3.0 * 1.48 * np.median(away) + 1e-9)
        wide = max(
            1.48 * float(np.median(away)),
            float(np.quantile(away, 0.9)) / 1.645,
            float(np.quantile(away, 0.95)) / 1.96,
            float(np.sqrt((held**2).mean())),
            0.01,
        )
        wide *= float(np.sqrt(1.0 + 1.0 / max(number, 1.0)))
        strays = float(np.sqrt(max(wide**2 - noise, 0.01**2)))
        strays = max(strays, 0.5 * prior)
    else:
        wide, strays = float(np.hypot(prior, np.sqrt(noise))), max(prior, 0.06)
    temper = float(np.clip(wide**2 / max(noise, 1e-9), 1.0, 25.0)) if noise > 0.0 else 1.0
    return strays * grown, float(np.clip(number, 3.0, 30.0)), temper
