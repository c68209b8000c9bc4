"""Keyed reconciliation: one pass over both sides, grouped by pseudonym, so that a duplicate counts once.

Every person with a key in the register has exactly one class: matched (arrived within the SLA), late (arrived
after it), pending (not arrived, the SLA still runs) or missing (not arrived, the SLA has passed). Persons outside
the register who were delivered and not withdrawn have the class extra.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ketenwacht.domain.catchup import PLAN_CLOCK, Backlog, Clock, impact
from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import EngineError
from ketenwacht.sql import quote_name, quote_text

from .delivered import EPOCH, DeliveredKeys, select_current
from .register import LoadedRegister, RegisterFile, load_register
from .survey import ABSENT

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationTerms:
    """The dates, dimensions and terms of a comparison.

    Attributes:
        reference_date: of the register; deliveries of later periods do not count.
        at: moment of the comparison (UTC).
        sla: a record must have arrived this long after its decision; whole days.
        segments: dimensions to count by, besides the whole feed; dimensions that one side lacks are skipped.
        backlog: dimensions to count the missing by, with their decision date.
        clocks: statutory terms that run for the missing.
    """

    reference_date: date
    at: datetime
    sla: timedelta = timedelta(days=14)
    segments: Sequence[tuple[str, ...]] = ()
    backlog: tuple[str, ...] = ()
    clocks: Sequence[Clock] = (PLAN_CLOCK,)


@dataclass(frozen=True, slots=True)
class Ages:
    """Waiting times in days, from decision to arrival (late) or to the reference date (missing)."""

    count: int
    p50: float
    p95: float
    longest: int

    @classmethod
    def of(cls, by_days: Mapping[int, int]) -> Ages | None:
        """Summarise persons by days; None without persons. Percentiles are of the nearest rank."""
        total = sum(by_days.values())
        if total == 0:
            return None
        return cls(total, _find_percentile(by_days, total, 50), _find_percentile(by_days, total, 95), max(by_days))


def _find_percentile(by_days: Mapping[int, int], total: int, percent: int) -> float:
    requested, seen = -(-total * percent // 100), 0
    for days in sorted(by_days):
        seen += by_days[days]
        if seen >= requested:
            return float(days)
    return float(max(by_days))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationOutcome:
    """The result of comparing one register with all deliveries up to its reference date: counts and ages.

    Attributes:
        register_date: the register's reference date.
        counts: the whole feed first, then every declared segment; matched + late + pending + missing = registered.
        late: ages of the late persons at arrival.
        overdue: ages of the missing persons on the reference date.
        differences: segment column → matched or late persons whose value differs.
        backlog: the missing by the requested dimensions and decision date.
        key_id: id of the key behind the pseudonyms of both sides.
        duplicates: register rows beyond the first of a person.
        undated: register rows without a readable decision date, where there is such a column; a person who did not
            arrive counts as missing.
        register_without_key: register rows without a key, which cannot match.
        delivered_without_key: delivered records without a key.
        deliveries: number of deliveries that counted.
    """

    register_date: date
    counts: tuple[ReconciliationCount, ...]
    late: Ages | None
    overdue: Ages | None
    differences: Mapping[str, int]
    backlog: tuple[Backlog, ...]
    key_id: str
    duplicates: int
    undated: int
    register_without_key: int
    delivered_without_key: int
    deliveries: int

    @property
    def whole(self) -> ReconciliationCount:
        """The counts of the whole feed."""
        return self.counts[0]

    @property
    def clean(self) -> bool:
        """Whether no person is missing or extra and no segment value differs."""
        whole = self.whole
        return whole.missing == whole.extra == whole.different == 0


# decided and arrived are days since 1970. Of several register rows of a person, the newest decision gives the
# segment and the oldest starts the SLA. Segment -1 means none.
_PERSONS = """
SELECT pseudonym, min(decided) AS decided, min(arrived) AS arrived, min(regular) AS regular,
       max(registered) AS registered, count(registered) AS rows,
       {delivered_segment} AS delivered_segment
