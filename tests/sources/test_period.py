from datetime import date
from zoneinfo import ZoneInfo

import pytest

from ketenwacht.errors import ConfigError
from ketenwacht.sources.period import check_form, find_readings, parse_period

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022-03-05", date(2022, 3, 5)),
        ("2022-03-05 23:59:59", date(2022, 3, 5)),
        ("2022-03-05T23:59:59.123456", date(2022, 3, 5)),
        ("2022-03-05T23:30:00Z", date(2022, 3, 6)),
        ("2022-03-04 23:00:00+00", date(2022, 3, 5)),
        ("2022-03-05T00:00:00+01:00", date(2022, 3, 5)),
        ("2022-03", date(2022, 3, 1)),
        ("2022-W01", date(2022, 1, 3)),
        ("2020-W53", date(2020, 12, 28)),
        ("2022", date(2022, 1, 1)),
        ("0363", None),
        ("2022-W53", None),
        ("2022-02-30", None),
        ("2022-13", None),
        ("2022-03-05 ", None),
        ("2022-03-05x", None),
        ("2022-03-05T25:00", None),
        ("0001-01-01T00:00+14:00", None),
        ("20220305", date(2022, 3, 5)),
        ("20220230", None),
        ("20221305", None),
        ("99990001", None),
        ("19800000", None),
        ("05-03-2022", None),
        ("", None),
        ("٢٠٢٢", None),
    ],
)
def test_a_period_is_the_first_day_of_what_a_text_names(text, day):
    assert parse_period(text, AMSTERDAM) == day


@pytest.mark.parametrize(
    ("sentence", "texts", "forms"),
    [
        ("a date that tells by itself needs no layout", ["2022-03-05"], [None]),
        ("a day after the 12th comes first", ["05-03-2022", "13-03-2022"], ["%d-%m-%Y"]),
        ("a day after the 12th comes second", ["03/05/2022", "3/13/2022"], ["%m/%d/%Y"]),
        ("no day after the 12th: two readings", ["05-03-2022", "06-03-2022"], ["%d-%m-%Y", "%m-%d-%Y"]),
        ("dots put the day first wherever they are used", ["05.03.2022"], ["%d.%m.%Y"]),
        ("two digits of a year", ["31-12-21", "01-01-22"], ["%d-%m-%y"]),
        ("the year first, with slashes", ["2022/03/05"], ["%Y/%m/%d"]),
        ("the name of a month", ["05 Mar 2022"], ["%d %b %Y"]),
        ("a time of day after it", ["31/03/2022 23:15"], ["%d/%m/%Y %H:%M"]),
        ("the clock of twelve hours", ["3/31/2022 11:15:00 PM"], ["%m/%d/%Y %I:%M:%S %p"]),
        ("a month", ["01-2022", "02-2022"], ["%m-%Y"]),
        ("a month or a week: two readings", ["202201", "202202"], ["%Y%m", "%G%V"]),
        ("no month has this number", ["202212", "202213"], ["%G%V"]),
        ("one text is no date", ["05-03-2022", "unknown"], []),
        ("day 13 and month 13 cannot be of one layout", ["13-01-2022", "01-13-2022"], []),
        ("digits of another script are not read", ["٠٥-٠٣-٢٠٢٢"], []),
        ("nothing", [], []),
    ],
)
def test_all_texts_of_a_column_tell_its_layout(sentence, texts, forms):
    assert list(find_readings(texts, AMSTERDAM)) == forms


def test_the_layout_says_which_day_is_meant():
    assert parse_period("05-03-2022", AMSTERDAM, "%d-%m-%Y") == date(2022, 3, 5)
    assert parse_period("05-03-2022", AMSTERDAM, "%m-%d-%Y") == date(2022, 5, 3)
    assert parse_period("2022W09", AMSTERDAM, "%GW%V") == date(2022, 2, 28)
    assert parse_period("2022-03-05", AMSTERDAM, "%d-%m-%Y") is None


@pytest.mark.parametrize(
    "form", ["%d-%m-%Y", "%m/%d/%y", "%Y%m", "%b %Y", "%G%V", "%G-%V-%u", "%Y", "%Y-%j", "%d.%m.%Y %H:%M"]
)
def test_a_layout_that_names_a_period_is_accepted(form):
    check_form(form, "x")


@pytest.mark.parametrize(
    "form", ["", "dd-MM-yyyy", "%d-%m", "%Y-%d", "%H:%M", "%Y-%V", "%Q", "%d%d%Y", "%Y %", "%c", "2022"]
)
def test_a_layout_that_names_none_is_refused(form):
    with pytest.raises(ConfigError, match="not a format of periods"):
        check_form(form, "x")
