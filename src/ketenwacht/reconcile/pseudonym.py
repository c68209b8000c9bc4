"""Pseudonyms in SQL: how a key column becomes 128 bits to join on, and which columns are refused.

A pseudonym is written `id:` + 64 hex digits. Joins use its first 128 bits (RFC 2104, 5 allows half the hash):
at ten million persons the chance that any two share them is 10^-25.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ketenwacht.errors import ConfigError

from .keys import KEY_ID, Keys

if TYPE_CHECKING:
    import duckdb

HEX_DIGITS = 64
_SAMPLE = 1000

# What an unkeyed hash looks like: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512 in hex, or in base64.
_HEX_LENGTHS = (32, 40, 56, 64, 96, 128)
_BASE64_LENGTHS = (24, 28, 40, 44, 64, 88)


@dataclass(frozen=True, slots=True)
class Form:
    """How a key column is written.

    Attributes:
        key_id: id of the key that the column's pseudonyms were made with; None: persons' keys in clear.
        id_column: column that holds the key id when it is not in front of the pseudonym itself.
    """

    key_id: str | None = None
    id_column: str | None = None

    @property
    def clear(self) -> bool:
        """Whether the column holds persons' keys in clear."""
        return self.key_id is None


def quoted(name: str) -> str:
    """A column or table name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(name: str) -> str:
    """SQL for a column as text without surrounding spaces, empty for null."""
    value = f"{quoted(name)}::VARCHAR"
    # Trimming costs twenty times what looking does, and hardly a value needs it.
    padded = f"starts_with({value}, ' ') OR ends_with({value}, ' ')"
    return f"coalesce(CASE WHEN {padded} THEN trim({value}, ' ') ELSE {value} END, '')"


def looks_hashed(value: str) -> str:
    """SQL: whether a text looks like a plain hash. Lengths first: they are cheap, and rule out real keys."""
    hexes, base64s = ", ".join(map(str, _HEX_LENGTHS)), ", ".join(map(str, _BASE64_LENGTHS))
    return (
        f"CASE WHEN length({value}) IN ({hexes}) AND regexp_full_match({value}, '[0-9a-fA-F]+') THEN true "
        f"WHEN length({value}) IN ({base64s}) "
        f"AND regexp_full_match({value}, '[A-Za-z0-9+/_-]+={{1,2}}') THEN true ELSE false END"
    )


def find_form(
    connection: duckdb.DuckDBPyConnection, relation: str, column: str, *, where: str, id_column: str | None = None
) -> Form:
    """How the key column of `relation` (SQL that stands after FROM) is written, from its first thousand keys.

    Later rows are held to the same form when they are used.

    Raises:
        ConfigError: plain hashes, or pseudonyms of more than one key.
    """
    key = text(column)
    written = f"regexp_extract({key}, '^([^:]+):[0-9a-fA-F]{{{HEX_DIGITS}}}$', 1)"
    key_id = written if id_column is None else text(id_column)
    found = connection.execute(
        f"SELECT DISTINCT key_id, key_id = '' AND {looks_hashed('key')} "  # noqa: S608 - names are quoted
        f"FROM (SELECT {key} AS key, {key_id} AS key_id FROM {relation} WHERE {key} <> '' LIMIT {_SAMPLE})"
    ).fetchall()
    if any(hashed for _, hashed in found):
        raise unkeyed(where, column)
    ids = sorted({str(row[0]) for row in found})
    if len(ids) > 1:
        raise ConfigError(
            where, f"column {column} mixes key ids, or pseudonyms with clear keys", "use one key id a file"
        )
    if any(found_id and not KEY_ID.fullmatch(found_id) for found_id in ids):
        raise ConfigError(
            where, "holds a key id that cannot be used", "use letters, digits, dots, dashes, underscores"
        )
    return Form(ids[0] or None, id_column) if ids else Form()


def unkeyed(where: str, column: str) -> ConfigError:
    """The refusal of plain hashes."""
    return ConfigError(
        where,
        f"column {column} holds plain hashes, which are undone by trying every number",
        "make keyed pseudonyms with `ketenwacht pseudonymise`",
    )


def pseudonym_sql(column: str, form: Form) -> str:
    """SQL for the 64 hex digits of a row's pseudonym; null when a keyed column holds something else.

    A clear column needs the parameters `$inner` and `$outer`, see `parameters`. Rows without a key are for the
    caller to leave out.
    """
    key = text(column)
    if form.clear:
        return f"sha256($outer || unhex(sha256($inner || encode({key}))))"
    if form.id_column is not None:
        return (
            f"CASE WHEN {text(form.id_column)} = '{form.key_id}' AND length({key}) = {HEX_DIGITS} THEN {key} END"
        )
    prefix = f"{form.key_id}:"
    return (
        f"CASE WHEN starts_with({key}, '{prefix}') AND length({key}) = {len(prefix) + HEX_DIGITS} "
        f"THEN substr({key}, {len(prefix) + 1}) END"
    )


def number_sql(hex_digits: str) -> str:
    """SQL for the number that joins are made on, the first 128 bits; null when these are no hex digits."""
    high, low = (f"TRY_CAST('0x' || substr({hex_digits}, {at}, 16) AS UBIGINT)" for at in (1, 17))
    return f"(({high})::UHUGEINT << 64) | ({low})::UHUGEINT"


def parameters(form: Form, keys: Keys | None, key_id: str) -> dict[str, bytes]:
    """The parameters that `pseudonym_sql` needs: none unless keys in clear are signed."""
    if keys is None or not form.clear:
        return {}
    pads = keys.pads(key_id)
    return {"inner": pads.inner, "outer": pads.outer}
