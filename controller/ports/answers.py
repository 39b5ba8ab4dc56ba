"""The port to what was answered to actions that may be repeated."""

from typing import NamedTuple, Protocol


class Answer(NamedTuple):
    """What was answered to an action with an Idempotency-Key."""

    digest: bytes
    """Of caller, route and key."""
    request: bytes
    """Digest of the body that came with it."""
    status: int
    headers: str
    """JSON."""
    body: bytes
    at: float
    """Unix seconds UTC of the machine."""


class AnswerStore(Protocol):
    """Every method is one transaction and may block on the disk."""

    def answer(self, digest: bytes) -> Answer | None:
        """What was answered."""

    def keep_answer(self, answer: Answer, *, since: float, most: int) -> None:
        """Keep it; those before ``since`` and the oldest above ``most`` go."""
