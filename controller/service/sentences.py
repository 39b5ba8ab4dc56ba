"""What the service tells people of its own accord, in English and Chinese."""

from typing import Final

from zones.said import Catalogue

SAY: Final = Catalogue(
    {
        # Why a second person is asked
        "floor_lowered": ("it lowers the floor of {first}", "降低了 {first} 的亮度下限"),
        "floors_lowered": (
            "it lowers the floor of {first} and {more} more",
            "降低了 {first} 及另外 {more} 处的亮度下限",
        ),
        "many_luminaires": (
            "it concerns {count:,} luminaires, more than {most:,}",
            "涉及 {count:,} 盏灯，超过 {most:,} 盏",
        ),
        "proof_fails": ("the proof of its nights fails", "有夜晚未通过校验"),
        "override_below": (
            "it goes below the floor of {count} zones, {first} first",
            "低于 {count} 个分区的亮度下限，首先是 {first}",
        ),
        # What waits for a second person
        "edit_commented": ("{comment}: {documents}", "{comment}：{documents}"),
        "document_added": ("added {part} {id}", "新增{part} {id}"),
        "document_changed": ("changed {part} {id}", "修改{part} {id}"),
        "document_removed": ("removed {part} {id}", "删除{part} {id}"),
        "and_more": ("{some} and {more} more", "{some}，另有 {more} 项"),
        "override_summary": ("{kind} override: {reason}", "{kind}临时控制：{reason}"),
        "rollout_summary": ("rollout in {stages} stages", "分 {stages} 个阶段推行"),
        "rollout_commented": (
            "rollout in {stages} stages: {comment}",
            "分 {stages} 个阶段推行：{comment}",
        ),
        "import_summary": ("import {number}: {rows:,} rows", "导入 {number}：{rows:,} 行"),
        # Edits
        "more_faults": ("{first} (and {more} more)", "{first}（另有 {more} 处）"),
        "fault_of_field": ("{field}: {detail}", "{field}：{detail}"),
        "not_permitted": (
            "this takes the right to {right} in {zones}",
            "需要在 {zones} 的“{right}”权限",
        ),
        "not_permitted_in_city": (
            "this takes the right to {right} in the whole city",
            "需要全市的“{right}”权限",
        ),
        "unproved": (
            "the proof fails: mend the nights, or say why it must be so",
            "校验未通过：请修改相应夜晚，或说明为何必须如此",
        ),
        "key_of_kind": ("the key of one of {kind}", "已有{kind}的编号"),
        "there_is_none": ("there is none", "没有此项"),
        "hours_apart": ("hours that no other band has", "不与其他电价时段重叠的时间"),
        "or_more": ("{least:g} or more", "不低于 {least:g}"),
        "below_floor": (
            "{level:g} % is below the floor of zone {zone!r}, {floor:g} %",
            "{level:g} % 低于分区 {zone} 的下限 {floor:g} %",
        ),
        "not_by_one": ("{kind!r} is not edited one by one", "“{kind}”不能逐个编辑"),
        # Overrides
        "override_over": (
            "override {id!r} would have ended by now",
            "临时控制 {id} 的结束时间已过",
        ),
        "override_not_there": (
            "override {id!r} is not in force and not to come; such are: {present}",
            "临时控制 {id} 既未生效，也不会生效；现有：{present}",
        ),
        "none": ("none", "无"),
        "selects_none": (
            "the selector selects no luminaire of the inventory",
            "所选范围内没有灯具",
        ),
        # Comments of revisions
        "override_ended": ("override {id} ended", "解除临时控制 {id}"),
        "override_reason": ("override {id}: {reason}", "临时控制 {id}：{reason}"),
        "unproved_because": ("(unproved: {why})", "（未通过校验：{why}）"),
        "comment_unproved": ("{comment} {told}", "{comment}{told}"),
        "import_comment": ("import {number}", "导入 {number}"),
        "rollout_stage": (
            "rollout {number}, stage {stage} of {of}",
            "推行 {number}，第 {stage} 阶段，共 {of} 阶段",
        ),
        "told_with": ("{what}: {comment}", "{what}：{comment}"),
        "rollout_aborted": ("rollout {number}, aborted", "推行 {number}，已中止"),
        # Rollouts
        "rollout_never": ("rollout {number} never began", "没有推行 {number}"),
        "rollout_next": (
            "rollout {number}: stage {stage} is the next",
            "推行 {number}：下一阶段是第 {stage} 阶段",
        ),
        "rollout_running": (
            "another rollout is under way: advance or abort it first",
            "另有推行正在进行：请先推进或中止它",
        ),
        "rollout_changed": (
            "the documents of rollout {number} were changed since its stage {stage}: "
            "leave it as it stands, and begin anew",
            "推行 {number} 的文档在第 {stage} 阶段之后被修改：请保持现状结束它，再重新开始",
        ),
        "rollout_moved": (
            "somebody else moved rollout {number} meanwhile",
            "其他人刚刚推进或中止了推行 {number}",
        ),
        "rollout_is": ("rollout {number} is {state}", "推行 {number} {state}"),
        "rollout_misfits": (
            "what is rolled out does not fit any more: {why}",
            "要推行的内容已不再适用：{why}",
        ),
        "state_done": ("done", "已完成"),
        "state_aborted": ("aborted", "已中止"),
        "state_running": ("running", "正在进行"),
        "revision_meanwhile": (
            "revision {number} was put in force meanwhile",
            "在此期间版本 {number} 已生效",
        ),
        "district_id": ("a district's id", "区的编号"),
        "no_district": ("there is no such district", "没有此区"),
        "district_once": ("each district once", "每个区只出现一次"),
        "district_twice": ("it stands twice", "重复出现"),
        "district_or_more": ("one district or more", "至少一个区"),
        "stage_empty": ("it is empty", "为空"),
        "stage_or_more": ("one stage or more", "至少一个阶段"),
        # Imports
        "import_busy": (
            "another file is being read; try again in a moment",
            "正在读取另一个文件；请稍后再试",
        ),
        "import_gone": (
            "import {number} is not kept (any more): read the file again",
            "没有导入 {number}（或已不再保留）：请重新读取文件",
        ),
        "import_wrong": (
            "import {number} has rows that cannot be read, or fits no plan",
            "导入 {number} 有无法读取的行，或与照明计划不符",
        ),
        "import_outdated": (
            "the inventory was changed since import {number} was read: read the file again",
            "读取导入 {number} 之后灯具资产已被修改：请重新读取文件",
        ),
        "import_beside": (
            "does not go together with what is there: {why}",
            "与现有资产不能合并：{why}",
        ),
        "import_misfits": ("the plan does not fit it: {why}", "与照明计划不符：{why}"),
        # The service
        "revision_empty": ("revision {number} holds no inventory", "版本 {number} 没有灯具资产"),
        "revision_later": (
            "revision {number} was put in force{by} meanwhile, this edit began at {base}: "
            "look at it and try again",
            "版本 {number}{by} 在此期间已生效，而此修改基于版本 {base}：请查看后重试",
        ),
        "by_author": (" by {author}", "（{author}）"),
        "clock_not_accepted": (
            "the machine's clock cannot be accepted: {why}",
            "无法采信系统时钟：{why}",
        ),
        "inventory_kept": (
            "this service keeps its inventory until it ends; nothing changed",
            "此服务在结束之前不更换灯具资产；没有任何更改",
        ),
        "nothing_changed": ("{where}: {why}; nothing changed", "{where}：{why}；没有任何更改"),
        # Alarms and work orders
        "alarm_nobody": (
            "an alarm is acknowledged by somebody: author is empty",
            "确认告警须有确认人：author 为空",
        ),
        "text_too_long": (
            "{name} has {length:,} characters, at most {most:,} fit",
            "{name} 有 {length:,} 个字符，最多 {most:,} 个",
        ),
        "alarm_unknown": (
            "alarm {number} is not known; 'lamplighter alarms' lists what is",
            "没有告警 {number}；lamplighter alarms 列出现有告警",
        ),
        "alarm_acknowledged": (
            "alarm {number} is acknowledged already by {author}",
            "告警 {number} 已由 {author} 确认",
        ),
        "order_never": ("work order {number} was never made", "没有工单 {number}"),
        "order_untitled": (
            "title: a work order says what is to be done",
            "title：工单须写明要做什么",
        ),
        "order_changed": (
            "work order {number} was changed meanwhile: look at it again",
            "工单 {number} 在此期间已被修改：请重新查看",
        ),
        "order_ended": (
            "work order {number} is {state}; open it again first",
            "工单 {number} {state}；请先重新打开",
        ),
        "order_state_open": ("open", "待处理"),
        "order_state_in_progress": ("in_progress", "处理中"),
        "order_state_done": ("done", "已完成"),
        "order_state_cancelled": ("cancelled", "已取消"),
        "nameless": ("one without a name", "未命名的控制器"),
        # Health
        "check_told": ("{name}: {detail}", "{name}：{detail}"),
        "broker_connected": ("connected", "已连接"),
        "broker_away": ("not reached", "无法连接"),
        "programs_missing": ("not yet in force", "尚未生效"),
        "programs_in_force": ("{count} in force, until {until}", "{count} 个生效中，至 {until}"),
        "store_worked": ("the last write worked", "最近一次写入成功"),
        "loop_late": ("at most {late_s:.2f} s late of late", "近来最多滞后 {late_s:.2f} 秒"),
        "last_round": (
            "last round {silent_s:.1f} s ago, {within_s:g} s allowed",
            "上一轮在 {silent_s:.1f} 秒前，允许 {within_s:g} 秒",
        ),
        "clock_trusted": ("trusted", "可信"),
        "clock_asked": ("the street is asked for the time", "正在向灯具询问时间"),
        "clock_held": ("time goes on from what was known", "按此前可信的时间继续运行"),
        "clock_unknown": ("the time is unknown, nothing is commanded", "时间未知，不下发任何指令"),
        "clock_fault": (
            "{fault} ({offset_s:+.1f} s); {held}",
            "{fault}（{offset_s:+.1f} 秒）；{held}",
        ),
        "clock_is_stepped": ("the clock stepped", "系统时钟跳变"),
        "clock_is_drifting": ("the clock runs at a wrong rate", "系统时钟走速不准"),
        "clock_is_standing": ("the clock stands still", "系统时钟停走"),
        "clock_is_before_last": (
            "the clock shows a time before the last that was known",
            "系统时钟早于最近已知的时间",
        ),
        "clock_is_long_after_last": (
            "the clock shows a time long after the last that was known",
            "系统时钟远晚于最近已知的时间",
        ),
        "clock_is_implausible": (
            "the clock shows a time that cannot be",
            "系统时钟显示的时间不可能",
        ),
        "clock_is_street_differs": ("the luminaires' clocks show another time", "与灯具时钟不一致"),
    }
)
