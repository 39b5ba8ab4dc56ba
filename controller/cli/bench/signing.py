"""Signatures in bulk: what the envelope adds to the bare Ed25519 of the same bytes.

One core; bare and ours in turn, the best round of each. The messages are commands to so many
luminaires, as the service encodes them.
"""

import time
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.cli.bench.figures import Figure
from controller.wire.codec import encode
from controller.wire.messages import Command
from controller.wire.signing import Signer, Verifier
from controller.wire.topics import Topics

_SEED: Final = b"benchmark" + bytes(23)
_AT: Final = 1_790_000_000
_FULL: Final = 100_000


def signing_figures(luminaires: int, rounds: int) -> list[Figure]:
    """Seconds to sign a command for every luminaire, and to check all of them."""
    key = Ed25519PrivateKey.from_private_bytes(_SEED)
    signer, verifier = Signer(key), Verifier([key.public_key()])
    topics = Topics("bench")
    messages = [
        (
            topics.luminaire(f"L{number:06}", "command"),
            encode(
                Command(
                    command_id=f"1-{number}",
                    rev=number,
                    start=_AT,
                    expires_at=_AT + 3600,
                    level=100.0,
                    report=True,
                    reason="follow",
                )
            ),
        )
        for number in range(luminaires)
    ]
    sealed = [(topic, signer.sign(topic, payload)) for topic, payload in messages]
    said = [(topic + "\n").encode() + payload for topic, payload in messages]
    marks = [key.sign(words) for words in said]
    public = key.public_key()

    def ours() -> None:
        for topic, payload in messages:
            signer.sign(topic, payload)

    def bare() -> None:
        for words in said:
            key.sign(words)

    def checked() -> None:
        for topic, payload in sealed:
            assert verifier.refusal(topic, payload) is None

    def bare_check() -> None:
        for mark, words in zip(marks, said, strict=True):
            public.verify(mark, words)

    found = []
    for name, title, work, plain in (
        ("signing", f"{luminaires:,} commands signed", ours, bare),
        ("checking", f"{luminaires:,} signatures checked", checked, bare_check),
    ):
        ours_s, bare_s = _best_in_turn(work, plain, rounds)
        found.append(
            Figure(
                name,
                title,
                ours_s,
                "s",
                bare_s,
                ours_s / bare_s,
                1.5,
                "ratio",
                luminaires >= _FULL,
            )
        )
    return found


def _best_in_turn(
    ours: Callable[[], None], bare: Callable[[], None], rounds: int
) -> tuple[float, float]:
    """Seconds of the best round of each."""
    took = [(_seconds(bare), _seconds(ours)) for _ in range(rounds)]
    return min(ours_s for _, ours_s in took), min(bare_s for bare_s, _ in took)


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
