"""The desk where edits are handed in: weighed, refused, put in force, or kept for a second person.

Every way in uses it. What works long runs in threads; what is answered was stored first.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from controller.errors import ConfigurationError, ControllerError
from controller.ports.clock import Clock
from controller.service.actions import LATEST, Actions
from controller.service.control import Control
from controller.service.editing.drafts import Draft, Put, applied
from controller.service.editing.floors import approval_reasons
from controller.service.editing.overrides import (
    floors_passed,
    meant_luminaires,
    with_override,
    without_override,
)
from controller.service.editing.places import named_zones
from controller.service.editing.weighing import Edit, weigh
from controller.service.in_thread import finished
from controller.service.names import right_said, thing_said
from controller.service.people import Approvals, Caller, Right
from controller.service.sentences import SAY
from schedules import Override, Site, control_day
from schedules.wording import word_said
from zones.said import listed

CITYWIDE: Final = frozenset({"baselines", "tariffs", "emission_factors", "targets", "lamp_types"})
"""Kinds that concern the whole city's figures, whatever zones they light."""


class NotPermitted(ControllerError):
    """The caller lacks a right in some of the zones that are touched."""

    def __init__(self, right: Right, zones: Sequence[str]) -> None:
        shown: str = listed(zones[:5])
        if len(zones) > 5:
            shown = SAY("and_more", some=shown, more=len(zones) - 5)
        word = right_said(right)
        super().__init__(
            SAY("not_permitted", right=word, zones=shown)
            if zones
            else SAY("not_permitted_in_city", right=word)
        )
        self.right = right
        self.zones = tuple(zones)


class Unproved(ControllerError):
    """Nights of the edit fail their proof, and no reason was given to do it all the same."""

    def __init__(self, edit: Edit) -> None:
        super().__init__(SAY("unproved"))
        self.edit = edit


@dataclass(frozen=True, slots=True)
class Wanted:
    """An edit as it was handed in."""

    draft: Draft
    comment: str = ""
    unproved_because: str = ""
    """Why it must be put in force though its proof fails; takes a second person."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What an edit would do, and what stands in its way."""

    edit: Edit
    reasons: tuple[str, ...]
    """Why it takes a second person; empty where it does not."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: a revision, or the number of an approval that it waits for."""

    revision: int | None = None
    approval: int | None = None
    reasons: tuple[str, ...] = ()


