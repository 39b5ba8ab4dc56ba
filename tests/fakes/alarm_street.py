"""A street seen by its alarms alone: columns that a test fills, and passes once a second."""

from dataclasses import dataclass, field

import numpy as np

from controller.engine.alarm_types import AlarmKey, AlarmType, Scope
from controller.engine.alarms import AlarmEvent, Alarms, Change, Standing
from controller.engine.columns import Columns, Flags, Rows
from zones import (
    Cabinet,
    Category,
    City,
    District,
    Feeder,
    Gateway,
    Inventory,
    LampType,
    Luminaire,
    Technology,
    Zone,
)

START = 1_774_000_000.0
RATED_W, STANDBY_W = 100.0, 1.0


def cabinet_inventory(cabinets: int, feeders: int, per_feeder: int) -> Inventory:
    """Cabinets ``c0`` ..., each with a gateway ``g0`` ... and feeders ``c0f0`` ...

    Luminaires are ``c0f0-0`` and so on, dimmable, of 100 W; all are in zone ``z``.
    """
    at = {"longitude": 116.4, "latitude": 39.9}
    pairs = [(c, f) for c in range(cabinets) for f in range(feeders)]
    return Inventory(
        city=City(id="city", name="城", time_zone="Asia/Shanghai", **at),
        districts=(District(id="d", name="区", **at),),
        zones=(Zone(id="z", name="z", district="d", category=Category.LOCAL, **at),),
        lamp_types=(
            LampType(
                id="led",
                name="LED",
                technology=Technology.LED,
                rated_power_w=RATED_W,
                standby_power_w=STANDBY_W,
            ),
        ),
        cabinets=tuple(Cabinet(id=f"c{c}", district="d") for c in range(cabinets)),
        feeders=tuple(Feeder(id=f"c{c}f{f}", cabinet=f"c{c}") for c, f in pairs),
        gateways=tuple(Gateway(id=f"g{c}", cabinet=f"c{c}") for c in range(cabinets)),
        luminaires=tuple(
            Luminaire(
                id=f"c{c}f{f}-{number}",
                zone="z",
                lamp_type="led",
                gateway=f"g{c}",
                feeder=f"c{c}f{f}",
                **at,
            )
            for c, f in pairs
            for number in range(per_feeder)
        ),
    )


@dataclass
class AlarmStreet:
    """Everybody is heard, dark and well until a test says otherwise."""

    inventory: Inventory = field(default_factory=lambda: cabinet_inventory(2, 2, 5))
    speed: float = 1.0
    ramp_s: int = 0

    def __post_init__(self) -> None:
        self.columns = Columns(self.inventory)
        self.now, self.elapsed = START, 0.0
        self.is_linked = True
        self.is_clock_trusted = True
        self.is_in_charge = True
        self.is_stale: Flags = np.zeros(self.columns.size, dtype=np.bool_)
        self.columns.reported[:] = self.columns.desired[:] = 0.0
        self.columns.reported_at[:] = self.columns.heard_at[:] = START
        self.columns.clock_offset_s[:] = 0.0
        self.alarms = Alarms(self.inventory, self.columns)
        self.alarms.signs.power.use_ramps(np.full(self.columns.size, float(self.ramp_s)))
        self.open: dict[AlarmKey, AlarmEvent] = {}
        self.raised: list[AlarmKey] = []
        self.cleared: list[AlarmKey] = []
        self.wait(11)
        assert not self.raised

    def row(self, name: str) -> int:
        return self.columns.row_of[name]

    def step(self) -> list[AlarmEvent]:
        """One pass, a machine second after the last."""
        self.elapsed += 1.0
        self.now += self.speed
        events = self.alarms.step(
            Standing(
                self.columns.agrees(), self.is_stale, self.is_clock_trusted, self.is_in_charge
            ),
            self.now,
            self.elapsed,
            is_linked=self.is_linked,
        )
        for event in events:
            match event.change:
                case Change.RAISED:
                    assert event.key not in self.open, "raised twice"
                    self.raised.append(event.key)
                    self.open[event.key] = event
                case Change.CHANGED:
                    assert event.key in self.open, "changed without being open"
                    self.open[event.key] = event
                case Change.CLEARED:
                    del self.open[event.key]
                    self.cleared.append(event.key)
        return events

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.step()

    def restart(self) -> None:
        """Alarms of a new process that takes up what was open."""
        kept = [(key, event.began_at, self.alarms.members(key)) for key, event in self.open.items()]
        self.alarms = Alarms(self.inventory, self.columns)
        assert self.alarms.restore(kept) == []

    # --- what the street does -------------------------------------------------------------

    def say(self, *names: str, level: float | None = None, faults: int | None = None) -> None:
        """Luminaires report."""
        for name in names:
            row = self.row(name)
            self.columns.reported_at[row] = self.columns.heard_at[row] = self.now
            if level is not None:
                self.columns.reported[row] = level
            if faults is not None:
                self.columns.fault_bits[row] = faults

    def measure(self, name: str, power_w: float) -> None:
        """A luminaire measures its power now."""
        row = self.row(name)
        self.columns.measured_w[row] = power_w
        self.columns.measured_at[row] = self.columns.heard_at[row] = self.now

    def keep_measuring(self, name: str, power_w: float, seconds: int = 1800) -> None:
        """A measurement every five minutes."""
        for second in range(seconds):
            if second % 300 == 60:
                self.measure(name, power_w)
            self.step()

    def clock_says(self, offset_s: float, *names: str) -> None:
        """Luminaires send a word by which their clock is off; it is a little late each time."""
        rows = [self.row(name) for name in names] or list(range(self.columns.size))
        self.columns.heard_at[rows] = self.now
        self.columns.clock_offset_s[rows] = offset_s - self.elapsed * 1e-6

    def want(self, level: float, *names: str) -> None:
        """The documents ask for a level; of everybody unless named."""
        rows = [self.row(name) for name in names] or slice(None)
        self.columns.desired[rows] = level
        self.columns.desired_since[rows] = self.now

    def ask(self, *names: str) -> None:
        """A command or a question goes out."""
        for name in names:
            self.columns.ordered_at[self.row(name)] = self.elapsed

    def types(self, name: str) -> set[AlarmType]:
        """Types of the open alarms that a luminaire is part of."""
        return {
            key.type
            for key in self.open
            if key.scope is not Scope.SERVICE and self.row(name) in self.members(key)
        }

    def members(self, key: AlarmKey) -> Rows:
        return self.alarms.members(key)
