"""Two versions of a contract, from files or from revisions of the repository they stand in."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ketenwacht.config.yaml_file import read_yaml
from ketenwacht.contract import Contract, ContractChange, compare
from ketenwacht.errors import ConfigError

from .gathering import contracts_of
from .importing import read_odcs

_SECONDS = 60
_ENDINGS = (".yaml", ".yml", ".json", ".csv")


def differences(before: str, after: str, config: Path, *, feed: str | None = None) -> tuple[ContractChange, ...]:
    """What changed between two versions.

    Args:
        before: a file (ODCS, or a project's config.yaml), `REVISION:path`, or a revision: `config` as it was then.
        after: the same.
        config: the configuration that a bare revision means.
        feed: only this one; None: all.

    Raises:
        ConfigError: one of them cannot be read, or has no such feed.
    """
    return compare(_only(_version(before, config), feed, before), _only(_version(after, config), feed, after))


def _only(found: dict[str, Contract], feed: str | None, where: str) -> dict[str, Contract]:
    if feed is None:
        return found
    if feed not in found:
        raise ConfigError(where, f"there is no feed {feed}", f"name one of: {', '.join(found)}")
    return {feed: found[feed]}


def _version(text: str, config: Path) -> dict[str, Contract]:
    if Path(text).is_file():
        return _read(Path(text))
    revision, colon, name = text.partition(":")
    with _checked_out(revision, Path(name) if colon else config, text) as path:
        return _read(path)


def _read(path: Path) -> dict[str, Contract]:
    tree = read_yaml(path).tree
    if isinstance(tree, dict) and tree.get("kind") == "DataContract":
        return {contract.feed: contract for contract in read_odcs(path)[0]}
    return contracts_of(path)


@contextmanager
def _checked_out(revision: str, path: Path, text: str) -> Iterator[Path]:
    """The folder of a file as it was at a revision, in a place of its own; the file in it."""
    folder = path.parent if path.is_absolute() else Path.cwd() / path.parent
    git = shutil.which("git")
    if git is None or not folder.is_dir():
        raise ConfigError(text, "is no file", "give an ODCS file, a config.yaml, REVISION:path or a revision")
    commit = _git(git, folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if not commit:
        raise ConfigError(text, "is no file and no revision of this repository", "see `git log` for revisions")
    place = [_git(git, folder, "rev-parse", what) or b"" for what in ("--show-toplevel", "--show-prefix")]
    top, prefix = (one.decode().rstrip("\n") for one in place)
    packed = _packed(git, Path(top), commit.decode().strip(), prefix + path.name)
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


def _packed(git: str, top: Path, commit: str, name: str) -> bytes | None:
    """Every file of a revision that a contract can be in, as a zip; None when `name` is not among them.

    Of the whole repository, since a configuration may name files beside its folder.
    """
    names = (_git(git, top, "ls-tree", "-r", "-z", "--name-only", commit) or b"").decode().split("\0")
    if name not in names:
        return None
    endings = [ending for ending in _ENDINGS if any(one.endswith(ending) for one in names)]
    return _git(git, top, "archive", "--format=zip", commit, f":(literal){name}", *(f"*{one}" for one in endings))


def _git(git: str, folder: Path, *arguments: str) -> bytes | None:
    """What git prints; None when it fails."""
    command = [git, "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
