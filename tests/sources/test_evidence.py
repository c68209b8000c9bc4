"""Files with reference counts and inquiries."""

from datetime import date

import pytest

from ketenwacht.domain.evidence import InquiryCount, ReferenceFigure
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.personal_values import OTHER
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.errors import ConfigError
from ketenwacht.sources import read_inquiries, read_references

REFERENCES = """period_from;period_to;group;count;uncertainty;published_on;source
2022-01-01;2022-01-31;a;120;0.02;2022-03-01;Statistics, table 1
2022-01-01;2022-01-31;;300.5;0;2022-03-01;Statistics, table 1
2022-01-01;2022-01-31;a;131;0.02;2022-06-01;Statistics, table 1
"""
INQUIRIES = """date;town;outcome
2022-02-02;0363;known
2022-02-01;0363;should_have_been_sent
2022-02-01;0363;should_have_been_sent
2022-02-01;;open
"""
MARKED = "Marked Person 0123456789"


@pytest.fixture
def file(tmp_path):
    """Write a file and get its path."""

    def write(content):
        path = tmp_path / "evidence.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


GUARD = Guard(codes={"group": frozenset({"a", "7777777"})}, reasons=frozenset({"too young"}))


def test_figures_outside_the_code_table_are_added_up_with_their_errors(file):
    head, january = REFERENCES.splitlines()[0], "2022-01-01;2022-01-31"
    rows = [f"{january};{v};{n};{u};2022-03-01;S" for v, n, u in (("a", 5, 0.1), ("b", 30, 0.1), ("c", 40, 0.1))]
    found = read_references(file("\n".join([head, *rows])), dimensions=("group",), guard=GUARD)
    assert [(f.segment, f.count, f.uncertainty, f.version) for f in found] == [
        (Segment((("group", "a"),)), 5.0, 0.1, 1),
        (Segment((("group", OTHER),)), 70.0, 5.0 / 70.0, 1),
    ]


def test_the_same_row_twice_is_refused_though_it_would_be_withheld(file):
    row = "2022-01-01;2022-01-31;b;30;0.1;2022-03-01;S"
    path = file("\n".join([REFERENCES.splitlines()[0], row, row]))
    with pytest.raises(ConfigError, match="an earlier line has the same source"):
        read_references(path, dimensions=("group",), guard=GUARD)


@pytest.mark.parametrize("source", ["7777 123 450", "mail to a@b.nl", "1234 AB", "the file of 777712345"])
def test_a_source_that_could_be_a_person_is_refused_and_not_told(file, source):
    text = f"{REFERENCES.splitlines()[0]}\n2022-01-01;2022-01-31;a;30;0.1;2022-03-01;{source}\n"
    with pytest.raises(ConfigError, match=r"evidence\.csv:2: source seems to hold") as caught:
        read_references(file(text), dimensions=("group",))
    assert source not in str(caught.value)


def test_inquiries_about_values_outside_the_code_table_are_counted_together(file):
    text = "date;group;outcome\n" + "".join(f"2022-02-01;{v};open\n" for v in ("a", "b", "c", "7777777"))
    found = read_inquiries(file(text), dimensions=("group",), guard=GUARD)
    assert {count.segment.pairs[0][1]: count.count for count in found} == {"a": 1, OTHER: 2, "7777777": 1}


def test_references_get_versions_in_order_of_publication(file):
    january = {"period_from": date(2022, 1, 1), "period_to": date(2022, 1, 31), "source": "Statistics, table 1"}
    march, june = date(2022, 3, 1), date(2022, 6, 1)
    a = Segment((("group", "a"),))
    assert read_references(file(REFERENCES), dimensions=["other", "group"]) == (
        ReferenceFigure(segment=a, count=120, uncertainty=0.02, published_on=march, version=1, **january),
        ReferenceFigure(segment=WHOLE, count=300.5, uncertainty=0, published_on=march, version=1, **january),
        ReferenceFigure(segment=a, count=131, uncertainty=0.02, published_on=june, version=2, **january),
    )


def test_inquiries_are_counted_by_day_segment_and_outcome(file):
    town, unknown = Segment((("town", "0363"),)), Segment((("town", ""),))
    assert read_inquiries(file(INQUIRIES)) == (
        InquiryCount(date(2022, 2, 1), "open", 1, unknown),
        InquiryCount(date(2022, 2, 1), "should_have_been_sent", 2, town),
        InquiryCount(date(2022, 2, 2), "known", 1, town),
    )


def test_an_inquiry_file_without_segments_speaks_of_the_whole_feed(file):
    assert read_inquiries(file("outcome,date\nopen,2022-02-01\n")) == (InquiryCount(date(2022, 2, 1), "open", 1),)


