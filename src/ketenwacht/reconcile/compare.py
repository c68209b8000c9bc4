"""Keyed reconciliation: both sides in one pass, grouped by pseudonym, so that no duplicate counts twice.

Every person with a key in the register is in exactly one of: matched (arrived within the SLA), late (arrived after
it), pending (not there, the SLA still runs), missing (not there, the SLA has passed). Beside the register stands
extra: delivered, not withdrawn, and not in the register.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ketenwacht.domain.catchup import PLAN_CLOCK, Clock, impact
from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import EngineError

from .delivered import EPOCH, DeliveredKeys
from .keys import quoted
from .outcome import Ages, ReconciliationOutcome, backlogs, live
from .register import Loaded, RegisterFile, load_register

if TYPE_CHECKING:
    import duckdb

# decided and arrived are days since 1970; of several rows of a person the newest decision gives the segment,
# the oldest starts the clock. Segment -1 stands for none.
_PERSONS = """
SELECT pseudonym, min(decided) AS decided, min(arrived) AS arrived, min(usual) AS usual,
       max(registered) AS registered, count(registered) AS rows,
       {there} AS there
FROM (SELECT pseudonym, decided, NULL AS arrived, NULL AS usual, NULL AS segment, NULL AS withdrawn,
             ((coalesce(decided, -1) + 1)::BIGINT << 32) | segment AS registered, NULL AS newest, NULL AS oldest
      FROM register
      UNION ALL
      SELECT pseudonym, NULL, arrived, usual, segment, withdrawn, NULL, newest, oldest FROM {events})
GROUP BY pseudonym
"""

_CLASSED = """
SELECT pseudonym, decided, arrived, usual, rows,
       coalesce((registered & 4294967295)::INTEGER, -1) AS home,
       there,
       CASE WHEN registered IS NOT NULL AND there IS NOT NULL
            THEN CASE WHEN arrived - decided > {sla} THEN 'late' ELSE 'matched' END
            WHEN registered IS NOT NULL
            THEN CASE WHEN {reference} - decided <= {sla} THEN 'pending' ELSE 'missing' END
            WHEN there IS NOT NULL THEN 'extra' END AS class
FROM ({persons})
"""

_CUBE = """
CREATE OR REPLACE TABLE cube AS
SELECT class, CASE WHEN class = 'extra' THEN there ELSE home END AS segment,
       CASE WHEN class IN ('matched', 'late') AND there <> home THEN there END AS other,
       CASE WHEN class IN ('matched', 'late') THEN greatest(arrived - decided, 0)
            WHEN class = 'missing' THEN {reference} - decided END AS days,
       class IN ('matched', 'late') AND coalesce(usual > {reference} - {recent}, false) AS recent,
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
"""Who arrived so long before the reference date, or later, tells how timely the feed is; a catch-up does not."""

_FEWEST = 10
"""Of fewer persons no age is kept: it would be somebody's own."""

