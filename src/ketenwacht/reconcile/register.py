"""The sender's register snapshot, read into the comparison's workspace: pseudonym, segment, decision date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ketenwacht.domain.personal import shown_text
from ketenwacht.errors import ConfigError, UnreadableDelivery

from .delivered import DeliveredKeys
from .keys import Form, Keys, find_form, looks_hashed, number_sql, parameters, pseudonym_sql, text, unkeyed
from .survey import KeyColumns, Survey, day_sql, refuse_malformed, segment_hash, survey
from .tables import Resources, Table, copy_csv, open_table, private_file, select, unquoting, workspace


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


# What the sender runs before anything leaves: a register with pseudonyms in place of keys, and little else.


@dataclass(frozen=True, slots=True)
class Pseudonymised:
    """What `pseudonymise` did: counts only.

    Attributes:
        rows: rows written.
        without_key: rows among them whose key is empty; they can never be matched.
        key_id: the key that signed.
        columns: what is in the file.
    """

    rows: int
    without_key: int
    key_id: str
    columns: tuple[str, ...]


def pseudonymise(  # noqa: PLR0913 - one argument a thing to say about two files
    source: Path,
    target: Path,
    *,
    key: str,
    keep: Sequence[str] = (),
    keys: Keys,
    delimiter: str | None = None,
    resources: Resources | None = None,
) -> Pseudonymised:
    """Write `source` to `target` with `id:hex` in place of the key and no column that is not in `keep`.

    Streams; the target has mode 0600 and appears at once, complete or not at all.

    Args:
        source: CSV or Parquet in clear.
        target: CSV, delimiter `;`.
        key: the column that identifies a person.
        keep: further columns, such as the decision date and the segments; none that identifies.
        keys: the newest signs.
        delimiter: of the source; None: found from its header.
        resources: memory and spilling.

    Raises:
        ConfigError: a column is not there, is named twice, or the keys are no clear keys.
        UnreadableDelivery: the source cannot be read as what it claims to be.
    """
    if key in keep:
        raise ConfigError(f"--keep {key}", "would let the key leave in clear", "leave the key column out of it")
    with workspace(resources or Resources()) as connection:
        table = open_table(connection, source, delimiter=delimiter)
        table.require(key, *keep)
        with unquoting(str(source)):
            form = find_form(connection, table.relation, key, where=str(source))
            if not form.clear:
                raise ConfigError(
                    str(source), f"column {key} holds pseudonyms already", "start from the clear register"
                )
            rows, empty, hashed = connection.execute(
                f"SELECT count(*), count(*) FILTER ({text(key)} = ''), "  # noqa: S608 - names are quoted
                f"count(*) FILTER ({looks_hashed(text(key))}) FROM {table.relation}"
            ).fetchall()[0]
            if hashed:
                raise unkeyed(str(source), key)
            signed = f"CASE WHEN {text(key)} = '' THEN '' ELSE '{keys.newest}:' || {pseudonym_sql(key, form)} END"
            columns = select({key: signed} | {name: text(name) for name in keep})
            # In the order of the source, a row's place would tell whose it is to anybody who knows that order.
            query = f"SELECT {columns} FROM {table.relation} ORDER BY ALL"  # noqa: S608 - names are quoted
            with private_file(target) as made:
                copy_csv(connection, query, parameters(form, keys, keys.newest), made, delimiter=";")
    return Pseudonymised(int(rows), int(empty), keys.newest, (key, *keep))
