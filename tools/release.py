"""Build a release into dist/, and try it as those who take it do.

A release is a wheel, a source archive, `requirements.txt` (the wheel and everything it needs, each by its hash),
a bill of materials and `SHA256SUMS`. Nothing in it names the place it is downloaded from.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
UV = str(ROOT / ".tools/bin/uv")
SBOM = "cyclonedx-bom==7.5.0"
FOLDER = "ketenwacht"
"""Where a project keeps what was released, beside its config.yaml."""
ALLOWED = re.compile(
    r"Apache|BSD|MIT|MPL|ISC|PSF|Python Software Foundation|LGPL|EUPL|Unlicense|Zlib|HPND|CC0|0BSD|Public Domain",
    re.IGNORECASE,
)
"""Licences that go with the EUPL-1.2 as dependencies that are not changed."""


def read_project() -> dict[str, object]:
    """Return the table `project` of pyproject.toml."""
    table: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Run a command and return what it prints; end with its errors when it fails."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(
            f"{' '.join(str(part) for part in command[:4])} … ended with {done.returncode}\n{done.stderr[-3000:]}"
        )
    return done.stdout


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_changelog() -> str:
    """See that CHANGELOG.md has a section for the version, or unreleased changes."""
    version = str(read_project()["version"])
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (?:\[)?([^\]\n ]+)", text, re.MULTILINE)
    if version not in headings and "Unreleased" not in headings:
        sys.exit(f"CHANGELOG.md has no section {version}")
    stated = re.search(
        r"^softwareVersion: (\S+)", (ROOT / "publiccode.yml").read_text(encoding="utf-8"), re.MULTILINE
    )
    if stated is None or stated[1] != version:
        sys.exit(f"publiccode.yml does not state version {version}")
    return f"version {version}"


def build_archives() -> str:
    """Build the wheel and the source archive."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "hatchling", "build", "-d", DIST)
    return ", ".join(sorted(path.name for path in DIST.iterdir()))


def find_wheel() -> Path:
    """Return the wheel in dist/."""
    (wheel,) = DIST.glob("*.whl")
    return wheel


def list_pinned(requirements: str) -> list[str]:
    """Return `name==version` of each package that requirements name."""
    return re.findall(r"^([A-Za-z0-9._\[\]-]+==[^ ;\\]+)", requirements, re.MULTILINE)


def write_requirements() -> str:
    """Write `requirements.txt`: the wheel and its dependencies in the versions and hashes of the lock."""
    needed = run(
        UV, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
        "--no-header", "--no-annotate", "--no-emit-index-url", "--constraint", "requirements.lock",
        "pyproject.toml",
    )  # fmt: skip
    wheel = find_wheel()
    first = f"./{FOLDER}/{wheel.name} \\\n    --hash=sha256:{hash_file(wheel)}\n"
    (DIST / "requirements.txt").write_text(first + needed, encoding="utf-8")
    return f"{len(list_pinned(needed))} dependencies, each by its hash"


def join_materials(installed: dict[str, Any], listed: dict[str, Any]) -> dict[str, Any]:
    """Return the bill of an installation, with the hashes and the further packages of another bill."""
    hashes = {_normalize(one["name"]): one["externalReferences"] for one in listed["components"]}
    known = {_normalize(one["name"]) for one in installed["components"]}
    for one in installed["components"]:
        one.setdefault("externalReferences", []).extend(hashes.get(_normalize(one["name"]), []))
    for one in listed["components"]:
        if _normalize(one["name"]) not in known:  # of another platform or Python
            reference = f"{one['name']}=={one['version']}"
            installed["components"].append(one | {"bom-ref": reference, "description": "not on every platform"})
            installed["dependencies"].append({"ref": reference})
    return installed


def _normalize(name: str) -> str:
    """Return a name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def write_materials() -> str:
    """Write the bill of materials (CycloneDX): what an installation holds, and the hashes that it may have.

    One installation says licences and what needs what; the requirements add hashes, and the packages of other
    platforms.
    """
    locked = (DIST / "requirements.txt").read_text(encoding="utf-8").split("\n", 2)[2]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "requirements.txt").write_text(locked, encoding="utf-8")
        cyclonedx = (UV, "tool", "run", "--quiet", "--from", SBOM, "cyclonedx-py")
        about = ("--pyproject", "pyproject.toml", "--mc-type", "application", "--output-reproducible")
        installed = json.loads(run(*cyclonedx, "environment", *about, install(folder)))
        listed = json.loads(run(*cyclonedx, "requirements", *about, folder / "requirements.txt"))
    joined = join_materials(installed, listed)
    text = json.dumps(joined, indent=2, ensure_ascii=False, sort_keys=True)
    (DIST / "materials.cdx.json").write_text(text + "\n", encoding="utf-8")
    return f"{len(joined['components'])} components"


def check_licences() -> str:
    """See that every dependency has a licence that goes with ours."""
    ask = (
        "import importlib.metadata as m, json;"
        "print(json.dumps({d.metadata['Name']: ' '.join(filter(None, [d.metadata.get('License-Expression'),"
        " (d.metadata.get('License') or '')[:60], *(c for c in d.metadata.get_all('Classifier') or []"
        " if c.startswith('License'))])) for d in m.distributions()}))"
    )
    with tempfile.TemporaryDirectory() as folder:
        python = install(Path(folder))
        licences: dict[str, str] = json.loads(run(python, "-c", ask, cwd=Path(folder)))
    strange = [f"{name}: {text or 'none stated'}" for name, text in licences.items() if not ALLOWED.search(text)]
    if strange:
        sys.exit("licences that nobody has looked at: " + "; ".join(sorted(strange)))
    return f"{len(licences)} packages"


def install(folder: Path) -> Path:
    """Install the release into a new environment as docs/ci.md says; return its Python."""
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    for path in (find_wheel(), DIST / "requirements.txt"):
        shutil.copy(path, place)
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / "env")
    python = folder / "env/bin/python"
    wanted = ("--require-hashes", "-r", f"{FOLDER}/requirements.txt")
    run(UV, "pip", "install", "--quiet", "--python", python, *wanted, cwd=folder)
    return python


def try_it() -> str:
    """Install it by hash in an empty folder, set a template up, and judge its deliveries."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = install(folder).with_name("ketenwacht")
        bare = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
        version = run(command, "--version", cwd=folder, env=bare).strip()
        run(command, "init", "new", "--template", "weekly-counts", cwd=folder, env=bare)
        run(command, "-c", "new/config.yaml", "lint", cwd=folder, env=bare)
        run(command, "-c", "new/config.yaml", "check", cwd=folder, env=bare)
    return version


def write_sums() -> str:
    """Write the SHA-256 of every file of the release."""
    files = sorted(path for path in DIST.iterdir() if path.name != "SHA256SUMS")
    (DIST / "SHA256SUMS").write_text(
        "".join(f"{hash_file(path)}  {path.name}\n" for path in files), encoding="utf-8"
    )
    return f"{len(files)} files"


BUILD: dict[str, Callable[[], str]] = {
    "changelog": check_changelog,
    "archives": build_archives,
    "requirements": write_requirements,
    "bill of materials": write_materials,
    "sums": write_sums,
}
TRIAL: dict[str, Callable[[], str]] = {"licences": check_licences, "trial": try_it}


def main() -> None:
    """Build, and with `--check` try what was built."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="try what was built, too")
    steps = BUILD | (TRIAL if parser.parse_args().check else {})
    for name, step in steps.items():
        print(f"{name:18} {step()}", flush=True)


if __name__ == "__main__":
    main()
