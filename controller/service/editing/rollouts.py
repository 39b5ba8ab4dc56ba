"""Rollouts: an edit that comes into force in stages, one district first.

Districts that are not reached keep the old documents. What a stage is, `schedules.staging`
says; how far a rollout has come stands in the store, so that it goes on after a restart. One
runs at a time; meanwhile overrides, figures and the inventory may change, the documents that
are rolled out may not: then it neither goes on nor back, and can only be left.
"""

import asyncio
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from controller.errors import ConfigurationError, ControllerError, RevisionConflict
from controller.ports.clock import Clock
from controller.ports.store import Store
from controller.ports.work import RolloutRow
from controller.service.actions import LATEST, Actions
from controller.service.control import Control
from controller.service.editing.desk import (
    Desk,
    NotPermitted,
    Unproved,
    Wanted,
    Weighed,
    wanted_data,
    wanted_of,
)
from controller.service.editing.drafts import DraftWrong, Fault, applied
from controller.service.in_thread import finished
from controller.service.people import Approvals, Caller, Right
from controller.service.sentences import SAY
from schedules import Plan, Site
from schedules.difference import difference
from schedules.staging import STAGED_PARTS, NotStaged, refuse_unstaged, staged, zones_of
from zones import Inventory
from zones.said import fault_of, message_of

_KEPT: Final = 200
"""Rollouts that are listed."""

Stages = tuple[tuple[str, ...], ...]
"""For each stage the districts that it reaches."""


class NoSuchRollout(ControllerError):
    """A rollout was named that never began."""


class RolloutHeld(ControllerError):
    """It cannot go there from where it stands."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What came of it: a rollout whose first stage is in force, or an approval it waits for."""

    rollout: RolloutRow | None = None
    approval: int | None = None
    reasons: tuple[str, ...] = ()


