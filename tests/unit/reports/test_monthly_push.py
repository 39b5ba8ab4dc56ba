"""The month before, sent once, from a day of the month on."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from controller.adapters.clock import MachineClock
from controller.service.monthly_push import MonthlyPush
from controller.wire.timebase import Timebase
from schedules.energy.periods import Period, PeriodKind

BEIJING = ZoneInfo("Asia/Shanghai")
NOVEMBER = Period(PeriodKind.MONTH, 2026, 11)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).timestamp()


class Platform:
    """Answers what it is told to, and remembers what came."""

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.months: list[Period] = []

    async def send(self, month: Period) -> str | None:
        self.months.append(month)
        return self.answers.pop(0) if self.answers else None


def standing_at(now: float) -> MachineClock:
    return MachineClock(Timebase(real_at=1e15, site_at=now, speed=1.0))


def pushes(city: Platform, clock: MachineClock, day: int = 3, *, leads: bool = True) -> MonthlyPush:
    return MonthlyPush(city.send, clock, BEIJING, day, lambda: leads)


def test_the_month_before_is_due_from_the_day_on_by_the_local_clock() -> None:
    one = pushes(Platform(), standing_at(0))
    assert one.due(at("2026-12-02T23:59:59")) is None
    assert one.due(at("2026-12-03T00:00:00")) == NOVEMBER
    assert one.due(datetime(2026, 12, 2, 16, tzinfo=UTC).timestamp()) == NOVEMBER
    assert one.due(at("2027-01-05T12:00")) == NOVEMBER._replace(number=12)
    assert pushes(Platform(), standing_at(0), day=1).due(at("2026-12-01T00:00")) == NOVEMBER


async def test_what_was_taken_is_not_sent_again() -> None:
    city = Platform("HTTP 503", None)
    one = pushes(city, standing_at(at("2026-12-05T12:00")))
    for _ in range(4):
        await one.look()
    assert city.months == [NOVEMBER, NOVEMBER]


async def test_a_controller_that_only_listens_sends_nothing() -> None:
    city = Platform()
    await pushes(city, standing_at(at("2026-12-05T12:00")), leads=False).look()
    assert city.months == []
