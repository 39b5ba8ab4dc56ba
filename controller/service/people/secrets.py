"""What stands for a session, a token or a one-time link: random, kept as a digest only."""

import hashlib
import hmac
import secrets

SECRET_BYTES = 32


def new_secret() -> str:
    """256 random bits as text for URLs and cookies."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> bytes:
    """What is kept of it. No salt and no slow hash: it cannot be guessed in the first place."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def csrf_token(secret: str) -> str:
    """What a page of the session must say beside the cookie; tells nothing of the cookie."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"csrf", hashlib.sha256).hexdigest()
