"""The files of a project for a contract: config.yaml, suites, checks, code tables, terms."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString, SingleQuotedScalarString

from ketenwacht.errors import ConfigError

from .model import CODE_COLUMNS, Contract, Node, SuiteTree, Tree
from .trees import slugify

CODES = "expectations/codes"
_WIDTH = 110
_SHORT = 88  # a mapping or list of scalars up to this length stands on one line
_TABLE_NAME = re.compile(r"[A-Za-z0-9_-]+")
_AMBIGUOUS = re.compile(  # YAML 1.1 and 1.2 read these differently, or two YAML 1.2 tools do
    r"(?is)(y|n|yes|no|on|off|true|false|null|~)|[-+.\d].*|\W.*|.*[:#?,{}\[\]].*"
)
_ABOUT_CHECKS = "What the stream of deliveries must satisfy over time.\n"
_ABOUT_TERMS = (
    "Agreements that no check judges, in the words of ODCS v3.1: parties, purpose, meaning of columns.\n"
    "The suite and the checks hold the rules, config.yaml the delivery; `contract export` joins them.\n"
)


def format_yaml(tree: Tree, *, about: str = "") -> str:
    """Return a tree as YAML that versions 1.1 and 1.2 read alike; `about` becomes the comment at the top."""
    yaml = YAML(typ="rt")
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    stream = io.StringIO()
    yaml.dump(_style(tree, top=True), stream)
    return "".join(f"# {line}\n" for line in about.splitlines()) + stream.getvalue()


def _style(node: Node, *, top: bool = False) -> Node:
    if isinstance(node, Mapping):
        out = CommentedMap((_quote_text(str(key)), _style(value)) for key, value in node.items())
        if not top and _fits(node.values(), repr(dict(node))):
            out.fa.set_flow_style()
        return out
    if isinstance(node, list | tuple):
        items = CommentedSeq(_style(item) for item in node)
        if _fits(node, repr(node)):
            items.fa.set_flow_style()
        return items
    return _quote_text(node) if isinstance(node, str) else node


def _fits(values: Sequence[Node] | Node, shown: str) -> bool:
    return len(shown) <= _SHORT and not any(isinstance(value, Mapping | list | tuple) for value in values)


def _quote_text(text: str) -> Node:
    if "\n" in text and not re.search(r"[^\S\n]\n|[^\n\x20-\x7e\xa0-\ud7ff]|^\s", text):
        return LiteralScalarString(text)
    return SingleQuotedScalarString(text) if _AMBIGUOUS.fullmatch(text) is not None else text


def build_files(contract: Contract) -> dict[str, str]:
    """Return path below the project → text, for every file but config.yaml.

    Raises:
        ConfigError: the name of a code table cannot be a file name.
    """
    name = slugify(contract.feed, "_")
    out = {path: _format_suite(suite) for path, suite in _name_suites(contract).items()}
    if contract.checks:
        out[f"checks/{name}.yaml"] = format_yaml({"version": 1} | contract.checks, about=_ABOUT_CHECKS)
    for table, rows in contract.codes.items():
        if not _TABLE_NAME.fullmatch(table):
            raise ConfigError(
                "codeTables", "the name of a table cannot be a file name", "use letters, digits, - and _"
            )
        out[f"{CODES}/{table}.csv"] = _format_table(rows)
    if contract.terms:
        out[f"contracts/{name}.yaml"] = format_yaml(contract.terms, about=_ABOUT_TERMS)
    return out


def build_feed_settings(contract: Contract) -> Tree:
    """Return the feed as in config.yaml, with the paths of `build_files`."""
    name, settings = slugify(contract.feed, "_"), dict(contract.settings)
    if contract.suites:
        settings["suites"] = list(_name_suites(contract))
    if contract.checks:
        settings["checks"] = f"checks/{name}.yaml"
    if contract.terms:
        settings["contract"] = f"contracts/{name}.yaml"
    return settings


def _name_suites(contract: Contract) -> dict[str, SuiteTree]:
    name, out = slugify(contract.feed, "_"), dict[str, SuiteTree]()
    for i, suite in enumerate(contract.suites):
        path = f"expectations/{name}.json" if len(contract.suites) == 1 else f"expectations/{name}_{i + 1}.json"
        out[path] = suite
    return out


def _format_suite(suite: SuiteTree) -> str:
    tree = {"name": suite.name} | suite.rest | {"expectations": list(suite.expectations)}
    return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


def _format_table(rows: Sequence[Mapping[str, str]]) -> str:
    further = dict.fromkeys(column for row in rows for column in row if column not in CODE_COLUMNS)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [*CODE_COLUMNS, *further], restval="", delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def format_config(contracts: Sequence[Contract]) -> str:
    """Return a configuration with these feeds."""
    zone = next((contract.timezone for contract in contracts if contract.timezone is not None), None)
    head: Tree = {"version": 1} | ({"timezone": zone} if zone is not None else {})
    head["history"] = "${KETENWACHT_HISTORY:-sqlite:///var/history.db}"
    head["feeds"] = {contract.feed: build_feed_settings(contract) for contract in contracts}
    return format_yaml(head)


def insert_feeds(text: str, contracts: Sequence[Contract], *, after: int, column: int) -> str:
    """Return a configuration with more feeds; its own bytes stay unchanged.

    Args:
        text: the configuration.
        contracts: the feeds to add.
        after: the number of lines before the new feeds.
        column: of the names of its feeds, from 0.
    """
    added = format_yaml({contract.feed: build_feed_settings(contract) for contract in contracts})
    shifted = "".join(" " * column + line if line.strip() else line for line in added.splitlines(keepends=True))
    lines = text.splitlines(keepends=True)
    head = "".join(lines[:after])
    return head + ("" if head.endswith("\n") or not head else "\n") + shifted + "".join(lines[after:])
