"""What rights, documents and other things are called, in English and Chinese.

The English name is the one of the API and of the files.
"""

from typing import Final

from zones.said import Said
from zones.sentences import thing_said as document_said

RIGHTS_ZH: Final = {
    "view": "查看",
    "override": "临时控制",
    "acknowledge": "确认告警",
    "work": "工单",
    "edit": "修改照明计划",
    "maintain": "检修（可低于下限）",
    "import": "导入灯具资产",
    "approve": "批准",
    "audit": "查看审计记录",
    "admin": "管理",
    "session": "以用户登录（令牌不可）",
}

THINGS_ZH: Final = {
    "alarm": "告警",
    "approval": "审批",
    "import": "导入",
    "kind": "文档种类",
    "provider": "登录服务",
    "revision": "版本",
    "rollout": "推行",
    "session": "会话",
    "token": "令牌",
    "user": "用户",
    "work order": "工单",
    # Kinds of documents, by the names of their lists
    "assignments": "日历分配",
    "baselines": "能耗基准",
    "cabinets": "控制柜",
    "calendars": "日历",
    "city": "城市",
    "districts": "区",
    "emission_factors": "排放因子",
    "feeders": "回路",
    "gateways": "网关",
    "lamp_types": "灯具类型",
    "limits": "亮度限值",
    "luminaires": "灯具",
    "overrides": "临时控制",
    "programs": "照明程序",
    "rules": "传感器规则",
    "sensors": "传感器",
    "site": "全市设置",
    "targets": "节能目标",
    "tariffs": "电价",
    "zones": "分区",
}


def right_said(right: str) -> Said:
    """A right."""
    return Said(right, RIGHTS_ZH.get(right, right))


def thing_said(thing: str) -> Said:
    """A thing of the API, or a kind of documents."""
    return Said(thing, THINGS_ZH[thing]) if thing in THINGS_ZH else document_said(thing)
