"""A statement: a code with typed parameters, without text.

A check says *what* it found as a `Statement`; the package `messages` says it in words, for every surface and in
every language. Privacy acts on these types and never on text: a count of persons is a `Persons`, so it can be
hidden or rounded wherever it is shown, and the number of a delivery is a `Serial`, so it never is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime
from types import MappingProxyType, UnionType
from typing import Any, Literal

from .personal_values import shown_text
from .segment import Segment

Language = Literal["nl", "en"]
TextSetting = str | Mapping[Language, str]
"""Words of whoever configures the feed: one text, or one a language (`{nl: …, en: …}`)."""


@dataclass(frozen=True, slots=True)
class Persons:
    """A count of persons, or of rows or inquiries that each stand for one.

    Attributes:
        value: persons, at least 0.
        of_delivery: counted in the one delivery that is judged, and so shown exactly where that delivery counts
            nobody in secret (`messages.privacy`). Every other count is always rounded.
    """

    value: float
    of_delivery: bool = False


@dataclass(frozen=True, slots=True)
class MissingCount:
    """An estimate of persons missing (or too many): always rounded to tens; the sign is not shown."""

    value: float


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a number of persons, shown as a percentage that tells no more than the two counts would.

    Attributes:
        part: persons in the part.
        whole: persons in all; 0 makes a share of nothing.
        of_delivery: as of `Persons`.
    """

    part: float
    whole: float
    of_delivery: bool = False


@dataclass(frozen=True, slots=True)
class Fraction:
    """A number between 0 and 1 that counts nobody: an agreed limit, a model's number. Shown as a percentage."""

    value: float


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that counts no persons: deliveries, days, hours, columns, categories, segments."""

    value: float


@dataclass(frozen=True, slots=True)
class Serial:
    """The number of one delivery in its sequence, or of a run of them; `last` equals `first` for one."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Name:
    """A text that comes from outside: a column, a reason, a source, an id.

    Every such text passed the guard of its feed before it came here. It is looked at once more, since plug-ins
    say what they like: what looks like a person's is withheld.

    Attributes:
        text: as it may be shown.
        agreed: the configuration names it, or the guard let it pass by an agreement: it is shown whatever it looks
            like. Give it for columns and codes, and for the id of a delivery.
    """

    text: str
    agreed: InitVar[bool] = False

    def __post_init__(self, agreed: bool) -> None:
        """Let no personal value in."""
        if not agreed:
            object.__setattr__(self, "text", shown_text(self.text))


@dataclass(frozen=True, slots=True)
class Text:
    """Words of whoever configured the feed, as written: one text, or one a language.

    Attributes:
        texts: language (`nl`, `en`) → text; the key `` holds a text for every language.
    """

    texts: Mapping[str, str] = field(hash=False)

    @classmethod
    def of(cls, text: TextSetting) -> Text:
        """Build it from a setting that may be a text or a mapping per language."""
        return cls(
            {"": text} if isinstance(text, str) else {str(language): said for language, said in text.items()}
        )

    def in_language(self, language: str) -> str:
        """Return the text in a language; without one, the text for every language, or any."""
        return self.texts.get(language) or self.texts.get("") or next(iter(self.texts.values()), "")


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the catalogue, by its key: a kind of delivery, a declared stretch, a named cause."""

    key: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A code and its parameters.

    Attributes:
        code: stable, `<kind of check>.<what>`, for instance `volume.shortfall`.
        params: by name; the code's declaration (`codes` of the kind of check) lists names and types.
    """

    code: str
    params: Mapping[str, Value] = field(default_factory=dict, hash=False)


Value = (
    Persons
    | MissingCount
    | Share
    | Fraction
    | Amount
    | Serial
    | Name
    | Text
    | Term
    | Segment
    | date
    | datetime
    | Statement
    | tuple["Value", ...]
)
"""Everything that a text may be filled with. Several values of one parameter are a tuple."""

Codes = Mapping[str, Mapping[str, type | UnionType]]
"""The codes of a kind of check: code → parameter → type of its value, or of each of its values."""

CodeTexts = Mapping[str, Mapping[Language, str]]
"""What codes say: code → language → text, its parameters in braces."""

LEGACY = "legacy.text"
"""The code of what was said in words, by a release that knew no codes."""


