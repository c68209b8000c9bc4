"""A register snapshot of the sender: loading it for a comparison, and pseudonymising it before it leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ketenwacht.domain.personal_values import shown_text
from ketenwacht.errors import ConfigError, UnreadableDelivery

from .delivered import DeliveredKeys
from .keys import (
    Form,
    Keys,
    find_form,
    key_text,
    looks_hashed_sql,
    number_sql,
    plain_hash_error,
    pseudonym_sql,
    signing_parameters,
    text,
)
from .survey import PSEUDONYM, KeyColumns, Survey, day_sql, refuse_malformed, segment_hash_sql, survey
from .tables import (
    DELIVERY,
    Resources,
    Table,
    copy_csv,
    hide_values,
    open_table,
    private_file,
    select_list_sql,
    workspace,
)

if TYPE_CHECKING:
    import duckdb

_COPIED = "register_rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """A file or table with a register snapshot, with clear keys or pseudonyms.

    Attributes:
        path: CSV or Parquet; of a table, the name to show.
        columns: its key, decision date, and the segment columns, named as in the deliveries.
        values: whether it holds a person's segment values of the first or the newest record; the comparison takes
            the same from the deliveries.
        load: writes the rows of a table into table `delivery` of a connection; None: `path` is a file.
    """

    path: Path
    columns: KeyColumns
    values: Literal["first", "newest"] = "first"
    load: Callable[[duckdb.DuckDBPyConnection], object] | None = None

    def open(self, connection: duckdb.DuckDBPyConnection) -> Table:
        """Open the file without reading its rows, or copy the table; raises as `open_table` and `load`."""
        if self.load is None:
            return open_table(connection, self.path)
        connection.execute(f"DROP TABLE IF EXISTS {_COPIED}")
        self.load(connection)
        connection.execute(f"ALTER TABLE {DELIVERY} RENAME TO {_COPIED}")
        columns = tuple(str(row[0]) for row in connection.execute(f"DESCRIBE {_COPIED}").fetchall())
        return Table(self.path, columns, _COPIED)


@dataclass(frozen=True, slots=True)
class LoadedRegister:
    """A register loaded as table `register(pseudonym, segment, decided)`.

    Attributes:
        file: its source.
        table: the file as a relation.
        survey: its segment values and the form of its keys.
        key_id: id of the key behind the pseudonyms of both sides.
        without_key: rows without a key, which cannot match.
        undated: rows with a key and without a readable decision date.
    """

    file: RegisterFile
    table: Table
    survey: Survey
    key_id: str
    without_key: int = 0
    undated: int = 0


def load_register(delivered: DeliveredKeys, register: RegisterFile) -> LoadedRegister:
    """Load a register into the workspace of `delivered`, and replace an earlier one.

    Raises:
        ConfigError: no such file or column; plain hashes; clear keys without a key to sign with; pseudonyms of a
            key that signs no delivery.
        UnreadableDelivery: it cannot be parsed, or holds no keys.
    """
    where, columns = str(register.path), register.columns
    if columns.segments != delivered.columns.segments:
        raise ConfigError(where, "has other segment columns than the deliveries", "name the same for both")
    table = register.open(delivered.connection)
    columns = columns.resolve(table.columns)
    table.require(*columns.key, *((columns.decided,) if columns.decided is not None else ()))
    table.require(*columns.segments, mend="; ask the sender to keep it, or remove it from the compared segments")
    with hide_values(where):
        form = find_form(delivered.connection, table.relation, columns.key, where=where)
        key_id = _find_key_id(delivered, form, where)
        seen = survey(delivered.connection, table.relation, columns, form)
        loaded = _stage(delivered, LoadedRegister(replace(register, columns=columns), table, seen, key_id))
    if loaded.without_key == seen.rows:
        raise UnreadableDelivery(f"{where}: holds no keys, so it cannot be compared")
    return loaded


def _find_key_id(delivered: DeliveredKeys, form: Form, where: str) -> str:
    if form.key_id is None:
        if delivered.keys is None:
            raise ConfigError(where, "holds clear keys, and there is no key to sign with", "name a key file")
        return delivered.keys.newest
    if delivered.entries and form.key_id not in delivered.key_ids:
        raise ConfigError(
            where,
            f"is signed with key {shown_text(form.key_id)}, which signs no delivery",
            "add that key to the keys (KETENWACHT_KEYS_FILE)",
        )
    return form.key_id


def _stage(delivered: DeliveredKeys, loaded: LoadedRegister) -> LoadedRegister:
    columns, seen, connection = loaded.file.columns, loaded.survey, delivered.connection
    with delivered.segments.numbered(seen):
        connection.execute(
            f"CREATE OR REPLACE TABLE register AS SELECT {number_sql('hex')} AS pseudonym, segment, decided "  # noqa: S608 - names are quoted
            f"FROM (SELECT {pseudonym_sql(columns.key, seen.form)} AS hex, "
            f"{segment_hash_sql(columns)} AS segments, {day_sql(columns.decided)} AS decided "
            f"FROM {loaded.table.relation} WHERE {key_text(columns.key)} <> '') "
            "JOIN numbered USING (segments)",
            signing_parameters(seen.form, delivered.keys, loaded.key_id) or None,
        )
    excluded = delivered.exclude("register", loaded.key_id)
    rows, undated, malformed = connection.execute(
        "SELECT count(*), count(*) FILTER (decided IS NULL), count(*) FILTER (pseudonym IS NULL) FROM register"
    ).fetchall()[0]
    refuse_malformed(str(loaded.file.path), seen, malformed=int(malformed), column=", ".join(columns.key))
    return replace(loaded, without_key=seen.rows - int(rows) - excluded, undated=int(undated))


# The sender's side: a register with pseudonyms in place of keys, and only the columns to share.


@dataclass(frozen=True, slots=True)
class PseudonymisedFile:
    """Counts of one run of `pseudonymise`.

    Attributes:
        rows: rows written.
        without_key: those with an empty key, which cannot match.
        key_id: id of the signing key.
        columns: of the written file.
    """

    rows: int
    without_key: int
    key_id: str
    columns: tuple[str, ...]


def pseudonymise(  # noqa: PLR0913 - two files, and options by keyword
    source: Path,
    target: Path,
    *,
    key: Sequence[str],
    keep: Sequence[str] = (),
    keys: Keys,
    delimiter: str | None = None,
) -> PseudonymisedFile:
    """Write `source` to `target` with `id:hex` in place of the key, and only the columns in `keep`.

    A key of several columns becomes one column, `pseudonym`. The rows are streamed. The target has mode 0600 and
    appears complete or not at all.

    Args:
        source: CSV or Parquet with clear keys.
        target: CSV, delimiter `;`.
        key: the columns that together identify a person.
        keep: other columns, such as the decision date and the segments; none may identify a person.
        keys: the newest key signs.
        delimiter: of the source; None: detected from its header.

    Raises:
        ConfigError: a column is absent or named twice, or the keys are not clear.
        UnreadableDelivery: the source cannot be parsed.
    """
    if set(key) & set(keep):
        raise ConfigError(
            f"--keep {','.join(key)}", "would keep the key in clear", "remove the key column from it"
        )
    with workspace(Resources()) as connection:
        table = open_table(connection, source, delimiter=delimiter)
        table.require(*key, *keep)
        with hide_values(str(source)):
            form = find_form(connection, table.relation, key, where=str(source))
            if not form.clear:
                raise ConfigError(
                    str(source),
                    f"column {', '.join(key)} holds pseudonyms already",
                    "start from the clear register",
                )
            value, name = key_text(key), key[0] if len(key) == 1 else PSEUDONYM
            rows, empty, hashed = connection.execute(
                f"SELECT count(*), count(*) FILTER ({value} = ''), "  # noqa: S608 - names are quoted
                f"count(*) FILTER ({looks_hashed_sql(key)}) FROM {table.relation}"
            ).fetchall()[0]
            if hashed:
                raise plain_hash_error(str(source), ", ".join(key))
            signed = f"CASE WHEN {value} = '' THEN '' ELSE '{keys.newest}:' || {pseudonym_sql(key, form)} END"
            columns = select_list_sql({name: signed} | {kept: text(kept) for kept in keep})
            # In source order, the position of a row would identify its person to anybody who knows that order.
            query = f"SELECT {columns} FROM {table.relation} ORDER BY ALL"  # noqa: S608 - names are quoted
            with private_file(target) as partial:
                copy_csv(connection, query, signing_parameters(form, keys, keys.newest), partial)
    return PseudonymisedFile(int(rows), int(empty), keys.newest, (name, *keep))
