"""Recognise the faults of a network: name, certificate, proxy, refusal or silence; and how to mend each.

`urllib` wraps them all in one `URLError`, whose text may hold an address with a secret. Only what is in the tables
here is said.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """One kind of network fault.

    Attributes:
        code: stable name of the kind.
        mend: the remedy, without a full stop.
    """

    code: str
    mend: str


_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_PROXY_LOGIN = "407"
_FAULTS: tuple[tuple[Callable[[BaseException], bool], NetworkFault], ...] = (
    (
        lambda fault: isinstance(fault, socket.gaierror),
        NetworkFault("dns", "correct the host name, or ask who runs DNS on this machine"),
    ),
    (
        lambda fault: isinstance(fault, ssl.SSLCertVerificationError),
        NetworkFault(
            "tls-certificate",
            "the certificate is not trusted here: name the authority that signs your traffic in SSL_CERT_FILE "
            "(for webhooks and Teams in REQUESTS_CA_BUNDLE), and check the clock and host name",
        ),
    ),
    (
        lambda fault: isinstance(fault, ssl.SSLError),
        NetworkFault("tls", "the server or a proxy speaks no TLS that is accepted here: check scheme and port"),
    ),
    (
        lambda fault: _tunnel_status(fault) == _PROXY_LOGIN,
        NetworkFault("proxy-login", "the proxy wants a login: put user and password into HTTPS_PROXY"),
    ),
    (
        lambda fault: _tunnel_status(fault) is not None,
        NetworkFault("proxy-refused", "the proxy refuses the host: have it allowed there, or correct HTTPS_PROXY"),
    ),
    (
        lambda fault: isinstance(fault, ConnectionRefusedError),
        NetworkFault("refused", "nothing listens there: correct host and port, or HTTPS_PROXY when that is set"),
    ),
    (
        lambda fault: isinstance(fault, TimeoutError),
        NetworkFault("timeout", "no answer in time: does a firewall let this machine through?"),
    ),
    (
        lambda fault: isinstance(fault, ConnectionError),
        NetworkFault("cut-off", "the connection was cut off: a firewall or proxy between may do so"),
    ),
)
_KINDS = {kind.code: kind for _, kind in _FAULTS}
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words, re.IGNORECASE), code)
    for words, code in (
        (r"Tunnel connection failed: 407", "proxy-login"),
        (r"Tunnel connection failed", "proxy-refused"),
        (r"name or service not known|name resolution|NameResolutionError|getaddrinfo failed|nodename nor", "dns"),
        (r"CERTIFICATE_VERIFY_FAILED", "tls-certificate"),
        (r"SSLError|\[SSL|WRONG_VERSION_NUMBER|STARTTLS extension not supported", "tls"),
        (r"connection refused", "refused"),
        (r"timed out", "timeout"),
        (r"connection (reset|aborted)|RemoteDisconnected|unexpectedly closed|broken pipe", "cut-off"),
    )
)
_HTTP: dict[str, NetworkFault] = {
    "http-407": NetworkFault("proxy-login", "the proxy wants a login: put user and password into HTTPS_PROXY"),
}


def find_network_fault(raised: BaseException) -> NetworkFault | None:
    """Return the kind of a network fault, also of one that is wrapped; None for any other exception."""
    seen: list[BaseException] = []
    fault: BaseException | None = raised
    while fault is not None and fault not in seen:
        seen.append(fault)
        inner = getattr(fault, "reason", None)
        fault = inner if isinstance(inner, BaseException) else fault.__cause__
    for one in reversed(seen):
        for matches, kind in _FAULTS:
            if matches(one):
                return kind
    return None


def find_described_fault(text: str) -> NetworkFault | None:
    """Return the kind of a network fault that a library tells only in words; None when it tells none."""
    return next((_KINDS[code] for words, code in _WORDS if words.search(text)), None)


def find_http_fault(code: str) -> NetworkFault | None:
    """Return the kind of a fault that an HTTP status tells, as `http-407`; None when it is not of the network."""
    return _HTTP.get(code)


def _tunnel_status(fault: BaseException) -> str | None:
    found = _TUNNEL.search(str(fault)) if isinstance(fault, OSError) else None
    return None if found is None else found[1]
