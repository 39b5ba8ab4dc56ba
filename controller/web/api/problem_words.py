"""The words of every refusal of the API, in Chinese and in English."""

from enum import StrEnum
from typing import Final, NamedTuple

from schedules import Language


class ProblemCode(StrEnum):
    """Which refusal; the last part of the problem's type."""

    NOT_FOUND = "not-found"
    NO_SUCH_ROUTE = "no-such-route"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    BODY_TOO_LARGE = "body-too-large"
    UNSUPPORTED_MEDIA = "unsupported-media-type"
    INVALID = "invalid"
    MALFORMED = "malformed"
    CURSOR = "unknown-cursor"
    TOO_MANY = "too-many-requests"
    NOT_LOGGED_IN = "not-logged-in"
    WRONG_CREDENTIALS = "wrong-credentials"
    FORBIDDEN = "forbidden"
    CSRF = "csrf"
    PRECONDITION_REQUIRED = "precondition-required"
    PRECONDITION_FAILED = "precondition-failed"
    CONFLICT = "conflict"
    IDEMPOTENCY_REUSED = "idempotency-key-reused"
    UNPROVED = "unproved"
    REFUSED = "refused"
    NO_DATA = "no-data"
    NOT_READY = "not-ready"
    STORE = "store"
    INTERNAL = "internal"
    HTTP = "http"


class Words(NamedTuple):
    """Status, and title and sentence in both languages."""

    status: int
    title_zh: str
    sentence_zh: str
    title_en: str
    sentence_en: str

    def of(self, language: Language) -> tuple[str, str]:
        """Title and sentence."""
        if language is Language.CHINESE:
            return self.title_zh, self.sentence_zh
        return self.title_en, self.sentence_en


WORDS: Final[dict[ProblemCode, Words]] = {
    ProblemCode.NOT_FOUND: Words(
        404,
        "没有此对象", "{kind} {id!r} 不存在，或不在您的权限范围内。",
        "No such object", "{kind} {id!r} does not exist, or is outside of what you may see.",
    ),
    ProblemCode.NO_SUCH_ROUTE: Words(
        404,
        "没有此地址", "{path!r} 下没有内容；接口说明见 /api/v1/openapi.json。",
        "No such address", "There is nothing at {path!r}; /api/v1/openapi.json lists what is.",
    ),
    ProblemCode.METHOD_NOT_ALLOWED: Words(
        405,
        "方法不允许", "{path!r} 不接受 {method}；可用：{allowed}。",
        "Method not allowed", "{path!r} takes no {method}; it takes {allowed}.",
    ),
    ProblemCode.BODY_TOO_LARGE: Words(
        413,
        "请求过大", "请求正文超过 {limit} 字节的上限。",
        "Body too large", "The body is larger than the limit of {limit} bytes.",
    ),
    ProblemCode.UNSUPPORTED_MEDIA: Words(
        415,
        "不支持的格式", "不支持 Content-Type {given!r}；应为 {expected}。",
        "Unsupported media type", "Content-Type {given!r} is not understood; send {expected}.",
    ),
    ProblemCode.INVALID: Words(
        422,
        "内容有误", "{count} 处有误，见 errors。",
        "Invalid", "Wrong fields: {count}; see errors.",
    ),
    ProblemCode.MALFORMED: Words(
        400,
        "无法读取", "请求无法读取：{why}",
        "Malformed", "The request cannot be read: {why}",
    ),
    ProblemCode.CURSOR: Words(
        422,
        "翻页位置无效", "after={after!r} 不在此列表中（可能已不存在）；请不带 after 重新开始。",
        "Unknown cursor", "after={after!r} is not, or not any more, in this list; begin again "
        "without it.",
    ),
    ProblemCode.TOO_MANY: Words(
        429,
        "请求过多", "请求过多；请在 {retry_after_s} 秒后重试。",
        "Too many requests", "Too many requests; try again in {retry_after_s} s.",
    ),
    ProblemCode.NOT_LOGGED_IN: Words(
        401,
        "未登录", "请先登录，或随请求发送有效的令牌。",
        "Not logged in", "Log in first, or send a valid token with the request.",
    ),
    ProblemCode.WRONG_CREDENTIALS: Words(
        401,
        "登录失败", "用户名或密码不正确，或链接已使用、已过期。",
        "Not let in", "User or password is wrong, or the link is used or over.",
    ),
    ProblemCode.FORBIDDEN: Words(
        403,
        "没有权限", "您没有此项权限：{right}。",
        "Not permitted", "You do not have the right to do this: {right}.",
    ),
    ProblemCode.CSRF: Words(
        403,
        "请求未经确认", "缺少有效的 X-CSRF-Token；请重新载入页面。",
        "Request not confirmed", "A valid X-CSRF-Token is missing; load the page again.",
    ),
    ProblemCode.PRECONDITION_REQUIRED: Words(
        428,
        "缺少 If-Match", "修改文档须带 If-Match，值为读取时的 ETag（现为 {etag}）。",
        "If-Match required", "A change of documents needs If-Match with the ETag that was read "
        "(now {etag}).",
    ),
    ProblemCode.PRECONDITION_FAILED: Words(
        412,
        "文档已被修改", "此编辑基于 {given}，现行为 {etag}：{why}",
        "Documents changed meanwhile", "This edit began at {given}, now in force is {etag}: {why}",
    ),
    ProblemCode.CONFLICT: Words(
        409,
        "与现状冲突", "{why}",
        "Conflict", "{why}",
    ),
    ProblemCode.IDEMPOTENCY_REUSED: Words(
        422,
        "Idempotency-Key 已用过", "此 Idempotency-Key 已用于另一请求；请换一个。",
        "Idempotency-Key reused", "This Idempotency-Key came with another request before; "
        "use a new one.",
    ),
    ProblemCode.UNPROVED: Words(
        422,
        "校验未通过", "有夜晚未通过校验（见 proof）；"
        "请修改，或说明为何必须如此（unproved_because）。",
        "The proof fails", "Nights fail their proof (see proof): mend them, or say why it must "
        "be so (unproved_because).",
    ),
    ProblemCode.REFUSED: Words(
        422,
        "不能执行", "{why}",
        "Refused", "{why}",
    ),
    ProblemCode.NO_DATA: Words(
        404,
        "没有数据", "没有这一时段的数据：{why}",
        "No data", "There is no data of this period: {why}",
    ),
    ProblemCode.NOT_READY: Words(
        503,
        "尚未就绪", "{why}",
        "Not ready", "{why}",
    ),
    ProblemCode.STORE: Words(
        503,
        "存储失败", "无法写入存储：{why}",
        "Store failed", "The store failed: {why}",
    ),
    ProblemCode.INTERNAL: Words(
        500,
        "内部错误", "服务出错，已记入日志（编号 {incident}）。",
        "Internal error", "The service failed here; its log has the details ({incident}).",
    ),
    ProblemCode.HTTP: Words(
        400,
        "请求有误", "{why}",
        "Bad request", "{why}",
    ),
}  # fmt: skip
