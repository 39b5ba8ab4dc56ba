"""Why somebody is not let in. What is said tells a stranger nothing of who there is."""

from controller.errors import ControllerError
from controller.service.people.sentences import SAY


class NotLetIn(ControllerError):
    """Nobody of that name and password, or no such link; which of them was wrong is not said."""


class MustWait(ControllerError):
    """Too many guesses, or too much to do; try again after ``wait_s`` machine seconds."""

    def __init__(self, wait_s: float, why: str | None = None) -> None:
        super().__init__(SAY("wait", why=why or SAY("many_wrong"), wait_s=max(1.0, wait_s)))
        self.wait_s = wait_s
