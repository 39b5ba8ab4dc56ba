"""What the API itself tells its readers beside its problems, in English and Chinese."""

from typing import Final

from zones.said import Catalogue

SAY: Final = Catalogue(
    {
        "no_such": ("no such {thing}", "没有此{thing}"),
        "to_be_done": ("what is to be done", "须写明要做什么"),
        "own_zone": ("a zone of yours", "您权限范围内的分区"),
        "id_of": ("the id of a {thing}", "{thing}的编号"),
        "none_there": ("there is no {thing} {id!r}", "没有{thing} {id!r}"),
        "chars": ("1 to {most} chars", "1 至 {most} 个字符"),
        "view_city": ("view: city", "查看全市"),
        "view_district": ("view: district {district}", "查看区 {district}"),
        "no_reports": ("no reports are made by this service", "此服务不生成报表"),
        "changed_by": ("changed meanwhile by {by}", "{by} 在此期间修改了文档"),
        "not_said_json": (
            "JSON, sent with 'Content-Type: application/json'",
            "JSON，请求头为 'Content-Type: application/json'",
        ),
        "wrong_day": ("{field}: {expected}", "{field}：应为 {expected}"),
    }
)
