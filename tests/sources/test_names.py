from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.sources.names import ParsedName, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "name", "named"),
    [
        ("F_{date:%Y%m%d}_{sequence:06d}.csv", "F_20220103_000001.csv", ParsedName("000001", date(2022, 1, 3), 1)),
        (
            "F_{date:%Y%m%d}_{sequence:06d}.csv",
            "F_20220103_1234567.csv",
            ParsedName("1234567", date(2022, 1, 3), 1234567),
        ),
        ("F_{date:%Y%m%d}_{sequence:06d}.csv", "F_20220103_01.csv", None),
        ("F_{date:%Y%m%d}_{sequence:06d}.csv", "F_20220230_000001.csv", None),
        ("F_{date:%Y%m%d}_{sequence:06d}.csv", "F_20220103_000001.csv.part", None),
        ("F_{date:%Y%m%d}_{sequence:06d}.csv", "xF_20220103_000001.csv", None),
        ("F_{date:%Y%m%d}_{sequence:06d}.csv", "F_20220103_000001xcsv", None),
        ("{date}.csv", "2022-01-03.csv", ParsedName("2022-01-03", date(2022, 1, 3), None)),
        ("{sequence}.csv", "12.csv", ParsedName("12", None, 12)),
        ("{sequence}.csv", "012.csv", None),
        ("F{date:%Y%m}.csv", "F202203.csv", ParsedName("2022-03-01", date(2022, 3, 1), None)),
        ("F{date:%Y}.csv", "F2022.csv", ParsedName("2022-01-01", date(2022, 1, 1), None)),
        ("F{date:%G-W%V}.csv", "F2022-W01.csv", ParsedName("2022-01-03", date(2022, 1, 3), None)),
        ("F{date:%Y%j}.csv", "F2022032.csv", ParsedName("2022-02-01", date(2022, 2, 1), None)),
        (
            "F{date:%Y%m%d-%H%M%S}.csv",
            "F20220103-070059.csv",
            ParsedName("2022-01-03T070059", date(2022, 1, 3), None),
        ),
    ],
)
def test_a_name_is_read(pattern, name, named):
    assert compile_pattern(pattern).match(name) == named


@given(day=st.dates(date(1900, 1, 1), date(2199, 12, 31)), sequence=st.integers(0, 10**9))
def test_a_name_that_was_written_is_read_back(day, sequence):
    pattern = compile_pattern("F+{date:%d.%m.%Y}({sequence:04d}).csv")
    named = pattern.match(f"F+{day:%d.%m.%Y}({sequence:04d}).csv")
    assert named == ParsedName(f"{sequence:04d}", day, sequence)
    assert pattern.name(named.id, day) == f"F+{day:%d.%m.%Y}({sequence:04d}).csv"


@given(st.text(max_size=30))
def test_whatever_the_name_a_match_is_the_name_itself(name):
    pattern = compile_pattern("{date:%y%m%d}{sequence:02d}")
    named = pattern.match(name)
    assert named is None or pattern.name(named.id, named.period) == name


NEARLY = [
    ("the name itself matches", "F_{date:%Y%m%d}_{sequence:06d}.csv", "F_20230117_000012.csv", False),
    ("an ending in capitals", "F_{date:%Y%m%d}_{sequence:06d}.csv", "F_20230117_000012.CSV", True),
    ("a compressed file", "F_{date:%Y%m%d}.csv", "F_20230117.csv.gz", True),
    ("an upload under way", "F_{date:%Y%m%d}.csv", "F_20230117.csv.part", True),
    ("no ending", "F_{date:%Y%m%d}.csv", "F_20230117", True),
    ("another form of the date", "F_{date:%Y%m%d}.csv", "F_2023-01-17.csv", True),
    ("the day first", "F_{date:%Y%m%d}.csv", "F-17-01-2023.csv", True),
    ("small letters", "Feed_{date:%Y%m%d}.csv", "feed_20230117.csv", True),
    ("a number without zeros", "F_{sequence:06d}.csv", "F_12.csv", True),
    ("a copy", "F_{date:%Y%m%d}.csv", "F_20230117 (1).csv", True),
    ("a space in place of a mark", "F_{date:%Y%m%d}.csv", "F 20230117.csv", True),
    ("another word", "F_{date:%Y%m%d}.csv", "G_20230117.csv", False),
    ("a word more", "F_{date:%Y%m%d}.csv", "F_test_20230117.csv", False),
    ("another kind of file", "F_{date:%Y%m%d}.csv", "F_20230117.pdf", False),
    ("a backup", "F_{date:%Y%m%d}.csv", "F_20230117.csv.bak", False),
]


@pytest.mark.parametrize(("sentence", "pattern", "name", "nearly"), NEARLY, ids=[one[0] for one in NEARLY])
def test_a_name_that_is_probably_meant_for_the_pattern(sentence, pattern, name, nearly):
    assert compile_pattern(pattern).nearly(name) is nearly, sentence
