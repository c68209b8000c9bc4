"""The dialects that need no plug-in, and the search for the others."""

from __future__ import annotations

from ketenwacht.plugins import DIALECTS as GROUP
from ketenwacht.plugins import find_plugin, list_words

from .base import Dialect
from .duckdb import DUCKDB
from .mariadb import MARIADB
from .postgresql import POSTGRESQL
from .spark import SPARK
from .sqlite import SQLITE

BUILT_IN: tuple[Dialect, ...] = (DUCKDB, MARIADB, POSTGRESQL, SPARK, SQLITE)
_BY_NAME = {dialect.name: dialect for dialect in BUILT_IN} | {"mysql": MARIADB}


def find_dialect(name: str, where: str = "engine") -> Dialect | None:
    """Return the dialect of a kind of database; None when there is none.

    Args:
        name: as SQLAlchemy calls it.
        where: the setting, for errors.

    Raises:
        ConfigError: a plug-in does not work, or two packages claim the name.
    """
    plugin = find_plugin(GROUP, name, _BY_NAME, where)
    if plugin is None:
        return _BY_NAME.get(name)
    found = plugin.load(where)
    if not isinstance(found, Dialect) or found.name != name:
        raise plugin.fault(where, f"does not name a Dialect with the name `{name}`")
    return found


def list_dialects() -> list[str]:
    """Return the name of every dialect, built in or of a plug-in."""
    return sorted(list_words(GROUP, [dialect.name for dialect in BUILT_IN]))
