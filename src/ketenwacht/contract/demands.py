"""What another's contract asks of a column outside its quality rules, as expectations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .library import NOT_NULL, REGEX, UNIQUE
from .model import ImportNote, ImportOutcome, Node, Tree
from .render import asked
from .trees import slug

_FLAGS = (("required", NOT_NULL), ("unique", UNIQUE))
_LENGTHS = {"minLength": "min_value", "maxLength": "max_value"}
_BOUNDS = {
    "minimum": ("min_value", None),
    "exclusiveMinimum": ("min_value", "strict_min"),
    "maximum": ("max_value", None),
    "exclusiveMaximum": ("max_value", "strict_max"),
}
_DATE_PARTS = (
    ("yyyy", r"\d{4}"),
    ("MM", r"(0[1-9]|1[0-2])"),
    ("dd", r"(0[1-9]|[12]\d|3[01])"),
    ("HH", r"([01]\d|2[0-3])"),
    ("mm", r"[0-5]\d"),
    ("ss", r"[0-5]\d"),
)
_PATTERNS = {"integer": r"^[+-]?\d+$", "number": r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"}
_TIMES = ("date", "timestamp", "time")
_NOT_A_VALUE = {"i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128", "f32", "f64"}


def demanded(
    prop: Tree, column: str, where: str, *, text: bool, rules: list[Tree]
) -> tuple[list[Tree], Tree, list[ImportNote]]:
    """The expectations that a property asks for.

    Args:
        prop: the property of the schema.
        column: its name in a delivery.
        where: its place in the file.
        text: whether a delivery holds text only, so that a type is a matter of form.
        rules: what its quality rules gave already.

    Returns:
        The expectations; the property without what they say; and what nothing judges.
    """
    found, left, notes = [], dict(prop), []
    for flag, kind in _FLAGS:
        if left.pop(flag, False) is True and not asked(rules, kind):
            found.append(_made(kind, column, {}, f"{column} {flag}"))
    options = dict(prop.get("logicalTypeOptions") or {})
    for kind, kwargs, name, used in _of_options(options, str(prop.get("logicalType")), text=text):
        found.append(_made(kind, column, kwargs, f"{column} {name}"))
        for key in used:
            options.pop(key, None)
    if text and prop.get("logicalType") in _PATTERNS:
        word = str(prop["logicalType"])
        found.append(_made(REGEX, column, {"regex": _PATTERNS[word]}, f"{column} is {word}"))
    left.pop("logicalTypeOptions", None)
    if options:
        left["logicalTypeOptions"] = options
    notes += [
        ImportNote(f"{where}.logicalTypeOptions.{key}", "option of a type", ImportOutcome.WORDS, _why(key))
        for key in options
    ]
    return found, left, notes + list(_unjudged(prop, where, text=text))


def _of_options(options: Tree, logical: str, *, text: bool) -> Iterator[tuple[str, Tree, str, list[str]]]:
    if isinstance(options.get("pattern"), str) and logical in ("string", "None"):
        yield REGEX, {"regex": options["pattern"]}, "pattern", ["pattern"]
    lengths = {word: options[key] for key, word in _LENGTHS.items() if isinstance(options.get(key), int)}
    if lengths:
        yield "expect_column_value_lengths_to_be_between", lengths, "length", list(_LENGTHS)
    form = _regex_of(options.get("format")) if text and logical in _TIMES else None
    if form is not None:
        yield REGEX, {"regex": form}, "form", ["format"]
    bounds: Tree = {}
    used = []
    for key, (word, strict) in _BOUNDS.items():
        if key in options and word not in bounds and _comparable(options[key], logical, text=text):
            bounds |= {word: options[key]} | ({strict: True} if strict else {})
            used.append(key)
    if bounds:
        yield "expect_column_values_to_be_between", bounds, "range", used


def _comparable(bound: Node, logical: str, *, text: bool) -> bool:
    """Whether values can be compared with a bound: ISO dates as text, numbers only where they are numbers."""
    if isinstance(bound, str):
        return logical == "date" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", bound) is not None
    return not text and isinstance(bound, int | float) and not isinstance(bound, bool)


def _regex_of(form: Node) -> str | None:
    """A pattern of dates as a regular expression; None when it has parts that are not known."""
    if not isinstance(form, str):
        return None
    regex = re.escape(form)
    for part, expression in _DATE_PARTS:
        regex = regex.replace(part, f"\0{expression}\0")
    words = "".join(regex.split("\0")[::2])
    return (
        None
        if re.search(r"[A-Za-z]", words)
        else f"^{regex}$".replace("\0", "").replace("\\-", "-").replace("\\ ", " ")
    )


def _made(kind: str, column: str, kwargs: Tree, name: str) -> Tree:
    return {
        "type": kind,
        "kwargs": {"column": column, **kwargs},
        "meta": {"check_id": slug(name), "title": name},
        "severity": "critical",
    }


def _why(option: str) -> str:
    return "numbers are text in this delivery" if option in _BOUNDS else "no expectation stands for it"


def _unjudged(prop: Tree, where: str, *, text: bool) -> Iterator[ImportNote]:
    logical = prop.get("logicalType")
    if text and logical in (*_TIMES, "boolean") and "format" not in (prop.get("logicalTypeOptions") or {}):
        yield ImportNote(
            where, "type without a form", ImportOutcome.WORDS, f"{logical} is not a form that text can be held to"
        )
    if not text and logical is not None:
        yield ImportNote(
            where,
            "type",
            ImportOutcome.WORDS,
            "the database or file holds the type; the schema check sees a change",
        )
    for key, kind in (
        ("properties", "nested column"),
        ("items", "nested column"),
        ("relationships", "relationship"),
    ):
        if prop.get(key):
            yield ImportNote(
                f"{where}.{key}", kind, ImportOutcome.WORDS, "only flat columns of one delivery are judged"
            )
    if prop.get("primaryKey") is True and prop.get("encryptedName"):
        yield ImportNote(
            f"{where}.encryptedName", "key", ImportOutcome.WORDS, "keys are only ever used as pseudonyms"
        )
