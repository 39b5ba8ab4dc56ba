"""Reasons of a level, as data and in the reader's language."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from schedules import Language, Reason, reason_text


class ReasonModel(BaseModel):
    """One link of the chain. Instants among the parameters are Unix seconds UTC."""

    code: str
    params: dict[str, Any]
    text: str


def reason_models(
    reasons: Sequence[Reason], time_zone: ZoneInfo, language: Language
) -> list[ReasonModel]:
    """A chain of reasons."""
    return [
        ReasonModel(
            code=one.code.value,
            params=dict(one.params),
            text=reason_text(one, time_zone, language),
        )
        for one in reasons
    ]
