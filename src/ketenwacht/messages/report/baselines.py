"""Versions of a baseline: what they rest on, and what each threshold costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Fraction
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.public import public_shown
from ketenwacht.messages.views import clean, segment_text, span_text

from .data import BaselineEntry

MOST_PARTS = 12
"""Segments that are listed; the others are counted."""
_MOST_ALARMS = 20.0  # false alarms a year beyond which a bar says no more
_NEAR = 0.5  # half a step of the curve


@dataclass(frozen=True, slots=True)
class CostRow:
    """What one threshold would cost: nats, false alarms a year, and whether it is about the one in force."""

    height: str
    a_year: str
    cost: float
    near: str


@dataclass(frozen=True, slots=True)
class BaselineView:
    """One version of a baseline, for showing.

    Attributes:
        line: everything about it in one line.
        title: its check, number and state.
        cost: its slack and threshold, and the false alarms that they cost.
        first: first day that it learnt from.
        last: last day.
        evidence: what that history's own counts gave, nats a week.
        evidence_text: how high that came.
        threshold: nats.
        threshold_text: what stands beside it in the drawing.
        description: the drawing in words.
        warning: that incidents lived in what it learnt from; empty when none did.
        notes: what it rests on, a line each.
        parts: the parts that it judges, a line each.
        costs: what other thresholds would cost.
        body: the whole of it for JSON, with numbers that may be shown.
    """

    entry: BaselineEntry
    line: str
    title: str
    cost: str
    first: date
    last: date
    evidence: tuple[float, ...]
    evidence_text: str
    threshold: float
    threshold_text: str
    description: str
    warning: str
    notes: tuple[str, ...]
    parts: tuple[str, ...]
    costs: tuple[CostRow, ...]
    body: Mapping[str, Any]


def view_baseline(one: BaselineEntry, formatter: MessageFormatter) -> BaselineView:
    """Return one version of a baseline, for showing; the mean counts of its parts are rounded."""
    body, training = one.body, one.body["training"]
    first, last = date.fromisoformat(training["first"]), date.fromisoformat(training["last"])
    state = formatter.label(f"baseline.state_{one.state}")
    state = formatter.label("baseline.in_use", state=state) if one.used else state
    lived = training["incidents"]
    return BaselineView(
        entry=one,
        line=_line(one, state, formatter),
        title=f"{clean(one.check)} {one.version}: {state}",
        cost=_cost("baseline.cost", body, formatter),
        first=first,
        last=last,
        evidence=tuple(float(v) for v in body["path"]),
        evidence_text=formatter.label(
            "baseline.evidence_by_week", nats=_nats(body["highest_seen"], formatter), where=_where(body, formatter)
        ),
        threshold=float(body["threshold"]),
        threshold_text=formatter.label("baseline.alarm_at", nats=_nats(body["threshold"], formatter)),
        description=_describe(body, first, last, formatter),
        warning=formatter.label("baseline.lived", count=Amount(float(lived))) if lived else "",
        notes=_notes(one, first, last, formatter),
        parts=_parts(body, formatter),
        costs=tuple(_costs(body, formatter)),
        body=public_body(body, formatter),
    )


def public_body(body: Mapping[str, Any], formatter: MessageFormatter) -> dict[str, Any]:
    """Return a baseline as JSON may hold it: the mean of a part as any count of persons."""
    parts = []
    for part in body["parts"]:
        shown = public_shown(formatter.privacy.count(part["mean"]))
        parts.append({**part, "mean": shown["value"], **({"hidden": True} if "hidden" in shown else {})})
    return {**body, "parts": parts}


def _nats(value: float, formatter: MessageFormatter) -> str:
    return formatter.decimal(value, 1)


def _cost(key: str, body: Mapping[str, Any], formatter: MessageFormatter) -> str:
    return formatter.label(
        key,
        slack=Fraction(body["slack"]),
        nats=_nats(body["threshold"], formatter),
        a_year=formatter.decimal(body["false_alarms_a_year"], 2),
        at_most=formatter.decimal(body["at_most"], 2),
    )


def _line(one: BaselineEntry, state: str, formatter: MessageFormatter) -> str:
    signed = one.approved if one.approved is not None else one.proposed
    return formatter.label(
        "baseline.line",
        check=clean(one.check),
        version=str(one.version),
        state=state,
        cost=_cost("baseline.short_cost", one.body, formatter),
        who=clean(signed.who),
        day=formatter.short_day(signed.at.date()),
        why=clean(signed.why),
    )


def _notes(one: BaselineEntry, first: date, last: date, formatter: MessageFormatter) -> tuple[str, ...]:
    body, training = one.body, one.body["training"]
    learnt = formatter.label(
        "baseline.learnt_replayed" if training["replayed"] else "baseline.learnt",
        deliveries=Amount(float(training["deliveries"])),
        span=span_text(first, last, formatter),
        masked=Amount(float(training["masked"])),
    )
    counted = formatter.label(
        "baseline.counted",
        runs=Amount(float(body["runs"])),
        seed=str(body["seed"]),
        drift=Fraction(body["drift_a_week"]),
        years=Amount(float(round(body["exposure_years"]))),
    )
    signed = [("baseline.proposed", one.proposed)]
    signed += [("baseline.approved_by", one.approved)] if one.approved is not None else []
    by = " ".join(
        formatter.label(key, who=clean(by.who), day=formatter.short_day(by.at.date()), why=clean(by.why))
        for key, by in signed
    )
    return (learnt, formatter.label("baseline.blind", slack=Fraction(body["slack"])), counted, by)


def _describe(body: Mapping[str, Any], first: date, last: date, formatter: MessageFormatter) -> str:
    """Return the chart of a baseline in words."""
    weeks = [float(v) for v in body["path"]]
    values = {
        "span": span_text(first, last, formatter),
        "nats": _nats(body["highest_seen"], formatter),
        "where": _where(body, formatter),
    }
    if not weeks:
        return formatter.label("baseline.evidence", **values)
    peak = first + timedelta(weeks=weeks.index(max(weeks)))
    return formatter.label("baseline.evidence_peak", **values, week=formatter.short_day(peak))


def _where(body: Mapping[str, Any], formatter: MessageFormatter) -> str:
    above = float(body["highest_seen"]) >= float(body["threshold"])
    return formatter.label("baseline.above" if above else "baseline.below")


def _parts(body: Mapping[str, Any], formatter: MessageFormatter) -> tuple[str, ...]:
    lines = [_part(part, formatter) for part in body["parts"][:MOST_PARTS]]
    more = len(body["parts"]) - MOST_PARTS
    return (*lines, formatter.label("report.and_more", count=Amount(float(more)))) if more > 0 else tuple(lines)


def _part(part: Mapping[str, Any], formatter: MessageFormatter) -> str:
    who = segment_text(Segment.of(part["segment"]), formatter)
    if part["members"] > 1:
        who = formatter.label("baseline.merged", segment=who, count=Amount(float(part["members"] - 1)))
    size = formatter.number(float(round(part["k"])))
    return formatter.label("baseline.part", segment=who, mean=formatter.about(part["mean"]), size=size)


def _costs(body: Mapping[str, Any], formatter: MessageFormatter) -> list[CostRow]:
    here = formatter.label("baseline.about_here")
    return [
        CostRow(
            formatter.number(float(round(height))),
            formatter.decimal(cost, 2),
            float(cost),
            here if abs(height - body["threshold"]) <= _NEAR else "",
        )
        for height, cost in body["curve"]
        if cost <= _MOST_ALARMS
    ]
