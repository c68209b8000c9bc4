"""Posts alerts to Slack: none is lost, and none is posted twice where the token may read history."""

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
    """One Slack channel. It edits the root message in place, and posts changes in its thread."""

    kind: ClassVar[str] = "slack"
    pause: ClassVar[float] = 1.0  # Slack's limit for messages in one channel

    def __init__(self, target: SlackTarget, *, sleep: Callable[[float], None], timeout: float = TIMEOUT) -> None:
        self._channel = target.channel.removeprefix("#")
        self._id = self._channel if _ID.fullmatch(self._channel) is not None else None
        self.pictures = target.pictures
        self._buttons = target.app_token is not None and target.team is not None
        self._slack = SlackCaller(target.token, target.base_url, sleep, timeout)

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """Post a root message, or the changes in its thread.

        When the thread is deleted, post a new root message.
        """
        message = message_of(alert)
        if thread is None:
            return self._post_root(alert, message)
        channel, ts = self._place(thread)
        text, broadcast = reply_text(message), message.broadcast or None
        try:
            return self._post(alert, channel, text=text, thread_ts=ts, reply_broadcast=broadcast)
        except SlackError as error:
            if error.code not in _NO_THREAD:
                raise
            return self._post_root(alert, message)

    def edit(self, alert: Alert, thread: str) -> None:
        """Update the root message; ignore one that was deleted or is locked."""
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
        except SlackError as error:
            if error.code not in _NO_EDIT | _TOO_MUCH:
                raise

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """Find the id of the alert in the metadata of messages since the alert was created.

        None also when the token may not read history: then an alert whose response was lost is posted twice.
        """
        try:
            return self._find(alert, thread)
        except SlackError as error:
            if error.code in _NO_HISTORY | _NO_THREAD:
                return None
            raise

    def _find(self, alert: Alert, thread: str | None) -> str | None:
        method, where = self._history_call(alert, thread)
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

    def _history_call(self, alert: Alert, thread: str | None) -> tuple[str, dict[str, str]]:
        if thread is not None:
            channel, ts = self._place(thread)
            return "conversations.replies", {"channel": channel, "ts": ts}
        since = f"{alert.created_at.timestamp() - 1:.6f}"
        return "conversations.history", {"channel": self._channel_id(), "oldest": since}

    def _place(self, thread: str) -> tuple[str, str]:
        """Return the channel and time stamp of a posted message."""
        channel, _, ts = thread.rpartition(":")
        return channel or self._id or self._channel, ts

    def _channel_id(self) -> str:
        """Return the id of the channel, which reading and editing need; look it up once."""
        if self._id is None:
            found = self._slack.read("conversations.list", limit=1000, exclude_archived=True).get("channels", ())
            self._id = next((str(each["id"]) for each in found if each.get("name") == self._channel), None)
        return self._id or self._channel

    def owns(self, thread: str) -> bool:
        """Return whether a message is in the configured channel.

        True as well when the channel's id cannot be found.
        """
        channel = self._place(thread)[0] if ":" in thread else ""
        if self._id is None and channel != self._channel:
            self._channel_id()
        return bool(channel) and channel in {self._channel, self._id or channel}

    def show(self, picture: Picture, thread: str) -> None:
        """Upload the picture to the thread, without a check whether a failed attempt arrived."""
        channel, ts = self._place(thread)
        self._slack.upload(picture, channel=channel, thread=ts)

    def probe(self) -> str:
        """Return the workspace, and whether history can be read."""
        identity, scopes = self._slack.identity()
        try:
            self._slack.read("conversations.history", channel=self._channel_id(), limit=1)
        except SlackError as error:
            if error.code not in _NO_HISTORY:
                raise
            history = f"history cannot be read ({error.code}), so a lost response can mean a duplicate message"
        else:
            history = "history can be read"
        if self.pictures and scopes is not None and "files:write" not in scopes:
            history += "; pictures cannot be uploaded (the scope files:write is missing)"
        return f"Slack workspace {identity.get('team') or identity.get('team_id')}; {history}"

    def _post_root(self, alert: Alert, message: Message) -> str:
        channel, text = self._id or self._channel, root_text(message)
        try:
            return self._post(alert, channel, text=text, blocks=root_blocks(message, buttons=self._buttons))
        except SlackError as error:
            if error.code not in _TOO_MUCH:
                raise
            return self._post(alert, channel, text=text)

    def _post(self, alert: Alert, channel: str, **content: object) -> str:
        """Post a message, and return its id: `<channel id>:<time stamp>`."""
        metadata = {"event_type": METADATA, "event_payload": {"id": alert.id}}
        unfurl = {"unfurl_links": False, "unfurl_media": False}
        answer = self._slack.call("chat.postMessage", channel=channel, metadata=metadata, **unfurl, **content)
        return f"{answer.get('channel') or channel}:{answer.get('ts', '')}"
