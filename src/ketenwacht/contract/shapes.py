"""Which members of an ODCS document hold lists, mappings, texts and numbers: what any other type is refused for.

The standard's JSON schema says more, and refuses documents that people exchange. This table has the members that
an import reads. A member that is null counts as absent.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from ketenwacht.errors import ConfigError

from .model import Node, Tree

_LIST = "a list of mappings"
_MAPPING = "a mapping"
_TEXT = "a text"
_NUMBER = "a number"
_LOGICAL = "true or false"
_NUMBERS, _PAIR = "a list of two numbers", 2

_FORMS: Mapping[str, tuple[str, ...]] = {
    _LIST: (
        "servers", "slaProperties", "roles", "customProperties", "properties", "quality", "members", "support",
        "authoritativeDefinitions", "relationships",
    ),
    _MAPPING: ("logicalTypeOptions", "arguments", "items"),
    _TEXT: (
        "name", "physicalName", "businessName", "logicalType", "physicalType", "type", "rule", "metric", "engine",
        "unit", "property", "server", "path", "format", "delimiter", "pattern", "severity", "dimension",
    ),
    _NUMBER: (
        "minLength", "maxLength", "minItems", "maxItems", "multipleOf", "mustBeGreaterThan", "mustBeLessThan",
        "mustBeGreaterOrEqualTo", "mustBeLessOrEqualTo",
    ),
    _NUMBERS: ("mustBeBetween", "mustNotBeBetween"),
    _LOGICAL: ("required", "unique", "primaryKey", "partitioned"),
}  # fmt: skip
_FORM_OF = {name: form for form, names in _FORMS.items() for name in names}
_OURS: Mapping[str, str] = {
    **dict.fromkeys(("settings", "source", "environment", "checks", "codeTables"), _MAPPING),
    "suites": _LIST,
}
"""By name of our custom property, what its value is."""
_FOREIGN = frozenset({"implementation", "arguments", "value", "invalidValues", "validValues", "examples", "enum"})
"""Members whose inside is another language's, or anybody's."""

_WORD = "a word"
_WORDS = (
    "id", "name", "status", "kind", "version", "apiVersion", "tenant", "domain", "dataProduct",
    "contractCreatedTs", "slaDefaultElement",
)  # fmt: skip
_TERMS: Mapping[str, str | None] = {
    **dict.fromkeys(_WORDS, _WORD),
    **dict.fromkeys(("description", "price"), _MAPPING),
    **dict.fromkeys(("schema", "servers", "slaProperties", "roles", "customProperties", "support"), _LIST),
    "authoritativeDefinitions": _LIST,
    **dict.fromkeys(("team", "tags", "context"), None),
}
"""By name of a member at the top of an ODCS document, its type; None: several."""


def find_terms_faults(terms: Tree) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield what is wrong with the terms of a contract: where in the tree, what, and how to mend it."""
    sound = True
    for name, value in terms.items():
        if name not in _TERMS:
            near = difflib.get_close_matches(str(name), _TERMS, n=1)
            mend = f"did you mean `{near[0]}`?" if near else "see the names of ODCS v3, or use customProperties"
            yield (name,), f"`{name}` is no member of an ODCS document", mend
        elif (form := _TERMS[name]) is not None and value is not None and not _fits(form, value):
            sound = False
            yield (
                (name,),
                f"`{name}` is not {form}",
                "write it as the standard (ODCS v3) has it",
            )
    if not sound:
        return  # the first fault of `check_shapes` is one of these
    try:
        check_shapes(terms, "")
    except ConfigError as fault:
        place = fault.where.removeprefix(": ")
        steps = tuple(int(step) if step.isdecimal() else step for step in place.split("."))
        yield steps, f"`{place}` {fault.what}", fault.mend


def check_shapes(document: Tree, where: str) -> None:
    """Refuse a document in which a member that an import reads has another type.

    Raises:
        ConfigError: with the member's place in the document.
    """
    _refuse_other(_LIST, document.get("schema"), where, "schema")  # in a server it is a name
    _check(document, where, "")


def _check(node: Node, where: str, place: str) -> None:
    if isinstance(node, list):
        for number, item in enumerate(node):
            _check(item, where, f"{place}.{number}")
    if not isinstance(node, Mapping):
        return
    for key, value in node.items():
        at = f"{place}.{key}".strip(".")
        _refuse_other(_FORM_OF.get(key), value, where, at)
        if key not in _FOREIGN:
            _check(value, where, at)
    own = str(node.get("property")).removeprefix("ketenwacht.")
    if own != node.get("property"):
        _refuse_other(_OURS.get(own), node.get("value"), where, f"{place}.value")


def _refuse_other(form: str | None, value: Node, where: str, place: str) -> None:
    if form is not None and value is not None and not _fits(form, value):
        raise ConfigError(f"{where}: {place}", f"is not {form}", "write it as the standard (ODCS v3) has it")


def _fits(form: str, value: Node) -> bool:
    if form == _WORD:
        return not isinstance(value, list | Mapping | bool)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if form in {_LIST, _NUMBERS}:
        inner = _MAPPING if form == _LIST else _NUMBER
        pair = form == _LIST or (isinstance(value, list) and len(value) == _PAIR)
        return pair and isinstance(value, list) and all(_fits(inner, item) for item in value)
    return {_MAPPING: isinstance(value, Mapping), _TEXT: isinstance(value, str), _NUMBER: number}.get(
        form, isinstance(value, bool)
    )
