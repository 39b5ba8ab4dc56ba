"""Which of the controllers of a site leads: a state machine over heartbeats and time.

Every controller says every few seconds who it is, whether it leads, and its epoch. One that
starts listens first; one that hears no leader for a while takes over with a higher epoch;
of two leaders the one with the lower epoch gives way at once. Nobody votes and nothing is
asked for permission: the street is right without any controller, and a luminaire ignores the
lower revisions of one that should have given way (docs/decisions/0006-two-controllers.md).

Instants are machine seconds that never go back. Who cannot hear cannot judge: while the link
is down, and after a pause of its own in which nothing was heard, a controller counts anew.
"""

from dataclasses import dataclass
from enum import StrEnum

BEAT_EVERY_S = 2.0
"""Between two heartbeats of a controller; less than `LISTEN_S`, so that who listens hears one."""

TAKEOVER_S = 15.0
"""Silence of the leader, in seconds, after which another takes over."""

LISTEN_S = 3.0
"""How long one that starts, or comes back, listens before it leads."""

STAGGER_S = 4.0
"""By so much later takes over who knows of somebody better placed."""

PAUSE_S = 5.0
"""A gap between two looks at the time, or in the link, after which others may have taken over."""

_ANSWER_EVERY_S = 1.0
HIGHEST_BELIEVED = 2**48
"""No site counts this far: a heartbeat with a higher epoch or revision is not believed."""


class Role(StrEnum):
    """What a controller does."""

    ACTIVE = "active"
    """It leads: it sends."""
    PASSIVE = "passive"
    """It listens, and is ready to take over."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat of a controller."""

    instance: str
    """Of the process that sends it; empty for one that does not say."""
    is_active: bool
    epoch: int
    """The epoch it leads with, or last led with."""
    rev: int = 0
    """No revision above this one was given out by it."""
    documents: str = ""
    """Digest of its site documents."""


class Step(StrEnum):
    """What the machine asks for."""

    BEAT = "beat"
    """Say at once how it stands: somebody must know."""
    CLAIM = "claim"
    """Store an epoch above `Leadership.highest_epoch`, then call `Leadership.lead`."""
    FOLLOW = "follow"
    """Another leads: store that, and drop what waits to be sent."""


