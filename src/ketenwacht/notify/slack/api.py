"""Calls Slack's web API: one attempt each, and every failure as `SlackError`."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RateLimitErrorRetryHandler, RetryState

from ketenwacht.errors import NotifyError
from ketenwacht.notify.base import Picture
from ketenwacht.notify.network import find_http_fault, find_network_fault

TIMEOUT = 10  # seconds
UPLOAD_TIMEOUT = 5  # seconds for each of the three calls of an upload
MAX_RETRIES = 2  # only after 429: Slack then did not accept the message
MAX_WAIT = 30.0  # seconds; the outbox handles a longer wait

# Failures that a retry cannot solve. https://docs.slack.dev/reference/methods/chat.postMessage
PERMANENT = frozenset(
    {
        "account_inactive",
        "channel_not_found",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "is_archived",
        "messages_tab_disabled",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "not_in_channel",
        "org_login_required",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)


_RENEW = "the token is wrong, revoked or of another workspace: set SLACK_BOT_TOKEN anew, and restart the service"
_INVITE = "correct the channel, and invite the app to it (`/invite`)"
MENDS: Mapping[str, str] = {
    **dict.fromkeys(("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"), _RENEW),
    "missing_scope": "give the app the scopes of docs/incidents.md, install it anew, and set its new token",
    "not_allowed_token_type": "use a bot token (xoxb-…)",
    **dict.fromkeys(("channel_not_found", "not_in_channel", "is_archived"), _INVITE),
    "ratelimited": "Slack asks to wait; the outbox does so",
}
"""Slack's code → the remedy."""


class SlackError(NotifyError):
    """A failure with Slack's own `code`, `http-<status>`, a kind of network fault, or a class."""

    def __init__(
        self, method: str, code: str, *, retry_after: float | None = None, mend: str | None = None
    ) -> None:
        self.code = code
        remedy = MENDS.get(code) if mend is None else mend
        said = f"Slack {method}: {code}" + ("" if remedy is None else f" — {remedy}")
        super().__init__(said, permanent=code in PERMANENT, retry_after=retry_after)

    @classmethod
    def of(cls, method: str, failure: BaseException) -> SlackError:
        """Return the error of an exception of the network or the library."""
        fault = find_network_fault(failure)
        return cls(method, type(failure).__name__) if fault is None else cls(method, fault.code, mend=fault.mend)


class _BoundedRetry(RateLimitErrorRetryHandler):
    """Slack's rate-limit handler with an injected sleep and a limit to the wait."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        super().__init__(max_retry_count=MAX_RETRIES)
        self._sleep = sleep

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = super()._can_retry(state=state, request=request, response=response, error=error)
        return limited and response is not None and _retry_after(response.headers) <= MAX_WAIT

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:
        del request, error
        state.next_attempt_requested = True
        self._sleep(_retry_after(response.headers) if response is not None else 1.0)
        state.increment_current_attempt()


def _retry_after(headers: Any) -> float:  # noqa: ANN401 - slack_sdk gives a dict of texts or of lists of texts
    for name, value in headers.items():
        if name.lower() == "retry-after":
            text = value[0] if isinstance(value, list) else value
            return float(text) if str(text).isdecimal() else 1.0
    return 1.0


class SlackCaller:
    """Calls Slack's web API; raises `SlackError` without a token or a text in it."""

    def __init__(self, token: str, base_url: str, sleep: Callable[[float], None], timeout: float) -> None:
        self._upload_timeout = min(UPLOAD_TIMEOUT, timeout)
        # slack_sdk logs requests with texts and tokens; our errors are enough
        logger = logging.getLogger("ketenwacht.slack")
        logger.propagate = False
        logger.setLevel(logging.CRITICAL)
        self._open = partial(
            WebClient,
            token=token,
            base_url=base_url if base_url.endswith("/") else f"{base_url}/",
            logger=logger,
        )
        # slack_sdk declares the timeout as int, and passes it to the socket unchanged
        self.web = self._open(timeout=timeout, retry_handlers=[_BoundedRetry(sleep)])  # type: ignore[arg-type]

    def call(self, method: str, **arguments: object) -> dict[str, Any]:
        """Call a method with JSON arguments; arguments that are None are left out."""
        stated = {name: value for name, value in arguments.items() if value is not None}
        try:
            answer = self.web.api_call(method, json=stated)
        except SlackApiError as failure:
            raise _slack_error(method, failure) from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as failure:
            # URLError, TimeoutError and RemoteDisconnected are OSErrors; an invalid address raises ValueError
            raise SlackError.of(method, failure) from None
        data = answer.data
        return data if isinstance(data, dict) else {}

    def read(self, method: str, **arguments: str | int | bool) -> dict[str, Any]:
        """Call a method that reads; these accept form arguments only."""
        return self._read(method, **arguments)[0]

    def identity(self) -> tuple[dict[str, Any], frozenset[str] | None]:
        """Return the identity of the token, and its scopes; None when Slack does not report them."""
        data, headers = self._read("auth.test")
        reported = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), None)
        text = ",".join(reported) if isinstance(reported, list) else reported
        return data, None if text is None else frozenset(part.strip() for part in text.split(","))

    def _read(self, method: str, **arguments: str | int | bool) -> tuple[dict[str, Any], Mapping[str, Any]]:
        try:
            answer = self.web.api_call(method, params=arguments)
        except SlackApiError as failure:
            raise _slack_error(method, failure) from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as failure:
            raise SlackError.of(method, failure) from None
        return (answer.data if isinstance(answer.data, dict) else {}), answer.headers

    def upload(self, picture: Picture, *, channel: str, thread: str) -> None:
        """Upload a picture to a thread: three calls, one short attempt each."""
        web = self._open(timeout=self._upload_timeout, retry_handlers=[])  # type: ignore[arg-type]
        try:
            web.files_upload_v2(
                content=picture.png,
                filename=picture.name,
                title=picture.title,
                alt_txt=picture.description,
                channel=channel,
                thread_ts=thread,
            )
        except SlackApiError as failure:
            raise _slack_error("upload", failure) from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as failure:
            raise SlackError.of("upload", failure) from None


def _slack_error(method: str, failure: SlackApiError) -> SlackError:
    response: Any = failure.response
    status, headers = getattr(response, "status_code", 200), getattr(response, "headers", {})
    data = getattr(response, "data", response)
    reported = data.get("error") if isinstance(data, dict) else None
    code = reported if isinstance(reported, str) and reported.replace("_", "").isalnum() else f"http-{status}"
    limited = status == http.client.TOO_MANY_REQUESTS
    network = find_http_fault(code)
    if network is not None:
        return SlackError(method, network.code, mend=network.mend)
    return SlackError(
        method, "ratelimited" if limited else code, retry_after=_retry_after(headers) if limited else None
    )
