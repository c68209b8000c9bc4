"""What every page needs: the service, the user, the language, and the template."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http import HTTPStatus
from time import monotonic
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ketenwacht.domain.statement import Amount, Language
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import DetectionLimitView
from ketenwacht.render.html import MARKS
from ketenwacht.service.service import Service

from .identity import AccessControl, Identity
from .queries import HistoryCache

_REFRESH = 3  # seconds between two looks of a browser at a demonstration; other pages never move by themselves
_FRESH = 60.0  # seconds that names of codes are kept; their files may change
LANGUAGE = "language"
"""Name of the cookie that keeps the chosen language."""


@dataclass(slots=True)
class Site:
    """The service behind the pages, and what is kept between two requests.

    Attributes:
        service: works, and knows the history.
        gate: tells who asks.
        cache: what was read of the history since the last write.
        unseen: what would go unseen, by feed, with the run for which that was computed.
    """

    service: Service
    gate: AccessControl
    cache: HistoryCache
    unseen: dict[str, tuple[str, tuple[DetectionLimitView, ...]]] = field(default_factory=dict)
    _formatters: dict[tuple[str | None, Language], tuple[float, MessageFormatter]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, service: Service) -> Site:
        """Return the site of a service."""
        return cls(service, AccessControl(service.project.settings.service.access), HistoryCache(service.history))

    def formatter(self, feed: str | None, language: Language) -> MessageFormatter:
        """Return the formatter of a feed (None: of texts about several); it reads code tables, so it is kept."""
        with self._lock:
            made, formatter = self._formatters.get((feed, language), (0.0, None))
            if formatter is None or monotonic() - made > _FRESH:
                project = self.service.project
                one = project.settings.feeds.get(feed) if feed is not None else None
                formatter = project.formatter(one, language=language)
                self._formatters[feed, language] = monotonic(), formatter
        return formatter


@dataclass(frozen=True, slots=True)
class Ask:
    """One request for a page.

    Attributes:
        site: answers it.
        request: as it came.
        identity: who asks.
        language: of the page.
        at: now, UTC.
    """

    site: Site
    request: Request
    identity: Identity
    language: Language
    at: datetime

    @property
    def service(self) -> Service:
        """What works and knows the history."""
        return self.site.service

    @property
    def formatter(self) -> MessageFormatter:
        """Formats texts about several feeds."""
        return self.site.formatter(None, self.language)

    def formatter_of(self, feed: str) -> MessageFormatter:
        """Return what formats texts about one feed."""
        return self.site.formatter(feed, self.language)

    def query(self, name: str, default: str = "") -> str:
        """Return a parameter of the address, at most 100 characters."""
        return self.request.query_params.get(name, default)[:100].strip()

    def link(self, **changes: str | None) -> str:
        """Return the address of this page with some parameters changed; None or an empty text removes one."""
        kept: dict[str, str] = {**self.request.query_params, **{k: v or "" for k, v in changes.items()}}
        asked = urlencode({name: value for name, value in kept.items() if value and name != "lang"})
        return f"{self.request.url.path}?{asked}" if asked else self.request.url.path


def language_of(request: Request) -> Language:
    """Return the language that was chosen, else the one that the browser prefers; English unless Dutch."""
    chosen = request.cookies.get(LANGUAGE)
    if chosen == "nl":
        return "nl"
    if chosen == "en":
        return "en"
    asked = [part.split(";")[0].strip().lower() for part in request.headers.get("accept-language", "").split(",")]
    known = [part[:2] for part in asked if part[:2] in {"nl", "en"}]
    return "nl" if known[:1] == ["nl"] else "en"


def render_page(ask: Ask, name: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> HTMLResponse:
    """Fill a template; every text in it is escaped."""
    service, formatter = ask.service, ask.formatter
    demonstrated = service.demonstration
    identity = ask.identity
    page = _environment().get_template(f"{name}.html.j2").render(
        t=formatter.label,
        language=formatter.language,
        marks=MARKS,
        now=formatter.moment(ask.at),
        role=formatter.label("web.leads" if service.leads else "web.stands_by"),
        note="" if demonstrated is None else formatter.label("web.demonstration", seconds=Amount(demonstrated)),
        page=name,
        counted=lambda count: Amount(float(count)),
        ask=ask,
        user=identity.name,
        may_act=identity.may_act,
        can_log_in=ask.site.gate.access.oidc is not None,
        csrf=ask.site.gate.form_token(ask.request, identity) if identity.may_act else "",
        **values,
    )  # fmt: skip
    moves = demonstrated is not None and name in {"overview", "findings", "deliveries"}
    headers: Mapping[str, str] | None = {"refresh": str(_REFRESH)} if moves else None
    return HTMLResponse(page, status, headers)


def compile_templates() -> None:
    """Compile every template, so that no visitor waits for it."""
    for name in _environment().list_templates(extensions=["j2"]):
        _environment().get_template(name)


@cache
def _environment() -> Environment:
    return Environment(
        # its own pages, and the pieces that they share with the report
        loader=ChoiceLoader([PackageLoader("ketenwacht.web"), PackageLoader("ketenwacht.render")]),
        autoescape=True,  # everything, whatever the template is called
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
