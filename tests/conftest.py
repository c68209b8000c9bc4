"""How the tests are spread over the cores of a machine, and the golden files that they compare with."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, settings

settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(  # of tools/mutants.py, which asks whether a test fails and not for the smallest example
    "mutants",
    settings.get_profile("shared"),
    max_examples=30,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("shared")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `pytest FILE --update-golden` write the golden files of the tests that run."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file in the folder `golden` beside the test; write it under --update-golden."""

    def compare(name: str, text: str) -> None:
        path = request.path.parent / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"meant? pytest {request.path.name} --update-golden"

    return compare


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
