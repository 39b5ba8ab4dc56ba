"""What people are told about users, rights and what waits for a second person."""

from typing import Final

from zones.said import Catalogue

SAY: Final = Catalogue(
    {
        # What waits for a second person
        "nobody_does": ("nobody carries out {kind!r}", "没有可执行“{kind}”的功能"),
        "service_ended": (
            "the service ended while it was being done: see the history whether it was",
            "执行时服务已终止：请查看历史记录确认是否已执行",
        ),
        "never_asked": ("approval {number} was never asked for", "没有审批 {number}"),
        "nobody_any_more": (
            "approval {number}: nobody carries out {kind!r} any more",
            "审批 {number}：已没有可执行“{kind}”的功能",
        ),
        "asker_may_not": (
            "approval {number}: {user!r}, who asked, may not do this any more",
            "审批 {number}：提出人 {user} 已无此权限",
        ),
        "is_decided": ("approval {number} is {state}", "审批 {number} {state}"),
        "own_request": (
            "approval {number} was asked for by {user!r} too",
            "审批 {number} 由 {user} 本人提出，须由他人批准",
        ),
        "takes_right": (
            "approval {number} takes the right to {right} in all the zones it touches",
            "审批 {number} 需要其涉及的所有分区的“{right}”权限",
        ),
        "decided_meanwhile": (
            "somebody else decided approval {number} meanwhile",
            "其他人刚刚处理了审批 {number}",
        ),
        "state_open": ("open", "等待批准"),
        "state_taken": ("taken", "正在执行"),
        "state_done": ("done", "已批准并执行"),
        "state_failed": ("failed", "执行失败"),
        "state_rejected": ("rejected", "已拒绝"),
        "state_expired": ("expired", "已过期"),
        # The audit log
        "line_missing": ("line {number} is missing", "缺少第 {number} 行"),
        "disordered": ("lines are disordered", "行的顺序有误"),
        "line_changed": ("its hash does not fit: it was changed", "哈希不符：此行被修改过"),
        "no_head": (
            "no line has the head that was noted: the log was made anew",
            "没有一行与记录的链头相符：日志被重建过",
        ),
        "lines_cut": (
            "lines {first} to {last} were cut off at the end",
            "末尾第 {first} 至 {last} 行被删去",
        ),
        "anchor_gone": ("the file with the anchored head is gone", "保存链头的文件已不存在"),
        "not_anchored": (
            "it is not the line that was anchored: the log was made anew",
            "与保存的链头不符：日志被重建过",
        ),
        # Users
        "wait": ("{why}: try again in {wait_s:.0f} s", "{why}：请在 {wait_s:.0f} 秒后重试"),
        "many_wrong": ("too many wrong passwords", "密码错误次数过多"),
        "many_at_once": ("too many passwords at once", "同时登录的人过多"),
        "password_length": (
            "a password has {least} to {most} characters; this one has {given}",
            "密码须为 {least} 至 {most} 个字符；现为 {given} 个",
        ),
        "password_plain": (
            "a password has at least 4 different characters",
            "密码至少含 4 个不同的字符",
        ),
        "not_first": (
            "there are users already: one of them invites others",
            "已有用户：请由已有用户邀请",
        ),
        "role_missing": ("user {user!r} needs at least one role", "用户 {user} 至少须有一个角色"),
        "user_there": ("there is a user {user!r} already", "用户 {user} 已存在"),
        "old_wrong": ("the old password is wrong", "原密码不正确"),
        "password_changed": ("the password was changed meanwhile", "密码在此期间已被修改"),
        "token_role_missing": ("a token needs at least one role", "令牌至少须有一个角色"),
        "tokens_many": (
            "a user has at most {most} tokens: end one that nobody uses",
            "每个用户至多 {most} 个令牌：请先停用不再使用的",
        ),
        "token_lasts": (
            "a token lasts a minute to {most:.0f} days, not {days:.4g} days",
            "令牌有效期为一分钟至 {most:.0f} 天，不能是 {days:.4g} 天",
        ),
        "no_user": ("there is no user {user!r}", "没有用户 {user}"),
        "last_admin": (
            "{user!r} is the last admin of the whole city: name another one first",
            "{user} 是全市最后一名管理员：请先指定另一名",
        ),
        "wrong_login": ("user or password is wrong", "用户名或密码不正确"),
        "wrong_link": ("the link is used, over or wrong", "链接已使用、已过期或不正确"),
        "user_id": (
            "user {user!r}: 1 to 64 of a-z 0-9 . _ -, beginning with a letter or digit",
            "用户编号 {user!r}：须为 1 至 64 个 a-z 0-9 . _ - 字符，以字母或数字开头",
        ),
        "name_character": (
            "name {name!r}: {wrong!r} is no character of a name; letters, digits, spaces are",
            "名称 {name!r}：名称中不能有 {wrong!r}；可用文字、数字和空格",
        ),
        "name_long": (
            "name: at most {most} characters, not {given}",
            "名称：最多 {most} 个字符，现为 {given} 个",
        ),
        "grant_no_id": ("grant of {role}: a city has no id", "角色 {role}：全市范围没有编号"),
        "grant_id": ("grant of {role}: a {place} needs an id", "角色 {role}：{place}须有编号"),
    }
)
