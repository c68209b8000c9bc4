"""Which history is looked at, and what its counts are set against."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.evidence import ReferenceFigure
from ketenwacht.domain.feed import Feed, FileSource
from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import CheckResult, Evidence, Interval, JudgedRun, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.errors import ConfigError, StoreError
from ketenwacht.store import History
from ketenwacht.workflows.histories import open_reader
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.report import collect_report
from ketenwacht.workflows.trends import coarse_dimensions, expected_counts, find_banded, find_newest

MONDAY = date(2024, 1, 1)
AT = datetime(2024, 3, 1, tzinfo=UTC)
GROUP = Segment((("group", "a"),))
CHECKS = {kind.kind: kind for kind in KINDS}
RULES = FeedRules(checks=(CHECKS["volume"](), CHECKS["reference"]()))


def delivery(day):
    return Delivery("feed", day.isoformat(), day)


def run(day, *results):
    return JudgedRun(day.isoformat(), delivery(day), AT, results)


def past(days, count=20.0):
    return Past.of(
        Snapshot(delivery(day), {MetricKey(ROWS): count, MetricKey(ROWS, GROUP): count}) for day in days
    )


def said(status, segment=WHOLE, check="volume", expected=None, unit="persons"):
    return CheckResult(check, status, Evidence.HISTORY, "", segment, 20.0, expected, unit)


def expected_of(runs):
    with History.open("sqlite://") as history:
        for one in runs:
            history.runs.save(one, Snapshot(one.delivery, {}))
        return history.curves.find_expected("feed", checks=find_banded(RULES), segments=[WHOLE, GROUP])


def test_own_history_says_what_was_expected_of_each_delivery():
    days = [MONDAY, MONDAY + timedelta(days=1)]
    runs = [run(day, said(Status.PASSED, GROUP, expected=Interval(10.0, 30.0))) for day in days]
    assert expected_counts(RULES, expected_of(runs), (), past(days)) == {
        GROUP: dict.fromkeys(days, Interval(10.0, 30.0))
    }


IGNORED = [
    ("another check that counts persons", "control_total.transport", "persons"),
    ("a share is no count", "volume", "share"),
]


@pytest.mark.parametrize(("sentence", "check", "unit"), IGNORED, ids=[i[0] for i in IGNORED])
def test_what_says_nothing_of_a_count_is_no_band(sentence, check, unit):
    runs = [run(MONDAY, said(Status.PASSED, check=check, unit=unit, expected=Interval(1.0, 2.0)))]
    assert expected_counts(RULES, expected_of(runs), (), past([MONDAY])) == {}


def test_a_figure_of_a_week_adds_up_again_over_its_deliveries_and_outranks_own_history():
    days = [MONDAY + timedelta(days=i) for i in range(28) if i % 7 < 5]
    figures = [
        ReferenceFigure(GROUP, first, first + timedelta(days=6), 150.0, 0.02, first + timedelta(days=8), "them")
        for first in (MONDAY + timedelta(days=7 * i) for i in range(4))
    ]
    runs = [run(day, said(Status.PASSED, GROUP, expected=Interval(1.0, 2.0))) for day in days]
    counted = past(days)
    bands = expected_counts(RULES, expected_of(runs), figures, counted)[GROUP]
    (reference,) = [check for check in RULES.checks if check.kind == "reference"]
    segment, first, last, whole = reference.expected(figures, counted, figures[-1].published_on)[-1]
    week = [bands[day] for day in days if first <= day <= last]
    assert (segment, len(week)) == (GROUP, 5)
    assert sum((one.low + one.high) / 2 for one in week) == pytest.approx((whole.low + whole.high) / 2)
    halves = sum(((one.high - one.low) / 2) ** 2 for one in week) ** 0.5
    assert halves == pytest.approx((whole.high - whole.low) / 2)


VERDICTS = [
    ("the whole feed is as bad as anything in its newest run", WHOLE, Status.FAILED),
    ("a part is as bad as anything in it", Segment((("group", "b"),)), Status.FAILED),
    ("a part that the newest run did not judge keeps what was said before", GROUP, Status.WARNED),
    ("a part that nobody judged has no verdict", Segment((("group", "c"),)), None),
]


@pytest.mark.parametrize(("sentence", "segment", "status"), VERDICTS, ids=[v[0] for v in VERDICTS])
def test_newest_status(sentence, segment, status):
    deep = Segment((("group", "b"), ("purpose", "x")))
    earlier, newest = [said(Status.WARNED, GROUP)], [said(Status.FAILED, deep), said(Status.PASSED)]
    days = [MONDAY, MONDAY + timedelta(days=1)]
    with History.open("sqlite://") as history:
        for day, results in zip(days, (earlier, newest), strict=True):
            history.runs.save(run(day, *results), Snapshot(delivery(day), {}))
        assert find_newest(history.curves.iterate_statuses("feed"), [segment]).get(segment) is status


def test_the_first_dimensions_that_are_counted_are_the_coarse_ones():
    source = FileSource(path="x")
    assert coarse_dimensions(Feed(name="f", source=source, segments=((), ("a",), ("a", "b")))) == ("a",)
    assert coarse_dimensions(Feed(name="f", source=source)) == ()


@contextmanager
def reader(place, *, replay=False, feed=None, on_warning=lambda *_: None):
    project = LoadedProject.open(place.root / "config.yaml")
    with open_reader(project, feed, replay=replay, on_warning=on_warning) as opened:
        yield opened


@pytest.mark.integration
def test_a_replay_that_stands_in_is_told_once(place):
    heard = []
    with reader(place, on_warning=lambda *said: heard.append(said)) as opened:
        assert opened.replayed
        assert opened.moment(AT) == datetime(2022, 1, 17, tzinfo=UTC).replace(
            hour=opened.moment(AT).hour, minute=opened.moment(AT).minute, second=opened.moment(AT).second
        )
    assert [name for name, _ in heard] == ["ind-duo"]
    assert not place.live.exists()


@pytest.mark.integration
def test_a_live_history_that_holds_nothing_of_the_feed_does_not_hide_the_replay(place):
    with LoadedProject.open(place.root / "config.yaml").history() as empty:
        assert empty.read_revision()
    with reader(place) as opened:
        assert opened.replayed


@pytest.mark.integration
def test_a_feed_that_is_not_there_is_a_fault_of_who_asks(place):
    with pytest.raises(ConfigError), reader(place, feed="other"):
        pass


@pytest.mark.integration
def test_nothing_anywhere_is_said_in_one_sentence(place):
    place.replayed.unlink()
    with pytest.raises(StoreError, match="ind-duo was not judged yet"), reader(place):
        pass


@pytest.mark.integration
def test_the_report_of_a_replay_knows_nothing_that_was_published_later(place):
    later = ReferenceFigure(WHOLE, MONDAY, MONDAY, 1.0, 0.1, date(2022, 1, 18), "known a day too late")
    with reader(place) as opened:
        opened.history.evidence.add_references("ind-duo", [later], who="test", why="test", at=AT)
        data = collect_report(opened, at=AT)
        everything = opened.history.evidence.find_references("ind-duo", known_on=None)
    assert len(data.known.references) == len(everything) - 1
    assert later.source not in {figure.source for figure in data.known.references}
    assert data.known.reconciliations
    assert [len(one.days) for one in data.series] == [11] * 4
    assert len(data.incidents) == 7


@pytest.mark.integration
def test_since_leaves_out_runs_days_and_what_was_over(place):
    with reader(place) as opened:
        data = collect_report(opened, since=date(2022, 1, 17), at=AT)
    assert [len(one.days) for one in data.series] == [1] * 4
    assert len(data.runs) == 1
    assert len(data.incidents) == 7