class Leadership:
    """The view of one controller. Every method takes the instant ``at``."""

    def __init__(
        self,
        instance: str,
        *,
        known_epoch: int,
        led_epoch: int,
        at: float,
        is_alone: bool = False,
    ) -> None:
        """``known_epoch`` is the highest that is stored, ``led_epoch`` the last it led with
        itself, 0 where another has led since. One that ``is_alone`` on its broker waits for
        nobody."""
        self.instance = instance
        self._is_alone = is_alone
        self.role = Role.PASSIVE
        self.highest_epoch = known_epoch
        self.highest_rev = 0
        """The highest revision that another one says it may have given."""
        self.epoch = led_epoch
        self.leader: Beat | None = None
        """The other one that leads, as last heard; None where nobody does or we do."""
        self._is_claiming = False
        self._listens_since: float | None = None
        self._heard_leader_at: float | None = None
        self._silent_until = at
        self._down_since: float | None = at
        self._looked_at = at
        self._beat_at = float("-inf")
        self._rivals: dict[str, tuple[float, Beat]] = {}

    # --- what may be done ------------------------------------------------------------------

    @property
    def is_successor(self) -> bool:
        """Whether another one has led since this one last did: what it published then is not
        what the street holds."""
        return self.epoch < self.highest_epoch

    @property
    def is_active(self) -> bool:
        """Whether it leads, be it that it only listens for the moment."""
        return self.role is Role.ACTIVE

    def may_send(self, at: float) -> bool:
        """Whether a command or document may go out now.

        Not after a pause that nobody has noticed yet: another may lead by now.
        """
        return (
            self.role is Role.ACTIVE
            and self._down_since is None
            and at >= self._silent_until
            and at - self._looked_at <= PAUSE_S
        )

    def others(self, at: float) -> list[Beat]:
        """Other controllers of the site that are alive, by their last heartbeat."""
        return [beat for heard_at, beat in self._rivals.values() if at - heard_at <= TAKEOVER_S]

    # --- what happens ----------------------------------------------------------------------

    def link(self, at: float, *, is_up: bool) -> Step | None:
        """The link to the broker came or went."""
        if not is_up:
            if self._down_since is None:
                self._down_since = at
            return None
        if self._down_since is None:
            return None
        away_s, self._down_since = at - self._down_since, None
        self._listens_since = at
        if self.role is Role.ACTIVE and away_s > PAUSE_S and not self._is_alone:
            self._silent_until = at + LISTEN_S
        return Step.BEAT

    def tick(self, at: float) -> Step | None:
        """Look at the time; to be called every half second or so."""
        gap_s, self._looked_at = at - self._looked_at, at
        if gap_s > PAUSE_S and self._down_since is None:
            # We stood still, and what others said meanwhile still waits to be read.
            self._listens_since = at
            if not self._is_alone:
                self._silent_until = at + LISTEN_S
            return Step.BEAT
        if self.role is Role.PASSIVE and not self._is_claiming and self._is_due(at):
            self._is_claiming = True
            return Step.CLAIM
        if at - self._beat_at >= BEAT_EVERY_S:
            return Step.BEAT
        return None

    def hear(self, beat: Beat, at: float) -> Step | None:
        """Another controller spoke. Its own words come back as well and are passed over."""
        if beat.instance == self.instance or max(beat.epoch, beat.rev) > HIGHEST_BELIEVED:
            return None
        self._rivals[beat.instance] = at, beat
        self._forget(at)
        self.highest_rev = max(self.highest_rev, beat.rev)
        if self.role is Role.ACTIVE:
            return self._hear_as_leader(beat, at)
        if beat.is_active and beat.epoch >= self.highest_epoch:
            return self._follow(beat, at)
        return None

    def lead(self, epoch: int, at: float) -> bool:
        """The claimed epoch is stored: lead, unless another was faster; returns whether."""
        self._is_claiming = False
        if self.leader is not None and self.leader.epoch >= epoch:
            return False
        self.role = Role.ACTIVE
        self.epoch = self.highest_epoch = epoch
        self.leader = None
        self._heard_leader_at = None
        self._silent_until = at
        return True

    def spoke(self, at: float) -> None:
        """A heartbeat of ours went out."""
        self._beat_at = at

    # --- inside ----------------------------------------------------------------------------

    def _is_due(self, at: float) -> bool:
        """Whether the leader, if there was one, has been silent for long enough."""
        if self._down_since is not None or self._listens_since is None:
            return False
        if self._heard_leader_at is None:
            due_at = self._listens_since + LISTEN_S
        else:
            due_at = max(self._heard_leader_at, self._listens_since) + TAKEOVER_S
        ours = (self.epoch, self.instance)
        others = (beat for beat in self.others(at) if not beat.is_active)
        if any((beat.epoch, beat.instance) > ours for beat in others):
            due_at += STAGGER_S
        return at >= due_at

    def _hear_as_leader(self, beat: Beat, at: float) -> Step | None:
        if beat.is_active and (beat.epoch, beat.instance) > (self.epoch, self.instance):
            self.role = Role.PASSIVE
            self._follow(beat, at)
            return Step.FOLLOW
        # One that starts, or that should give way: it hears of us at once.
        return Step.BEAT if at - self._beat_at >= _ANSWER_EVERY_S else None

    def _follow(self, beat: Beat, at: float) -> Step | None:
        is_other = self.leader is None or (self.leader.instance, self.leader.epoch) != (
            beat.instance,
            beat.epoch,
        )
        self.leader = beat
        self.epoch = 0
        self.highest_epoch = max(self.highest_epoch, beat.epoch)
        self._heard_leader_at = at
        return Step.FOLLOW if is_other else None

    def _forget(self, at: float) -> None:
        if len(self._rivals) > 1:
            self._rivals = {
                name: (heard_at, beat)
                for name, (heard_at, beat) in self._rivals.items()
                if at - heard_at <= TAKEOVER_S
            }