def test_a_header_only_is_no_evidence(file):
    assert read_inquiries(file("date;outcome\n")) == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("2022-01-01;2022-01-31;;", "2022-02-01;2022-01-31;;", ":3: period_to is before period_from"),
        ("2022-01-01;2022-01-31;;", f"{MARKED};2022-01-31;;", ":3: period_from cannot be read"),
        ("300.5", MARKED, ":3: count cannot be read"),
        ("300.5", "-1", ":3: count cannot be read"),
        ("300.5", "300,5", ":3: count cannot be read"),
        ("300.5", "nan", ":3: count cannot be read"),
        (";0;", ";2;", ":3: uncertainty cannot be read — write a fraction, such as 0.02 for 2 %"),
        (
            "2022-06-01",
            "2022-03-01",
            ":4: an earlier line has the same source, segment, period and day of publication",
        ),
        ("2022-06-01;Statistics, table 1", "2022-06-01; ", ":4: source cannot be read"),
        ("2022-06-01;Statistics, table 1", "2022-06-01", ":4: the row has 6 fields and the header 7"),
        ("2022-06-01", "2022-06-31", ":4: published_on cannot be read"),
        (";group;", f";{MARKED};", ":1: 1 column is not a segment column of the feed"),
        (";uncertainty;", ";spread;", ":1: there is no column uncertainty"),
        (";group;", ";count;", ":1: a column has no name, or the name of another"),
        ("Statistics", '"Statistics', "this is not valid CSV"),
        ("Statistics", "x" * 300, "a field is too long"),
        (REFERENCES, "", ":1: the file is empty"),
    ],
)
def test_references_that_are_refused(file, old, new, problem):
    with pytest.raises(ConfigError) as caught:
        read_references(file(REFERENCES.replace(old, new)), dimensions=["group"])
    assert problem in str(caught.value)
    assert MARKED not in repr(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("date;outcome\n2022-02-01;found\n", ":2: outcome cannot be read — write one of known,"),
        (f"date;outcome\n2022-02-01;{MARKED}\n", ":2: outcome cannot be read"),
        (f"date;outcome\n{MARKED};open\n", ":2: date cannot be read"),
        (
            "date;x;outcome\n2022-02-01;999900018;open\n2022-02-01;0123456789;open\n2022-02-01;;open\n",
            ":2: segment column 1 seems to hold the number of a person",
        ),
        ("date;surname;outcome\n", ":1: the name of segment column 1 is about persons"),
        ("date;town;e-mail;outcome\n", ":1: the name of segment column 2 is about persons"),
        ("town;outcome\n", ":1: there is no column date"),
        (b"date;outcome\n2022-02-01;\xff\n", ":1: the file is not UTF-8"),
    ],
)
def test_inquiries_that_are_refused(file, content, problem):
    with pytest.raises(ConfigError) as caught:
        read_inquiries(file(content))
    assert problem in str(caught.value)
    assert not any(value in repr(caught.value) for value in (MARKED, "999900018"))


def test_with_the_dimensions_of_the_feed_no_other_column_is_taken(file):
    path = file("date;town;other;outcome\n2022-02-01;0363;x;open\n")
    with pytest.raises(ConfigError, match="1 column is not a segment column of the feed"):
        read_inquiries(path, dimensions=["town"])
    assert read_inquiries(path, dimensions=["other", "town"])[0].segment.dimensions == ("other", "town")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="the file cannot be opened"):
        read_inquiries(tmp_path / "none.csv")


NUMBERS = ["999912345", "0123456789", "99991234", "9999.12.345", "999 912 345", "V-0123456789", "v.nr 0123456789"]


@pytest.mark.parametrize("number", NUMBERS)
def test_one_number_of_a_person_among_many_codes_refuses_the_file_and_is_not_quoted(file, number):
    codes = "".join(f"2022-02-01;{1000 + i};open\n" for i in range(40))
    with pytest.raises(ConfigError) as caught:
        read_inquiries(file(f"date;town;outcome\n{codes}2022-02-02;{number};open\n"), dimensions=("town",))
    assert ":42: segment column 1 seems to hold the number of a person" in str(caught.value)
    assert number not in str(caught.value)


@pytest.mark.parametrize("name", ["bsn", "V_nummer", "vnr", "BSN-nummer", "alien number", "Burgerservicenummer"])
def test_a_column_named_like_a_number_of_persons_is_refused_whatever_is_in_it(file, name):
    with pytest.raises(ConfigError, match="the name of segment column"):
        read_inquiries(file(f"date;{name};outcome\n2022-02-01;x;open\n"))


@pytest.mark.parametrize("code", ["0363", "2022-02-01", "NL-NH", "1234567", "12345678901", ""])
def test_codes_that_are_no_numbers_of_persons_stay(file, code):
    assert read_inquiries(file(f"date;town;outcome\n2022-02-01;{code};open\n"))[0].count == 1
