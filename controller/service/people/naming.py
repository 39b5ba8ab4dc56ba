"""What users may be called."""

import re
import unicodedata
from typing import Final

from controller.errors import ConfigurationError
from controller.service.people.sentences import SAY

_LONGEST_NAME: Final = 100
_NO_LETTERS: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters that nobody sees: with one in it a name looks like another's."""
_USER: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def refuse_bad_user(user: str) -> None:
    """Raise `ConfigurationError` for what is no user's identifier."""
    if not _USER.fullmatch(user):
        raise ConfigurationError(SAY("user_id", user=user))


def checked_name(name: str) -> str:
    """A name as it is kept: nothing that turns text round, or that nobody sees.

    Raises `ConfigurationError`.

    Ref: RFC 8266 2.3; RFC 8264 9.13 (default ignorable code points).
    """
    found = unicodedata.normalize("NFC", name).strip()
    wrong = [one for one in found if unicodedata.category(one) in _NO_LETTERS or one in _UNSEEN]
    if wrong:
        raise ConfigurationError(SAY("name_character", name=found, wrong=wrong[0]))
    if len(found) > _LONGEST_NAME:
        raise ConfigurationError(SAY("name_long", most=_LONGEST_NAME, given=len(found)))
    return found
