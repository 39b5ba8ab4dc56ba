"""Text without its secrets: what may leave the machine.

Two ways, both always: whatever is known to be secret is looked for word by word, and whatever
looks like a secret goes as well.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

GONE: Final = "[removed]"

_SHORTEST: Final = 4
"""Known secrets below this are no secrets, and stand in half the words of a log."""
_KEY_BLOCK: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_USER_INFO: Final = re.compile(r"(?<=://)[^\s\"'<>]*@")
"""Greedy up to the last @: a password may hold what it should have escaped."""
_PASSWORD: Final = re.compile(r"(?<=://)([^\s/\"'<>:@]*):.*@")
_QUERY: Final = re.compile(
    r"(?i)([?&][a-z0-9_.-]*(?:passw[a-z]*|passphrase|secret|token|key|credential|auth|code|sig"
    r"|signature)=)[^\s\"'<>&#]+"
)
"""A parameter of a URL that says who asks, such as a signature of shared access."""
_ENTRY: Final = re.compile(r"(#/(?:enter|setup)/)[^\s\"'<>]+")
_BEARER: Final = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}")
_NAMED: Final = re.compile(
    r"(?i)([\"']?[a-z0-9_.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|credential"
    r"|cookie|session)(?![a-z0-9_-]*_file)[a-z0-9_-]*[\"']?\s*[=:]\s*)(?!null\b)(\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&}\]]+)"
)
_SECRET_NAME: Final = re.compile(r"(?i)passw|passphrase|secret|token|credential|api_?key|_key$")
_POINTERS: Final = re.compile(r"(?i)_?file$|_?path$|_?dir$")


def known_secrets(environment: Mapping[str, str], contents: Iterable[str]) -> frozenset[str]:
    """Words that must not leave: values of variables that sound secret, lines of secret files."""
    words = {
        value
        for name, value in environment.items()
        if _SECRET_NAME.search(name) and not _POINTERS.search(name)
    }
    for content in contents:
        words.update(line.strip() for line in content.splitlines())
    return frozenset(word for word in words if len(word) >= _SHORTEST)


def without_passwords(text: str) -> str:
    """Settings without the passwords in their URLs; user names stay."""
    return _QUERY.sub(r"\1", _PASSWORD.sub(r"\1@", text))


def redacted(text: str, known: Iterable[str] = ()) -> str:
    """``text`` with `GONE` in the place of every secret."""
    # The longest first: one may be part of another.
    for word in sorted(known, key=len, reverse=True):
        text = text.replace(word, GONE)
    text = _KEY_BLOCK.sub(GONE, text)
    text = _USER_INFO.sub(f"{GONE}@", text)
    text = _QUERY.sub(rf"\1{GONE}", text)
    text = _ENTRY.sub(rf"\1{GONE}", text)
    text = _BEARER.sub(rf"\1 {GONE}", text)
    return _NAMED.sub(rf"\1{GONE}", text)
