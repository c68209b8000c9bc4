"""One delivery's rows become measurements; persons do not leave this package."""

from .canaries import KeyRange
from .declared import hours_late
from .measure import Plan, measure
from .suite import outline
from .suite_lint import lint
from .workspace import open_workspace

__all__ = ["KeyRange", "Plan", "hours_late", "lint", "measure", "open_workspace", "outline"]
