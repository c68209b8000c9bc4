"""Values do not change after they are made: every dataclass is frozen and slotted but those here."""

from __future__ import annotations

from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path

import ketenwacht

ROOT = Path(ketenwacht.__file__).parent
CHANGING = {  # what keeps a state while it works, beside values that never change
    "AccessControl", "AlertSender", "AttemptLog", "DailySummary", "EvidenceFiles", "FeedKeys", "FeedState",
    "FilesSetAside", "FindingSet", "GuardedNotifier", "HistoryCache", "Intake", "Lease", "Pace", "QualityRules",
    "ReadPart", "ReadinessLog", "Reasons", "Rise", "Service", "Site", "TickResult",
    "Worker", "_Alike", "_CategoryMemory", "_Change", "_Faults", "_Groups", "_OpenSession", "_PastState",
    "_ReleaseRun", "_Sender",
}  # fmt: skip
"""A new one is added here with its reason in its docstring."""


def classes() -> dict[str, type]:
    """Every dataclass of the package by its name."""
    parts = (path.relative_to(ROOT) for path in sorted(ROOT.rglob("*.py")))
    modules = [
        import_module(".".join(("ketenwacht", *part.with_suffix("").parts)))
        for part in parts
        if not ({"migrations", "__main__.py", "__init__.py"} & set(part.parts) or part.stem.startswith("gx_"))
    ]
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.__name__
    }


def test_which_dataclasses_are_not_frozen_or_not_slotted():
    every = classes()
    assert len(every) > 300
    loose = {name for name, one in every.items() if not one.__dataclass_params__.frozen}
    assert loose == CHANGING
    assert {name for name, one in every.items() if "__slots__" not in vars(one)} == {"Account"}
