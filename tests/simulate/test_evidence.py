from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from ketenwacht.simulate.codes import list_municipalities

pytestmark = pytest.mark.integration

LONG = (date(2022, 1, 1), date(2022, 12, 31))


def lines(path):
    header, *rest = path.read_text(encoding="utf-8").splitlines()
    return [dict(zip(header.split(";"), line.split(";"), strict=True)) for line in rest]


@pytest.fixture(scope="module")
def incident(feed):
    return feed("incident-2022", *LONG)


@pytest.fixture(scope="module")
def weekly(incident):
    return lines(incident.out / "references" / "besluiten_per_week.csv")


def test_weekly_counts_cover_whole_weeks_and_come_out_after_them(weekly):
    for row in weekly:
        first, last = date.fromisoformat(row["period_from"]), date.fromisoformat(row["period_to"])
        assert (first.weekday(), last - first) == (0, timedelta(days=6))
        assert last < date.fromisoformat(row["published_on"]) <= last + timedelta(days=3)
        assert float(row["uncertainty"]) == 0.02
    assert Counter(row["doelgroep"] for row in weekly) == dict.fromkeys(
        ("asielstatushouder", "gezinsmigrant", "overige migrant"), 52
    )


@pytest.mark.parametrize(("group", "arrived"), [("asielstatushouder", 0.984), ("gezinsmigrant", 0.81)])
def test_decision_counts_know_the_lost_ones_too(incident, weekly, group, arrived):
    decided = sum(int(r["count"]) for r in weekly if r["doelgroep"] == group)
    delivered = sum(r["doelgroep"] == group for r in incident.all_rows())
    assert delivered / decided == pytest.approx(arrived, abs=0.06)


def test_decision_counts_of_a_healthy_feed_agree_with_its_deliveries(feed):
    healthy = feed("healthy", *LONG)
    weekly = lines(healthy.out / "references" / "besluiten_per_week.csv")
    delivered = Counter(r["doelgroep"] for r in healthy.all_rows())
    for group, count in delivered.items():
        decided = sum(int(r["count"]) for r in weekly if r["doelgroep"] == group)
        assert count / decided == pytest.approx(1.0, abs=0.08)


def test_published_cohorts_are_late_restated_and_only_of_whole_years(incident, feed):
    cohorts = lines(incident.out / "references" / "cbs_cohorten.csv")
    assert [(r["doelgroep"], r["count"]) for r in cohorts] == [
        ("asielstatushouder", "19000"),
        ("asielstatushouder", "18900"),
    ]
    assert all(r["published_on"] > "2024" and "CBS" in r["source"] for r in cohorts)
    totals = lines(incident.out / "references" / "cbs_cohorten_totaal.csv")
    assert "doelgroep" not in totals[0]
    assert [r["count"] for r in totals] == ["26500", "26200"]
    assert lines(feed("healthy").out / "references" / "cbs_cohorten.csv") == []


def test_inquiries_are_in_order_and_about_municipalities_of_the_day(incident):
    rows = lines(incident.out / "inquiries" / "navragen.csv")
    assert [r["date"] for r in rows] == sorted(r["date"] for r in rows)
    for row in rows:
        day = date.fromisoformat(row["date"])
        assert row["gemeentecode"] in list_municipalities(day)
        assert LONG[0] <= day <= LONG[1]
    assert {r["outcome"] for r in rows} == {"known", "should_have_been_sent", "not_obliged", "open"}


def test_some_lost_persons_have_an_inquiry_and_none_in_a_healthy_feed(incident, feed):
    confirmed = [
        r for r in lines(incident.out / "inquiries" / "navragen.csv") if r["outcome"] == "should_have_been_sent"
    ]
    lost = sum(p.count for p in incident.truth.missing)
    assert 0.02 < len(confirmed) / lost < 0.07  # 6 % ask in the end, some after the year
    assert len([r for r in confirmed if r["date"] == "2022-12-30"]) <= 5
    healthy = lines(feed("healthy", *LONG).out / "inquiries" / "navragen.csv")
    assert not [r for r in healthy if r["outcome"] == "should_have_been_sent"]
    assert 50 < len(healthy) < 110  # 1.5 a week


def test_no_inquiry_follows_the_catch_up(feed):
    rows = lines(feed("incident-2022", date(2022, 1, 1), date(2023, 10, 13)).out / "inquiries" / "navragen.csv")
    confirmed = [r["date"] for r in rows if r["outcome"] == "should_have_been_sent"]
    assert "2023-07" < max(confirmed) <= "2023-09-06"
