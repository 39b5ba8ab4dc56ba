"""What the routes of the API work with; handed in by the composition root."""

from starlette.requests import HTTPConnection

from controller.ports.clock import Clock
from controller.ports.reports import ReportMaker
from controller.ports.sign_in import SignIn
from controller.ports.store import Store
from controller.service.actions import Actions
from controller.service.control import Control
from controller.service.editing.desk import Desk
from controller.service.editing.imports import FileReader, Imports
from controller.service.editing.rollouts import Rollouts
from controller.service.energy_sums import EnergySumsWatch
from controller.service.people import People
from controller.service.street_states import StatesWatch
from controller.service.work_orders import WorkOrders
from controller.web.api.pending import PendingSignIns
from controller.web.api.planning import Planning
from controller.web.api.report_shelf import ReportShelf
from controller.web.api.shapes import Shapes
from controller.web.api.street_index import StreetIndexes
from controller.web.api.turns import Turns
from controller.web.base_map import BaseMap


class Context:
    """One running service, as the API sees it.

    ``is_secure``: readers come by TLS, the service's own or a proxy's.
    """

    def __init__(
        self,
        control: Control,
        clock: Clock,
        store: Store,
        actions: Actions,
        people: People,
        desk: Desk,
        *,
        read_file: FileReader,
        is_secure: bool = False,
        make_report: ReportMaker | None = None,
        sign_in: SignIn | None = None,
        base_map: BaseMap | None = None,
    ) -> None:
        self.control = control
        self.clock = clock
        self.store = store
        self.actions = actions
        self.people = people
        self.desk = desk
        self.turns = Turns()
        self.rollouts = Rollouts(control, actions, people.approvals, desk, store, clock)
        self.imports = Imports(control, actions, people.approvals, desk, store, clock, read_file)
        self.work_orders = WorkOrders(store.work(), clock.now)
        self.is_secure = is_secure
        self.sign_in = sign_in
        """Somebody who vouches for people; None: nobody does."""
        self.sign_ins = PendingSignIns()
        self.base_map = base_map
        self.shapes = Shapes()
        self.street = StreetIndexes()
        self.states = StatesWatch(control, clock)
        self.planning = Planning()
        self.energy_sums = EnergySumsWatch(control, store, clock)
        self.reports = ReportShelf(make_report, clock)

    async def revision(self) -> int:
        """Revision of the documents in force; 0 for documents that were never saved as one."""
        return await self.actions.revision()


def context(connection: HTTPConnection) -> Context:
    """The context of the app that answers; a dependency of routes."""
    found: Context = connection.app.state.context
    return found
