"""The files that build servers read, whole: each verdict once, in both languages, normal and strict."""

from __future__ import annotations

from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import view_run
from ketenwacht.render.ci_formats import github_commands, gitlab_quality, junit_xml, run_markdown, sarif_log

DAY = date(2023, 1, 2)
STRICT = frozenset({Status.UNPROVEN, Status.WARNED, Status.FAILED})
ASYLUM = Segment((("kind", "a|b"),))
RESULTS = tuple(
    CheckResult(
        f"check-{status.word}",
        status,
        Evidence.HISTORY,
        f"it is {status.word}",
        segment,
        missing=Missing(DAY, 40, 30, 50) if status is Status.FAILED else None,
    )
    for status in Status
    for segment in (WHOLE, ASYLUM)
)
RUNS = (
    JudgedRun("r1", Delivery("f", "7", DAY), datetime(2023, 1, 3, 9, 30, 15, tzinfo=UTC), RESULTS),
    JudgedRun("r2", Delivery("f", "8", date(2023, 1, 3)), datetime(2023, 1, 4, 9, tzinfo=UTC), ()),
)


def views(language, runs=RUNS):
    formatter = MessageFormatter(language)
    return [view_run(run, formatter) for run in runs], formatter


WRITERS = {
    "junit.xml": junit_xml,
    "junit-strict.xml": lambda shown, formatter: junit_xml(shown, formatter, failing=STRICT),
    "github.txt": lambda shown, formatter: (
        "\n".join(github_commands(shown, formatter, file="checks/f.yaml")) + "\n"
    ),
    "gitlab.json": lambda shown, formatter: gitlab_quality(shown, formatter, file="checks/f.yaml"),
    "log.sarif": lambda shown, formatter: sarif_log(shown, formatter, file="checks/f.yaml", version="1"),
    "summary.md": run_markdown,
}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_as_it_was(golden, name, language):
    stem, _, end = name.partition(".")
    said = WRITERS[name](*views(language))
    without = WRITERS[name](*views(language, ()))
    golden(f"ci-{stem}.{language}.{end}", f"{said}\n== without a delivery ==\n{without}")


def test_only_a_warning_is_told_beside_the_outcome_of_a_case():
    shown, formatter = views("en")
    suite = ET.fromstring(junit_xml(shown, formatter))[0]  # noqa: S314 - our own
    told = {
        (case.get("classname"), case.get("name")): [
            (child.tag, child.text or child.get("message")) for child in case
        ]
        for case in suite.iter("testcase")
    }
    assert {name.partition("-")[2]: [tag for tag, _ in parts] for (name, _), parts in told.items()} == {
        "passed": [],
        "skipped": ["skipped"],
        "unproven": ["skipped"],
        "warned": ["system-out"],
        "failed": ["failure"],
        "error": ["error"],
    }
