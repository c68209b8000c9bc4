"""Fill texts of the catalogue in one language: every type of parameter has one format.

All days, counts, segments and percentages are formatted here, so they look the same on every surface.
A placeholder is `{name}`, or `{name:one|many}` for a number with its noun: `{days:day|days}` is `1 day`.
`{name:=one|many}` is the word without the number, such as a verb before it: `{days:=is|are}`.
`{cause:fault}` and `{cause:file-fault}` say the class of an exception in words.
Several values of one parameter are joined by `; `, or by what a spec of `, ` or ` and ` says: `a, b and c`.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from string import Formatter
from typing import Any, TypeVar

from ketenwacht.domain.feed import Feed
from ketenwacht.domain.personal_values import OTHER
from ketenwacht.domain.result import Evidence, Missing, by_week
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import (
    LEGACY,
    Amount,
    Fraction,
    Language,
    MissingCount,
    Name,
    Persons,
    Serial,
    Share,
    Statement,
    Term,
    Text,
    TextSetting,
    Value,
)
from ketenwacht.errors import DeliveryError, UnreadableDelivery

from .privacy import Privacy, Shown
from .texts.base import MONTHS, MONTHS_SHORT, WEEKDAYS_SHORT, Texts
from .texts.labels import LABELS
from .texts.pages import PAGES
from .texts.phrases import PHRASE
from .texts.report import REPORT
from .texts.results import COMPARED, EARLIER, RESULTS
from .texts.terms import CLASSES_OF_FAULTS, CLASSES_OF_FILE_FAULTS, TERMS

VAGUE = 1.5
"""Width of an interval, in units of the estimate, beyond which only its lower end is told."""
_POINT: Mapping[Language, str] = {"nl": ",", "en": "."}
_THOUSANDS: Mapping[Language, str] = {"nl": ".", "en": ","}
_LABELS: Mapping[str, Texts] = {**LABELS, **REPORT, **PAGES}

_PARTIES: Mapping[str, str] = {"": "party.sender", "sender": "party.sender", "receiver": "party.receiver"}
"""The names of the parties of a feed that does not configure them."""

Labels = Mapping[str, Mapping[str, str]]
"""Column → code → what the code means, from the label column of a code table (`0363` → `Amsterdam`)."""


@dataclass(frozen=True, slots=True)
class MessageFormatter:
    """Formats statements and their values in one language.

    Attributes:
        language: of every text.
        privacy: which counts may be shown.
        zone: the time zone of moments.
        labels: names of codes, by column.
        texts: the texts of codes that plug-ins bring.
    """

    language: Language = "en"
    privacy: Privacy = field(default_factory=Privacy)
    zone: tzinfo = UTC
    labels: Labels = field(default_factory=dict)
    texts: Mapping[str, Texts] = field(default_factory=dict)
    _segments: dict[Segment, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def with_privacy(self, privacy: Privacy) -> MessageFormatter:
        """Return the same formatter with another privacy rule, for one delivery."""
        return replace(self, privacy=privacy)

    def say(self, statement: Statement) -> str:
        """Return a statement in words; return the code itself when this release has no text for it."""
        texts = self._texts(statement)
        if texts is None:
            return statement.code
        said = self.fill(texts, statement.params)
        return f"{said} {self.phrase('look_alike')}" if self._look_alike(statement) else said

    def _look_alike(self, statement: Statement) -> bool:
        """Tell whether two counts that differ are shown alike."""
        pair = COMPARED.get(statement.code)
        if pair is None or not set(pair) <= set(statement.params):
            return False
        first, second = (self.value(statement.params[name]) for name in pair)
        return first == second

    def _texts(self, statement: Statement) -> Texts | None:
        """Return the text of a code; None when the code or a parameter is of another release."""
        known = (one.get(statement.code) for one in (RESULTS, self.texts, EARLIER))
        fitting = (
            texts
            for texts in known
            if texts is not None and names_in(texts[self.language]) <= set(statement.params)
        )
        return next(fitting, None)

    def label(self, key: str, /, **params: Value | str) -> str:
        """Return a label of the catalogue, filled."""
        return self.fill(_LABELS[key], params)

    def text(self, setting: TextSetting) -> str:
        """Return a configured text in this language."""
        return Text.of(setting).in_language(self.language)

    def title(self, feed: Feed) -> str:
        """Return the title of a feed, or its name when it has no title."""
        return self.text(feed.title) or feed.name

    def party(self, name: str) -> str:
        """Return the name of a party; `the sender` or `the receiver` when the configuration names none."""
        key = _PARTIES.get(name)
        return name if key is None else self.label(key)

    @staticmethod
    def is_named(party: str) -> bool:
        """Tell whether the configuration names a party."""
        return party not in _PARTIES

    def knows(self, statement: Statement) -> bool:
        """Tell whether a text exists in this language; English words of an older release have none."""
        return statement.code != LEGACY and self._texts(statement) is not None

    def phrase(self, key: str, /, **params: Value | str) -> str:
        """Return a phrase of the catalogue, filled."""
        return self.fill(PHRASE[key], params)

    def fill(self, texts: Texts, params: Mapping[str, Value | str]) -> str:
        """Fill the placeholders of a text in this language; a plain `str` is used as it is."""
        parts = []
        share, floor = params.get("share"), params.get("floor")
        if isinstance(share, Share) and isinstance(floor, Fraction):
            params = {**params, "share": self._below(share, floor.value)}
        for literal, name, spec in _parse(texts[self.language]):
            parts.append(literal)
            if name is not None:
                parts.append(self._format(params[name], spec))
        return "".join(parts)

    def _below(self, share: Share, floor: float) -> str:
        """Return a share that is below a floor as less than it, also where rounding would hide that."""
        said = self.value(share)
        shown = self.privacy.share(share.part, share.whole, of_delivery=share.of_delivery).value
        if shown is None or share.part >= floor * share.whole:
            return said
        if shown < floor and said != self.percent(floor):
            return said
        digits = next((n for n in (1, 2, 3) if math.floor(shown * 10 ** (n + 2)) < floor * 10 ** (n + 2)), None)
        if shown >= floor or digits is None:
            return self.phrase("less_than", limit=self.percent(floor))
        return self._localize(f"{math.floor(shown * 10 ** (digits + 2)) / 10**digits:.{digits}f}%")

    def _format(self, value: Value | str, spec: str) -> str:
        if isinstance(value, tuple):
            return _join([self.value(one) for one in value], spec or "; ")
        if isinstance(value, Name) and spec in _CLASSES:
            return self._describe_class(value, _CLASSES[spec])
        said = value if isinstance(value, str) else self.value(value)
        if "|" not in spec:
            return said
        one, many = spec.removeprefix("=").split("|", 1)
        counted = value.value if isinstance(value, Amount | Persons | MissingCount) else 1.0
        single = abs(counted) == 1.0 and said.rpartition(" ")[2] == "1"  # a hidden count, `<10`, is many
        word = one if single else many
        return word if spec.startswith("=") else f"{said} {word}"

    def _describe_class(self, name: Name, words: Mapping[str, Texts]) -> str:
        """Return what a class of an exception means, or that of its nearest parent that has words.

        One of Python without words is a defect. One of a library may blame a file or a server: it is only named.
        """
        known = getattr(builtins, name.text, None)
        kinds = known.__mro__[:-3] if isinstance(known, type) and issubclass(known, Exception) else ()
        for word in (name.text, *(kind.__name__ for kind in kinds)):
            if word in words:
                return words[word][self.language]
        return self.phrase("defect", fault=self.value(name)) if kinds else self.value(name)

    def value(self, value: Value) -> str:
        """Return one value in words."""
        return _FORMATS[type(value)](self, value)

    def number(self, number: float, digits: int = 4) -> str:
        """Return a number that counts nobody: `1,234`, `3.8`; in Dutch `1.234`, `3,8`."""
        if not math.isfinite(number):
            return self.phrase("unknown")
        whole = float(number).is_integer() or abs(number) >= 10**digits
        text = f"{number:,.0f}" if whole else f"{number:,.{digits}g}"
        return self._localize(text)

    def decimal(self, number: float, digits: int) -> str:
        """Format a number that counts nobody with so many decimals, also where they are 0: `12.0`.

        In Dutch `12,0`.
        """
        return self._localize(f"{number:,.{digits}f}") if math.isfinite(number) else self.phrase("unknown")

    def _localize(self, text: str) -> str:
        marks = {ord(","): _THOUSANDS[self.language], ord("."): _POINT[self.language], ord("-"): "−"}
        return text.translate(marks)

    def shown(self, shown: Shown) -> str:
        """Return a count of persons: `410`, `<10`."""
        if shown.value is not None:
            return self.number(abs(shown.value))
        return f"<{self.number(shown.limit)}" if shown.limit else self.phrase("hidden")

    def about(self, persons: float) -> str:
        """Return an estimate inside a sentence: `about 190`, `<10`, `0`."""
        shown = self.privacy.count(abs(persons))
        said = self.shown(shown)
        return self.phrase("about", count=said) if shown.value else said

    def ends(self, missing: Missing) -> tuple[str, str] | None:
        """Format the ends of an interval of persons, rounded outward: `120`, `270`.

        None when it is too narrow to show.

        A hidden number has no interval, since that would narrow it down.
        """
        low, high = sorted((abs(missing.low), abs(missing.high)))
        low = 0.0 if missing.low < 0 < missing.high else low
        if self.privacy.count(missing.value).hidden or self.privacy.count(low) == self.privacy.count(high):
            return None
        down, up = self.privacy.outward(low, high)
        return self.number(down), self.number(up)

    def size_if_vague(self, missing: Missing) -> str | None:
        """Format what is sure of an estimate wider than one and a half times itself: `at least 60`.

        None when it is not.

        A lower end of nobody, or one that may not be shown, leaves the `extent unknown`.
        """
        ends, value = self.ends(missing), self.privacy.count(missing.value).value
        if ends is None or value is None:
            return None
        low, high = sorted((abs(missing.low), abs(missing.high)))
        # As they are shown, so that this tells no more than the rounded interval does.
        down, up = self.privacy.outward(0.0 if missing.low < 0 < missing.high else low, high)
        if up - down <= VAGUE * abs(value):
            return None
        if down < 1.0:
            return self.phrase("extent_unknown")
        return self.phrase("at_least", low=ends[0])

    def percent(self, fraction: float) -> str:
        """Return a fraction as a percentage: `19%`, `2.5%`."""
        if not math.isfinite(fraction):
            return self.phrase("unknown")
        percent = 100 * fraction
        digits = 0 if abs(percent) >= 10 or float(round(percent, 1)).is_integer() else 1  # noqa: PLR2004 - two figures
        return f"{percent:.{digits}f}%".replace("-", "−").replace(".", _POINT[self.language])

    def percentage(self, shown: Shown) -> str:
        """Return a share as it may be told: `19%`, `less than 5%`."""
        if shown.value is not None:
            return self.percent(shown.value)
        if not shown.limit:
            return self.phrase("hidden_share")
        limit = self.percent(
            math.floor(100 * shown.limit) / 100 if shown.above else math.ceil(100 * shown.limit) / 100
        )
        return self.phrase("more_than" if shown.above else "less_than", limit=limit)

    def day(self, day: date) -> str:
        """Format a day: `30 May 2022`, `30 mei 2022`."""
        return f"{day.day} {MONTHS[self.language][day.month - 1]} {day.year}"

    def short_day(self, day: date) -> str:
        """Format a day with a short month: `30 Sep 2022`, `30 sep 2022`."""
        return f"{day.day} {MONTHS_SHORT[self.language][day.month - 1]} {day.year}"

    def month(self, day: date) -> str:
        """Return the month of a day, short: `Sep`."""
        return MONTHS_SHORT[self.language][day.month - 1]

    def weekday(self, day: date) -> str:
        """Return the day of the week, short: `Mon`."""
        return WEEKDAYS_SHORT[self.language][day.weekday()]

    def since(self, missing: Missing, evidence: Evidence) -> str:
        """Format when a loss began: `30 May 2022`, or `the week of 30 May 2022` where no more is known."""
        return self.phrase("week_of", day=missing.since) if by_week(missing, evidence) else self.day(missing.since)

    def moment(self, at: datetime) -> str:
        """Format a moment in the time zone of the configuration: `30 May 2022 08:00`."""
        local = at.astimezone(self.zone)
        return f"{self.day(local.date())} {local:%H:%M}"

    def segment(self, segment: Segment) -> str:
        """Return a segment in a sentence: `group family, town Amsterdam (0363)`; `the whole feed`."""
        if segment == WHOLE:
            return self.phrase("whole")
        if segment not in self._segments:
            named = (f"{name} {self.code(name, value)}" for name, value in segment.pairs)
            self._segments[segment] = ", ".join(named)
        return self._segments[segment]

    def code(self, column: str, value: str) -> str:
        """Return a value of a column, with its label when a code table has one."""
        label = self.labels.get(column, {}).get(value)
        return f"{label} ({value})" if label else self.outside(value) or self.phrase("empty")

    def outside(self, text: str) -> str:
        """Return a text from outside as the guard passed it; return replacements in words."""
        return self.phrase(_STANDS_FOR[text]) if text in _STANDS_FOR else text


_CLASSES = {"fault": CLASSES_OF_FAULTS, "file-fault": CLASSES_OF_FILE_FAULTS}
"""Format of a placeholder → words for the class of an exception."""
_STANDS_FOR = {OTHER: "other", "(withheld)": "withheld"}
"""What stands for a text that may not be shown → its phrase; the last one is of earlier releases."""
_FORMATS: Mapping[type, Callable[[MessageFormatter, Any], str]] = {
    Persons: lambda formatter, one: formatter.shown(
        formatter.privacy.count(one.value, of_delivery=one.of_delivery)
    ),
    MissingCount: lambda formatter, one: formatter.about(one.value),
    Share: lambda formatter, one: formatter.percentage(
        formatter.privacy.share(one.part, one.whole, of_delivery=one.of_delivery)
    ),
    Fraction: lambda formatter, one: formatter.percent(one.value),
    Amount: lambda formatter, one: formatter.number(one.value),
    Serial: lambda _, one: str(one.first) if one.first == one.last else f"{one.first}–{one.last}",
    Name: lambda formatter, one: formatter.outside(one.text) or formatter.phrase("empty"),
    Text: lambda formatter, one: one.in_language(formatter.language),
    Term: lambda formatter, one: TERMS[one.key][formatter.language] if one.key in TERMS else str(one.key),
    Segment: MessageFormatter.segment,
    datetime: MessageFormatter.moment,
    date: MessageFormatter.day,
    Statement: MessageFormatter.say,
    tuple: lambda formatter, many: "; ".join(formatter.value(one) for one in many),
}
"""The format of each type of value."""


@cache
def names_in(text: str) -> frozenset[str]:
    """Return the names of the parameters that a text of one language uses."""
    return frozenset(name for _, name, _ in _parse(text) if name is not None)


@cache
def _parse(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """Return the literals of a text, each with the name and the format of the parameter behind it (None: none)."""
    return tuple((literal, name, spec or "") for literal, name, spec, _ in Formatter().parse(text))


MAX_NAME = 120


def cut(text: str, most: int = MAX_NAME) -> str:
    """Return the text on one line, shortened with an ellipsis when it is longer than `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def sentence(text: str) -> str:
    """Return the text as a sentence: with a capital and an end."""
    return text and f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.…!?' else '.'}"


# Errors about a delivery that hold a code: words for a log or a terminal, a statement for the history.

E = TypeVar("E", bound=DeliveryError)


def make_delivery_error(error: type[E], said: Statement) -> E:
    """Return an error for a problem (`domain.problems`)."""
    return error(MessageFormatter().say(said), said)


def unreadable(code: str, **params: Value) -> UnreadableDelivery:
    """Return the error for an unreadable delivery with this code (`domain.problems`)."""
    return make_delivery_error(UnreadableDelivery, Statement(code, params))


def _join(words: Sequence[str], mark: str) -> str:
    """Return words with a mark between them; a word such as ` and ` stands once, before the last one."""
    if not mark.strip().isalpha():
        return mark.join(words)
    return mark.join(filter(None, (", ".join(words[:-1]), *words[-1:])))
