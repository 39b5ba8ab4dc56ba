"""``lamplighter.toml``: the service's own settings. Documents of the city are not here."""

import tomllib
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from controller.errors import ConfigurationError

EMBEDDED = "embedded"
"""Broker URL that asks for the broker that comes with the service."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BrokerSettings(_Section):
    """``[broker]``"""

    url: str = EMBEDDED
    """``embedded``, ``mqtt://user@host:port`` or ``mqtts://user@host:port``."""
    password_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    protocol: Literal["3.1.1", "5"] = "3.1.1"
    issued_file: Path | None = None
    """Register of the authority that issued the luminaires' certificates; None: that in the data
    folder, where there is one."""
    embedded_port: Annotated[int, Field(ge=0, le=65_535)] = 1883
    """Loopback port of the embedded broker; 0 picks a free one."""
    subscribe_qos: Annotated[int, Field(ge=0, le=1)] = 1


class SigningSettings(_Section):
    """``[signing]``: programs and commands that no broker can forge."""

    key_file: Path | None = None
    """Private key (Ed25519, PEM) that signs what commands the street; None: nothing is signed."""
    trusted_file: Path | None = None
    """Public keys of all controllers of the site; None: of ``key_file`` alone."""

    @model_validator(mode="after")
    def _signs(self) -> Self:
        if self.trusted_file is not None and self.key_file is None:
            raise ValueError("trusted_file needs key_file: who checks signatures signs as well")
        return self


class WebSettings(_Section):
    """``[web]``"""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 9464
    token_file: Path | None = None
    """Its first line must come with every scrape as a bearer token; None: all may read."""
    luminaires: bool = False
    """Whether ``/metrics/luminaires?zone=`` answers."""


class Coordinates(StrEnum):
    """A system of longitude and latitude."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    """Shifted, as maps of China are published; GB 20263-2006."""


class ConsoleSettings(_Section):
    """``[console]``: the operators' console and its API."""

    serve: bool = True
    """Whether there is one at all."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    certificate_file: Path | None = None
    """Certificate chain, PEM, of the console's own TLS."""
    key_file: Path | None = None
    behind_proxy: bool = False
    """A proxy before it does TLS; then it may be reached from elsewhere without its own."""
    approval_above_luminaires: Annotated[int, Field(ge=0)] = 5_000
    """Edits and overrides that concern more than these take a second person."""
    base_map: Path | None = None
    """A PMTiles archive that the map shows below the street; it is in no backup, being large."""
    base_map_coordinates: Coordinates = Coordinates.WGS84
    """Of the base map: the street is drawn where it has its places."""

    @property
    def has_tls(self) -> bool:
        """Whether it answers by TLS itself."""
        return self.certificate_file is not None

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @model_validator(mode="after")
    def _is_private(self) -> Self:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file are given together or not at all")
        if self.serve and not (self.is_loopback or self.has_tls or self.behind_proxy):
            raise ValueError(
                f"host {self.host!r} is reached from elsewhere: give certificate_file and "
                "key_file, or behind_proxy = true where a proxy before it does TLS"
            )
        return self


class ControlSettings(_Section):
    """``[control]``"""

    pass_every_s: Annotated[float, Field(ge=0.05, le=60)] = 1.0
    """Machine seconds between two passes of the closed loop."""


class AlarmSettings(_Section):
    """``[alarms]``"""

    keep_days: Annotated[float, Field(ge=1, le=36_500)] = 400
    """Days for which past alarms are kept."""


class LogSettings(_Section):
    """``[log]``"""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"
    """Lines for people, or one JSON object each."""


class EnergySettings(_Section):
    """``[energy]``: how long the account is kept, and how finely."""

    keep_quarters_days: Annotated[int, Field(ge=2, le=4000)] = 62
    """Control days as quarter-hours; older ones are summed up to hours."""
    keep_hours_days: Annotated[int, Field(ge=2, le=40_000)] = 400
    """Control days as hours; older ones are summed up to control days, kept for ever."""
    keep_nights_days: Annotated[int, Field(ge=17, le=40_000)] = 400
    """Nights of every luminaire."""

    @model_validator(mode="after")
    def _coarsens(self) -> Self:
        if self.keep_hours_days < self.keep_quarters_days:
            raise ValueError(
                f"keep_hours_days = {self.keep_hours_days} is less than "
                f"keep_quarters_days = {self.keep_quarters_days}"
            )
        return self


class ReportPushSettings(_Section):
    """``[report_push]``: the month's figures to the city's platform, signed, once."""

    url: str | None = None
    """``https://...``; None: nothing is sent by itself. ``http`` only to this machine."""
    key_file: Path | None = None
    """Key of the signature, 16 bytes or more."""
    ca_file: Path | None = None
    """Certificates that are trusted in place of the system's."""
    timeout_s: Annotated[float, Field(ge=1, le=600)] = 30.0
    day_of_month: Annotated[int, Field(ge=1, le=28)] = 3
    """Local day from which on the month before is sent."""
    by_district: bool = True
    """Also a report of every district, beside the city's."""

    @model_validator(mode="after")
    def _has_a_key(self) -> Self:
        if self.url is not None and self.key_file is None:
            raise ValueError("url needs key_file, the key of the signature")
        return self


