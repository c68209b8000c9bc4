from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.incidents import KnownIncident, assemble
from ketenwacht.domain.result import CheckResult, Evidence, Missing, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Statement
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import Replay, Series
from ketenwacht.messages.views import view_run, view_trend
from ketenwacht.messages.views_finding import view_finding
from ketenwacht.messages.views_incident import view_incident
from ketenwacht.render import terminal, terminal_history
from ketenwacht.render.terminal import IncidentTexts, make_console, print_incident
from ketenwacht.render.terminal_incidents import FeedSummary, print_numbered, print_summary

HOW = MessageFormatter()


def print_run(run, console, formatter=HOW):
    terminal.print_run(view_run(run, formatter), formatter, console)


def print_timeline(replay, console, formatter=HOW):
    terminal_history.print_timeline(replay, formatter, console)


def print_history(feed, series, console, formatter=HOW):
    terminal_history.print_history(feed, [view_trend(one, formatter) for one in series], formatter, console)


class Screen:
    """A console of 80 columns without a terminal, and what was printed on it."""

    def __init__(self, encoding="utf-8", **options):
        self.bytes = io.BytesIO()
        self.stream = io.TextIOWrapper(self.bytes, encoding=encoding, newline="\n")
        self.console = make_console(self.stream, **({"width": 80} | options))

    @property
    def text(self):
        self.stream.flush()
        lines = self.bytes.getvalue().decode(self.stream.encoding).splitlines()
        return "\n".join(line.rstrip() for line in lines) + "\n"


@pytest.fixture
def screen():
    return Screen()


def prints(report, run, replay):
    """Everything that can be printed."""
    return (
        lambda console: print_run(run, console),
        lambda console: print_timeline(replay, console),
        lambda console: print_history("feed", report.series, console),
    )


def test_a_run(screen, run, golden):
    print_run(run, screen.console)
    golden("run.txt", screen.text)


def test_a_replay(screen, replay, golden):
    print_timeline(replay, screen.console)
    golden("replay.txt", screen.text)


def test_a_history(screen, report, golden):
    print_history("feed", report.series, screen.console)
    golden("history.txt", screen.text)


def test_what_is_no_run_fits_in_80_columns_without_a_single_escape(report, run, replay):
    for show in prints(report, run, replay)[1:]:
        screen = Screen()
        show(screen.console)
        assert "\x1b" not in screen.text
        assert all(len(line) <= 80 for line in screen.text.splitlines())


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_run_fits_a_terminal_and_has_a_line_for_each_text_elsewhere(run, width):
    long = CheckResult("volume", Status.FAILED, Evidence.HISTORY, "word " * 60)
    run = replace(run, results=(*run.results, long))
    wide, narrow = Screen(width=width), Screen(width=width, color=True)
    for screen in (wide, narrow):
        print_run(run, screen.console)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", narrow.text)
    assert all(len(line) <= width for line in plain.splitlines())
    assert ("word " * 60).strip() in wide.text


def test_a_stream_that_only_knows_ascii_gets_ascii_and_no_two_verdicts_look_alike(report, run, replay):
    for show in prints(report, run, replay):
        screen = Screen("ascii")
        show(screen.console)
        assert screen.text.isascii()
    screen = Screen("ascii")
    print_run(run, screen.console)
    assert "x failed" in screen.text
    assert "# error" in screen.text


def test_an_incident_tells_what_it_means(screen, incidents):
    view = view_finding(incidents[0], HOW)
    print_incident(view, (), screen.console, IncidentTexts(short={}, at=incidents[0].opened_at))
    assert "missing in 12 segments by town; most: t0 600, t1 530" in " ".join(screen.text.split())
    assert "integration plan (70 days): begins only on delivery (" in screen.text


def test_colour_is_used_where_it_is_wanted(run):
    screen = Screen(color=True)
    print_run(run, screen.console)
    assert "\x1b[1;31m" in screen.text


def test_names_from_data_are_neither_obeyed_nor_read_as_markup(screen, run):
    evil = "[red]x[/red]\x1b[2J"
    result = CheckResult(evil, Status.FAILED, Evidence.HISTORY, evil, Segment.of({"g": evil}))
    print_run(replace(run, results=(result,)), screen.console)
    assert "\x1b" not in screen.text
    assert screen.text.count("[red]x[/red]") == 3


def test_a_delivery_that_did_not_come_is_not_called_a_delivery(screen, run):
    gone = Delivery("feed", "due:2022-06-24", date(2022, 6, 24), Presence.ABSENT, problem="nothing came by 11:00")
    print_run(replace(run, delivery=gone), screen.console)
    assert "feed: no delivery for 24 Jun 2022" in screen.text
    assert "nothing came by 11:00" in screen.text


def test_nothing_checked_is_an_error(screen, run):
    print_run(replace(run, results=()), screen.console)
    assert screen.text.startswith("⊘ error  feed: delivery 000123 for 24 Jun 2022 – could not be judged")


def test_a_replay_that_found_nothing_does_not_call_that_proof(screen):
    print_timeline(Replay("feed", date(2022, 1, 3), date(2022, 1, 9), 5), screen.console)
    assert "Nothing was found. That proves nothing: look at what is unproven." in screen.text
    assert "5 deliveries, 0 findings, 0 alerts sent (0 a week)." in screen.text


