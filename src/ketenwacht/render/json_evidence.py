"""Outside evidence as JSON; ready for `json.dumps`. Privacy decides the numbers, as in every other object.

```json
{"schema": "ketenwacht/reconcile/1", "feed": "…", "register_date": "2022-06-24", "status": "failed",
 "segments": [{"segment": {}, "registered": 13020, "matched": 12100, "pending": 320, "late": null,
               "late_text": "<10", "missing": 590, "extra": 0, "different": 0,
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
Every count of persons is rounded to tens, since an exact total would give a hidden number away; one from 1 to 9
is null, with its `…_text` `<10` beside it. Ages are days, null where fewer than ten persons have one. `recent` are
those who arrived in the four weeks up to the register's date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ketenwacht.domain.catchup import CatchUpPlan
from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.incident import Incident
from ketenwacht.domain.past import Mask
from ketenwacht.domain.privacy import SMALL_COUNT
from ketenwacht.domain.result import CheckResult
from ketenwacht.domain.status import worst
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.yardstick import FoundFirst

from .evidence_tables import CLASSES, Compared, InquiryMonth, Source, Waited
from .json import Object, found_first_object, impact_object, tens
from .words import say


def reconcile_object(  # noqa: PLR0913 - one part of the object each
    feed: str,
    outcome: Compared,
    results: Sequence[CheckResult],
    *,
    unread: int = 0,
    newer: date | None = None,
    changed: Sequence[Incident] = (),
) -> Object:
    """One comparison as `ketenwacht/reconcile/1`; `incidents` are the ids of those that it changed."""
    return {
        "schema": "ketenwacht/reconcile/1",
        "feed": feed,
        "register_date": outcome.register_date.isoformat(),
        "status": worst(result.status for result in results).word,
        "segments": [_segment(count) for count in outcome.counts],
        "ages": {"late": _ages(outcome.late), "missing": _ages(outcome.overdue)},
        "results": [
            {
                "check": result.check,
                "segment": result.segment.as_dict(),
                "status": result.status.word,
                "message": say(result.said),
            }
            for result in results
        ],
        "impact": impact_object(outcome.counts[0].impact),
        "deliveries": outcome.deliveries,
        "unread": unread,
        "newer": newer.isoformat() if newer is not None else None,
        "incidents": [incident.id for incident in changed],
    }


def catchup_object(
    feed: str, whole: ReconciliationCount, by: Sequence[str], plan: CatchUpPlan, *, multiple: float
) -> Object:
    """A schedule of redelivery as `ketenwacht/catchup/1`; the exact one is in the file."""
    return {
        "schema": "ketenwacht/catchup/1",
        "feed": feed,
        "register_date": whole.register_date.isoformat(),
        "by": list(by),
        "multiple": multiple,
        **tens(persons=plan.count),
        "first": plan.weeks[0].first.isoformat() if plan.weeks else None,
        "last": plan.last.isoformat() if plan.last is not None else None,
        "weeks": [
            {"week": week.isoformat(), **tens(persons=persons, waiting=waiting)}
            for week, persons, waiting in plan.chart()
        ],
        "terms": [
            {
                "name": MessageFormatter().text(risk.clock.name),
                "starts": risk.clock.starts.value,
                **tens(passed=risk.passed, will_pass=risk.will_pass),
                "last_end": risk.last_end.isoformat(),
            }
            for risk in plan.risks
        ],
    }


def references_object(feed: str, sources: Sequence[Source]) -> Object:
    """What others published as `ketenwacht/references/1`: a row a source."""
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


def inquiries_object(feed: str, months: Sequence[InquiryMonth], first: FoundFirst) -> Object:
    """Inquiries a month as `ketenwacht/inquiries/1`, with the yardstick; months in order."""
    return {
        "schema": "ketenwacht/inquiries/1",
        "feed": feed,
        "months": [{"month": one.first.strftime("%Y-%m"), **tens(**one.outcomes)} for one in months],
        "found_first": found_first_object(first),
    }


def declared_object(feed: str, masks: Sequence[Mask]) -> Object:
    """Declared stretches as `ketenwacht/declared/1`, by first day."""
    return {
        "schema": "ketenwacht/declared/1",
        "feed": feed,
        "declared": [
            {
                "from": mask.first.isoformat(),
                "to": mask.last.isoformat(),
                "kind": mask.kind,
                "segment": mask.segment.as_dict(),
                "why": mask.reason,
                "by": mask.declared_by,
            }
            for mask in masks
        ],
    }


def _segment(count: ReconciliationCount) -> Object:
    return {
        "segment": count.segment.as_dict(),
        **tens(**{name: getattr(count, name) for name in CLASSES}),
        "recent": {
            **tens(persons=count.recent or 0, late=count.recent_late or 0),
            "p50": count.age_p50,
            "p95": count.age_p95,
            "max": count.age_longest,
        },
    }


def _ages(ages: Waited | None) -> Mapping[str, float | None] | None:
    if ages is None:
        return None
    small = ages.count < SMALL_COUNT
    return {
        "p50": None if small else ages.p50,
        "p95": None if small else ages.p95,
        "max": None if small else ages.longest,
    }
