"""Refusals: every one a problem, complete in both languages, and nothing in a browser's way."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from string import Formatter

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from controller.web.api.faults import field_problem
from controller.web.api.guard import LARGEST_BODY
from controller.web.api.language import language_of
from controller.web.api.problem_words import WORDS, ProblemCode
from controller.web.api.problems import MEDIA_TYPE, FieldProblem, Problem, shortened
from controller.web.console_files import console_routes
from schedules import Language
from tests.fakes.console_house import a_console

API = "/api/v1"


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= one <= "\u9fff" for one in text)


def test_every_problem_has_its_words_in_both_languages() -> None:
    assert set(WORDS) == set(ProblemCode)
    for code, words in WORDS.items():
        for text in (words.title_zh, words.title_en, words.sentence_zh, words.sentence_en):
            assert text.strip(), code
        assert is_chinese(words.title_zh), code
        assert not is_chinese(words.title_en + words.sentence_en), code
        fields = [
            {name for _, name, _, _ in Formatter().parse(text) if name}
            for text in (words.sentence_zh, words.sentence_en)
        ]
        assert fields[0] == fields[1], code
        assert 400 <= words.status < 600


@pytest.mark.parametrize("accepts", ["zh-CN", "zh;q=0.5, fr", "en;q=0.1, zh;q=0.2", "ZH"])
def test_chinese_is_spoken_to_those_who_prefer_it(accepts: str) -> None:
    assert language_of(asking(accepts)) is Language.CHINESE


@pytest.mark.parametrize(
    "accepts", ["", "en-GB,zh;q=0.9", "fr", "zh;q=0", "zh;q=x", "*", ";;,,q", "zh;q=nan, en"]
)
def test_english_is_spoken_to_all_others(accepts: str) -> None:
    assert language_of(asking(accepts)) is Language.ENGLISH


def asking(accepts: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept-language", accepts.encode())]})


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/api/v1/nowhere", b"", 404, "no-such-route"),
        ("GET", "/api", b"", 404, "no-such-route"),
        ("GET", "/nowhere/at/all", b"", 404, "no-such-route"),
        ("PUT", "/api/v1/city", b"", 405, "method-not-allowed"),
        ("POST", "/api/v1/session", b"{", 400, "malformed"),
        ("POST", "/api/v1/session", b'{"link": 1}', 422, "invalid"),
        ("POST", "/api/v1/session", b'{"who": 1}', 422, "invalid"),
        ("POST", "/api/v1/session", b"x" * (LARGEST_BODY + 1), 413, "body-too-large"),
        ("GET", "/api/v1/tonight", b"", 401, "not-logged-in"),
    ],
)
async def test_also_what_the_framework_refuses_is_a_problem_in_the_readers_language(
    tmp_path: Path, method: str, path: str, content: bytes, status: int, code: str
) -> None:
    async with a_console(tmp_path) as house:
        for language, is_told_in_chinese in (("zh-CN", True), ("en", False)):
            client = house.stranger(language)
            answer = await client.request(
                method, path, content=content, headers={"Content-Type": "application/json"}
            )
            assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
            body = answer.json()
            assert body["type"] == f"urn:lamplighter:problem:{code}"
            assert body["status"] == status
            assert is_chinese(body["title"]) is is_told_in_chinese
            for fault in body["errors"]:
                assert fault["field"]
                assert is_chinese(fault["detail"]) is is_told_in_chinese
            assert answer.headers["content-language"] == language[:2]


async def test_a_body_without_a_length_is_bounded_too(tmp_path: Path) -> None:
    async def endless() -> AsyncGenerator[bytes, None]:
        for _ in range(LARGEST_BODY // 65_536 + 2):
            yield b"[" * 65_536

    async with a_console(tmp_path) as house, aclosing(endless()) as sent:
        answer = await house.stranger().post(
            f"{API}/session",
            content=sent,
            headers={"Content-Type": "application/json"},
        )
    assert answer.status_code == 413


async def test_a_fault_of_ours_says_nothing_of_what_is_inside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_console(tmp_path) as house:

        @house.app.get(f"{API}/broken")
        async def broken() -> None:
            raise RuntimeError("the secret is open sesame")

        answer = await house.stranger().get(f"{API}/broken")
    assert answer.status_code == 500
    assert "sesame" not in answer.text
    incident = answer.json()["detail"].split("(")[1].split(")")[0]
    assert incident in caplog.text


def test_long_values_are_shortened_and_odd_ones_told() -> None:
    assert shortened("x" * 1000).endswith("...")
    assert len(shortened({"a": "x" * 1000})) < 300
    assert shortened(b"\xff") == "\ufffd"
    assert shortened(2.5) == 2.5
    problem = Problem(
        ProblemCode.INVALID, count=1, errors=[FieldProblem(field="f", value={1, 2})]
    ).body(Language.ENGLISH)
    assert json.dumps(problem)


def test_a_fault_names_field_value_and_what_would_be_right() -> None:
    error = {"type": "less_than_equal", "loc": ("query", "limit"), "input": "5000", "msg": "?"}
    for language, expected in (
        (Language.CHINESE, "不大于 1000"),
        (Language.ENGLISH, "1000 or less"),
    ):
        fault = field_problem({**error, "ctx": {"le": 1000}}).told(language)
        assert (fault.field, fault.value, fault.expected) == ("limit", "5000", expected)


class TestHeaders:
    """What every answer says to a browser."""

    async def _answers(self, tmp_path: Path, *, is_secure: bool) -> list[httpx.Response]:
        async with a_console(tmp_path, is_secure=is_secure) as house:
            client = house.stranger()
            paths = ("/", f"{API}/city", f"{API}/nowhere", "/api/v1/openapi.json", "/x.js")
            return [await client.get(path) for path in paths]

    async def test_nothing_runs_that_is_not_ours(self, tmp_path: Path) -> None:
        for answer in await self._answers(tmp_path, is_secure=False):
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "http:" not in policy
            assert "https:" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert "server" not in answer.headers
            assert "strict-transport-security" not in answer.headers

    async def test_behind_tls_browsers_are_told_to_stay_there(self, tmp_path: Path) -> None:
        for answer in await self._answers(tmp_path, is_secure=True):
            assert answer.headers["strict-transport-security"].startswith("max-age=")

    async def test_answers_of_the_api_stay_in_no_cache(self, tmp_path: Path) -> None:
        async with a_console(tmp_path) as house:
            client = await house.client()
            answers = [await client.get(f"{API}{path}") for path in ("/city", "/session")]
        assert {one.headers["cache-control"] for one in answers} == {"no-store"}


class TestConsoleFiles:
    """The built console."""

    async def _get(self, folder: Path, *paths: str) -> list[httpx.Response]:
        app = Starlette(routes=console_routes(folder))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return [await client.get(path) for path in paths]

    async def test_the_page_is_asked_for_again_and_its_assets_are_kept(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "console" / "assets").mkdir(parents=True)
        (tmp_path / "secret.txt").write_text("secret")
        (tmp_path / "console" / "index.html").write_text("<p>console")
        (tmp_path / "console" / "icon.svg").write_text("<svg/>")
        (tmp_path / "console" / "assets" / "index-abc.js").write_text("1")
        page, icon, asset, none, above, folder, encoded = await self._get(
            tmp_path / "console",
            *("/", "/icon.svg", "/assets/index-abc.js", "/nothing.js"),
            *("/../secret.txt", "/assets", "/assets/%2e%2e/%2e%2e/secret.txt"),
        )
        assert (page.text, page.headers["cache-control"]) == ("<p>console", "no-cache")
        assert icon.status_code == 200
        assert "immutable" in asset.headers["cache-control"]
        assert none.status_code == above.status_code == encoded.status_code == 404
        assert folder.status_code in (307, 404)

    async def test_where_none_was_built_it_is_said_how_to_get_one(self, tmp_path: Path) -> None:
        (page,) = await self._get(tmp_path, "/")
        assert page.status_code == 200
        assert "make console" in page.text
        assert "操作台" in page.text
