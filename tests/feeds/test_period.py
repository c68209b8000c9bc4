from datetime import date
from zoneinfo import ZoneInfo

import pytest

from ketenwacht.feeds.period import period_of

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
    assert period_of(text, AMSTERDAM) == day
