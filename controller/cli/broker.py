"""``broker``: the configuration of mosquitto for this site, made from its inventory."""

import csv
import grp
import os
import pwd
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from controller.cli.options import DATA
from controller.cli.site_source import open_store
from controller.errors import ConfigurationError
from controller.mosquitto import Listeners, access_list, configuration, password_line
from controller.mosquitto.configuration import (
    ACCESS_LIST,
    AUTHORITY,
    CERTIFICATE,
    KEY,
    PASSWORDS,
    REVOKED,
)
from controller.mosquitto.passwords import new_password
from controller.pki import Role
from controller.pki.authority import write_public, write_secret
from controller.pki.folder import certificate_file, key_file
from schedules import Site

_WHO: Final = ("luminaires", "gateways", "sensors", "controller")
_OFF: Final = "off"


@click.group(short_help="mosquitto for this site: listeners, users, access list.")
def broker() -> None:
    """A broker that lets nobody in without a name, and everybody say and hear only their own."""


@broker.command(short_help="Write mosquitto's configuration.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the files; mosquitto reads them from here.",
)
@click.option(
    "--pki",
    "authority",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the certificate authority; 'pki' in the data folder unless said.",
)
@click.option(
    "--certificate",
    "name",
    default="broker",
    show_default=True,
    help="The broker that a certificate was issued to.",
)
@click.option(
    "--listen",
    default="0.0.0.0:8883",
    show_default=True,
    metavar="ADDRESS:PORT|off",
    help="Where clients with certificates connect.",
)
@click.option(
    "--listen-passwords",
    default=_OFF,
    show_default=True,
    metavar="ADDRESS:PORT|off",
    help="Where clients with passwords connect, inside TLS as well.",
)
@click.option(
    "--passwords",
    "with_passwords",
    type=click.Choice(_WHO),
    multiple=True,
    help="Make passwords for these; they go into credentials.csv in the authority's folder.",
)
@click.option("--controller", default="controller", show_default=True, help="Its user name.")
@click.option(
    "--persistence",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("/var/lib/mosquitto"),
    show_default=True,
    help="Folder in which mosquitto keeps what is retained.",
)
@click.option(
    "--seen-at",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where mosquitto finds the folder, if elsewhere: in a container, say.",
)
@click.option(
    "--owner",
    metavar="USER",
    help="Give the files to mosquitto's user, by name or number (needs root).",
)
@DATA
def configure(
    *,
    output: Path,
    authority: Path | None,
    name: str,
    listen: str,
    listen_passwords: str,
    with_passwords: tuple[str, ...],
    controller: str,
    persistence: Path,
    seen_at: Path | None,
    owner: str | None,
    data: Path,
) -> None:
    """Write mosquitto.conf, access list, passwords and certificates into a folder.

    Start it with 'mosquitto -c FOLDER/mosquitto.conf'. Run this again when luminaires come, go
    or change their zone, and send mosquitto a SIGHUP. After a certificate was revoked restart it:
    whoever is connected stays so until then.
    """
    pki = data / "pki" if authority is None else authority
    with open_store(data, read_only=True) as store:
        site = store.load_site()
    if site is None:
        raise ConfigurationError(f"data folder {str(data)!r} holds no city yet")
    listeners = Listeners(_address(listen), _address(listen_passwords))
    if listeners == Listeners(None, None):
        raise click.UsageError("a broker listens somewhere: --listen or --listen-passwords")
    if with_passwords and listeners.passwords is None:
        raise click.UsageError("--passwords needs --listen-passwords ADDRESS:PORT")
    sensors = {sensor for rule in site.plan.rules for sensor in rule.sensors}
    lines = access_list(site.inventory, sensors, controller)
    folder = output.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    written = [
        _copied(pki / "ca.crt", folder / AUTHORITY),
        _copied(pki / "revoked.crl", folder / REVOKED),
        _copied(certificate_file(pki, Role.BROKER, name), folder / CERTIFICATE),
        _copied(key_file(pki, Role.BROKER, name), folder / KEY, is_secret=True),
    ]
    if listeners.passwords is not None:
        credentials = _credentials(
            pki / "credentials.csv", _users(site, with_passwords, controller)
        )
        known = set(_users(site, _WHO, controller))
        text = "".join(
            password_line(user, word) for user, word in credentials.items() if user in known
        )
        write_secret(folder / PASSWORDS, text.encode())
        written.append(folder / PASSWORDS)
    write_secret(folder / ACCESS_LIST, "".join(lines).encode())
    conf = folder / "mosquitto.conf"
    write_public(conf, "".join(configuration(seen_at or folder, listeners, persistence)).encode())
    written += [folder / ACCESS_LIST, conf]
    if owner is not None:
        for path in written:
            _give(path, owner)
    told = (seen_at or folder) / conf.name
    click.echo(f"{conf}: start with 'mosquitto -c {told}', reload with SIGHUP")


def _users(site: Site, wanted: Iterable[str], controller: str) -> list[str]:
    names: dict[str, list[str]] = {
        "luminaires": [one.id for one in site.inventory.luminaires if one.gateway is None],
        "gateways": [one.id for one in site.inventory.gateways],
        "sensors": sorted({sensor for rule in site.plan.rules for sensor in rule.sensors}),
        "controller": [controller],
    }
    return [name for kind in wanted for name in names[kind]]


def _credentials(file: Path, users: list[str]) -> dict[str, str]:
    """Passwords by user: those that there are, and new ones for whom has none; kept in ``file``."""
    kept: dict[str, str] = {}
    if file.exists():
        with file.open(newline="", encoding="utf-8") as rows:
            kept = {row["user"]: row["password"] for row in csv.DictReader(rows)}
    made = kept | {user: new_password() for user in users if user not in kept}
    if made != kept:
        lines = "".join(f"{user},{word}\n" for user, word in made.items())
        write_secret(file, f"user,password\n{lines}".encode())
    return made


def _copied(source: Path, to: Path, *, is_secret: bool = False) -> Path:
    try:
        content = source.read_bytes()
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"{str(source)!r} is not there: 'lamplighter pki init' and 'lamplighter pki issue "
            "broker broker --host HOST' make it"
        ) from error
    (write_secret if is_secret else write_public)(to, content)
    return to


def _give(path: Path, owner: str) -> None:
    try:
        if owner.isdecimal():
            os.chown(path, int(owner), int(owner))
            return
        user = pwd.getpwnam(owner)
        shutil.chown(path, user.pw_uid, grp.getgrgid(user.pw_gid).gr_gid)
    except KeyError as error:
        raise ConfigurationError(f"this machine has no user {owner!r}") from error
    except PermissionError as error:
        raise ConfigurationError(
            f"user {os.geteuid()} may not give {str(path)!r} to {owner!r}: run it as root"
        ) from error


def _address(text: str) -> tuple[str, int] | None:
    if text == _OFF:
        return None
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise click.UsageError(f"{text!r} is no address; such are '0.0.0.0:8883' and 'off'")
    return host.strip("[]"), int(port)
