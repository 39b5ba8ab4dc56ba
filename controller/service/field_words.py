"""What would be right where pydantic found a field wrong, in English and Chinese."""

from collections.abc import Mapping
from typing import Any, Final

from zones.said import Catalogue, Said, fault_of

EXPECTED: Final = Catalogue(
    {
        "missing": ("this field is required", "此项必填"),
        "extra_forbidden": ("no such field; leave it out", "没有此项，请删去"),
        "union_tag_invalid": ("one of {expected_tags}", "以下之一：{expected_tags}"),
        "union_tag_not_found": ("an object with {discriminator}", "含 {discriminator} 的对象"),
        "multiple_of": ("a multiple of {multiple_of}", "{multiple_of} 的整数倍"),
        "tuple_type": ("a list", "列表"),
        "set_type": ("a list", "列表"),
        "frozen_set_type": ("a list", "列表"),
        "time_parsing": ("a time of day, such as 22:00", "钟点，如 22:00"),
        "time_type": ("a time of day, such as 22:00", "钟点，如 22:00"),
        "date_from_datetime_inexact": ("a date, such as 2026-11-22", "日期，如 2026-11-22"),
        "datetime_type": (
            "an instant with its zone, such as 2026-11-22T12:00:00Z",
            "带时区的时刻，如 2026-11-22T12:00:00Z",
        ),
        "int_parsing": ("an integer", "整数"),
        "int_type": ("an integer", "整数"),
        "int_from_float": ("an integer", "整数"),
        "float_parsing": ("a number", "数字"),
        "float_type": ("a number", "数字"),
        "finite_number": ("a finite number", "有限的数字"),
        "bool_parsing": ("true or false", "true 或 false"),
        "bool_type": ("true or false", "true 或 false"),
        "string_type": ("text", "文本"),
        "string_too_short": ("at least {min_length} characters", "至少 {min_length} 个字符"),
        "string_too_long": ("at most {max_length} characters", "至多 {max_length} 个字符"),
        "string_pattern_mismatch": ("text that matches {pattern}", "符合 {pattern} 的文本"),
        "greater_than": ("more than {gt}", "大于 {gt}"),
        "greater_than_equal": ("{ge} or more", "不小于 {ge}"),
        "less_than": ("less than {lt}", "小于 {lt}"),
        "less_than_equal": ("{le} or less", "不大于 {le}"),
        "enum": ("one of {expected}", "以下之一：{expected}"),
        "literal_error": ("one of {expected}", "以下之一：{expected}"),
        "date_from_datetime_parsing": ("a date, such as 2026-11-22", "日期，如 2026-11-22"),
        "date_parsing": ("a date, such as 2026-11-22", "日期，如 2026-11-22"),
        "date_type": ("a date, such as 2026-11-22", "日期，如 2026-11-22"),
        "datetime_parsing": (
            "an instant with its zone, such as 2026-11-22T12:00:00Z",
            "带时区的时刻，如 2026-11-22T12:00:00Z",
        ),
        "datetime_from_date_parsing": (
            "an instant with its zone, such as 2026-11-22T12:00:00Z",
            "带时区的时刻，如 2026-11-22T12:00:00Z",
        ),
        "timezone_aware": (
            "an instant with its zone, such as 2026-11-22T12:00:00Z",
            "带时区的时刻，如 2026-11-22T12:00:00Z",
        ),
        "list_type": ("a list", "列表"),
        "too_long": ("at most {max_length} entries", "至多 {max_length} 项"),
        "too_short": ("at least {min_length} entries", "至少 {min_length} 项"),
        "dict_type": ("an object", "对象"),
        "model_type": ("an object", "对象"),
        "model_attributes_type": ("an object", "对象"),
    }
)


def expected_of(error: Mapping[str, Any]) -> Said:
    """What would be right in a field; empty where its fault says it."""
    kind = str(error.get("type", ""))
    if kind not in EXPECTED.sentences:
        return Said("", "")
    try:
        return EXPECTED(kind, **(error.get("ctx") or {}))
    except (KeyError, IndexError):
        return Said(*EXPECTED.sentences[kind])


def detail_of(error: Mapping[str, Any]) -> str:
    """What is wrong with a field."""
    told, expected = fault_of(error), expected_of(error)
    if isinstance(told, Said):
        return told
    return Said(told, f"应为：{expected.chinese}" if expected else f"此项有误：{told}")
