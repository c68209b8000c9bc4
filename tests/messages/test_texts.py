"""Texts of alerts: every kind of thing has one, and each is said somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ketenwacht
from ketenwacht.domain.findings import Reason
from ketenwacht.domain.findings.finding import QUIET, Nature, Severity
from ketenwacht.messages import texts


@pytest.mark.parametrize(
    ("catalogue", "kinds"),
    [
        ("MEANING", set(Nature)),
        ("SEVERITY", set(Severity)),
        ("EVENT", set(Reason) - QUIET),
    ],
)
def test_no_kind_is_without_words(catalogue, kinds):
    assert set(getattr(texts, catalogue)) == kinds


def test_months_are_twelve():
    assert {len(months) for names in (texts.MONTHS, texts.MONTHS_SHORT) for months in names.values()} == {12}


def test_every_phrase_is_said_somewhere():
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in Path(ketenwacht.__file__).parent.rglob("*.py")
        if path.parent.name != "texts"
    )
    assert set(texts.PHRASE) <= set(re.findall(r"""["'](\w+)(?=["'])""", sources))
