"""Who may call which route: the one table. What a route itself asks for is held against it.

A right counts in a part of the city. Where it is looked at differs by what the route is about.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from controller.service.people import Right


class Where(StrEnum):
    """Where the right must be held."""

    ANYBODY = "anybody"
    """No right: those who are not in yet come this way."""
    OWN = "own"
    """No right: whoever is in, about themselves; an admin of the city about all."""
    SEEN = "seen"
    """Anywhere; the answer shows only what lies there, a foreign object is not there (404)."""
    TOUCHED = "touched"
    """In every zone that the action touches, else refused (403)."""
    CITY = "city"
    """In the whole city, else refused (403)."""


class Permission(NamedTuple):
    """What a route takes."""

    right: Right | None
    where: Where
    is_action: bool = True
    """Whether it changes anything; such as do not are told in the audit log if refused only."""


def _reading(right: Right = Right.VIEW, where: Where = Where.SEEN) -> Permission:
    return Permission(right, where, is_action=False)


_OWN: Final = Permission(None, Where.OWN)
_OWN_READING: Final = Permission(None, Where.OWN, is_action=False)
_ADMIN: Final = Permission(Right.ADMIN, Where.CITY)
_EDIT: Final = Permission(Right.EDIT, Where.TOUCHED)

PERMISSIONS: Final[dict[tuple[str, str], Permission]] = {
    ("GET", "/session"): _OWN_READING,
    ("POST", "/session"): Permission(None, Where.ANYBODY),
    ("PATCH", "/session"): _OWN,
    ("DELETE", "/session"): _OWN,
    ("POST", "/session/password"): _OWN,
    ("POST", "/setup"): Permission(None, Where.ANYBODY),
    ("GET", "/oidc"): Permission(None, Where.ANYBODY, is_action=False),
    ("GET", "/oidc/start"): Permission(None, Where.ANYBODY, is_action=False),
    ("GET", "/oidc/callback"): Permission(None, Where.ANYBODY, is_action=False),
    ("GET", "/sessions"): _OWN_READING,
    ("DELETE", "/sessions/{key}"): _OWN,
    ("GET", "/tokens"): _OWN_READING,
    ("POST", "/tokens"): _OWN,
    ("DELETE", "/tokens/{key}"): _OWN,
    ("GET", "/users"): _reading(Right.ADMIN, Where.CITY),
    ("POST", "/users"): _ADMIN,
    ("PATCH", "/users/{user}"): _ADMIN,
    ("DELETE", "/users/{user}"): _ADMIN,
    ("POST", "/users/{user}/link"): _ADMIN,
    ("GET", "/approvals"): _reading(),
    ("POST", "/approvals/{number}/approve"): Permission(Right.APPROVE, Where.TOUCHED),
    ("POST", "/approvals/{number}/reject"): Permission(Right.VIEW, Where.TOUCHED),
    ("GET", "/audit"): _reading(Right.AUDIT, Where.CITY),
    ("GET", "/audit/verify"): _reading(Right.AUDIT, Where.CITY),
    ("GET", "/city"): _reading(),
    ("GET", "/tonight"): _reading(),
    ("GET", "/events"): _reading(),
    ("GET", "/map/base"): _reading(),
    ("GET", "/map/base.pmtiles"): _reading(),
    ("GET", "/map/codes"): _reading(),
    ("GET", "/map/ids"): _reading(),
    ("GET", "/map/luminaires"): _reading(),
    ("GET", "/map/states"): _reading(),
    ("GET", "/luminaires"): _reading(),
    ("GET", "/luminaires/{luminaire_id}"): _reading(),
    ("GET", "/zones/{zone_id}/nights"): _reading(),
    ("POST", "/zones/{zone_id}/nights"): _reading(),
    ("GET", "/zones/{zone_id}/year"): _reading(),
    ("POST", "/zones/{zone_id}/year"): _reading(),
    ("GET", "/energy"): _reading(),
    ("GET", "/reports"): _reading(),
    ("GET", "/alarms"): _reading(),
    ("GET", "/alarms/{number}"): _reading(),
    ("POST", "/alarms/{number}/acknowledge"): Permission(Right.ACKNOWLEDGE, Where.TOUCHED),
    ("GET", "/documents"): _reading(),
    ("GET", "/documents/{kind}"): _reading(),
    ("GET", "/documents/{kind}/{key}"): _reading(),
    ("PUT", "/documents/{kind}/{key}"): _EDIT,
    ("DELETE", "/documents/{kind}/{key}"): _EDIT,
    ("POST", "/edits"): _EDIT,
    ("GET", "/revisions"): _reading(),
    ("GET", "/revisions/{number}"): _reading(),
    ("POST", "/revisions/{number}/rollback"): Permission(Right.EDIT, Where.CITY),
    ("GET", "/overrides"): _reading(),
    ("POST", "/overrides"): Permission(Right.OVERRIDE, Where.TOUCHED),
    ("POST", "/overrides/{name}/end"): Permission(Right.OVERRIDE, Where.TOUCHED),
    ("GET", "/rollouts"): _reading(),
    ("GET", "/rollouts/{number}"): _reading(),
    ("POST", "/rollouts"): _EDIT,
    ("POST", "/rollouts/{number}/advance"): _EDIT,
    ("POST", "/rollouts/{number}/abort"): _EDIT,
    ("GET", "/work-orders"): _reading(),
    ("GET", "/work-orders/{number}"): _reading(),
    ("POST", "/work-orders"): Permission(Right.WORK, Where.TOUCHED),
    ("PATCH", "/work-orders/{number}"): Permission(Right.WORK, Where.TOUCHED),
    ("POST", "/inventory/imports"): Permission(Right.IMPORT, Where.CITY),
    ("GET", "/inventory/imports/{number}"): _reading(Right.IMPORT, Where.CITY),
    ("POST", "/inventory/imports/{number}/apply"): Permission(Right.IMPORT, Where.CITY),
}
"""By method, and path below ``/api/v1``."""
