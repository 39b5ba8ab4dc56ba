"""``pki signing-key``: the keys that sign programs and commands."""

from datetime import UTC, datetime
from pathlib import Path

import click

from controller.cli.options import DATA, TEXT_OR_JSON
from controller.cli.values import echo_json
from controller.pki.signing import FOLDER, TRUSTED, make_key, retire_key, trusted_keys

_FOLDER = click.option(
    "--pki",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the authority; 'pki' in the data folder unless said.",
)


@click.group("signing-key", short_help="Keys that sign programs and commands.")
def signing_key() -> None:
    """Keys (Ed25519) that sign what commands the street, so that no broker can forge it.

    \b
    lamplighter pki signing-key make
    [signing] key_file = "..." in lamplighter.toml
    trusted.txt into every luminaire

    To change keys: make another, bring the new trusted.txt to every luminaire, let the settings
    name the new key, retire the old one, bring trusted.txt again.
    """


@signing_key.command(short_help="Make a key.")
@_FOLDER
@DATA
def make(folder: Path | None, data: Path) -> None:
    """Make a key pair; its public half joins those that luminaires are to believe."""
    pki = _place(folder, data)
    path = make_key(pki, datetime.now(UTC))
    click.echo(f"key_file {path}: for the controller alone")
    click.echo(f"public keys in {pki / FOLDER / TRUSTED}: for every luminaire")


@signing_key.command("list", short_help="Keys that luminaires are to believe.")
@_FOLDER
@DATA
@TEXT_OR_JSON
def list_keys(folder: Path | None, data: Path, form: str) -> None:
    """The keys of trusted.txt, the oldest first, and where their private halves are."""
    pki = _place(folder, data)
    rows = []
    for kid in trusted_keys(pki):
        path = pki / FOLDER / f"{kid}.key"
        rows.append({"kid": kid, "key_file": str(path) if path.exists() else None})
    if form == "json":
        echo_json(rows)
        return
    for row in rows:
        click.echo(f"{row['kid']}  {row['key_file'] or 'its private half is elsewhere'}")
    click.echo(f"{len(rows)} trusted")


@signing_key.command(short_help="Believe a key no more.")
@click.argument("kid")
@_FOLDER
@DATA
def retire(kid: str, folder: Path | None, data: Path) -> None:
    """Take KID off trusted.txt; luminaires believe it until they get the new list."""
    pki = _place(folder, data)
    retire_key(pki, kid)
    click.echo(f"{kid} retired; bring {pki / FOLDER / TRUSTED} to every luminaire")


def _place(folder: Path | None, data: Path) -> Path:
    return data / "pki" if folder is None else folder
