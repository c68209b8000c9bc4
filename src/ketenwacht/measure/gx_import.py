"""Makes the import of Great Expectations light: without the libraries that it imports and this tool never runs.

Importing it takes 3.2 s of processor time and 250 MiB, of which 1.3 s and 110 MiB go into libraries that draw,
compare distributions, or read object storage. Those that it can do without are hidden while it is imported, as if
they were not installed. The others are loaded when something first reads them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any

HIDDEN = ("azure", "boto3", "botocore", "google.cloud", "pyspark", "snowflake", "trino")
"""Great Expectations imports them where they are installed. Rows reach it by our readers, and not by these."""

LAZY = frozenset({"altair", "scipy.stats"})
"""Great Expectations imports them at the top of a module, for pictures and for expectations that few use."""


class _LazyFinder(MetaPathFinder):
    """Finds the modules of `LAZY`, with a loader that runs them at the first access."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the specification of a module of `LAZY`; None for every other one."""
        if fullname not in LAZY:
            return None
        others = [finder for finder in list(sys.meta_path) if finder is not self]  # as another thread may look too
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((one for one in found if one is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


@contextmanager
def import_lightly() -> Iterator[None]:
    """Hide and delay other libraries while Great Expectations is imported; what is loaded already stays.

    For processes of ours: in that of a user, Great Expectations must find every library that is installed.
    """
    if "great_expectations" in sys.modules:
        yield
        return
    hidden = [name for name in HIDDEN if name not in sys.modules]
    finder = _LazyFinder()
    absent: dict[str, Any] = dict.fromkeys(hidden)  # where a module is None, an import of it fails
    sys.modules.update(absent)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in hidden:
            sys.modules.pop(name, None)
