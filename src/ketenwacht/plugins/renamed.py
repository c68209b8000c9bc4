"""Names of the release before: each works for one more release, with a warning that names the new one.

Only this module and the tables of `plugin_api` know them. Empty the tables at the next release.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

METHODS: Mapping[str, str] = {"open": "opened", "exclude": "set_apart"}
"""Method that a plug-in has, by the name that we call → its name in the release before."""


def find_method(implementation: object, name: str) -> Callable[..., Any]:
    """Return a method of a plug-in's object, which may still have its old name.

    Raises:
        AttributeError: it has neither name.
    """
    old = METHODS.get(name, name)
    if not hasattr(implementation, name) and hasattr(implementation, old):
        _warn(f"method {type(implementation).__name__}.{old}", name)
        name = old
    method: Callable[..., Any] = getattr(implementation, name)
    return method


def keep_old_names(kind: type, renamed: Mapping[str, str]) -> None:
    """Let objects of a class answer to the old names of their attributes and methods, for plug-ins that use them.

    Args:
        kind: the class.
        renamed: old name → new name.
    """
    for old, new in renamed.items():
        setattr(kind, old, property(_reader(kind.__name__, old, new)))


def return_renamed(module: str, names: Mapping[str, object], renamed: Mapping[str, str], name: str) -> object:
    """Return what an old name of a module means now.

    Args:
        module: its name.
        names: what it has.
        renamed: old name → new name.
        name: the requested name.

    Raises:
        AttributeError: the module never had that name.
    """
    if name not in renamed:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    _warn(f"{module}.{name}", renamed[name], level=4)  # past `__getattr__` of the module
    return names[renamed[name]]


def _reader(kind: str, old: str, new: str) -> Callable[[object], object]:
    def read(instance: object) -> object:
        _warn(f"{kind}.{old}", new)
        return getattr(instance, new)

    return read


def _warn(old: str, new: str, *, level: int = 3) -> None:
    warnings.warn(f"{old} is now {new}; the old name goes in the next release", DeprecationWarning, level)
