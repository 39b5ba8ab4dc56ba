"""What is told where there is no report, in English and Chinese."""

from typing import Final

from zones.said import Catalogue

SAY: Final = Catalogue(
    {
        "the_city": ("the city", "全市"),
        "the_district": ("district {id}", "区 {id}"),
        "no_zones": (
            "{where} has no zones; nothing to report",
            "{where}没有分区，无可报告",
        ),
        "nothing": (
            "the store holds no account for {period}",
            "存储中没有 {period} 的能耗账",
        ),
        "nothing_of": (
            "the store holds no account of {where} for {period}",
            "存储中没有{where} {period} 的能耗账",
        ),
        "to_come": (
            "{what}, whose nights are to come: it begins with control day {first}, "
            "and the present one is {today}",
            "{what}，这些夜晚尚未到来：自控制日 {first} 起，当前控制日为 {today}",
        ),
        "and_there_is": ("{what}; {there}", "{what}；{there}"),
        "empty": (
            "the store holds no account yet: it grows while the service runs",
            "存储中尚无能耗账：服务运行期间逐步积累",
        ),
        "there_is": (
            "there is an account from control day {first} to {last}",
            "现有控制日 {first} 至 {last} 的能耗账",
        ),
        "goes_by": (
            "district {asked!r} goes by its identifier, {id!r}",
            "区 {asked!r} 须用其编号 {id!r}",
        ),
        "no_district": (
            "district {asked!r} is not in the inventory; districts are {known}",
            "没有区 {asked!r}；现有：{known}",
        ),
    }
)
