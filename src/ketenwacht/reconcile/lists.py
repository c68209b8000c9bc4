"""Lists of persons: written as pseudonyms after a comparison on request, and looked up again by the sender."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ketenwacht.domain.personal_values import shown_text
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.sql import quote_name

from .compare import ReconciliationTerms, classified_sql
from .delivered import DeliveredKeys
from .keys import Keys, find_form, key_text, number_sql, pseudonym_sql, signing_parameters, text
from .register import RegisterFile, load_register
from .survey import PSEUDONYM
from .tables import Resources, copy_csv, hide_values, open_table, private_file, workspace


def write_missing(
    delivered: DeliveredKeys, register: RegisterFile, terms: ReconciliationTerms, target: Path
) -> int:
    """Write missing persons to a CSV (`;`) of mode 0600: pseudonym, decision date and segments of each row.

    Returns:
        The number of persons.

    Raises:
        ConfigError: the file cannot be written, or see `reconcile`.
        UnreadableDelivery: see `reconcile`.
    """
    loaded = load_register(delivered, register)
    columns, form = loaded.file.columns, loaded.survey.form
    kept = "".join(
        f", {text(c)} AS {quote_name(c)}" for c in (columns.decided, *columns.segments) if c is not None
    )
    with hide_values(str(register.path)), private_file(target) as partial:
        delivered.connection.execute(
            f"CREATE OR REPLACE TABLE listed AS SELECT pseudonym "  # noqa: S608 - our own names
            f"FROM ({classified_sql(delivered, loaded, terms)}) WHERE class = 'missing'"
        )
        query = (
            f"SELECT '{loaded.key_id}:' || lower(hex) AS pseudonym, * EXCLUDE (hex) FROM ("  # noqa: S608 - names are quoted
            f"SELECT {pseudonym_sql(columns.key, form)} AS hex{kept} FROM {loaded.table.relation} "
            f"WHERE {key_text(columns.key)} <> '') "
            f"WHERE {number_sql('hex')} IN (SELECT pseudonym FROM listed) "
            "ORDER BY ALL"
        )
        copy_csv(
            delivered.connection,
            query,
            signing_parameters(form, delivered.keys, loaded.key_id),
            partial,
        )
        return _drop_listed(delivered)


def write_extra(delivered: DeliveredKeys, register: RegisterFile, terms: ReconciliationTerms, target: Path) -> int:
    """Write extra persons to a CSV (`;`) of mode 0600: the first 32 hex digits of the pseudonym, and segments.

    A comparison holds 128 bits of a pseudonym; they suffice for the receiver to find its rows.

    Returns:
        The number of persons.

    Raises:
        ConfigError: the file cannot be written, or see `reconcile`.
        UnreadableDelivery: see `reconcile`.
    """
    loaded = load_register(delivered, register)
    kept = "".join(f", {quote_name(c)}" for c in delivered.columns.segments)
    with hide_values(str(register.path)), private_file(target) as partial:
        delivered.connection.execute(
            f"CREATE OR REPLACE TABLE listed AS SELECT pseudonym, delivered_segment "  # noqa: S608 - our own names
            f"FROM ({classified_sql(delivered, loaded, terms)}) "
            "WHERE class = 'extra'"
        )
        query = (
            f"SELECT '{loaded.key_id}:' || {hex_sql('pseudonym')} AS pseudonym{kept} "  # noqa: S608 - names are quoted
            "FROM listed JOIN segment ON id = delivered_segment ORDER BY ALL"
        )
        copy_csv(delivered.connection, query, {}, partial)
        return _drop_listed(delivered)


def hex_sql(pseudonym: str) -> str:
    """Return SQL for the 32 hex digits of a pseudonym's 128 bits."""
    return f"lpad(lower(to_hex({pseudonym})), 32, '0')"


def _drop_listed(delivered: DeliveredKeys) -> int:
    (written,) = delivered.connection.execute("SELECT count(*) FROM listed").fetchall()[0]
    delivered.connection.execute("DROP TABLE listed")
    return int(written)


# Look up the persons behind pseudonyms, for the sender, who holds the register and the key.


_PSEUDONYM = r"([^:]+):([0-9a-fA-F]{32}(?:[0-9a-fA-F]{32})?)"


def look_up(source: Path, listed: Path, target: Path, *, key: Sequence[str], keys: Keys) -> tuple[int, int]:
    """Write the complete register rows of the persons in a list of pseudonyms.

    Args:
        source: the register with clear keys, CSV or Parquet.
        listed: CSV with a column `pseudonym`, from `reconcile --missing` or `digest --members`.
        target: CSV (`;`) of mode 0600.
        key: the columns of the register that together identify a person.
        keys: must hold the key of the list.

    Returns:
        The number of persons in the list, and how many of them the register holds.

    Raises:
        ConfigError: a column is absent, the register holds pseudonyms, or the key of the list is unknown.
        UnreadableDelivery: a file cannot be parsed.
    """
    with workspace(Resources()) as connection:
        table, wanted = open_table(connection, source), open_table(connection, listed)
        table.require(*key)
        wanted.require(PSEUDONYM)
        with hide_values(str(listed)):
            connection.execute(
                "CREATE TABLE wanted AS SELECT DISTINCT key_id, "  # noqa: S608 - names are quoted
                f"{number_sql('hex')} AS number FROM ("
                f"SELECT regexp_extract({text(PSEUDONYM)}, '^{_PSEUDONYM}$', 1) AS key_id, "
                f"regexp_extract({text(PSEUDONYM)}, '^{_PSEUDONYM}$', 2) AS hex FROM {wanted.relation})"
            )
        key_id = _find_key_id(connection.execute("SELECT DISTINCT key_id FROM wanted").fetchall(), listed, keys)
        with hide_values(str(source)):
            form = find_form(connection, table.relation, key, where=str(source))
            if not form.clear:
                raise ConfigError(
                    str(source), f"column {', '.join(key)} holds pseudonyms", "name the register in clear"
                )
            signed = signing_parameters(form, keys, key_id)
            connection.execute(
                f"CREATE TABLE found AS SELECT * FROM (SELECT *, {number_sql('__hex')} AS __number FROM ("  # noqa: S608 - names are quoted
                f"SELECT *, {pseudonym_sql(key, form)} AS __hex FROM {table.relation} "
                f"WHERE {key_text(key)} <> '')) SEMI JOIN wanted ON __number = wanted.number",
                signed or None,
            )
        with private_file(target) as partial:
            copy_csv(
                connection, "SELECT * EXCLUDE (__hex, __number) FROM found ORDER BY ALL NULLS FIRST", {}, partial
            )
        ((listed_count,),) = connection.execute("SELECT count(*) FROM wanted").fetchall()
        ((found,),) = connection.execute("SELECT count(DISTINCT __number) FROM found").fetchall()
    return int(listed_count), int(found)


def _find_key_id(found: list[tuple[str]], listed: Path, keys: Keys) -> str:
    """Return the id of the key that signed a list."""
    ids = {key_id for (key_id,) in found}
    if not ids or "" in ids or len(ids) > 1:
        raise UnreadableDelivery(f"{listed}: is not a list of pseudonyms of one key")
    (key_id,) = ids
    if key_id not in keys:
        raise ConfigError(str(listed), f"is signed with key {shown_text(key_id)}", "add that key to the keys")
    return key_id
