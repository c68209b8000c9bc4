"""Login by OpenID Connect: the authorization code flow with PKCE, state and nonce, by authlib."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.starlette_client import OAuth, OAuthError
from httpx2 import HTTPError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ketenwacht.domain.settings import Access, OidcLogin
from ketenwacht.messages.views import clean
from ketenwacht.workflows import clock

_LONGEST = 200


class LoginRefusedError(Exception):
    """The provider or its answer did not name anybody; `reason` says it in a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Login:
    """The login of one provider."""

    def __init__(self, access: Access, oidc: OidcLogin) -> None:
        """Prepare; the provider is asked at the first login."""
        self._access, self._oidc = access, oidc
        oauth = OAuth()
        self._client: Any = oauth.register(
            "provider",
            client_id=oidc.client_id,
            client_secret=oidc.client_secret,
            server_metadata_url=f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": " ".join(oidc.scopes), "code_challenge_method": "S256", "timeout": 10},
        )

    async def begin(self, request: Request) -> Response:
        """Send the browser to the provider.

        Raises:
            LoginRefusedError: the provider does not answer.
        """
        request.session["next"] = local_path(request.query_params.get("next", "/"))
        back = f"{(self._access.url or '').rstrip('/')}/login/done"
        try:
            answer: Response = await self._client.authorize_redirect(request, back)
        except (HTTPError, OAuthError, ValueError, RuntimeError):
            raise LoginRefusedError("provider") from None
        return answer

    async def finish(self, request: Request) -> Response:
        """Take what the provider says, and open a session of its own.

        Raises:
            LoginRefusedError: the answer does not belong to our request, or names no user.
        """
        try:
            token = await self._client.authorize_access_token(request)
        except OAuthError as fault:
            raise LoginRefusedError("refused" if fault.error == "access_denied" else "answer") from None
        except (HTTPError, ValueError, RuntimeError, KeyError):
            raise LoginRefusedError("answer") from None
        claims = token.get("userinfo") or {}
        name = clean(str(claims.get(self._oidc.name_claim) or ""))[:_LONGEST]
        if not name or (self._oidc.name_claim == "email" and claims.get("email_verified") is False):
            raise LoginRefusedError("nobody")
        groups = claims.get(self._oidc.group_claim)
        wanted = {*self._access.viewers, *self._access.operators}  # a cookie holds few
        listed = sorted(wanted & {str(one) for one in groups}) if isinstance(groups, list) else []
        after = local_path(str(request.session.get("next", "/")))
        request.session.clear()  # nothing of before the login goes on
        until = clock.now().timestamp() + self._access.session.total_seconds()
        request.session["user"] = {"name": name, "groups": listed, "until": until}
        request.session["id"] = clock.new_secret()
        return RedirectResponse(after, 303)


def local_path(text: str) -> str:
    """Return an address on these pages; `/` for one that leads elsewhere."""
    parts = urlsplit(text)
    here = not parts.scheme and not parts.netloc and text.startswith("/") and text[1:2] not in {"/", "\\"}
    return text if here and text.isprintable() else "/"
