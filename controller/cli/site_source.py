"""Where a command takes its site from: a data folder, a site file, or the demo city."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from controller.data_folder import no_inventory, open_store
from controller.errors import ConfigurationError
from schedules import Site, demo_plan
from zones import demo_inventory

__all__ = ["DEFAULT_DATA", "demo_site", "open_store", "read_site", "site_options", "site_revision"]

DEFAULT_DATA = Path("lamplighter-data")
DEFAULT_DEMO_LUMINAIRES = 10_000
_REVISION = "lamplighter.revision"


def demo_site(luminaires: int, seed: int, clockless_share: float = 0.0) -> Site:
    """The synthetic Beijing with its programs."""
    inventory = demo_inventory(luminaires, seed=seed, clockless_share=clockless_share)
    return Site(inventory=inventory, plan=demo_plan(inventory))


def read_site(file: Path) -> Site:
    """A site document; raises `ConfigurationError` naming file, field, value and reason."""
    name = f"site file {str(file)!r}"
    try:
        return Site.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ConfigurationError(
            f"site file {str(file)!r} cannot be read: {error.strerror}"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "document"
        raise ConfigurationError(f"{name}: {field}: {first['msg']}") from error


def site_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a click command ``--data``, ``--site`` and ``--demo`` and hand it ``site``."""

    @click.option("--data", type=click.Path(path_type=Path), help="Data folder of the service.")
    @click.option(
        "--site", "site_file", type=click.Path(path_type=Path), help="Site document (JSON)."
    )
    @click.option(
        "--demo",
        type=click.IntRange(1, 1_000_000),
        is_flag=False,
        flag_value=DEFAULT_DEMO_LUMINAIRES,
        metavar="[N]",
        help="The synthetic Beijing with N luminaires (10000 unless said).",
    )
    @click.option("--seed", type=int, default=1, show_default=True, help="Seed of the demo city.")
    @functools.wraps(command)
    def with_site(
        *args: Any,
        data: Path | None,
        site_file: Path | None,
        demo: int | None,
        seed: int,
        **options: Any,
    ) -> Any:
        if sum(source is not None for source in (data, site_file, demo)) > 1:
            raise click.UsageError("give one of --data, --site and --demo")
        if demo is not None:
            site = demo_site(demo, seed)
        elif site_file is not None:
            site = read_site(site_file)
        else:
            site = _stored_site(data or DEFAULT_DATA)
        return command(*args, site=site, **options)

    return with_site


def _stored_site(data: Path) -> Site:
    with open_store(data, read_only=True) as store:
        site = store.load_site()
        revisions = store.revisions()
    if site is None:
        raise ConfigurationError(no_inventory(data))
    if revisions:
        click.get_current_context().meta[_REVISION] = revisions[-1].number
    return site


def site_revision() -> int | None:
    """The revision of the running command's site; None where it came from no store."""
    revision: int | None = click.get_current_context().meta.get(_REVISION)
    return revision