def test_a_question_is_called_one_and_a_beginning_after_it_was_found_gives_no_delay(screen, incident, replay):
    asked = incident(
        1,
        Evidence.HISTORY,
        date(2022, 1, 3),
        nature=Nature.WARNED,
        missing=Missing(date(2022, 2, 1), 90.0, 80.0, 100.0),
    )
    print_timeline(replace(replay, incidents=(asked,), onsets=()), screen.console)
    told = screen.text.split("about 90 missing since 1 Feb 2022")[1].splitlines()[1:3]
    assert [line.strip() for line in told] == [
        "fewer than usual; may be season or policy",
        "its beginning was estimated anew afterwards; open",
    ]


def test_a_small_last_count_is_hidden_and_its_trend_cannot_be_measured():
    shown = set()
    for small in (1.0, 9.0):
        screen = Screen()
        days = (date(2022, 1, 3), date(2022, 1, 4))
        print_history("feed", [Series(Segment(), days, (small, small))], screen.console)
        shown.add(screen.text)
    assert len(shown) == 1
    assert "<10" in shown.pop()


def test_an_empty_history_says_so(screen):
    print_history("feed", [], screen.console)
    assert screen.text == "feed: the history is still empty\n"


@pytest.mark.parametrize(
    ("sentence", "statuses", "said"),
    [
        ("a problem of the newest is its own verdict", (Status.PASSED, Status.FAILED), ""),
        (
            "an older problem that is over says why the verdict is worse than the newest",
            (Status.FAILED, Status.ERROR, Status.UNPROVEN),
            "2 earlier deliveries had a problem, the last on 3 Jan 2022; over",
        ),
        ("what only needed attention does not count", (Status.WARNED, Status.PASSED), ""),
    ],
)
def test_the_summary_names_problems_that_are_over(sentence, statuses, said, run, screen):
    runs = [
        replace(view_run(run, HOW), id=str(i), status=status, period_text=f"{i + 2} Jan 2022")
        for i, status in enumerate(statuses)
    ]
    print_summary([FeedSummary(feed="feed", status=max(statuses), runs=runs)], HOW, screen.console)
    lines = [line.strip() for line in screen.text.splitlines() if "over" in line]
    assert lines == ([said] if said else [])


@pytest.mark.parametrize(
    ("sentence", "checks", "said"),
    [
        ("nothing warns", [], []),
        ("a warning that no incident holds is named", ["schedule"], ["schedule, x: It is late."]),
        (
            "the same in several segments is said once",
            ["volume", "volume"],
            ["volume, x: It is late."],
        ),
        (
            "three are named, the others counted",
            list("abcd"),
            [f"{c}, x: It is late." for c in "abc"],
        ),
    ],
)
def test_the_summary_names_what_warns_where_there_is_no_incident(sentence, checks, said, run, screen):
    view = view_run(run, HOW)
    warned = replace(view.results[0], status=Status.WARNED, segment_text="x", message="It is late.")
    newest = replace(view, results=tuple(replace(warned, check=check) for check in checks))
    print_summary([FeedSummary(feed="feed", status=Status.WARNED, runs=[newest])], HOW, screen.console)
    assert [line.strip() for line in screen.text.splitlines() if "It is late." in line] == said, sentence


FOUND = datetime(2022, 6, 24, 7, tzinfo=UTC)


def incident_of(missing):
    """An incident of one category that stays away; `missing` is how many it lacks, when that is known."""
    finding = Finding(
        id="i1",
        fingerprint=Fingerprint("f", "coverage", Segment((("purpose", "G20"),))),
        state=State.OPEN,
        nature=Nature.FAILED,
        severity=Severity.HIGH,
        evidence=Evidence.CONTRACT,
        opened_at=FOUND,
        changed_at=FOUND,
        period=FOUND.date(),
        said=Statement("coverage.not_seen_since", {"since": date(2022, 6, 1)}),
        missing=missing,
    )
    return view_incident(assemble(KnownIncident(1, "f", FOUND), (finding,), Policy()), HOW)


@pytest.mark.parametrize(
    ("sentence", "missing", "head", "second"),
    [
        (
            "a sentence of a check may name a day: since when stands below it",
            None,
            "#1 purpose G20: This category was not seen since 1 June 2022, and nobody explained why",
            "since 1 Jun 2022 · sure: ",
        ),
        ("a count names since when", Missing(date(2022, 5, 30), 187, 187, 187), ", since 30 May 2022", "sure: "),
    ],
)
def test_the_summary_says_since_when_once_in_a_line(sentence, missing, head, second, screen):
    view = incident_of(missing)
    print_summary([FeedSummary(feed="feed", status=Status.FAILED, incidents=(view,))], HOW, screen.console)
    lines = [line.strip() for line in screen.text.splitlines()]
    assert lines[1].endswith(head), sentence
    assert lines[2].startswith(second), sentence


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "found today; since"), (1, "24 Jun 2022, 1 day ago; since"), (2, "24 Jun 2022, 2 days ago; since")],
)
def test_an_incident_says_how_long_it_is_known(days, said, screen):
    print_numbered([incident_of(None)], HOW, screen.console, at=FOUND + timedelta(days=days))
    assert said in screen.text


def test_a_history_in_a_file_is_as_wide_as_its_texts_and_on_a_narrow_terminal_without_a_trend(run):
    series = [Series(Segment.of({"kind": "k" * 90}), (date(2022, 1, 3), date(2022, 1, 4)), (30.0, 40.0))]
    file, narrow = Screen(), Screen(width=60, color=True)
    for screen in (file, narrow):
        print_history("feed", series, screen.console)
    assert "k" * 90 in file.text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", narrow.text)
    assert "trend" not in plain
    assert all(len(line) <= 60 for line in plain.splitlines())
