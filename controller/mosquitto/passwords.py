"""mosquitto's password file. Ref: mosquitto_passwd(1): PBKDF2 with SHA-512."""

import base64
import hashlib
import secrets
from typing import Final

_ITERATIONS: Final = 101
"""mosquitto's own number. It hashes in its only thread at every connect; our passwords are
random and long, so that guessing is hopeless at any number."""


def password_line(user: str, password: str) -> str:
    """One line of the password file, with its line break; a new salt each time."""
    salt = secrets.token_bytes(12)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    salt_text, key_text = (base64.b64encode(part).decode() for part in (salt, key))
    return f"{user}:$7${_ITERATIONS}${salt_text}${key_text}\n"


def new_password() -> str:
    """160 random bits, as 27 characters of ``A-Z a-z 0-9 _ -``."""
    return secrets.token_urlsafe(20)
