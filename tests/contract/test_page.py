"""The page that people sign: everything in it, in both languages, and safe to open."""

import re
from html.parser import HTMLParser

import contract_samples as samples
import pytest

from ketenwacht.contract import page_html, page_markdown

VOID = {"meta"}


class Outline(HTMLParser):
    """Which elements a page has, and whether each is closed where it must be."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def outline(text):
    parsed = Outline()
    parsed.feed(text)
    assert parsed.open == []
    return parsed


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", ["Leveringsovereenkomst", "Ondertekening", "verplicht", "De kolommen zijn die welke"]),
        ("en", ["Data contract", "Signatures", "required", "The columns of the delivery"]),
    ],
)
def test_it_says_everything_in_the_language(language, words, small):
    contract = samples.built(small)
    facts = [
        "SENDER",
        "RECEIVER",
        "Know who moved",
        "The rule number-form",
        "number",
        "retention",
        "Bakker".lower(),
    ]
    for text in (page_html(contract, language), page_markdown(contract, language).replace("\\", "")):
        for word in (*words, *facts):
            assert word in text, word


def test_the_html_is_whole_needs_nothing_from_outside_and_names_its_parts(small):
    text = page_html(samples.built(small), "nl")
    parsed = outline(text)
    assert ("lang", "nl") in parsed.attributes
    assert {"main", "h1", "h2", "th", "title"} <= set(parsed.seen)
    assert not {"script", "img", "link", "iframe"} & set(parsed.seen)
    assert not re.search(r"https?://|url\(|@import", text)
    headers = [value for name, value in parsed.attributes if name == "scope"]
    assert set(headers) == {"col", "row"}


def test_words_of_others_cannot_become_markup(small):
    small["settings"]["sender"] = "<script>alert(1)</script>"
    small["rules"][0]["meta"]["title"] = "a | b <b>"
    contract = samples.built(small)
    assert "script" not in outline(page_html(contract, "en")).seen
    markdown = page_markdown(contract, "en")
    assert "<script" not in markdown.replace("\\<", "")
    assert r"a \| b \<b\>" in markdown


def test_the_fingerprint_changes_with_any_fact(small):
    before = page_markdown(samples.built(small), "nl").splitlines()[-1]
    same = page_markdown(samples.built(small), "en").splitlines()[-1]
    small["checks"]["checks"][4]["slack"] = 0.04
    after = page_markdown(samples.built(small), "nl").splitlines()[-1]
    assert before.split(": ")[1] == same.split(": ")[1] != after.split(": ")[1]


def test_a_long_code_table_is_told_by_its_size(small):
    small["codes"]["group"] = [{"code": f"c{i}"} for i in range(300)]
    text = page_markdown(samples.built(small), "en")
    assert "| 300 |" in text
    assert "c150" not in text
