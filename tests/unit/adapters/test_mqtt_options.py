from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.adapters.mqtt_options import MqttOptions, new_client_id
from controller.errors import ConfigurationError


def read(url: str, **more: object) -> MqttOptions:
    return MqttOptions.from_url(url, client_id="c", **more)  # type: ignore[arg-type]  # options by the test's word


@pytest.mark.parametrize(
    ("url", "host", "port", "username", "password"),
    [
        ("mqtt://broker", "broker", 1883, None, None),
        ("mqtt://broker:1884", "broker", 1884, None, None),
        ("mqtt://broker:1884/", "broker", 1884, None, None),
        ("mqtt://u@broker", "broker", 1883, "u", None),
        ("mqtt://u:p@broker:1", "broker", 1, "u", "p"),
        ("mqtt://u:p%40%3A%2F@broker", "broker", 1883, "u", "p@:/"),
        ("mqtt://[::1]:1883", "::1", 1883, None, None),
        ("mqtts://broker", "broker", 8883, None, None),
    ],
)
def test_url_is_read(
    url: str, host: str, port: int, username: str | None, password: str | None
) -> None:
    found = read(url)
    assert (found.host, found.port, found.username, found.password) == (
        host,
        port,
        username,
        password,
    )
    assert (found.tls is not None) is url.startswith("mqtts")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "must be mqtt://"),
        ("broker:1883", "must be mqtt://"),
        ("http://broker", "must be mqtt://"),
        ("mqtt://", "must be mqtt://"),
        ("mqtt://:1883", "must be mqtt://"),
        ("mqtt://broker:port", "cannot be read"),
        ("mqtt://broker:70000", "cannot be read"),
        ("mqtt://[::1", "cannot be read"),
        ("mqtt://broker/topic", "nothing may follow"),
        ("mqtt://broker?x=1", "nothing may follow"),
        ("mqtt://:hush@broker", "needs a user name"),
    ],
)
def test_wrong_url_is_named(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        read(url)
    assert "hush" not in str(caught.value)


def outcome(url: str) -> str:
    """What an operator gets to see of a URL."""
    try:
        found = read(url)
    except ConfigurationError as error:
        return str(error)
    return repr(found) + found.address


@given(st.text(max_size=40))
def test_any_text_gives_options_or_a_clear_error(text: str) -> None:
    for url in (text, f"mqtt://{text}", f"mqtt://user:{text}@broker"):
        assert "broker" in outcome(url)


SECRETS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz@:/?#[]% ", max_size=12)


@given(SECRETS, st.sampled_from(["broker", "broker:1883", "broker:nonsense", "broker/x", ""]))
def test_password_in_a_url_is_never_shown(secret: str, address: str) -> None:
    seen = outcome(f"mqtt://user:Geheim{secret}Wort@{address}")
    assert "Geheim" not in seen
    assert "Wort" not in seen


def test_password_where_the_host_was_forgotten_is_not_shown() -> None:
    assert "Geheim" not in outcome("mqtt://user:Geheim")


@pytest.mark.parametrize(
    "more",
    [{"protocol": "4"}, {"keepalive_s": 0}, {"timeout_s": 0}, {"in_flight": 0}],
)
def test_wrong_option_is_named(more: dict[str, object]) -> None:
    (name,) = more
    with pytest.raises(ConfigurationError, match=name):
        read("mqtt://broker", **more)


def test_password_file_beats_the_url(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from file\nsecond line\n", encoding="utf-8")
    assert read("mqtt://u:from-url@broker", password_file=file).password == "from file"


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_useless_password_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match="password file"):
        read("mqtt://u@broker", password_file=file)


def test_missing_password_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read("mqtt://u@broker", password_file=tmp_path / "none")


def test_certificates_without_tls_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="need mqtts://"):
        read("mqtt://broker", ca_file=tmp_path / "ca.pem")


def test_nobody_can_guess_a_controllers_client_identifier() -> None:
    many = {new_client_id("town") for _ in range(100)}
    assert len(many) == 100
    assert all(len(one.removeprefix("lamplighter-town-")) == 16 for one in many)


@pytest.mark.parametrize("url", ["me:planted@h", "mqtt:me:planted@h", "mqtt://h/x?token=planted"])
def test_a_broken_url_says_no_password_again(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(url)
    assert "planted" not in str(caught.value)
