"""What is told of documents of the street that are wrong, in English and Chinese."""

from collections.abc import Mapping
from typing import Final

from zones.said import Catalogue, Said

SAY: Final = Catalogue(
    {
        "time_zone": (
            "{value!r} is no IANA time zone; one such is 'Asia/Shanghai'",
            "{value!r} 不是 IANA 时区；例如 'Asia/Shanghai'",
        ),
        "curve": (
            "levels {levels} must rise strictly from 0 to 100",
            "亮度 {levels} 须从 0 严格递增到 100",
        ),
        "twice": (
            "{kind} {id!r} stands twice; identifiers are unique within a kind",
            "{kind} {id!r} 重复出现；同类编号不能重复",
        ),
        "dangling": (
            "{kind} {id!r}: {field} {value!r} is not in the inventory",
            "{kind} {id!r}：{field} {value!r} 不在灯具资产中",
        ),
    }
)

_THINGS: Final[Mapping[str, str]] = {
    "assignment": "日历分配",
    "baseline": "能耗基准",
    "cabinet": "控制柜",
    "calendar": "日历",
    "category": "类别",
    "city": "全市",
    "district": "区",
    "emission factor": "排放因子",
    "feeder": "回路",
    "gateway": "网关",
    "inside": "上级区",
    "lamp type": "灯具类型",
    "lamp_type": "灯具类型",
    "limit": "亮度限值",
    "luminaire": "灯具",
    "override": "临时控制",
    "program": "照明程序",
    "rule": "传感器规则",
    "target": "节能目标",
    "tariff": "电价",
    "zone": "分区",
}


def thing_said(thing: str) -> Said:
    """A kind of things, one of them; itself where it has no other name."""
    return Said(thing, _THINGS.get(thing, thing))
