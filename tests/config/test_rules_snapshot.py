"""What a delivery is judged by survives being written down: every kind of check, with every setting it has."""

import dataclasses
import json
from datetime import date, timedelta

import pytest

from ketenwacht.config.rules_snapshot import RulesSnapshot, dump_rules, load_rules
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.base import Expectation
from ketenwacht.domain.feed import RecurringPeriod, Schedule
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.settings import FeedRules

GROUP = Segment((("group", "a"),))
MASK = ExclusionWindow(date(2022, 1, 1), date(2022, 1, 9), "moved", "pause", GROUP, "ann")
SCHEDULE = Schedule(
    cron="0 7 * * mon-fri",
    calendar="NL",
    closures=(date(2022, 12, 27),),
    lag=timedelta(hours=1.5),
    school_holidays="NL-noord",
    periods=(RecurringPeriod(name="round", days=((date(2022, 3, 1), date(2022, 3, 9)),)),),
)


def there_and_back(what):
    return load_rules(json.loads(json.dumps(dump_rules(what))))


@pytest.mark.parametrize("kind", KINDS, ids=[kind.kind for kind in KINDS])
def test_a_check_is_the_same_again(kind):
    odd = {"false_alarms_per_year": 0.1 + 0.2, "threshold": 12.600000000000001, "segments": ("b", "a")}
    settings = {f.name: f for f in dataclasses.fields(kind)}
    required = {name: 1 for name, f in settings.items() if f.default is f.default_factory is dataclasses.MISSING}
    check = kind(**required | {name: odd[name] for name in odd if name in settings})
    assert there_and_back(RulesSnapshot(FeedRules(checks=(check,)), (), None)).rules.checks == (check,)


def test_calendars_declared_days_and_expectations_are_the_same_again():
    rules = FeedRules(checks=(), exclusions=(MASK,), holidays=frozenset({date(2022, 4, 27), date(2022, 12, 26)}))
    rules = dataclasses.replace(rules, periods=(frozenset({date(2025, 7, 12)}), frozenset()))
    what = RulesSnapshot(rules, (Expectation("e1", "filled", ("a", "b"), "warning"),), SCHEDULE)
    assert there_and_back(what) == what
