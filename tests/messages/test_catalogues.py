"""Every text of the product in both languages, as a reader meets it: a change of one shows in the golden files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

import pytest

from ketenwacht.domain.statement import Language
from ketenwacht.messages import texts

LANGUAGES: tuple[Language, ...] = ("nl", "en")


def catalogues() -> Iterator[tuple[str, object]]:
    """Name and value of every catalogue, in the order of the files; one that only joins others is left out."""
    seen: set[int] = set()
    for module in sorted(iter_modules(texts.__path__), key=lambda one: one.name):
        names = vars(import_module(f"{texts.__name__}.{module.name}"))
        for name, value in names.items():
            if not isinstance(value, Mapping) or name.startswith("__"):
                continue
            parts = {id(part) for part in value.values()}
            if not parts <= seen:
                yield f"{module.name}.{name}", value
            seen |= parts


def lines_of(value: object, language: Language, place: str) -> Iterator[str]:
    """One line a text: where it stands, and what it says."""
    if isinstance(value, Mapping) and language in value:
        yield f"{place}: {json.dumps(value[language], ensure_ascii=False)}"
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from lines_of(part, language, f"{place}[{getattr(key, 'value', key)}]")
    else:
        yield f"{place}: {value!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_says_what_it_said(language, golden):
    found = [line for name, value in catalogues() for line in lines_of(value, language, name)]
    golden(f"texts.{language}.txt", "\n".join(found) + "\n")


def test_no_text_lacks_a_language_or_is_empty_in_one():
    for name, value in catalogues():
        both = [list(lines_of(value, language, name)) for language in LANGUAGES]
        assert [line.partition(": ")[0] for line in both[0]] == [line.partition(": ")[0] for line in both[1]]
        assert not [line for lines in both for line in lines if line.endswith(': ""')], name
