"""What adapters tell people while the service runs, in English and Chinese."""

from typing import Final

from zones.said import Catalogue

SAY: Final = Catalogue(
    {
        "store_failed": ("store {path!r}: {why}", "存储 {path!r}：{why}"),
        "store_unopened": (
            "store {path!r} cannot be opened: {why}",
            "无法打开存储 {path!r}：{why}",
        ),
        "store_damaged": (
            "store {path!r} is damaged: {why}; 'lamplighter run' starts from its last whole copy",
            "存储 {path!r} 已损坏：{why}；重新启动服务将使用最近的完整副本",
        ),
        "store_unseen": (
            "store {path!r} cannot be looked at: {why}",
            "无法查看存储 {path!r}：{why}",
        ),
        "store_deleted": (
            "store: {path!r} was deleted or moved away while in use; nothing is saved any more, "
            "so that nothing is lost unseen: put the same file back, or stop the service and "
            "start it anew from its last whole copy or a backup",
            "存储：{path!r} 在使用中被删除或移走；已停止保存，以免数据悄然丢失："
            "请放回原文件，或停止服务，再用最近的完整副本或备份启动",
        ),
        "store_replaced": (
            "store: {path!r} was replaced by another file while in use; nothing is saved any "
            "more, so that nothing is lost unseen: put the same file back, or stop the service "
            "and start it anew from its last whole copy or a backup",
            "存储：{path!r} 在使用中被其他文件替换；已停止保存，以免数据悄然丢失："
            "请放回原文件，或停止服务，再用最近的完整副本或备份启动",
        ),
        "anchor_unwritten": (
            "audit log: {path!r} cannot be written: {why}",
            "审计日志：无法写入 {path!r}：{why}",
        ),
        "was_restored": (
            "store {path!r} was damaged ({fault}): it was started from its copy of {made_at} UTC; "
            "documents saved since then are missing",
            "存储 {path!r} 曾损坏（{fault}）：已使用 {made_at} UTC 的副本启动；此后保存的文档缺失",
        ),
        "was_restored_aside": (
            "store {path!r} was damaged ({fault}): it was started from its copy of {made_at} UTC; "
            "documents saved since then are missing; the damaged file is kept as {aside}",
            "存储 {path!r} 曾损坏（{fault}）：已使用 {made_at} UTC 的副本启动；此后保存的文档缺失；"
            "损坏的文件保留为 {aside}",
        ),
    }
)
