"""What the sender runs before anything leaves: a register with pseudonyms in place of keys, and little else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ketenwacht.errors import ConfigError

from .keys import Keys
from .pseudonym import find_form, looks_hashed, parameters, pseudonym_sql, text, unkeyed
from .tables import Resources, copy_csv, open_table, private_file, select, unquoting, workspace


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
