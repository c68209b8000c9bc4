"""Every page in a real browser: accessible in light, dark and on a phone, nothing blocked, nothing too wide."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.web import PageServer, web_app
from ketenwacht.workflows.project import LoadedProject

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
PATHS = ("/", "/incidents/1", "/feeds/ind-duo?range=1y", "/incidents", "/deliveries", "/findings")
AT = datetime(2022, 1, 17, 9, tzinfo=UTC)
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium"),
]


@pytest.fixture
def address(place):
    place.go_live()
    settings = ("service.access.proxy={proxies: [127.0.0.1]}", "service.access.operators=[an]")
    project = LoadedProject.open(place.root / "config.yaml", overrides=settings)
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None, now=lambda: AT)
        with PageServer(web_app(made), host="127.0.0.1", port=0) as pages:
            yield pages.address
        made.close()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


def test_every_page_is_accessible_complains_of_nothing_and_fits(address, browser):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - only where there is a browser

    for scheme, width, language in (("light", 1280, "en"), ("dark", 1280, "nl"), ("dark", 360, "en")):
        for path in PATHS:
            page = browser.new_page(
                viewport={"width": width, "height": 800}, color_scheme=scheme, locale=language,
                extra_http_headers={"X-Forwarded-User": "an"},
            )  # fmt: skip
            said = []
            page.on("console", lambda message, said=said: said.append(message.text))
            page.goto(address + path)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
            assert found.violations_count == 0, (path, scheme, width, found.generate_report())
            assert said == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            page.close()


def test_an_incident_is_taken_with_the_keyboard_alone(address, browser):
    page = browser.new_page(extra_http_headers={"X-Forwarded-User": "an"}, locale="en")
    page.goto(address)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Take it":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/1?done=take")
    assert "Looked after by\nan\n" in page.inner_text("main")
    page.close()
