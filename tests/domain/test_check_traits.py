"""What kinds of check know of themselves, so that nobody else need know them by name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, get_type_hints

import pytest

import ketenwacht
from ketenwacht.domain.check_traits import Holds, Release, Weight, list_held, listed_categories, traits_of
from ketenwacht.domain.checks import KINDS, kind_by
from ketenwacht.domain.feed import Feed, FileSource
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import Segment

SOURCES = Path(ketenwacht.__file__).parent
WORDS = [kind.kind for kind in KINDS]
FIGURES = {int, float, int | None, float | None, Mapping[str, float]}
ANY_FIGURE = {"threshold"}
"""Settings that may be any figure: evidence in nats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OldKind:
    """A kind of an older plug-in: it says nothing of itself."""

    kind: ClassVar[str] = "old"
    name: str = "old"
    false_alarms_per_year: float = 1.0


@pytest.mark.parametrize("kind", KINDS, ids=WORDS)
def test_a_kind_describes_no_setting_that_it_has_not_and_every_figure_that_it_has(kind):
    types = {name: hint for name, hint in get_type_hints(kind).items() if name in {f.name for f in fields(kind)}}
    described = traits_of(kind).settings
    assert set(described) <= set(types)
    figures = {name for name, hint in types.items() if hint in FIGURES} - ANY_FIGURE
    bounded = {name for name, setting in described.items() if setting.least > -math.inf}
    assert figures <= bounded


@pytest.mark.parametrize("kind", KINDS, ids=WORDS)
def test_the_defaults_of_a_kind_are_in_its_own_ranges(kind):
    check = kind()
    for name, setting in traits_of(kind).settings.items():
        value = getattr(check, name)
        if isinstance(value, int | float):
            assert setting.least <= value <= setting.most, name


@pytest.mark.parametrize(
    ("release", "words"),
    [
        (Release.LEVEL, {"volume", "ratio", "vanished", "drift"}),
        (
            Release.NOTHING,
            {"schedule", "reconciliation", "reference", "undercoverage", "inquiries", "acknowledgement"},
        ),
    ],
)
def test_what_a_release_is_asked_is_the_checks_own_word(release, words):
    assert {kind.kind for kind in KINDS if traits_of(kind).release is release} == words


@pytest.mark.parametrize(
    ("sentence", "changes", "words"),
    [
        ("whatever the feed", {}, ["schedule", "schema", "volume", "evidence"]),
        ("with a suite", {"suites": ("s.json",)}, ["schedule", "schema", "contract", "volume", "evidence"]),
        (
            "with a manifest",
            {"source": FileSource(path=".", pattern="{sequence:06d}.csv", manifest="{stem}.json")},
            ["schedule", "ledger", "schema", "control_total", "volume", "evidence"],
        ),
    ],
)
def test_a_feed_without_checks_gets_those_that_it_has_what_it_takes_for(sentence, changes, words):
    feed = Feed(**{"name": "f", "source": FileSource(path=".", pattern="{sequence:06d}.csv"), **changes})
    wanted = [kind.kind for kind in KINDS if traits_of(kind).default(feed) is not None]
    assert wanted == words, sentence


def test_two_kinds_are_asked_always_one_before_all_others_and_one_after():
    assert {kind.kind: traits_of(kind).always for kind in KINDS if traits_of(kind).always is not None} == {
        "schedule": "first",
        "evidence": "last",
    }


def test_a_kind_of_an_older_plug_in_has_the_defaults():
    traits = traits_of(OldKind())
    assert (traits.release, traits.evidence, traits.calibrated) == (Release.STREAM, Evidence.CONTRACT, False)
    assert traits.settings["false_alarms_per_year"].weight is Weight.UP
    assert list(list_held(OldKind(), Holds.COLUMNS)) == []


def test_categories_and_columns_are_found_whoever_lists_them():
    by_word = {kind.kind: kind for kind in KINDS}
    coverage = by_word["coverage"](expected=({"g": ("a", "b")},), within=timedelta(1))
    assert listed_categories([coverage, OldKind()]) == (Segment.of({"g": "a"}), Segment.of({"g": "b"}))
    assert list(list_held(by_word["completeness"](fields={"x": 0.5}), Holds.COLUMNS)) == [("fields", {"x": 0.5})]


@pytest.mark.parametrize(
    ("evidence", "word"),
    [
        (Evidence.RECONCILIATION, "reconciliation"),
        (Evidence.REFERENCE, "reference"),
        (Evidence.SCHEDULE, "schedule"),
    ],
)
def test_a_kind_is_found_by_the_evidence_it_judges_by(evidence, word):
    assert kind_by(evidence).kind == word


def test_nobody_outside_asks_for_the_class_of_a_check_or_for_its_word():
    asked = re.compile(
        r"isinstance\([^)]*Check\b|\.kind\s*(==|!=|in|not in)\s*[\"(A-Z_]*[\"A-Z][a-z_]*Check|"
        r"check\.kind (==|in) "
    )
    found = [
        f"{path.relative_to(SOURCES)}: {line.strip()}"
        for path in SOURCES.rglob("*.py")
        if "domain/checks" not in path.as_posix()
        for line in path.read_text(encoding="utf-8").splitlines()
        if asked.search(line)
    ]
    assert found == []
