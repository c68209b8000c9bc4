"""The losses of a backtest: what each takes from every part that is judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.errors import ConfigError

from .data import BacktestData
from .options import BacktestOptions, PlantedDrop


def shares_of(data: BacktestData, drop: PlantedDrop, setting: BacktestOptions) -> Array:
    """Fraction lost of each part, (parts,); with one code of many lost, (parts, runs)."""
    whole = {s: _persons(data.past, s) for _, members in data.material.parts for s in members}
    if setting.code_of is None:
        if not data.past.snapshots:
            return np.array([drop.share, drop.share if drop.segment == WHOLE else 0.0])
        return _fractions(data, whole, [(drop.segment, drop.share)])
    dimensions = (*drop.segment.dimensions, setting.code_of)
    codes = [s for s in _known(data.past, dimensions) if drop.segment.contains(s) and _persons(data.past, s) > 0]
    if not codes:
        raise ConfigError(
            f"--code-of {setting.code_of}",
            f"no counts by {' × '.join(dimensions)} are stored",
            "name a column that stands in `segments` of the feed, after that of the drop",
        )
    rng = np.random.default_rng([setting.seed, 99])
    chosen = rng.integers(0, len(codes), setting.runs)
    table = [_fractions(data, whole, [(code, drop.share)]) for code in codes]
    return np.column_stack([table[i] for i in chosen])


def _fractions(data: BacktestData, whole: dict[Segment, float], lost: Sequence[tuple[Segment, float]]) -> Array:
    found = []
    for _, members in data.material.parts:
        total = sum(whole[m] for m in members)
        gone = 0.0
        for segment, share in lost:
            inside = sum(whole[m] for m in members if segment.contains(m))
            finer = any(m.contains(segment) for m in members) and inside == 0.0
            gone += share * (_persons(data.past, segment) if finer else inside)
        found.append(min(gone / total, 1.0) if total > 0.0 else 0.0)
    if not any(found):
        raise ConfigError(
            f"--drop {lost[0][0]}", "nobody of this segment is in the stored counts", "see `ketenwacht history`"
        )
    return np.array(found)


def _persons(past: Past, segment: Segment) -> float:
    for known in _known(past, segment.dimensions):
        if dict(known.pairs) == dict(segment.pairs):
            return float(np.nansum(past.series(ROWS, known)))
    return 0.0


def _known(past: Past, dimensions: Sequence[str]) -> list[Segment]:
    """Stored segments over these dimensions, in whatever order those stand."""
    if not dimensions:
        return [WHOLE]
    found = {
        key.segment
        for snapshot in past.snapshots
        for key in snapshot.measurements
        if key.name == ROWS and set(key.segment.dimensions) == set(dimensions)
    }
    return sorted(found)
