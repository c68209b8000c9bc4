"""The sender's register snapshot, read into the comparison's workspace: pseudonym, segment, decision date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ketenwacht.domain.personal import shown_text
from ketenwacht.errors import ConfigError, UnreadableDelivery

from .delivered import DeliveredKeys
from .pseudonym import Form, find_form, number_sql, parameters, pseudonym_sql, text
from .survey import KeyColumns, Survey, day_sql, refuse_malformed, segment_hash, survey
from .tables import Table, open_table, unquoting


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """A register snapshot, in clear or pseudonymised.

    Attributes:
        path: CSV or Parquet.
        columns: its key, decision date, and the segment columns that it shares with the deliveries, same names.
        key_id_column: column with the key id, when pseudonyms are written without `id:` in front.
        values: whether a person stands in it with the segment values of the first record ever sent, or of the
            newest; the delivered side is taken likewise.
        delimiter: of CSV; None: found from the header.
    """

    path: Path
    columns: KeyColumns
    values: Literal["first", "newest"] = "first"
    key_id_column: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A register in the workspace, as table `register(pseudonym, segment, decided)`.

    Attributes:
        file: where it came from.
        table: the file as a relation.
        seen: what it holds.
        key_id: the key that both sides are compared under.
        without_key: rows that can never be matched.
        undated: rows with a key and without a date of decision that can be read.
    """

    file: RegisterFile
    table: Table
    seen: Survey
    key_id: str
    without_key: int = 0
    undated: int = 0


def load_register(delivered: DeliveredKeys, register: RegisterFile) -> Loaded:
    """Read a register into the workspace of `delivered`, in place of the one before.

    Raises:
        ConfigError: no such file or column; plain hashes; clear keys without a key to sign with; pseudonyms of a
            key under which no delivery can be read.
        UnreadableDelivery: it is not what it claims to be, or holds no key at all.
    """
    where, columns = str(register.path), register.columns
    if columns.segments != delivered.columns.segments:
        raise ConfigError(
            where, "is compared on other segment columns than the deliveries", "name the same for both"
        )
    table = open_table(delivered.connection, register.path, delimiter=register.delimiter)
    table.require(columns.key, *((columns.decided,) if columns.decided is not None else ()))
    table.require(*columns.segments, mend="; let the sender keep it, or leave it out of the segments compared")
    with unquoting(where):
        form = find_form(
            delivered.connection, table.relation, columns.key, where=where, id_column=register.key_id_column
        )
        key_id = _key_id(delivered, form, where)
        seen = survey(delivered.connection, table.relation, columns, form)
        loaded = _stage(delivered, Loaded(register, table, seen, key_id))
    if loaded.without_key == seen.rows:
        raise UnreadableDelivery(f"{where}: holds no key, so nothing can be compared with it")
    return loaded


def _key_id(delivered: DeliveredKeys, form: Form, where: str) -> str:
    if form.key_id is None:
        if delivered.keys is None:
            raise ConfigError(where, "holds clear keys, and there is no key to sign with", "name a key file")
        return delivered.keys.newest
    if delivered.entries and form.key_id not in delivered.key_ids:
        raise ConfigError(
            where,
            f"is signed with key {shown_text(form.key_id)}, under which no delivery can be read",
            "add that key to the keys (KETENWACHT_KEYS_FILE)",
        )
    return form.key_id


def _stage(delivered: DeliveredKeys, loaded: Loaded) -> Loaded:
    columns, seen, connection = loaded.file.columns, loaded.seen, delivered.connection
    with delivered.segments.numbered(seen):
        connection.execute(
            f"CREATE OR REPLACE TABLE register AS SELECT {number_sql('hex')} AS pseudonym, segment, decided "  # noqa: S608 - names are quoted
            f"FROM (SELECT {pseudonym_sql(columns.key, seen.form)} AS hex, {segment_hash(columns)} AS segments, "
            f"{day_sql(columns.decided)} AS decided FROM {loaded.table.relation} WHERE {text(columns.key)} <> '') "
            "JOIN numbered USING (segments)",
            parameters(seen.form, delivered.keys, loaded.key_id) or None,
        )
    gone = delivered.leave_out("register", loaded.key_id)
    rows, undated, malformed = connection.execute(
        "SELECT count(*), count(*) FILTER (decided IS NULL), count(*) FILTER (pseudonym IS NULL) FROM register"
    ).fetchall()[0]
    refuse_malformed(str(loaded.file.path), seen, malformed=int(malformed), column=columns.key)
    return replace(loaded, without_key=seen.rows - int(rows) - gone, undated=int(undated))
