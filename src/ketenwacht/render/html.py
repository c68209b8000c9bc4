"""The report: one self-contained HTML file, without script and without a single outside request."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.view import ReportView

from .charts import make_chart, make_threshold_chart
from .svg import UNICODE
from .timeline import make_calendar, make_timeline

WIDE, NARROW = 760, 340
"""Widths in which every drawing is made: the page shows one or the other, so that letters keep their size."""

MARKS = UNICODE.marks
"""One sign a verdict, so that they differ without colour too."""


@dataclass(frozen=True, slots=True)
class DrawingView:
    """One drawing in both widths, with its words."""

    name: str
    wide: object
    narrow: object
    description: str


@dataclass(frozen=True, slots=True)
class Drawings:
    """Every drawing of a report, laid out; None: there is nothing to draw."""

    timeline: DrawingView | None
    calendar: DrawingView | None
    charts: tuple[DrawingView, ...]
    baselines: tuple[DrawingView, ...]


def render_report(view: ReportView, formatter: MessageFormatter) -> str:
    """Render the whole report. The same view gives the same bytes; every text in it is escaped.

    Args:
        view: what the report says.
        formatter: what made it; it says the headings, months and numbers of axes.
    """
    style = stylesheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _environment().get_template("report.html.j2")
    page = template.render(
        view=view,
        drawings=draw(view, formatter),
        t=formatter.label,
        language=formatter.language,
        marks=MARKS,
        # The style sheet is ours; its hash in the policy lets no other style and no script at all through.
        style=Markup(style),  # noqa: S704
        style_hash=digest,
    )
    return f"{page}\n"


def stylesheet() -> str:
    """Return the style sheet of the report, for pages that serve it from their own origin."""
    return files("ketenwacht.render").joinpath("templates/report.css").read_text(encoding="utf-8")


def draw(view: ReportView, formatter: MessageFormatter) -> Drawings:
    """Lay out every drawing of a report."""
    stretch = (view.first, view.last)
    charts = []
    for i, one in enumerate(view.charts, 1):
        found = [row.finding for row in one.found]
        laid = partial(make_chart, one.series, formatter, found=found, stretch=stretch)
        charts.append(_both(f"chart-{i}", one.series.description, laid))
    baselines = [
        _both(f"baseline-{i}", one.description, partial(make_threshold_chart, one, formatter))
        for i, one in enumerate(view.baselines, 1)
    ]
    findings = partial(make_timeline, view.lanes, formatter, stretch=stretch)
    deliveries = partial(make_calendar, view.ledger.entries, formatter)
    return Drawings(
        _both("timeline", view.timeline_text, findings) if view.lanes else None,
        _both("calendar", view.ledger.description, deliveries) if view.ledger.entries else None,
        tuple(charts),
        tuple(baselines),
    )


def _both(name: str, description: str, lay_out: Callable[..., object]) -> DrawingView:
    return DrawingView(name, lay_out(width=WIDE), lay_out(width=NARROW), description)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("ketenwacht.render"),
        autoescape=True,  # everything, whatever the template is called
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
