"""How the tests are spread over the cores of a machine."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Give each process of pytest-xdist one core of its own, which what it starts shares.

    A replay then measures in that process, where Great Expectations was imported once, and not in others that each
    import it anew; `tests/app/test_ahead.py` is about those.
    """
    worker = getattr(config, "workerinput", None)
    if worker is not None and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        with suppress(OSError):  # where that is not allowed they share what there is
            os.sched_setaffinity(0, {cores[int(worker["workerid"].removeprefix("gw")) % len(cores)]})