_AGES = """
SELECT {dimensions} days, sum(persons)::BIGINT
FROM cube JOIN segment ON id = cube.segment
WHERE {whose} AND days IS NOT NULL GROUP BY ALL
"""
_RECENT, _LATE, _MISSING = "recent", "class = 'late'", "class = 'missing'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a comparison goes by.

    Attributes:
        reference_date: of the register; later deliveries do not count.
        at: when it was compared (UTC).
        sla: a record must have arrived this long after its decision; whole days.
        segments: the dimensions to count by, beside the whole feed; those not shared by both sides are left out.
        backlog: dimensions to count the missing by, with their decision date.
        clocks: terms that run for the missing.
    """

    reference_date: date
    at: datetime
    sla: timedelta = timedelta(days=14)
    segments: Sequence[tuple[str, ...]] = ()
    backlog: tuple[str, ...] = ()
    clocks: Sequence[Clock] = (PLAN_CLOCK,)


def reconcile(delivered: DeliveredKeys, register: RegisterFile, terms: Terms) -> ReconciliationOutcome:
    """Compare a register with what was delivered up to its reference date.

    Raises:
        ConfigError: the register cannot be compared with these deliveries; says why.
        UnreadableDelivery: the register is not what it claims to be.
        EngineError: it did not fit in the memory and disk allowed.
    """
    import duckdb

    loaded = load_register(delivered, register)
    try:
        _count(delivered, loaded, terms)
        return _outcome(delivered, loaded, terms)
    except duckdb.Error as fault:
        raise EngineError(f"comparing {register.path.name} failed ({type(fault).__name__})") from None


def classed(delivered: DeliveredKeys, loaded: Loaded, terms: Terms) -> str:
    """SQL: one row a person on either side, with its class."""
    events = delivered.events(loaded.key_id, terms.reference_date)
    there = f"arg_max(segment, {'oldest' if loaded.file.values == 'first' else 'newest'})"
    if delivered.columns.withdrawn:
        there = f"CASE WHEN NOT arg_max(withdrawn, newest) THEN {there} END"
    persons = _PERSONS.format(events=events, there=there)
    return _CLASSED.format(persons=persons, sla=terms.sla.days, reference=(terms.reference_date - EPOCH).days)


def _count(delivered: DeliveredKeys, loaded: Loaded, terms: Terms) -> None:
    """Make table `cube`: persons by class, segment, differing segment and days."""
    reference = (terms.reference_date - EPOCH).days
    delivered.connection.execute(
        _CUBE.format(classed=classed(delivered, loaded, terms), reference=reference, recent=RECENT.days)
    )


def _outcome(delivered: DeliveredKeys, loaded: Loaded, terms: Terms) -> ReconciliationOutcome:
    connection, shared = delivered.connection, set(delivered.columns.segments)
    wanted = dict.fromkeys(((), *(tuple(s) for s in terms.segments if set(s) <= shared)))
    (duplicates,) = connection.execute("SELECT coalesce(sum(duplicates), 0) FROM cube").fetchall()[0]
    standing = live(delivered.entries, terms.reference_date)
    return ReconciliationOutcome(
        register_date=terms.reference_date,
        counts=tuple(count for dimensions in wanted for count in _counts(connection, dimensions, terms)),
        late=_ages(connection, (), _LATE).get(()),
        overdue=_ages(connection, (), _MISSING).get(()),
        differences=_differences(connection, delivered.columns.segments),
        backlog=tuple(backlogs(connection, (), terms.backlog, terms.reference_date).get((), ())),
        key_id=loaded.key_id,
        duplicates=int(duplicates),
        undated=loaded.undated,
        register_without_key=loaded.without_key,
        delivered_without_key=sum(entry.without_key for entry in standing),
        deliveries=len(standing),
    )


def _counts(
    connection: duckdb.DuckDBPyConnection, dimensions: tuple[str, ...], terms: Terms
) -> list[ReconciliationCount]:
    named = ", ".join(map(quoted, dimensions))
    query = _COUNTS.format(
        dimensions=f"{named}, " if named else "", grouped=f"GROUP BY {named} ORDER BY {named}" if named else ""
    )
    found = []
    arrived = _ages(connection, dimensions, _RECENT)
    meant = {
        values: impact(items, terms.reference_date, terms.clocks, sla=terms.sla)
        for values, items in backlogs(connection, dimensions, terms.backlog, terms.reference_date).items()
    }
    for row in connection.execute(query).fetchall():
        values, numbers, oldest = row[: len(dimensions)], row[len(dimensions) : -1], row[-1]
        registered, matched, missing, pending, late, extra, different, recent, slow = map(int, numbers)
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
                first_missing=_week_of(terms.reference_date, oldest),
                recent=recent,
                recent_late=slow,
                impact=meant.get(tuple(values)),
                **_told(arrived.get(tuple(values))),
            )
        )
    return found


def _ages(
    connection: duckdb.DuckDBPyConnection, dimensions: tuple[str, ...], whose: str
) -> dict[tuple[str, ...], Ages]:
    """How long some persons waited, by segment values; those without a date of decision left out."""
    named = "".join(f"{quoted(name)}, " for name in dimensions)
    by_days: dict[tuple[str, ...], dict[int, int]] = {}
    for *values, days, persons in connection.execute(_AGES.format(dimensions=named, whose=whose)).fetchall():
        by_days.setdefault(tuple(values), {})[int(days)] = int(persons)
    found = {values: Ages.of(days) for values, days in by_days.items()}
    return {values: ages for values, ages in found.items() if ages is not None}


def _differences(connection: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> dict[str, int]:
    if not columns:
        return {}
    sums = ", ".join(f"coalesce(sum(persons) FILTER (a.{quoted(c)} <> b.{quoted(c)}), 0)" for c in columns)
    found = connection.execute(
        f"SELECT {sums} FROM cube JOIN segment a ON a.id = cube.segment JOIN segment b ON b.id = cube.other"  # noqa: S608 - names are quoted
    ).fetchall()[0]
    return {column: int(persons) for column, persons in zip(columns, found, strict=True)}


def _told(ages: Ages | None) -> dict[str, int]:
    """The ages that may be kept: none where so few persons have one that it would be somebody's own."""
    if ages is None or ages.count < _FEWEST:
        return {}
    return {"age_p50": int(ages.p50), "age_p95": int(ages.p95), "age_longest": ages.longest}


def _week_of(reference: date, days: float | None) -> date | None:
    """The Monday of the week that lies `days` before the reference date: the day itself is one person's own."""
    if days is None:
        return None
    day = reference - timedelta(days=int(days))
    return day - timedelta(days=day.weekday())
