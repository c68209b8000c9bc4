"""Ketenwacht: says, with evidence, whether everybody who should be in a feed is in it.

```python
from ketenwacht import Project

runs = Project("config.yaml").check("ind-duo")
```

Everything public stands in `ketenwacht.api`, and is imported only when it is asked for.
"""

from __future__ import annotations

__all__ = ["__version__"]


def __getattr__(name: str) -> object:
    """Give a public name, importing what it needs now."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - reading it takes longer than all else here

        return version("ketenwacht")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
