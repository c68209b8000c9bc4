"""The web application: addresses, permissions, and security headers.

Pages read the history, never wait for the work, and never import what measures. Nobody acts without an identity.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache, partial
from http import HTTPStatus
from importlib.resources import files
from urllib.parse import quote, urlsplit

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ketenwacht.errors import KetenwachtError
from ketenwacht.messages.public import moment
from ketenwacht.render.html import stylesheet
from ketenwacht.service.service import Service
from ketenwacht.service.state import check_readiness

from .api import make_api
from .detection_limits import load_statistics
from .identity import NOBODY, UnknownTokenError
from .incident_acts import read_form, take_form
from .login import Login, LoginRefusedError
from .metrics import metrics_text
from .pages import PAGES, Answer, NotFoundPage
from .site import LANGUAGE, Ask, Site, compile_templates, language_of, render_page

_YEAR = 365 * 24 * 3600
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<rect width="16" height="16" rx="3" fill="#1d4373"/>'
    '<path d="M3 11l3-4 3 2 4-5" fill="none" stroke="#fff" stroke-width="2"/></svg>'
)
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""No script, no frame, nothing from elsewhere; styles only our own sheet."""


def web_app(service: Service) -> Starlette:
    """Return the pages, the JSON API, health and metrics of one service."""
    compile_templates()
    load_statistics()
    site = Site.of(service)
    settings = service.project.settings.service
    routes: list[BaseRoute] = [Route(path, _page(site, answer), methods=["GET"]) for path, answer in PAGES]
    routes += [
        Route("/style.css", partial(_static, _sheet(), "text/css"), methods=["GET"]),
        Route("/icon.svg", partial(_static, _ICON, "image/svg+xml"), methods=["GET"]),
        Route("/healthz", _alive, methods=["GET"]),
        Route("/readyz", partial(_ready, service), methods=["GET"]),
    ]
    if settings.metrics_port is None:
        routes.append(Route("/metrics", partial(_metrics, service), methods=["GET"]))
    routes += [
        Route("/incidents/{number:int}/{act}", _form(site), methods=["POST"]),
        *_login_routes(site),
        Mount("/api/v1", make_api(site)),
    ]
    return Starlette(routes=routes, middleware=_middleware(site))


def metrics_app(service: Service) -> Starlette:
    """Return an application with `/metrics` alone, for a port of its own."""
    return Starlette(
        routes=[Route("/metrics", partial(_metrics, service), methods=["GET"])], middleware=[Middleware(_Headers)]
    )


def _middleware(site: Site) -> list[Middleware]:
    settings = site.service.project.settings.service
    access = settings.access
    own = {urlsplit(access.url).hostname or ""} if access.url and settings.hosts else set()
    names = {*settings.hosts, *own}
    found = [Middleware(_Headers)]
    if names:
        found.append(Middleware(TrustedHostMiddleware, allowed_hosts=sorted(names), www_redirect=False))
    if access.oidc is not None:
        found.append(
            Middleware(
                SessionMiddleware,
                secret_key=site.gate.secret,
                session_cookie="__Host-ketenwacht",
                max_age=int(access.session.total_seconds()),
                same_site="lax",  # the provider sends the browser back here
                https_only=True,  # browsers take localhost for safe
            )
        )
    return found


def _page(site: Site, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.query_params.get("lang") in {"nl", "en"}:
            return _choose_language(request)
        return await run_in_threadpool(_answer, site, answer, request)

    return endpoint


def _answer(site: Site, answer: Answer, request: Request) -> Response:
    try:
        identity = site.gate.identify(request)
    except UnknownTokenError:
        identity = None
    if identity is None:
        return _refuse(site, request)
    ask = Ask(site, request, identity, language_of(request), site.service.now())
    try:
        site.cache.refresh()
        return answer(ask)
    except NotFoundPage:
        return _problem(ask, HTTPStatus.NOT_FOUND, "web.no_such_page")
    except KetenwachtError:
        # not its text: it is for the log of those who run the service
        return _problem(ask, HTTPStatus.SERVICE_UNAVAILABLE, "web.no_history")


def _form(site: Site) -> Callable[[Request], Awaitable[Response]]:
    """Return what takes the forms of an incident's page."""

    async def endpoint(request: Request) -> Response:
        form = await read_form(request)
        return await run_in_threadpool(_answer, site, lambda ask: take_form(ask, form), request)

    return endpoint


def _login_routes(site: Site) -> list[BaseRoute]:
    access = site.gate.access
    if access.oidc is None:
        return []
    login = Login(access, access.oidc)

    def guard(step: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return await step(request)
            except LoginRefusedError as fault:
                ask = Ask(site, request, NOBODY, language_of(request), site.service.now())
                return await run_in_threadpool(_problem, ask, HTTPStatus.FORBIDDEN, f"web.login_{fault.reason}")

        return endpoint

    async def log_out(request: Request) -> Response:
        request.session.clear()
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)

    return [
        Route("/login", guard(login.begin), methods=["GET"]),
        Route("/login/done", guard(login.finish), methods=["GET"]),
        Route("/logout", log_out, methods=["POST"]),
    ]


def _refuse(site: Site, request: Request) -> Response:
    """Redirect a user who may not look to the login, or refuse the request."""
    ask = Ask(site, request, NOBODY, language_of(request), site.service.now())
    logged_in = site.gate.access.oidc is not None and "user" in request.session
    if site.gate.access.oidc is not None and not logged_in:
        return RedirectResponse(f"/login?next={quote(ask.link())}", HTTPStatus.SEE_OTHER)
    return _problem(ask, HTTPStatus.FORBIDDEN, "web.not_yours" if site.gate.has_login else "web.only_here")


def _problem(ask: Ask, status: HTTPStatus, key: str) -> Response:
    return render_page(ask, "problem", status, problem=ask.formatter.label(key))


def _choose_language(request: Request) -> Response:
    """Keep the language in a cookie, and show the same page: its address says nothing of languages."""
    there = URL(request.url.path).include_query_params(**request.query_params).remove_query_params("lang")
    answer = RedirectResponse(str(there), HTTPStatus.SEE_OTHER)
    language = request.query_params["lang"]
    answer.set_cookie(LANGUAGE, language, max_age=_YEAR, samesite="lax", httponly=True, secure=_is_secure(request))
    return answer


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"


@cache
def _sheet() -> str:
    own = files("ketenwacht.web").joinpath("templates/pages.css").read_text(encoding="utf-8")
    return f"{stylesheet()}\n{own}"


async def _static(text: str, kind: str, request: Request) -> Response:
    del request
    return Response(text, media_type=kind)


async def _alive(request: Request) -> Response:
    del request
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


class _Headers:
    """Says with every answer what a browser may do with it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = {
                    "content-security-policy": _POLICY,
                    "x-content-type-options": "nosniff",
                    "referrer-policy": "no-referrer",
                    "cache-control": "no-store",
                    "vary": "accept-language, cookie, authorization",
                }
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in extra.items())]
            await send(message)

        await self.app(scope, receive, guarded)