FROM (SELECT pseudonym, decided, NULL AS arrived, NULL AS regular, NULL AS segment, NULL AS withdrawn,
             ((coalesce(decided, -1) + 1)::BIGINT << 32) | segment AS registered, NULL AS newest, NULL AS oldest
      FROM register
      UNION ALL
      SELECT pseudonym, NULL, arrived, regular, segment, withdrawn, NULL, newest, oldest FROM {events})
GROUP BY pseudonym
"""

_CLASSED = """
SELECT pseudonym, decided, arrived, regular, rows,
       coalesce((registered & 4294967295)::INTEGER, -1) AS registered_segment,
       delivered_segment,
       CASE WHEN registered IS NOT NULL AND delivered_segment IS NOT NULL
            THEN CASE WHEN arrived - decided > {sla} THEN 'late' ELSE 'matched' END
            WHEN registered IS NOT NULL
            THEN CASE WHEN {reference} - decided <= {sla} THEN 'pending' ELSE 'missing' END
            WHEN delivered_segment IS NOT NULL THEN 'extra' END AS class
FROM ({persons})
"""

# Persons by codes that are valid on the reference date, so that a merger of areas makes no difference.
_RENEWED = """
SELECT p.* REPLACE (
    coalesce(d.new, p.delivered_segment) AS delivered_segment,
    CASE WHEN r.new IS NULL THEN p.registered ELSE (p.registered >> 32 << 32) | r.new::BIGINT END AS registered)
FROM ({persons}) p
LEFT JOIN renewed d ON d.old = p.delivered_segment
LEFT JOIN renewed r ON r.old = (p.registered & 4294967295)::INTEGER
"""

_CUBE = """
CREATE OR REPLACE TABLE cube AS
SELECT class, CASE WHEN class = 'extra' THEN delivered_segment ELSE registered_segment END AS segment,
       CASE WHEN class IN ('matched', 'late') AND delivered_segment <> registered_segment
            THEN delivered_segment END AS other,
       CASE WHEN class IN ('matched', 'late') THEN greatest(arrived - decided, 0)
            WHEN class = 'missing' THEN {reference} - decided END AS days,
       class IN ('matched', 'late') AND coalesce(regular > {reference} - {recent}, false) AS recent,
       count(*) AS persons, sum(greatest(rows - 1, 0)) AS duplicates
FROM ({classed}) WHERE class IS NOT NULL GROUP BY ALL
"""

_COUNTS = """
SELECT {dimensions}
       coalesce(sum(persons) FILTER (class <> 'extra'), 0), coalesce(sum(persons) FILTER (class = 'matched'), 0),
       coalesce(sum(persons) FILTER (class = 'missing'), 0), coalesce(sum(persons) FILTER (class = 'pending'), 0),
       coalesce(sum(persons) FILTER (class = 'late'), 0), coalesce(sum(persons) FILTER (class = 'extra'), 0),
       coalesce(sum(persons) FILTER (other IS NOT NULL), 0), coalesce(sum(persons) FILTER (recent), 0),
       coalesce(sum(persons) FILTER (recent AND class = 'late'), 0), max(days) FILTER (class = 'missing')