class Rollouts:
    """The rollouts of one running service."""

    def __init__(
        self,
        control: Control,
        actions: Actions,
        approvals: Approvals,
        desk: Desk,
        store: Store,
        clock: Clock,
    ) -> None:
        self._control = control
        self._actions = actions
        self._approvals = approvals
        self._desk = desk
        self._store = store
        self._work = store.work()
        self._clock = clock
        self._moving = asyncio.Lock()
        approvals.carries_out("rollout", Right.EDIT, self._begin_approved)

    async def newest(self) -> list[RolloutRow]:
        """The newest first."""
        return await asyncio.to_thread(self._work.rollouts, _KEPT)

    async def one(self, number: int) -> RolloutRow:
        """One of them; raises `NoSuchRollout`."""
        row = await asyncio.to_thread(self._work.rollout, number)
        if row is None:
            raise NoSuchRollout(SAY("rollout_never", number=number))
        return row

    async def begin(self, caller: Caller, wanted: Wanted, stages: Stages, base: int) -> Begun:
        """Put an edit in force in the districts of the first stage, or ask a second person.

        Touched districts that no stage names are a last stage. Raises `DraftWrong`,
        `ConfigurationError` for what cannot be staged, `Unproved`, `NotPermitted`,
        `RolloutHeld` and `RevisionConflict`.
        """
        weighed = await self._weighed(caller, wanted, stages)
        if weighed.reasons:
            zones = weighed.edit.change.zones or tuple(self._control.site.inventory.zone_by_id)
            asked = await self._approvals.ask(
                caller,
                "rollout",
                {
                    "base": await self._desk.settled(base),
                    "stages": stages,
                    "edit": wanted_data(wanted),
                },
                summary=_summary(stages, wanted.comment),
                reasons=weighed.reasons,
                zones=zones,
            )
            return Begun(approval=asked.number, reasons=weighed.reasons)
        return Begun(await self._begin(caller, wanted, stages, base))

    async def advance(self, caller: Caller, number: int, stage: int | None = None) -> RolloutRow:
        """Put the next stage in force. Of a ``stage`` that is in force already, nothing.

        Raises `NoSuchRollout`, `NotPermitted`, `RevisionConflict`, and `RolloutHeld` where it
        ended, or another stage is the next.
        """
        async with self._moving:
            row = await self.one(number)
            if stage is not None and 0 < stage <= row.reached and row.state != "aborted":
                return row
            _refuse_ended(row)
            if stage is not None and stage != row.reached + 1:
                raise RolloutHeld(SAY("rollout_next", number=number, stage=row.reached + 1))
            stages = stages_of(row)
            self._refuse(caller, stages[row.reached])
            is_last = row.reached + 1 == len(stages)
            return await self._move(caller, row, row.reached + 1, "done" if is_last else "running")

    async def abort(self, caller: Caller, number: int, *, leave: bool = False) -> RolloutRow:
        """Go back to the old documents everywhere; with ``leave`` stop where it stands.

        Raises as `advance` does.
        """
        async with self._moving:
            row = await self.one(number)
            _refuse_ended(row)
            self._refuse(caller, [one for stage in stages_of(row) for one in stage])
            if not leave:
                return await self._move(caller, row, 0, "aborted")
            ended = row._replace(state="aborted", changed_at=self._clock.now())
            await asyncio.to_thread(self._work.move_rollout, ended, row.reached)
            return ended

    async def _weighed(self, caller: Caller, wanted: Wanted, stages: Stages) -> Weighed:
        """What stands in the way of the whole of it."""
        site = self._control.site
        _refuse_stages(site.inventory, stages)
        weighed = await self._desk.weigh(caller, wanted, nights=0)
        _refuse_unstaged(site, weighed.edit.after)
        if weighed.edit.is_unproved and not wanted.unproved_because.strip():
            raise Unproved(weighed.edit)
        return weighed

    async def _begin_approved(self, caller: Caller, body: Mapping[str, Any]) -> Mapping[str, Any]:
        stages = tuple(tuple(stage) for stage in body["stages"])
        _refuse_stages(self._control.site.inventory, stages)
        row = await self._begin(caller, wanted_of(body["edit"]), stages, int(body["base"]))
        return {"rollout": row.number, "revision": row.revision}

    async def _begin(self, caller: Caller, wanted: Wanted, stages: Stages, base: int) -> RolloutRow:
        async with self._moving:
            return await self._begin_next(caller, wanted, stages, base)

    async def _begin_next(
        self, caller: Caller, wanted: Wanted, stages: Stages, base: int
    ) -> RolloutRow:
        number, after, touched = await finished(lambda: self._applied(wanted, base))
        whole = with_the_rest(after.inventory, stages, touched)
        now = self._clock.now()
        row = RolloutRow(
            number=0,
            state="running",
            base=number,
            plan=await finished(lambda: zlib.compress(after.plan.model_dump_json().encode())),
            stages=json.dumps(whole),
            reached=0,
            revision=number,
            comment=" ".join(wanted.comment.split())[:500],
            author=caller.user,
            started_at=now,
            changed_at=now,
        )
        kept = await asyncio.to_thread(self._work.add_rollout, row)
        if kept is None:
            raise RolloutHeld(SAY("rollout_running"))
        row = row._replace(number=kept)
        try:
            return await self._move(caller, row, 1, "done" if len(whole) == 1 else "running")
        except Exception:
            await asyncio.to_thread(self._work.delete_rollout, kept)
            raise

    async def _move(self, caller: Caller, row: RolloutRow, reached: int, state: str) -> RolloutRow:
        """Put a stage in force, then say so. A crash between the two is mended by a repeat:
        what stands in force already is not put in force again."""
        before, plan, stages = await finished(lambda: self._documents(row))

        def make(present: Site) -> Site:
            def at(count: int) -> Site:
                return _stage(present, before, plan, stages, count)

            wanted = at(reached)
            others = {row.reached, min(row.reached + 1, len(stages))} - {reached}
            # Each takes a second in a large city; one is enough where nothing went wrong.
            if present.plan != wanted.plan and all(present.plan != at(n).plan for n in others):
                raise RevisionConflict(SAY("rollout_changed", number=row.number, stage=row.reached))
            return wanted

        what: str = SAY("rollout_stage", number=row.number, stage=reached, of=len(stages))
        if state == "aborted":
            what = SAY("rollout_aborted", number=row.number)
        comment = SAY("told_with", what=what, comment=row.comment) if row.comment else what
        revision = await self._actions.change(LATEST, make, caller.user, comment)
        moved = row._replace(
            state=state, reached=reached, revision=revision, changed_at=self._clock.now()
        )
        if not await asyncio.to_thread(self._work.move_rollout, moved, row.reached):
            raise RolloutHeld(SAY("rollout_moved", number=row.number))
        return moved

    def _applied(self, wanted: Wanted, base: int) -> tuple[int, Site, frozenset[str]]:
        """The revision in force, the edit applied to it, and the zones that it touches."""
        kept = self._store.revisions()
        number = kept[-1].number if kept else 0
        if base not in (LATEST, number):
            raise RevisionConflict(SAY("revision_meanwhile", number=number))
        site = self._store.load_site(number)
        assert site is not None, "what is edited was saved before"
        after = applied(site, wanted.draft)
        _refuse_unstaged(site, after)
        return number, after, frozenset(difference(site, after).zones)

    def _documents(self, row: RolloutRow) -> tuple[Plan, Plan, Stages]:
        """The plans before and after, and the stages."""
        before = self._store.load_site(row.base)
        assert before is not None, "a rollout begins with documents, which are kept for ever"
        after = Plan.model_validate_json(zlib.decompress(row.plan))
        return before.plan, after, stages_of(row)

    def _refuse(self, caller: Caller, districts: Sequence[str]) -> None:
        inventory = self._control.site.inventory
        own = caller.zones(Right.EDIT, inventory)
        touched = zones_of(inventory, districts)
        if own is not None and (foreign := sorted(touched - own)):
            raise NotPermitted(Right.EDIT, foreign)


