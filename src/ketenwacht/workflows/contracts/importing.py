"""A contract into a project: which files it becomes, and what is written where."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ketenwacht.config.load import read_tree
from ketenwacht.config.yaml_file import YamlFile
from ketenwacht.contract import Contract, ImportNote, config_text, files_of, from_odcs, with_feeds
from ketenwacht.errors import ConfigError
from ketenwacht.measure.suite import KNOWN

from .gathering import mapping_in

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ContractFiles:
    """What an import left behind.

    Attributes:
        contracts: what the file holds.
        notes: what could not be taken over as it stood.
        paths: of the files that were written, or added to.
    """

    contracts: tuple[Contract, ...]
    notes: tuple[ImportNote, ...]
    paths: tuple[Path, ...]


def read_odcs(path: Path) -> tuple[tuple[Contract, ...], tuple[ImportNote, ...]]:
    """The contracts in an ODCS file, and what could not be taken over as it stands.

    Raises:
        ConfigError: it cannot be read, or is not ODCS v3.
    """
    imported = from_odcs(mapping_in(path), where=str(path), known=KNOWN.__contains__)
    return imported.contracts, imported.notes


def import_odcs(path: Path, into: Path) -> ContractFiles:
    """Write the files of a project for an ODCS file; nothing is written when one of them is there already.

    A config.yaml that is there keeps every byte; the feeds are added to it.

    Raises:
        ConfigError: the file is not ODCS v3, or a file or feed is there already.
    """
    contracts, notes = read_odcs(path)
    files: dict[Path, str] = {}
    for contract in contracts:
        for name, text in files_of(contract).items():
            if files.setdefault(into / name, text) != text:
                raise ConfigError(
                    str(path), f"two of its feeds need another {name}", "give their objects other names"
                )
    there = [target for target, text in files.items() if target.exists() and not _same(target, text)]
    if there:
        raise ConfigError(
            str(there[0]), "is there already, and is never overwritten", "import into another folder"
        )
    config = into / "config.yaml"
    configured = _extended(config, contracts) if config.exists() else config_text(contracts)
    new = [target for target in files if not target.exists()]
    for target in new:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(files[target], encoding="utf-8")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(configured, encoding="utf-8")
    return ContractFiles(contracts, notes, (config, *new))


def _same(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _extended(config: Path, contracts: Sequence[Contract]) -> str:
    """A configuration that is there, with the feeds added where the others stand.

    Raises:
        ConfigError: it has one of them already, or its feeds are not written a line each.
    """
    before, file = read_tree(config)
    feeds = before.get("feeds")
    if not isinstance(feeds, dict) or not feeds:
        raise ConfigError(file.where(("feeds",)), "there are no feeds to add to", "import into another folder")
    for contract in contracts:
        if contract.feed in feeds:
            where = file.where(("feeds", contract.feed))
            raise ConfigError(where, f"there is a feed {contract.feed} already", "import into another folder")
    after, column = _end_of_feeds(file, before)
    text = with_feeds(config.read_text(encoding="utf-8"), contracts, after=after, column=column)
    _check_added(text, before, config, contracts)
    return text


def _check_added(text: str, before: Tree, config: Path, contracts: Sequence[Contract]) -> None:
    """Refuse when the text does not hold exactly what it held before, and the feeds."""
    try:
        tree = _parsed(text)
    except ConfigError:
        tree = {}
    names = {contract.feed for contract in contracts}
    kept = {name: feed for name, feed in (tree.get("feeds") or {}).items() if name not in names}
    if {**tree, "feeds": kept} != before or not names <= set(tree["feeds"]):
        raise ConfigError(
            f"{config}: feeds", "are not written a line each", "import into another folder, and copy"
        )


def _parsed(text: str) -> Tree:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return read_tree(path)[0]


def _end_of_feeds(file: YamlFile, tree: Tree) -> tuple[int, int]:
    """The number of lines up to the end of the feeds, and the column (from 0) of their names."""
    first = file.where(("feeds", next(iter(tree["feeds"])))).split(":")
    keys = list(tree)
    lines = file.path.read_text(encoding="utf-8").splitlines()
    following = keys[keys.index("feeds") + 1 :]
    end = min((int(file.where((key,)).split(":")[-2]) - 1 for key in following), default=len(lines))
    while end > 0 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1  # what stands right before a key belongs to it
    return end, int(first[-1]) - 1