FROM cube JOIN segment ON id = cube.segment {grouped}
"""


RECENT = timedelta(days=28)
"""Arrivals in this period before the reference date show how timely the feed is; catch-ups do not count."""

_FEWEST = 10
"""Ages of fewer persons are not stored: they could identify a person."""

_AGES = """
SELECT {dimensions} days, sum(persons)::BIGINT
FROM cube JOIN segment ON id = cube.segment
WHERE {condition} AND days IS NOT NULL GROUP BY ALL
"""
_RECENT, _LATE, _MISSING = "recent", "class = 'late'", "class = 'missing'"


def reconcile(
    delivered: DeliveredKeys, register: RegisterFile, terms: ReconciliationTerms
) -> ReconciliationOutcome:
    """Compare a register with all deliveries up to its reference date.

    Raises:
        ConfigError: the register cannot be compared with these deliveries.
        UnreadableDelivery: the register is not what it claims to be.
        EngineError: the comparison exceeds the allowed memory and disk.
    """
    import duckdb

    loaded = load_register(delivered, register)
    try:
        _build_cube(delivered, loaded, terms)
        undated = loaded.undated if loaded.file.columns.decided is not None else 0
        return _read_outcome(delivered, RegisterCounts(loaded.key_id, loaded.without_key, undated), terms)
    except duckdb.Error as fault:
        raise EngineError(f"comparing {register.path.name} failed ({type(fault).__name__})") from None


@dataclass(frozen=True, slots=True)
class RegisterCounts:
    """What an outcome says of the register itself.

    Attributes:
        key_id: id of the key behind the pseudonyms of both sides.
        without_key: rows without a key.
        undated: rows with a key and without a readable decision date, where there is such a column.
    """

    key_id: str
    without_key: int
    undated: int


@dataclass(frozen=True, slots=True)
class CubeCell:
    """Persons of one class and segment, counted where both sides lie; see `_CUBE`.

    Attributes:
        label: class of the persons.
        registered: segment values in the register; None for the extra.
        delivered: segment values in the deliveries of those who arrived.
        days: from decision to arrival, or to the reference date; None: unknown.
        recent: whether they arrived in time to show how timely the feed is.
        persons: how many.
        duplicates: their rows in the register beyond the first.
    """

    label: str
    registered: tuple[str, ...] | None
    delivered: tuple[str, ...] | None
    days: int | None
    recent: bool
    persons: int
    duplicates: int


# A difference between codes that are one code on the reference date is none.
_COUNTED_CUBE = """
CREATE OR REPLACE TABLE cube AS
WITH renewed_cells AS ({cells})
SELECT class, CASE WHEN class = 'extra' THEN delivered ELSE registered END AS segment,
       CASE WHEN class IN ('matched', 'late') AND delivered <> registered THEN delivered END AS other,
       days, recent, persons, duplicates
FROM renewed_cells
"""
_CELLS = """
CREATE OR REPLACE TABLE cells AS
SELECT class::VARCHAR AS class, nullif(registered, -1)::INTEGER AS registered,
       nullif(delivered, -1)::INTEGER AS delivered, nullif(days, -1)::INTEGER AS days, recent, persons, duplicates
FROM counted
"""
_RENEWED_CELLS = """
SELECT c.* REPLACE (coalesce(r.new, c.registered) AS registered, coalesce(d.new, c.delivered) AS delivered)
FROM cells c LEFT JOIN renewed r ON r.old = c.registered LEFT JOIN renewed d ON d.old = c.delivered
"""


def summarise_counted(
    delivered: DeliveredKeys, cells: Sequence[CubeCell], register: RegisterCounts, terms: ReconciliationTerms
) -> ReconciliationOutcome:
    """Return the outcome of a comparison that was counted where both sides lie.

    Args:
        delivered: the deliveries, without their keys.
        cells: all persons, counted.
        register: of the register.
        terms: with which they were counted.

    Raises:
        EngineError: summing up exceeds the allowed memory and disk.
    """
    import duckdb

    connection, segments = delivered.connection, delivered.segments
    try:
        known = {
            values: segments.number([values])[0]
            for values in dict.fromkeys(v for c in cells for v in (c.registered, c.delivered) if v is not None)
        }
        counted = {
            "class": np.array([c.label for c in cells], dtype=object),
            "registered": _make_integers(None if c.registered is None else known[c.registered] for c in cells),
            "delivered": _make_integers(None if c.delivered is None else known[c.delivered] for c in cells),
            "days": _make_integers(c.days for c in cells),
            "recent": np.array([c.recent for c in cells], dtype=np.bool_),
            "persons": _make_integers(c.persons for c in cells),
            "duplicates": _make_integers(c.duplicates for c in cells),
        }
        connection.register("counted", counted)
        connection.execute(_CELLS)
        connection.unregister("counted")
        renewed = segments.renew(terms.reference_date)
        connection.execute(_COUNTED_CUBE.format(cells=_RENEWED_CELLS if renewed else "SELECT * FROM cells"))
        return _read_outcome(delivered, register, terms)
    except duckdb.Error as fault:
        raise EngineError(f"summing up a comparison failed ({type(fault).__name__})") from None


def _make_integers(values: Iterable[int | None]) -> NDArray[np.int64]:
    """Return numbers from 0, with -1 for none."""
    return np.array([-1 if one is None else one for one in values], dtype=np.int64)


def classified_sql(delivered: DeliveredKeys, loaded: LoadedRegister, terms: ReconciliationTerms) -> str:
    """Return SQL with one row a person of either side, and the person's class."""
    events = delivered.events_sql(loaded.key_id, terms.reference_date)
    delivered_segment = f"arg_max(segment, {'oldest' if loaded.file.values == 'first' else 'newest'})"
    if delivered.columns.withdrawn:
        delivered_segment = f"CASE WHEN NOT arg_max(withdrawn, newest) THEN {delivered_segment} END"
    persons = _PERSONS.format(events=events, delivered_segment=delivered_segment)
    if delivered.segments.renew(terms.reference_date):
        persons = _RENEWED.format(persons=persons)
    return _CLASSED.format(persons=persons, sla=terms.sla.days, reference=(terms.reference_date - EPOCH).days)


