"""The page that people sign: everything in it, in both languages, and safe to open."""

import re
from html.parser import HTMLParser

import contract_samples as samples
import pytest

from ketenwacht.contract import format_page_html, format_page_markdown

VOID = {"meta"}


class SuiteSummary(HTMLParser):
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


def summary(text):
    parsed = SuiteSummary()
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
def test_the_page_holds_every_fact_in_the_language(language, words, small):
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
    for text in (format_page_html(contract, language), format_page_markdown(contract, language).replace("\\", "")):
        for word in (*words, *facts):
            assert word in text, word


def test_the_html_is_whole_needs_nothing_from_outside_and_names_its_parts(small):
    text = format_page_html(samples.built(small), "nl")
    parsed = summary(text)
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
    assert "script" not in summary(format_page_html(contract, "en")).seen
    markdown = format_page_markdown(contract, "en")
    assert "<script" not in markdown.replace("\\<", "")
    assert r"a \| b \<b\>" in markdown


def test_the_fingerprint_changes_with_any_fact(small):
    before = format_page_markdown(samples.built(small), "nl").splitlines()[-1]
    same = format_page_markdown(samples.built(small), "en").splitlines()[-1]
    small["checks"]["checks"][4]["slack"] = 0.04
    after = format_page_markdown(samples.built(small), "nl").splitlines()[-1]
    assert before.split(": ")[1] == same.split(": ")[1] != after.split(": ")[1]


def test_a_long_code_table_is_shown_by_its_size(small):
    small["codes"]["group"] = [{"code": f"c{i}"} for i in range(300)]
    text = format_page_markdown(samples.built(small), "en")
    assert "| 300 |" in text
    assert "c150" not in text


def rows_under(text, head):
    """The rows of the table under a head of a page in Markdown, cells without their marks."""
    part = text.split(f"## {head}\n")[1].split("\n## ")[0].replace("\\", "")
    return [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")][2:]


def test_no_value_on_the_page_is_shortened(small):
    many = [f"code-{i:03d}" for i in range(60)]
    small["checks"]["checks"][5]["expected"] = [{"group": many}]
    small["rules"][2]["kwargs"]["value_set"] = many
    text = format_page_markdown(samples.built(small), "en")
    for head in ("What one delivery satisfies", "What the stream of deliveries satisfies"):
        assert ", ".join(many) in " ".join(" ".join(row) for row in rows_under(text, head))


def test_a_rule_shows_its_values_and_condition(small):
    both = [
        {"type": "comparison", "column": {"name": "group"}, "operator": "IN", "parameter": ["a", "b"]},
        {"type": "nullity", "column": {"name": "decided_on"}, "is_null": True},
    ]
    small["rules"][0]["kwargs"]["row_condition"] = {"type": "and", "conditions": both}
    rules = {
        row[0]: row
        for row in rows_under(format_page_markdown(samples.built(small), "en"), "What one delivery satisfies")
    }
    assert rules["The rule number-present"][2] == "column number; when group ∈ a, b and decided_on empty"
    assert rules["The rule group-known"][2] == "column group; value_set table group"
    assert rules["The rule number-form"][1:3] == ["failure", r"column number; regex ^d{10}$"]


def test_the_page_shows_the_form_of_a_delivery_and_the_days_of_codes(small):
    text = format_page_markdown(samples.built(small), "nl")
    assert ["Vorm van een levering", "reader csv; pattern {date:%Y%m%d}.csv"] in rows_under(text, "Levering")
    assert rows_under(text, "Codetabellen") == [["group", "3", "a First; b; no (tot en met 2030-12-31)"]]


def test_a_rule_that_is_not_judged_is_not_among_the_rules(small):
    small["terms"]["schema"][0]["quality"] = [{"type": "text", "name": "polite", "description": "Be polite."}]
    text = format_page_markdown(samples.built(small), "en")
    assert "polite" not in str(rows_under(text, "What one delivery satisfies"))
    assert ["polite", "Be polite."] in rows_under(text, "Agreed, but not watched automatically")
