"""Reasons in words, Chinese and English.

Owns the sentences. What they mean is in `schedules.reasons`; times are worded in the
site's zone.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from schedules.anchor_wording import anchor_words, local_words, never_words
from schedules.reasons import Reason, ReasonCode, Value
from zones.said import Language, Said, text_in
from zones.sentences import thing_said

__all__ = ["Language", "reason_text"]


_SENTENCES: dict[Language, dict[ReasonCode, str]] = {
    Language.ENGLISH: {
        ReasonCode.ASSIGNMENT: "follows calendar {calendar}, assigned to {layer} {target}",
        ReasonCode.NO_CALENDAR: "no calendar is assigned: lit at the failsafe level {level} %",
        ReasonCode.CALENDAR_RULE: (
            "control day {control_day}: rule '{rule}'{matched}, program {program}"
        ),
        ReasonCode.CALENDAR_DEFAULT: "control day {control_day}: default program {program}",
        ReasonCode.CALENDAR_UNKNOWN: (
            "control day {control_day}: not known whether rule '{rule}' of calendar {calendar} "
            "applies, its holidays are not in the data; taken as not"
        ),
        ReasonCode.WINDOW_LIT: "lit from {on} to {off}",
        ReasonCode.WINDOW_DARK: "dark: the lit window runs from {on} to {off}",
        ReasonCode.WINDOW_EMPTY: "no burn this control day: on {on} is not before off {off}",
        ReasonCode.EXTINGUISH: "part-night: extinguished from {start} to {end}",
        ReasonCode.MIN_BURN: "not switched on: the stretch is shorter than {min_burn_s} s",
        ReasonCode.BASE_LEVEL: "no step yet: base level {level} %",
        ReasonCode.STEP: "step {step} at {step_time}: level {level} %{asked}{ramp}",
        ReasonCode.RULE: (
            "rule {rule}: {reading} {value} of sensor {sensor} is {side} {bound}, "
            "{action} {from} % to {to} %"
        ),
        ReasonCode.SENSOR_IGNORED: "rule {rule}: sensor {sensor} is ignored, {trust}",
        ReasonCode.FLOOR: "raised from {from} % to the floor {to} % of {layer} {target}{why}",
        ReasonCode.CEILING: "cut from {from} % to the ceiling {to} % of {layer} {target}{why}",
        ReasonCode.CONSTANT_LIGHT: (
            "constant light output: the lamp is new enough for {scale} of its level, "
            "{from} % becomes {to} %"
        ),
        ReasonCode.OVERRIDE: (
            "{kind} override {override} by {author}: {says}, {start_at} to {end_at} ({reason})"
        ),
    },
    Language.CHINESE: {
        ReasonCode.ASSIGNMENT: "执行日历 {calendar}（分配于{layer} {target}）",
        ReasonCode.NO_CALENDAR: "未分配日历：按故障安全亮度 {level} % 亮灯",
        ReasonCode.CALENDAR_RULE: ("控制日 {control_day}：规则“{rule}”{matched}选用程序 {program}"),
        ReasonCode.CALENDAR_DEFAULT: "控制日 {control_day}：无规则命中，默认程序 {program}",
        ReasonCode.CALENDAR_UNKNOWN: (
            "控制日 {control_day}：节假日数据缺失，无法确定日历 {calendar} 的规则“{rule}”"
            "是否适用，按不适用处理"
        ),
        ReasonCode.WINDOW_LIT: "亮灯时段 {on} 至 {off}",
        ReasonCode.WINDOW_DARK: "熄灯：亮灯时段为 {on} 至 {off}",
        ReasonCode.WINDOW_EMPTY: "本控制日不亮灯：开灯 {on} 不早于关灯 {off}",
        ReasonCode.EXTINGUISH: "半夜灯：{start} 至 {end} 熄灭",
        ReasonCode.MIN_BURN: "不开灯：该时段短于 {min_burn_s} 秒",
        ReasonCode.BASE_LEVEL: "尚无调光点生效：基础亮度 {level} %",
        ReasonCode.STEP: "第 {step} 个调光点 {step_time}：亮度 {level} %{asked}{ramp}",
        ReasonCode.RULE: (
            "规则 {rule}：传感器 {sensor} 的 {reading} 为 {value}，{side} {bound}，"
            "{action}：由 {from} % 变为 {to} %"
        ),
        ReasonCode.SENSOR_IGNORED: "规则 {rule}：忽略传感器 {sensor}（{trust}）",
        ReasonCode.FLOOR: "由 {from} % 提高到{layer} {target} 的下限 {to} %{why}",
        ReasonCode.CEILING: "由 {from} % 降低到{layer} {target} 的上限 {to} %{why}",
        ReasonCode.CONSTANT_LIGHT: (
            "恒流明输出：灯具光衰未到终值，亮度乘以 {scale}，由 {from} % 变为 {to} %"
        ),
        ReasonCode.OVERRIDE: (
            "{kind}指令 {override}（{author}）：{says}，{start_at} 至 {end_at}（{reason}）"
        ),
    },
}

_NO_BURN = {
    Language.ENGLISH: "no burn this control day: {}",
    Language.CHINESE: "本控制日不亮灯：{}",
}

_WORDS: dict[str, str] = {
    "emergency": "应急",
    "maintenance": "检修",
    "operator": "值班",
    "event": "活动",
    "above": "高于",
    "below": "低于",
    "set": "设定",
    "max": "取高",
    "min": "取低",
    "add": "增减",
    "silent": "从未上报",
    "stale": "数据过期",
    "implausible": "数值不可信",
    "stuck": "数值停滞",
    "polar_day": "极昼",
    "polar_night": "极夜",
}


def reason_text(reason: Reason, time_zone: ZoneInfo, language: Language = Language.ENGLISH) -> str:
    """One sentence; times are local with month and day."""
    params = reason.params
    words: dict[str, str] = {key: _plain(value) for key, value in params.items()}
    for prefix, name in (("on", "on"), ("off", "off"), ("step", "step_time")):
        if f"{prefix}_anchor" in params:
            words[name] = anchor_words(params, prefix, time_zone, language)
    for key in ("start", "end"):
        if isinstance(params.get(key), int):
            words[key] = _local(params[key], time_zone)
    for key in ("start_at", "end_at"):
        if isinstance(params.get(key), int):
            words[key] = _local(params[key], time_zone)
    for key in ("layer", "kind", "side", "action", "trust"):
        if key in words:
            words[key] = text_in(word_said(words[key]), language)
    if reason.code is ReasonCode.CALENDAR_RULE:
        words["matched"] = _matched(params, language)
    if reason.code is ReasonCode.STEP:
        words["asked"] = _asked(params, language)
        words["ramp"] = _ramp(params, language)
    if "why" in words:
        words["why"] = _in_parentheses(words["why"], language)
    if reason.code is ReasonCode.OVERRIDE:
        words["says"] = _says(params, language)
    if reason.code is ReasonCode.WINDOW_EMPTY:
        never = never_words(params, language)
        if never is not None:
            return _NO_BURN[language].format(never)
    text = _SENTENCES[language][reason.code].format(**words)
    # A full-width parenthesis brings its own space.
    return text.replace("） ", "）")


def _plain(value: Value) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def word_said(word: str) -> Said:
    """A word of a reason: a layer, an override's kind, what a rule does."""
    return Said(word, _WORDS[word]) if word in _WORDS else thing_said(word)


