"""Contracts: gather them from the files of a project, import them from ODCS, and compare two versions."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ketenwacht.config.load import find_feed, load_settings, read_tree
from ketenwacht.config.rules import EXPECTED_FILE, build_default_checks
from ketenwacht.config.validate import to_plain
from ketenwacht.config.yaml_file import YamlFile, read_yaml
from ketenwacht.contract import (
    Contract,
    ContractChange,
    ImportNote,
    SuiteTree,
    build_files,
    compare,
    format_config,
    from_odcs,
    insert_feeds,
    restrict,
)
from ketenwacht.document_limits import parse_json
from ketenwacht.errors import ConfigError, describe_file_fault
from ketenwacht.measure.parameters import DATES, code_table_path
from ketenwacht.measure.suite import KNOWN, Suite, read_suite
from ketenwacht.workflows import clock
from ketenwacht.workflows.agreements import read_terms

ZONE = "Europe/Amsterdam"
_PATHS = ("suites", "checks", "contract")
Tree = dict[str, Any]


def load_contracts(config: Path, *, overrides: tuple[str, ...] = ()) -> dict[str, Contract]:
    """Return every feed's contract, by name, with variables not filled in.

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
        out[name] = _load_feed(name, settings, tree, config, overrides)
    return out


def load_contract(config: Path, feed: str | None, *, overrides: tuple[str, ...] = ()) -> Contract:
    """Return the contract of one feed; of the only one when `feed` is None.

    Raises:
        ConfigError: there is no such feed, or a file of it cannot be read.
    """
    found = load_contracts(config, overrides=overrides)
    if feed is None and len(found) == 1:
        return next(iter(found.values()))
    if feed is None or feed not in found:
        what = "there are several feeds" if feed is None else "there is no such feed"
        raise ConfigError("FEED", what, f"name one of: {', '.join(found)}")
    return found[feed]


def configured_language(config: Path, *, overrides: tuple[str, ...] = ()) -> str:
    """Return the language of alerts and of a contract for people: nl unless configured."""
    alerts = read_tree(config, overrides)[0].get("alerts")
    return str(alerts.get("language", "nl")) if isinstance(alerts, dict) else "nl"


def _load_feed(name: str, settings: Tree, tree: Tree, config: Path, overrides: tuple[str, ...]) -> Contract:
    root = config.resolve().parent
    suites = [read_suite(root / path) for path in settings.get("suites") or ()]
    terms = read_terms(root / settings["contract"]) if settings.get("contract") else {}
    return Contract(
        feed=name,
        timezone=str(tree.get("timezone") or ZONE),
        settings={key: value for key, value in settings.items() if key not in _PATHS},
        suites=tuple(_make_suite_tree(suite) for suite in suites),
        checks=_read_checks(name, settings, root, config, overrides),
        codes=_read_code_tables(suites),
        terms=terms,
        channels=_slack_channels(tree, name),
    )


def read_mapping(path: Path) -> Tree:
    """Return the mapping in a YAML file as plain dictionaries and lists."""
    tree: Any = to_plain(read_yaml(path).tree)
    return dict(tree)


def _make_suite_tree(suite: Suite) -> SuiteTree:
    document = _read_json(suite.path)
    rest = {key: value for key, value in document.items() if key not in ("name", "expectations")}
    return SuiteTree(name=suite.name, expectations=tuple(dict(entry.raw) for entry in suite.entries), rest=rest)


def _read_json(path: str) -> Tree:
    found: Tree = parse_json(Path(path).read_bytes())
    return found


def _read_checks(name: str, settings: Tree, root: Path, config: Path, overrides: tuple[str, ...]) -> Tree:
    """Return the checks file as written, with categories from its CSV; the defaults for a feed without one."""
    if not settings.get("checks"):
        feed = find_feed(load_settings(config, environ=clock.environment(), overrides=overrides), name)
        return {"version": 1, "checks": [{"kind": check.kind} for check in build_default_checks(feed)]}
    path = root / settings["checks"]
    tree = read_mapping(path)
    tree["checks"] = [_add_categories(dict(check), path.parent) for check in tree.get("checks") or ()]
    return tree


def _add_categories(check: Tree, folder: Path) -> Tree:
    name = check.pop(EXPECTED_FILE, None)
    if name is None:
        return check
    return {**check, "expected": [*check.get("expected", ()), *_read_rows(folder / name)]}


