"""The report in a real browser: accessible, no request but for itself, nothing wider than the screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ketenwacht.messages.report.data import ReportData
from ketenwacht.messages.report.view import view_report
from ketenwacht.render.html import render_report

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, report, formatter, tmp_path):
    """Open a report in a window; what it asked for and complained about is collected."""
    pages = []

    def open_(data=report, *, width=1280, scheme="light", language="en"):
        said = replace(formatter, language=language)
        path = tmp_path / f"report-{len(pages)}.html"
        path.write_text(render_report(view_report(data, said), said), encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(path.as_uri())
        page.address = path.as_uri()
        pages.append(page)
        return page

    yield open_
    for page in pages:
        page.close()


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(1280, "light", "en"), (390, "dark", "en"), (1280, "light", "nl")]
)
def test_wcag_has_nothing_to_say(opened, width, scheme, language):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - only where there is a browser

    page = opened(width=width, scheme=scheme, language=language)
    for fold in page.query_selector_all("summary"):
        fold.click()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    assert found.response["passes"]
    assert found.violations_count == 0, found.generate_report()


def test_it_asks_for_nothing_but_itself_and_the_policy_blocks_nothing(opened):
    page = opened()
    page.wait_for_load_state("networkidle")
    assert page.asked == [page.address]
    assert page.said == []
    # The style sheet did come through the policy.
    assert page.evaluate("getComputedStyle(document.querySelector('.part')).display") == "grid"


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_screen(opened, width):
    page = opened(width=width)
    for fold in page.query_selector_all("summary"):
        fold.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_one_width_of_each_drawing_is_shown(opened):
    count = (
        "[...document.querySelectorAll('figure svg[role=img]')].filter(s => s.getBoundingClientRect().width > 0)"
    )
    for width in (390, 1280):
        page = opened(width=width)
        assert page.evaluate(f"{count}.length") == page.evaluate("document.querySelectorAll('figure').length") == 6


def test_the_first_screen_answers_who_since_when_on_what_and_what_to_do(opened):
    page = opened()
    for words in ("About 3,210 persons", "group family", "3 Jan 2022", "keyed reconciliation", "What to do"):
        box = page.get_by_text(words).first.bounding_box()
        assert 0 <= box["y"] < 600, words


def test_paper_shows_dark_ink_on_white_even_from_a_dark_screen(opened):
    page = opened(scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    style = "getComputedStyle(document.body)"
    page.set_viewport_size({"width": 690, "height": 1000})  # A4 within its margins
    assert page.evaluate("document.documentElement.scrollWidth") <= 690
    assert page.evaluate(f"[{style}.backgroundColor, {style}.color]") == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


def test_a_report_of_nothing_is_accessible_too(opened, report):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - only where there is a browser

    page = opened(ReportData(feed="feed", generated_at=report.generated_at))
    assert Axe().run(page).violations_count == 0