def _build_cube(delivered: DeliveredKeys, loaded: LoadedRegister, terms: ReconciliationTerms) -> None:
    """Create table `cube`: persons by class, segment, differing segment and days."""
    reference = (terms.reference_date - EPOCH).days
    delivered.connection.execute(
        _CUBE.format(classed=classified_sql(delivered, loaded, terms), reference=reference, recent=RECENT.days)
    )
    if delivered.segments.has_absent():
        alike = " AND ".join(
            f"(d.{c} = {quote_text(ABSENT)} OR d.{c} = r.{c})" for c in map(quote_name, delivered.columns.segments)
        )
        delivered.connection.execute(
            "UPDATE cube SET other = NULL FROM segment d, segment r "  # noqa: S608 - names are quoted
            f"WHERE d.id = cube.other AND r.id = cube.segment AND {alike}"
        )


def _read_outcome(
    delivered: DeliveredKeys, register: RegisterCounts, terms: ReconciliationTerms
) -> ReconciliationOutcome:
    connection, shared = delivered.connection, set(delivered.columns.segments)
    requested = dict.fromkeys(((), *(tuple(s) for s in terms.segments if set(s) <= shared)))
    (duplicates,) = connection.execute("SELECT coalesce(sum(duplicates), 0) FROM cube").fetchall()[0]
    counted = select_current(delivered.entries, terms.reference_date)
    return ReconciliationOutcome(
        register_date=terms.reference_date,
        counts=tuple(count for dimensions in requested for count in _read_counts(connection, dimensions, terms)),
        late=_read_ages(connection, (), _LATE).get(()),
        overdue=_read_ages(connection, (), _MISSING).get(()),
        differences=_count_differences(connection, delivered.columns.segments),
        backlog=tuple(read_backlogs(connection, (), terms.backlog, terms.reference_date).get((), ())),
        key_id=register.key_id,
        duplicates=int(duplicates),
        undated=register.undated,
        register_without_key=register.without_key,
        delivered_without_key=sum(entry.without_key for entry in counted),
        deliveries=len(counted),
    )


