"""OpenID Connect: authorization code with PKCE, and an ID token that is checked.

Ref: OpenID Connect Core 1.0 3.1; RFC 7636 (PKCE); RFC 9700 (security of OAuth 2.0).
"""

import base64
import hashlib
import hmac
import secrets
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from controller.config import OidcSettings
from controller.errors import ConfigurationError
from controller.ports.sign_in import Begun, NotVouchedFor

_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures by a key that only the provider has; never ``none``, never a shared secret."""
_LEEWAY_S: Final = 60.0
_LARGEST: Final = 1_000_000


class OidcProvider:
    """One provider; what it says of itself is asked anew at every sign-in."""

    def __init__(
        self, settings: OidcSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Raises `ConfigurationError` where the settings or the extra are not there."""
        if settings.issuer is None or settings.redirect_url is None:
            raise ConfigurationError("[oidc] needs issuer and redirect_url")
        try:
            import jwt
        except ImportError:
            raise ConfigurationError(
                "[oidc] needs the extra: pip install 'lamplighter[oidc]'"
            ) from None
        self._jwt: Any = jwt
        self._settings = settings
        self._issuer = settings.issuer
        self._redirect_url = settings.redirect_url
        self._transport = transport
        self._secret = _read_secret(settings)

    @property
    def name(self) -> str:
        """What people call it."""
        return self._settings.name

    async def begin(self) -> Begun:
        """Where to send the browser, and what to remember of it."""
        async with self._client() as client:
            about = await self._about(client)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect_url,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in about["authorization_endpoint"] else "?"
        url = f"{about['authorization_endpoint']}{joint}{urlencode(query)}"
        return Begun(url, state, nonce, verifier)

    async def finish(self, begun: Begun, code: str) -> str:
        """Ask who it is, and check that the answer is the provider's, for us, and fresh."""
        async with self._client() as client:
            about = await self._about(client)
            form = {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._redirect_url,
                "client_id": self._settings.client_id,
                "code_verifier": begun.verifier,
            }
            auth = None
            if self._secret is not None:
                auth = httpx.BasicAuth(self._settings.client_id, self._secret)
            answer = await self._json(client, "POST", about["token_endpoint"], data=form, auth=auth)
            keys = await self._json(client, "GET", about["jwks_uri"])
        claims = self._claims(str(answer.get("id_token", "")), keys)
        if not hmac.compare_digest(str(claims.get("nonce", "")), begun.nonce):
            raise NotVouchedFor("the provider's answer belongs to another sign-in")
        user = claims.get(self._settings.user_claim)
        if not isinstance(user, str) or not user:
            raise NotVouchedFor(f"the provider's answer has no {self._settings.user_claim!r}")
        return user

    def _claims(self, token: str, keys: dict[str, Any]) -> dict[str, Any]:
        jwt = self._jwt
        try:
            wanted = jwt.get_unverified_header(token).get("kid")
            known = jwt.PyJWKSet.from_dict(keys).keys
            fitting = [key for key in known if wanted is None or key.key_id == wanted]
            if len(fitting) != 1:
                raise NotVouchedFor(
                    "the provider's answer is signed by a key that it does not name"
                )
            claims: dict[str, Any] = jwt.decode(
                token,
                fitting[0].key,
                algorithms=_ALGORITHMS,
                audience=self._settings.client_id,
                issuer=self._issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "nonce"]},
            )
        except jwt.PyJWTError as error:
            raise NotVouchedFor(f"the provider's answer cannot be believed: {error}") from error
        return claims

    async def _about(self, client: httpx.AsyncClient) -> dict[str, Any]:
        """The provider's own description. Ref: OpenID Connect Discovery 1.0 4."""
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        about = await self._json(client, "GET", url)
        if about.get("issuer") != self._issuer:
            raise NotVouchedFor(f"{url} speaks for {about.get('issuer')!r}, not {self._issuer!r}")
        for key in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not str(about.get(key, "")).startswith(_schemes(self._issuer)):
                raise NotVouchedFor(f"{url} has no {key} that may be asked")
        return about

    async def _json(
        self, client: httpx.AsyncClient, method: str, url: str, **words: Any
    ) -> dict[str, Any]:
        try:
            answer = await client.request(method, url, **words)
            if answer.status_code != 200 or len(answer.content) > _LARGEST:
                raise NotVouchedFor(f"{url} answered {answer.status_code}")
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            why = " ".join(str(error).split()) or type(error).__name__
            raise NotVouchedFor(f"{url}: {why}") from error
        if not isinstance(found, dict):
            raise NotVouchedFor(f"{url} answered no object")
        return found

    def _client(self) -> httpx.AsyncClient:
        verify = True if self._settings.ca_file is None else str(self._settings.ca_file)
        return httpx.AsyncClient(
            timeout=10.0, verify=verify, transport=self._transport, trust_env=False
        )


def _schemes(issuer: str) -> tuple[str, ...]:
    """A provider without TLS, on this machine, may name addresses without it."""
    return ("https://", "http://") if issuer.startswith("http://") else ("https://",)


def _read_secret(settings: OidcSettings) -> str | None:
    file = settings.client_secret_file
    if file is None:
        return None
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"[oidc] client_secret_file {str(file)!r}: {error}") from error
    if not lines or not lines[0].strip():
        raise ConfigurationError(f"[oidc] client_secret_file {str(file)!r}: first line is empty")
    return lines[0].strip()
