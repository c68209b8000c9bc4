"""The guard for text from outside: a text that may be personal is replaced before anything stores or shows it.

Segment values, reasons, ids, file names and column names come from deliveries, manifests and files of evidence. A
column that moved by one, or a header that is missing, puts numbers, names and addresses of persons where codes and
words belong, and those are kept, shown and sent. Each such text passes here before anything keeps it:

* where the contract lists what is allowed (a code table, the agreed columns, the agreed reasons), everything else
  is `OTHER`, and a listed value is never withheld, whatever it looks like;
* elsewhere a text that looks personal (`looks_personal`) is `OTHER`;
* a column that nobody agreed is named by its position (`#3`).

Values that become `OTHER` share one segment, so counts still add up. Releases up to 0.1 wrote `(withheld)` for the
values that looked personal. Histories keep that name, so that their verdicts can be reproduced: a series that went
under it ends, and one named `OTHER` begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeVar

from .delivery import Delivery, Manifest
from .measurement import (
    DECLARED_EXCLUDED,
    PLACEHOLDERS,
    Column,
    Measurement,
    MetricKey,
    Snapshot,
    Unmeasured,
    add_up,
    nulls,
    placed_in,
    placeholder,
)
from .personal_values import LONGEST_TEXT, OTHER, by_position, looks_personal, plain_form, shown_name, shown_text
from .segment import WHOLE, Segment
from .statement import Statement, Text, Value
from .successors import CodeSuccessors

T = TypeVar("T")

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DAY = re.compile(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})")
_NULLS = nulls("")
_OLDEST_VERSION = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Guard:
    """What the contract of a feed agrees, held against every text from outside. Plain values, for any process.

    Attributes:
        codes: column → every code of its code table, whenever valid; a value outside it is `OTHER`.
        known: column → further values that the configuration names: never withheld, but no complete list.
        columns: the columns that the configuration names; None: there is no configuration to go by.
        listed: whether these are all columns that were agreed, so that any other is named by its position.
        reasons: the agreed reasons for leaving persons out; empty: a reason is judged by its looks.
        parties: what sender and receiver are called.
        numbered: whether the id of a delivery is its number, however long, by the agreed pattern of names.
        successors: codes that another one replaces; persons are compared by current codes.
    """

    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    columns: frozenset[str] | None = None
    listed: bool = False
    reasons: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    numbered: bool = False
    successors: CodeSuccessors = field(default_factory=CodeSuccessors)

    def value(self, column: str, value: str) -> str:
        """Return a value of a segment column as it may be kept; an empty one stays empty."""
        table = self.codes.get(column)
        if not value or value in self.known.get(column, ()) or (table is not None and value in table):
            return value
        return OTHER if table is not None else shown_name(value)

    def may_show(self, column: str, code: str) -> bool:
        """Return whether a code that an agreement refuses may be kept and shown.

        It is listed somewhere in the column's code table (so it is old, or not meant here), or it looks as the
        listed codes do: letters and digits in the same places, one digit at least, no more than six. A name, a
        date or a number of a person never does.
        """
        known = self.codes.get(column) or self.known.get(column) or frozenset()
        if code in known:
            return True
        return _CODE.fullmatch(code) is not None and shape_of(code) in {shape_of(one) for one in known}

    def segment(self, segment: Segment) -> Segment:
        """Return a segment with every value as it may be kept; the same object when nothing has to be withheld."""
        pairs = tuple((name, self.value(name, value)) for name, value in segment.pairs)
        return segment if pairs == segment.pairs else Segment(pairs)

    def reason(self, reason: str) -> str:
        """Return a reason for leaving persons out as it may be kept; no reason stays none."""
        if not reason or reason in self.reasons:
            return reason
        return OTHER if self.reasons else shown_name(reason)

    def names(self, columns: Sequence[str], learnt: Iterable[str] = ()) -> dict[str, str]:
        """Return, for each column of a delivery in order, the name under which it is kept.

        Args:
            columns: as they arrived.
            learnt: names in earlier deliveries; where nobody listed the columns, those count as agreed.

        A name that differs from an agreed one by capitals, spaces or the form of its characters only is kept: it
        says nothing that the agreed name does not.
        """
        agreed, before = self.columns or frozenset(), frozenset(learnt)
        alike = frozenset(map(plain_form, {*agreed, *before}))
        shown = {}
        for place, name in enumerate(columns, start=1):
            doubted = self.listed or (bool(before) and name not in before) or looks_personal(name)
            known = name in agreed or plain_form(name) in alike
            shown[name] = by_position(place) if doubted and not known else name
        return shown

    def measurements(
        self, values: Mapping[MetricKey, Measurement], columns: Mapping[str, str]
    ) -> Mapping[MetricKey, Measurement]:
        """Return measurements with every segment and column as they may be kept.

        Those that become alike are added up.

        Args:
            values: what was counted.
            columns: what `names` gave; a column that is not in it keeps its name.
        """
        moved = {name: shown for name, shown in columns.items() if shown != name}
        metrics = {nulls(name): nulls(shown) for name, shown in moved.items()}
        metrics |= {
            placeholder(text, name): placeholder(text, moved[name]) for text in PLACEHOLDERS for name in moved
        }
        return self._rename_measurements(values, metrics)

    def snapshot(self, one: Snapshot) -> Snapshot:
        """Return a delivery that was measured elsewhere, with every text as it may be kept.

        Measurements are left out whose name or dimensions are none of this feed's.

        Raises:
            ValueError: its id could be a person's.
        """
        if not self._is_id(one.delivery.id):
            raise ValueError("the id of a delivery could be a person's")
        columns = self.names([column.name for column in one.columns])
        metrics = {name: self._metric(name, columns) for name in {key.name for key in one.measurements}}
        kept = {
            key: quiet(value)
            for key, value in one.measurements.items()
            if metrics[key.name] is not None and all(map(self._dimension, key.segment.dimensions))
        }
        values = self._rename_measurements(
            kept, {name: shown for name, shown in metrics.items() if shown not in {None, name}}
        )
        return Snapshot(self.delivery(one.delivery), values, rename_columns(one.columns, columns))

    def manifest(self, stated: Manifest) -> Manifest:
        """Return what a sender declares, with every text in it as it may be kept."""
        day = stated.period_to or stated.period_from or (stated.created_at.date() if stated.created_at else None)
        return replace(
            stated,
            delivery_uuid=_identifier(stated.delivery_uuid),
            sender=self._party(stated.sender),
            receiver=self._party(stated.receiver),
            schema_version=_version(stated.schema_version, day),
            software_version=_version(stated.software_version, day),
            code_table_versions={
                shown_name(table): _version(version, day) or OTHER
                for table, version in stated.code_table_versions.items()
            },
            rows_by_segment=self._totals(stated.rows_by_segment),
            selected_by_segment=self._totals(stated.selected_by_segment),
            excluded=self._guard_excluded(stated.excluded),
        )

    def delivery(self, found: Delivery) -> Delivery:
        """Return a delivery that code of others describes: its manifest and its problem as they may be kept."""
        manifest = self.manifest(found.manifest) if found.manifest is not None else None
        untold = found.problem is not None and _personal(found.problem)
        problem = Statement("delivery.not_told") if untold else found.problem
        return replace(found, manifest=manifest, problem=problem)

    def _rename_measurements(
        self, values: Mapping[MetricKey, Measurement], metrics: Mapping[str, str]
    ) -> Mapping[MetricKey, Measurement]:
        """Return measurements under other names and segments; the same object where nothing changes."""
        # A row of a profile shares one segment among its counts: each is looked at once.
        segments = {id(key.segment): key.segment for key in values}
        moved = {at: shown for at, one in segments.items() if (shown := self.segment(one)) is not one}
        if not moved and not metrics:
            return values
        return add_up(
            (MetricKey(metrics.get(key.name, key.name), moved.get(id(key.segment), key.segment)), value)
            for key, value in values.items()
        )

    def _metric(self, name: str, columns: Mapping[str, str]) -> str | None:
        """Return the name of a measurement as it may be kept.

        None when it is none of ours, or is about no known column.
        """
        if name.startswith(_NULLS):
            column = columns.get(name.removeprefix(_NULLS))
            return nulls(column) if column is not None else None
        placed = placed_in(name)
        if placed is not None:
            column = columns.get(placed[1])
            return placeholder(placed[0], column) if column is not None else None
        if name.startswith(DECLARED_EXCLUDED):
            return DECLARED_EXCLUDED + self.reason(name.removeprefix(DECLARED_EXCLUDED))
        return name if shown_text(name) == name else None

    def _is_id(self, text: str) -> bool:
        return (self.numbered and text.isdecimal()) or shown_text(text) == text

    def _party(self, name: str | None) -> str | None:
        if name is None or name in self.parties:
            return name
        return OTHER if self.parties else shown_name(name)

    def _totals(self, counts: Mapping[Segment, int]) -> dict[Segment, int]:
        """Return control totals by the dimensions that the configuration names.

        Nothing is counted by any other.
        """
        found: dict[Segment, int] = {}
        for segment, count in counts.items():
            pairs = tuple(
                (name, self.value(name, value)) for name, value in segment.pairs if self._dimension(name)
            )
            shown = Segment(pairs) if pairs else WHOLE
            found[shown] = found.get(shown, 0) + count
        return found

    def _dimension(self, name: str) -> bool:
        return not looks_personal(name) if self.columns is None else name in self.columns

    def _guard_excluded(self, counts: Mapping[str, int]) -> dict[str, int]:
        found: dict[str, int] = {}
        for reason, count in counts.items():
            shown = self.reason(reason)
            found[shown] = found.get(shown, 0) + count
        return found


_CODE = re.compile(r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{1,6}")


def shape_of(code: str) -> str:
    """Return the form of a code: `A99` for `G29`."""
    return "".join("9" if c.isdecimal() else "A" if c.isupper() else "a" if c.islower() else c for c in code)


def rename_columns(columns: Iterable[Column], names: Mapping[str, str]) -> tuple[Column, ...]:
    """Return columns under the names that `Guard.names` gave."""
    return tuple(replace(column, name=names[column.name]) for column in columns)


def quiet(value: T) -> T | Unmeasured:
    """Return the value; replace an `Unmeasured` reason that may contain personal data."""
    if isinstance(value, Unmeasured) and _personal(value.reason):
        return Unmeasured(Statement("unmeasured.not_told"))
    return value


def _personal(said: Value | str) -> bool:
    """Return whether a text in what is said could be a person's; a `Name` never is."""
    if isinstance(said, str):
        return looks_personal(said, longest=LONGEST_TEXT)
    if isinstance(said, Text):
        return any(map(_personal, said.texts.values()))
    if isinstance(said, Statement):
        return any(map(_personal, said.params.values()))
    return isinstance(said, tuple) and any(map(_personal, said))


def _identifier(text: str | None) -> str | None:
    """Return an id as it may be kept: a UUID, or a text with a number in it that is no person's."""
    plain = text is None or _UUID.fullmatch(text) is not None or (_has_digit(text) and not looks_personal(text))
    return text if plain else OTHER


def _has_digit(text: str) -> bool:
    return any(character.isdecimal() for character in text)


def _version(text: str | None, day: date | None) -> str | None:
    """Return a version as it may be kept.

    A number, or a day in the ten years before the delivery, never one of birth.
    """
    if text is None or (_has_digit(text) and not looks_personal(text)):
        return text
    stated = _DAY.fullmatch(text)
    try:
        since = date(*map(int, stated.groups())) if stated is not None else None
    except ValueError:
        since = None
    recent = since is not None and day is not None and day - _OLDEST_VERSION < since <= day
    return text if recent else OTHER
