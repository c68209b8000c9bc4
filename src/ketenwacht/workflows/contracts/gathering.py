"""The contracts of a project, gathered from the files that hold them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ketenwacht.config.load import feed_named, load_settings, read_tree
from ketenwacht.config.rules import EXPECTED_FILE, default_checks
from ketenwacht.config.validate import plain
from ketenwacht.config.yaml_file import read_yaml
from ketenwacht.contract import Contract, SuiteTree
from ketenwacht.documents import parse_json
from ketenwacht.errors import ConfigError
from ketenwacht.measure.parameters import DATES, code_table_path
from ketenwacht.measure.suite import Suite, read_suite
from ketenwacht.workflows import clock

ZONE = "Europe/Amsterdam"
_PATHS = ("suites", "checks", "contract")
Tree = dict[str, Any]


def contracts_of(config: Path, *, overrides: tuple[str, ...] = ()) -> dict[str, Contract]:
    """Every feed's contract, by name, with variables not filled in.

    Raises:
        ConfigError: a file of it cannot be read.
    """
    tree, file = read_tree(config, overrides)
    feeds = tree.get("feeds")
    if not isinstance(feeds, dict) or not feeds:
        raise ConfigError(file.where(("feeds",)), "there is no feed", "add one under `feeds:`")
    out = {}
    for name, settings in feeds.items():
        if not isinstance(settings, dict):
            raise ConfigError(file.where(("feeds", name)), "a feed is not a mapping", "give its settings")
        out[name] = _contract(name, settings, tree, config, overrides)
    return out


def contract_of(config: Path, feed: str | None, *, overrides: tuple[str, ...] = ()) -> Contract:
    """The contract of one feed; of the only one when `feed` is None.

    Raises:
        ConfigError: there is no such feed, or a file of it cannot be read.
    """
    found = contracts_of(config, overrides=overrides)
    if feed is None and len(found) == 1:
        return next(iter(found.values()))
    if feed is None or feed not in found:
        what = "there are several feeds" if feed is None else "there is no such feed"
        raise ConfigError("FEED", what, f"name one of: {', '.join(found)}")
    return found[feed]


def language_of(config: Path, *, overrides: tuple[str, ...] = ()) -> str:
    """The language in which alerts are written, and a contract for people: nl unless configured."""
    alerts = read_tree(config, overrides)[0].get("alerts")
    return str(alerts.get("language", "nl")) if isinstance(alerts, dict) else "nl"


def _contract(name: str, settings: Tree, tree: Tree, config: Path, overrides: tuple[str, ...]) -> Contract:
    root = config.resolve().parent
    suites = [read_suite(root / path) for path in settings.get("suites") or ()]
    terms = mapping_in(root / settings["contract"]) if settings.get("contract") else {}
    return Contract(
        feed=name,
        timezone=str(tree.get("timezone") or ZONE),
        settings={key: value for key, value in settings.items() if key not in _PATHS},
        suites=tuple(_suite_tree(suite) for suite in suites),
        checks=_checks(name, settings, root, config, overrides),
        codes=_codes(suites),
        terms=terms,
        channels=_channels(tree, name),
    )


def mapping_in(path: Path) -> Tree:
    """The mapping in a YAML file, without the classes of its reader."""
    tree: Any = plain(read_yaml(path).tree)
    return dict(tree)


def _suite_tree(suite: Suite) -> SuiteTree:
    document = _json(suite.path)
    rest = {key: value for key, value in document.items() if key not in ("name", "expectations")}
    return SuiteTree(name=suite.name, expectations=tuple(dict(entry.raw) for entry in suite.entries), rest=rest)


def _json(path: str) -> Tree:
    found: Tree = parse_json(Path(path).read_bytes())
    return found


def _checks(name: str, settings: Tree, root: Path, config: Path, overrides: tuple[str, ...]) -> Tree:
    """The checks file as written, categories of a CSV beside it read in; the defaults for a feed without one."""
    if not settings.get("checks"):
        feed = feed_named(load_settings(config, environ=clock.environment(), overrides=overrides), name)
        return {"version": 1, "checks": [{"kind": check.kind} for check in default_checks(feed)]}
    path = root / settings["checks"]
    tree = mapping_in(path)
    tree["checks"] = [_with_categories(dict(check), path.parent) for check in tree.get("checks") or ()]
    return tree


def _with_categories(check: Tree, folder: Path) -> Tree:
    name = check.pop(EXPECTED_FILE, None)
    if name is None:
        return check
    return {**check, "expected": [*check.get("expected", ()), *_rows(folder / name)]}


def _codes(suites: Sequence[Suite]) -> dict[str, tuple[Mapping[str, str], ...]]:
    out: dict[str, tuple[Mapping[str, str], ...]] = {}
    for suite in suites:
        for name in dict.fromkeys(p for entry in suite.entries for p in entry.parameters if p not in DATES):
            rows = _rows(code_table_path(suite.path, name))
            if out.setdefault(name, rows) != rows:
                where = str(code_table_path(suite.path, name))
                raise ConfigError(where, "two suites have another code table of this name", "rename one of them")
    return out


def _rows(path: Path) -> tuple[Mapping[str, str], ...]:
    """The rows of a CSV file with `;`, empty cells left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter=";"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(str(path), f"cannot be read ({type(error).__name__})", "give a UTF-8 CSV file") from None
    return tuple({key: value for key, value in row.items() if isinstance(key, str) and value} for row in rows)


def _channels(tree: Tree, feed: str) -> tuple[str, ...]:
    """The Slack channels that are told of the feed, where the configuration names them itself."""
    alerts = tree.get("alerts")
    routes = alerts.get("routes") if isinstance(alerts, dict) else None
    found = []
    for route in routes if isinstance(routes, list) else ():
        slack = route.get("slack") if isinstance(route, dict) else None
        channel = slack.get("channel") if isinstance(slack, dict) else None
        told = not route.get("feeds") or feed in route["feeds"]
        if told and isinstance(channel, str) and channel and "${" not in channel:
            found.append(channel)
    return tuple(dict.fromkeys(found))
