"""Fixtures for every test: no asynchronous test may leave a task behind."""

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Generator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

# No test asserts a time: a slow machine is not a wrong one.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest_asyncio.fixture
async def task_watch(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Fail a test that leaves tasks running, and end them."""
    yield
    leaked = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    names = sorted(task.get_name() for task in leaked)
    for task in leaked:
        task.cancel()
    assert not leaked, f"{request.node.name} left tasks running: {names}"


@pytest.fixture(autouse=True)
def _no_leaked_tasks(request: pytest.FixtureRequest) -> None:
    function = getattr(request.node, "function", None)
    if inspect.iscoroutinefunction(function):
        request.getfixturevalue("task_watch")


_LONGEST_FIRST = ("tests/system", "tests/integration")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole systems first, the long ones: they mostly wait, and none is left over at the end."""

    def rank(item: pytest.Item) -> int:
        folders = enumerate(_LONGEST_FIRST)
        return next((n for n, one in folders if item.nodeid.startswith(one)), len(_LONGEST_FIRST))

    items.sort(key=rank)


OPTIONAL_DATA = "is not on this machine"
"""How the reason ends for skipping a test of data that does not come with the project."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In continuous integration nothing else is skipped: a skip there is a failure."""
    report = yield
    if report.skipped and "CI" in os.environ:
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if not reason.endswith(OPTIONAL_DATA):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped in continuous integration: {reason}"
    return report