class Desk:
    """Edits of one running service. ``most_luminaires``: above them a second person is asked."""

    def __init__(
        self,
        control: Control,
        actions: Actions,
        approvals: Approvals,
        clock: Clock,
        *,
        most_luminaires: int,
    ) -> None:
        self._control = control
        self._actions = actions
        self._approvals = approvals
        self._clock = clock
        self.most_luminaires = most_luminaires
        approvals.carries_out("edit", Right.EDIT, self._edit_approved)
        approvals.carries_out(
            "override", Right.OVERRIDE, self._override_approved, self._may_still_override
        )

    def now(self) -> datetime:
        """The site's time, whole seconds."""
        return datetime.fromtimestamp(int(self._clock.now()), UTC)

    # --- documents ----------------------------------------------------------------------

    async def weigh(self, caller: Caller, wanted: Wanted, *, nights: int = 365) -> Weighed:
        """What an edit would do; nothing changes.

        Raises `DraftWrong`, and `NotPermitted` where the caller may not do it.
        """

        def work() -> Weighed:
            before = self._control.site
            after = applied(before, wanted.draft)
            tonight = control_day(self.now(), after.time_zone)
            edit = weigh(before, after, tonight=tonight, nights=nights)
            self._refuse_outside(caller, wanted.draft, edit, before)
            return Weighed(edit, tuple(self._reasons(before, edit)))

        return await finished(work)

    async def put_in_force(self, caller: Caller, wanted: Wanted, base: int) -> Done:
        """Put an edit in force, or keep it for a second person.

        Raises `Unproved`, `RevisionConflict`, and what `weigh` raises.
        """
        weighed = await self.weigh(caller, wanted, nights=0)
        if weighed.edit.is_unproved and not wanted.unproved_because.strip():
            raise Unproved(weighed.edit)
        if weighed.reasons:
            change = weighed.edit.change
            asked = await self._approvals.ask(
                caller,
                "edit",
                {"base": await self.settled(base), **wanted_data(wanted)},
                summary=_summary(weighed.edit, wanted.comment),
                reasons=weighed.reasons,
                zones=change.zones or tuple(self._control.site.inventory.zone_by_id),
            )
            return Done(approval=asked.number, reasons=weighed.reasons)
        return Done(revision=await self._save(caller, wanted, base))

    async def settled(self, base: int) -> int:
        """The base of an edit that waits for a second person: what he agrees to is this edit of
        these documents, not of whatever is in force by then."""
        return await asyncio.to_thread(self._actions.newest) if base == LATEST else base

    async def _save(self, caller: Caller, wanted: Wanted, base: int) -> int:
        comment: str = " ".join(wanted.comment.split())
        if wanted.unproved_because.strip():
            why = " ".join(wanted.unproved_because.split())
            told = SAY("unproved_because", why=why)
            comment = SAY("comment_unproved", comment=comment, told=told) if comment else told
        return await self._actions.change(
            base, lambda site: applied(site, wanted.draft), caller.user, comment
        )

    async def _edit_approved(self, caller: Caller, body: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = wanted_of(body)
        return {"revision": await self._save(caller, wanted, int(body["base"]))}

    def _reasons(self, before: Site, edit: Edit) -> list[str]:
        reasons = approval_reasons(before, edit.after, edit.change, self.most_luminaires)
        return [SAY("proof_fails"), *reasons] if edit.is_unproved else reasons

    def _refuse_outside(self, caller: Caller, draft: Draft, edit: Edit, before: Site) -> None:
        right = Right.IMPORT if "lamp_types" in draft.kinds else Right.EDIT
        if draft.kinds & CITYWIDE and not caller.is_citywide(right):
            raise NotPermitted(right, ())
        touched = named_zones(before, edit.after) | set(edit.change.zones)
        self._refuse(caller, right, sorted(touched), edit.after)

    def _refuse(self, caller: Caller, right: Right, zones: Sequence[str], site: Site) -> None:
        if not caller.has(right):
            raise NotPermitted(right, zones)
        own = caller.zones(right, site.inventory)
        if own is not None and (foreign := [zone for zone in zones if zone not in own]):
            raise NotPermitted(right, foreign)

    # --- overrides ----------------------------------------------------------------------

    async def weigh_override(self, caller: Caller, one: Override) -> tuple[int, tuple[str, ...]]:
        """How many luminaires it selects, and why it takes a second person.

        Raises `NotPermitted`, and `ConfigurationError` for one that selects nothing.
        """
        return await finished(lambda: self._weighed_override(caller, one))

    async def set_override(self, caller: Caller, one: Override) -> Done:
        """Put an override in force, or keep it for a second person.

        One that is in force already under its identifier is not put in force twice.
        """
        if any(one.id == known.id for known in self._control.site.plan.overrides):
            return Done(revision=None)
        _, reasons = await self.weigh_override(caller, one)
        if reasons:
            zones = {luminaire.zone for luminaire in meant_luminaires(self._control.site, one)}
            asked = await self._approvals.ask(
                caller,
                "override",
                {"override": one.model_dump(mode="json")},
                summary=SAY("override_summary", kind=word_said(one.kind.value), reason=one.reason),
                reasons=reasons,
                zones=sorted(zones),
            )
            return Done(approval=asked.number, reasons=reasons)
        return Done(revision=await self._save_override(caller, one))

    async def end_override(self, caller: Caller, name: str) -> int:
        """End an override before its time; returns the revision.

        Raises `ConfigurationError` for one that is not in force, and `NotPermitted`.
        """
        site = self._control.site
        found = next((one for one in site.plan.overrides if one.id == name), None)
        if found is not None:
            zones = await finished(lambda: _zones(site, found))
            self._refuse_selector(caller, Right.OVERRIDE, found, zones, site)
        return await self._actions.change(
            LATEST,
            lambda present: without_override(present, name, self.now()),
            caller.user,
            SAY("override_ended", id=name),
        )

    async def _may_still_override(self, asker: Caller, body: Mapping[str, Any]) -> bool:
        """Below a floor takes more than elsewhere, and a floor may have been raised since."""
        try:
            await self.weigh_override(asker, Override.model_validate(body["override"]))
        except NotPermitted:
            return False
        except ConfigurationError:
            return True  # it cannot be done by anybody: doing it says why
        return True

    async def _override_approved(
        self, caller: Caller, body: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        one = Override.model_validate(body["override"])
        if one.end_at <= self.now():
            raise ConfigurationError(SAY("override_over", id=one.id))
        return {"revision": await self._save_override(caller, one), "override": one.id}

    async def _save_override(self, caller: Caller, one: Override) -> int:
        return await self._actions.change(
            LATEST,
            lambda site: with_override(site, one),
            one.author or caller.user,
            SAY("override_reason", id=one.id, reason=one.reason),
        )

    def _weighed_override(self, caller: Caller, one: Override) -> tuple[int, tuple[str, ...]]:
        site = self._control.site
        if all(one.id != known.id for known in site.plan.overrides):
            if one.end_at <= self.now():
                raise ConfigurationError(SAY("override_over", id=one.id))
            with_override(site, one)  # names what it does not know
        meant = meant_luminaires(site, one)
        if not meant:
            raise ConfigurationError(SAY("selects_none"))
        below = floors_passed(site, one, meant)
        right = Right.MAINTAIN if below else Right.OVERRIDE
        zones = sorted({luminaire.zone for luminaire in meant})
        self._refuse_selector(caller, right, one, zones, site)
        reasons: list[str] = []
        if below:
            reasons.append(SAY("override_below", count=len(below), first=below[0]))
        if len(meant) > self.most_luminaires:
            reasons.append(SAY("many_luminaires", count=len(meant), most=self.most_luminaires))
        return len(meant), tuple(reasons)

    def _refuse_selector(
        self, caller: Caller, right: Right, one: Override, zones: Sequence[str], site: Site
    ) -> None:
        """Also what comes later is selected: of the city only by who may in the whole city."""
        if one.selector.city and not caller.is_citywide(right):
            raise NotPermitted(right, ())
        self._refuse(caller, right, zones, site)


def _zones(site: Site, one: Override) -> list[str]:
    return sorted({luminaire.zone for luminaire in meant_luminaires(site, one)})


def _summary(edit: Edit, comment: str) -> str:
    parts = [
        SAY(f"document_{one.what.value}", part=thing_said(one.part), id=one.id)
        for one in edit.change.documents[:5]
    ]
    more = len(edit.change.documents) - len(parts)
    documents = SAY("and_more", some=listed(parts), more=more) if more > 0 else listed(parts)
    return SAY("edit_commented", comment=comment, documents=documents) if comment else documents


def wanted_data(wanted: Wanted) -> dict[str, Any]:
    """An edit as data, to be kept."""
    return {
        "put": [
            {"kind": one.kind, "document": dict(one.document), "key": one.key}
            for one in wanted.draft.put
        ],
        "delete": [list(one) for one in wanted.draft.delete],
        "comment": wanted.comment,
        "unproved_because": wanted.unproved_because,
    }


def wanted_of(body: Mapping[str, Any]) -> Wanted:
    """An edit out of what was kept."""
    return Wanted(
        Draft(
            tuple(Put(one["kind"], one["document"], one["key"]) for one in body["put"]),
            tuple((kind, key) for kind, key in body["delete"]),
        ),
        body["comment"],
        body["unproved_because"],
    )
