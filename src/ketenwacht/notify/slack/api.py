"""Calls to Slack's web API: one try each, and every fault in our own words."""

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

TIMEOUT = 10  # seconds
UPLOAD_TIMEOUT = 5  # seconds for each of the three calls of an upload
MAX_RETRIES = 2  # only after 429, when Slack says that it did not take the message
MAX_WAIT = 30.0  # seconds; a longer wait is the outbox's

# Faults that trying again cannot mend. https://docs.slack.dev/reference/methods/chat.postMessage
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


class SlackError(NotifyError):
    """A fault by Slack's own `code`, or `http-<status>`, or the class of a network fault."""

    def __init__(self, method: str, code: str, *, retry_after: float | None = None) -> None:
        self.code = code
        super().__init__(f"Slack {method}: {code}", permanent=code in PERMANENT, retry_after=retry_after)


class _BoundedRetry(RateLimitErrorRetryHandler):
    """Slack's own rate-limit handler, waiting by a sleep that was given, and never long."""

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
        return limited and response is not None and _wait(response.headers) <= MAX_WAIT

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
        self._sleep(_wait(response.headers) if response is not None else 1.0)
        state.increment_current_attempt()


def _wait(headers: Any) -> float:  # noqa: ANN401 - slack_sdk gives a dict of texts or of lists of texts
    for name, value in headers.items():
        if name.lower() == "retry-after":
            text = value[0] if isinstance(value, list) else value
            return float(text) if str(text).isdecimal() else 1.0
    return 1.0


class SlackCaller:
    """Calls Slack's web API; every fault comes out as `SlackError`, without a token or a text in it."""

    def __init__(self, token: str, base_url: str, sleep: Callable[[float], None], timeout: float) -> None:
        self._upload_timeout = min(UPLOAD_TIMEOUT, timeout)
        # slack_sdk logs requests and their faults; our own errors say enough, and never a text or token
        silent = logging.getLogger("ketenwacht.slack")
        silent.propagate = False
        silent.setLevel(logging.CRITICAL)
        self._open = partial(
            WebClient,
            token=token,
            base_url=base_url if base_url.endswith("/") else f"{base_url}/",
            logger=silent,
        )
        # the time-out is declared as int, and handed to the socket as it is
        self.web = self._open(timeout=timeout, retry_handlers=[_BoundedRetry(sleep)])  # type: ignore[arg-type]

    def call(self, method: str, **arguments: object) -> dict[str, Any]:
        """Call a method with JSON arguments (those that are None are left out)."""
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            answer = self.web.api_call(method, json=given)
        except SlackApiError as fault:
            raise _fault(method, fault) from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as fault:
            # URLError, TimeoutError and RemoteDisconnected are OSErrors; ValueError: an address that is none
            raise SlackError(method, type(fault).__name__) from None
        data = answer.data
        return data if isinstance(data, dict) else {}

    def read(self, method: str, **arguments: str | int | bool) -> dict[str, Any]:
        """Call a reading method: these take form arguments only."""
        return self._read(method, **arguments)[0]

    def identity(self) -> tuple[dict[str, Any], frozenset[str] | None]:
        """Who we are, and what the token may do; None when the other side does not say."""
        data, headers = self._read("auth.test")
        said = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), None)
        text = ",".join(said) if isinstance(said, list) else said
        return data, None if text is None else frozenset(part.strip() for part in text.split(","))

    def _read(self, method: str, **arguments: str | int | bool) -> tuple[dict[str, Any], Mapping[str, Any]]:
        try:
            answer = self.web.api_call(method, params=arguments)
        except SlackApiError as fault:
            raise _fault(method, fault) from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as fault:
            raise SlackError(method, type(fault).__name__) from None
        return (answer.data if isinstance(answer.data, dict) else {}), answer.headers

    def upload(self, picture: Picture, *, channel: str, thread: str) -> None:
        """Put a picture into a thread: three calls, each tried once and not for long."""
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
        except SlackApiError as fault:
            raise _fault("upload", fault) from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as fault:
            raise SlackError("upload", type(fault).__name__) from None


def _fault(method: str, fault: SlackApiError) -> SlackError:
    response: Any = fault.response
    status, headers = getattr(response, "status_code", 200), getattr(response, "headers", {})
    data = getattr(response, "data", response)
    said = data.get("error") if isinstance(data, dict) else None
    code = said if isinstance(said, str) and said.replace("_", "").isalnum() else f"http-{status}"
    limited = status == http.client.TOO_MANY_REQUESTS
    return SlackError(method, "ratelimited" if limited else code, retry_after=_wait(headers) if limited else None)
