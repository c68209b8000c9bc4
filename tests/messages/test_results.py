"""Every code that a result may have is said in both languages, with the parameters that it is declared with."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pytest

import ketenwacht
from ketenwacht import pipeline
from ketenwacht.domain import category, compare
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.domain.findings.transitions import CODES as ACT_CODES
from ketenwacht.domain.incidents import cause_finders
from ketenwacht.domain.problems import PROBLEMS
from ketenwacht.domain.statement import LEGACY, Name, Statement, departures, legacy
from ketenwacht.messages.formatter import names_in
from ketenwacht.messages.texts.results import RESULTS
from ketenwacht.messages.texts.terms import TERMS
from ketenwacht.sources.columns import KINDS as KINDS_OF_COLUMN
from ketenwacht.store import exchange
from ketenwacht.workflows import feed_faults
from ketenwacht.workflows.ci import release

DAY = date(2022, 6, 24)
SOURCES = Path(ketenwacht.__file__).parent
OF_KINDS = {code: params for kind in KINDS for code, params in kind.codes.items()}
PARTS = (
    PROBLEMS,
    pipeline.CODES,
    ACT_CODES,
    exchange.CODES,
    compare.CODES,
    category.CODES,
    release.CODES,
    feed_faults.CODES,
    cause_finders.CODES,
)
DECLARED = {**OF_KINDS, **{code: params for codes in PARTS for code, params in codes.items()}}
SAID_IN = (
    "*.py",
    "sources/**/*.py",
    "measure/*.py",
    "service/*.py",
    "domain/**/*.py",
    "workflows/ci/*.py",
    "workflows/check.py",
    "workflows/worker.py",
    "workflows/feed_faults.py",
    "store/exchange.py",
)
"""Where codes are said."""
CODE = re.compile(r"[a-z_]+\.[a-z_]+")


@pytest.mark.parametrize("code", sorted(DECLARED))
def test_a_code_has_a_dutch_and_an_english_text_that_use_the_parameters_it_is_declared_with(code):
    texts = RESULTS[code]
    assert set(texts) == {"nl", "en"}
    assert all(texts.values())
    assert {language: names_in(text) for language, text in texts.items()} == dict.fromkeys(
        texts, frozenset(DECLARED[code])
    )


def test_no_text_is_of_a_code_that_nobody_declares():
    unknown = set(RESULTS) - set(DECLARED) - {LEGACY}
    assert not unknown


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_codes_begin_with_the_word_of_their_kind(kind):
    assert {code.partition(".")[0] for code in kind.codes} == {kind.kind}


@pytest.mark.parametrize("code", sorted(DECLARED))
def test_a_sentence_that_may_follow_another_brings_its_space(code):
    """`…came.{earlier}` is the first sentence alone when there is nothing earlier."""
    following = [n for n, t in DECLARED[code].items() if t is Statement and f".{{{n}}}" in RESULTS[code]["en"]]
    for name in following:
        assert all(text.startswith(" ") for text in RESULTS[f"{code.partition('.')[0]}.{name}"].values()), name


def constants():
    """Every text in the sources that say codes, but for the keys of a table."""
    for path in (path for places in SAID_IN for path in SOURCES.glob(places)):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        keys = {id(key) for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
        yield from (
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys
        )


@pytest.mark.integration
def test_every_code_that_is_declared_is_said_somewhere_and_no_other():
    texts, kinds = set(constants()), {code.partition(".")[0] for code in DECLARED}
    said = {text for text in texts if CODE.fullmatch(text) and text.partition(".")[0] in kinds}
    assert said <= set(DECLARED)
    # `f"{kind}.shortfall"`: what several kinds say
    unsaid = {code for code in DECLARED if not {code, "." + code.partition(".")[2]} & texts}
    assert not unsaid


def test_every_word_that_a_parameter_may_stand_for_is_in_the_catalogue():
    keys = {f"delivery.{kind.value}" for kind in DeliveryKind} | {f"type.{name}" for name in KINDS_OF_COLUMN}
    keys |= {category.PRODUCTION.key, category.ITSELF.key}
    manifest = (SOURCES / "sources/manifest.py").read_text(encoding="utf-8")
    keys |= {f"manifest.{fault}" for fault in re.findall(r'"((?:no|not|before|segment)_\w+)"', manifest)}
    assert keys <= set(TERMS)


@pytest.mark.parametrize("key", sorted(TERMS))
def test_a_term_has_a_word_in_both_languages(key):
    assert set(TERMS[key]) == {"nl", "en"}
    assert all(TERMS[key].values())


@pytest.mark.parametrize(
    ("sentence", "statement", "departs"),
    [
        ("as declared", Statement("a.b", {"day": DAY, "names": (Name("x"), Name("y"))}), ()),
        ("inside another", Statement("a.c", {"parts": (Statement("a.d"), Statement("a.d"))}), ()),
        ("in words of an earlier release", legacy("late"), ()),
        ("of a code that is unknown", Statement("a.x"), ("a.x is not declared",)),
        ("without a parameter", Statement("a.b", {"day": DAY}), ("a.b.names is not given",)),
        ("with one too many", Statement("a.d", {"day": DAY}), ("a.d.day is not declared",)),
        (
            "with one of another type",
            Statement("a.b", {"day": DAY, "names": (Name("x"), DAY)}),
            ("a.b.names is of another type than is declared",),
        ),
        ("with a fault inside", Statement("a.c", {"parts": (Statement("a.x"),)}), ("a.x is not declared",)),
    ],
)
def test_a_statement_is_held_to_its_declaration(sentence, statement, departs):
    codes = {"a.b": {"day": date, "names": Name}, "a.c": {"parts": Statement}, "a.d": {}}
    assert departures(statement, codes) == departs, sentence
