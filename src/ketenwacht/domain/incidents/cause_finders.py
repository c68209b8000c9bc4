"""Find probable causes of an incident: one finder for each kind of change.

`FINDERS` is the table of them, `CODES` what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.measurement import (
    DECLARED_EXCLUDED,
    ROWS,
    Column,
    MetricKey,
    Snapshot,
)
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Codes, Name, Serial, Share, Statement, Term, Text, Value

from .cause_categories import (
    ALARM,
    CERTAIN,
    FEW_MISSING,
    FEW_OTHERS,
    FEWEST_BEFORE,
    MOST_VALUES,
    CodeLevel,
    find_categories,
    find_gone,
    find_moved,
    find_new,
    find_split,
)
from .causes import POSSIBLE, CauseCase, CauseFinder, chance_above, names_of
from .incident import CandidateCause, IncidentNature

_Known = Serial | date | Name
_Stated = Callable[[Finding, CauseCase], Statement | None]

CODES: Codes = {
    "cause.never_selected": {"column": Name, "values": Name},
    "cause.never_delivered": {"column": Name, "values": Name},
    "cause.lost_after_selection": {"column": Name, "values": Name},
    "cause.value_gone": {"column": Name, "values": Name, "day": date},
    "cause.value_new": {"column": Name, "values": Name, "day": date},
    "cause.value_unknown": {"column": Name, "values": Name, "day": date},
    "cause.value_fell": {"column": Name, "values": Name, "share": Share, "day": date},
    "cause.recoded": {"column": Name, "from": Name, "into": Name, "day": date},
    "cause.split": {"column": Name, "values": Name, "share": Share, "others": Share},
    "cause.emptier": {"column": Name, "share": Share, "usual": Share, "where": Segment, "day": date},
    "cause.rule_broken": {"columns": Name, "day": date, "deliveries": Amount},
    "cause.columns_changed": {"differences": Statement},
    "cause.column_added": {"columns": Name, "day": date},
    "cause.column_gone": {"columns": Name, "day": date},
    "cause.reason_rises": {"reason": Name, "day": date},
    "cause.weekday": {"weekday": Term},
    "cause.schema_version": {"version": Name, "day": date},
    "cause.code_table": {"table": Name, "version": Name, "day": date},
    "cause.sender_version": {"version": Name, "day": date},
    "cause.declared": {"kind": Term, "reason": Text, "day": date},
    "cause.delivery_absent": {"day": date},
    "cause.delivery_late": {"day": date},
    "cause.delivery_empty": {"day": date},
    "cause.delivery_damaged": {"day": date, "problem": Statement},
    "cause.sent_twice": {"earlier": _Known},
    "cause.number_lost": {"numbers": Serial},
    "cause.receipt_lost": {"deliveries": _Known},
    "cause.receipts_stopped": {"deliveries": _Known},
    "cause.receipt_rejected": {"deliveries": _Known},
    "cause.receipt_differs": {"deliveries": _Known},
}
"""Every cause that is told; see `statement.Codes`."""

_EMPTIER = 0.05  # rise of the share of empty values


# What a finding says of its own cause.


def find_stated(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield what the findings themselves state: a delivery that is damaged, late, lost or sent twice."""
    for finding in case.incident.fitting:
        made = _STATED.get(finding.said.code)
        said = None if made is None else made(finding, case)
        if said is not None:
            yield CandidateCause(said, finding.period, CERTAIN)


def _with_day(code: str, *names: str) -> _Stated:
    def make(finding: Finding, _case: CauseCase) -> Statement | None:
        return _statement(code, finding, *names, day=finding.period)

    return make


def _with(code: str, *names: str) -> _Stated:
    def make(finding: Finding, _case: CauseCase) -> Statement | None:
        return _statement(code, finding, *names)

    return make


def _statement(code: str, finding: Finding, *names: str, **more: Value) -> Statement | None:
    given = finding.said.params
    if any(name not in given for name in names):
        return None
    return Statement(code, {**{name: given[name] for name in names}, **more})


