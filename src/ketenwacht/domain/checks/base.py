"""What a check is: a pure function of one delivery, the past, and the evidence known at that moment.

To add a kind: one module in this package, one line in its `__init__.py`, and a text for each code in
`messages/texts`. `schedule.py` is the shortest example without a memory, `completeness.py` one with settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Protocol

from ketenwacht.domain.check_traits import CheckTraits
from ketenwacht.domain.evidence import Canary, Known
from ketenwacht.domain.feed import Schedule
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import CheckResult
from ketenwacht.domain.statement import Codes, TextSetting
from ketenwacht.domain.successors import Expired

State = Mapping[str, object]
"""What a check remembers between deliveries: JSON values only, stored with the run that left it."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation of the suite, as far as a check needs it; without Great Expectations.

    Attributes:
        id: its identifier in the suite.
        title: what it says, for people: one text, or one a language.
        columns: every column it looks at, those of its row condition included.
        severity: critical, warning or info.
        type: of Great Expectations, in snake case; empty: not known.
    """

    id: str
    title: TextSetting = field(hash=False)
    columns: tuple[str, ...]
    severity: str
    type: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class View:
    """Everything a check may look at.

    Attributes:
        snapshot: the delivery to judge, measured.
        past: strictly earlier deliveries.
        at: moment of judging, UTC.
        known: independent evidence as it was known at `at`.
        expectations: of the feed's suite.
        schedule: when deliveries are due; None where the feed has none.
        holidays: public holidays.
        periods: days of each period that recurs with counts of its own, such as school holidays.
        state: what this check remembered after the delivery before; None: nothing.
        canaries: synthetic persons that the sender puts in.
        expired: codes that are over, with those that replace them: every count here is by current codes.
    """

    snapshot: Snapshot
    past: Past
    at: datetime
    known: Known = field(default_factory=Known)
    expectations: tuple[Expectation, ...] = ()
    schedule: Schedule | None = None
    holidays: frozenset[date] = frozenset()
    periods: tuple[frozenset[date], ...] = ()
    state: State | None = None
    canaries: tuple[Canary, ...] = ()
    expired: Expired = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check says of one delivery.

    Attributes:
        results: none where it has nothing to say.
        state: what it wants to remember for the next delivery; None: nothing.
    """

    results: tuple[CheckResult, ...]
    state: State | None = None


class Check(Protocol):
    """A configured check; its fields are its settings in YAML.

    Attributes:
        kind: the word in the YAML.
        codes: code → parameter → type, for every result and every statement inside one. The package `messages`
            has a text for each code in every language; a plug-in brings its own as `texts`: code → language (`nl`,
            `en`) → text.
        traits: what the rest of the product must know of the kind. A plug-in may leave out both `traits` and
            `codes` while its results hold a `message`.
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
