"""What a report asks of a store beside the account: alarms, quarantined readings, what there is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, Protocol

from controller.engine.alarm_types import Scope
from controller.ports.alarms import Alarm
from controller.ports.energy import EnergyState
from controller.reports.build import Question, build
from controller.reports.content import AlarmCount, Report
from controller.reports.errors import NoData
from controller.reports.history import EnergyHistory, Progress
from controller.reports.sentences import SAY
from schedules import Site, control_day
from schedules.energy.periods import Period
from zones.said import message_of

_MOST_ALARMS: Final = 100_000
_QUARANTINED: Final = "quarantined/"
_NEVER: Final = 1 << 60


class ReportStore(EnergyHistory, Protocol):
    """A store that reports are made from."""

    def energy_span(self) -> tuple[int, int] | None:
        """From when to when the account reaches, Unix s; None where there is none."""

    def energy_state(self, used_since: int) -> EnergyState | None:
        """Where the account stands."""

    def open_alarms(self) -> list[Alarm]:
        """Alarms that are not cleared."""

    def past_alarms(self, since: float, until: float, limit: int) -> list[Alarm]:
        """Cleared alarms that were open in [since, until)."""


def report_from(
    store: ReportStore,
    site: Site,
    period: Period,
    now: datetime,
    *,
    district: str | None = None,
    revision: int | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """The report of a period; raises `NoData`, which says what there is."""
    state = store.energy_state(_NEVER)
    question = Question(
        site=site,
        period=period,
        now=now,
        district=district,
        revision=revision,
        alarms=alarm_counts(store, site, period, district),
        quarantined={} if state is None else quarantined(state.marks),
    )
    try:
        return build(question, store, progress)
    except NoData as error:
        there = what_there_is(store, site)
        raise NoData(SAY("and_there_is", what=message_of(error), there=there)) from error


def what_there_is(store: ReportStore, site: Site) -> str:
    """From when to when the account reaches, in words."""
    span = store.energy_span()
    if span is None:
        return SAY("empty")
    first, last = (
        control_day(datetime.fromtimestamp(at, UTC), site.time_zone)
        for at in (span[0], span[1] - 1)
    )
    return SAY("there_is", first=first, last=last)


def quarantined(marks: Mapping[str, float]) -> dict[str, int]:
    """Meter readings that were not believed, by reason."""
    return {
        name.removeprefix(_QUARANTINED): int(count)
        for name, count in sorted(marks.items())
        if name.startswith(_QUARANTINED)
    }


def alarm_counts(
    store: ReportStore, site: Site, period: Period, district: str | None
) -> tuple[AlarmCount, ...]:
    """Alarms raised in a period, by type and severity; of a district those of its equipment."""
    since, until = period.bounds(site.time_zone)
    found = [*store.open_alarms(), *store.past_alarms(since, until, _MOST_ALARMS)]
    inside = None if district is None else _subjects(site, district)
    raised: Counter[tuple[str, str]] = Counter()
    still_open: Counter[tuple[str, str]] = Counter()
    for one in found:
        if since <= one.raised_at < until and (
            inside is None or (one.scope, one.subject) in inside
        ):
            key = (one.type.value, one.severity.value)
            raised[key] += 1
            still_open[key] += one.cleared_at is None
    return tuple(
        AlarmCount(type_, severity, raised[type_, severity], still_open[type_, severity])
        for type_, severity in sorted(raised)
    )


def _subjects(site: Site, district: str) -> frozenset[tuple[Scope, str]]:
    """Everything of a district that an alarm may be about."""
    inventory = site.inventory
    zones = {one.id for one in inventory.zones if one.district == district}
    lamps = [one for one in inventory.luminaires if one.zone in zones]
    cabinets = {one.id for one in inventory.cabinets if one.district == district}

    def named(scope: Scope, names: Iterable[str | None]) -> set[tuple[Scope, str]]:
        return {(scope, name) for name in names if name is not None}

    return frozenset(
        named(Scope.ZONE, zones)
        | named(Scope.LUMINAIRE, (one.id for one in lamps))
        | named(Scope.GATEWAY, (one.gateway for one in lamps))
        | named(Scope.FEEDER, (one.feeder for one in lamps))
        | named(Scope.CABINET, cabinets)
    )
