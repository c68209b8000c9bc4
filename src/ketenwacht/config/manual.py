"""docs/configuration.md, written from the docstrings of the settings themselves: each is described once."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from dataclasses import MISSING
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from ketenwacht.domain.alerting import Alerting, AppriseTarget, FeedNotes, Route, SlackTarget
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.conservation import Hop
from ketenwacht.domain.feed import (
    CanarySettings,
    CountSource,
    Feed,
    FileSource,
    HopCounts,
    OutsideEvidence,
    ReceiptSettings,
    RecurringPeriod,
    Register,
    Schedule,
    SparkSource,
    TableSource,
)
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.settings import Access, ApiToken, OidcLogin, ProxyLogin, ServiceSettings, Settings

from .json_schema import SCHEMAS, as_text, describe_settings
from .rules import DeclaredPeriod

_DURATIONS = {"d": 86400, "h": 3600, "min": 60, "s": 1}  # a unit: its seconds

_HEAD = """\
# Configuration

`make docs` writes this page from the settings themselves; a test keeps it in step. Editors that know YAML schemas
find those in `schemas/` by the first line of a file. `ketenwacht lint` finds every fault.

Values may hold `${NAME}` or `${NAME:-default}`: the environment variable, or the content of the file that
`NAME_FILE` names, or the default. Durations are written `30min`, `4h`, `14d`, `2w`. `--set KEY=VALUE` overrides
any setting for one call: dotted, list items by number. `environments: {NAME: {…}}` under a feed is merged over it
by `--env NAME`.
"""

_CHECKS = """\
## checks/*.yaml

`version: 1`, `false_alarms_per_year` (what the team will live with over all checks; `lint` says when they ask for
more), `checks` (a list; each has a `kind`, and a `name` where there are two of a kind) and `declared`. The kinds
`schedule` and `evidence` are always there, listed or not: whether a delivery could be read, and who says that it
is all.
"""

_PARTS: tuple[tuple[str, type[Any]], ...] = (
    ("config.yaml", Settings),
    ("feeds.NAME", Feed),
    ("feeds.NAME.source, kind: files", FileSource),
    ("feeds.NAME.source, kind: table", TableSource),
    ("feeds.NAME.source, kind: spark", SparkSource),
    ("feeds.NAME.schedule", Schedule),
    ("feeds.NAME.schedule.periods[]", RecurringPeriod),
    ("feeds.NAME.canaries", CanarySettings),
    ("feeds.NAME.receipts", ReceiptSettings),
    ("feeds.NAME.evidence", OutsideEvidence),
    ("feeds.NAME.evidence.register", Register),
    ("feeds.NAME.evidence.hops.HOP", HopCounts),
    ("feeds.NAME.evidence.references[]", CountSource),
    ("alerts", Alerting),
    ("alerts.routes[]", Route),
    ("alerts.routes[].slack", SlackTarget),
    ("alerts.routes[].apprise", AppriseTarget),
    ("alerts.feeds.NAME", FeedNotes),
    ("alerts.policy", Policy),
    ("service", ServiceSettings),
    ("service.access", Access),
    ("service.access.oidc", OidcLogin),
    ("service.access.proxy", ProxyLogin),
    ("service.access.tokens[]", ApiToken),
)


def render_manual() -> str:
    """Return the whole page, Markdown."""
    parts = [_HEAD, *(_render_section(f"## `{title}`", cls) for title, cls in _PARTS)]
    parts.append(_CHECKS)
    parts += [_render_section(f"### `kind: {kind.kind}`", kind) for kind in KINDS]
    parts.append(_render_section("### `hops[]` of `kind: conservation`", Hop))
    parts.append(_render_section("### `declared[]`", DeclaredPeriod))
    return "\n".join(parts)


def _render_section(title: str, cls: type[Any]) -> str:
    about, meanings = describe_settings(cls)
    meanings = {name: meaning.replace("|", "\\|") for name, meaning in meanings.items()}
    rows = [f"| `{f.name}` | {_render_default(f)} | {meanings.get(f.name, '')} |" for f in _list_settings(cls)]
    table = "\n".join(["| setting | default | meaning |", "| --- | --- | --- |", *rows]) + "\n" if rows else ""
    return f"{title}\n\n{about}\n\n{table}"


def _list_settings(cls: type[Any]) -> Iterator[dataclasses.Field[Any]]:
    hidden = {"name", "kind"} if hasattr(cls, "judge") or cls is Feed else set()
    return (f for f in dataclasses.fields(cls) if f.name not in hidden)


def _render_default(setting: dataclasses.Field[Any]) -> str:
    if setting.default is not MISSING:
        value = setting.default
    elif setting.default_factory is not MISSING:
        value = setting.default_factory()
    else:
        return "needed"
    return f"`{_render_value(value)}`" if _render_value(value) else ""


def _render_value(value: Any) -> str:  # noqa: ANN401 - a default may be anything
    if value is None or value == "" or dataclasses.is_dataclass(value):
        return ""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        unit, size = next((unit, size) for unit, size in _DURATIONS.items() if not seconds % size)
        return f"{seconds // size}{unit}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, frozenset | tuple | list):
        items = [_render_value(item) for item in value]
        return f"[{', '.join(sorted(items) if isinstance(value, frozenset) else items)}]"
    return "{}" if isinstance(value, dict) and not value else str(value)


def write_docs(root: Path) -> None:
    """Write the manual and the schemas into the folders of the repository, without plug-ins."""
    (root / "docs/configuration.md").write_text(render_manual(), encoding="utf-8")
    for name, make in SCHEMAS.items():
        (root / "schemas" / name).write_text(as_text(make()), encoding="utf-8")


if __name__ == "__main__":
    write_docs(Path(sys.argv[1]))
