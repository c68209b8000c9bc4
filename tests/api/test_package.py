"""What is shipped: a wheel and a source archive, typed for those who import them."""

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile

import pytest
from project import ROOT

pytestmark = pytest.mark.integration

CLIENT = """
from datetime import date

from ketenwacht import ConfigError, Project, ReleaseCheckResult, Run, Status

project = Project("config.yaml", set={"history": "sqlite:///x.db"}, environment=None)
runs: list[Run] = project.check("ind-duo")
gate: ReleaseCheckResult = project.ci("ind-duo", environment="staging")
found = [gate.ok, runs[0].ok(strict=True), runs[0].status is Status.PASSED]
project.replay("ind-duo", first=date(2022, 1, 1), last=date(2023, 6, 30)).to_dict()
try:
    project.reconcile("ind-duo", register="register.csv")
except ConfigError as fault:
    print(fault.where, fault.what, fault.mend)
rows = [(row.period, row.value) for row in project.measurements("ind-duo")]
reveal_type(found)
reveal_type(rows)
"""
WRONG = """
from ketenwacht import Project

Project("config.yaml").ci("ind-duo", fail_on="never")
Project("config.yaml").check("ind-duo").headline
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    return folder


@pytest.fixture(scope="module")
def python(built, tmp_path_factory):
    """A Python that has the wheel, and beside it what the wheel depends on."""
    location = tmp_path_factory.mktemp("client")
    venv.create(location, symlinks=True)
    python = location / "bin/python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(site)  # noqa: S202 - our own wheel
    beside = location.joinpath(site, "beside.pth")
    beside.write_text(sysconfig.get_path("purelib") + "\n")
    return python


def checked(python, text, tmp_path_factory):
    client = tmp_path_factory.mktemp("script") / "client.py"
    client.write_text(text)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--python-executable",
            str(python),
            "--cache-dir",
            str(python.parent),
            client.name,
        ],
        cwd=client.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_and_the_archive_hold_the_package_and_its_types(built):
    (wheel,) = built.glob("*.whl")
    (archive,) = built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as files, tarfile.open(archive) as sources:
        named = {name.split("/", 1)[1] for name in sources.getnames() if "/" in name}
        for part in ("py.typed", "__init__.py", "api/project.py", "render/templates/report.html.j2"):
            assert f"ketenwacht/{part}" in files.namelist()
            assert f"src/ketenwacht/{part}" in named


def test_mypy_knows_the_types_of_an_installed_package(python, tmp_path_factory):
    said = checked(python, CLIENT, tmp_path_factory)
    assert "Success: no issues found" in said.stdout, said.stdout
    assert 'Revealed type is "list[bool]"' in said.stdout.replace("builtins.", "")
    assert "float | None" in said.stdout.replace("builtins.", "")


def test_mypy_finds_what_the_package_does_not_have(python, tmp_path_factory):
    said = checked(python, WRONG, tmp_path_factory)
    assert "incompatible type \"Literal['never']\"" in said.stdout
    assert 'has no attribute "headline"' in said.stdout


def test_importing_the_package_imports_nothing_else(python):
    code = (
        "import sys; before = {name.partition('.')[0] for name in sys.modules}\n"
        "import ketenwacht; assert ketenwacht.__file__.startswith(sys.prefix), ketenwacht.__file__\n"
        "after = {name.partition('.')[0] for name in sys.modules} - before - set(sys.stdlib_module_names)\n"
        "print(sorted(after))"
    )
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "['ketenwacht']\n"
