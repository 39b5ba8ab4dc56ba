"""The whole API as it describes itself, against whatever fits the description or does not."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from controller.web.api.app import routed_app
from controller.web.api.openapi import description
from schedules import Language
from schedules.energy.periods import Period
from tests.fakes.console_house import ConsoleHouse, a_console
from tests.fakes.serving_house import ServingHouse, served

AnyCase: TypeAlias = "schemathesis.Case[Any]"


async def any_report(period: Period, district: str | None, form: str, language: Language) -> bytes:
    return b"{}"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingHouse]:
    def opened() -> AbstractAsyncContextManager[ConsoleHouse]:
        folder: Path = tmp_path_factory.mktemp("console")
        return a_console(folder, make_report=any_report)

    with served(opened) as house:
        yield house


@pytest.fixture
def token(house: ServingHouse) -> str:
    """One for each operation: some of them end it."""
    return house.token()


schema = schemathesis.openapi.from_dict(description(routed_app()))
# A stream of events has no end.
FINITE = schema.exclude(path="/api/v1/events")


HONEST = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
KNOWN: dict[str, object] = {
    "zone_id": "a",
    "luminaire_id": "a1",
    "kind": "programs",
    "key": "night",
    "number": 1,
}
"""What the small city has, by the names of parameters of paths."""


def answers_as_described(case: AnyCase, house: ServingHouse, token: str) -> None:
    case.call_and_validate(
        base_url=house.url,
        headers={"Authorization": f"Bearer {token}"},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )


@FINITE.parametrize()
@HONEST
def test_every_operation_answers_as_described(
    case: AnyCase, house: ServingHouse, token: str
) -> None:
    answers_as_described(case, house, token)


@FINITE.include(method="GET", path_regex=r"\{").parametrize()
@HONEST
def test_what_there_is_is_read_as_described(case: AnyCase, house: ServingHouse, token: str) -> None:
    known = {name: KNOWN.get(name, value) for name, value in case.path_parameters.items()}
    case.path_parameters.update(known)
    answers_as_described(case, house, token)
