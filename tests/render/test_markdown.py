from __future__ import annotations

from dataclasses import replace

from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import view_run
from ketenwacht.render import ci_formats
from ketenwacht.render.ci_formats import MOST_ROWS

HOW = MessageFormatter()


def run_markdown(runs):
    return ci_formats.run_markdown([view_run(run, HOW) for run in runs], HOW)


def test_the_summary_of_two_runs(run, golden):
    passed = replace(run, delivery=replace(run.delivery, id="000122"), results=run.results[4:6])
    golden("runs.md", run_markdown([passed, run]))


def test_nothing_judged_is_an_error():
    assert run_markdown([]).startswith("## ⊘ error: nothing was judged")


def test_names_from_data_are_shown_as_they_are(run):
    evil = "a|b\n<img> *x* [y](z) `q` #1"
    result = CheckResult(evil, Status.FAILED, Evidence.HISTORY, evil, Segment.of({"g": evil}))
    text = run_markdown([replace(run, results=(result,))])
    rows = [line for line in text.splitlines() if "failed |" in line]
    assert r"a\|b \<img\> \*x\* \[y\](z) \`q\` \#1" in rows[-1]
    assert rows[-1].replace(r"\|", "").count("|") == 9


def test_very_many_results_are_told_by_their_number(run):
    wrong = CheckResult("volume", Status.FAILED, Evidence.HISTORY, "too few")
    text = run_markdown([replace(run, results=(wrong,) * (MOST_ROWS + 1))])
    assert text.count("too few") == MOST_ROWS
    assert "And 1 more result." in text


def test_a_green_run_has_no_empty_tables(run):
    text = run_markdown([replace(run, results=run.results[4:6])])
    assert text.startswith("## ✓ passed: feed, 1 delivery")
    assert "###" not in text
