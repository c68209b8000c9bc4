"""Each text surface by itself: a small count is hidden, its siblings are rounded, the configured limit holds.

Every surface shows a world in which `few` persons are of kind b, and twenty-five of kind a. Worlds that differ in
a hidden count only must look alike.
"""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from ketenwacht.domain.catchup import Backlog, impact, plan
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.evidence import InquiryCount, ReconciliationCount
from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.incidents import assemble_findings
from ketenwacht.domain.result import CheckResult, Evidence, Interval, JudgedRun, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import MissingCount, Persons, Share, Statement
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.found_first import FoundFirst, view_found_first
from ketenwacht.messages.privacy import Privacy
from ketenwacht.messages.report.data import Replay, Series
from ketenwacht.messages.views import view_run, view_trend
from ketenwacht.messages.views_evidence import view_catch_up, view_inquiries, view_reconciliation
from ketenwacht.messages.views_finding import view_finding
from ketenwacht.render import ci_formats, json_evidence, terminal, terminal_evidence, terminal_history
from ketenwacht.render import json as json_output
from ketenwacht.render.charts import catchup_svg
from ketenwacht.render.ci_formats import junit_xml, run_markdown
from ketenwacht.render.json import run_object
from ketenwacht.render.json_summary import replay_object
from ketenwacht.render.terminal import IncidentTexts, print_incident, print_incidents
from ketenwacht.render.terminal_history import print_timeline

DAY = date(2024, 1, 2)
AT = datetime(2024, 1, 2, 9, tzinfo=UTC)
KIND_A, KIND_B = Segment.of({"kind": "a"}), Segment.of({"kind": "b"})
MANY = 25
TEXTS = {
    "few.left": {
        "nl": "{left} van {share}; {missing} weg",
        "en": "{left} left, a share of {share}; {missing} gone",
    }
}


def said(few):
    """What a check says of the few: a count, a share of which it is the whole, and an estimate."""
    params = {"left": Persons(few, of_delivery=True), "share": Share(1, few), "missing": MissingCount(few)}
    return Statement("few.left", params)


def result(segment, count, few, **changed):
    statement = said(few)
    fields = {
        "segment": segment,
        "observed": float(count),
        "expected": Interval(count - 4.2, count + 7.9),
        "unit": "persons",
        "code": statement.code,
        "params": statement.params,
        "of_delivery": True,
    }
    return CheckResult("volume", Status.FAILED, Evidence.HISTORY, **(fields | changed))


def run(few):
    results = (
        result(WHOLE, MANY + few, few),
        result(KIND_A, MANY, few),
        result(KIND_B, few, few, expected=None, missing=Missing(DAY, few, few - 1, few + 2)),
        result(KIND_B, 0, few, observed=1 / few, expected=None, unit="share", whole=float(few)),
    )
    return JudgedRun("r", Delivery("feed", "000123", DAY), AT, results, smallest=float(few))


def incident(few):
    backlog = [Backlog(KIND_A, date(2023, 1, 3), MANY), Backlog(KIND_B, date(2023, 1, 3), few)]
    return Finding(
        "abc", Fingerprint("feed", "reconciliation", KIND_B), State.OPEN, Nature.FAILED, Severity.HIGH,
        Evidence.RECONCILIATION, AT, AT, DAY, said(few), Missing(DAY, few, few - 1, few + 2), impact(backlog, DAY),
    )  # fmt: skip


def compared(few):
    """What a comparison of register and deliveries came to."""
    counts = [
        ReconciliationCount(DAY, AT, segment, 7000, 6990, n, 0, n, n, n, recent=n, recent_late=n, age_p95=3)
        for segment, n in ((WHOLE, few), (KIND_B, few))
    ]
    return SimpleNamespace(
        register_date=DAY, counts=counts, late=None, overdue=None, differences={"town": few}, deliveries=7,
        duplicates=few, undated=few, register_without_key=few, delivered_without_key=few,
    )  # fmt: skip


def on_screen(show):
    screen = terminal.make_console(io.StringIO(), width=100)
    show(screen)
    return screen.file.getvalue()


def trends(few, formatter):
    counts = ((WHOLE, MANY + few), (KIND_A, MANY), (KIND_B, few))
    series = [Series(s, [DAY], [float(n)], [n - 4.2], [n + 7.9], smallest=[float(few)]) for s, n in counts]
    return [view_trend(one, formatter) for one in series]


def catch_up(few, formatter):
    made = plan([Backlog(KIND_B, date(2023, 1, 3), few)], {KIND_B: 500.0}, multiple=2.0, start=DAY)
    return view_catch_up("feed", DAY, ("kind",), made, formatter, multiple=2.0)


def reconciliation(few, formatter):
    return view_reconciliation("feed", compared(few), [result(KIND_B, few, few)], formatter)


def inquiries(few, formatter):
    first = view_found_first(FoundFirst(float(few), float(few)), formatter)
    return view_inquiries([InquiryCount(DAY, "open", few)], formatter), first


def replay(few):
    found = (incident(few),)
    return Replay("feed", DAY, DAY, 1, found, 1, numbered=assemble_findings(found))


