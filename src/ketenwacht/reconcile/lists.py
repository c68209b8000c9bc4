"""The only place where single persons leave a comparison, as pseudonyms, because somebody named the file."""

from __future__ import annotations

from pathlib import Path

from .compare import Terms, classed
from .delivered import DeliveredKeys
from .pseudonym import number_sql, parameters, pseudonym_sql, quoted, text
from .register import RegisterFile, load_register
from .tables import copy_csv, private_file, unquoting


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
