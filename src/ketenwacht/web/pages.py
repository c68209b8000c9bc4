"""What the service shows: feeds, their reports, incidents; whether it lives, can work, and how it goes.

Pages read the history and nothing else; they never wait for the work, and never import what measures. They have
no accounts and change nothing: a proxy decides who may look.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from functools import cache
from http import HTTPStatus

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount, Language
from ketenwacht.errors import KetenwachtError
from ketenwacht.messages.findings import sort_by_urgency
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.public import moment
from ketenwacht.messages.report.view import view_report
from ketenwacht.render.html import MARKS, render_report, stylesheet
from ketenwacht.service.service import Service
from ketenwacht.service.state import check_readiness, load_status
from ketenwacht.workflows.histories import HistoryReader
from ketenwacht.workflows.report import collect_report

from .metrics import metrics_text
from .views import feed_card, incident_page, incident_row

MOST = 500
"""So many incidents are listed at most."""

_REFRESH = 3  # seconds between two looks of a browser at a demonstration; other pages never move by themselves

Answer = Callable[[Service, Request], Response]


class NotFoundPage(Exception):  # noqa: N818 - an answer, not a fault
    """There is no such feed or incident."""


def web_app(service: Service) -> Starlette:
    """The pages of one service."""
    table: tuple[tuple[str, Answer], ...] = (
        ("/", _feeds),
        ("/feeds/{name}", _feed),
        ("/incidents", _incidents),
        ("/incidents/{id}", _incident),
        ("/style.css", _style),
        ("/healthz", _alive),
        ("/readyz", _ready),
        ("/metrics", _metrics),
    )
    names = service.project.settings.service.hosts
    hosts = [Middleware(TrustedHostMiddleware, allowed_hosts=list(names), www_redirect=False)] if names else []
    return Starlette(
        routes=[Route(path, _endpoint(service, answer), methods=["GET"]) for path, answer in table],
        middleware=[Middleware(_Guard), *hosts],
    )


def _endpoint(service: Service, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await run_in_threadpool(answer, service, request)
        except NotFoundPage:
            formatter = _formatter(service, request)
            text = formatter.label("web.no_such_page")
            return _page("problem", HTTPStatus.NOT_FOUND, service, formatter, problem=text)
        except KetenwachtError:
            # not its text: it is for the log of those who run the service
            formatter = _formatter(service, request)
            text = formatter.label("web.no_history")
            return _page("problem", HTTPStatus.SERVICE_UNAVAILABLE, service, formatter, problem=text)

    return endpoint


def _feeds(service: Service, request: Request) -> Response:
    cards = []
    for feed in service.project.settings.feeds.values():
        state = load_status(service.history, feed)
        expected = service.history.expected.find(feed.name)[-10:]
        verdicts = _verdicts(service, feed.name, len(expected))
        cards.append(feed_card(state, expected, verdicts, _formatter(service, request, feed.name)))
    return _page("feeds", HTTPStatus.OK, service, _formatter(service, request), feeds=cards)


def _verdicts(service: Service, feed: str, wanted: int) -> dict[str, Status]:
    """Return the newest verdicts by delivery; twice as many as were due, to cover unexpected deliveries."""
    runs = service.history.runs.find(feed, limit=2 * wanted) if wanted else ()
    return {run.delivery.id: run.status for run in runs}


def _feed(service: Service, request: Request) -> Response:
    name = request.path_params["name"]
    if name not in service.project.settings.feeds:
        raise NotFoundPage
    reader = HistoryReader(service.project, (name,), service.history, replayed=False)
    formatter = _formatter(service, request, name)
    return HTMLResponse(render_report(view_report(collect_report(reader, at=service.now()), formatter), formatter))


def _incidents(service: Service, request: Request) -> Response:
    every = request.query_params.get("all") == "1"
    found = sort_by_urgency(service.history.findings.find(closed=every))
    formatter, formatters = _formatter(service, request), dict[str, MessageFormatter]()
    for name in {incident.fingerprint.feed for incident in found[:MOST]}:
        formatters[name] = _formatter(service, request, name)
    rows = [incident_row(incident, formatters[incident.fingerprint.feed]) for incident in found[:MOST]]
    more = len(found) - MOST
    text = formatter.label("web.more", count=Amount(float(more))) if more > 0 else ""
    return _page("incidents", HTTPStatus.OK, service, formatter, rows=rows, more=text, every=every)


def _incident(service: Service, request: Request) -> Response:
    incident = service.history.findings.get(request.path_params["id"])
    if incident is None:
        raise NotFoundPage
    formatter = _formatter(service, request, incident.fingerprint.feed)
    feed = service.project.settings.feeds.get(incident.fingerprint.feed)
    page = incident_page(incident, service.history.findings.find_events(incident.id), feed, formatter)
    return _page("incident", HTTPStatus.OK, service, formatter, page=page)


def _formatter(service: Service, request: Request, feed: str | None = None) -> MessageFormatter:
    """Return the formatter in the language that the browser prefers; English unless Dutch."""
    asked = [part.split(";")[0].strip().lower() for part in request.headers.get("accept-language", "").split(",")]
    known = [part[:2] for part in asked if part[:2] in {"nl", "en"}]
    language: Language = "nl" if known[:1] == ["nl"] else "en"
    settings = service.project.settings
    return service.project.formatter(settings.feeds.get(feed) if feed is not None else None, language=language)


def _style(service: Service, request: Request) -> Response:
    del service, request
    return Response(stylesheet(), media_type="text/css")


def _alive(service: Service, request: Request) -> Response:
    del service, request
    return PlainTextResponse("alive\n")


def _ready(service: Service, request: Request) -> Response:
    del request
    state = check_readiness(service, service.history, service.now())
    body = {
        "ready": not state.faults,
        "role": state.role,
        "database": state.database,
        "unsent_since": moment(state.unsent),
        "outbox": dict(state.outbox),
        "silent_seconds": round(state.silent, 1),
        "faults": list(state.faults),
        "feeds": dict(state.feeds),
        "audit_log": state.audit_log,
    }
    return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE if state.faults else HTTPStatus.OK)


def _metrics(service: Service, request: Request) -> Response:
    del request
    return Response(metrics_text(service, service.now()), headers={"content-type": CONTENT_TYPE_LATEST})


def _page(
    name: str, status: HTTPStatus, service: Service, formatter: MessageFormatter, **values: object
) -> Response:
    template = _environment().get_template(f"{name}.html.j2")
    page = template.render(
        t=formatter.label,
        language=formatter.language,
        marks=MARKS,
        now=formatter.moment(service.now()),
        role=formatter.label("web.leads" if service.leads else "web.stands_by"),
        note=_note(service, formatter),
        **values,
    )
    headers = (
        {"refresh": str(_REFRESH)}
        if service.demonstration is not None and name in {"feeds", "incidents"}
        else None
    )
    return HTMLResponse(page, status, headers)


def _note(service: Service, formatter: MessageFormatter) -> str:
    """Return the note that every page shows in a demonstration."""
    day = service.demonstration
    return "" if day is None else formatter.label("web.demonstration", seconds=Amount(day))


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


@cache
def _policy() -> str:
    """No script, no frame, nothing from elsewhere; styles only our own sheet and the one inside the report."""
    digest = base64.b64encode(hashlib.sha256(stylesheet().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'self' 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


class _Guard:
    """Says with every answer what a browser may do with it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = {
                    "content-security-policy": _policy(),
                    "x-content-type-options": "nosniff",
                    "referrer-policy": "no-referrer",
                    "cache-control": "no-store",
                    "vary": "accept-language",
                }
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in extra.items())]
            await send(message)

        await self.app(scope, receive, guarded)
