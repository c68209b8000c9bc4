"""Keys of rows that stay in their database: what form they have, and their pseudonyms, made where they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, cast

from ketenwacht.domain.measurement import Column
from ketenwacht.domain.personal_values import plain_form
from ketenwacht.errors import ConfigError
from ketenwacht.sql import quote_name, quote_text

from .columns import create_typed_table
from .in_database import PADS, OpenRows, Pads, inner, outer

if TYPE_CHECKING:
    import duckdb

PSEUDONYM = "pseudonym"
"""Column of the pseudonyms of a key of several columns; see `reconcile.survey.PSEUDONYM`."""
OTHER_KEY = "signed with "
"""Begins the name of a column with the pseudonyms of a further key."""
HEX_DIGITS = 64
_HEX_LENGTHS = (32, 40, 56, 64, 96, 128)
_BASE64_LENGTHS = (24, 28, 40, 44, 64, 88)
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class KeyForms:
    """What the keys of a table look like; counts of rows.

    Attributes:
        keyed: with a key.
        hashed: whose key looks like a plain hash.
        signed: whose key is a pseudonym already.
        key_ids: the lowest and the highest id of the keys of these pseudonyms.
    """

    keyed: int
    hashed: int
    signed: int
    key_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoteColumns:
    """The columns of open rows by the names that were agreed, as SQL in standard spelling.

    Attributes:
        rows: the rows.
        names: agreed name → name in the table; capitals, spaces or the form of characters may differ.
    """

    rows: OpenRows
    names: Mapping[str, str]

    @classmethod
    def find(cls, rows: OpenRows, wanted: Sequence[str]) -> RemoteColumns:
        """Return those of the agreed columns that the table has."""
        present = {column.name for column in rows.columns}
        by_form = {plain_form(name): name for name in sorted(present)}
        found = {one: one if one in present else by_form.get(plain_form(one)) for one in wanted}
        return cls(rows, {one: name for one, name in found.items() if name is not None})

    def text(self, name: str) -> str:
        """Return SQL for a column as text without surrounding spaces, empty for null."""
        types = dict(self.rows.schema)
        own, dialect = self.names[name], self.rows.dialect
        shown = dialect.cast_to_text(quote_name(own), types[own])
        return f"coalesce({dialect.trim.format(shown, quote_text(' '))}, '')"

    def key_text(self, columns: Sequence[str]) -> str:
        """Return SQL for the text that a pseudonym is made of; see `reconcile.keys.key_text`."""
        parts = [self.text(name) for name in columns]
        if len(parts) == 1:
            return parts[0]
        dialect = self.rows.dialect
        empty = " OR ".join(f"{part} = ''" for part in parts)
        lengths = [dialect.text.format(dialect.octets.format(part)) for part in parts]
        joined = " || ".join(f"{n} || ':' || {part}" for n, part in zip(lengths, parts, strict=True))
        return f"CASE WHEN {empty} THEN '' ELSE {joined} END"

    def require(self, columns: Sequence[str], where: str) -> None:
        """Raise ConfigError unless the table has these columns."""
        for name in columns:
            if name not in self.names:
                what = f"has no column {name} among its {len(self.rows.columns)}"
                raise ConfigError(where, what, "name a column of the table")


def find_forms(columns: RemoteColumns, key: Sequence[str]) -> KeyForms:
    """Return what the keys look like, counted in the database: no key leaves it."""
    dialect = columns.rows.dialect
    cut = "position(':' IN k)"
    rest = f"substring(k, {cut} + 1, {HEX_DIGITS + 1})"
    signed = f"{cut} > 1 AND length({rest}) = {HEX_DIGITS} AND {_only(rest, '0123456789abcdefABCDEF')}"
    hexes, base64s = ", ".join(map(str, _HEX_LENGTHS)), ", ".join(map(str, _BASE64_LENGTHS))
    hashed = (
        f"(length(k) IN ({hexes}) AND {_only('k', '0123456789abcdefABCDEF')}) OR (length(k) IN ({base64s}) "
        f"AND k LIKE '%=' AND {_only('k', _BASE64 + '=')})"
    )
    key_id = f"CASE WHEN {signed} THEN substring(k, 1, {cut} - 1) END"
    found = columns.rows.query(
        f"SELECT count(*), {dialect.count_if(hashed)}, {dialect.count_if(signed)}, "  # noqa: S608 - names are quoted
        f"min({key_id}), max({key_id}) "
        f"FROM (SELECT {columns.key_text(key)} AS k FROM ({columns.rows.select}) AS d) AS t WHERE k <> ''"
    )[1][0]
    keyed, odd, pseudonyms, lowest, highest = found
    ids = tuple(sorted({str(one) for one in (lowest, highest) if one is not None}))
    return KeyForms(_whole(keyed), _whole(odd), _whole(pseudonyms), ids)


def copy_signed(  # noqa: PLR0913 - what is copied, where to, and the keys
    columns: RemoteColumns,
    into: duckdb.DuckDBPyConnection,
    key: Sequence[str],
    *,
    others: Sequence[str],
    pads: Mapping[str, Pads],
    zone: tzinfo,
) -> None:
    """Create the table `delivery` from pseudonyms and the other columns, all as text; no key leaves the database.

    Args:
        columns: of the rows, whose keys are in clear.
        into: where the table goes.
        key: the columns that together identify a person; their pseudonyms are one column, with the name of the
            first, or `pseudonym` for a key of several.
        others: further columns; those that the table lacks are left out.
        pads: key id → padded keys, oldest first; the last signs, the pseudonyms of the others are columns with a
            name that begins with `OTHER_KEY`.
        zone: for moments with an offset.

    Raises:
        ConfigError: the server would show the keys to others.
        EngineError: with the class of the database's error.
    """
    kept = [name for name in others if name in columns.names]
    inside = [f"{columns.key_text(key)} AS k", *(f"{columns.text(name)} AS c{i}" for i, name in enumerate(kept))]
    *older, newest = pads
    numbers = {key_id: number for number, key_id in enumerate(pads)}
    signed = [sign_sql(columns.rows, "k", one, numbers[one]) for one in (newest, *older)]
    asked = ", ".join([signed[0], *(f"c{i}" for i in range(len(kept))), *signed[1:]])
    rows = f"(SELECT {', '.join(inside)} FROM ({columns.rows.select}) AS d) AS t"  # noqa: S608 - names are quoted
    found = columns.rows.query_signed(f"SELECT {asked} FROM {rows}{PADS}", tuple(pads.values()))[1]  # noqa: S608 - as above
    name = key[0] if len(key) == 1 else PSEUDONYM
    _write_texts(into, (name, *kept, *(f"{OTHER_KEY}{key_id}" for key_id in older)), found, zone)


def copy_texts(
    columns: RemoteColumns, into: duckdb.DuckDBPyConnection, names: Sequence[str], *, zone: tzinfo
) -> None:
    """Create the table `delivery` from columns as text; those that the table lacks are left out."""
    kept = [name for name in names if name in columns.names]
    asked = ", ".join(f"{columns.text(name)} AS c{i}" for i, name in enumerate(kept))
    found = columns.rows.query(f"SELECT {asked} FROM ({columns.rows.select}) AS d")[1]  # noqa: S608 - names are quoted
    _write_texts(into, kept, found, zone)


def _write_texts(
    into: duckdb.DuckDBPyConnection, names: Sequence[str], rows: Sequence[Sequence[object]], zone: tzinfo
) -> None:
    add_batch = create_typed_table(into, [Column(name, "text") for name in names], zone)
    for start in range(0, len(rows), _BATCH):
        add_batch(rows[start : start + _BATCH])


def sign_sql(rows: OpenRows, text: str, key_id: str, number: int) -> str:
    """Return SQL for the pseudonym of a text, as `id:` and 64 hexadecimal digits; empty for an empty one."""
    made = rows.dialect.hmac.format(text=text, inner=inner(number), outer=outer(number))
    return f"CASE WHEN {text} = '' THEN '' ELSE '{key_id}:' || {made} END"


def _only(value: str, characters: str) -> str:
    """Return SQL for whether a text holds these characters alone."""
    return f"translate({value}, {quote_text(characters)}, '') = ''"


def _whole(value: object) -> int:
    return int(cast("Any", value) or 0)
