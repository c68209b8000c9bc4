"""The JSON API below `/api/v1`: the objects of `--format json`, and the acts on incidents with bearer tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from ketenwacht import __version__
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.incidents import Incident, count_feed
from ketenwacht.errors import ConcurrentUpdate, ConfigError, KetenwachtError
from ketenwacht.messages.findings import sort_by_urgency
from ketenwacht.messages.public import moment
from ketenwacht.messages.views import clean, view_run, view_trend
from ketenwacht.messages.views_finding import view_finding
from ketenwacht.messages.views_missing import view_missing_persons
from ketenwacht.render.json import history_object
from ketenwacht.render.json_incident import (
    INCIDENTS_SCHEMA,
    incident_event_objects,
    incident_finding_object,
    missing_persons_object,
    numbered_incident_object,
)
from ketenwacht.workflows.histories import HistoryReader
from ketenwacht.workflows.incident_acts import (
    Acknowledge,
    Merge,
    Note,
    NumberedAct,
    Resolve,
    SnoozeUntil,
    Split,
    Take,
    perform,
)
from ketenwacht.workflows.trends import load_figures, load_trends

from . import api_models as models
from .identity import Identity, UnknownTokenError
from .lists import status_of
from .overview import load_incidents, verdict_of, view_of
from .queries import Proof, RunRow, find_latest_runs, find_proofs, find_runs
from .site import Ask, Site

MOST = 1000
"""So many lines an answer has at most."""

Object = dict[str, Any]

_PROBLEMS: Mapping[int | str, Mapping[str, Any]] = {
    401: {
        "model": models.ProblemModel,
        "description": "The bearer token is unknown, or none was given where one is needed.",
    },
    403: {"model": models.ProblemModel, "description": "Whoever asks may not do this."},
    404: {"model": models.ProblemModel, "description": "There is no such feed or incident."},
    422: {"model": models.ProblemModel, "description": "The request does not say what is needed."},
    503: {"model": models.ProblemModel, "description": "The history does not answer."},
}


def make_api(site: Site) -> FastAPI:
    """Return the application below `/api/v1`."""
    api = FastAPI(
        title="Ketenwacht",
        version=__version__,
        description="Feeds, incidents, findings, deliveries and history of this service. Counts of persons are "
        "rounded; one that must not be told is null, with `hidden` true.",
        openapi_url="/openapi.json",
        docs_url=None,  # those pages load scripts from elsewhere
        redoc_url=None,
        responses={code: dict(one) for code, one in _PROBLEMS.items()},
        root_path_in_servers=True,
    )
    api.state.site = site
    _add_handlers(api)
    _add_readers(api)
    _add_acts(api)
    return api


def _ask(request: Request) -> Ask:
    site: Site = request.app.state.site
    try:
        identity = site.gate.identify(request)
    except UnknownTokenError:
        raise HTTPException(401, "this token was given to nobody", {"www-authenticate": "Bearer"}) from None
    if identity is None:
        raise HTTPException(401, "a bearer token is needed", {"www-authenticate": "Bearer"})
    site.cache.refresh()
    return Ask(site, request, identity, "en", site.service.now())


Asking = Annotated[Ask, Depends(_ask)]
FeedName = Annotated[
    str | None, Query(alias="feed", max_length=200, description="Name of a feed; without it all.")
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="So many lines at most.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="So many lines are left out before.")]
Number = Annotated[int, Path(ge=1, le=999_999_999, description="Number of the incident.")]


def _add_handlers(api: FastAPI) -> None:
    @api.exception_handler(RequestValidationError)
    async def _wrong(request: Request, fault: RequestValidationError) -> JSONResponse:
        """Say which part is wrong, without the value: it may be anything."""
        del request
        where = "; ".join(sorted({f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in fault.errors()}))
        return JSONResponse({"detail": where[:500].encode("ascii", "replace").decode()}, 422)

    @api.exception_handler(ConfigError)
    async def _refused(request: Request, fault: ConfigError) -> JSONResponse:
        del request
        return JSONResponse({"detail": f"{fault.what} — {fault.mend}"}, 422)

    @api.exception_handler(KetenwachtError)
    async def _broken(request: Request, fault: KetenwachtError) -> JSONResponse:
        del request
        return JSONResponse({"detail": f"the history does not answer ({type(fault).__name__})"}, 503)


def _add_readers(api: FastAPI) -> None:
    @api.get("/feeds", response_model=models.FeedList, response_model_exclude_unset=True, summary="Every feed")
    def _feeds(ask: Asking) -> Object:
        return feeds_object(ask)

    @api.get("/incidents", response_model=models.IncidentListModel, response_model_exclude_unset=True)
    def _incidents(
        ask: Asking,
        feed: FeedName = None,
        *,
        closed: Annotated[bool, Query(description="Closed ones too.")] = False,
    ) -> Object:
        """List incidents, by number."""
        found = load_incidents(ask, _known_feed(ask, feed), closed=closed)
        return {
            "schema": INCIDENTS_SCHEMA,
            "incidents": [numbered_incident_object(view_of(ask, one)) for one in found],
        }

    @api.get("/incidents/{number}", response_model=models.IncidentDetail, response_model_exclude_unset=True)
    def _incident(ask: Asking, number: Number) -> Object:
        """Show one incident; a number that is continued in another gives that one."""
        return incident_detail(ask, find_incident(ask, number))

    @api.get("/findings", response_model=models.FindingListModel, response_model_exclude_unset=True)
    def _findings(
        ask: Asking,
        feed: FeedName = None,
        closed: Annotated[bool, Query(description="Closed ones too.")] = False,  # noqa: FBT002 - of an address
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> Object:
        """List findings: those that need somebody first."""
        found = sort_by_urgency(ask.service.history.findings.find(_known_feed(ask, feed), closed=closed))
        shown = found[offset : offset + limit]
        views = (view_finding(one, ask.formatter_of(one.fingerprint.feed)) for one in shown)
        return {
            "schema": "ketenwacht/findings/1",
            "findings": [incident_finding_object(view) for view in views],
            "more": len(found) > offset + limit,
        }

    @api.get("/deliveries", response_model=models.DeliveryList, response_model_exclude_unset=True)
    def _deliveries(  # noqa: PLR0913, PLR0917 - one argument a filter
        ask: Asking,
        feed: FeedName = None,
        status: Annotated[models.Status | None, Query(description="Only those with this verdict.")] = None,
        since: Annotated[date | None, Query(description="First period.")] = None,
        until: Annotated[date | None, Query(description="Last period.")] = None,
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> Object:
        """List judged deliveries, newest first."""
        runs = find_runs(
            ask.service.history, feed=_known_feed(ask, feed), status=status_of(status or ""), since=since,
            until=until, limit=limit + 1, offset=offset,
        )  # fmt: skip
        return {
            "schema": "ketenwacht/deliveries/1",
            "deliveries": [delivery_object(run) for run in runs[:limit]],
            "more": len(runs) > limit,
        }

    @api.get("/history", response_model=models.HistoryModel, response_model_exclude_unset=True)
    def _history(
        ask: Asking,
        feed: Annotated[str, Query(max_length=200, description="Name of a feed.")],
        since: Annotated[date | None, Query(description="First period.")] = None,
        limit: Limit = 100,
    ) -> Object:
        """Show the counts of a feed and its newest runs, as `ketenwacht history --format json`."""
        return feed_history(ask, feed, since, limit)


def _known_feed(ask: Ask, name: str | None) -> str | None:
    if name is not None and name not in ask.service.project.settings.feeds:
        raise HTTPException(404, "there is no such feed")
    return name


def find_incident(ask: Ask, number: int) -> Incident:
    """Return an incident.

    Raises:
        HTTPException: there is none.
    """
    found = ask.service.history.incidents.get(number, ask.service.project.settings.alerts.policy)
    if found is None:
        raise HTTPException(404, "there is no such incident")
    return found


def incident_detail(ask: Ask, incident: Incident) -> Object:
    """Return one incident with what happened to it."""
    events = ask.service.history.incidents.find_events(incident.number)
    shown = incident_event_objects(events, ask.formatter_of(incident.feed))
    return {**numbered_incident_object(view_of(ask, incident)), "events": shown}


def feeds_object(ask: Ask) -> Object:
    """Return every feed as the overview shows it."""
    history = ask.service.history
    latest = find_latest_runs(history)
    proofs = find_proofs(history, latest, known_on=ask.at.astimezone(ask.formatter.zone).date())
    open_: dict[str, list[Incident]] = {}
    for one in load_incidents(ask):
        if one.active:
            open_.setdefault(one.feed, []).append(one)
    feeds = ask.service.project.settings.feeds
    return {
        "schema": "ketenwacht/feeds/1",
        "feeds": [
            _feed(ask, feed, latest.get(name), proofs.get(name), open_.get(name, []))
            for name, feed in feeds.items()
        ],
    }


def _feed(ask: Ask, feed: Feed, run: RunRow | None, proof: Proof | None, open_: list[Incident]) -> Object:
    formatter = ask.formatter_of(feed.name)
    return {
        "name": feed.name,
        "title": clean(formatter.title(feed)),
        "sender": clean(formatter.party(feed.sender)),
        "receiver": clean(formatter.party(feed.receiver)),
        "status": None if run is None and not open_ else verdict_of(run, open_).word,
        "missing": missing_persons_object(view_missing_persons(count_feed(open_), formatter)),
        "incidents": [one.number for one in open_],
        "latest": None if run is None else delivery_object(run),
        "proven": None if proof is None else {"until": proof.until.isoformat(), "evidence": proof.evidence.value},
    }


def delivery_object(run: RunRow) -> Object:
    """Return one judged delivery."""
    return {
        "feed": clean(run.feed),
        "delivery": clean(run.delivery),
        "period": run.period.isoformat(),
        "presence": run.presence.value,
        "arrived_at": moment(run.arrived_at),
        "at": moment(run.at),
        "status": run.status.word,
    }


def feed_history(ask: Ask, name: str, since: date | None, limit: int) -> Object:
    """Return the counts of a feed and its newest runs."""
    _known_feed(ask, name)
    service = ask.service
    feed, formatter = service.project.settings.feeds[name], ask.formatter_of(name)
    reader = HistoryReader(service.project, (name,), service.history, replayed=False)
    runs = service.history.runs.find(name, limit=limit, since=since)
    trends = load_trends(reader, feed, load_figures(reader, feed, ask.at), since=since)
    return history_object(
        clean(name),
        [view_trend(series, formatter) for series in trends.series],
        [view_run(run, formatter) for run in runs],
        more=trends.more,
    )


def require_operator(ask: Ask) -> Identity:
    """Return who acts.

    Raises:
        HTTPException: the request has no bearer token of an operator, or made too many acts.
    """
    identity = ask.identity
    if identity.origin != "token":
        raise HTTPException(401, "acts need a bearer token", {"www-authenticate": "Bearer"})
    if not identity.may_act:
        raise HTTPException(403, "this token may only look")
    wait = ask.site.gate.seconds_to_wait(identity)
    if wait:
        raise HTTPException(429, "too many acts", {"retry-after": str(wait)})
    return identity


_ACT_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": models.ProblemModel, "description": "The body is not JSON."},
    409: {"model": models.ProblemModel, "description": "Somebody changed the incident meanwhile."},
    429: {"model": models.ProblemModel, "description": "Too many acts in a minute."},
}


def _add_acts(api: FastAPI) -> None:
    shared: dict[str, Any] = {
        "response_model": models.ActDone,
        "response_model_exclude_unset": True,
        "responses": _ACT_PROBLEMS,
        "dependencies": [Depends(_BEARER)],
    }

    @api.post("/incidents/{number}/take", **shared)
    def _take(ask: Acting, number: Number) -> Object:
        """Look after an incident from now on."""
        return _act(ask, number, Take())

    @api.post("/incidents/{number}/acknowledge", **shared)
    def _acknowledge(ask: Acting, number: Number) -> Object:
        """Say that an incident was seen."""
        return _act(ask, number, Acknowledge())

    @api.post("/incidents/{number}/note", **shared)
    def _note(ask: Acting, number: Number, body: models.Reasoned) -> Object:
        """Write something down."""
        return _act(ask, number, Note(body.reason))

    @api.post("/incidents/{number}/snooze", **shared)
    def _snooze(ask: Acting, number: Number, body: models.Snoozing) -> Object:
        """Ask for silence up to and including a day, at most 90 days from now."""
        return _act(ask, number, SnoozeUntil(body.until, body.reason))

    @api.post("/incidents/{number}/resolve", **shared)
    def _resolve(ask: Acting, number: Number, body: models.Reasoned) -> Object:
        """Say that an incident is over."""
        return _act(ask, number, Resolve(body.reason))

    @api.post("/incidents/{number}/split", **shared)
    def _split(ask: Acting, number: Number, body: models.Splitting) -> Object:
        """Put some findings into a new incident, which is the answer."""
        return _act(ask, number, Split(tuple(body.findings), body.reason))

    @api.post("/incidents/{number}/merge", **shared)
    def _merge(ask: Acting, number: Number, body: models.Merging) -> Object:
        """Join two incidents; the lowest number goes on, and is the answer."""
        return _act(ask, number, Merge(body.other, body.reason))


def _operator(ask: Asking) -> Ask:
    require_operator(ask)
    return ask


_BEARER = HTTPBearer(auto_error=False, description="A token of `service.access.tokens` with the role operator.")
Acting = Annotated[Ask, Depends(_operator)]


def _act(ask: Ask, number: int, act: NumberedAct) -> Object:
    service, identity = ask.service, ask.identity
    try:
        done = perform(service.project, service.history, number, act, actor=identity.name, at=ask.at, origin="api")
    except ConcurrentUpdate:
        raise HTTPException(409, "somebody changed the incident meanwhile; read it again") from None
    except ConfigError as fault:
        if fault.where == "incident":
            raise HTTPException(404, fault.what) from None
        raise
    return {**incident_detail(ask, done.incident), "changed": done.changed}
