"""Alarms as data for machines: the console, the command line, other programs."""

from datetime import UTC, datetime
from typing import Any

from controller.ports.alarms import Alarm


def alarm_data(alarm: Alarm) -> dict[str, Any]:
    """One alarm as a JSON object; instants are ISO 8601, UTC, null for not yet."""
    acknowledgement = alarm.acknowledgement
    return {
        "id": alarm.id,
        "type": alarm.type.value,
        "severity": alarm.severity.value,
        "scope": alarm.scope.value,
        "subject": alarm.subject,
        "began": _utc(alarm.began_at),
        "raised": _utc(alarm.raised_at),
        "cleared": None if alarm.cleared_at is None else _utc(alarm.cleared_at),
        "ending": None if alarm.ending is None else alarm.ending.value,
        "affected": alarm.affected,
        "worst": alarm.worst,
        "total": alarm.total,
        "detail": alarm.detail,
        "acknowledged": None if acknowledgement is None else _utc(acknowledgement.at),
        "acknowledged_by": None if acknowledgement is None else acknowledgement.author,
        "note": None if acknowledgement is None else acknowledgement.note,
    }


def _utc(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