def _read_code_tables(suites: Sequence[Suite]) -> dict[str, tuple[Mapping[str, str], ...]]:
    out: dict[str, tuple[Mapping[str, str], ...]] = {}
    for suite in suites:
        for name in dict.fromkeys(p for entry in suite.entries for p in entry.parameters if p not in DATES):
            rows = _read_rows(code_table_path(suite.path, name))
            if out.setdefault(name, rows) != rows:
                where = str(code_table_path(suite.path, name))
                raise ConfigError(where, "two suites have another code table of this name", "rename one of them")
    return out


def _read_rows(path: Path) -> tuple[Mapping[str, str], ...]:
    """Return the rows of a CSV file with `;`, without empty cells."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter=";"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(
            str(path), f"cannot be read ({describe_file_fault(error)})", "give a UTF-8 CSV file"
        ) from None
    return tuple({key: value for key, value in row.items() if isinstance(key, str) and value} for row in rows)


def _slack_channels(tree: Tree, feed: str) -> tuple[str, ...]:
    """Return the Slack channels that hear of the feed, where the configuration names them itself."""
    alerts = tree.get("alerts")
    routes = alerts.get("routes") if isinstance(alerts, dict) else None
    found = []
    for route in routes if isinstance(routes, list) else ():
        slack = route.get("slack") if isinstance(route, dict) else None
        channel = slack.get("channel") if isinstance(slack, dict) else None
        listed = not route.get("feeds") or feed in route["feeds"]
        if listed and isinstance(channel, str) and channel and "${" not in channel:
            found.append(channel)
    return tuple(dict.fromkeys(found))


# Import a contract into a project: which files to write.


@dataclass(frozen=True, slots=True)
class ContractFiles:
    """The result of an import.

    Attributes:
        contracts: what the file holds.
        notes: what could not be taken over as it stood.
        paths: of the files that were written, or added to.
    """

    contracts: tuple[Contract, ...]
    notes: tuple[ImportNote, ...]
    paths: tuple[Path, ...]


def read_odcs(path: Path) -> tuple[tuple[Contract, ...], tuple[ImportNote, ...]]:
    """Return the contracts in an ODCS file, and notes on what could not be taken over as it stands.

    Raises:
        ConfigError: it cannot be read, or is not ODCS v3.
    """
    imported = from_odcs(read_mapping(path), where=str(path), known=KNOWN.__contains__)
    return imported.contracts, imported.notes


def import_odcs(path: Path, into: Path, *, trusted: bool = False) -> ContractFiles:
    """Write the files of a project for an ODCS file; write nothing when one of them exists.

    An existing config.yaml keeps every byte; the feeds are added to it.

    Args:
        path: of the ODCS file.
        into: folder of the project.
        trusted: whether sources, paths and variables are taken from the document too; see `contract.trust`.

    Raises:
        ConfigError: the file is not ODCS v3, or a file or feed is there already.
    """
    contracts, notes = read_odcs(path)
    if not trusted:
        restricted = [restrict(contract) for contract in contracts]
        contracts = tuple(contract for contract, _ in restricted)
        notes = (*notes, *(note for _, found in restricted for note in found))
    files: dict[Path, str] = {}
    for contract in contracts:
        for name, text in build_files(contract).items():
            if files.setdefault(into / name, text) != text:
                raise ConfigError(
                    str(path), f"two of its feeds need another {name}", "give their objects other names"
                )
    there = [target for target, text in files.items() if target.exists() and not _is_same(target, text)]
    if there:
        raise ConfigError(
            str(there[0]), "is there already, and is never overwritten", "import into another folder"
        )
    config = into / "config.yaml"
    configured = _add_feeds(config, contracts) if config.exists() else format_config(contracts)
    new = [target for target in files if not target.exists()]
    for target in new:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(files[target], encoding="utf-8")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(configured, encoding="utf-8")
    return ContractFiles(contracts, notes, (config, *new))


def _is_same(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _add_feeds(config: Path, contracts: Sequence[Contract]) -> str:
    """Return an existing configuration with the feeds added where the others stand.

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
    after, column = _find_end_of_feeds(file, before)
    text = insert_feeds(config.read_text(encoding="utf-8"), contracts, after=after, column=column)
    _check_added(text, before, config, contracts)
    return text


def _check_added(text: str, before: Tree, config: Path, contracts: Sequence[Contract]) -> None:
    """Refuse a text that does not hold exactly what it held before, and the feeds."""
    try:
        tree = _parse(text)
    except ConfigError:
        tree = {}
    names = {contract.feed for contract in contracts}
    kept = {name: feed for name, feed in (tree.get("feeds") or {}).items() if name not in names}
    if {**tree, "feeds": kept} != before or not names <= set(tree["feeds"]):
        raise ConfigError(
            f"{config}: feeds", "are not written a line each", "import into another folder, and copy"
        )


