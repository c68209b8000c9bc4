"""The one door to Great Expectations, which takes seconds to import: only who judges a suite goes through it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from .dialects import SqlTable
from .engine import Outcomes, Statements


def evaluated(asked: SqlTable, entries: Mapping[str, str], statements: Statements) -> Outcomes:
    """Judge expectations on the rows of `asked`; see `Ground.evaluate`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library imports a module Python will drop
        from .gx_suite import evaluate_folded, evaluate_stock  # noqa: PLC0415 - importing it takes seconds

    return (evaluate_stock if statements == "stock" else evaluate_folded)(asked, entries)
