"""In continuous integration a skipped test is a failed test."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(("ci", "outcomes"), [("true", (1, 1)), (None, (2, 0))])
def test_a_skip_fails_in_continuous_integration(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    ci: str | None,
    outcomes: tuple[int, int],
) -> None:
    monkeypatch.delenv("CI", raising=False)
    if ci is not None:
        monkeypatch.setenv("CI", ci)
    conftest = Path(__file__).parents[2] / "conftest.py"
    pytester.makeconftest(conftest.read_text(encoding="utf-8"))
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.skip(reason="no time today")
        def test_is_forgotten():
            assert False

        @pytest.mark.skip(reason="the table is not on this machine")
        def test_needs_more_data():
            assert False
        """
    )
    result = pytester.runpytest_subprocess("-p", "asyncio")
    skipped, failed = outcomes
    result.assert_outcomes(skipped=skipped, errors=failed)
