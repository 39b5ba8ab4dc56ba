"""Settings: the shipped file says the defaults, and faults are named."""

from pathlib import Path

import pytest

from controller.config import Settings, read_settings
from controller.errors import ConfigurationError

SHIPPED = Path(__file__).parents[3] / "deploy" / "lamplighter.toml"


def test_the_annotated_file_says_what_holds_without_it() -> None:
    shipped = read_settings(SHIPPED)
    assert shipped == Settings(data=SHIPPED.parent / Settings().data)


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "l.toml"
    file.write_text(
        'data = "d"\n[broker]\nurl = "mqtt://b"\npassword_file = "secret"\n'
        '[report_push]\nurl = "https://platform.example/"\nkey_file = "key"\n'
    )
    settings = read_settings(file)
    assert settings.report_push.key_file == tmp_path / "key"
    assert settings.data == tmp_path / "d"
    assert settings.broker.password_file == tmp_path / "secret"


@pytest.mark.parametrize(
    "text",
    [
        'host = "::1"',
        'host = "localhost"',
        'host = "127.0.0.3"',
        'host = "0.0.0.0"\nbehind_proxy = true',
        'host = "0.0.0.0"\nserve = false',
        'host = "10.0.0.1"\ncertificate_file = "c.pem"\nkey_file = "c.key"',
    ],
)
def test_the_console_is_reached_from_elsewhere_by_tls_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "l.toml"
    file.write_text(f"[console]\n{text}\n")
    console = read_settings(file).console
    assert console.is_loopback or console.has_tls or console.behind_proxy or not console.serve
    if console.has_tls:
        assert console.certificate_file == tmp_path / "c.pem"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[web]\nport = 70000\n", r"web\.port = 70000: .*65535"),
        ("[web]\nprot = 1\n", r"web\.prot is no setting"),
        ('[broker]\nprotocol = "4"\n', r"broker\.protocol = '4': .*3\.1\.1.*5"),
        ("[web\n", r"l\.toml': .*line 1"),
        ('[report_push]\nurl = "https://x"\n', r"report_push: .*url needs key_file"),
        ('[console]\nhost = "0.0.0.0"\n', r"'0\.0\.0\.0' is reached from elsewhere.*behind_proxy"),
        ('[console]\nhost = "lamps.example"\n', r"certificate_file and key_file"),
        ('[console]\nkey_file = "k"\n', r"are given together"),
    ],
)
def test_a_fault_names_file_key_value_and_what_is_right(
    tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "l.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=says) as caught:
        read_settings(file)
    assert "l.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '[report_push]\nurl = "https://x/in?sig=planted"\n',
        '[oidc]\nissuer = "https://u:planted@id.example"\n',
        'broker = "mqtt://me:planted@broker.example"\n',
        '[web]\nport = "mqtt://me:planted@broker.example"\n',
        '[broker]\npassword = "planted"\n',
    ],
)
def test_a_fault_says_no_secret_again(tmp_path: Path, text: str) -> None:
    file = tmp_path / "l.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_settings(file)
    assert "planted" not in str(caught.value)


def test_a_missing_or_binary_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        read_settings(tmp_path / "nowhere.toml")
    file = tmp_path / "binary.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_settings(file)
