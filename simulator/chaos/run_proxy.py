"""One run of the proxy, from listening to the counts at its end."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import assert_never

from controller.wire.timebase import Timebase
from simulator.chaos.proxy import Proxy
from simulator.chaos.steps import Heal, Lasting, LinkStep, Messages, ProxyStep, Reset, Step
from simulator.supervision import listen, say

_PROGRESS_EVERY_S = 1.0


@dataclass(frozen=True)
class ProxyOptions:
    """What the user asked of a proxy."""

    listen: tuple[str, int]
    target: tuple[str, int]
    seed: int = 1
    steps: Sequence[ProxyStep] = ()
    ends_with_steps: bool = False
    """True: the run is over with its last step."""
    is_supervised: bool = False
    is_json: bool = False


class ProxySteps:
    """Carries steps out on a proxy, in machine seconds."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._loop = asyncio.get_running_loop()
        self._newest: dict[tuple[str, str], ProxyStep] = {}
        """By what it is wrong with and whose: a step's end must not end the step after it."""
        self.ends_at = self._loop.time()
        """Loop time at which all that is planned is over."""

    def add(self, step: ProxyStep) -> None:
        """Let a step happen in its time, counted from now."""
        self._later(step.at_s, lambda: self._begin(step))

    def _later(self, in_s: float, action: Callable[[], None]) -> None:
        self.ends_at = max(self.ends_at, self._loop.time() + in_s)
        if in_s:
            self._loop.call_later(in_s, action)
        else:
            action()

    def _begin(self, step: ProxyStep) -> None:
        proxy = self._proxy
        match step:
            case LinkStep():
                self._remember("link", step)
                proxy.put(step.fault(), step.clients)
            case Messages():
                self._remember("messages", step)
                proxy.trouble(step.trouble(), step.clients)
            case Heal():
                proxy.heal(step.clients)
            case Reset():
                proxy.reset(step.clients)
            case _:
                assert_never(step)
        if isinstance(step, Lasting) and step.for_s is not None:
            self._later(step.for_s, lambda: self._end(step))

    def _remember(self, what: str, step: LinkStep | Messages) -> None:
        if step.clients == "*":
            self._newest = {key: one for key, one in self._newest.items() if key[0] != what}
        self._newest[what, step.clients] = step

    def _end(self, step: LinkStep | Messages) -> None:
        what = "link" if isinstance(step, LinkStep) else "messages"
        if self._newest.get((what, step.clients)) is not step:
            return
        del self._newest[what, step.clients]
        if isinstance(step, LinkStep):
            self._proxy.mend(step.clients)
        else:
            self._proxy.leave(step.clients)


async def run_proxy(options: ProxyOptions) -> None:
    """Run until the steps are over, the parent says so, or a signal comes.

    Raises OSError where it cannot listen.
    """
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    host, port = options.listen
    proxy = Proxy(*options.target, listen_host=host, listen_port=port, seed=options.seed)
    async with proxy, asyncio.TaskGroup() as group:
        steps = ProxySteps(proxy)
        for step in options.steps:
            steps.add(step)
        tasks = [group.create_task(_report(proxy, options), name="chaos.progress")]
        if options.is_supervised:
            tasks.append(group.create_task(_obey(steps, ended), name="chaos.parent"))
        if options.ends_with_steps:
            tasks.append(group.create_task(_end_of(steps, ended), name="chaos.script"))
        await ended.wait()
        for task in tasks:
            task.cancel()
        _conclude(proxy, options)


async def _obey(steps: ProxySteps, ended: asyncio.Event) -> None:
    def take(step: Step) -> None:
        if isinstance(step, ProxyStep):
            steps.add(step)
        else:
            _complain(f"step {step.__struct_config__.tag} is for the street, not for the proxy")

    def pass_over(_: Timebase) -> None:
        """The proxy lives by the machine's time."""

    await listen(pass_over, take, _complain)
    ended.set()


async def _end_of(steps: ProxySteps, ended: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    # A step with an end moves the end of all when it begins.
    while (left_s := steps.ends_at - loop.time()) > 0:  # noqa: ASYNC110 - nobody tells of time
        await asyncio.sleep(left_s)
    ended.set()


async def _report(proxy: Proxy, options: ProxyOptions) -> None:
    if options.is_supervised:
        say("ready", port=proxy.port)
    else:
        host, port = options.target
        _complain(f"listening on {options.listen[0]}:{proxy.port} for {host}:{port}")
    while True:
        await asyncio.sleep(_PROGRESS_EVERY_S)
        if options.is_supervised:
            say("progress", **proxy.say())


def _conclude(proxy: Proxy, options: ProxyOptions) -> None:
    with suppress(BrokenPipeError):
        if options.is_supervised:
            say("summary", **proxy.say())
        elif options.is_json:
            print(json.dumps(proxy.say()), flush=True)
        else:
            lines = [f"{name.replace('_', ' '):<20}{count}" for name, count in proxy.say().items()]
            print("\n".join(lines), flush=True)


def _complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
