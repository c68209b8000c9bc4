"""A report of 2022, and golden files to compare with."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from reported import days, formatter, incident, incidents, replay, report, run  # noqa: F401 - fixtures are found by name

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser):
    with contextlib.suppress(ValueError):  # another room may have added it
        parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request):
    """Compare a text with its golden file, or write the file under --update-golden."""

    def compare(name, text):
        path = GOLDEN / name
        if request.config.getoption("--update-golden", default=False):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
