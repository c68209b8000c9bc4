"""A fixture of pytest that judges the staging deliveries of a feed: the gate of `ketenwacht ci` as a test.

    def test_the_release_delivers_everybody(ketenwacht_feed):
        ketenwacht_feed("my-feed").assert_passed()

Nothing is kept and nobody is told. Two settings of pytest say where: `ketenwacht_config` (`config.yaml` in the
root folder) and `ketenwacht_environment` (`staging`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ketenwacht.api.results import FailOn, ReleaseCheckResult

_MOST = 10
"""The most problems to list; the rest is given as a number."""


@dataclass(frozen=True, slots=True)
class FeedUnderTest:
    """A feed whose staging deliveries a test judges.

    Attributes:
        name: of the feed.
        config: config.yaml.
        environment: the environment that is judged.
    """

    name: str
    config: Path
    environment: str

    def judge(
        self, *, measurements: str | Path | None = None, every: bool = False, fail_on: FailOn = "failed"
    ) -> ReleaseCheckResult:
        """Judge the newest delivery, as `ketenwacht ci` does.

        Args:
            measurements: file with production's measurements; None: those of the history.
            every: judge all deliveries that are there.
            fail_on: the mildest verdict that stops the release.
        """
        from ketenwacht.api import Project  # noqa: PLC0415 - every run of pytest loads this module

        project = Project(self.config)
        return project.ci(
            self.name, environment=self.environment, measurements=measurements, every=every, fail_on=fail_on
        )

    def assert_passed(
        self, *, measurements: str | Path | None = None, every: bool = False, fail_on: FailOn = "failed"
    ) -> None:
        """Fail the test with what is wrong when the release may not ship, or when nothing was judged.

        Args:
            measurements: file with production's measurements; None: those of the history.
            every: judge all deliveries that are there.
            fail_on: the mildest verdict that stops the release.
        """
        done = self.judge(measurements=measurements, every=every, fail_on=fail_on)
        if not done.ok:
            pytest.fail(_describe(done), pytrace=False)


@pytest.fixture
def ketenwacht_feed(request: pytest.FixtureRequest) -> Callable[[str], FeedUnderTest]:
    """Return what makes a feed of the project's configuration testable, by its name."""
    config = request.config.rootpath / str(request.config.getini("ketenwacht_config"))
    environment = str(request.config.getini("ketenwacht_environment"))
    return lambda name: FeedUnderTest(name, config, environment)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings of this plug-in."""
    parser.addini("ketenwacht_config", "configuration of Ketenwacht, from the root folder", default="config.yaml")
    parser.addini("ketenwacht_environment", "environment of the feed that is judged", default="staging")


def _describe(done: ReleaseCheckResult) -> str:
    if not done.runs:
        return f"{done.feed}: there is no delivery in {done.environment}"
    bad = [
        f"{run.view.period_text}  {result.check}, {result.segment_text}: {result.message}"
        for run in done.runs
        for result in run.view.results
        if result.status in done.failing or result.status.word == "error"
    ]
    more = [f"and {len(bad) - _MOST} more"] if len(bad) > _MOST else []
    return "\n".join([f"{done.feed}: {done.runs.status.word} in {done.environment}", *bad[:_MOST], *more])