def _read_counts(
    connection: duckdb.DuckDBPyConnection, dimensions: tuple[str, ...], terms: ReconciliationTerms
) -> list[ReconciliationCount]:
    named = ", ".join(f"replace({quote_name(one)}, {quote_text(ABSENT)}, '')" for one in dimensions)
    query = _COUNTS.format(
        dimensions=f"{named}, " if named else "", grouped=f"GROUP BY {named} ORDER BY {named}" if named else ""
    )
    found = []
    arrived = _read_ages(connection, dimensions, _RECENT)
    impacts = {
        values: impact(items, terms.reference_date, terms.clocks, sla=terms.sla)
        for values, items in read_backlogs(connection, dimensions, terms.backlog, terms.reference_date).items()
    }
    for row in connection.execute(query).fetchall():
        values, numbers, oldest = row[: len(dimensions)], row[len(dimensions) : -1], row[-1]
        registered, matched, missing, pending, late, extra, different, recent, recent_late = map(int, numbers)
        found.append(
            ReconciliationCount(
                register_date=terms.reference_date,
                at=terms.at,
                segment=Segment(tuple(zip(dimensions, values, strict=True))),
                registered=registered,
                matched=matched,
                missing=missing,
                pending=pending,
                late=late,
                extra=extra,
                different=different,
                first_missing=_find_monday(terms.reference_date, oldest),
                recent=recent,
                recent_late=recent_late,
                impact=impacts.get(tuple(values)),
                **_select_publishable(arrived.get(tuple(values))),
            )
        )
    return found


def _read_ages(
    connection: duckdb.DuckDBPyConnection, dimensions: tuple[str, ...], condition: str
) -> dict[tuple[str, ...], Ages]:
    """Return waiting times by segment values, without persons whose decision date is unknown."""
    named = "".join(f"{quote_name(name)}, " for name in dimensions)
    by_days: dict[tuple[str, ...], dict[int, int]] = {}
    for *values, days, persons in connection.execute(
        _AGES.format(dimensions=named, condition=condition)
    ).fetchall():
        by_days.setdefault(tuple(values), {})[int(days)] = int(persons)
    found = {values: Ages.of(days) for values, days in by_days.items()}
    return {values: ages for values, ages in found.items() if ages is not None}


def _count_differences(connection: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> dict[str, int]:
    if not columns:
        return {}
    sums = ", ".join(
        f"coalesce(sum(persons) FILTER (b.{name} NOT IN (a.{name}, {quote_text(ABSENT)})), 0)"
        for name in map(quote_name, columns)
    )
    found = connection.execute(
        f"SELECT {sums} FROM cube JOIN segment a ON a.id = cube.segment JOIN segment b ON b.id = cube.other"  # noqa: S608 - names are quoted
    ).fetchall()[0]
    return {column: int(persons) for column, persons in zip(columns, found, strict=True)}


def _select_publishable(ages: Ages | None) -> dict[str, int]:
    """Return the ages that may be stored: none below ten persons."""
    if ages is None or ages.count < _FEWEST:
        return {}
    return {"age_p50": int(ages.p50), "age_p95": int(ages.p95), "age_longest": ages.longest}


def _find_monday(reference: date, days: float | None) -> date | None:
    """Return the Monday of the week `days` before the reference date: the exact day could identify a person."""
    if days is None:
        return None
    day = reference - timedelta(days=int(days))
    return day - timedelta(days=day.weekday())


Values = tuple[str, ...]


def read_backlogs(
    connection: duckdb.DuckDBPyConnection, dimensions: Values, parts: Values, day: date
) -> dict[Values, list[Backlog]]:
    """Return the missing of each segment by part and decision date, oldest decision first.

    Args:
        connection: holds the tables `cube` and `segment`.
        dimensions: of the segments; () means the whole feed.
        parts: dimensions to divide each segment by.
        day: reference date of the register.
    """
    named = "".join(f"{quote_name(name)}, " for name in (*dimensions, *parts))
    rows = connection.execute(
        f"SELECT {named} days, sum(persons)::BIGINT FROM cube JOIN segment ON id = cube.segment "  # noqa: S608 - names are quoted
        f"WHERE class = 'missing' GROUP BY ALL ORDER BY {named} days DESC NULLS FIRST"
    ).fetchall()
    found: dict[Values, list[Backlog]] = {}
    for *values, days, persons in rows:
        part = Segment(tuple(zip(parts, values[len(dimensions) :], strict=True)))
        decided = day - timedelta(days=int(days)) if days is not None else None
        found.setdefault(tuple(values[: len(dimensions)]), []).append(Backlog(part, decided, int(persons)))
    return found
