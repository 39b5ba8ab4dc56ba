"""``pki``: a small certificate authority for the site's broker, console and luminaires."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import track

from controller.cli.options import DATA, TEXT_OR_JSON
from controller.cli.pki_signing import signing_key
from controller.cli.site_source import open_store
from controller.cli.values import FORMAT, echo_csv, echo_json
from controller.errors import ConfigurationError
from controller.pki import Authority, Identity, Issued, Role
from controller.pki.folder import certificate_file, keep
from zones import Inventory

_CLIENTS_OF_INVENTORY: Final = ("luminaires", "gateways", "sensors")

_FOLDER = click.option(
    "--pki",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the authority; 'pki' in the data folder unless said.",
)
_PASSPHRASE = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Its first line opens the authority's key.",
)
_DAYS = click.option(
    "--days", type=click.IntRange(1, 7300), help="Valid for; 397 for servers, 1825 for clients."
)


@click.group(short_help="Certificates for the broker, the console and every luminaire.")
def pki() -> None:
    """A certificate authority for one site, in a folder: who is who on the wire.

    \b
    lamplighter pki init
    lamplighter pki issue broker broker --host broker.example --host 10.0.0.5
    lamplighter pki issue controller controller
    lamplighter pki issue-all luminaires
    lamplighter broker configure --output /etc/mosquitto/lamplighter

    Keep the folder's ca.key away from the network once everything is issued.
    """


pki.add_command(signing_key)


@pki.command(short_help="Make the authority.")
@click.option("--site", help="Identifier of the city; the one of the data folder unless said.")
@_PASSPHRASE
@_FOLDER
@DATA
def init(site: str | None, passphrase_file: Path | None, folder: Path | None, data: Path) -> None:
    """Make the site's certificate authority. Once: a second one is refused."""
    where = _place(folder, data)
    made = Authority.create(
        where, site or _site(data), _now(), passphrase=_passphrase(passphrase_file)
    )
    click.echo(
        f"authority of {made.site!r} in {where}, valid until "
        f"{made.certificate.not_valid_after_utc:%Y-%m-%d}; give {where / 'ca.crt'} to everybody, "
        "ca.key to nobody"
    )


@pki.command(short_help="A key and certificate for one holder.")
@click.argument("role", type=click.Choice([one.value for one in Role]))
@click.argument("name", metavar="ID")
@click.option("--host", "hosts", multiple=True, help="Name or address of a broker or console.")
@click.option(
    "--request",
    "request_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="PKCS #10 request (PEM) of a holder that keeps its own key.",
)
@_DAYS
@_PASSPHRASE
@_FOLDER
@DATA
@TEXT_OR_JSON
def issue(
    role: str,
    name: str,
    hosts: tuple[str, ...],
    request_file: Path | None,
    days: int | None,
    passphrase_file: Path | None,
    folder: Path | None,
    data: Path,
    form: str,
) -> None:
    """Issue a certificate to ID, which is its user name at the broker."""
    authority = _authority(folder, data, passphrase_file)
    identity = Identity(Role(role), name, hosts)
    if request_file is None:
        handed = next(authority.issue([identity], _now(), days=days))
    else:
        handed = authority.sign_request(identity, request_file.read_bytes(), _now(), days=days)
    path = keep(authority.folder, handed)
    if form == "json":
        echo_json(_row(handed.issued, authority.folder))
    else:
        click.echo(f"{path} until {handed.issued.not_after:%Y-%m-%d}")


@pki.command("issue-all", short_help="For every luminaire, gateway or sensor that has none.")
@click.argument("what", type=click.Choice(_CLIENTS_OF_INVENTORY), nargs=-1, required=True)
@_DAYS
@_PASSPHRASE
@_FOLDER
@DATA
def issue_all(
    what: tuple[str, ...],
    days: int | None,
    passphrase_file: Path | None,
    folder: Path | None,
    data: Path,
) -> None:
    """Issue to every one of the inventory that holds no valid certificate yet.

    May be interrupted and run again: it goes on where it was.
    """
    authority = _authority(folder, data, passphrase_file)
    with open_store(data, read_only=True) as store:
        site = store.load_site()
    if site is None:
        raise ConfigurationError(f"data folder {str(data)!r} holds no city yet")
    sensors = {name for rule in site.plan.rules for name in rule.sensors}
    wanted = list(_clients(site.inventory, sensors, what))
    now = _now()
    held = {(one.role, one.name) for one in authority.issued() if one.is_valid(now)}
    missing = [
        one
        for one in wanted
        if (one.role, one.name) not in held
        or not certificate_file(authority.folder, one.role, one.name).exists()
    ]
    _hand_out(authority, missing, now, days)
    click.echo(
        f"{len(missing):,} certificates issued, {len(wanted) - len(missing):,} were there already; "
        f"in {authority.folder / 'issued'}"
    )


@pki.command(short_help="New keys and certificates for those that end soon.")
@click.argument("names", metavar="[ID]...", nargs=-1)
@click.option(
    "--within",
    "within_days",
    type=click.IntRange(1, 7300),
    metavar="DAYS",
    help="All whose certificate ends within DAYS, instead of naming them.",
)
@_DAYS
@_PASSPHRASE
@_FOLDER
@DATA
def renew(
    names: tuple[str, ...],
    within_days: int | None,
    days: int | None,
    passphrase_file: Path | None,
    folder: Path | None,
    data: Path,
) -> None:
    """Issue anew with the same name and hosts. The old certificate stays valid to its end.

    Revoke it where its key may be in other hands.
    """
    if bool(names) == (within_days is not None):
        raise click.UsageError("name whom to renew, or give --within DAYS")
    authority = _authority(folder, data, passphrase_file)
    now = _now()
    newest = {(one.role, one.name): one for one in authority.issued() if one.revoked_at is None}
    if within_days is not None:
        limit = now + timedelta(days=within_days)
        chosen = [one for one in newest.values() if one.not_after <= limit]
    else:
        chosen = [one for one in newest.values() if one.name in names]
        unknown = set(names) - {one.name for one in chosen}
        if unknown:
            raise ConfigurationError(
                f"no valid certificate was issued to {', '.join(map(repr, sorted(unknown)))}"
            )
    identities = [Identity(one.role, one.name, one.hosts) for one in chosen]
    _hand_out(authority, identities, now, days)
    click.echo(f"{len(identities):,} certificates renewed")


