"""Every kind of fault that the product names stands in the manual, with what to do about it."""

import ast
import inspect
from pathlib import Path

import pytest

from ketenwacht.domain.delivery import is_reading_fault
from ketenwacht.domain.problems import PROBLEMS
from ketenwacht.domain.statement import Name, Statement
from ketenwacht.messages.texts.results import RESULTS
from ketenwacht.notify import network
from ketenwacht.service import state
from ketenwacht.workflows import feed_faults

MANUAL = (Path(__file__).resolve().parents[2] / "docs/operations.md").read_text(encoding="utf-8")
PART = MANUAL.partition("## What each fault looks like")[2].partition("\n## ")[0]
ROWS = [line for line in PART.splitlines() if line.startswith("|")]
ANY_CAUSE = {"cause": Name("OSError")}


def calls(module, name):
    """Return each call of a function in a module, by its name."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and name in {getattr(node.func, "attr", ""), getattr(node.func, "id", "")}:
            yield node


CODES = {
    *feed_faults.CODES,
    *(code for code in PROBLEMS if is_reading_fault(Statement(code, ANY_CAUSE))),
    *(code for code in RESULTS if code.startswith("plugin.")),
    *(call.args[0].value for call in calls(network, "NetworkFault")),
}


def sentences():
    """Return what `/readyz` may say, without the part that varies."""
    words = (ast.walk(call.args[0]) for call in calls(state, "append"))
    found = {one.value for each in words for one in each if isinstance(one, ast.Constant)}
    return {text for text in found if isinstance(text, str)}


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_of_a_fault_has_a_row(code):
    assert any(f"`{code}`" in row for row in ROWS)


@pytest.mark.parametrize("sentence", sorted(sentences()))
def test_a_sentence_of_readiness_has_a_row(sentence):
    assert any(sentence in row for row in ROWS)


def test_every_row_says_what_to_do():
    assert [row for row in ROWS if "| |" in row] == []
    assert (len(CODES) > 30, len(sentences()) > 5) == (True, True), "the lists above are found"
