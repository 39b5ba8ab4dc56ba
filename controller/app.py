"""The composition root: the one place that picks adapters. Owns the task group."""

import asyncio
import contextlib
import gc
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from controller.adapters.certificates import Certificates
from controller.adapters.clock import MachineClock
from controller.adapters.inventory_process import read_apart
from controller.adapters.mqtt import MqttBus
from controller.adapters.mqtt_options import new_client_id, options_of
from controller.adapters.nats_broker import NatsBroker
from controller.adapters.oidc import OidcProvider
from controller.adapters.outlook_process import look
from controller.adapters.report_process import make_report, push_month
from controller.adapters.sd_notify import SystemdNotifier
from controller.adapters.service_socket import bind_local
from controller.config import EMBEDDED, ConsoleSettings, Settings
from controller.data_folder import no_inventory
from controller.errors import ConfigurationError, StoreError
from controller.pki.handed_out import register_of
from controller.pki.signing import open_signing
from controller.ports.store import Store
from controller.reports.push import endpoint
from controller.service.actions import Actions
from controller.service.control import Control
from controller.service.editing.desk import Desk
from controller.service.energy import Retention
from controller.service.leadership import instance_name
from controller.service.monthly_push import MonthlyPush
from controller.service.outlook import Outlook, OutlookWatch
from controller.service.people import Grant, People, Role, local_caller
from controller.service.people.audit_watch import watch_audit
from controller.web.access import access_of
from controller.web.actions import actions_app
from controller.web.api.app import console_app
from controller.web.api.context import Context
from controller.web.api.events import Events
from controller.web.base_map import BaseMap, base_map_of
from controller.web.doors import Doors
from controller.web.page import Beside
from controller.web.server import Tls, bind, serve, web_app
from controller.web.snapshot import HandedOut
from schedules import Language, Site
from schedules.energy.periods import Period

_log = logging.getLogger("lamplighter.app")

_DEAF_AFTER_MS = 30_000

Works = dict[str, Coroutine[Any, Any, None]]
"""What runs beside the controller, by the name of its task."""


@dataclass(frozen=True)
class Service:
    """A running service."""

    control: Control
    bus: MqttBus
    street_url: str
    """Where luminaires connect, with credentials where the embedded broker made them."""
    metrics_url: str
    console_url: str | None
    """Where the console and its API answer; None where they are off."""
    restart_wanted: asyncio.Event
    """Set where documents were put in force that only a new start can follow."""


