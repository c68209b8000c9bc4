"""Load the persons of a table that stay in their database: only pseudonyms and the needed columns leave it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from ketenwacht.dialects import find_dialect
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.errors import ConfigError, DeliveryError, EngineError
from ketenwacht.reconcile import KeyColumns, Keys
from ketenwacht.reconcile.keys import plain_hash_error
from ketenwacht.sources import FeedReader
from ketenwacht.sources.in_database import KeysShownError
from ketenwacht.sources.signed_rows import PSEUDONYM, RemoteColumns, copy_signed, copy_texts, find_forms

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from ketenwacht.sources.in_database import OpenRows
    from ketenwacht.sources.table import TableReader


def find_signing_reader(reader: FeedReader | None) -> TableReader | None:
    """Return the reader of a table in a database that can sign keys where they lie; None for any other."""
    from ketenwacht.sources.table import TableReader  # noqa: PLC0415 - only a table has a database

    if not isinstance(reader, TableReader):
        return None
    dialect = find_dialect(reader.dialect)
    return reader if dialect is not None and dialect.hmac else None


@dataclass(frozen=True, slots=True)
class SignedLoader:
    """Loads pseudonyms in place of keys into table `delivery` of a connection.

    Attributes:
        reader: of the table.
        delivery: the period.
        columns: those that a comparison needs.
        keys: to sign with.
        zone: for moments with an offset.
        copy: loads the rows themselves where the server would show our keys to others; None: that is an error.
    """

    reader: TableReader
    delivery: Delivery
    columns: KeyColumns
    keys: Keys
    zone: tzinfo
    copy: Callable[[duckdb.DuckDBPyConnection], object] | None = None

    def __call__(self, into: duckdb.DuckDBPyConnection) -> None:
        """Load the rows.

        Raises:
            ConfigError: a column is absent, keys are plain hashes or mixed, or the server would show our keys.
            DeliveryError: the rows cannot be read.
        """
        where = f"{shown_text(self.delivery.feed)} {shown_text(self.delivery.id)}"
        try:
            with self.reader.open_in_place(self.delivery) as rows:
                load_signed(rows, into, self.columns, self.keys, where=where, zone=self.zone)
        except KeysShownError:
            if self.copy is None:
                raise
            self.copy(into)
        except EngineError as fault:
            raise DeliveryError(f"{where}: its keys could not be signed ({fault})") from None


def load_signed(  # noqa: PLR0913 - what is signed, with what, where to, and two for messages
    rows: OpenRows, into: duckdb.DuckDBPyConnection, columns: KeyColumns, keys: Keys, *, where: str, zone: tzinfo
) -> None:
    """Create the table `delivery` from the rows with pseudonyms in place of keys; raises as `SignedLoader`."""
    found = RemoteColumns.find(rows, (*columns.names, PSEUDONYM))
    columns = columns.resolve(found.names)
    found.require(columns.key, where)
    forms, named = find_forms(found, columns.key), ", ".join(columns.key)
    # A column of a key of several may be a segment or the date of decision too.
    others = [name for name in columns.others if len(columns.key) > 1 or name not in columns.key]
    if forms.hashed:
        raise plain_hash_error(where, named)
    if forms.signed not in {0, forms.keyed} or len(forms.key_ids) > 1:
        what = f"column {named} mixes key ids, or pseudonyms with clear keys"
        raise ConfigError(where, what, "use one key id a table")
    if forms.signed:
        copy_texts(found, into, tuple(dict.fromkeys((*columns.key, *others))), zone=zone)
        return
    pads = {one: (keys.make_pads(one).inner, keys.make_pads(one).outer) for one in keys.ids}
    copy_signed(found, into, columns.key, others=others, pads=pads, zone=zone)
