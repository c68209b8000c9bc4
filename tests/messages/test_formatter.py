"""How every type of value is said, in both languages and under every limit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import (
    Amount,
    Fraction,
    MissingCount,
    Name,
    Persons,
    Serial,
    Share,
    Statement,
    Term,
    Text,
    legacy,
)
from ketenwacht.messages.formatter import MessageFormatter, cut, sentence
from ketenwacht.messages.privacy import Privacy

MONDAY = date(2022, 5, 30)
TOWN = Segment((("group", ""), ("town", "0363")))
DUTCH = MessageFormatter("nl", zone=ZoneInfo("Europe/Amsterdam"), labels={"town": {"0363": "Amsterdam"}})
ENGLISH = MessageFormatter("en", zone=UTC)


@pytest.mark.parametrize(
    ("value", "dutch", "english"),
    [
        (Persons(1234), "1.230", "1,230"),
        (Persons(7), "<10", "<10"),
        (Persons(0), "0", "0"),
        (MissingCount(187), "ongeveer 190", "about 190"),
        (MissingCount(-187), "ongeveer 190", "about 190"),
        (MissingCount(4), "<10", "<10"),
        (MissingCount(0), "0", "0"),
        (Share(120, 480), "25%", "25%"),
        (Share(5, 480), "minder dan 3%", "less than 3%"),
        (Share(478, 480), "meer dan 97%", "more than 97%"),
        (Fraction(0.015), "1,5%", "1.5%"),
        (Fraction(float("nan")), "onbekend", "unknown"),
        (Amount(12345), "12.345", "12,345"),
        (Amount(3.75), "3,75", "3.75"),
        (Amount(25506.6), "25.507", "25,507"),
        (Amount(-2.5), "−2,5", "−2.5"),
        (Serial(7, 7), "7", "7"),
        (Serial(7, 9), "7–9", "7–9"),
        (Name("town"), "town", "town"),
        (Name(""), "niet ingevuld", "not filled in"),
        (Text({"nl": "plaats", "en": "place"}), "plaats", "place"),
        (Text.of("as written"), "as written", "as written"),
        (Term("delivery.mutation"), "mutaties", "mutations"),
        (Term("of another release"), "of another release", "of another release"),
        (TOWN, "group niet ingevuld, town Amsterdam (0363)", "group not filled in, town 0363"),
        (WHOLE, "de hele stroom", "the whole feed"),
        (MONDAY, "30 mei 2022", "30 May 2022"),
        (datetime(2022, 5, 30, 22, 30, tzinfo=UTC), "31 mei 2022 00:30", "30 May 2022 22:30"),
        (Statement("delivery.absent"), "Er is niets ontvangen.", "Nothing was received."),
        ((Amount(1), Amount(2)), "1; 2", "1; 2"),
        (legacy("3 rows"), "Hiervan is alleen een Engelse tekst bewaard. Zie `ketenwacht history`.", "3 rows"),
    ],
    ids=str,
)
def test_a_value_is_said_one_way_in_each_language(value, dutch, english):
    assert (DUTCH.value(value), ENGLISH.value(value)) == (dutch, english)


@pytest.mark.parametrize(
    ("sentence", "params", "said"),
    [
        ("one with its noun", {"rows": Amount(1), "more": "x"}, "1 row, x"),
        ("many with theirs", {"rows": Amount(3), "more": "x"}, "3 rows, x"),
        ("a count that is hidden is many", {"rows": Persons(1), "more": "x"}, "<10 rows, x"),
        ("several values are joined", {"rows": Amount(3), "more": (Amount(1), Amount(2))}, "3 rows, 1; 2"),
    ],
)
def test_a_number_stands_with_its_noun(sentence, params, said):
    texts = {"nl": "{rows:rij|rijen}, {more}", "en": "{rows:row|rows}, {more}"}
    assert ENGLISH.fill(texts, params) == said, sentence


@pytest.mark.parametrize(
    ("sentence", "rows", "said"),
    [
        ("of one the word is that of one, without its number", Amount(1), "is 1 left"),
        ("of many that of many", Amount(3), "are 3 left"),
        ("of a hidden count that of many", Persons(1), "are <10 left"),
    ],
)
def test_a_word_before_its_number_agrees_with_it(sentence, rows, said):
    assert ENGLISH.fill({"nl": "", "en": "{rows:=is|are} {rows} left"}, {"rows": rows}) == said, sentence


@pytest.mark.parametrize(
    ("sentence", "form", "cause", "said"),
    [
        ("a class that has words", "fault", "ConfigError", "a setting is wrong"),
        ("of one file it has others", "file-fault", "ConfigError", "its content is not as agreed"),
        (
            "a class without words is a defect",
            "fault",
            "ZeroDivisionError",
            "an error in the program (ZeroDivisionError)",
        ),
        ("a class has the words of its parent", "file-fault", "FileExistsError", "the disk or the network failed"),
        (
            "a server that refuses is no defect",
            "fault",
            "ConnectionRefusedError",
            "the server cannot be reached or closed the connection",
        ),
        (
            "a class of a library may blame a file or a server",
            "file-fault",
            "ReadTimeoutError",
            "ReadTimeoutError",
        ),
        ("the class of everything says nothing", "file-fault", "Exception", "Exception"),
        ("what is no class stays as it is", "file-fault", "HTTP 404", "HTTP 404"),
        ("a code of a library stays too", "file-fault", "SQLSTATE 42P01", "SQLSTATE 42P01"),
    ],
)
def test_the_class_of_a_fault_is_said_in_words(sentence, form, cause, said):
    texts = {"nl": f"{{cause:{form}}}", "en": f"{{cause:{form}}}"}
    assert ENGLISH.fill(texts, {"cause": Name(cause)}) == said, sentence


@pytest.mark.parametrize(
    ("sentence", "statement", "said", "known"),
    [
        ("what the catalogue has", Statement("delivery.absent"), "Nothing was received.", True),
        ("a code of another release", Statement("gone.away"), "gone.away", False),
        ("a text with a parameter that it does not hold", Statement("schema.gone"), "schema.gone", False),
        ("words of an earlier release", legacy("late"), "late", False),
    ],
)
def test_a_statement_of_another_release_never_fails(sentence, statement, said, known):
    assert (ENGLISH.say(statement), ENGLISH.knows(statement)) == (said, known), sentence


@pytest.mark.parametrize(
    ("sentence", "limit", "missing", "ends"),
    [
        ("the ends are rounded outward", 10, Missing(MONDAY, 187, 121, 263), ("120", "270")),
        ("too many have no sign", 10, Missing(MONDAY, -187, -263, -121), ("120", "270")),
        ("an interval that holds zero begins there", 10, Missing(MONDAY, 44, -12, 77), ("0", "80")),
        ("a count without uncertainty has none", 10, Missing(MONDAY, 187, 187, 187), None),
        ("of a hidden number none is told", 10, Missing(MONDAY, 7, 2, 14), None),
        ("a higher limit rounds more coarsely", 100, Missing(MONDAY, 187, 121, 263), ("100", "300")),
        ("without a limit they are exact", 1, Missing(MONDAY, 187, 121, 263), ("121", "263")),
    ],
)
def test_the_interval_of_an_estimate(sentence, limit, missing, ends):
    assert MessageFormatter(privacy=Privacy(limit)).ends(missing) == ends, sentence


@pytest.mark.parametrize(
    ("sentence", "missing", "evidence", "said"),
    [
        ("a day", Missing(MONDAY, 50, 50, 50), Evidence.HISTORY, "30 May 2022"),
        (
            "the week of a decision",
            Missing(MONDAY, 50, 50, 50),
            Evidence.RECONCILIATION,
            "the week of 30 May 2022",
        ),
    ],
)
def test_the_onset_of_a_loss(sentence, missing, evidence, said):
    assert ENGLISH.since(missing, evidence) == said, sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("two of them", "Two of them."),
        ("Two of them.", "Two of them."),
        ("why?", "Why?"),
        ("no!", "No!"),
        ("and so on…", "And so on…"),
        ("é", "É."),
    ],
)
def test_a_sentence_has_a_capital_and_one_end(text, said):
    assert sentence(text) == said


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("a  b\nc", 9, "a b c"),
        ("abcde", 5, "abcde"),
        ("abcdef", 5, "abcd…"),
        ("x" * 120, 120, "x" * 120),
    ],
)
def test_a_text_is_cut_to_one_line_of_its_length(text, most, kept):
    assert cut(text, most) == kept


def test_a_name_is_cut_at_120_characters_unless_told_otherwise():
    assert cut("x" * 121) == "x" * 119 + "…"


@pytest.mark.parametrize(
    ("language", "number", "digits", "said"),
    [
        ("en", 12.0, 1, "12.0"),
        ("nl", 1234.56, 1, "1.234,6"),
        ("en", -0.25, 2, "−0.25"),
        ("nl", float("nan"), 1, "onbekend"),
        ("en", float("inf"), 0, "unknown"),
    ],
)
def test_a_decimal_has_as_many_places_as_asked(language, number, digits, said):
    assert MessageFormatter(language).decimal(number, digits) == said


@pytest.mark.parametrize(
    ("limit", "part", "said"),
    [(1, 796, "79.6%"), (1, 7999, "79.9%"), (10, 796, "less than 80%"), (10, 700, "70%"), (1, 800, "80%")],
)
def test_a_share_below_its_floor_is_never_shown_as_the_floor(limit, part, said):
    formatter = MessageFormatter("en", Privacy(limit))
    whole = 10_000 if part > 1000 else 1000
    statement = Statement(
        "completeness.too_empty",
        {"field": Name("town", agreed=True), "share": Share(part, whole), "floor": Fraction(0.8)},
    )
    assert formatter.say(statement) == (
        f"Field 'town' is filled in only {said} of the rows; the agreement is at least 80%."
    )


@pytest.mark.parametrize(
    ("language", "fraction", "said"),
    [
        ("en", 0.19, "19%"),
        ("en", 0.025, "2.5%"),
        ("nl", 0.025, "2,5%"),
        ("en", 0.02, "2%"),
        ("en", 0.0999, "10%"),
        ("en", 0.1, "10%"),
        ("en", 0.1049, "10%"),
        ("en", 0.0946, "9.5%"),
        ("en", -0.025, "−2.5%"),
        ("en", 0.0, "0%"),
        ("en", 1.0, "100%"),
        ("nl", float("nan"), "onbekend"),
    ],
)
def test_a_percentage_has_two_figures_at_most(language, fraction, said):
    assert MessageFormatter(language).percent(fraction) == said


@pytest.mark.parametrize(
    ("sentence", "missing", "ends"),
    [
        ("rounded outward", Missing(MONDAY, 200, 121, 263), ("120", "270")),
        ("of too many persons in the same order", Missing(MONDAY, -200, -263, -121), ("120", "270")),
        ("an interval over zero begins at nobody", Missing(MONDAY, 200, -50, 263), ("0", "270")),
        ("too narrow to be seen", Missing(MONDAY, 200, 199, 201), None),
        ("of a hidden number none", Missing(MONDAY, 4, 1, 90), None),
    ],
)
def test_the_ends_of_an_interval_of_persons(sentence, missing, ends):
    assert MessageFormatter("en").ends(missing) == ends, sentence


ALIKE = "Rounding hides the difference here."


@pytest.mark.parametrize(
    ("case", "asked", "usual", "alike"),
    [
        ("both are hidden", 8, 3, True),
        ("both are rounded to the same", 14, 9.6, True),
        ("they look different", 31, 14, False),
    ],
)
def test_counts_that_differ_and_look_alike_are_explained(case, asked, usual, alike):
    said = Statement("inquiries.surge", {"asked": Persons(asked), "usual": Persons(usual), "week": MONDAY})
    assert (ALIKE in ENGLISH.say(said)) is alike


def test_counts_that_agree_need_no_explanation():
    said = Statement("inquiries.number", {"asked": Persons(8), "usual": Persons(3), "week": MONDAY})
    assert ALIKE not in ENGLISH.say(said)


def test_a_code_that_an_earlier_release_stored_without_a_day_keeps_its_words():
    assert (
        ENGLISH.say(Statement("coverage.never_seen")) == "This category was never seen, and nobody explained why."
    )
    now = ENGLISH.say(Statement("coverage.never_seen", {"since": MONDAY}))
    assert now == "Never seen since the first delivery (30 May 2022), and nobody explained why."


@pytest.mark.parametrize(
    ("case", "limit", "count", "said"),
    [
        ("one person", 1, "1", "1 persoon ontbreekt"),
        ("two persons", 1, "2", "2 personen ontbreken"),
        ("about one", 1, "ongeveer 1", "ongeveer 1 persoon ontbreekt"),
        ("a hidden count", 10, "<10", "<10 personen ontbreken"),
        ("a number that ends in 1", 1, "21", "21 personen ontbreken"),
    ],
)
def test_a_count_that_is_text_agrees_with_its_noun(case, limit, count, said):
    assert MessageFormatter("nl", Privacy(limit)).label("incidents.missing", count=count) == said


def test_an_estimate_of_one_agrees_with_its_noun():
    exact = MessageFormatter("en", Privacy(1))
    assert exact.fill({"nl": "", "en": "{n:person|persons}"}, {"n": MissingCount(1)}) == "about 1 person"
    assert ENGLISH.fill({"nl": "", "en": "{n:person|persons}"}, {"n": MissingCount(1)}) == "<10 persons"
