"""The only place where single persons leave a comparison, as pseudonyms, because somebody named the file."""

from __future__ import annotations

from pathlib import Path

from ketenwacht.domain.personal import shown_text
from ketenwacht.errors import ConfigError, UnreadableDelivery

from .compare import Terms, classed
from .delivered import DeliveredKeys
from .keys import Keys, find_form, number_sql, parameters, pseudonym_sql, quoted, text
from .register import RegisterFile, load_register
from .tables import Resources, copy_csv, open_table, private_file, unquoting, workspace


def write_missing(delivered: DeliveredKeys, register: RegisterFile, terms: Terms, target: Path) -> int:
    """Write the missing to a CSV (`;`) of mode 0600: pseudonym, decision date, segments; a line a register row.

    Returns:
        How many persons.

    Raises:
        ConfigError: the file cannot be written, or as `reconcile`.
        UnreadableDelivery: as `reconcile`.
    """
    loaded = load_register(delivered, register)
    columns, form = register.columns, loaded.seen.form
    kept = "".join(f", {text(c)} AS {quoted(c)}" for c in (columns.decided, *columns.segments) if c is not None)
    with unquoting(str(register.path)), private_file(target) as made:
        delivered.connection.execute(
            f"CREATE OR REPLACE TABLE listed AS SELECT pseudonym FROM ({classed(delivered, loaded, terms)}) "  # noqa: S608 - our own names
            "WHERE class = 'missing'"
        )
        query = (
            f"SELECT '{loaded.key_id}:' || lower(hex) AS pseudonym, * EXCLUDE (hex) FROM ("  # noqa: S608 - names are quoted
            f"SELECT {pseudonym_sql(columns.key, form)} AS hex{kept} FROM {loaded.table.relation} "
            f"WHERE {text(columns.key)} <> '') "
            f"WHERE {number_sql('hex')} IN (SELECT pseudonym FROM listed) "
            "ORDER BY ALL"
        )
        copy_csv(delivered.connection, query, parameters(form, delivered.keys, loaded.key_id), made, delimiter=";")
        return _dropped(delivered)


def write_extra(delivered: DeliveredKeys, register: RegisterFile, terms: Terms, target: Path) -> int:
    """Write those delivered but not in the register to a CSV of mode 0600: the first 32 hex digits, and segments.

    The account of deliveries holds 128 bits of a pseudonym; the receiver finds its own rows by them.

    Returns:
        How many persons.

    Raises:
        ConfigError: the file cannot be written, or as `reconcile`.
        UnreadableDelivery: as `reconcile`.
    """
    loaded = load_register(delivered, register)
    kept = "".join(f", {quoted(c)}" for c in delivered.columns.segments)
    with unquoting(str(register.path)), private_file(target) as made:
        delivered.connection.execute(
            f"CREATE OR REPLACE TABLE listed AS SELECT pseudonym, there "  # noqa: S608 - our own names
            f"FROM ({classed(delivered, loaded, terms)}) "
            "WHERE class = 'extra'"
        )
        query = (
            f"SELECT '{loaded.key_id}:' || {hex_sql('pseudonym')} AS pseudonym{kept} "  # noqa: S608 - names are quoted
            "FROM listed JOIN segment ON id = there ORDER BY ALL"
        )
        copy_csv(delivered.connection, query, {}, made, delimiter=";")
        return _dropped(delivered)


def hex_sql(pseudonym: str) -> str:
    """SQL for the 32 hex digits of a pseudonym's 128 bits."""
    return f"lpad(lower(to_hex({pseudonym})), 32, '0')"


def _dropped(delivered: DeliveredKeys) -> int:
    (written,) = delivered.connection.execute("SELECT count(*) FROM listed").fetchall()[0]
    delivered.connection.execute("DROP TABLE listed")
    return int(written)


# Back from pseudonyms to persons, for who holds both the register and the key: the sender, who must repair.


_LISTED = "pseudonym"
_WRITTEN = r"([^:]+):([0-9a-fA-F]{32}(?:[0-9a-fA-F]{32})?)"


def look_up(source: Path, listed: Path, target: Path, *, key: str, keys: Keys) -> tuple[int, int]:
    """Write the rows of a register, in clear and whole, whose persons stand in a list of pseudonyms.

    Args:
        source: the register in clear, CSV or Parquet.
        listed: CSV with a column `pseudonym`, as `reconcile --missing` or `digest --members` writes it.
        target: CSV (`;`) of mode 0600.
        key: the column of the register that identifies a person.
        keys: must hold the key that the list was made with.

    Returns:
        How many persons stand in the list, and how many of them were found in the register.

    Raises:
        ConfigError: a column is not there, the register is not in clear, or the key of the list is not known.
        UnreadableDelivery: a file is not what it claims to be.
    """
    with workspace(Resources()) as connection:
        table, wanted = open_table(connection, source), open_table(connection, listed)
        table.require(key)
        wanted.require(_LISTED)
        with unquoting(str(listed)):
            connection.execute(
                "CREATE TABLE wanted AS SELECT DISTINCT key_id, "  # noqa: S608 - names are quoted
                f"{number_sql('hex')} AS number FROM (SELECT regexp_extract({text(_LISTED)}, '^{_WRITTEN}$', 1) "
                f"AS key_id, regexp_extract({text(_LISTED)}, '^{_WRITTEN}$', 2) AS hex FROM {wanted.relation})"
            )
        key_id = _key_of(connection.execute("SELECT DISTINCT key_id FROM wanted").fetchall(), listed, keys)
        with unquoting(str(source)):
            form = find_form(connection, table.relation, key, where=str(source))
            if not form.clear:
                raise ConfigError(str(source), f"column {key} holds pseudonyms", "name the register in clear")
            signed = parameters(form, keys, key_id)
            connection.execute(
                f"CREATE TABLE found AS SELECT * FROM (SELECT *, {number_sql('__hex')} AS __number FROM ("  # noqa: S608 - names are quoted
                f"SELECT *, {pseudonym_sql(key, form)} AS __hex FROM {table.relation} WHERE {text(key)} <> '')) "
                "SEMI JOIN wanted ON __number = wanted.number",
                signed or None,
            )
        with private_file(target) as made:
            copy_csv(connection, "SELECT * EXCLUDE (__hex, __number) FROM found", {}, made, delimiter=";")
        ((asked,),) = connection.execute("SELECT count(*) FROM wanted").fetchall()
        ((found,),) = connection.execute("SELECT count(DISTINCT __number) FROM found").fetchall()
    return int(asked), int(found)


def _key_of(found: list[tuple[str]], listed: Path, keys: Keys) -> str:
    """The one key that a list was made with."""
    ids = {key_id for (key_id,) in found}
    if not ids or "" in ids or len(ids) > 1:
        raise UnreadableDelivery(f"{listed}: is no list of pseudonyms of one key")
    (key_id,) = ids
    if key_id not in keys:
        raise ConfigError(str(listed), f"was made with key {shown_text(key_id)}", "add that key to the keys")
    return key_id
