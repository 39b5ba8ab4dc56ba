"""Fixtures for every test: no asynchronous test may leave a task behind."""

import asyncio
import inspect
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio


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
