"""Alarms in words, Chinese and English. Owns the words; what they mean is in `alarm_types`."""

from typing import Final

from controller.engine.alarm_types import AlarmType, Scope, Severity
from schedules import Language

_TYPES: Final[dict[AlarmType, tuple[str, str]]] = {
    AlarmType.COMMUNICATION_FAILURE: ("通信中断", "communication failure"),
    AlarmType.WRONG_CLOCK: ("时钟错误", "wrong clock"),
    AlarmType.LAMP_FAILURE: ("灯具故障", "lamp failure"),
    AlarmType.DAY_BURNER: ("白天亮灯", "day burner"),
    AlarmType.DIMMING_FAILURE: ("调光故障", "dimming failure"),
    AlarmType.CYCLING: ("频繁启闭", "cycling"),
    AlarmType.POWER_RANGE: ("功率异常", "power off range"),
    AlarmType.NOT_FOLLOWING: ("不执行指令", "not following"),
    AlarmType.STALE_PROGRAM: ("程序过期", "stale program"),
    AlarmType.BROKER_DOWN: ("消息服务器断开", "broker down"),
    AlarmType.STORE_FAILING: ("存储写入失败", "store failing"),
    AlarmType.CLOCK_STEPPED: ("系统时钟跳变", "clock stepped"),
    AlarmType.CLOCK_DRIFTING: ("系统时钟漂移", "clock drifting"),
    AlarmType.CLOCK_NOT_TRUSTED: ("系统时钟不可信", "clock not trusted"),
    AlarmType.CONTROL_LATE: ("控制循环滞后", "control late"),
    AlarmType.TWO_CONTROLLERS: ("存在两个控制器", "two controllers"),
    AlarmType.DOCUMENTS_DIFFER: ("配置与主控制器不一致", "documents differ"),
}
_SEVERITIES: Final[dict[Severity, tuple[str, str]]] = {
    Severity.CRITICAL: ("紧急", "critical"),
    Severity.WARNING: ("警告", "warning"),
    Severity.INFO: ("提示", "info"),
}
_SCOPES: Final[dict[Scope, tuple[str, str]]] = {
    Scope.CITY: ("全市", "city"),
    Scope.CABINET: ("配电箱", "cabinet"),
    Scope.GATEWAY: ("网关", "gateway"),
    Scope.FEEDER: ("回路", "feeder"),
    Scope.ZONE: ("分区", "zone"),
    Scope.LUMINAIRE: ("灯具", "luminaire"),
    Scope.SERVICE: ("控制服务", "service"),
}


def type_name(kind: AlarmType, language: Language) -> str:
    """Name of an alarm type."""
    return _pick(_TYPES[kind], language)


def severity_name(severity: Severity, language: Language) -> str:
    """Name of a severity."""
    return _pick(_SEVERITIES[severity], language)


def scope_name(scope: Scope, language: Language) -> str:
    """Name of what an alarm is about."""
    return _pick(_SCOPES[scope], language)


def _pick(words: tuple[str, str], language: Language) -> str:
    return words[0] if language is Language.CHINESE else words[1]
