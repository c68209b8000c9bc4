"""Texts of the report and of the pages: in both languages, with the same parameters, in use, and nowhere else."""

import re
from pathlib import Path

import pytest

import ketenwacht
from ketenwacht.messages.formatter import names_in
from ketenwacht.messages.texts.pages import PAGES
from ketenwacht.messages.texts.report import REPORT

SOURCE = Path(ketenwacht.__file__).parent
TEMPLATES = sorted(SOURCE.rglob("*.html.j2")) + sorted(SOURCE.rglob("*.svg.j2"))
TEXTS = {**REPORT, **PAGES}
MADE = (
    *("action.", "report.quiet_", "report.detail_", "report.mark_", "baseline.state_", "backtest."),
    *(f"web.{of}_" for of in ("act", "done", "fate", "login", "presence", "range", "verdict")),
)
"""Beginnings of keys that are put together from a value."""


@pytest.mark.parametrize("key", TEXTS)
def test_a_text_has_both_languages_and_the_same_parameters_in_each(key):
    found = {language: names_in(text) for language, text in TEXTS[key].items()}
    assert set(TEXTS[key]) == {"nl", "en"}
    assert found["nl"] == found["en"]
    assert all(text.strip() for text in TEXTS[key].values())


def test_every_text_is_used():
    written = "\n".join(
        path.read_text() for end in ("*.py", "*.j2") for path in SOURCE.rglob(end) if path.parent.name != "texts"
    )
    quoted = set(re.findall(r"""["']([\w.:-]+)(?=["'])""", written))
    exact = {key.removesuffix("_exact") for key in TEXTS}  # the same said where nothing is hidden
    unused = {key for key in TEXTS if key not in quoted and not key.startswith(MADE)}
    assert {key for key in unused if key.removesuffix("_exact") not in exact - unused} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_structure_and_no_words(path):
    text = path.read_text()
    labels = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', text)
    shown = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    shown = re.sub(r"<!doctype html>|<style>.*?</style>|<[^>]+>|&\w+;", " ", shown, flags=re.DOTALL)
    words = re.findall(r"[^\W\d_]{2,}", shown) + [one for one in labels if not one.startswith("{{")]
    assert [word for word in words if word != "Ketenwacht"] == []
