"""Posting to Slack so that nothing is lost and, where history may be read, nothing comes twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message
from ketenwacht.notify.base import Picture, message_of

from .api import TIMEOUT, SlackCaller, SlackError
from .blocks import reply_text, root_blocks, root_text

PAGES, PAGE = 10, 200
METADATA = "ketenwacht_alert"

_ID = re.compile(r"[CGD][A-Z0-9]{8,}")
_TOO_MUCH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
_NO_THREAD = frozenset({"thread_not_found", "message_not_found"})
_NO_EDIT = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_NO_HISTORY = frozenset({"missing_scope", "not_in_channel", "not_allowed_token_type", "method_not_supported"})


class SlackNotifier:
    """One Slack channel. A root message is edited in place; changes go to its thread."""

    kind: ClassVar[str] = "slack"
    pause: ClassVar[float] = 1.0  # as Slack asks for messages in one channel

    def __init__(self, target: SlackTarget, *, sleep: Callable[[float], None], timeout: float = TIMEOUT) -> None:
        self._named = target.channel.removeprefix("#")
        self._id = self._named if _ID.fullmatch(self._named) is not None else None
        self.pictures = target.pictures
        self._buttons = target.app_token is not None and target.team is not None
        self._slack = SlackCaller(target.token, target.base_url, sleep, timeout)

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """Post a root message, or the changes in its thread; a thread that is gone gives a new root."""
        message = message_of(alert)
        if thread is None:
            return self._root(alert, message)
        channel, ts = self._place(thread)
        text, everybody = reply_text(message), message.broadcast or None
        try:
            return self._post(alert, channel, text=text, thread_ts=ts, reply_broadcast=everybody)
        except SlackError as fault:
            if fault.code not in _NO_THREAD:
                raise
            return self._root(alert, message)

    def edit(self, alert: Alert, thread: str) -> None:
        """Bring the root up to date; one that was removed or is locked stays as it is."""
        message = message_of(alert)
        channel, ts = self._place(thread)
        try:
            self._slack.call(
                "chat.update",
                channel=channel,
                ts=ts,
                text=root_text(message),
                blocks=root_blocks(message, buttons=self._buttons),
            )
        except SlackError as fault:
            if fault.code not in _NO_EDIT | _TOO_MUCH:
                raise

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """Look for the alert's id in the metadata of messages posted since it was written.

        None too when the token may not read history: then an attempt whose answer was lost comes twice.
        """
        try:
            return self._find(alert, thread)
        except SlackError as fault:
            if fault.code in _NO_HISTORY | _NO_THREAD:
                return None
            raise

    def _find(self, alert: Alert, thread: str | None) -> str | None:
        method, where = self._where(alert, thread)
        for _ in range(PAGES):
            page = self._slack.read(method, include_all_metadata=True, limit=PAGE, **where)
            for message in page.get("messages", ()):
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if payload.get("id") == alert.id:
                    return f"{where['channel']}:{message['ts']}"
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
            where["cursor"] = cursor
        return None

    def _where(self, alert: Alert, thread: str | None) -> tuple[str, dict[str, str]]:
        if thread is not None:
            channel, ts = self._place(thread)
            return "conversations.replies", {"channel": channel, "ts": ts}
        since = f"{alert.created_at.timestamp() - 1:.6f}"
        return "conversations.history", {"channel": self._channel_id(), "oldest": since}

    def _place(self, thread: str) -> tuple[str, str]:
        """Channel and time stamp of a message that was posted before."""
        channel, _, ts = thread.rpartition(":")
        return channel or self._id or self._named, ts

    def _channel_id(self) -> str:
        """The channel's id: reading and editing take no names. Looked up once, where it may be."""
        if self._id is None:
            found = self._slack.read("conversations.list", limit=1000, exclude_archived=True).get("channels", ())
            self._id = next((str(each["id"]) for each in found if each.get("name") == self._named), None)
        return self._id or self._named

    def show(self, picture: Picture, thread: str) -> None:
        """Upload it into the thread; no attempt is made to find out whether one that failed arrived after all."""
        channel, ts = self._place(thread)
        self._slack.upload(picture, channel=channel, thread=ts)

    def probe(self) -> str:
        """Ask who we are, and whether what we posted can be looked up again."""
        known, scopes = self._slack.identity()
        try:
            self._slack.read("conversations.history", channel=self._channel_id(), limit=1)
        except SlackError as fault:
            if fault.code not in _NO_HISTORY:
                raise
            history = f"history cannot be read ({fault.code}), so that a lost answer can mean a message twice"
        else:
            history = "history can be read"
        if self.pictures and scopes is not None and "files:write" not in scopes:
            history += "; no pictures can be uploaded (files:write is missing)"
        return f"Slack workspace {known.get('team') or known.get('team_id')}; {history}"

    def _root(self, alert: Alert, message: Message) -> str:
        channel, text = self._id or self._named, root_text(message)
        try:
            return self._post(alert, channel, text=text, blocks=root_blocks(message, buttons=self._buttons))
        except SlackError as fault:
            if fault.code not in _TOO_MUCH:
                raise
            return self._post(alert, channel, text=text)

    def _post(self, alert: Alert, channel: str, **content: object) -> str:
        """Post, and name what was posted: `<channel id>:<time stamp>`."""
        metadata = {"event_type": METADATA, "event_payload": {"id": alert.id}}
        quiet = {"unfurl_links": False, "unfurl_media": False}
        answer = self._slack.call("chat.postMessage", channel=channel, metadata=metadata, **quiet, **content)
        return f"{answer.get('channel') or channel}:{answer.get('ts', '')}"
