"""Limits on what the contract of another party may change here: not where files are, nor who is told.

A contract is data. Its author may be anybody who sent a file, so an import takes no source, path, engine or
evidence from it, and no variable: `${SLACK_BOT_TOKEN}` in a title would put the token into every alert.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .model import Contract, ImportNote, ImportOutcome, Node, Tree
from .trees import slugify

_OURS = ("engine", "evidence", "canaries", "environments")
"""Settings of a feed that lead to files, databases or programs of ours."""
_OF_A_FILE = frozenset(
    {
        "kind",
        "reader",
        "pattern",
        "delimiter",
        "encoding",
        "period_column",
        "period_format",
        "count_column",
        "nested",
    }
)
_PATTERN = "{date:%Y%m%d}.csv"


def restrict(contract: Contract) -> tuple[Contract, tuple[ImportNote, ...]]:
    """Return the contract without what only its receiver may decide, and a note about each such part."""
    settings = {name: value for name, value in contract.settings.items() if name not in _OURS}
    gone = [name for name in _OURS if contract.settings.get(name)]
    settings["source"] = source = _restrict_source(contract.feed, contract.settings.get("source"))
    why = f"where deliveries are is yours to say: files under {source['path']}"
    moved = [why] if source != contract.settings.get("source") else []
    named = sorted(set(_find_variables(settings, "")))
    notes = (
        *(_note(name, ImportOutcome.LEFT_OUT, "leads to files or programs of yours") for name in gone),
        *(_note("source", ImportOutcome.CHANGED, why) for why in moved),
        *(_note(place, ImportOutcome.CHANGED, "names a variable: kept as plain text") for place in named),
    )
    return replace(contract, settings=_escape(settings)), notes


def _note(where: str, outcome: ImportOutcome, why: str) -> ImportNote:
    return ImportNote(where, "trust", outcome, why)


def _restrict_source(feed: str, source: Node) -> Tree:
    """Return the source in the folder that is ours for it, with what the document says of the files themselves."""
    given = source if isinstance(source, Mapping) and source.get("kind", "files") == "files" else {}
    kept = {key: value for key, value in given.items() if key in _OF_A_FILE}
    if set(str(kept.get("pattern", ""))) & set("/\\"):
        del kept["pattern"]
    if "pattern" not in kept and "period_column" not in kept:
        kept["pattern"] = _PATTERN
    return {"kind": "files", "path": f"var/deliveries/{slugify(feed)}", **kept}


def _find_variables(node: Node, place: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _find_variables(value, f"{place}.{key}".strip("."))
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _find_variables(value, place)
    elif isinstance(node, str) and "${" in node:
        yield place


def _escape(node: Node) -> Node:
    if isinstance(node, Mapping):
        return {key: _escape(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_escape(value) for value in node]
    return node.replace("${", "$${") if isinstance(node, str) else node
