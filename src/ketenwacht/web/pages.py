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

from jinja2 import Environment, PackageLoader, StrictUndefined
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ketenwacht.domain.status import Status
from ketenwacht.errors import KetenwachtError
from ketenwacht.messages.findings import findings
from ketenwacht.render import words
from ketenwacht.render.html import render_report, stylesheet
from ketenwacht.render.impact import impact_lines
from ketenwacht.render.json_history import moment
from ketenwacht.render.terminal_incidents import in_order
from ketenwacht.render.verdict import action
from ketenwacht.service.service import Service
from ketenwacht.service.state import feed_state, readiness
from ketenwacht.workflows.looking.looking import Look
from ketenwacht.workflows.looking.reporting import report_data

from .metrics import metrics_text

MOST = 500
"""So many incidents are listed at most."""

_REFRESH = 3  # seconds between two looks of a browser at a demonstration; other pages never move by themselves

Answer = Callable[[Service, Request], Response]


class NotHere(Exception):  # noqa: N818 - an answer, not a fault
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
    return Starlette(
        routes=[Route(path, _endpoint(service, answer), methods=["GET"]) for path, answer in table],
        middleware=[Middleware(_Guard)],
    )


def _endpoint(service: Service, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await run_in_threadpool(answer, service, request)
        except NotHere:
            return _page("problem", HTTPStatus.NOT_FOUND, service, problem="There is no such page.")
        except KetenwachtError:
            # not its text: it is for the log of those who run the service
            said = "The history cannot be read now."
            return _page("problem", HTTPStatus.SERVICE_UNAVAILABLE, service, problem=said)

    return endpoint


def _feeds(service: Service, request: Request) -> Response:
    del request
    states = [feed_state(service.history, feed) for feed in service.office.settings.feeds.values()]
    expected = {s.feed.name: service.history.expected(s.feed.name)[-10:] for s in states}
    said = {s.feed.name: _verdicts(service, s.feed.name, len(expected[s.feed.name])) for s in states}
    return _page("feeds", HTTPStatus.OK, service, states=states, expected=expected, said=said)


def _verdicts(service: Service, feed: str, wanted: int) -> dict[str, Status]:
    """The newest verdicts by delivery; twice as many as were due, for those that nobody expected."""
    runs = service.history.runs(feed, limit=2 * wanted) if wanted else ()
    return {run.delivery.id: run.status for run in runs}


def _feed(service: Service, request: Request) -> Response:
    name = request.path_params["name"]
    if name not in service.office.settings.feeds:
        raise NotHere
    look = Look(service.office, (name,), service.history, replayed=False)
    return HTMLResponse(render_report(report_data(look, at=service.now())))


def _incidents(service: Service, request: Request) -> Response:
    every = request.query_params.get("all") == "1"
    found = in_order(service.history.incidents(closed=every))
    return _page("incidents", HTTPStatus.OK, service, incidents=found[:MOST], more=len(found) - MOST, every=every)


def _incident(service: Service, request: Request) -> Response:
    incident = service.history.incident(request.path_params["id"])
    if incident is None:
        raise NotHere
    feed = service.office.settings.feeds.get(incident.fingerprint.feed)
    sender = "the sender" if feed is None else feed.sender
    to_do = action(findings([incident])[0], sender) if incident.active else ""
    events = service.history.events(incident.id)
    meant = impact_lines(incident.impact)
    return _page("incident", HTTPStatus.OK, service, incident=incident, events=events, to_do=to_do, meant=meant)


def _style(service: Service, request: Request) -> Response:
    del service, request
    return Response(stylesheet(), media_type="text/css")


def _alive(service: Service, request: Request) -> Response:
    del service, request
    return PlainTextResponse("alive\n")


def _ready(service: Service, request: Request) -> Response:
    del request
    state = readiness(service, service.history, service.now())
    told = {
        "ready": not state.faults,
        "role": state.role,
        "database": state.database,
        "unsent_since": moment(state.unsent),
        "outbox": dict(state.outbox),
        "silent_seconds": round(state.silent, 1),
        "faults": list(state.faults),
    }
    return JSONResponse(told, HTTPStatus.SERVICE_UNAVAILABLE if state.faults else HTTPStatus.OK)


def _metrics(service: Service, request: Request) -> Response:
    del request
    return Response(metrics_text(service, service.now()), headers={"content-type": CONTENT_TYPE_LATEST})


def _page(name: str, status: HTTPStatus, service: Service, **values: object) -> Response:
    template = _environment().get_template(f"{name}.html.j2")
    zone, now = service.office.zone, service.now()
    role = "at work" if service.leads else "standing by"
    page = template.render(words=words, zone=zone, now=now, role=role, note=service.note, **values)
    headers = {"refresh": str(_REFRESH)} if service.note and name in {"feeds", "incidents"} else None
    return HTMLResponse(page, status, headers)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ketenwacht.web"),
        autoescape=True,  # everything, whatever the template is called
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clean=words.clean,
        say=words.say,
        day=words.day,
        segment=words.segment_words,
        plural=words.plural,
        amount=words.missing_amount,
        range=words.missing_range,
        since=words.since,
    )
    return environment


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
                }
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in extra.items())]
            await send(message)

        await self.app(scope, receive, guarded)