def _parse(text: str) -> Tree:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return read_tree(path)[0]


def _find_end_of_feeds(file: YamlFile, tree: Tree) -> tuple[int, int]:
    """Return the number of lines up to the end of the feeds, and the column (from 0) of their names."""
    first = file.where(("feeds", next(iter(tree["feeds"])))).split(":")
    keys = list(tree)
    lines = file.path.read_text(encoding="utf-8").splitlines()
    following = keys[keys.index("feeds") + 1 :]
    end = min((int(file.where((key,)).split(":")[-2]) - 1 for key in following), default=len(lines))
    while end > 0 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1  # what stands right before a key belongs to it
    return end, int(first[-1]) - 1


# Two versions of a contract, from files or from revisions of the repository they stand in.


_SECONDS = 60
_ENDINGS = (".yaml", ".yml", ".json", ".csv")


def compare_versions(
    before: str, after: str, config: Path, *, feed: str | None = None
) -> tuple[ContractChange, ...]:
    """Return what changed between two versions.

    Args:
        before: a file (ODCS, or a project's config.yaml), `REVISION:path`, or a revision: `config` as it was then.
        after: the same.
        config: the configuration that a bare revision means.
        feed: only this one; None: all.

    Raises:
        ConfigError: one of them cannot be read, or has no such feed.
    """
    return compare(
        _select_feed(_load_version(before, config), feed, before),
        _select_feed(_load_version(after, config), feed, after),
    )


def _select_feed(found: dict[str, Contract], feed: str | None, where: str) -> dict[str, Contract]:
    if feed is None:
        return found
    if feed not in found:
        raise ConfigError(where, f"there is no feed {feed}", f"name one of: {', '.join(found)}")
    return {feed: found[feed]}


def _load_version(text: str, config: Path) -> dict[str, Contract]:
    if Path(text).is_file():
        return _load_file(Path(text))
    revision, colon, name = text.partition(":")
    with _check_out(revision, Path(name) if colon else config, text) as path:
        return _load_file(path)


def _load_file(path: Path) -> dict[str, Contract]:
    tree = read_yaml(path).tree
    if isinstance(tree, dict) and tree.get("kind") == "DataContract":
        return {contract.feed: contract for contract in read_odcs(path)[0]}
    return load_contracts(path)


@contextmanager
def _check_out(revision: str, path: Path, text: str) -> Iterator[Path]:
    """Yield a file as it was at a revision, in a temporary copy of its folder."""
    folder = path.parent if path.is_absolute() else Path.cwd() / path.parent
    git = shutil.which("git")
    if git is None or not folder.is_dir():
        raise ConfigError(text, "is not a file", "give an ODCS file, a config.yaml, REVISION:path or a revision")
    commit = _run_git(
        git, folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    if not commit:
        raise ConfigError(
            text, "is neither a file nor a revision of this repository", "see `git log` for revisions"
        )
    place = [_run_git(git, folder, "rev-parse", what) or b"" for what in ("--show-toplevel", "--show-prefix")]
    top, prefix = (one.decode().rstrip("\n") for one in place)
    packed = _archive(git, Path(top), commit.decode().strip(), prefix + path.name)
    if packed is None:
        raise ConfigError(text, f"{path} was not there at that revision", "name the path as it was then")
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(io.BytesIO(packed)) as files:  # it makes no links, and nothing outside the folder
            files.extractall(scratch)
        try:
            yield Path(scratch) / prefix / path.name
        except ConfigError as error:  # nobody can open a file that is gone when this is read
            where = error.where.replace(f"{Path(scratch).resolve()}/", f"{revision}:")
            raise ConfigError(where.replace(f"{scratch}/", f"{revision}:"), error.what, error.mend) from None


def _archive(git: str, top: Path, commit: str, name: str) -> bytes | None:
    """Return every file of a revision that a contract can be in, as a zip; None when `name` is not among them.

    The zip covers the whole repository, since a configuration may name files beside its folder.
    """
    names = (_run_git(git, top, "ls-tree", "-r", "-z", "--name-only", commit) or b"").decode().split("\0")
    if name not in names:
        return None
    endings = [ending for ending in _ENDINGS if any(one.endswith(ending) for one in names)]
    return _run_git(
        git, top, "archive", "--format=zip", commit, f":(literal){name}", *(f"*{one}" for one in endings)
    )


def _run_git(git: str, folder: Path, *arguments: str) -> bytes | None:
    """Return the output of a git command; None when it fails."""
    command = [git, "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