@asynccontextmanager
async def running_service(
    settings: Settings, store: Store, clock: MachineClock, *, is_temporary: bool = False
) -> AsyncIterator[Service]:
    """Run the service for the site in ``store`` while the context is open.

    Leaving the context stops every task, saves, and ends the embedded broker. An error in
    any task cancels the body and is raised. An embedded broker outlives a killed service
    unless that ``is_temporary``.
    """
    async with AsyncExitStack() as stack:
        stack.callback(gc.unfreeze)
        stack.callback(gc.enable)
        gc.disable()  # until what a start builds is out of its sight
        site = await asyncio.to_thread(store.load_site)
        if site is None:
            raise ConfigurationError(no_inventory(settings.data))
        access = access_of(settings.web)
        listener = bind(settings.web.host, settings.web.port)
        stack.enter_context(contextlib.closing(listener))
        console = _console_listener(settings.console)
        base_map = base_map_of(settings.console) if settings.console.serve else None
        if console is not None:
            stack.enter_context(contextlib.closing(console))
        local = stack.enter_context(contextlib.closing(bind_local(settings.data)))
        site_id = site.inventory.city.id
        controller_url, street_url = await _broker(
            settings, site_id, stack, is_temporary=is_temporary
        )
        instance = instance_name()
        bus = MqttBus(options_of(settings.broker, new_client_id(site_id), controller_url))
        certificates = Certificates(
            broker_not_after=lambda: bus.broker_not_after,
            broker_client=settings.broker.certificate_file,
            console=settings.console.certificate_file if settings.console.serve else None,
        )
        register = register_of(settings.broker.issued_file, settings.data)

        def handed_out() -> HandedOut:
            return HandedOut() if register is None else HandedOut(*register.ends())

        notifier = SystemdNotifier.from_environment({} if is_temporary else os.environ)
        stack.callback(notifier.close)
        control = await asyncio.to_thread(
            _control,
            settings,
            site,
            bus,
            store,
            clock,
            notifier,
            instance,
            is_shared=not is_temporary,
        )
        group = await stack.enter_async_context(asyncio.TaskGroup())
        running = group.create_task(control.run(), name="app.control")
        restart_wanted = asyncio.Event()
        actions = Actions(control, store, None if is_temporary else restart_wanted.set)
        people = People.of(store.people(), time.time, lambda: control.site.inventory)
        await _begin(people, instance)
        console_url = None if console is None else _console_url(settings.console, console)
        doors = Doors(people=people)
        beside = Beside(certificates.not_after, handed_out, doors)
        entry = "" if console is None else await _entry(people, is_temporary=is_temporary)
        # From here on nothing waits: what is begun here is in the task group's hands at the end.
        works = {} if is_temporary else _works_of_its_own(settings, control, clock)
        works |= {
            "web": serve(web_app(control, clock, access, beside), listener),
            "audit": watch_audit(people.audit),
            "actions": serve(actions_app(actions, people, console_url), local),
            "collector": _spare_collector(control),
        }
        if console is not None:
            here = _console_context(settings, control, clock, store, actions, people, base_map)
            works |= _console_works(settings.console, here, doors, console)
        tasks = [group.create_task(work, name=f"app.{name}") for name, work in works.items()]
        try:
            yield Service(
                control,
                bus,
                street_url,
                f"{_url('http', listener)}/metrics",
                None if console_url is None else console_url + entry,
                restart_wanted,
            )
        finally:
            if restart_wanted.is_set():
                notifier.reloading()  # the same process begins anew
            else:
                notifier.stopping()
            for task in (*tasks, running):
                task.cancel()


def _control(
    settings: Settings,
    site: Site,
    bus: MqttBus,
    store: Store,
    clock: MachineClock,
    notifier: SystemdNotifier,
    instance: str,
    *,
    is_shared: bool,
) -> Control:
    """The controller as the settings want it. Reads the store."""
    return Control(
        site,
        bus,
        store,
        clock,
        pass_every_s=settings.control.pass_every_s,
        qos=settings.broker.subscribe_qos,
        keep_alarms_days=settings.alarms.keep_days,
        notifier=notifier,
        instance=instance,
        shares_site=is_shared,
        backs_up=is_shared,
        signing=open_signing(settings.signing),
        retention=Retention(
            settings.energy.keep_quarters_days,
            settings.energy.keep_hours_days,
            settings.energy.keep_nights_days,
        ),
    )


def _works_of_its_own(settings: Settings, control: Control, clock: MachineClock) -> Works:
    """What a service that stays does without being asked."""
    time_zone = control.site.time_zone
    pushing = _monthly_push(settings, time_zone, clock, lambda: control.leader.is_active)
    works: Works = {"outlook": _outlook_watch(settings, control, clock).run()}
    if pushing is not None:
        works["reports"] = pushing.run()
    return works


def _console_context(
    settings: Settings,
    control: Control,
    clock: MachineClock,
    store: Store,
    actions: Actions,
    people: People,
    base_map: BaseMap | None,
) -> Context:
    most = settings.console.approval_above_luminaires
    desk = Desk(control, actions, people.approvals, clock, most_luminaires=most)

    async def report(period: Period, district: str | None, form: str, language: Language) -> bytes:
        return await make_report(settings.data, clock.now(), period, district, form, language)

    return Context(
        control,
        clock,
        store,
        actions,
        people,
        desk,
        read_file=partial(read_apart, settings.data),
        is_secure=settings.console.has_tls or settings.console.behind_proxy,
        make_report=report,
        sign_in=None if settings.oidc.issuer is None else OidcProvider(settings.oidc),
        base_map=base_map,
    )