def legacy(text: str) -> Statement:
    """Wrap the plain text of a release from before codes as a statement."""
    return Statement(LEGACY, {"text": Text.of(text)})


def departures(statement: Statement, codes: Codes) -> tuple[str, ...]:
    """Return how a statement departs from what is declared of its code; () when it does not.

    Args:
        statement: what is said; statements inside it are held to the same codes.
        codes: code → parameter → type. What was said in words (`legacy`) is always allowed.
    """
    if statement.code == LEGACY:
        return ()
    declared = codes.get(statement.code)
    if declared is None:
        return (f"{statement.code} is not declared",)
    found = [f"{statement.code}.{name} is not given" for name in declared if name not in statement.params]
    for name, value in statement.params.items():
        parts = value if isinstance(value, tuple) else (value,)
        if name not in declared:
            found.append(f"{statement.code}.{name} is not declared")
        elif not all(isinstance(part, declared[name]) for part in parts):
            found.append(f"{statement.code}.{name} is of another type than is declared")
        found += (fault for part in parts if isinstance(part, Statement) for fault in departures(part, codes))
    return tuple(found)


def as_json(value: Value) -> object:
    """Return a value as the history holds it: JSON that `from_json` reads back, tagged with its type."""
    if isinstance(value, tuple):
        return [as_json(one) for one in value]
    name, write = _WRITERS[type(value)]
    return {name: write(value)}


def params_json(params: Mapping[str, Value]) -> dict[str, object]:
    """Return parameters as the history holds them."""
    return {name: as_json(value) for name, value in params.items()}


def from_json(stored: object) -> Value:
    """Read what `as_json` wrote.

    Raises:
        ValueError: it is nothing that this release knows.
    """
    if isinstance(stored, list):
        return tuple(from_json(one) for one in stored)
    if not isinstance(stored, dict) or len(stored) != 1:
        raise ValueError("not a stored parameter")
    [(kind, body)] = stored.items()
    read = _READERS.get(str(kind))
    if read is None:
        raise ValueError("a parameter of a type that is not known")
    return read(body)


def stored_text(said: Statement) -> str:
    """Return a statement as the one text that a column of the history holds."""
    return json.dumps([said.code, params_json(said.params)], ensure_ascii=False, sort_keys=True)


def from_stored_text(text: str) -> Statement:
    """Read what `stored_text` wrote; any other text is what an earlier release said in words."""
    if not text.startswith('["'):
        return legacy(text)
    try:
        code, params = json.loads(text)
        return Statement(code, params_from_json(params))
    except (ValueError, TypeError, AttributeError):
        return legacy(text)


def params_from_json(stored: Mapping[str, object]) -> dict[str, Value]:
    """Read what `params_json` wrote."""
    return {name: from_json(value) for name, value in stored.items()}


_WRITERS: Mapping[type, tuple[str, Callable[[Any], object]]] = MappingProxyType(
    {
        Persons: ("Persons", lambda one: [one.value, one.of_delivery]),
        Share: ("Share", lambda one: [one.part, one.whole, one.of_delivery]),
        MissingCount: ("MissingCount", lambda one: one.value),
        Fraction: ("Fraction", lambda one: one.value),
        Amount: ("Amount", lambda one: one.value),
        Serial: ("Serial", lambda one: [one.first, one.last]),
        Name: ("Name", lambda one: one.text),
        Term: ("Term", lambda one: one.key),
        Text: ("Text", lambda one: dict(one.texts)),
        Segment: ("Segment", lambda one: [list(pair) for pair in one.pairs]),
        datetime: ("moment", datetime.isoformat),
        date: ("date", date.isoformat),
        Statement: ("Statement", lambda one: [one.code, params_json(one.params)]),
    }
)
_READERS: Mapping[str, Callable[[Any], Value]] = MappingProxyType(
    {
        "Persons": lambda body: Persons(*body),
        "Share": lambda body: Share(*body),
        "MissingCount": MissingCount,
        "Fraction": Fraction,
        "Amount": Amount,
        "Serial": lambda body: Serial(*body),
        "Name": lambda body: Name(body, agreed=True),  # it passed the guard when it was said
        "Term": Term,
        "Text": Text,
        "Segment": lambda body: Segment(tuple((name, value) for name, value in body)),
        "moment": datetime.fromisoformat,
        "date": date.fromisoformat,
        "Statement": lambda body: Statement(body[0], params_from_json(body[1])),
    }
)
