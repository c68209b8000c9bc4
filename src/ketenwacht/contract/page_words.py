"""The words of the contract page in Dutch and in English, and values as the page writes them."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Node, Tree
from .trees import remove_secrets, to_json_types

WORDS: Mapping[str, tuple[str, str]] = {
    "lang": ("nl", "en"),
    "contract": ("Leveringsovereenkomst", "Data contract"),
    "version": ("versie", "version"),
    "status": ("status", "status"),
    "digest": ("Vingerafdruk van deze tekst (SHA-256)", "Fingerprint of this text (SHA-256)"),
    "about": ("Waarover", "What it is about"),
    "delivers": ("levert", "delivers"),
    "receives": ("ontvangt", "receives"),
    "delivery": ("Levering", "Delivery"),
    "columns": ("Wat een levering bevat", "What a delivery holds"),
    "rules": ("Waaraan één levering voldoet", "What one delivery satisfies"),
    "checks": ("Waaraan de reeks leveringen voldoet", "What the stream of deliveries satisfies"),
    "codes": ("Codetabellen", "Code tables"),
    "unjudged": ("Afgesproken, maar niet automatisch bewaakt", "Agreed, but not watched automatically"),
    "people": ("Wie", "Who"),
    "sign": ("Ondertekening", "Signatures"),
    "column": ("kolom", "column"),
    "type": ("soort", "type"),
    "asked": ("eis", "asked"),
    "meaning": ("betekenis", "meaning"),
    "rule": ("regel", "rule"),
    "weight": ("weging", "weight"),
    "id": ("kenmerk", "id"),
    "settings": ("instellingen", "settings"),
    "table": ("tabel", "table"),
    "number": ("aantal codes", "codes"),
    "first": ("codes", "codes"),
    "name": ("naam", "name"),
    "role": ("functie", "function"),
    "date": ("datum", "date"),
    "signature": ("handtekening", "signature"),
    "organisation": ("organisatie", "organisation"),
    "what": ("wat", "what"),
    "agreed": ("afspraak", "agreed"),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    "and": ("en", "and"),
    "or": ("of", "or"),
    "when": ("als", "when"),
    "empty": ("leeg", "empty"),
    "filled": ("gevuld", "filled"),
    "delivery_date": ("de datum van de levering", "the date of the delivery"),
    "valid_from": ("vanaf", "from"),
    "valid_to": ("tot en met", "up to and including"),
    "form": ("Vorm van een levering", "Form of a delivery"),
    "declared": ("Aangekondigd", "Declared"),
    "key": ("sleutel", "key"),
    "required": ("verplicht", "required"),
    "unique": ("uniek", "unique"),
    "critical": ("fout", "failure"),
    "warning": ("waarschuwing", "warning"),
    "info": ("ter informatie", "for information"),
    "none": ("niets", "nothing"),
    "purpose": ("Doel", "Purpose"),
    "usage": ("Gebruik", "Usage"),
    "limitations": ("Beperkingen", "Limitations"),
}
"""Key → (Dutch, English)."""

LEVELS: Mapping[str, tuple[str, str]] = {
    "frequency": (
        "Wanneer een levering verwacht wordt (minuut, uur, dag, maand, weekdag)",
        "When a delivery is due (minute, hour, day, month, weekday)",
    ),
    "grace": (
        "Zo lang daarna telt een levering nog als op tijd",
        "So long after that a delivery counts as on time",
    ),
    "latency": (
        "Uiterlijk zo lang na het besluit is een gegeven geleverd",
        "A record has arrived at most this long after its decision",
    ),
    "lag": (
        "Zo lang na de eerste dag van een periode kan haar levering er op zijn vroegst zijn",
        "So long after the first day of a period its delivery can be due at the earliest",
    ),
    "calendar": ("Feestdagen waarop niets verwacht wordt", "Public holidays on which nothing is due"),
    "closures": ("Andere dagen waarop niets verwacht wordt", "Other days on which nothing is due"),
    "workdays": ("Feestdagen waarop wel geleverd wordt", "Holidays on which deliveries are due all the same"),
    "timezone": ("Tijdzone", "Time zone"),
}
"""Service level → (Dutch, English); any other keeps its own description."""


def translate(key: str, language: str) -> str:
    """Return a word of the page in a language; English for any language but Dutch."""
    return WORDS[key][0 if language == "nl" else 1]


def describe_level(name: str, language: str, otherwise: str) -> str:
    """Return the meaning of a service level; `otherwise` for an unknown one."""
    found = LEVELS.get(name)
    return otherwise if found is None else found[0 if language == "nl" else 1]


# Values are never shortened: a signature covers all of the text.


_AND_OR = {"and": "and", "or": "or"}
_RELATIONS = {"IN": "∈", "NOT_IN": "∉", "==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}


def format_value(value: Node, language: str) -> str:
    """Return a value on one line of any length; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return translate("yes" if value else "no", language)
    if isinstance(value, Mapping):
        if "$PARAMETER" in value:
            return _format_parameter(str(value["$PARAMETER"]), language)
        return ", ".join(f"{key}: {format_value(item, language)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        texts = [format_value(item, language) for item in value]
        nested = any(isinstance(item, list | tuple | Mapping) for item in value)
        return "; ".join(texts) if nested else ", ".join(texts)
    return " ".join(str(value).split())


def format_settings(settings: Mapping[str, Node], language: str) -> str:
    """Return settings with their values, a condition in signs of logic."""
    parts = [
        f"{translate('when', language)} {_format_condition(value, language)}"
        if name == "row_condition"
        else f"{name} {format_value(value, language)}"
        for name, value in settings.items()
    ]
    return "; ".join(parts)


def format_code(row: Mapping[str, str], language: str) -> str:
    """Return a code, its name when it differs, and its first and last valid day."""
    code, name = str(row.get("code")), str(row.get("name") or "")
    days = [f"{translate(key, language)} {row[key]}" for key in ("valid_from", "valid_to") if row.get(key)]
    return " ".join(
        [code, *([name] if name and name != code else []), *([f"({', '.join(days)})"] if days else [])]
    )


def _format_parameter(name: str, language: str) -> str:
    if name.startswith("delivery_date"):
        return translate("delivery_date", language)
    return f"{translate('table', language)} {name}"


def _format_condition(node: Node, language: str) -> str:
    """Return a row condition of Great Expectations as text: `a = b`, joined by `and` and `or`."""
    if not isinstance(node, Mapping):
        return format_value(node, language)
    kind, column = str(node.get("type")), format_value((node.get("column") or {}).get("name"), language)
    if kind in _AND_OR:
        joined = f" {translate(_AND_OR[kind], language)} "
        return joined.join(_format_condition(part, language) for part in node.get("conditions") or ())
    if kind == "nullity":
        return f"{column} {translate('empty' if node.get('is_null') else 'filled', language)}"
    operator = str(node.get("operator"))
    return f"{column} {_RELATIONS.get(operator, operator)} {format_value(node.get('parameter'), language)}"


def select_file_form(source: Tree) -> Tree:
    """Return the settings of a source that describe the form of a delivery: no location, access or secret."""
    shown: Tree = remove_secrets(to_json_types(source))
    return {key: value for key, value in shown.items() if key not in ("path", "url", "kind", "max_bytes")}