def stages_of(row: RolloutRow) -> Stages:
    """The districts of each stage."""
    return tuple(tuple(str(one) for one in stage) for stage in json.loads(row.stages))


def with_the_rest(inventory: Inventory, stages: Stages, touched: frozenset[str]) -> Stages:
    """The stages, and a last one with the districts of touched zones that none of them reaches."""
    reached = zones_of(inventory, [one for stage in stages for one in stage])
    rest = {zone.district for zone in inventory.zones if zone.id in touched - reached}
    return (*stages, tuple(sorted(rest))) if rest else stages


def _stage(present: Site, before: Plan, after: Plan, stages: Stages, count: int) -> Site:
    """The documents of a stage, with all that rollouts leave alone as it is now.

    The last stage has the plan after for all: the zones that no stage names it does not touch.
    """
    inventory = present.inventory
    reached = zones_of(inventory, [one for stage in stages[:count] for one in stage])
    if count == len(stages):
        reached = frozenset(inventory.zone_by_id)
    try:
        return staged(
            _beside(present, before), _beside(present, after), reached, present.plan.overrides
        )
    except NotStaged as error:
        raise ConfigurationError(message_of(error)) from error
    except ValidationError as error:
        why = fault_of(error.errors()[0])
        raise ConfigurationError(SAY("rollout_misfits", why=why)) from error


def _beside(present: Site, plan: Plan) -> Site:
    fields = {
        name: getattr(plan if name in STAGED_PARTS else present.plan, name)
        for name in Plan.model_fields
    }
    return Site(inventory=present.inventory, plan=Plan(**(fields | {"overrides": ()})))


def _refuse_unstaged(before: Site, after: Site) -> None:
    try:
        refuse_unstaged(before, after)
    except NotStaged as error:
        raise ConfigurationError(message_of(error)) from error


def _refuse_stages(inventory: Inventory, stages: Stages) -> None:
    """Raise `DraftWrong` naming the stage that is wrong."""
    faults, seen = [], set[str]()
    known = inventory.district_by_id
    for number, stage in enumerate(stages):
        for place, one in enumerate(stage):
            field = f"stages[{number}][{place}]"
            if one not in known:
                faults.append(Fault(field, one, SAY("district_id"), SAY("no_district")))
            elif one in seen:
                faults.append(Fault(field, one, SAY("district_once"), SAY("district_twice")))
            seen.add(one)
        if not stage:
            faults.append(
                Fault(f"stages[{number}]", [], SAY("district_or_more"), SAY("stage_empty"))
            )
    if not stages:
        faults.append(Fault("stages", [], SAY("stage_or_more"), SAY("there_is_none")))
    if faults:
        raise DraftWrong(faults)


def _summary(stages: Stages, comment: str) -> str:
    if not comment:
        return SAY("rollout_summary", stages=len(stages))
    return SAY("rollout_commented", stages=len(stages), comment=comment)


def _refuse_ended(row: RolloutRow) -> None:
    if row.state != "running":
        raise RolloutHeld(SAY("rollout_is", number=row.number, state=SAY(f"state_{row.state}")))
