"""One delivery's rows become measurements; persons do not leave this package."""

from .canaries import KeyRange
from .copied import Copying
from .declared import hours_late
from .engine import Engine, Ground
from .in_place import InPlace
from .measure import Plan, measure
from .plugged import PluggedEngine
from .suite import outline
from .suite_lint import lint
from .workspace import open_workspace

__all__ = [
    "Copying",
    "Engine",
    "Ground",
    "InPlace",
    "KeyRange",
    "Plan",
    "PluggedEngine",
    "hours_late",
    "lint",
    "measure",
    "open_workspace",
    "outline",
]
