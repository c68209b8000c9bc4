"""Identify the user or token of a request, and what it may do.

A bearer token names a script. Else a listed proxy names a user in a header. Else the session cookie does, after a
login by OpenID Connect. Where nobody can log in, whoever asks from this machine may look, and with
`access.anonymous` whoever asks from anywhere. Nobody acts without an identity.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from ipaddress import ip_address, ip_network
from time import monotonic
from urllib.parse import urlsplit

from starlette.requests import Request

from ketenwacht.config.access import LOOPBACK
from ketenwacht.domain.settings import Access
from ketenwacht.messages.views import clean
from ketenwacht.workflows import clock

EVERYBODY = "*"
_LONGEST_NAME = 200
_MINUTE = 60.0


class Role(IntEnum):
    """What somebody may do."""

    VIEWER = 1
    OPERATOR = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks.

    Attributes:
        name: as in events and the audit log; empty: a user of this machine, or one who comes through a proxy.
        role: what the person or token may do.
        origin: how that is known: `token`, `proxy`, `oidc`, or `open` where nobody needs to log in.
    """

    name: str
    role: Role
    origin: str

    @property
    def may_act(self) -> bool:
        """Whether this is a named operator."""
        return bool(self.name) and self.role >= Role.OPERATOR


NOBODY = Identity("", Role.VIEWER, "open")
"""An unknown user; may look where no login is needed."""


class UnknownTokenError(Exception):
    """An unknown bearer token."""


@dataclass(slots=True)
class AccessControl:
    """Tells who asks, and counts acts.

    Attributes:
        access: who may look and act.
        secret: signs session cookies and form tokens.
    """

    access: Access
    secret: str = field(init=False, repr=False)
    _tokens: dict[bytes, Identity] = field(init=False, repr=False)
    _acts: dict[str, deque[float]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self.secret = self.access.secret or clock.new_secret()
        self._tokens = {
            _digest(one.token): Identity(one.name, Role[one.role.upper()], "token") for one in self.access.tokens
        }

    @property
    def has_login(self) -> bool:
        """Whether people can log in."""
        return self.access.oidc is not None or self.access.proxy is not None

    def identify(self, request: Request) -> Identity | None:
        """Return the user or token of a request; None: one that may not look.

        Raises:
            UnknownTokenError: the bearer token is unknown.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            known = self._tokens.get(_digest(token.strip()))
            if known is None:
                raise UnknownTokenError
            return known
        named = self._named_by_proxy(request) or self._named_by_session(request)
        if named is not None:
            name, groups, origin = named
            role = self.role_of(name, groups)
            return None if role is None else Identity(name, role, origin)
        if self.access.anonymous or (not self.has_login and is_here(request)):
            return NOBODY
        return None

    def role_of(self, name: str, groups: frozenset[str]) -> Role | None:
        """Return what a person who logged in may do; None: nothing."""
        names = {name, *groups, EVERYBODY}
        if names & set(self.access.operators):
            return Role.OPERATOR
        return Role.VIEWER if names & set(self.access.viewers) else None

    def _named_by_proxy(self, request: Request) -> tuple[str, frozenset[str], str] | None:
        proxy = self.access.proxy
        if proxy is None or request.client is None or not _is_listed(request.client.host, proxy.proxies):
            return None
        given = request.headers.getlist(proxy.user_header)
        name = clean(given[0])[:_LONGEST_NAME] if len(given) == 1 else ""  # two of them: one is not the proxy's
        groups = (one.strip() for one in request.headers.get(proxy.group_header, "").split(","))
        return (name, frozenset(one for one in groups if one), "proxy") if name else None

    def _named_by_session(self, request: Request) -> tuple[str, frozenset[str], str] | None:
        user = request.session.get("user") if self.access.oidc is not None else None
        if not isinstance(user, dict) or user.get("until", 0) < clock.now().timestamp():
            return None
        return str(user["name"]), frozenset(user.get("groups", ())), "oidc"

    # Forms: a token in each, that another site cannot know.

    def form_token(self, request: Request, identity: Identity) -> str:
        """Return the token that the forms of this person carry; another session has another."""
        session = str(request.session.get("id", "")) if self.access.oidc is not None else ""
        text = f"{identity.origin}\0{identity.name}\0{session}"
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def is_own_form(self, request: Request, identity: Identity, token: str) -> bool:
        """Return whether a form was sent from a page of ours, by the person who opened it."""
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        origin = request.headers.get("origin")
        own = {request.headers.get("host", ""), urlsplit(self.access.url or "").netloc}
        if origin is not None and urlsplit(origin).netloc not in own:
            return False
        return hmac.compare_digest(token.encode(), self.form_token(request, identity).encode())

    def seconds_to_wait(self, identity: Identity) -> int:
        """Count one act; return 0, or for how long the next one is refused when there were too many."""
        now = monotonic()
        with self._lock:
            acts = self._acts.setdefault(f"{identity.origin} {identity.name}", deque())
            while acts and now - acts[0] >= _MINUTE:
                acts.popleft()
            if len(acts) >= self.access.acts_per_minute:
                return int(_MINUTE - (now - acts[0])) + 1
            acts.append(now)
        return 0


def is_here(request: Request) -> bool:
    """Return whether a request comes from this machine, and was meant for it.

    Another site's name may lead here too.
    """
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback and host in LOOPBACK
    except ValueError:
        return False


def _is_listed(host: str, networks: tuple[str, ...]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in ip_network(one) for one in networks)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()  # looked up by digest: its time tells nothing of the token
