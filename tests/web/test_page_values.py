"""What the pages say, value by value, of a small feed of which every count is known."""

from __future__ import annotations

import io
import re
import urllib.request
from contextlib import contextmanager
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from tiny_feed import tiny_feed

from ketenwacht.domain.findings import resolve
from ketenwacht.service.lease import NAME
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.web import PageServer, web_app

AT = datetime(2024, 1, 5, 15, 30, tzinfo=UTC)  # a Friday


class Texts(HTMLParser):
    """The visible texts of a page, one an element."""

    def __init__(self, page):
        super().__init__()
        self.found, self._hidden = [], 0
        self.feed(page)

    def handle_starttag(self, tag, _):
        self._hidden += tag in {"style", "script", "title"}

    def handle_endtag(self, tag):
        self._hidden -= tag in {"style", "script", "title"}

    def handle_data(self, data):
        if data.strip() and not self._hidden:
            self.found.append(" ".join(data.split()))


@contextmanager
def pages_of(tiny, *, demonstration=None):
    """The service, and what fetches the texts of a page from it in a language."""
    project = tiny.project
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None, now=lambda: AT)
        made.demonstration = demonstration
        try:
            with PageServer(web_app(made), host="127.0.0.1", port=0) as server:

                def fetch(path, language="en"):
                    request = urllib.request.Request(server.address + path, headers={"accept-language": language})  # noqa: S310 - our own address
                    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own address
                        return Texts(answer.read().decode()).found

                yield made, fetch
        finally:
            made.close()


@pytest.mark.parametrize(
    ("language", "leads", "role"),
    [
        ("en", True, "at work"),
        ("en", False, "standing by"),
        ("nl", True, "aan het werk"),
        ("nl", False, "staat paraat"),
    ],
)
def test_every_page_says_whether_this_process_works_or_stands_by(tmp_path, language, leads, role):
    with pages_of(tiny_feed(tmp_path / "feed")) as (service, fetch):
        service.history.leases.take(NAME, worker=service.lease.worker if leads else "another")
        assert service.lease.try_once() is leads
        for path in ("/", "/incidents"):
            said = [text for text in fetch(path, language) if text.startswith(role)]
            assert len(said) == 1, path
            assert re.fullmatch(rf"{role}, .*16:30.*", said[0]), "the time of the organisation, not that of UTC"


@pytest.mark.integration
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_says_what_it_said(tmp_path, golden, language):
    tiny = tiny_feed(tmp_path / "feed")
    tiny.deliver(date(2024, 1, 3), arrived=datetime(2024, 1, 3, 6, tzinfo=UTC))
    tiny.deliver(date(2024, 1, 4), arrived=datetime(2024, 1, 4, 14, tzinfo=UTC))  # three hours after its grace
    with pages_of(tiny, demonstration=4.0) as (service, fetch):
        said = {"before anything was judged": fetch("/", language)}
        service.tick()
        (one,) = service.history.findings.find("tiny")
        done = resolve(one, actor="An", reason="it was a day off", at=AT)
        service.history.findings.save([done.incident], [done.event], based_on=[one])
        for path in (
            "/",
            "/feeds/tiny",
            "/incidents",
            "/incidents?all=1",
            f"/incidents/{one.id}",
            "/deliveries",
            "/findings?all=1",
        ):
            said[path.replace(one.id, "ID")] = fetch(path, language)
    lines = [line for path, texts in said.items() for line in (f"== {path}", *texts, "")]
    golden(f"pages.{language}.txt", "\n".join(lines).replace(one.id, "ID"))