class OidcSettings(_Section):
    """``[oidc]``: people come in by the city's own directory. Needs ``lamplighter[oidc]``."""

    issuer: str | None = None
    """``https://...`` as the provider calls itself; None: nobody comes in so."""
    client_id: str = "lamplighter"
    client_secret_file: Path | None = None
    redirect_url: str | None = None
    """Of the console as browsers reach it: ``https://console.example/api/v1/oidc/callback``."""
    user_claim: str = "preferred_username"
    """Which of the provider's words is the identifier of our user."""
    name: str = "OpenID Connect"
    """What the sign-in page calls it."""
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.issuer is None:
            return self
        if self.redirect_url is None:
            raise ValueError("issuer needs redirect_url, the console's address for the way back")
        for name, url in (("issuer", self.issuer), ("redirect_url", self.redirect_url)):
            parts = urlsplit(url)
            is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
            if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
                raise ValueError(f"{name} {url!r}: https://, or http:// on this machine")
        return self


class Settings(_Section):
    """The whole file; every key has a default, an unknown one is refused."""

    data: Path = Path("lamplighter-data")
    """Data folder: the store, the embedded broker's files."""
    broker: BrokerSettings = BrokerSettings()
    signing: SigningSettings = SigningSettings()
    web: WebSettings = WebSettings()
    console: ConsoleSettings = ConsoleSettings()
    control: ControlSettings = ControlSettings()
    alarms: AlarmSettings = AlarmSettings()
    energy: EnergySettings = EnergySettings()
    log: LogSettings = LogSettings()
    report_push: ReportPushSettings = ReportPushSettings()
    oidc: OidcSettings = OidcSettings()


def read_settings(file: Path) -> Settings:
    """Read a settings file; relative paths in it are relative to its folder.

    Raises `ConfigurationError` naming file, key, value and what would be right.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"settings {str(file)!r} cannot be read: {error.strerror}"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"settings {str(file)!r}: byte {error.start} is not UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"settings {str(file)!r}: {error}") from error
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        raise ConfigurationError(f"settings {str(file)!r}: {_first_fault(error)}") from error
    folder = file.parent
    broker, pushing, web = settings.broker, settings.report_push, settings.web
    console = settings.console
    return settings.model_copy(
        update={
            "data": folder / settings.data,
            "broker": broker.model_copy(
                update={
                    name: folder / path
                    for name in (
                        *("password_file", "ca_file", "certificate_file", "key_file"),
                        "issued_file",
                    )
                    if (path := getattr(broker, name)) is not None
                }
            ),
            "signing": settings.signing.model_copy(
                update={
                    name: folder / path
                    for name in ("key_file", "trusted_file")
                    if (path := getattr(settings.signing, name)) is not None
                }
            ),
            "web": web.model_copy(
                update={"token_file": web.token_file and folder / web.token_file}
            ),
            "console": console.model_copy(
                update={
                    name: folder / path
                    for name in ("certificate_file", "key_file", "base_map")
                    if (path := getattr(console, name)) is not None
                }
            ),
            "report_push": pushing.model_copy(
                update={
                    name: folder / path
                    for name in ("key_file", "ca_file")
                    if (path := getattr(pushing, name)) is not None
                }
            ),
            "oidc": settings.oidc.model_copy(
                update={
                    name: folder / path
                    for name in ("client_secret_file", "ca_file")
                    if (path := getattr(settings.oidc, name)) is not None
                }
            ),
        }
    )


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{key} is no setting"
    return f"{key}{_shown(fault['input'])}: {fault['msg']}"


def _shown(value: object) -> str:
    """A wrong value as it may stand in a log: no section and no URL that may hold a password."""
    text = str(value)
    is_hidden = isinstance(value, dict | list) or ("://" in text and ("@" in text or "?" in text))
    return "" if is_hidden else f" = {value!r}"


class NamedFile(NamedTuple):
    """A file that the settings name."""

    setting: str
    """Section and key, such as ``broker.key_file``."""
    path: Path
    is_secret: bool
    """Whoever reads it may act as the service."""


_PUBLIC_FILES: Final = ("ca_file", "certificate_file", "trusted_file", "issued_file")


def named_files(settings: Settings) -> list[NamedFile]:
    """Every file that the settings name, in their order."""
    found = []
    for section in type(settings).model_fields:
        part = getattr(settings, section)
        if not isinstance(part, _Section):
            continue
        for key in type(part).model_fields:
            path = getattr(part, key)
            if key.endswith("_file") and path is not None:
                found.append(NamedFile(f"{section}.{key}", path, key not in _PUBLIC_FILES))
    return found
