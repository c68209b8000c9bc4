"""A contract as the files of a project: config.yaml, suites, checks, code tables, terms."""

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
from .trees import slug

CODES = "expectations/codes"
_WIDTH = 110
_SHORT = 88  # a mapping or list of single values that fits is written on one line
_TABLE_NAME = re.compile(r"[A-Za-z0-9_-]+")
_AMBIGUOUS = re.compile(  # YAML 1.1 and 1.2 differ on these, or a writer and a reader of 1.2 do
    r"(?is)(y|n|yes|no|on|off|true|false|null|~)|[-+.\d].*|\W.*|.*[:#?,{}\[\]].*"
)
_ABOUT_CHECKS = "What the stream of deliveries must satisfy over time.\n"
_ABOUT_TERMS = (
    "What the parties agreed and nothing judges, in the words of ODCS v3.1: who, why, what a column means.\n"
    "Rules stand in the suite and the checks, delivery in config.yaml; `contract export` joins them.\n"
)


def yaml_text(tree: Tree, *, about: str = "") -> str:
    """A tree as YAML 1.2 that readers of YAML 1.1 read alike; `about` becomes the comment at the top."""
    yaml = YAML(typ="rt")
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    stream = io.StringIO()
    yaml.dump(_styled(tree, top=True), stream)
    return "".join(f"# {line}\n" for line in about.splitlines()) + stream.getvalue()


def _styled(node: Node, *, top: bool = False) -> Node:
    if isinstance(node, Mapping):
        out = CommentedMap((_text(str(key)), _styled(value)) for key, value in node.items())
        if not top and _fits(node.values(), repr(dict(node))):
            out.fa.set_flow_style()
        return out
    if isinstance(node, list | tuple):
        items = CommentedSeq(_styled(item) for item in node)
        if _fits(node, repr(node)):
            items.fa.set_flow_style()
        return items
    return _text(node) if isinstance(node, str) else node


def _fits(values: Sequence[Node] | Node, shown: str) -> bool:
    return len(shown) <= _SHORT and not any(isinstance(value, Mapping | list | tuple) for value in values)


def _text(text: str) -> Node:
    if "\n" in text and not re.search(r"[^\S\n]\n|[^\n\x20-\x7e\xa0-\ud7ff]|^\s", text):
        return LiteralScalarString(text)
    return SingleQuotedScalarString(text) if _AMBIGUOUS.fullmatch(text) is not None else text


def files_of(contract: Contract) -> dict[str, str]:
    """Path below the project → text, of everything but config.yaml.

    Raises:
        ConfigError: a code table has a name that cannot be a file's.
    """
    name = slug(contract.feed, "_")
    out = {path: _suite(suite) for path, suite in _suites(contract).items()}
    if contract.checks:
        out[f"checks/{name}.yaml"] = yaml_text({"version": 1} | contract.checks, about=_ABOUT_CHECKS)
    for table, rows in contract.codes.items():
        if not _TABLE_NAME.fullmatch(table):
            raise ConfigError(
                "codeTables", "a table has a name that cannot be a file's", "use letters, digits, - and _"
            )
        out[f"{CODES}/{table}.csv"] = _table(rows)
    if contract.terms:
        out[f"contracts/{name}.yaml"] = yaml_text(contract.terms, about=_ABOUT_TERMS)
    return out


def feed_settings(contract: Contract) -> Tree:
    """The feed as config.yaml has it, with the paths of `files_of`."""
    name, settings = slug(contract.feed, "_"), dict(contract.settings)
    if contract.suites:
        settings["suites"] = list(_suites(contract))
    if contract.checks:
        settings["checks"] = f"checks/{name}.yaml"
    if contract.terms:
        settings["contract"] = f"contracts/{name}.yaml"
    return settings


def _suites(contract: Contract) -> dict[str, SuiteTree]:
    name, out = slug(contract.feed, "_"), dict[str, SuiteTree]()
    for i, suite in enumerate(contract.suites):
        path = f"expectations/{name}.json" if len(contract.suites) == 1 else f"expectations/{name}_{i + 1}.json"
        out[path] = suite
    return out


def _suite(suite: SuiteTree) -> str:
    tree = {"name": suite.name} | suite.rest | {"expectations": list(suite.expectations)}
    return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


def _table(rows: Sequence[Mapping[str, str]]) -> str:
    further = dict.fromkeys(column for row in rows for column in row if column not in CODE_COLUMNS)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [*CODE_COLUMNS, *further], restval="", delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def config_text(contracts: Sequence[Contract]) -> str:
    """A configuration with these feeds."""
    zone = next((contract.timezone for contract in contracts if contract.timezone is not None), None)
    head: Tree = {"version": 1} | ({"timezone": zone} if zone is not None else {})
    head["history"] = "${KETENWACHT_HISTORY:-sqlite:///var/history.db}"
    head["feeds"] = {contract.feed: feed_settings(contract) for contract in contracts}
    return yaml_text(head)


def with_feeds(text: str, contracts: Sequence[Contract], *, after: int, column: int) -> str:
    """A configuration with further feeds, every byte of it kept.

    Args:
        text: the configuration.
        contracts: the feeds to add.
        after: the number of lines after which they are put.
        column: of the names of feeds in it, from 0.
    """
    added = yaml_text({contract.feed: feed_settings(contract) for contract in contracts})
    shifted = "".join(" " * column + line if line.strip() else line for line in added.splitlines(keepends=True))
    lines = text.splitlines(keepends=True)
    head = "".join(lines[:after])
    return head + ("" if head.endswith("\n") or not head else "\n") + shifted + "".join(lines[after:])
