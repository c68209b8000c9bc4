"""Makes the import of Great Expectations light: without the libraries that it imports and this tool never runs.

Importing it takes 3.2 s of processor time and 250 MiB, of which 1.3 s and 110 MiB go into libraries that draw,
compare distributions, or read object storage. Those that it can do without are hidden while it is imported, as if
they were not installed. The others are loaded when something first reads them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from threading import RLock
from types import ModuleType
from typing import Any

HIDDEN = ("azure", "boto3", "botocore", "google.cloud", "pyspark", "snowflake", "trino")
"""Great Expectations imports them where they are installed. Rows reach it by our readers, and not by these."""

LAZY = frozenset({"altair", "scipy.stats"})
"""Great Expectations imports them at the top of a module, for pictures and for expectations that few use."""


@dataclass(slots=True)
class _Delayed:
    """A module that did not run yet, in its specification.

    Attributes:
        loader: runs it.
        lock: held while it runs: another thread waits until it is complete.
        begun: whether it runs; what it reads of itself meanwhile is as it is by then.
    """

    loader: Loader
    lock: AbstractContextManager[bool] = field(default_factory=RLock)
    begun: bool = False


class _LazyModule(ModuleType):
    """A module that runs when something first reads an attribute of it."""

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module holds
        if name not in {"__spec__", "__class__"}:
            _run_once(self)
        return ModuleType.__getattribute__(self, name)


def _run_once(module: _LazyModule) -> None:
    delayed: _Delayed = ModuleType.__getattribute__(module, "__spec__").loader_state
    with delayed.lock:
        if delayed.begun:
            return
        delayed.begun = True
        try:
            delayed.loader.exec_module(module)
        except BaseException:
            delayed.begun = False
            raise
        module.__class__ = ModuleType  # type: ignore[assignment]  # from now on it is a plain module


class _LazyLoader(Loader):
    """Makes modules that run at the first access.

    `importlib.util.LazyLoader` shows a second thread a module that runs in a first one, before Python 3.12.
    """

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return what the module's own loader makes."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Prepare the module, without running it."""
        spec = module.__spec__
        if spec is None:
            raise ImportError(f"module {module.__name__} has no specification")
        spec.loader = module.__loader__ = self._loader
        spec.loader_state = _Delayed(self._loader)
        module.__class__ = _LazyModule


class LazyFinder(MetaPathFinder):
    """Finds some modules, with a loader that runs them at the first access."""

    def __init__(self, names: frozenset[str] = LAZY) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the specification of one of the modules; None for every other one."""
        if fullname not in self._names:
            return None
        others = [finder for finder in list(sys.meta_path) if finder is not self]  # as another thread may look too
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((one for one in found if one is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _LazyLoader(spec.loader)
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
    finder = LazyFinder()
    absent: dict[str, Any] = dict.fromkeys(hidden)  # where a module is None, an import of it fails
    sys.modules.update(absent)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in hidden:
            sys.modules.pop(name, None)
