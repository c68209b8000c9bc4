"""How the tests are spread over the cores of a machine, and that a slow machine is no fault."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


def pytest_configure(config: pytest.Config) -> None:
    """Give each process of pytest-xdist one core of its own, which what it starts shares.

    A replay then measures in that process, where Great Expectations was imported once, and not in others that each
    import it anew; `tests/workflows/test_ahead.py` is about those.
    """
    worker = getattr(config, "workerinput", None)
    if worker is not None and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        with suppress(OSError):  # where that is not allowed they share what there is
            os.sched_setaffinity(0, {cores[int(worker["workerid"].removeprefix("gw")) % len(cores)]})
