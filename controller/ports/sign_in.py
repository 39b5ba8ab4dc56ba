"""The port to somebody who vouches for people, such as the city's own directory."""

from typing import NamedTuple, Protocol

from controller.errors import ControllerError


class NotVouchedFor(ControllerError):
    """The provider did not say who it is, or cannot be believed; one line says why."""


class Begun(NamedTuple):
    """A sign-in that has begun."""

    url: str
    """Where the browser goes."""
    state: str
    """Comes back with the browser; random."""
    nonce: str
    """Must stand in what the provider says."""
    verifier: str
    """Proves that who asks for the answer is who asked the question. Ref: RFC 7636."""


class SignIn(Protocol):
    """A provider of identities."""

    @property
    def name(self) -> str:
        """What people call it."""

    async def begin(self) -> Begun:
        """Begin a sign-in; raises `NotVouchedFor` where the provider is not to be reached."""

    async def finish(self, begun: Begun, code: str) -> str:
        """The identifier of the user that the provider vouches for; raises `NotVouchedFor`."""
