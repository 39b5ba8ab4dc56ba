"""Reports to a platform over HTTPS: signed, repeated, taken once."""

import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from controller.errors import ConfigurationError
from controller.reports.build import Question, build
from controller.reports.content import Report
from controller.reports.errors import PushFailed
from controller.reports.push import FOLDER, Endpoint, PushLog, endpoint, push, signature
from schedules.energy.periods import Period, PeriodKind
from tests.fakes.energy_rows import PlannedHistory
from tests.fakes.small_city import small_site

CERTIFICATES = Path(__file__).parent / "certificates"
KEY = b"0123456789abcdef0123456789abcdef"
NOVEMBER = Period(PeriodKind.MONTH, 2026, 11)


@pytest.fixture(scope="module")
def report() -> Report:
    site = small_site()
    question = Question(site, NOVEMBER, datetime(2026, 12, 3, tzinfo=UTC))
    return build(question, PlannedHistory(site, date(2026, 11, 1), 30))


@dataclass
class Platform:
    """What a city's platform saw, and how it is to answer."""

    answers: list[int | str]
    """A status each; ``hang`` answers nothing, ``drop`` takes the report and hangs up."""
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    taken: dict[str, bytes] = field(default_factory=dict)
    """By idempotency key, as a platform keeps them."""
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def platform(*answers: int | str, is_tls: bool = True) -> Iterator[Platform]:
    told = Platform(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.seen.append((headers, body))
            answer = told.answers.pop(0) if told.answers else 200
            if answer == "hang":
                told.released.wait(10)
                return
            if answer in ("drop", 200):
                told.taken[headers["idempotency-key"]] = body
            if answer == "drop":
                return
            assert isinstance(answer, int)
            self.send_response(answer)
            if answer == 429:
                self.send_header("Retry-After", "7")
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"told")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # hang-ups are meant
    if is_tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / "server.pem", CERTIFICATES / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    told.url = f"{'https' if is_tls else 'http'}://127.0.0.1:{server.server_port}/reports"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        told.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def to(url: str, timeout_s: float = 10.0, attempts: int = 6) -> Endpoint:
    return Endpoint(url, KEY, CERTIFICATES / "ca.pem", timeout_s, attempts)


