"""The port to what is kept of people: who, their passes, approvals, and the audit log."""

from typing import Literal, NamedTuple, Protocol


class PersonRow(NamedTuple):
    """A user as it is kept. Instants are Unix seconds UTC of the machine."""

    id: str
    name: str
    password: str | None
    """Encoded argon2id hash; None: no password yet."""
    language: str | None
    is_disabled: bool
    created_at: float


class GrantRow(NamedTuple):
    """A role in a part of the city."""

    role: str
    place: str
    id: str
    """Empty for the city."""


PassKind = Literal["session", "token", "setup", "invitation", "entry"]


class PassRow(NamedTuple):
    """A session, token or one-time link; its secret is kept as a digest only."""

    digest: bytes
    kind: PassKind
    key: str
    """Names it in lists; no secret."""
    person: str
    name: str
    address: str
    created_at: float
    expires_at: float
    seen_at: float


class ApprovalRow(NamedTuple):
    """Something that waits for a second person, or did."""

    number: int
    kind: str
    body: bytes
    summary: str
    reasons: str
    """JSON: a list of lines."""
    zones: str
    """JSON: a list of zones that it touches."""
    asked_by: str
    asked_at: float
    expires_at: float
    state: str
    """``open``, ``taken``, ``done``, ``failed``, ``rejected``, ``expired``."""
    decided_by: str
    decided_at: float
    note: str
    outcome: str


class AuditRow(NamedTuple):
    """One line of the audit log."""

    number: int
    at: float
    actor: str
    via: str
    address: str
    action: str
    subject: str
    outcome: str
    """``done``, ``refused`` or ``failed``."""
    detail: str
    hash: bytes
    """SHA-256 over the line before and this one."""


class Head(NamedTuple):
    """The last line of the audit log, as it was noted elsewhere."""

    number: int
    hash: bytes


class GuessRow(NamedTuple):
    """Wrong passwords in a row at one name, known or not, from strange or from one familiar place.

    Instants are Unix seconds UTC of the machine.
    """

    at_whom: bytes
    """Digest of name and place: what people type as a name may be a password."""
    failures: int
    locked_until: float
    last_at: float


class PeopleStore(Protocol):
    """Every method is one transaction and may block on the disk."""

    def people(self) -> list[PersonRow]:
        """All users, by identifier."""

    def person(self, person: str) -> PersonRow | None:
        """One user."""

    def grants(self, whose: str) -> list[GrantRow]:
        """Grants of ``user:ID`` or ``token:KEY``."""

    def save_person(self, row: PersonRow, grants: list[GrantRow] | None) -> None:
        """Keep a user; None leaves the grants as they are."""

    def delete_person(self, person: str) -> None:
        """Forget a user, with grants, sessions, tokens and links."""

    def guess(self, at_whom: bytes) -> GuessRow | None:
        """Wrong passwords in a row there."""

    def save_guess(self, row: GuessRow, most: int) -> None:
        """Keep it; of more than ``most`` the longest untouched are forgotten."""

    def forget_guesses(self, at_whom: list[bytes]) -> None:
        """A right password, or a link, ends the row."""

    def familiar(self, person: str) -> list[str]:
        """Addresses that a user came in from, the newest first."""

    def save_familiar(self, person: str, address: str, at: float, most: int) -> None:
        """A user came in from there; the newest ``most`` are kept."""

    def passes(self, kind: PassKind | None = None, person: str | None = None) -> list[PassRow]:
        """Sessions, tokens, links; the newest first."""

    def one_pass(self, digest: bytes) -> PassRow | None:
        """The one of a secret."""

    def save_pass(self, row: PassRow, grants: list[GrantRow] | None = None) -> None:
        """Keep it, anew or changed."""

    def touch_pass(self, digest: bytes, at: float) -> None:
        """It was used just now; one that was ended stays so."""

    def delete_over(self, now: float) -> None:
        """Forget what expired."""

    def take_pass(self, digest: bytes) -> PassRow | None:
        """Give it out and delete it, so that nobody gets it twice."""

    def delete_passes(self, digests: list[bytes]) -> None:
        """End these."""

    def add_approval(self, row: ApprovalRow) -> int:
        """Keep a new one; returns its number."""

    def approvals(self, *, only_open: bool, limit: int) -> list[ApprovalRow]:
        """The newest first."""

    def approval(self, number: int) -> ApprovalRow | None:
        """One of them."""

    def move_approval(self, row: ApprovalRow, state: str) -> bool:
        """Keep a decision where it still stands in ``state``; False where somebody was faster."""

    def add_audit(
        self,
        at: float,
        actor: str,
        via: str,
        address: str,
        action: str,
        subject: str,
        outcome: str,
        detail: str,
    ) -> AuditRow:
        """Append a line; its hash is made in the same transaction."""

    def audit(
        self, *, before: int | None = None, after: int | None = None, limit: int = 1000
    ) -> list[AuditRow]:
        """Lines below ``before``, the newest first; or above ``after``, the oldest first."""

    def audit_count(self) -> tuple[int, int]:
        """How many lines there are, and how many were ever written."""

    def anchored_head(self) -> Head | None:
        """The last line as the file beside the store has it."""
