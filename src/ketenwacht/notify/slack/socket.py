"""Receives acts from Slack over Socket Mode: buttons and a form, from configured users only."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.statement import Language
from ketenwacht.errors import KetenwachtError, NotifyError
from ketenwacht.messages.formatter import MessageFormatter

from .api import TIMEOUT, SlackCaller
from .blocks import ACKNOWLEDGE, SNOOZE, WHY, escape, snooze_form

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SlackCommand:
    """An act that a user asks for.

    Attributes:
        act: acknowledge | snooze | why.
        incident: id.
        actor: `slack:<user id>`.
        reason: of a snooze, free text.
        until: last day of a snooze, local; None otherwise.
    """

    act: str
    incident: str
    actor: str
    reason: str = ""
    until: date | None = None


_ACTS = {ACKNOWLEDGE: "acknowledge", SNOOZE: "snooze", WHY: "why"}


_CLOSE_ATTEMPTS = 3


class _RedactingFilter(logging.Filter):
    """Logs errors of the library by class only: its texts quote payloads, which hold names."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if isinstance(record.exc_info, tuple) else None
        record.msg = "Slack Socket Mode: %s"
        record.args = (kind.__name__ if kind is not None else "fault in the connection",)
        record.exc_info, record.exc_text, record.stack_info = None, None, None
        return True


class SlackSocket:
    """A connection that receives acts, and reconnects by itself."""

    def __init__(  # noqa: PLR0913 - the channel, the handler, and injected functions
        self,
        target: SlackTarget,
        handler: Callable[[SlackCommand], str],
        *,
        language: Language,
        today: Callable[[], date],
        sleep: Callable[[float], None],
        ping_interval: float = 5.0,
    ) -> None:
        """Prepare a connection.

        Args:
            target: with an app token, a team and users.
            handler: carries out a command and returns a private reply to the user, "" for none. It runs in other
                threads, one command at a time, and may raise `KetenwachtError`.
            language: of the form and of refusals.
            today: returns the local day, for the form.
            sleep: waits for a number of seconds.
            ping_interval: seconds between pings.
        """
        self._target, self._handler, self._language, self._today = target, handler, language, today
        self._lock = Lock()
        self._slack = SlackCaller(target.token, target.base_url, sleep, TIMEOUT)
        logger = logging.getLogger("ketenwacht.slack.socket")
        logger.setLevel(logging.ERROR)
        if not any(isinstance(each, _RedactingFilter) for each in logger.filters):
            logger.addFilter(_RedactingFilter())
        self._client = SocketModeClient(
            app_token=target.app_token or "",
            web_client=self._slack.web,
            logger=logger,
            ping_interval=ping_interval,
        )
        self._client.socket_mode_request_listeners.append(self._on_request)

    def connect(self) -> None:
        """Connect; later it reconnects by itself.

        Raises:
            NotifyError: Slack is not reachable, or refuses the app token.
        """
        try:
            self._client.connect()
        except SlackApiError as error:
            code = error.response.get("error") if isinstance(error.response.data, dict) else None
            raise NotifyError(f"Slack apps.connections.open: {code}", permanent=code == "invalid_auth") from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
            raise NotifyError(f"Slack Socket Mode: {type(error).__name__}", permanent=False) from None

    def close(self) -> None:
        """Close the connection."""
        for _ in range(_CLOSE_ATTEMPTS):
            # slack_sdk's reader thread may drop the socket between the check and the use of it in close(), which
            # then stops half-way. A second call finds no socket, and stops the other threads.
            with suppress(OSError, AttributeError):
                self._client.close()
                return

    def _on_request(self, client: Any, request: SocketModeRequest) -> None:  # noqa: ANN401 - slack_sdk's base client
        # Respond first: Slack repeats a request without a response in three seconds. A repeated act changes
        # nothing.
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        if request.type != "interactive":
            return
        payload = request.payload
        kind = payload.get("type")
        actor = self._allowed_actor(payload)
        if actor is None:
            self._reply(payload, self._phrase("refused"))
        elif kind == "block_actions":
            for action in payload.get("actions", ()):
                self._handle_button(
                    payload, _ACTS.get(action.get("action_id")), str(action.get("value", "")), actor
                )
        elif kind == "view_submission" and payload.get("view", {}).get("callback_id") == SNOOZE:
            self._handle_form(payload, actor)

    def _allowed_actor(self, payload: Payload) -> str | None:
        team = (payload.get("team") or {}).get("id")
        user = (payload.get("user") or {}).get("id")
        allowed = self._target.team is not None and team == self._target.team and user in self._target.users
        return f"slack:{user}" if allowed else None

    def _handle_button(self, payload: Payload, act: str | None, incident: str, actor: str) -> None:
        if act == "snooze":
            channel = (payload.get("channel") or {}).get("id", self._target.channel)
            form = snooze_form(self._language, f"{channel} {incident}", today=self._today().isoformat())
            with suppress(NotifyError):  # the user sees no form, and tries again
                self._slack.call("views.open", trigger_id=payload.get("trigger_id"), view=form)
        elif act is not None:
            self._carry_out(payload, SlackCommand(act, incident, actor))

    def _handle_form(self, payload: Payload, actor: str) -> None:
        view = payload["view"]
        values = view["state"]["values"]
        incident = view["private_metadata"].split(" ", 1)[-1]
        reason = values["reason"]["reason"].get("value") or ""
        until = date.fromisoformat(values["until"]["until"]["selected_date"])
        self._carry_out(payload, SlackCommand("snooze", incident, actor, reason, until))

    def _carry_out(self, payload: Payload, command: SlackCommand) -> None:
        with self._lock:
            try:
                answer = self._handler(command)
            except KetenwachtError as error:
                answer = self._phrase("cannot", why=str(error))
        if answer:
            self._reply(payload, answer)

    def _reply(self, payload: Payload, text: str) -> None:
        """Reply to the user only. A failure loses nothing: the act itself is stored."""
        metadata = (payload.get("view") or {}).get("private_metadata") or self._target.channel
        channel = (payload.get("channel") or {}).get("id") or metadata.split(" ", 1)[0]
        user = (payload.get("user") or {}).get("id")
        with suppress(NotifyError):
            self._slack.call("chat.postEphemeral", channel=channel, user=user, text=escape(text))

    def _phrase(self, key: str, **values: str) -> str:
        return MessageFormatter(self._language).phrase(key, **values)
