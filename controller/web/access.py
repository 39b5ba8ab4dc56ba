"""Who may read the metrics."""

import hmac
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from controller.config import WebSettings
from controller.errors import ConfigurationError

_SHORTEST: Final = 16


@dataclass(frozen=True)
class Access:
    """What is shown, and to whom."""

    token: bytes | None = None
    """Must come with a request as a bearer token; None: everybody may read."""
    shows_luminaires: bool = False

    def refusal(self, request: Request) -> Response | None:
        """The answer to one who may not read; None where one may."""
        if self.token is None:
            return None
        scheme, _, brought = request.headers.get("authorization", "").partition(" ")
        # In constant time, so that the time of a refusal tells nothing of the token.
        fits = hmac.compare_digest(brought.strip().encode("latin-1"), self.token)
        if scheme.lower() == "bearer" and fits:
            return None
        return PlainTextResponse(
            "this page needs the bearer token that the service's settings name\n",
            status_code=401,
            headers={"WWW-Authenticate": "Bearer"},
        )


OPEN: Final = Access()


def access_of(settings: WebSettings) -> Access:
    """As the settings say; raises `ConfigurationError` naming a token file that is none."""
    file = settings.token_file
    if file is None:
        return Access(shows_luminaires=settings.luminaires)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"token file {str(file)!r} cannot be read: {error}") from error
    token = lines[0].strip() if lines else ""
    if len(token) < _SHORTEST:
        raise ConfigurationError(
            f"token file {str(file)!r}: its first line has {len(token)} characters; "
            f"a token has {_SHORTEST} or more"
        )
    return Access(token.encode(), shows_luminaires=settings.luminaires)
