"""The documentation site builds without a fault and asks no other host for anything; its tutorial works."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from project import ROOT
from ruamel.yaml import YAML

from ketenwacht import Project

DOCS = ROOT / "docs"
TUTORIAL = (DOCS / "tutorial.md").read_text(encoding="utf-8")


def pages_in(nav) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    return [page for one in (nav.values() if isinstance(nav, dict) else nav) for page in pages_in(one)]


def test_every_page_stands_in_the_navigation():
    nav = pages_in(YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    assert sorted(page for page in nav if page.endswith(".md")) == sorted(path.name for path in DOCS.glob("*.md"))


class Requests(HTMLParser):
    """The addresses that a browser asks for by itself when it shows a page."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in {"script", "img", "iframe", "source"} or (tag == "link" and given.get("rel") != "canonical"):
            self.asked += [given[name] for name in ("src", "href") if given.get(name)]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "mkdocs.yml", place)
    shutil.copytree(DOCS, place / "docs")
    build = [str(Path(sys.executable).with_name("zensical")), "build", "--strict", "--config-file", "mkdocs.yml"]
    done = subprocess.run(build, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return place / "var/site"


@pytest.mark.integration
def test_the_site_asks_no_other_host_for_anything(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    api = (site / "api.html").read_text(encoding="utf-8")
    assert {name for name in vars(Project) if not name.startswith("_")} <= set(
        re.findall(r'id="ketenwacht.Project.(\w+)"', api)
    )
    for page in pages:
        parser = Requests()
        parser.feed(page.read_text(encoding="utf-8"))
        assert parser.asked
        assert [one for one in parser.asked if re.match(r"(https?:)?//", one)] == [], page.name
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(https?:)?//", style.read_text(encoding="utf-8")), style.name
    assert (site / "search.json").stat().st_size > 100_000, "search works without a server"


@pytest.mark.e2e
def test_the_tutorial_works_as_written(tmp_path):
    saved = re.findall(r"^as `(\w+\.py)`|Save as `(\w+\.py)`", TUTORIAL, flags=re.MULTILINE)
    names = [one or other for one, other in saved]
    scripts = re.findall(r"```python\n(.*?)```", TUTORIAL, flags=re.DOTALL)
    assert len(names) == len(scripts) == 2
    for name, script in zip(names, scripts, strict=True):
        (tmp_path / name).write_text(script, encoding="utf-8")
    said = [call(block, tmp_path) for block in re.findall(r"```sh\n(.*?)```", TUTORIAL, flags=re.DOTALL)]
    assert "nothing to fix" in said[1]
    assert "UNPROVEN (exit 0)" in said[2]
    assert "exit code 1" in said[3]
    assert re.search(r"#1 .*missing.*since 14 Feb 2024", said[3])
    assert (tmp_path / "report.html").stat().st_size > 10_000


def call(block: str, place: Path) -> str:
    """Run a block of commands as a reader would; return what it printed."""
    programs = Path(sys.executable).parent
    done = subprocess.run(
        ["/bin/bash", "-e", "-c", block], cwd=place, env={"PATH": f"{programs}:/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, block + done.stdout + done.stderr
    return done.stdout
