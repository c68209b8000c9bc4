"""What own history remembers as JSON values, exact; and for other segments, or a level that was declared anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from .array_json import arrays_from_dict, arrays_to_dict, from_lists, to_lists
from .detector import DetectorState, OwnDetectionLimit
from .own_history import ForecastOrigin, Model, OwnHistoryState, start
from .season import Levels, Season, SeasonTerms
from .spread import Errors, Spread

_Body = Mapping[str, object]
_Held = TypeVar("_Held", DetectorState, Errors)


def to_dict(memory: OwnHistoryState) -> dict[str, object]:
    """Return the memory as JSON values; `from_dict` gives the same memory back."""
    model = memory.model
    return {
        "first": memory.first,
        "track": arrays_to_dict(memory.track) | {"taints": [list(t) for t in memory.track.taints]},
        "errors": arrays_to_dict(memory.errors),
        "origins": [_origin_to_dict(o) for o in memory.origins],
        "model": None if model is None else _model_to_dict(model),
    }


def from_dict(body: _Body) -> OwnHistoryState:
    """Read back what `to_dict` wrote; raises KeyError or ValueError when it is something else."""
    track, model = cast("dict[str, object]", body["track"]), body["model"]
    taints = cast("list[tuple[int, float, float]]", track["taints"])
    held = arrays_from_dict(DetectorState, {**track, "taints": None})
    return OwnHistoryState(
        replace(held, taints=tuple((int(s), float(a), float(b)) for s, a, b in taints)),
        arrays_from_dict(Errors, cast("_Body", body["errors"])),
        tuple(_origin_from_dict(o) for o in cast("list[_Body]", body["origins"])),
        None if model is None else _model_from_dict(cast("_Body", model)),
        int(cast("int", body["first"])),
    )


def _season_to_dict(season: Season) -> dict[str, object]:
    t = season.terms
    # Most feeds have no week that recurs: an empty list says so.
    weeks = to_lists(season.weeks) if season.weeks.any() else []
    return {
        "terms": [t.daily, t.harmonics, t.periods],
        "coefficients": to_lists(season.coefficients),
        "weeks": weeks,
        "size": to_lists(season.size),
    }


def _season_from_dict(body: _Body) -> Season:
    daily, harmonics, periods = cast("list[int]", body["terms"])
    coefficients, size = from_lists(body["coefficients"]), from_lists(body["size"])
    weeks = from_lists(body["weeks"]) if body["weeks"] else np.zeros((len(size), 53))
    return Season(SeasonTerms(bool(daily), harmonics, periods), coefficients, weeks, size)


def _origin_to_dict(one: ForecastOrigin) -> dict[str, object]:
    return {
        "day": one.day,
        "season": _season_to_dict(one.season),
        "levels": arrays_to_dict(one.levels),
        "sums": to_lists(one.sums),
        "held": one.held,
    }


def _origin_from_dict(body: _Body) -> ForecastOrigin:
    return ForecastOrigin(
        float(cast("float", body["day"])),
        _season_from_dict(cast("_Body", body["season"])),
        arrays_from_dict(Levels, cast("_Body", body["levels"])),
        from_lists(body["sums"]),
        int(cast("int", body["held"])),
    )


def _model_to_dict(model: Model) -> dict[str, object]:
    parts = {
        "levels": model.levels,
        "normal": model.normal,
        "under": model.under,
        "spread": model.spread,
        "sight": model.limit,  # the name that histories hold
    }
    return {
        "season": _season_to_dict(model.season),
        **{name: arrays_to_dict(part) for name, part in parts.items()},
        "reason": model.reason.tolist(),
        "rhythm": model.rhythm,
    }


def _model_from_dict(body: _Body) -> Model:
    limit = arrays_from_dict(OwnDetectionLimit, cast("_Body", body["sight"]))
    return Model(
        _season_from_dict(cast("_Body", body["season"])),
        arrays_from_dict(Levels, cast("_Body", body["levels"])),
        arrays_from_dict(Levels, cast("_Body", body["normal"])),
        arrays_from_dict(Levels, cast("_Body", body["under"])),
        arrays_from_dict(Spread, cast("_Body", body["spread"])),
        replace(limit, judged=limit.judged.astype(bool), learning=limit.learning.astype(bool)),
        np.array(body["reason"], dtype=np.intp),
        float(cast("float", body["rhythm"])),
    )


def rearrange(memory: OwnHistoryState, places: NDArray[np.intp], day: int) -> OwnHistoryState:
    """Return the memory for other segments: `places` says where each was; −1 starts one anew.

    Forecasts under way and the model are of the old ones, so they are made anew.
    """
    count = len(memory.track.short)
    fresh = start(len(places), day)
    old, new = places[places >= 0], np.flatnonzero(places >= 0)
    track = _move_segments(memory.track, fresh.track, (old, new), count)
    errors = _move_segments(memory.errors, fresh.errors, (old, new), count)
    errors = replace(errors, made=memory.errors.made, ended=memory.errors.ended)
    at = dict(zip(old.tolist(), new.tolist(), strict=True))
    taints = tuple((at[s], first, last) for s, first, last in memory.track.taints if s in at)
    return OwnHistoryState(replace(track, taints=taints), errors, (), None, memory.first)


def _move_segments(
    held: _Held, fresh: _Held, moved: tuple[NDArray[np.intp], NDArray[np.intp]], count: int
) -> _Held:
    old, new = moved
    changed: dict[str, object] = {}
    one, two = (start(n, 0) for n in (1, 2))
    which = "track" if isinstance(held, DetectorState) else "errors"
    for f in fields(held):
        source, target = getattr(held, f.name), getattr(fresh, f.name)
        if not isinstance(source, np.ndarray):
            continue
        shapes = (getattr(getattr(m, which), f.name).shape for m in (one, two))
        axis = next((i for i, (a, b) in enumerate(zip(*shapes, strict=True)) if a != b), None)
        if axis is None or source.shape[axis] != count:
            continue
        put = np.moveaxis(target.copy(), axis, 0)
        put[new] = np.moveaxis(source, axis, 0)[old]
        changed[f.name] = np.moveaxis(put, 0, axis)
    return replace(fresh, **changed)  # type: ignore[arg-type]


def restart_level(memory: OwnHistoryState, which: NDArray[np.bool_], day: int) -> OwnHistoryState:
    """Restart the level of some segments on `day`, since that was declared."""
    fresh = start(len(which), day).track
    places = np.where(which, -1, np.arange(len(which)))
    kept = np.flatnonzero(~which)
    track = _move_segments(memory.track, fresh, (places[kept], kept), len(which))
    changes, begun = track.changes.copy(), track.begun.copy()
    changes[which] = np.where(memory.track.changes[which] < day, memory.track.changes[which], fresh.changes[which])
    changes[which, :-1] = changes[which, 1:]
    changes[which, -1], begun[which] = float(day), float(day)
    taints = tuple(t for t in memory.track.taints if not which[t[0]])
    return replace(memory, track=replace(track, changes=changes, begun=begun, taints=taints))
