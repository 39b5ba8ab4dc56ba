"""``users``: who may enter the console, by whoever may enter the data folder."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from controller.adapters.service_socket import RunningService
from controller.cli.options import AUTHOR, DATA, acting_user
from controller.cli.values import FORMAT, echo_csv, echo_json, plain
from controller.data_folder import no_inventory, open_store
from controller.errors import ConfigurationError
from controller.service.people import People, Role, local_caller
from controller.service.people.by_machine import act_on_user
from zones import Inventory

_ROLES = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    metavar="ROLE[@PLACE]",
    help=f"One of {', '.join(Role)}; in the whole city, or as in planner@district:110105 and "
    "operator@zone:Z-1. As often as wanted.",
)
_USER = click.argument("user", metavar="NAME")


@click.group(short_help="Who may enter the console.")
def users() -> None:
    """Users of the console and its API, their roles, and links that let them in once.

    Whoever may write in the data folder is an admin. Nobody has a password that they did not
    choose. docs/access.md tells roles and places.
    """


@users.command("list", short_help="All users.")
@DATA
@click.option("--format", "form", type=FORMAT, default="text", show_default=True)
def list_users(data: Path, form: str) -> None:
    """All users with their roles."""
    with open_store(data, read_only=True) as store:
        people = People.of(store.people(), time.time, _no_inventory)
        found = asyncio.run(people.directory.users()) if store.has_people() else []
    rows: list[dict[str, object]] = [
        {
            "id": row.id,
            "name": row.name,
            "roles": " ".join(map(str, grants)),
            "has_password": row.password is not None,
            "is_disabled": row.is_disabled,
            "created_at": f"{_utc(row.created_at)}Z",
        }
        for row, grants in found
    ]
    if form == "json":
        echo_json(rows)
    elif form == "csv":
        echo_csv(["id", "name", "roles", "has_password", "is_disabled", "created_at"], rows)
    elif not rows:
        click.echo("No users yet: the service prints a link for the first one when it starts.")
    for row in rows if form == "text" else []:
        notes = [] if row["has_password"] else ["no password yet"]
        notes += ["DISABLED"] if row["is_disabled"] else []
        words = f"  ({', '.join(notes)})" if notes else ""
        click.echo(f"{row['id']!s:<20} {plain(str(row['name'])):<24} {row['roles']}{words}")


@users.command(short_help="A new user, let in by a link.")
@_USER
@_ROLES
@click.option("--name", "full_name", default="", help="What people call them.")
@AUTHOR
@DATA
def invite(
    user: str, roles: tuple[str, ...], full_name: str, author: str | None, data: Path
) -> None:
    """Make user NAME and print a link that lets them in once, to choose a password."""
    _print_link(_act(data, author, "invite", user, full_name, roles), user)


@users.command(short_help="A link for one who forgot the password or is locked.")
@_USER
@AUTHOR
@DATA
def link(user: str, author: str | None, data: Path) -> None:
    """Print a new link that lets NAME in once; earlier links are void."""
    _print_link(_act(data, author, "link", user), user)


@users.command(short_help="Other roles.")
@_USER
@_ROLES
@AUTHOR
@DATA
def grant(user: str, roles: tuple[str, ...], author: str | None, data: Path) -> None:
    """Give NAME these roles, in place of all that they had; at once."""
    _act(data, author, "grant", user, None, roles)
    click.echo(f"{user} is {' '.join(roles)} now")


@users.command(short_help="Shut a user out.")
@_USER
@AUTHOR
@DATA
def disable(user: str, author: str | None, data: Path) -> None:
    """Shut NAME out at once: sessions, tokens and links end."""
    _act(data, author, "disable", user)
    click.echo(f"{user} is shut out")


@users.command(short_help="Let a disabled user in again.")
@_USER
@AUTHOR
@DATA
def enable(user: str, author: str | None, data: Path) -> None:
    """Let NAME in again, by the password they had."""
    _act(data, author, "enable", user)
    click.echo(f"{user} may come in again")


@users.command("log-out", short_help="End all sessions and tokens of a user.")
@_USER
@AUTHOR
@DATA
def log_out(user: str, author: str | None, data: Path) -> None:
    """End every session and token of NAME; they may log in again."""
    ended = _act(data, author, "log-out", user)["ended"]
    click.echo(f"{ended} sessions and tokens of {user} ended")


@users.command(short_help="Forget a user.")
@_USER
@AUTHOR
@DATA
def remove(user: str, author: str | None, data: Path) -> None:
    """Forget NAME; what they did stays in the histories and in the audit log."""
    _act(data, author, "remove", user)
    click.echo(f"{user} is removed")


def _act(
    data: Path,
    author: str | None,
    action: str,
    user: str,
    name: str | None = None,
    grants: tuple[str, ...] = (),
) -> dict[str, object]:
    """By the service where one runs, else straight in its store, which nobody else holds then."""
    who = author or acting_user()
    if not who:
        raise click.UsageError("give --author: this machine does not say who you are")
    with RunningService.of(data) as service:
        if service is not None:
            asked = {"author": who, "user": user, "name": name, "grants": list(grants)}
            return service.post(f"/users/{action}", asked)
        # Opening it to write would make one.
        with open_store(data, read_only=True):
            pass
        with open_store(data) as store:
            site = store.load_site()
            if site is None:
                raise ConfigurationError(no_inventory(data))
            inventory = site.inventory
            people = People.of(store.people(), time.time, lambda: inventory)
            return asyncio.run(act_on_user(people, local_caller(who), action, user, name, grants))


def _print_link(told: dict[str, object], user: str) -> None:
    way = f"/#/enter/{told['link']}"
    until = _utc(float(str(told["expires_at"])))
    if told.get("console"):
        click.echo(f"{told['console']}{way}")
    else:
        click.echo(way)
        click.echo("Put the console's address before it; no console runs here now.", err=True)
    click.echo(
        f"It lets {user} in once, until {until} UTC, whoever has it: hand it over safely.",
        err=True,
    )


def _utc(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"


def _no_inventory() -> Inventory:
    raise AssertionError("reading users needs no inventory")