def _console_works(
    console: ConsoleSettings, here: Context, doors: Doors, listener: socket.socket
) -> Works:
    app = console_app(here, doors)
    events: Events = app.state.events
    return {
        "console": serve(app, listener, _tls(console), is_behind_proxy=console.behind_proxy),
        "events": events.run(),
        "energy-sums": here.energy_sums.run(),
    }


async def _begin(people: People, instance: str) -> None:
    """Tell the audit log of the start. A disk without room keeps no street dark."""
    try:
        await people.approvals.begin()
        await people.audit.write(local_caller(""), "start service", instance)
    except StoreError as error:
        _log.error("the start is not in the audit log: %s", error)


async def _entry(people: People, *, is_temporary: bool) -> str:
    """The way in for the first person, once: the rest of the console's address; else empty."""
    try:
        return await _way_in(people, is_temporary=is_temporary)
    except StoreError as error:
        _log.error("nobody can be let into the console: %s", error)
        return ""


async def _way_in(people: People, *, is_temporary: bool) -> str:
    if is_temporary:
        machine, admin = local_caller("demo"), [Grant(Role.ADMIN)]
        link = await people.directory.invite(machine, "demo", "Demo", admin)
        return f"/#/enter/{link.secret}"
    first = await people.directory.first_link()
    return "" if first is None else f"/#/setup/{first.secret}"


def _console_listener(console: ConsoleSettings) -> socket.socket | None:
    if not console.serve:
        return None
    listener = bind(console.host, console.port, "--console, or [console] in the settings")
    # One that takes nothing is cut off by the kernel: what is sent to it must not pile up.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAF_AFTER_MS)
    return listener


def _tls(console: ConsoleSettings) -> Tls | None:
    if console.certificate_file is None or console.key_file is None:
        return None
    return Tls(console.certificate_file, console.key_file)


def _console_url(console: ConsoleSettings, listener: socket.socket) -> str:
    return _url("https" if console.has_tls else "http", listener)


def _url(scheme: str, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


async def _spare_collector(control: Control) -> None:
    """Take what a start builds for good out of the garbage collector's sight.

    It would look through millions of objects again and again, a fifth of a second each time at
    100,000 luminaires, and hold the loop up meanwhile: 1.5 s of a start.
    """
    await asyncio.to_thread(gc.collect)
    gc.freeze()
    gc.enable()
    await control.is_ready.wait()
    gc.freeze()


async def _broker(
    settings: Settings, site_id: str, stack: AsyncExitStack, *, is_temporary: bool
) -> tuple[str, str]:
    """URLs for the controller and for the street; starts the embedded broker where asked."""
    if settings.broker.url != EMBEDDED:
        return settings.broker.url, settings.broker.url
    broker = await stack.enter_async_context(
        NatsBroker(
            settings.data / "broker",
            site_id,
            port=settings.broker.embedded_port,
            outlives_us=not is_temporary,
        )
    )
    return broker.url, broker.street_url


def _monthly_push(
    settings: Settings, time_zone: ZoneInfo, clock: MachineClock, leads: Callable[[], bool]
) -> MonthlyPush | None:
    """What sends the month's reports; None where the settings name no platform."""
    wanted = settings.report_push
    if wanted.url is None or wanted.key_file is None:
        return None
    # A wrong address or key is said at the start, not in a month.
    endpoint(wanted.url, wanted.key_file, wanted.ca_file)

    async def send(month: Period) -> str | None:
        return await push_month(wanted, settings.data, month)

    return MonthlyPush(send, clock, time_zone, wanted.day_of_month, leads)


def _outlook_watch(settings: Settings, control: Control, clock: MachineClock) -> OutlookWatch:
    """What looks where targets are heading, once a night and after other documents."""

    async def look_now() -> list[Outlook]:
        return await look(settings.data, clock.now())

    def cause() -> tuple[object, ...] | None:
        plan, night = control.site.plan, control.energy.last_night
        if not plan.targets:
            return None
        return plan.targets, plan.programs, night and night.control_day

    def found(outlooks: tuple[Outlook, ...]) -> None:
        control.outlooks = outlooks

    return OutlookWatch(look_now, cause, found)
