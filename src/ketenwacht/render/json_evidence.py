"""Outside evidence as JSON; ready for `json.dumps`. Privacy decides the numbers, as in every other object.

```json
{"schema": "ketenwacht/reconcile/1", "feed": "…", "register_date": "2022-06-24", "status": "failed",
 "segments": [{"segment": {}, "registered": 13020, "matched": 12100, "pending": 320, "late": null,
               "hidden": true, "missing": 590, "extra": 0, "different": 0,
               "recent": {"persons": 420, "late": 0, "p50": 1, "p95": 4, "max": 9}}],
 "ages": {"late": {"p50": 16, "p95": 23, "max": 30}, "missing": {"p50": 80, "p95": 160, "max": 170}},
 "results": [{"check": "reconciliation.missing", "segment": {}, "status": "failed", "message": "…"}],
 "impact": {"persons": 590, "parts": [{"segment": {"town": "x"}, "persons": 40}],
            "terms": [{"name": "…", "starts": "delivery", "passed": 0, "soon": 0, "waiting": 590,
                        "overdue": 410}]},
 "deliveries": 120, "unread": 0, "newer": null, "incidents": ["…"]}
{"schema": "ketenwacht/catchup/1", "feed": "…", "register_date": "…", "by": ["town"], "multiple": 2.0,
 "persons": 590, "first": "2022-07-04", "last": "2022-09-11",
 "weeks": [{"week": "2022-07-04", "persons": 120, "waiting": 470}],
 "terms": [{"name": "…", "starts": "delivery", "passed": 0, "will_pass": 0, "last_end": "…"}]}
```
Every count of persons is rounded, since an exact total would give a hidden number away; a hidden one is null, with
`"hidden": true` in its object. Ages are days, null where too few persons have one. `recent` are those who arrived
in the four weeks up to the register's date.
"""

from __future__ import annotations

from collections.abc import Sequence

from ketenwacht.messages.found_first import FoundFirstView
from ketenwacht.messages.public import public_counts
from ketenwacht.messages.views_evidence import (
    AgesView,
    CatchUpView,
    ComparedView,
    ExclusionView,
    InquiryMonthView,
    ReconciliationView,
    SourceView,
)
from ketenwacht.messages.views_finding import FindingView

from .json import Object, found_first_object, impact_object


def reconcile_object(done: ReconciliationView, *, changed: Sequence[FindingView] = ()) -> Object:
    """Return one comparison as `ketenwacht/reconcile/1`; `incidents` are the ids of those that it changed."""
    return {
        "schema": "ketenwacht/reconcile/1",
        "feed": done.feed,
        "register_date": done.register_date.isoformat(),
        "status": done.status.word,
        "segments": [_segment(one) for one in done.segments],
        "ages": {
            "late": None if done.late is None else _ages(done.late),
            "missing": None if done.missing is None else _ages(done.missing),
        },
        "results": [
            {
                "check": result.check,
                "segment": result.segment.as_dict(),
                "status": result.status.word,
                "code": result.code,
                "params": dict(result.params),
                "message": result.message,
            }
            for result in done.results
        ],
        "impact": impact_object(done.impact),
        "deliveries": done.deliveries,
        "unread": done.unread,
        "newer": done.newer.isoformat() if done.newer is not None else None,
        "incidents": [incident.id for incident in changed],
    }


def catchup_object(done: CatchUpView) -> Object:
    """Return a schedule of redelivery as `ketenwacht/catchup/1`; the exact one is in the file."""
    return {
        "schema": "ketenwacht/catchup/1",
        "feed": done.feed,
        "register_date": done.register_date.isoformat(),
        "by": list(done.by),
        "multiple": done.multiple,
        **public_counts(persons=done.persons),
        "first": done.first.isoformat() if done.first is not None else None,
        "last": done.last.isoformat() if done.last is not None else None,
        "weeks": [
            {"week": week.first.isoformat(), **public_counts(persons=week.persons, waiting=week.waiting)}
            for week in done.weeks
        ],
        "terms": [
            {
                "name": risk.name,
                "starts": risk.starts,
                **public_counts(passed=risk.passed, will_pass=risk.will_pass),
                "last_end": risk.last_end.isoformat(),
            }
            for risk in done.risks
        ],
    }


def references_object(feed: str, sources: Sequence[SourceView]) -> Object:
    """Return what others published as `ketenwacht/references/1`: a row a source."""
    return {
        "schema": "ketenwacht/references/1",
        "feed": feed,
        "sources": [
            {
                "source": one.name,
                "figures": one.figures,
                "segments": one.segments,
                "from": one.first.isoformat(),
                "to": one.last.isoformat(),
                "newest": one.newest.isoformat(),
                "uncertainty": one.uncertainty,
                "restated": one.restated,
            }
            for one in sources
        ],
    }


def inquiries_object(feed: str, months: Sequence[InquiryMonthView], first: FoundFirstView) -> Object:
    """Return inquiries a month as `ketenwacht/inquiries/1`, with the yardstick; months in order."""
    return {
        "schema": "ketenwacht/inquiries/1",
        "feed": feed,
        "months": [
            {"month": one.name, **public_counts(**one.outcomes)} for one in months if one.first is not None
        ],
        "found_first": found_first_object(first),
    }


def exclusions_object(feed: str, stretches: Sequence[ExclusionView]) -> Object:
    """Return declared periods as `ketenwacht/declared/1`, by first day."""
    return {
        "schema": "ketenwacht/declared/1",
        "feed": feed,
        "declared": [
            {
                "from": one.first.isoformat(),
                "to": one.last.isoformat(),
                "kind": one.kind,
                "segment": one.segment.as_dict(),
                "why": one.reason,
                "by": one.declared_by,
            }
            for one in stretches
        ],
    }


def _segment(one: ComparedView) -> Object:
    return {
        "segment": one.segment.as_dict(),
        **public_counts(**one.counts),
        "recent": {**public_counts(persons=one.recent, late=one.recent_late), **_ages(one.ages)},
    }


def _ages(ages: AgesView) -> Object:
    return {"p50": ages.p50, "p95": ages.p95, "max": ages.longest}