def _local(at: Value, time_zone: ZoneInfo) -> str:
    return local_words(at, time_zone) if isinstance(at, int) else _plain(at)


def _in_parentheses(text: str, language: Language) -> str:
    if not text:
        return ""
    return f"（{text}）" if language is Language.CHINESE else f" ({text})"


def _ramp(params: Mapping[str, Value], language: Language) -> str:
    seconds = _plain(params.get("ramp_s"))
    if seconds in {"", "0"}:
        return ""
    return f"，渐变 {seconds} 秒" if language is Language.CHINESE else f", ramp {seconds} s"


def _matched(params: Mapping[str, Value], language: Language) -> str:
    is_chinese = language is Language.CHINESE
    matched = _plain(params.get("matched_zh" if is_chinese else "matched_en"))
    return _in_parentheses(matched, language)


def _asked(params: Mapping[str, Value], language: Language) -> str:
    lx = params.get("asked_lx")
    if lx is None:
        return ""
    asked, full = _plain(lx), _plain(params.get("full_lx"))
    name = _plain(params.get("asked_class"))
    if language is Language.CHINESE:
        of = f"（满亮度 {full} lx）" if full else "（分区照度未知，不调光）"
        return f"，需 {f'{name} ' if name else ''}{asked} lx{of}"
    of = f"of {full} lx at full level" if full else "where the zone's light is not known"
    return f" for {f'{name}, ' if name else ''}{asked} lx {of}"


def _says(params: Mapping[str, Value], language: Language) -> str:
    if params["program"]:
        program = _plain(params["program"])
        return f"程序 {program}" if language is Language.CHINESE else f"program {program}"
    level = _plain(params["level"])
    return f"亮度 {level} %" if language is Language.CHINESE else f"level {level} %"
