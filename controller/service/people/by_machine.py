"""What whoever may enter the data folder does with users, whether the service runs or not.

The command line asks the running service for it by the local socket, or does it itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from controller.errors import ConfigurationError, ControllerError
from controller.service.people import Caller, People
from controller.service.people.passes import Invitation
from controller.service.people.rights import Grant, Place, parse_grant
from controller.service.people.sentences import SAY
from zones import Inventory


async def act_on_user(
    people: People,
    by: Caller,
    action: str,
    user: str,
    name: str | None,
    grants: Sequence[str],
) -> dict[str, object]:
    """Do one thing with a user; the answer as JSON.

    ``grants`` as `parse_grant` reads them. Raises `ConfigurationError` and `NoSuchPerson`.
    """
    try:
        return await _done(people, by, action, user, name, grants)
    except ControllerError as error:
        why = {"why": " ".join(str(error).split())[:300]}
        await people.audit.write(by, f"{action} user", user, "refused", why)
        raise


async def _done(
    people: People, by: Caller, action: str, user: str, name: str | None, grants: Sequence[str]
) -> dict[str, object]:
    directory = people.directory
    given = [parse_grant(one) for one in grants]
    refuse_unknown_places(given, people.inventory())
    match action:
        case "invite":
            return _told(await directory.invite(by, user, name or "", given))
        case "link":
            return _told(await directory.new_link(by, user))
        case "grant":
            if not given:
                raise ConfigurationError(SAY("role_missing", user=user))
            await directory.change_user(by, user, grants=given)
        case "disable" | "enable":
            await directory.change_user(by, user, is_disabled=action == "disable")
        case "remove":
            await directory.delete_user(by, user)
        case "log-out":
            return {"ended": await people.passes.end_all(by, user)}
        case _:
            raise ConfigurationError(f"{action!r} is nothing that is done with users")
    return {}


def refuse_unknown_places(grants: Sequence[Grant], inventory: Inventory) -> None:
    """Raises `ConfigurationError` for a part of the city that there is not."""
    known: Mapping[Place, Mapping[str, Any]] = {
        Place.DISTRICT: inventory.district_by_id,
        Place.ZONE: inventory.zone_by_id,
    }
    for one in grants:
        if one.id is not None and one.id not in known[one.place]:
            some = ", ".join(list(known[one.place])[:5])
            raise ConfigurationError(
                f"grant {str(one)!r}: there is no {one.place} {one.id!r}; there are {some}, ..."
            )


def _told(made: Invitation) -> dict[str, object]:
    return {"link": made.secret, "expires_at": made.expires_at}