def test_the_platform_can_check_what_it_gets(report: Report, tmp_path: Path) -> None:
    with platform() as city:
        done = push(report, to(city.url), tmp_path)
    ((headers, body),) = city.seen
    told = json.loads(body)
    assert told["kind"] == "lamplighter.energy_report"
    assert told["period"]["text"] == "2026-11"
    stamp = headers["x-lamplighter-timestamp"]
    wanted = hmac.new(KEY, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["x-lamplighter-signature"] == f"sha256={wanted}"
    assert abs(int(stamp) - time.time()) < 300
    assert headers["idempotency-key"] == done.key
    assert headers["x-lamplighter-report"] == "2026-11-city-1"
    assert (done.status, done.attempts, done.was_sent_before) == (200, 1, False)


def test_what_was_taken_is_not_sent_again(report: Report, tmp_path: Path) -> None:
    with platform() as city:
        first = push(report, to(city.url), tmp_path)
        second = push(report, to(city.url), tmp_path)
        assert len(city.seen) == 1
        assert second.was_sent_before
        assert (second.key, second.sent_at) == (first.key, first.sent_at)
        again = push(report, to(city.url), tmp_path, again=True)
        assert len(city.seen) == 2
    assert again.key != first.key
    assert [one.name for one in PushLog(tmp_path).deliveries()] == [
        "2026-11-city-1", "2026-11-city-2",
    ]  # fmt: skip


def test_it_is_repeated_with_longer_and_longer_waits(report: Report, tmp_path: Path) -> None:
    waits: list[float] = []
    with platform(500, 503, 429, 408, 200) as city:
        done = push(report, to(city.url), tmp_path, sleep=waits.append)
    assert done.attempts == 5
    assert len({headers["idempotency-key"] for headers, _ in city.seen}) == 1
    assert len({body for _, body in city.seen}) == 1
    assert 1.5 <= waits[0] <= 2.5
    assert 3 <= waits[1] <= 5
    assert waits[2] >= 7, "the platform asked for seven seconds"
    assert 12 <= waits[3] <= 20


def test_a_platform_that_takes_it_and_hangs_up_has_it_once(report: Report, tmp_path: Path) -> None:
    with platform("drop", 200) as city:
        done = push(report, to(city.url), tmp_path, sleep=lambda _: None)
    assert done.attempts == 2
    assert len(city.seen) == 2
    assert list(city.taken) == [done.key]


def test_a_platform_that_does_not_answer_in_time_is_asked_again(
    report: Report, tmp_path: Path
) -> None:
    with platform("hang", 200) as city:
        done = push(report, to(city.url, timeout_s=0.3), tmp_path, sleep=lambda _: None)
        assert done.attempts == 2


def test_a_report_that_was_not_taken_goes_out_as_it_was(report: Report, tmp_path: Path) -> None:
    with platform(500, 500) as city, pytest.raises(PushFailed, match="not taken in 2 attempts"):
        push(report, to(city.url, attempts=2), tmp_path, sleep=lambda _: None)
    assert PushLog(tmp_path).deliveries() == []
    # Meanwhile the figures were corrected; the key stands for the bytes that were sent first.
    site = small_site()
    later = build(
        Question(site, NOVEMBER, datetime(2026, 12, 9, tzinfo=UTC)),
        PlannedHistory(site, date(2026, 11, 1), 30, more=1.1),
    )
    with platform() as after:
        push(later, to(after.url), tmp_path)
    assert after.seen[0][1] == city.seen[0][1]
    assert after.seen[0][0]["idempotency-key"] == city.seen[0][0]["idempotency-key"]


def test_what_went_out_before_the_month_was_over_goes_out_again(
    report: Report, tmp_path: Path
) -> None:
    site = small_site()
    early = build(
        Question(site, NOVEMBER, datetime(2026, 11, 20, tzinfo=UTC)),
        PlannedHistory(site, date(2026, 11, 1), 18),
    )
    with platform() as city:
        names = [push(one, to(city.url), tmp_path).name for one in (early, early, report, report)]
        assert [json.loads(body)["status"] for _, body in city.seen] == ["provisional", "final"]
    assert names == ["2026-11-city-1"] * 2 + ["2026-11-city-2"] * 2


@pytest.mark.parametrize("status", [400, 401, 404, 409, 302])
def test_a_refusal_is_said_and_not_repeated(report: Report, tmp_path: Path, status: int) -> None:
    with platform(status) as city:
        with pytest.raises(PushFailed, match=f"was refused: HTTP {status} told"):
            push(report, to(city.url), tmp_path, sleep=lambda _: None)
        assert len(city.seen) == 1


def test_an_unknown_authority_gets_nothing(report: Report, tmp_path: Path) -> None:
    with platform() as city:
        strange = Endpoint(city.url, KEY, None, 10.0, attempts=1)
        with pytest.raises(PushFailed, match="certificate verify failed"):
            push(report, strange, tmp_path)
        assert city.seen == []


def test_plain_http_goes_to_this_machine_alone(report: Report, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_bytes(KEY + b"\n")
    with platform(is_tls=False) as city:
        told = endpoint(city.url, key_file)
        assert told.key == KEY
        assert push(report, told, tmp_path).status == 200
    with pytest.raises(ConfigurationError, match="http only goes to this machine; use https"):
        endpoint("http://platform.example/reports", key_file)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://platform.example/", "must be like 'https://platform.example/lighting/reports'"),
        ("platform.example", "must be like"),
        ("https://user:secret@platform.example/", "of host 'platform.example' holds a user"),
        ("https://platform.example:99999/", "must be like"),
    ],
)
def test_a_wrong_address_is_said(tmp_path: Path, url: str, said: str) -> None:
    key_file = tmp_path / "key"
    key_file.write_bytes(KEY)
    with pytest.raises(ConfigurationError, match=said) as error:
        endpoint(url, key_file)
    assert "secret" not in str(error.value)


def test_a_key_has_to_be_there_and_long_enough(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        endpoint("https://platform.example/", tmp_path / "none")
    (tmp_path / "short").write_bytes(b"short\n")
    with pytest.raises(ConfigurationError, match="holds 5 bytes; a key has 16 or more"):
        endpoint("https://platform.example/", tmp_path / "short")
    (tmp_path / "key").write_bytes(KEY)
    with pytest.raises(ConfigurationError, match=r"CA file .* does not exist"):
        endpoint("https://platform.example/", tmp_path / "key", tmp_path / "none")


def test_two_processes_do_not_push_together(report: Report, tmp_path: Path) -> None:
    log = PushLog(tmp_path)
    with (
        platform() as city,
        log.locked(),
        pytest.raises(PushFailed, match="another process is pushing"),
    ):
        push(report, to(city.url), tmp_path)
    assert city.seen == []


def test_a_damaged_record_is_said(report: Report, tmp_path: Path) -> None:
    with platform() as city:
        push(report, to(city.url), tmp_path)
        (tmp_path / FOLDER / "2026-11-city-1.sent.json").write_text("{", encoding="utf-8")
        with pytest.raises(PushFailed, match="record of push '2026-11-city-1' cannot be read"):
            push(report, to(city.url), tmp_path)


def test_the_signature_is_over_timestamp_and_body() -> None:
    assert signature(b"key", 1, b"{}") == hmac.new(b"key", b"1.{}", hashlib.sha256).hexdigest()