def _lost_receipt(finding: Finding, case: CauseCase) -> Statement | None:
    """Return whether some receipts were lost, or all of them stopped: by what came of later deliveries."""
    waiting = finding.said.params.get("deliveries")
    names = waiting if isinstance(waiting, tuple) else (waiting,)
    days = [one.delivery.period for one in case.material.snapshots if any(_is_named(one, name) for name in names)]
    later = any(day > min(days, default=finding.period) for day in case.material.acknowledged)
    return _statement("cause.receipt_lost" if later else "cause.receipts_stopped", finding, "deliveries")


def _is_named(snapshot: Snapshot, name: object) -> bool:
    """Return whether a finding names a delivery: by a run of numbers, its day or its id."""
    delivery = snapshot.delivery
    if isinstance(name, Serial):
        return delivery.id.isdecimal() and name.first <= int(delivery.id) <= name.last
    return name == delivery.period or (isinstance(name, Name) and name.text == delivery.id)


_STATED: Mapping[str, _Stated] = {
    "schedule.missing": _with_day("cause.delivery_absent"),
    "schedule.late": _with_day("cause.delivery_late"),
    "schedule.empty": _with_day("cause.delivery_empty"),
    "schedule.stated_empty": _with_day("cause.delivery_empty"),
    "schedule.unreadable": _with_day("cause.delivery_damaged", "problem"),
    "ledger.duplicate": _with("cause.sent_twice", "earlier"),
    "ledger.gap": _with("cause.number_lost", "numbers"),
    "ledger.gap_given_up": _with("cause.number_lost", "numbers"),
    "schema.different": _with("cause.columns_changed", "differences"),
    "acknowledgement.overdue": _lost_receipt,
    "acknowledgement.rejected": _with("cause.receipt_rejected", "deliveries"),
    "acknowledgement.counts_differ": _with("cause.receipt_differs", "deliveries"),
    "acknowledgement.content_differs": _with("cause.receipt_differs", "deliveries"),
}
"""Code of a finding → what it states of its cause; None: nothing."""


# Columns, rules and reasons.


