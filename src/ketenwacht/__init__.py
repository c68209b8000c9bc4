"""Ketenwacht: monitors a recurring feed and reports, with evidence, whether every expected person is in it.

```python
from ketenwacht import Project

runs = Project("config.yaml").check("arrivals")
```

The public names live in `ketenwacht.api` and are imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api import (
        FindingList,
        FindingRecord,
        IncidentList,
        IncidentRecord,
        MeasurementRow,
        Project,
        ReconcileResult,
        ReleaseCheckResult,
        ReplayResult,
        ReportResult,
        Run,
        RunList,
    )
    from .domain.result import Status
    from .errors import (
        ConfigError,
        DeliveryError,
        EngineError,
        KetenwachtError,
        NotifyError,
        StoreError,
        UnreadableDelivery,
    )

    __version__: str

__all__ = [
    "ConfigError",
    "DeliveryError",
    "EngineError",
    "FindingList",
    "FindingRecord",
    "IncidentList",
    "IncidentRecord",
    "KetenwachtError",
    "MeasurementRow",
    "NotifyError",
    "Project",
    "ReconcileResult",
    "ReleaseCheckResult",
    "ReplayResult",
    "ReportResult",
    "Run",
    "RunList",
    "Status",
    "StoreError",
    "UnreadableDelivery",
    "__version__",
]

_ERRORS = frozenset({name for name in __all__ if name.endswith("Error")} | {"UnreadableDelivery"})


def __getattr__(name: str) -> object:
    """Return a public name, and import its module on first use."""
    from importlib import import_module, metadata  # noqa: PLC0415 - `import ketenwacht` must stay cheap

    if name == "__version__":
        return metadata.version("ketenwacht")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "errors" if name in _ERRORS else "domain.result" if name == "Status" else "api"
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