SURFACES = {
    "run, terminal": lambda few, formatter: on_screen(
        lambda s: terminal.print_run(view_run(run(few), formatter), formatter, s)
    ),
    "run, JSON": lambda few, formatter: json.dumps(run_object(view_run(run(few), formatter))),
    "run, JUnit": lambda few, formatter: junit_xml([view_run(run(few), formatter)], formatter),
    "run, Markdown": lambda few, formatter: run_markdown([view_run(run(few), formatter)], formatter),
    "run, GitHub": lambda few, formatter: "\n".join(
        ci_formats.github_commands([view_run(run(few), formatter)], formatter, file="f")
    ),
    "run, GitLab": lambda few, formatter: ci_formats.gitlab_quality(
        [view_run(run(few), formatter)], formatter, file="f"
    ),
    "run, SARIF": lambda few, formatter: ci_formats.sarif_log(
        [view_run(run(few), formatter)], formatter, file="f", version="1"
    ),
    "history, terminal": lambda few, formatter: on_screen(
        lambda s: terminal_history.print_history("feed", trends(few, formatter), formatter, s)
    ),
    "history, JSON": lambda few, formatter: json.dumps(
        json_output.history_object("feed", trends(few, formatter), [])
    ),
    "incidents, terminal": lambda few, formatter: on_screen(
        lambda s: print_incidents(
            [view_finding(incident(few), formatter)], s, IncidentTexts(short={}, at=AT, formatter=formatter)
        )
    ),
    "incident, terminal": lambda few, formatter: on_screen(
        lambda s: print_incident(
            view_finding(incident(few), formatter), (), s, IncidentTexts(short={}, at=AT, formatter=formatter)
        )
    ),
    "incidents, JSON": lambda few, formatter: json.dumps(
        json_output.findings_object([view_finding(incident(few), formatter)])
    ),
    "reconciliation, terminal": lambda few, formatter: on_screen(
        lambda s: terminal_evidence.print_reconciliation(reconciliation(few, formatter), formatter, s)
    ),
    "reconciliation, JSON": lambda few, formatter: json.dumps(
        json_evidence.reconcile_object(reconciliation(few, formatter))
    ),
    "catch-up, terminal": lambda few, formatter: on_screen(
        lambda s: terminal_evidence.print_catchup(catch_up(few, formatter), formatter, s)
    ),
    "catch-up, JSON": lambda few, formatter: json.dumps(json_evidence.catchup_object(catch_up(few, formatter))),
    "catch-up, drawing": lambda few, formatter: catchup_svg(catch_up(few, formatter), formatter),
    "inquiries, terminal": lambda few, formatter: on_screen(
        lambda s: terminal_evidence.print_inquiries("feed", *inquiries(few, formatter), formatter, s)
    ),
    "inquiries, JSON": lambda few, formatter: json.dumps(
        json_evidence.inquiries_object("feed", *inquiries(few, formatter))
    ),
    "replay, terminal": lambda few, formatter: on_screen(lambda s: print_timeline(replay(few), formatter, s)),
    "replay, JSON": lambda few, formatter: json.dumps(replay_object(replay(few), formatter)),
}
SIBLINGS = {name for name in SURFACES if name.startswith(("run", "history"))}
"""Surfaces that show the others of the delivery too."""
every_surface = pytest.mark.parametrize("surface", SURFACES)


def shown(surface, few, limit=10, language="en"):
    return SURFACES[surface](few, MessageFormatter(language, Privacy(limit), texts=TEXTS))


@every_surface
@pytest.mark.parametrize("language", ["en", "nl"])
def test_worlds_that_differ_in_a_hidden_count_only_look_alike(surface, language):
    assert shown(surface, 3, language=language) == shown(surface, 4, language=language)


@every_surface
def test_a_hidden_count_says_that_it_is_hidden(surface):
    text = shown(surface, 3)
    assert any(sign in text for sign in ("<10", "&lt;10", "\\<10", '"hidden": true')), text


SAYINGS = {"run, JUnit", "run, GitHub", "run, GitLab", "run, SARIF"}
"""They show what a check says, not what it saw."""


@pytest.mark.parametrize("surface", sorted(SIBLINGS))
def test_the_siblings_of_a_hidden_count_are_rounded(surface):
    """28 in all and 25 of kind a would tell that 3 are of kind b."""
    text = shown(surface, 3)
    assert not re.search(r"\b(25|28|21|20\.8|33|36)\b", text), text
    if surface not in SAYINGS:
        assert re.search(r"\b30\b", text), text


@every_surface
def test_a_limit_of_500_hides_hundreds_of_persons(surface):
    assert shown(surface, 301, limit=500) == shown(surface, 402, limit=500)
    assert shown(surface, 301, limit=10) != shown(surface, 402, limit=10)


@every_surface
def test_with_a_limit_of_one_everything_is_exact(surface):
    assert shown(surface, 3, limit=1) != shown(surface, 4, limit=1)


@pytest.mark.parametrize("surface", sorted(SIBLINGS))
def test_a_delivery_without_a_small_count_is_shown_exactly(surface):
    few, text = 12, shown(surface, 12)
    numbers = (few,) if surface in SAYINGS else (few, MANY, MANY + few)
    assert all(re.search(rf"\b{number}\b", text) for number in numbers), text