def find_emptier(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield columns that are empty more often since the onset: each by the segment that shows it most."""
    if len(case.before) < FEWEST_BEFORE or not case.after:
        return
    before, after = _empty_in(case.before), _empty_in(case.after)
    best: dict[str, tuple[float, Segment]] = {}
    for (column, segment), (empty, rows) in after.items():
        was_empty, were = before.get((column, segment), (0.0, 0.0))
        if rows < FEW_OTHERS / 2 or were < FEW_OTHERS or empty / rows - was_empty / were < _EMPTIER:
            continue
        pooled = (empty + was_empty + 0.5) / (rows + were + 1.0)
        error = (1.5 * pooled * (1.0 - pooled) * (1.0 / rows + 1.0 / were)) ** 0.5
        z = (empty / rows - was_empty / were) / max(error, 1e-9)
        if z > best.get(column, (0.0, WHOLE))[0]:
            best[column] = (z, segment)
    for column, (z, segment) in sorted(best.items()):
        (empty, rows), (was_empty, were) = after[column, segment], before[column, segment]
        day = case.after[0].delivery.period
        params: dict[str, Value] = {
            "column": Name(column, agreed=True),
            "share": Share(empty, rows),
            "usual": Share(was_empty, were),
            "where": segment,
            "day": day,
        }
        chance = len(after) * case.window * chance_above(z)
        yield CandidateCause(Statement("cause.emptier", params), day, 1.0 - min(1.0, chance))


def _empty_in(snapshots: Sequence[Snapshot]) -> dict[tuple[str, Segment], tuple[float, float]]:
    """Return empty values and rows, by column and segment."""
    columns = {
        key.name.removeprefix("nulls.")
        for one in snapshots
        for key in one.measurements
        if key.name[:6] == "nulls."
    }
    found: dict[tuple[str, Segment], tuple[float, float]] = {}
    for snapshot in snapshots:
        values = snapshot.measurements
        for key, rows in values.items():
            if key.name != ROWS or not isinstance(rows, float) or len(key.segment.pairs) > 1:
                continue
            for column in columns:
                empty = values.get(MetricKey(f"nulls.{column}", key.segment), 0.0)
                if isinstance(empty, float):
                    was, were = found.get((column, key.segment), (0.0, 0.0))
                    found[column, key.segment] = (was + empty, were + rows)
    return found


def find_rules(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield the columns of an expectation that no delivery before the onset broke."""
    for finding in case.incident.fitting:
        check, _, name = finding.fingerprint.check.partition(".")
        columns = case.material.columns.get(name)
        if check != "contract" or not columns:
            continue
        earlier = [
            one for one in case.material.snapshots if one.delivery.read and one.delivery.period < finding.period
        ]
        key = MetricKey(f"expectation.{name}.unexpected")
        counted = [one.measurements.get(key, 0.0) for one in earlier]
        kept = sum(1 for value in counted if value == 0.0)
        params: dict[str, Value] = {
            "columns": names_of(columns),
            "day": finding.period,
            "deliveries": Amount(kept),
        }
        fit = (kept + 1.0) / (len(counted) + 2.0)
        yield CandidateCause(Statement("cause.rule_broken", params), finding.period, fit)


def find_columns(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield columns that appeared or disappeared about the onset; a column that moved or was renamed is both."""
    places = [i for i in range(1, len(case.read)) if _columns_of(case.read[i]) != _columns_of(case.read[i - 1])]
    for place in places:
        if case.first <= place <= case.last:
            fit = 1.0 - case.by_accident(place, len(places))
            day = case.read[place].delivery.period
            was, now = _columns_of(case.read[place - 1]), _columns_of(case.read[place])
            for code, names in (("cause.column_gone", was - now), ("cause.column_added", now - was)):
                if names and was and now:
                    params: dict[str, Value] = {"columns": names_of(names)[:MOST_VALUES], "day": day}
                    yield CandidateCause(Statement(code, params), day, fit)


def _columns_of(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(column.name for column in snapshot.columns if isinstance(column, Column))


def find_reasons(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield reasons for leaving persons out that take more than they did before the onset."""
    if len(case.before) < FEWEST_BEFORE or not case.after or case.incident.nature is not IncidentNature.MISSING:
        return
    names = {key.name for one in case.read for key in one.measurements if key.name.startswith(DECLARED_EXCLUDED)}
    day = case.after[0].delivery.period
    for name in sorted(names):
        level = CodeLevel(Segment((("", name),)), _values(case.before, name), _values(case.after, name))
        if level.z > ALARM and sum(level.after) >= FEW_MISSING:
            reason = Name(name.removeprefix(DECLARED_EXCLUDED))
            chance = len(names) * case.window * chance_above(level.z)
            said = Statement("cause.reason_rises", {"reason": reason, "day": day})
            yield CandidateCause(said, day, 1.0 - min(1.0, chance))


def _values(snapshots: Sequence[Snapshot], name: str) -> list[float]:
    found = (one.measurements.get(MetricKey(name), 0.0) for one in snapshots)
    return [value if isinstance(value, float) else 0.0 for value in found]


# When it began: versions, declared days, days of the week.


def find_versions(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield versions that changed about the onset: of the schema, a code table, the sender's software.

    Each delivery with any new version counts as a change: one of four tables changes near an onset four times as
    often as one. A table named after a column is a candidate only where the incident is about that column.
    """
    series: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for place, snapshot in enumerate(case.read):
        for what, version in _versions_of(snapshot):
            series.setdefault(what, []).append((place, version))
    changes = [
        (place, what, version)
        for what, points in sorted(series.items())
        for (_, was), (place, version) in pairwise(points)
        if version != was
    ]
    number = len({place for place, _, _ in changes})
    for place, (code, table), version in changes:
        if case.first <= place <= case.last and not (table and _is_about_others(case, table)):
            day = case.read[place].delivery.period
            params: dict[str, Value] = {"version": Name(version), "day": day}
            if code == "cause.code_table":
                params["table"] = Name(table)
            yield CandidateCause(Statement(code, params), day, 1.0 - case.by_accident(place, number))


def _is_about_others(case: CauseCase, table: str) -> bool:
    """Return whether a code table is of a column of the feed in which the incident is not concentrated.

    It is concentrated there when a finding is about a code of the column or an agreement on it, or when codes of
    the column changed at the onset. A table of which the column is not known may be about anything.
    """
    named = {column.name for one in case.read for column in one.columns if isinstance(column, Column)}
    counted = {name for one in case.read[-1:] for key in one.measurements for name in key.segment.dimensions}
    if table not in named | counted:
        return False
    fitting = case.incident.fitting
    if any(table in one.fingerprint.segment.dimensions for one in fitting):
        return False
    agreed = (case.material.columns.get(one.fingerprint.check.partition(".")[2], ()) for one in fitting)
    return not (any(table in columns for columns in agreed) or _have_codes_changed(case, table))


def _have_codes_changed(case: CauseCase, column: str) -> bool:
    """Return whether codes of a column stopped, began, or changed places about the onset, beyond chance."""
    return any(
        one.fit >= POSSIBLE and one.said.params.get("column") == Name(column, agreed=True)
        for find in (find_gone, find_new, find_moved)
        for one in find(case)
    )


def _versions_of(snapshot: Snapshot) -> Iterator[tuple[tuple[str, str], str]]:
    manifest = snapshot.delivery.manifest
    if manifest is None:
        return
    if manifest.schema_version is not None:
        yield ("cause.schema_version", ""), manifest.schema_version
    if manifest.software_version is not None:
        yield ("cause.sender_version", ""), manifest.software_version
    for table, version in manifest.code_table_versions.items():
        yield ("cause.code_table", table), version


def find_declared(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield releases and changes of policy that were declared for a day about the onset."""
    if not case.read:
        return
    low = case.read[min(case.first, len(case.read) - 1)].delivery.period
    high = case.read[min(case.last, len(case.read) - 1)].delivery.period
    begun = case.read[0].delivery.period
    kept = [one for one in case.material.declared if one.kind in _DECLARED and one.first >= begun]
    for window in kept:
        if low <= window.first <= high:
            place = sum(one.delivery.period < window.first for one in case.read)
            fit = 1.0 - case.by_accident(place, len(kept))
            said: dict[str, Value] = {
                "kind": Term(f"stretch.{window.kind}"),
                "reason": Text.of(window.reason),
                "day": window.first,
            }
            yield CandidateCause(Statement("cause.declared", said), window.first, fit)


_DECLARED = frozenset({"release", "policy"})


def find_weekday(case: CauseCase) -> Iterator[CandidateCause]:
    """Yield the day of the week on which all of the missing are, when the other days are normal."""
    if case.incident.nature is not IncidentNature.MISSING or len(case.after) < FEWEST_BEFORE:
        return
    segment = case.incident.segment
    score: dict[int, float] = {}
    for weekday in range(7):
        before = [_rows(one, segment) for one in case.before if one.delivery.period.weekday() == weekday]
        after = [_rows(one, segment) for one in case.after if one.delivery.period.weekday() == weekday]
        if len(before) > 2 and len(after) > 1:  # noqa: PLR2004 - a level, and more than one slip
            score[weekday] = CodeLevel(segment, before, after).z
    if len(score) < 3:  # noqa: PLR2004 - one day beside several others
        return
    worst, *others = sorted(score, key=lambda day: score[day])
    if score[worst] < -ALARM and score[others[0]] > -2.0:  # noqa: PLR2004 - standard deviations: nothing unusual
        fit = 1.0 - min(1.0, len(score) * chance_above(-score[worst]))
        since = next(one.delivery.period for one in case.after if one.delivery.period.weekday() == worst)
        yield CandidateCause(Statement("cause.weekday", {"weekday": Term(f"weekday.{worst}")}), since, fit)


def _rows(snapshot: Snapshot, segment: Segment) -> float:
    value = snapshot.value(ROWS, segment)
    return value if isinstance(value, float) else 0.0


FINDERS: Sequence[tuple[int, CauseFinder]] = (
    (0, find_stated),
    (0, find_categories),
    (1, find_split),
    (1, find_gone),
    (1, find_columns),
    (1, find_new),
    (2, find_moved),
    (2, find_versions),
    (2, find_declared),
    (3, find_emptier),
    (3, find_rules),
    (3, find_reasons),
    (4, find_weekday),
)
"""Every kind of cause, with its rank: the lower is told first among those of one strength."""
