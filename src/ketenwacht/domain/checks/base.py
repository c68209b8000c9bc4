"""What a check is: a pure function of one snapshot, the past, and the evidence known at that moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Protocol

from ketenwacht.domain.evidence import Canary, Known
from ketenwacht.domain.feed import Schedule
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import CheckResult
from ketenwacht.domain.statement import Codes, TextSetting
from ketenwacht.domain.traits import CheckTraits

State = Mapping[str, object]
"""A check's memory between deliveries: JSON values only, stored with the run that left it."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The outline of one expectation of the suite: what judging needs, without Great Expectations.

    `title` is for people: one text, or one a language. `columns` are all that it looks at, its row condition
    included; `severity` is critical, warning or info.
    """

    id: str
    title: TextSetting = field(hash=False)
    columns: tuple[str, ...]
    severity: str


@dataclass(frozen=True, slots=True)
class View:
    """Everything a check may look at."""

    snapshot: Snapshot
    past: Past
    at: datetime
    known: Known = field(default_factory=Known)
    expectations: tuple[Expectation, ...] = ()
    schedule: Schedule | None = None
    holidays: frozenset[date] = frozenset()
    state: State | None = None
    canaries: tuple[Canary, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The results of one check on one delivery, and what it wants to remember for the next."""

    results: tuple[CheckResult, ...]
    state: State | None = None


class Check(Protocol):
    """A configured check. Its fields are its YAML settings.

    Attributes:
        kind: the word in the YAML.
        codes: every code that its results have, and those of statements inside them: code → parameter → type. The
            package `messages` has a text for each, in every language; a plug-in brings its own as `texts`, a
            mapping of code → language (`nl`, `en`) → text.
        traits: what others must know of the kind; a plug-in may leave it out, and `codes` too while its results
            hold a `message`.
    """

    kind: ClassVar[str]
    codes: ClassVar[Codes]
    traits: ClassVar[CheckTraits]

    @property
    def name(self) -> str:
        """Its name in results and incidents; its kind unless the YAML gives another."""
        ...

    def judge(self, view: View) -> Judgement:
        """Judge one delivery; pure: the same view gives the same judgement, bit for bit."""
        ...