@pki.command(short_help="Take certificates back.")
@click.argument("names", metavar="ID_OR_SERIAL...", nargs=-1, required=True)
@_PASSPHRASE
@_FOLDER
@DATA
def revoke(
    names: tuple[str, ...], passphrase_file: Path | None, folder: Path | None, data: Path
) -> None:
    """Revoke the certificates of a holder, or one by its serial number.

    The broker must be told: 'lamplighter broker configure' again, and restart it. A reload
    refuses them from then on; who is connected stays so until the restart.
    """
    authority = _authority(folder, data, passphrase_file)
    now = _now()
    issued = authority.issued()
    valid = [one for one in issued if one.is_valid(now)]
    chosen: list[Issued] = []
    for name in names:
        found = [one for one in valid if name in {one.name, f"{one.serial:x}"}]
        if not found and any(
            name in {one.name, f"{one.serial:x}"} for one in issued if one.revoked_at is not None
        ):
            authority.write_revoked(now)  # a crash may have come between register and list
            raise ConfigurationError(
                f"{name!r} is revoked already; the list of the revoked was written again"
            )
        if not found:
            raise ConfigurationError(
                f"{name!r} is neither a holder of a valid certificate nor its serial number"
            )
        chosen += found
    authority.revoke([one.serial for one in chosen], now)
    for one in chosen:
        click.echo(f"revoked {one.serial:x} of {one.role} {one.name!r}")
    click.echo(
        f"the list of the revoked is {authority.folder / 'revoked.crl'}: give it the broker, and "
        "restart that; a reload leaves connected whoever is"
    )


@pki.command("list", short_help="What was issued, and until when it is valid.")
@click.option(
    "--within", "within_days", type=click.IntRange(0, 7300), metavar="DAYS", help="Ending so soon."
)
@click.option("--all", "is_all", is_flag=True, help="The revoked and the ended as well.")
@_FOLDER
@DATA
@click.option("--format", "form", type=FORMAT, default="text", show_default=True)
def list_issued(
    *, within_days: int | None, is_all: bool, folder: Path | None, data: Path, form: str
) -> None:
    """Certificates, those that end first on top. Needs no passphrase."""
    where = _place(folder, data)
    now = _now()
    shown = sorted(Authority.issued_in(where), key=lambda one: (one.not_after, one.name))
    if not is_all:
        shown = [one for one in shown if one.is_valid(now)]
    if within_days is not None:
        shown = [one for one in shown if one.not_after <= now + timedelta(days=within_days)]
    rows = [_row(one, where) for one in shown]
    if form == "json":
        echo_json(rows)
    elif form == "csv":
        echo_csv(("serial", "role", "name", "not_before", "not_after", "revoked_at"), rows)
    else:
        for one in shown:
            state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else ""
            click.echo(
                f"{one.not_after:%Y-%m-%d}  {one.role:<10} {one.name:<40} {one.serial:x}  {state}"
            )
        click.echo(f"{len(shown):,} certificates")


def _hand_out(
    authority: Authority, identities: list[Identity], now: datetime, days: int | None
) -> None:
    """Issue and keep, with a bar on a terminal."""
    handed = authority.issue(identities, now, days=days)
    console = Console(stderr=True)
    for one in track(handed, "issuing", len(identities), console=console, transient=True):
        keep(authority.folder, one)


def _clients(
    inventory: Inventory, sensors: Iterable[str], what: tuple[str, ...]
) -> Iterator[Identity]:
    if "luminaires" in what:
        for luminaire in inventory.luminaires:
            if luminaire.gateway is not None:
                continue  # its gateway speaks for it
            yield Identity(Role.LUMINAIRE, luminaire.id)
    if "gateways" in what:
        for gateway in inventory.gateways:
            yield Identity(Role.GATEWAY, gateway.id)
    if "sensors" in what:
        for sensor in sorted(sensors):
            yield Identity(Role.SENSOR, sensor)


def _row(one: Issued, folder: Path) -> dict[str, Any]:
    return {
        "serial": f"{one.serial:x}",
        "role": one.role.value,
        "name": one.name,
        "not_before": one.not_before.isoformat(),
        "not_after": one.not_after.isoformat(),
        "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
        "certificate": str(certificate_file(folder, one.role, one.name)),
    }


def _authority(folder: Path | None, data: Path, passphrase_file: Path | None) -> Authority:
    return Authority.open(_place(folder, data), passphrase=_passphrase(passphrase_file))


def _place(folder: Path | None, data: Path) -> Path:
    return data / "pki" if folder is None else folder


def _site(data: Path) -> str:
    with open_store(data, read_only=True) as store:
        site = store.load_site()
    if site is None:
        raise ConfigurationError(f"data folder {str(data)!r} holds no city yet; give --site ID")
    return site.inventory.city.id


def _passphrase(file: Path | None) -> bytes | None:
    if file is None:
        return None
    lines = file.read_bytes().splitlines()
    if not lines or not lines[0]:
        raise ConfigurationError(f"passphrase file {str(file)!r}: its first line is empty")
    return lines[0]


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
