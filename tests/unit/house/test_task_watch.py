"""The fixture that fails on leaked tasks does fail."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


def test_a_leaked_task_fails_and_a_finished_one_does_not(pytester: pytest.Pytester) -> None:
    conftest = Path(__file__).parents[2] / "conftest.py"
    pytester.makeconftest(conftest.read_text(encoding="utf-8"))
    pytester.makepyfile(
        """
        import asyncio

        async def test_leaks():
            asyncio.create_task(asyncio.sleep(60), name="area.forgotten")

        async def test_is_tidy():
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(0))
        """
    )
    result = pytester.runpytest_subprocess("-p", "asyncio", "-o", "asyncio_mode=auto")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*test_leaks left tasks running: ?'area.forgotten'?*"])
