from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.evidence import Known, ReferenceFigure
from ketenwacht.domain.findings.finding import State
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import CheckResult, Evidence, Interval, JudgedRun, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import legacy
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import (
    DetectionLimitView,
    MergedSegments,
    Needed,
    OwnHistoryView,
    ReportData,
    Series,
    Signature,
    WatchedCheck,
)
from ketenwacht.messages.report.view import MOST_FINDINGS, MOST_ROWS, view_report
from ketenwacht.render.html import render_report, stylesheet

DAY = date(2022, 6, 24)
HOW = MessageFormatter(zone=ZoneInfo("Europe/Amsterdam"))
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """What is in a page: tags with attributes, ids, headings, and whether every tag is closed in order."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.ids, self.headings = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def having(self, attribute):
        return [attrs[attribute] for _, attrs in self.tags if attribute in attrs]


def rendered(data, formatter=HOW):
    return render_report(view_report(data, formatter), formatter)


@pytest.fixture
def html(report):
    return rendered(report)


@pytest.fixture
def page(html):
    return Page(html)


def test_the_verdict_comes_first_in_words(html):
    said = [
        "About 3,210 persons have been missing since the week of 3 January 2022.",
        "group family",
        "about 2,760",
        "found 24 Jan 2022",
        "On what evidence",
        "Give A the list of missing keys of group family",
        "What was found when, by which evidence",
        "How missing persons were first found",
        "What was delivered, and what was expected",
        "Deliveries, day by day",
        "The latest delivery",
        "What is unproven, and why",
        "The available evidence",
        "What would go unseen",
    ]
    places = [html.index(words) for words in said]
    assert places == sorted(places)


def test_the_verdict_says_where_the_missing_are_and_which_terms_run(html):
    assert "missing in 12 segments by town; most: t0 600, t1 530, " in html
    assert "integration plan (70 days): begins only on delivery (" in html
    assert "9 segments in which 10 or more persons are missing" in html
    assert "town t8 20" in html
    assert "town t9" not in html


def test_the_same_data_gives_the_same_bytes(report, html):
    assert rendered(report) == html


def test_every_tag_is_closed_and_every_id_is_its_own(page):
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_every_reference_inside_the_page_leads_somewhere(page):
    named = [i for value in page.having("aria-labelledby") for i in value.split()]
    linked = [value.removeprefix("#") for value in page.having("href")]
    painted = re.findall(r"url\(#([^)]+)\)", " ".join(page.having("fill") + page.having("clip-path")))
    assert named
    assert linked
    assert painted
    assert {*named, *linked, *painted} <= set(page.ids)


def test_headings_go_down_one_step_at_a_time(page):
    assert page.headings[0] == 1
    assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))


def test_nothing_outside_is_asked_for(html, page):
    for attribute in (
        "src",
        "srcset",
        "href",
        "xlink:href",
        "action",
        "data",
        "poster",
        "style",
        "onclick",
        "onload",
    ):
        assert all(value.startswith("#") for value in page.having(attribute)), attribute
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "img", "form", "base"}
    assert not re.search(r"(?:https?:)?//|@import|url\((?!#)", html)


def test_the_policy_lets_this_style_through_and_nothing_else(html):
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert style == stylesheet()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f'content="{policy}"' in html


def test_whatever_comes_from_data_or_configuration_is_escaped(report, incident):
    evil = "<b onx=1>&\"'"
    segment = Segment.of({evil: evil})
    missing = Missing(DAY, 90, 80, 100)
    result = CheckResult(
        evil, Status.FAILED, Evidence.HISTORY, evil, segment, 12.0, Interval(20, 30), evil, missing
    )
    unproven = replace(result, status=Status.UNPROVEN)
    data = ReportData(
        feed=evil, title=evil, sender=evil, receiver=evil, generated_at=report.generated_at,
        runs=(JudgedRun("r", Delivery(evil, evil, DAY, problem=evil), report.generated_at, (result, unproven)),),
        series=(Series(segment, (DAY,), (12.0,)),),
        incidents=(
            incident(1, Evidence.HISTORY, DAY, segment=segment, check=evil, missing=missing, owner=evil),
            incident(2, Evidence.CONTRACT, DAY, segment=segment, check=evil, said=legacy(evil)),
        ),
        exclusions=(ExclusionWindow(DAY, DAY, evil, evil, segment, evil),),
        known=Known(references=(ReferenceFigure(segment, DAY, DAY, 1, 0.1, DAY, evil),)),
        limits=(
            DetectionLimitView(
                segment, {30: 0.1}, {30: 0.1}, {30: None}, Needed(segment, 0.1, None, None, None),
                OwnHistoryView(segment, "judged", True, 0.1),
            ),
        ),
        watched=(WatchedCheck(evil, 1.0, 1, (MergedSegments(segment, (segment,)),)),),
        baselines=(replace(report.baselines[0], check=evil, proposed=Signature(evil, evil, report.generated_at)),),
    )  # fmt: skip
    html = rendered(data)
    assert "<b onx" not in html
    assert html.count("&lt;b onx=1&gt;") >= 20
    assert Page(html).open == []
    assert not any("onx" in attrs for _, attrs in Page(html).tags)


def test_a_small_count_cannot_be_told_from_another(report):
    def shown(small):
        result = CheckResult("c", Status.FAILED, Evidence.HISTORY, "few", observed=small, unit="persons")
        run = replace(report.runs[-1], results=(result,))
        series = Series(Segment(), (DAY, date(2022, 6, 27)), (small, 40.0))
        return rendered(replace(report, runs=(run,), series=(series,), incidents=()))

    assert shown(1.0) == shown(9.0)
    assert shown(9.0) != shown(10.0)


def test_very_many_results_are_told_by_their_number(report):
    result = CheckResult("c", Status.FAILED, Evidence.HISTORY, "too few")
    run = replace(report.runs[-1], results=(result,) * (MOST_ROWS + 7))
    assert "The history holds 7 more results" in rendered(replace(report, runs=(run,)))


def test_what_is_unproven_stands_in_its_own_table_only(html):
    results = html[html.index("The latest delivery") : html.index("What is unproven, and why")]
    unproven = html[html.index("What is unproven, and why") : html.index("The available evidence")]
    assert "2 results passed, 40 unproven (see below), 5 to look at." in results
    assert "municipality" not in results
    assert "municipality 0001; municipality 0002; municipality 0003 and 37 other segments" in unproven


def test_of_very_many_findings_the_open_ones_and_the_largest_are_told(report, incident):
    closed = [incident(i, Evidence.SCHEDULE, DAY, state=State.CLOSED) for i in range(MOST_FINDINGS + 5)]
    still = incident(999, Evidence.CONTRACT, date(2022, 12, 1), said=legacy("still open"))
    html = rendered(replace(report, incidents=(*closed, still)))
    assert "The history holds 6 more findings of less weight." in html
    assert "still open" in html
    links = {value.removeprefix("#") for value in Page(html).having("href")}
    assert links <= set(Page(html).ids)


def test_a_report_of_nothing_says_so(report):
    empty = rendered(ReportData(feed="feed", generated_at=report.generated_at))
    assert "Nothing was judged." in empty
    assert "Nothing was found in this period. That proves nothing: look at what is unproven." in empty
    assert Page(empty).open == []


def test_open_and_failed_and_error_differ_in_words_not_only_in_colour(page, html):
    marks = set(
        re.findall(r'<span class="status (\w+)"><span class="mark" aria-hidden="true"><span>(.)</span>', html)
    )
    assert len({mark for _, mark in marks}) == len({word for word, _ in marks}) >= 4


def test_the_page_stays_small(html):
    assert len(html) < 300_000


def test_the_audit_says_what_would_go_unseen_and_what_is_too_small_to_be_watched_alone(report):
    text = " ".join(re.sub("<[^>]+>", " ", rendered(report)).split())
    assert "– / 24 / 16% 19 / 15 / 13% 4 / 1.9 / 1.1%" in text
    assert "group family: own history detects a loss of 50% in about 10 days." in text
    assert "It does not detect a loss under 16% within a year. A loss of 8% can be found from day one by" in text
    assert "ratio: 2 segments are too small to watch alone (fewer than 3 persons a delivery)" in text
    assert "group family; group asylum" in text


def test_nothing_is_said_of_an_audit_while_too_little_is_known(report):
    assert "What would go unseen" not in rendered(replace(report, limits=(), watched=()))


def test_a_baseline_is_shown_with_what_it_rests_on(report):
    html = rendered(report)
    text = " ".join(re.sub("<[^>]+>", " ", html).split())
    assert "volume 2: approved, in use" in text
    assert "alarms at 12.5 nats; 0.90 false alarms a year, at most 1.30" in text
    assert "at most 13.0 nats, in the week from 17 Jan 2022, above the threshold" in text
    assert "Learned from 20 deliveries" in text
    assert "without 3 declared days" in text
    assert "2 incidents about missing persons in this period." in text
    assert "Approved by ann on 1 Feb 2022: a year is enough" in text
    assert html.count('<path class="line"') >= 2


def kept(hop, lost, came, segment=WHOLE, since=None):
    """A result of the check `conservation`: so many of those who came to the hop before are not explained."""
    return CheckResult(
        f"conservation.{hop}",
        Status.FAILED if lost else Status.PASSED,
        Evidence.CONTROL_TOTAL,
        "said",
        segment,
        came - lost,
        Interval(came, came),
        "persons",
        Missing(since, lost, lost, lost) if lost else None,
    )


def test_the_chain_says_at_each_hop_who_is_not_explained_and_since_when(report):
    family, day = Segment.of({"group": "family"}), date(2022, 3, 7)
    skipped = CheckResult("conservation.selected", Status.SKIPPED, Evidence.CONTROL_TOTAL, "nothing was counted")
    results = (
        skipped,
        kept("sent", 123.0, 2341.0, since=day),
        kept("sent", 8.0, 977.0, family, since=day),
        kept("received", 0.0, 2218.0),
    )
    last = replace(report.runs[-1], results=results)
    chain = ("decided", "selected", "sent", "received")
    html = rendered(replace(report, runs=(*report.runs[:-1], last), hops={"conservation": chain}))
    text = " ".join(re.sub(r"<[^>]+>", " ", html[html.index("h-chain-1") :]).split())
    assert "decided → selected (not counted) → sent → received: persons counted at one hop" in text
    assert "Who → sent → received the whole feed ✗ 120 of 2,340, since 7 Mar 2022 ✓ 0 of 2,220" in text
    assert "group family ✗ &lt;10 of 980, since 7 Mar 2022 not counted by these segments" in text


def test_without_a_chain_there_is_no_account_of_one(html):
    assert "Along the chain" not in html
