"""Settings looked at as a start would look at them, without starting anything."""

import ssl
from collections.abc import Iterator

from controller.adapters.certificates import file_not_after
from controller.adapters.mqtt_options import options_of
from controller.config import EMBEDDED, ConsoleSettings, Settings
from controller.data_folder import no_inventory, open_store
from controller.errors import ConfigurationError
from controller.pki.signing import open_signing
from controller.reports.push import endpoint
from controller.web.access import access_of
from controller.web.base_map import base_map_of
from controller.wire.signing import key_id


def check_settings(settings: Settings) -> None:
    """Read every file that they name, as it would be used.

    Raises `ConfigurationError` naming the first that is wrong.
    """
    if settings.broker.url != EMBEDDED:
        options_of(settings.broker, "check")
    open_signing(settings.signing)
    access_of(settings.web)
    if settings.console.serve:
        _check_console(settings.console)
    wanted = settings.report_push
    if wanted.url is not None and wanted.key_file is not None:
        endpoint(wanted.url, wanted.key_file, wanted.ca_file)


def _check_console(console: ConsoleSettings) -> None:
    base_map_of(console)
    if console.certificate_file is None:
        return
    file_not_after(console.certificate_file)
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            console.certificate_file, console.key_file
        )
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"console certificate {str(console.certificate_file)!r} with key "
            f"{str(console.key_file)!r} cannot be used: {error}"
        ) from error


def would_be_used(settings: Settings) -> Iterator[str]:
    """What a start would use, a line each; reads the documents. Raises what a start would."""
    check_settings(settings)
    with open_store(settings.data, read_only=True) as store:
        site = store.load_site()
        revisions = store.revisions()
    if site is None:
        raise ConfigurationError(no_inventory(settings.data))
    inventory, plan = site.inventory, site.plan
    number = f"revision {revisions[-1].number}" if revisions else "documents"
    yield f"data       {settings.data}"
    yield (
        f"documents  {number}: {inventory.city.name}, {len(inventory.luminaires):,} luminaires in "
        f"{len(inventory.zones):,} zones, {len(plan.programs):,} programs"
    )
    if settings.broker.url == EMBEDDED:
        yield f"broker     embedded, port {settings.broker.embedded_port}"
    else:
        options = options_of(settings.broker, "check")
        yield f"broker     {options.address.removeprefix('broker ')}, MQTT {options.protocol}"
    signing = open_signing(settings.signing)
    yield f"signing    {'none' if signing is None else key_id(signing.signer.public_key)}"
    yield f"metrics    {settings.web.host}:{settings.web.port}"
    console = settings.console
    how = "TLS" if console.has_tls else "behind a proxy" if console.behind_proxy else "loopback"
    yield f"console    {f'{console.host}:{console.port}, {how}' if console.serve else 'none'}"
    yield f"log        {settings.log.level}, {settings.log.format}"
