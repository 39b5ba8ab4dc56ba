"""What one look found."""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """How bad it is: ``fail`` keeps the service from its work, ``warn`` will one day."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(NamedTuple):
    """One line of the doctor's."""

    name: str
    verdict: Verdict
    detail: str
    """What is so."""
    advice: str = ""
    """What to do; empty where nothing is."""


def ok(name: str, detail: str) -> Finding:
    """All is well."""
    return Finding(name, Verdict.OK, detail)


def warn(name: str, detail: str, advice: str) -> Finding:
    """It works today."""
    return Finding(name, Verdict.WARN, detail, advice)


def fail(name: str, detail: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(name, Verdict.FAIL, detail, advice)
