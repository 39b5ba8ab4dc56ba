"""What may be sent to somebody far away: much of the installation, none of its secrets."""

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from controller.adapters.redaction import GONE, known_secrets, redacted
from controller.adapters.sqlite import SqliteStore
from controller.cli.support_bundle import support_bundle
from tests.fakes.small_city import small_site

PLANTED = {
    "broker.url": "url%2Fpassw0rd",
    "broker.password_file": "p4ss phrase of the broker",
    "web.token_file": "scrape-t0ken-0123456789",
    "report_push.url": "platform-pa55",
    "report_push.key_file": "s1gning-key-of-the-platform",
    "signing.key_file": "MC4CAQAwBQYDK2VwBCIEIkey-that-signs",
    "retired signing key": "MC4CAQAwBQYDK2VwBCIEIthat-signed-before",
    "credentials": "lamp-w0rd-0123",
    "embedded": "embedded-br0ker-password",
    "environment": "v4riable-of-the-service",
    "bearer": "llt_be4rer0123456789",
    "link": "0ne-time-l1nk-secret",
    "pem": "MIGHAgEAMBMGByqGSM49",
    "named": "c0okie-value-987654",
    "other url": "pr0xy@p4ss/word",
}


def an_installation(folder: Path) -> tuple[Path, Path]:
    """Settings and a log, with every secret that there can be in them."""
    data = folder / "data"
    with SqliteStore(data) as store:
        store.save_site(small_site(), author="Zhang Wei", comment="what nobody else may know")
    (data / "pki/signing").mkdir(parents=True)
    (data / "pki/signing/0123456789abcdef.key").write_text(PLANTED["retired signing key"] + "\n")
    (data / "pki/credentials.csv").write_text(f"user,password\na1,{PLANTED['credentials']}\n")
    (data / "broker").mkdir()
    (data / "broker/users.json").write_text(json.dumps({"controller": PLANTED["embedded"]}))
    for setting in ("broker.password_file", "web.token_file", "report_push.key_file",
                    "signing.key_file"):  # fmt: skip
        (folder / setting).write_text(PLANTED[setting] + "\n")
    settings = folder / "lamplighter.toml"
    settings.write_text(
        f'data = "data"\n[broker]\nurl = "mqtt://me:{PLANTED["broker.url"]}@127.0.0.1:1"\n'
        'password_file = "broker.password_file"\n'
        '[web]\nport = 1\ntoken_file = "web.token_file"\n'
        f'[report_push]\nurl = "https://city:{PLANTED["report_push.url"]}@platform.example/x"\n'
        'key_file = "report_push.key_file"\n'
        '[signing]\nkey_file = "signing.key_file"\n'
    )
    lines = [
        f"INFO console at http://127.0.0.1:8080/#/enter/{PLANTED['link']}",
        f"DEBUG Authorization: Bearer {PLANTED['bearer']}",
        f"DEBUG Cookie: lamplighter_session={PLANTED['named']}; path=/",
        f"-----BEGIN EC PRIVATE KEY-----\n{PLANTED['pem']}\n-----END EC PRIVATE KEY-----",
        f"ERROR proxy http://user:{PLANTED['other url']}@proxy.example:3128 refused",
        *(f"DEBUG it said {secret}" for name, secret in PLANTED.items() if name in KNOWN),
        "INFO zone a: program 4 published",
    ]
    log = folder / "service.log"
    log.write_text("\n".join(lines) + "\n")
    return settings, log


KNOWN = {
    *("broker.url", "broker.password_file", "web.token_file", "report_push.url"),
    *("report_push.key_file", "credentials", "embedded", "environment"),
    *("signing.key_file", "retired signing key"),
}
"""Those that are looked for word by word, wherever they stand."""


def bundled(folder: Path, settings: Path, log: Path) -> dict[str, str]:
    file = folder / "bundle.zip"
    arguments = [str(file), "--config", str(settings), "--log", str(log)]
    done = CliRunner().invoke(
        support_bundle, arguments, env={"BROKER_PASSWORD": PLANTED["environment"]}
    )
    assert done.exit_code == 0, repr(done.exception)
    assert file.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_no_planted_secret_is_in_it(tmp_path: Path) -> None:
    settings, log = an_installation(tmp_path)
    before = log.read_text() + settings.read_text()
    assert sum(secret in before for secret in PLANTED.values()) == len(PLANTED)
    parts = bundled(tmp_path, settings, log)
    for name, text in parts.items():
        for what, secret in PLANTED.items():
            assert secret not in text, f"{what} in {name}"
    assert GONE in parts["log-1.txt"]
    assert "Zhang Wei" not in "".join(parts.values())
    assert "what nobody else may know" not in "".join(parts.values())


def test_what_helps_is_in_it(tmp_path: Path) -> None:
    parts = bundled(tmp_path, *an_installation(tmp_path))
    assert "program 4 published" in parts["log-1.txt"]
    assert json.loads(parts["inventory.json"])["luminaires"] == 4
    assert json.loads(parts["store.json"])["rows"]["revision"] == 1
    told = json.loads(parts["settings.json"])
    assert told["broker"]["url"].endswith("@127.0.0.1:1")
    assert told["broker"]["password_file"].endswith("broker.password_file")
    assert json.loads(parts["status.json"]) == {"service": "does not run"}
    assert {one["name"] for one in json.loads(parts["doctor.json"])} > {"store", "broker", "disk"}
    assert json.loads(parts["versions.json"])["packages"]["lamplighter"]


def test_settings_that_cannot_be_read_are_told_of_without_their_words(tmp_path: Path) -> None:
    settings, log = an_installation(tmp_path)
    settings.write_text(settings.read_text() + f'[log]\nlevel = "{PLANTED["named"]}"\n')
    parts = bundled(tmp_path, settings, log)
    assert "log.level" in parts["settings.txt"]
    assert PLANTED["named"] not in "".join(parts.values())


def test_only_the_last_lines_of_a_log_go_in(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(100)))
    file = tmp_path / "bundle.zip"
    arguments = [str(file), "--data", str(tmp_path), "--log", str(log), "--lines", "3"]
    assert CliRunner().invoke(support_bundle, arguments).exit_code == 0
    with zipfile.ZipFile(file) as archive:
        assert archive.read("log-1.txt").decode().split() == [
            "line",
            "97",
            "line",
            "98",
            "line",
            "99",
        ]


@pytest.mark.parametrize(
    "text",
    [
        "mqtt://controller:se:cr/et@[::1]:1883",
        "password=se/cret",
        'api_key: "se cr/et"',
        "{'client_secret': 'se/cret', 'n': 1}",
        "Authorization: Basic c2U6Y3IvZXQ6cg==",
        "-----BEGIN PRIVATE KEY-----\nse/cret",
        "https://platform.example/in?v=2&sig=se/cret&access_key=cr/et",
    ],
)
def test_what_looks_like_a_secret_goes(text: str) -> None:
    assert GONE in redacted(text)
    for piece in ("cr/et", "se/cret", "c2U6"):
        assert piece not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        'password_file = "broker.password"',
        '"token_file": null',
        "https://platform.example/reports?month=2026-11",
        'streetlight_luminaires{zone="a"} 4',
        "2026-11-23 00:15:43 INFO keyring turned",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert redacted(text, known_secrets({"LS_COLORS": "4"}, [])) == text
