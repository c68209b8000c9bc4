"""What must hold after the campaign, counted: zeros where it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from campaign_plan import FIRST, Arrival, Month, in_month

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.measurement import ROWS, Snapshot
from ketenwacht.domain.message import UPDATE
from ketenwacht.store import History


def verdict(
    month: Month, history: History, arrived: Sequence[str], noted: int, unseen: Mapping[str, int]
) -> dict[str, object]:
    """Hold the history against what the campaign did.

    Args:
        month: what came, and what did not.
        history: after the last service ended.
        arrived: the ids of alerts that Slack holds, one for each message.
        noted: lines that the campaign left in the audit log.
        unseen: a lasting fault and where it was not visible in time, or that other feeds were not judged → times.
    """
    wrong = {
        **_deliveries(month, history),
        **_expected(month, history),
        **_incidents(history),
        **_alerts(history, arrived),
        **unseen,
        "audit_faults": len(history.audit.verify()),
        "audit_lines_lost": noted - sum(line.entry.action == "note" for line in history.audit.find()),
    }
    told = Counter(arrived)
    return {
        "holds": not any(wrong.values()),
        "wrong": {name: count for name, count in wrong.items() if count},
        "deliveries": len(month.came),
        "expected": sum(len(history.expected.find(feed)) for feed in month.feeds),
        "fates": dict(Counter(str(e.verdict) for feed in month.feeds for e in history.expected.find(feed))),
        "runs": sum(len(history.runs.find(feed)) for feed in month.feeds),
        "events": sum(len(history.findings.find_events(i.id)) for i in history.findings.find(closed=True)),
        "alerts": len(history.outbox.find()),
        "alerts_told_twice": sum(count > 1 for count in told.values()),
        "audit_lines": len(history.audit.find()),
    }


def _deliveries(month: Month, history: History) -> dict[str, int]:
    never, twice, other = 0, 0, 0
    for feed in month.feeds:
        snapshots = {s.delivery.id: s for s in history.runs.find_snapshots(feed)}
        counted = Counter(run.delivery.id for run in history.runs.find(feed))
        twice += sum(count > 1 for count in counted.values())
        mine = [one for one in month.came if one.feed == feed]
        never += sum(one.day.isoformat() not in counted for one in mine)
        other += sum(
            not _fits(one, snapshots[one.day.isoformat()]) for one in mine if one.day.isoformat() in counted
        )
    return {"never_judged": never, "judged_twice": twice, "judged_as_something_else": other}


def _fits(one: Arrival, snapshot: Snapshot) -> bool:
    if not one.readable:
        return snapshot.delivery.presence is Presence.UNREADABLE
    return snapshot.delivery.presence is Presence.READ and snapshot.value(ROWS) in one.rows


def _expected(month: Month, history: History) -> dict[str, int]:
    found = {(feed, e.due): e for feed in month.feeds for e in history.expected.find(feed)}
    came = [one for one in month.came if in_month(one)]
    never = [one for one in month.never if in_month(one)]
    absent = {(feed, run.delivery.id) for feed in month.feeds for run in history.runs.find(feed)}
    return {
        "expected_not_written_down": sum((one.feed, one.due) not in found for one in (*came, *never)),
        "expected_without_a_verdict": sum(
            e.verdict is None for (_, due), e in found.items() if due < FIRST + timedelta(days=30)
        ),
        "came_and_not_said": sum(
            found[one.feed, one.due].delivery_id != one.day.isoformat()
            for one in came
            if (one.feed, one.due) in found
        ),
        "late_and_not_said": sum(
            found[one.feed, one.due].verdict != "late" for one in came if one.late and (one.feed, one.due) in found
        ),
        "never_came_and_not_missed": sum(
            found[one.feed, one.due].verdict != "missed" for one in never if (one.feed, one.due) in found
        ),
        "absence_not_judged": sum((one.feed, f"due:{one.day}") not in absent for one in never),
    }


def _incidents(history: History) -> dict[str, int]:
    """An event is there twice when a moment has more of its kind than runs, or looks, that made them."""
    twice, gaps = 0, 0
    runs: Counter[tuple[str, datetime]] = Counter()
    for feed in {i.fingerprint.feed for i in history.findings.find(closed=True)}:
        runs.update((feed, run.at) for run in history.runs.find(feed))
    for incident in history.findings.find(closed=True):
        events = history.findings.find_events(incident.id)
        for (at, _), count in Counter((e.at, e.reason) for e in events).items():
            twice += count > max(1, runs[incident.fingerprint.feed, at])
        gaps += sum(before.after is not after.before for before, after in pairwise(events))
        gaps += not events or events[-1].after is not incident.state
    return {"events_twice": twice, "events_that_do_not_follow": gaps}


def _alerts(history: History, arrived: Sequence[str]) -> dict[str, int]:
    """A silent update edits the root it follows and is no message of its own; it must be marked all the same."""
    posted, told = history.outbox.find(), set(arrived)
    return {
        "alerts_not_told": sum(one.alert.id not in told for one in posted if one.alert.kind != UPDATE),
        "alerts_not_marked": sum(one.state != "sent" for one in posted),
    }
