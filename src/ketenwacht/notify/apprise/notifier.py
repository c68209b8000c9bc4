"""Sends alerts by mail (SMTP), to Teams and to webhooks, one receiver a channel.

apprise answers only yes or no. Why a message failed stands in its log: `AttemptLog` reads the code of SMTP or HTTP
from it, or the kind of a network fault. It keeps nothing else: the log also holds addresses, tokens and texts.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message
from ketenwacht.domain.statement import Amount
from ketenwacht.errors import ConfigError, NotifyError
from ketenwacht.notify.apprise.server import describe_refusal, probe_server
from ketenwacht.notify.base import Picture, answers_of, clean, headline_sign, message_of, phrase, sign_of
from ketenwacht.notify.network import NetworkFault, find_described_fault

if TYPE_CHECKING:
    from apprise.plugins.base import NotifyBase

TIMEOUT = 10.0  # seconds, to connect and to read
MAX_BODY = 20_000  # Teams accepts 28 KB a message
BUSY_WAIT = 60.0  # seconds after "too many requests": apprise does not pass on for how long

_MEND = "write it as apprise documents it: mailto://, workflows:// (Teams), json:// or jsons:// (webhook)"
_MAIL = frozenset({"mailto", "mailtos"})
_TEAMS = frozenset({"workflow", "workflows"})
_PASSING_HTTP = frozenset({408, 425, 429})
_BUSY = 429
_DOWN = frozenset({421, 502, 503, 504})  # SMTP and HTTP: the service behind it is not there, so it refused nothing
_SERVER_ERROR, _LAST = 500, 599
_HTTP = re.compile(r"\berror=(\d{3})\b")
_SMTP = re.compile(r"\((\d{3}), b|refused: (\d{3}) ")
_NO_ANSWER = re.compile(r"[Cc]onnection error|Socket Exception")
_MARKUP = re.compile(r"<(?=[A-Za-z/!])")


class AppriseNotifier:
    """One receiver: a mailbox, a Teams channel or a webhook. There nothing can be edited or looked up."""

    kind: ClassVar[str] = "apprise"
    pause: ClassVar[float] = 1.0
    pictures = False

    def __init__(self, url: str, where: str) -> None:
        self._plugin = open_plugin(url, where)
        self._scheme = url.partition("://")[0].lower()

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """Send the alert; a later one of a topic starts with what changed. Return the id of the alert."""
        message = message_of(alert)
        self._identify(alert)
        with AttemptLog.attach() as log:
            try:
                arrived = self._plugin.notify(
                    body=self._body(message, reply=thread is not None),
                    title=self._plain(title_of(message)),
                    notify_type=_type_of(message),
                    body_format="markdown" if self._scheme in _TEAMS else "text",
                )
            except Exception as fault:  # noqa: BLE001 - apprise has over a hundred services; their texts hold URLs
                raise NotifyError(f"{self._scheme}: {type(fault).__name__}", permanent=False) from None
        if not arrived:
            raise log.error(self._scheme)
        return alert.id

    def edit(self, alert: Alert, thread: str) -> None:
        """Do nothing: a mail that was sent does not change."""

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """Return None: none of these media can be asked what arrived."""

    def owns(self, thread: str) -> bool:
        """Return whether the id is that of an alert, as given here.

        Another medium names its messages otherwise.
        """
        return ":" not in thread

    def show(self, picture: Picture, thread: str) -> None:
        """Do nothing: no pictures are sent."""

    def probe(self) -> str:
        """Return what the server of the service answers, without sending a message.

        Raises:
            NotifyError: it cannot be reached, or refuses the login.
        """
        answer = probe_server(self._plugin, self._scheme, TIMEOUT)
        return f"{self._plugin.service_name} ({self._scheme}), {answer}: `ketenwacht alerts test` sends a message"

    def _identify(self, alert: Alert) -> None:
        """Add the id of the alert where the medium takes headers, so that a receiver can drop a duplicate."""
        topic = re.sub(r"[^A-Za-z0-9.-]+", ".", alert.topic)
        known = {"X-Ketenwacht-Alert": alert.id, "X-Ketenwacht-Topic": topic}
        if self._scheme in _MAIL:
            known["References"] = f"<{topic}@ketenwacht>"  # mail programs show one topic as one conversation
        else:
            known["Idempotency-Key"] = alert.id
        for name in ("headers", "payload_extras"):
            held = getattr(self._plugin, name, None)
            if isinstance(held, dict):
                held.update(
                    known if name == "headers" else {"alert": alert.id, "topic": alert.topic, "kind": alert.kind}
                )

    def _body(self, message: Message, *, reply: bool) -> str:
        text = self._plain(body_of(message, reply=reply))
        return text if len(text) <= MAX_BODY else f"{text[: MAX_BODY - 1]}…"

    def _plain(self, text: str) -> str:
        """Return text that Teams shows unchanged: no mention, no link, and every line on a line of its own."""
        if self._scheme not in _TEAMS:
            return text
        return _MARKUP.sub("‹", text).replace("](", "] (").replace("\n", "\n\n")


def open_plugin(url: str, where: str) -> NotifyBase:
    """Return the service of apprise behind a URL, with our time-outs and without anything written to disk.

    Args:
        url: an apprise URL; it may hold a password.
        where: the setting, for the error.

    Raises:
        ConfigError: apprise does not know the service, or the URL is incomplete. The URL is not in the error.
    """
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if not re.fullmatch(r"[a-z0-9+.-]+", scheme):
        raise ConfigError(where, "is not an apprise URL", _MEND)
    with warnings.catch_warnings(), AttemptLog.attach():
        warnings.simplefilter("ignore", DeprecationWarning)  # apprise imports imghdr where Python still has it
        from apprise import Apprise, AppriseAsset, PersistentStoreMode  # noqa: PLC0415 - takes most of a second

        asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, allow_templates=False, image_path_mask=False)
        asset.image_url_mask = ""  # a picture from a server of strangers
        asset.app_id, asset.app_desc, asset.app_url = "ketenwacht", "Ketenwacht", ""
        asset.pgp_autogen = asset.pem_autogen = asset.http_redirects = False
        plugin = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if plugin is None:
        raise ConfigError(where, f"apprise cannot use this {scheme}:// URL", _MEND)
    if len(plugin) > 1:
        raise ConfigError(
            where,
            f"this {scheme}:// URL names {len(plugin)} receivers",
            "write one URL a receiver, so that each is tried again by itself; or mail a group address",
        )
    plugin.request_rate_per_sec = 0  # the outbox keeps the pace
    plugin.socket_connect_timeout = plugin.socket_read_timeout = TIMEOUT
    return plugin


def title_of(message: Message) -> str:
    """Return the one line that a telephone shows."""
    return f"{headline_sign(message)} {clean(message.headline)}".strip()


def body_of(message: Message, *, reply: bool) -> str:
    """Return the whole message as plain text; of a reply the changes come first."""
    parts = [clean(change) for change in message.changes] if reply else []
    for problem in message.problems:
        lines = [f"{sign_of(problem)} {problem.severity}, {problem.state}"]
        lines += [f"{label}: {text}" for label, text in answers_of(message, problem)]
        if problem.link is not None:
            lines.append(clean(problem.link))
        parts.append("\n".join(lines))
    if message.more:
        parts.append(phrase(message, "more", count=Amount(message.more)))
    if message.lines:
        parts.append("\n".join(clean(line) for line in message.lines))
    return "\n\n".join(parts) or title_of(message)


def _type_of(message: Message) -> str:
    if message.kind in {"digest", "test"}:
        return "info"
    return "failure" if any(problem.active for problem in message.problems) else "success"


# What apprise logs about one attempt: only codes leave it.


@dataclass(slots=True)
class AttemptLog:
    """What the log said of one attempt.

    Attributes:
        http: the status of an answer; None: there was none, or it was no HTTP.
        smtp: the reply code of a mail server; None likewise.
        no_answer: whether the connection failed.
        network: how it failed; None: apprise does not say.
    """

    http: int | None = None
    smtp: int | None = None
    no_answer: bool = False
    network: NetworkFault | None = None

    @classmethod
    @contextmanager
    def attach(cls) -> Iterator[AttemptLog]:
        """Collect what apprise logs in this thread; nothing of it goes anywhere else."""
        log, logger = cls(), logging.getLogger("apprise")
        logger.setLevel(logging.DEBUG)
        logger.propagate = logging.getLogger("urllib3").propagate = False  # both log paths with tokens
        handler = _CodeHandler(log)
        logger.addHandler(handler)
        try:
            yield log
        finally:
            logger.removeHandler(handler)

    def read(self, line: str) -> None:
        """Take the codes from one line of the log."""
        http, smtp = _HTTP.search(line), _SMTP.search(line)
        if http is not None:
            self.http = int(http[1])
        if smtp is not None:
            self.smtp = int(smtp[1] or smtp[2])
        if _NO_ANSWER.search(line) is not None:
            self.no_answer, self.network = True, find_described_fault(line) or self.network

    def error(self, scheme: str) -> NotifyError:
        """Return the fault: its code, whether it may pass, and whether anybody answered."""
        if self.smtp is not None:  # 4yz: try again; 5yz: never (RFC 5321, 4.2.1)
            return NotifyError(
                f"{scheme}: SMTP {self.smtp}{describe_refusal(self.smtp)}",
                permanent=self.smtp >= _SERVER_ERROR,
                answered=self.smtp not in _DOWN,
            )
        if self.http is not None:
            passing = self.http in _PASSING_HTTP or _SERVER_ERROR <= self.http <= _LAST
            wait = BUSY_WAIT if self.http == _BUSY else None
            answered = self.http not in _DOWN
            return NotifyError(
                f"{scheme}: HTTP {self.http}{describe_refusal(self.http)}",
                permanent=not passing,
                retry_after=wait,
                answered=answered,
            )
        if self.network is not None:
            said = f"{scheme}: {self.network.code} — {self.network.mend}"
            return NotifyError(said, permanent=False, answered=False)
        if self.no_answer:
            return NotifyError(f"{scheme}: no connection", permanent=False, answered=False)
        return NotifyError(f"{scheme}: not sent", permanent=False)


class _CodeHandler(logging.Handler):
    def __init__(self, log: AttemptLog) -> None:
        super().__init__()
        self._log, self._thread = log, threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._log.read(record.getMessage())
