"""Pictures of the pages for the docs: the sample feed, replayed and served here, in a browser without a window."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.web import PageServer, web_app
from ketenwacht.workflows.project import LoadedProject

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
FIRST, LAST = "2022-01-01", "2022-06-30"
AT = datetime(2022, 6, 30, 9, tzinfo=UTC)
SHOTS = (
    ("page-overview.png", "/", 1280, "light", 760),
    ("page-incident.png", "/incidents/1", 1280, "light", 1000),
    ("page-feed.png", "/feeds/ind-duo", 1280, "light", 1000),
    ("page-overview-dark.png", "/", 1280, "dark", 760),
    ("page-incident-dark.png", "/incidents/1", 1280, "dark", 1000),
    ("page-feed-dark.png", "/feeds/ind-duo", 1280, "dark", 1000),
    ("page-overview-phone.png", "/", 360, "light", 780),
    ("page-incident-phone.png", "/incidents/1", 360, "light", 1200),
    ("page-feed-phone.png", "/feeds/ind-duo", 360, "light", 1200),
)
"""File, address, width, colours, height."""


def replay(folder: Path) -> None:
    """Write the sample feed and replay it; without a suite, which the pages do not need."""
    for name in ("config.yaml", "checks", "expectations"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)
    span = ("--from", FIRST, "--to", LAST)
    command = [sys.executable, "-m", "ketenwacht", "--set", "feeds.ind-duo.suites=[]"]
    scenario = ("--seed", "7", "--scenario", "incident-2022")
    subprocess.run([*command, "simulate", "var/sample", *span, *scenario], cwd=folder, check=True)
    subprocess.run([*command, "replay", *span], cwd=folder, check=False, stdout=subprocess.DEVNULL)
    shutil.move(folder / "var/history.replay.db", folder / "var/history.db")


def shoot(folder: Path) -> None:
    """Take every picture."""
    settings = ("service.access.anonymous=true",)
    project = LoadedProject.open(folder / "config.yaml", overrides=settings)
    with History.open(project.history_url()) as history, sync_playwright() as playwright:
        service = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None, now=lambda: AT)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with PageServer(web_app(service), host="127.0.0.1", port=0) as pages:
            for name, path, width, scheme, height in SHOTS:
                page = browser.new_page(
                    viewport={"width": width, "height": height}, color_scheme=scheme, locale="en"
                )
                page.goto(pages.address + path)
                page.screenshot(path=ROOT / "docs/images" / name)
                page.close()
                print(f"docs/images/{name}")
        browser.close()
        service.close()


def main() -> None:
    """Replay, or take the folder of an earlier replay that is named, and take the pictures."""
    if len(sys.argv) > 1:
        shoot(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        replay(Path(folder))
        shoot(Path(folder))


if __name__ == "__main__":
    main()
