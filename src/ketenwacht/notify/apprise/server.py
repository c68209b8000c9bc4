"""Tries the server behind a route of apprise without sending a message: the mail server, or the web server.

A mail server is greeted and the login tried. Of a web server only the root is asked, never the address of a hook,
which may take any request for a message.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from typing import Any

from ketenwacht.errors import NotifyError
from ketenwacht.notify.network import find_described_fault, find_http_fault, find_network_fault

_REFUSALS: Mapping[int, str] = {
    401: "the receiver refuses the login: set user, password or token anew",
    403: "the receiver refuses access: set the token anew, or have this sender allowed",
    404: "there is no such address: copy the URL of the webhook anew",
    410: "the webhook was deleted: make another, and set its URL",
    530: "the mail server wants a login, or TLS: set user, password and mode",
    534: "the mail server wants another way to log in: ask for an application password",
    535: "the mail server refuses the login: set user and password anew",
    550: "the mail server refuses sender or receiver: have this sender allowed, or correct the address",
}
"""Status of HTTP, or reply code of SMTP → remedy; none is both."""


def describe_refusal(code: int) -> str:
    """Return ` — ` and the remedy of a refusal by HTTP or SMTP; empty when there is none."""
    return f" — {_REFUSALS[code]}" if code in _REFUSALS else ""


def probe_server(plugin: Any, scheme: str, timeout: float) -> str:  # noqa: ANN401 - each service has its own class
    """Return what was tried of the server of a service, in a few words.

    Args:
        plugin: of apprise.
        scheme: of its URL.
        timeout: seconds to connect, and to wait for an answer.

    Raises:
        NotifyError: the server cannot be reached, or refuses the login.
    """
    probe = _PROBES.get(scheme)
    if probe is None:
        return "not tried"
    try:
        return probe(plugin, timeout)
    except smtplib.SMTPResponseException as fault:
        code = fault.smtp_code
        raise NotifyError(f"{scheme}: SMTP {code}{describe_refusal(code)}", permanent=code >= 500) from None  # noqa: PLR2004 - 5yz: for good
    except (smtplib.SMTPException, OSError, ValueError) as fault:  # those of requests are OSErrors
        kind = find_network_fault(fault) or find_described_fault(str(fault))
        said = type(fault).__name__ if kind is None else f"{kind.code} — {kind.mend}"
        raise NotifyError(f"{scheme}: {said}", permanent=False, answered=False) from None


def _probe_mail(plugin: Any, timeout: float) -> str:  # noqa: ANN401 - see above
    verified = plugin.verify_certificate
    context = ssl.create_default_context() if verified else ssl._create_unverified_context()  # noqa: S323, SLF001 - as the URL says
    host, port, mode = plugin.smtp_host, plugin.port or 0, str(plugin.secure_mode)
    opened = (
        smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
        if mode == "ssl"
        else smtplib.SMTP(host, port, timeout=timeout)
    )
    with opened as server:
        if mode == "starttls":
            server.starttls(context=context)
        if not (plugin.user and plugin.password):
            server.noop()
            return "the server answers"
        server.login(plugin.user, plugin.password)
    return "the server answers and takes the login"


def _probe_web(plugin: Any, timeout: float) -> str:  # noqa: ANN401 - see above
    import requests  # noqa: PLC0415 - what apprise itself sends with; it takes a while

    scheme = "https" if getattr(plugin, "secure", True) else "http"
    port = f":{plugin.port}" if plugin.port else ""
    address = f"{scheme}://{plugin.host}{port}/"
    answer = requests.head(address, timeout=timeout, verify=plugin.verify_certificate, allow_redirects=False)
    fault = find_http_fault(f"http-{answer.status_code}")
    if fault is not None:
        raise NotifyError(f"{scheme}: {fault.code} — {fault.mend}", permanent=False, answered=False)
    return "the server answers"


_WEB = ("json", "jsons", "xml", "xmls", "form", "forms", "workflow", "workflows")
_PROBES: Mapping[str, Callable[[Any, float], str]] = {
    **dict.fromkeys(("mailto", "mailtos"), _probe_mail),
    **dict.fromkeys(_WEB, _probe_web),
}
