"""Acts on an incident from its page: permission, validation of the form, and the address to go to next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ketenwacht.errors import ConcurrentUpdate, ConfigError
from ketenwacht.workflows.incident_acts import (
    LONGEST_REASON,
    LONGEST_SNOOZE,
    Acknowledge,
    Acted,
    Merge,
    Note,
    NumberedAct,
    Resolve,
    SnoozeUntil,
    Split,
    Take,
    perform,
)

from .site import Ask, render_page

Form = dict[str, list[str]]

MOST_BYTES = 100_000
"""A form is never larger."""


class RefusedForm(Exception):  # noqa: N818 - an answer, not a fault
    """What is wrong with a form: `key` of the text that says it."""

    def __init__(self, key: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> None:
        super().__init__(key)
        self.key, self.status = key, status


async def read_form(request: Request) -> Form:
    """Return the fields of a form; none of one that is too large or no form."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return {}
    try:
        return parse_qs(body.decode(), max_num_fields=1000)
    except ValueError:
        return {}


def take_form(ask: Ask, form: Form) -> Response:
    """Perform the act of a form, or return what is wrong with the form."""
    try:
        _check_actor(ask, form)
        name = ask.request.path_params["act"]
        done = _perform(ask, ask.request.path_params["number"], name, form)
    except RefusedForm as fault:
        return render_page(ask, "problem", fault.status, problem=ask.formatter.label(fault.key))
    said = name if done.changed else "before"
    return RedirectResponse(f"/incidents/{done.incident.number}?done={said}", HTTPStatus.SEE_OTHER)


def _check_actor(ask: Ask, form: Form) -> None:
    gate, identity = ask.site.gate, ask.identity
    if not identity.may_act or identity.origin == "token":
        raise RefusedForm("web.act_refused", HTTPStatus.FORBIDDEN)
    if not gate.is_own_form(ask.request, identity, _field(form, "csrf")):
        raise RefusedForm("web.act_form", HTTPStatus.FORBIDDEN)
    if gate.seconds_to_wait(identity):
        raise RefusedForm("web.act_too_many", HTTPStatus.TOO_MANY_REQUESTS)


def _perform(ask: Ask, number: int, name: str, form: Form) -> Acted:
    act, service = make_act(ask, name, form), ask.service
    actor, at = ask.identity.name, ask.at
    try:
        return perform(service.project, service.history, number, act, actor=actor, at=at, origin="web")
    except ConcurrentUpdate:
        raise RefusedForm("web.act_changed", HTTPStatus.CONFLICT) from None
    except ConfigError as fault:
        if fault.where == "incident":
            raise RefusedForm("web.no_such_page", HTTPStatus.NOT_FOUND) from None
        raise RefusedForm(f"web.act_{fault.where}") from None


_PLAIN: Mapping[str, Callable[[], NumberedAct]] = {"take": Take, "acknowledge": Acknowledge}
_REASONED: Mapping[str, Callable[[str], NumberedAct]] = {"note": Note, "resolve": Resolve}


def make_act(ask: Ask, name: str, form: Form) -> NumberedAct:
    """Return the act that a form describes.

    Raises:
        RefusedForm: something is missing in it.
    """
    if name in _PLAIN:
        return _PLAIN[name]()
    reason = _field(form, "reason").strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise RefusedForm("web.act_no_reason")
    if name in _REASONED:
        return _REASONED[name](reason)
    if name == "snooze":
        return SnoozeUntil(_day(ask, form), reason)
    if name == "merge":
        other = _field(form, "other").strip().lstrip("#")
        if not (other.isascii() and other.isdecimal()) or len(other) > 9:  # noqa: PLR2004 - numbers of a history
            raise RefusedForm("web.act_other")
        return Merge(int(other), reason)
    if name == "split":
        return Split(tuple(form.get("finding", ())), reason)
    raise RefusedForm("web.no_such_page", HTTPStatus.NOT_FOUND)


def _field(form: Form, name: str) -> str:
    return form.get(name, [""])[0]


def _day(ask: Ask, form: Form) -> date:
    today = ask.at.astimezone(ask.formatter.zone).date()
    try:
        day = date.fromisoformat(_field(form, "until"))
    except ValueError:
        raise RefusedForm("web.act_day") from None
    if not today <= day <= today + LONGEST_SNOOZE:
        raise RefusedForm("web.act_day")
    return day
