"""Rules for `service.access` that types cannot express: settings that admit the wrong people, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from urllib.parse import urlsplit

from ketenwacht.domain.settings import Access
from ketenwacht.errors import ConfigError

SHORTEST_SECRET = 32
"""Characters that a secret or token has at least."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine."""

Place = Callable[..., str]
"""Gives `path:line:column` of a setting below `service.access`."""


def find_access_faults(access: Access, place: Place) -> Iterator[ConfigError]:
    """Yield what is wrong with who may look and act, at its place in the file."""
    for check in (_check_url, _check_login, _check_proxies, _check_tokens, _check_limits):
        try:
            check(access, place)
        except ConfigError as fault:
            yield fault


def _check_limits(access: Access, place: Place) -> None:
    if access.acts_per_minute < 1:
        raise ConfigError(place("acts_per_minute"), "`acts_per_minute` is out of range", "write 1 or more")
    if access.session.total_seconds() < 1:
        raise ConfigError(place("session"), "a login would end at once", "write it as 9h")


def _check_url(access: Access, place: Place) -> None:
    if access.url is None:
        return
    url = urlsplit(access.url)
    if url.scheme not in {"http", "https"} or not url.hostname or url.path.strip("/") or url.query:
        raise ConfigError(place("url"), "is not the address of the pages", "write it as https://watch.example.org")
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ConfigError(place("url"), "session cookies need https", "write https://, or name this machine")


def _check_login(access: Access, place: Place) -> None:
    if access.secret is not None and len(access.secret) < SHORTEST_SECRET:
        raise ConfigError(place("secret"), "is too short", f"use at least {SHORTEST_SECRET} random characters")
    if access.oidc is not None:
        for name in ("url", "secret"):
            if getattr(access, name) is None:
                raise ConfigError(place("oidc"), f"needs `service.access.{name}`", f"add `{name}` beside it")
        issuer = urlsplit(access.oidc.issuer)
        if issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
            raise ConfigError(place("oidc", "issuer"), "is not an https address", "write the issuer with https://")
    login = access.oidc is not None or access.proxy is not None
    for name in ("viewers", "operators"):
        if getattr(access, name) and not login:
            raise ConfigError(place(name), "nobody can log in", "add `oidc` or `proxy`")
    if login and not access.viewers and not access.operators:
        at = "oidc" if access.oidc is not None else "proxy"
        raise ConfigError(
            place(at), "nobody who logs in may look", "name `viewers` or `operators`; `*` is everybody"
        )


def _check_proxies(access: Access, place: Place) -> None:
    if access.proxy is None:
        return
    if not access.proxy.proxies:
        raise ConfigError(place("proxy", "proxies"), "no proxy is listed", "name its address, as 10.0.0.5")
    for i, text in enumerate(access.proxy.proxies):
        try:
            network = ip_network(text)
        except ValueError:
            raise ConfigError(
                place("proxy", "proxies", i), "is not an address or network", "write 10.0.0.5 or 10.0.0.0/24"
            ) from None
        if network.prefixlen == 0:
            raise ConfigError(place("proxy", "proxies", i), "lets anybody name a user", "list the proxy alone")


def _check_tokens(access: Access, place: Place) -> None:
    for i, one in enumerate(access.tokens):
        if len(one.token) < SHORTEST_SECRET:
            raise ConfigError(
                place("tokens", i), "the token is too short", f"use at least {SHORTEST_SECRET} random characters"
            )
        if not one.name.strip():
            raise ConfigError(place("tokens", i), "nobody is named", "say whose token it is with `name`")
    for what in ("name", "token"):
        values = [getattr(one, what) for one in access.tokens]
        twice = next((i for i, value in enumerate(values) if value in values[:i]), None)
        if twice is not None:
            raise ConfigError(
                place("tokens", twice), f"another one has the same {what}", f"give it its own {what}"
            )
