"""The port to what people have begun: work orders, rollouts, inventories read from files."""

from typing import NamedTuple, Protocol


class WorkOrderRow(NamedTuple):
    """Who goes out to repair what. Instants are Unix seconds UTC."""

    number: int
    """From 1; 0 for one that is not kept yet."""
    title: str
    state: str
    """``open``, ``in_progress``, ``done``, ``cancelled``."""
    alarm: int | None
    luminaires: str
    """JSON: a list of identifiers."""
    zone: str
    """Empty for none."""
    assignee: str
    note: str
    created_at: float
    created_by: str
    changed_at: float
    version: int
    """Rises with each change."""


class WorkOrderStep(NamedTuple):
    """One change of a work order."""

    at: float
    author: str
    state: str
    assignee: str
    note: str


class RolloutRow(NamedTuple):
    """A new plan that comes into force in stages. Instants are Unix seconds UTC."""

    number: int
    state: str
    """``running``, ``done``, ``aborted``."""
    base: int
    """Revision of the documents that it began with."""
    plan: bytes
    """The plan after the last stage, JSON, zlib."""
    stages: str
    """JSON: for each stage the districts that it reaches."""
    reached: int
    """Stages in force."""
    revision: int
    """Revision of the last stage that was put in force."""
    comment: str
    author: str
    started_at: float
    changed_at: float


class ImportRow(NamedTuple):
    """An inventory read from a file, to be put in force. Instants are Unix seconds UTC."""

    number: int
    state: str
    """``read``, ``applied``."""
    base: int
    """Revision of the documents that it was compared with."""
    inventory: bytes
    """JSON, zlib."""
    report: str
    """JSON: what was found in the file."""
    author: str
    made_at: float
    revision: int | None
    """Revision that it was put in force as."""


class WorkStore(Protocol):
    """Every method is one transaction and may block on the disk."""

    def add_work_order(
        self, row: WorkOrderRow, step: WorkOrderStep, intent: bytes | None = None
    ) -> int:
        """Keep a new one with its first step; returns its number.

        Of the same ``intent`` there is one: that one's number is returned.
        """

    def work_orders(self) -> list[WorkOrderRow]:
        """All of them, the newest first."""

    def work_order(self, number: int) -> WorkOrderRow | None:
        """One of them."""

    def work_order_steps(self, numbers: list[int]) -> dict[int, list[WorkOrderStep]]:
        """Steps by work order, the oldest first."""

    def change_work_order(self, row: WorkOrderRow, step: WorkOrderStep) -> bool:
        """Keep a change where its version is one above the one kept; False where it is not."""

    def add_rollout(self, row: RolloutRow) -> int | None:
        """Keep a new one; None where another is running."""

    def rollouts(self, limit: int) -> list[RolloutRow]:
        """The newest first."""

    def rollout(self, number: int) -> RolloutRow | None:
        """One of them."""

    def move_rollout(self, row: RolloutRow, reached: int) -> bool:
        """Keep a stage where the rollout still runs and has ``reached`` stages in force."""

    def delete_rollout(self, number: int) -> None:
        """Forget one of which no stage ever was in force."""

    def add_import(self, row: ImportRow, most: int) -> int:
        """Keep a new one; of those that were only read the oldest above ``most`` go."""

    def one_import(self, number: int) -> ImportRow | None:
        """One of them."""

    def imports(self, limit: int) -> list[ImportRow]:
        """The newest first, without their inventories."""

    def import_applied(self, number: int, revision: int) -> None:
        """It was put in force; its inventory stands among the documents now."""
