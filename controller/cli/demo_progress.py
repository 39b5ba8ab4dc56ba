"""What the user sees while the demonstration runs; on standard error."""

import time
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import numpy as np
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from controller.service.control import Control
from schedules import Site

_PLAIN_EVERY_S = 10.0


class DemoProgress:
    """A live display on a terminal; plain lines where there is none or ``is_live`` is False."""

    def __init__(self, *, is_live: bool) -> None:
        self._console = Console(stderr=True)
        self._live = (
            Live(console=self._console, refresh_per_second=4, transient=True)
            if is_live and self._console.is_terminal
            else None
        )
        self._zone_info = ZoneInfo("UTC")
        self._start_at = self._end_at = 0.0
        self._street: dict[str, Any] = {}
        self._said_at = time.monotonic()

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, text: str) -> None:
        """One line of what happens now."""
        self._console.print(Text(f"… {text}", style="dim"), highlight=False, soft_wrap=True)

    def commissioning(self, confirmed: int, total: int) -> None:
        """Luminaires that hold their config and program."""
        if self._live is not None:
            self._live.update(Text(f"  {confirmed:,} of {total:,} luminaires hold their program"))
        elif self._is_due():
            self.say(f"{confirmed:,} of {total:,} luminaires hold their program")

    def begin(self, site: Site, start_at: float, end_at: float) -> None:
        """The night begins."""
        self._zone_info = site.time_zone
        self._start_at, self._end_at = start_at, end_at
        self.say("every luminaire holds its program; time begins to pass")

    def take_street(self, event: dict[str, Any]) -> None:
        """The oracle's view, from the street."""
        self._street = event

    def show(self, control: Control, now: float) -> None:
        """How it stands at site time ``now``."""
        columns, account = control.engine.columns, control.engine.account
        local = datetime.fromtimestamp(now, tz=self._zone_info)
        lit = int(np.count_nonzero(columns.reported > 0))
        desired = int(np.count_nonzero(columns.desired > 0))
        power_kw = float(account.power_w.sum()) / 1000
        saved_kwh = float(account.totals().saved_j.sum()) / 3.6e6
        sun = control.sun_elevation_deg(now)
        if self._live is None:
            if self._is_due():
                self._console.print(
                    f"{local:%Y-%m-%d %H:%M} sun {sun:+.0f}°  lit {lit:,} of {desired:,} wanted"
                    f"  {power_kw:,.0f} kW  saved {saved_kwh:z,.0f} kWh",
                    highlight=False,
                    soft_wrap=True,
                )
            return
        table = Table.grid(padding=(0, 2))
        table.add_row(
            Text(f"{local:%Y-%m-%d %H:%M}", style="bold"),
            ProgressBar(
                total=self._end_at - self._start_at, completed=now - self._start_at, width=40
            ),
            f"sun {sun:+5.1f}°",
        )
        expected = self._street.get("expected_lit", desired)
        truly_lit = self._street.get("lit", lit)
        table.add_row(
            "Street",
            f"{truly_lit:,} lit, {expected:,} should be (the oracle's word)",
            f"{power_kw:,.0f} kW",
        )
        table.add_row(
            "Controller",
            f"{lit:,} reported lit, {desired:,} wanted",
            f"saved {saved_kwh:z,.0f} kWh",
        )
        received = sum(control.tally.messages_in.values())
        sent = sum(control.tally.messages_out.values())
        table.add_row("Messages", f"{received:,} received, {sent:,} sent", "")
        self._live.update(table)

    def _is_due(self) -> bool:
        if time.monotonic() - self._said_at < _PLAIN_EVERY_S:
            return False
        self._said_at = time.monotonic()
        return True
