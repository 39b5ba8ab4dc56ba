"""The tables that every form of a report shows: figures with units, targets, sources."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from controller.reports.content import Compared, DayState, GroupRow, Report, kwh
from controller.reports.words import Words
from schedules.energy.density import Lacking
from schedules.energy.figures import Money
from schedules.energy.outlook import Standing

Value = float | str | None


class Line(NamedTuple):
    """A figure with what it is compared with."""

    key: str
    label: str
    unit: str
    digits: int
    """After the point; of a ratio, of its percentage."""
    value: Value
    previous: Value = None
    year_before: Value = None
    partial: tuple[bool, bool, bool] = (False, False, False)
    """Whether each of the three leaves something out, such as energy without a price."""

    @property
    def is_ratio(self) -> bool:
        """Whether the value is a share, 0 to 1, that is shown in per cent."""
        return self.unit == "%"


def _beside(report: Report) -> tuple[Compared | None, Compared | None]:
    """The period before and the same a year before, as far as there is data."""
    found = {one.period: one for one in report.compared}
    return found.get(report.period.before()), found.get(report.period.year_before())


def figure_lines(report: Report, words: Words) -> tuple[Line, ...]:
    """The main figures, in order."""
    before, year_before = _beside(report)
    ladder, whole = report.ladder, report.whole

    def energy(key: str, name: str) -> Line:
        return Line(
            key, words[key], "kWh", 1, kwh(getattr(ladder, name)),
            None if before is None else kwh(getattr(before.ladder, name)),
            None if year_before is None else kwh(getattr(year_before.ladder, name)),
        )  # fmt: skip

    def ratio(key: str, name: str) -> Line:
        return Line(
            key, words[key], "%", 1, getattr(ladder, name),
            None if before is None else getattr(before.ladder, name),
            None if year_before is None else getattr(year_before.ladder, name),
        )  # fmt: skip

    partial = _is_partial(whole), _is_partial(before), _is_partial(year_before)
    lines = [
        energy("used", "used_j"),
        Line("used_uncertainty", words["used_uncertainty"], "kWh", 1,
             kwh(report.uncertainty.used_j)),
        energy("baseline", "baseline_j"),
        energy("saved", "saved_j"),
        Line("saved_uncertainty", words["saved_uncertainty"], "kWh", 1,
             kwh(report.uncertainty.saved_j)),
        ratio("saved_ratio", "saved_ratio"),
        ratio("metered_ratio", "metered_ratio"),
    ]  # fmt: skip
    for money in report.money:
        lines += (
            one._replace(partial=partial) for one in _money_lines(money, before, year_before, words)
        )
    others = (before, year_before)
    if report.money and any(_is_partial(one) for one in (whole, *others)):
        # The costs above are of the rest alone; nobody may take them for the whole periods'.
        was, year = (None if one is None else kwh(one.unpriced_j[0]) for one in others)
        now = kwh(report.unpriced_j)
        lines.append(Line("unpriced", words["unpriced"], "kWh", 1, now, was, year))
    gas = "/".join(dict.fromkeys(one.gas for one in report.sources.factors)) or "CO2"
    emission = whole.emission_kg
    avoided = (
        None
        if emission is None or whole.baseline_emission_kg is None
        else whole.baseline_emission_kg - emission
    )
    lines += [
        Line("emission", words["emission"], f"kg {gas}", 1,
             words["unknown"] if emission is None else emission,
             None if before is None else before.emission_kg,
             None if year_before is None else year_before.emission_kg),
        Line("avoided", words["avoided"], f"kg {gas}", 1,
             words["unknown"] if avoided is None else avoided),
        Line("lit_ratio", words["lit_ratio"], "%", 2,
             words["unknown"] if whole.lit_ratio is None else whole.lit_ratio),
        Line("night_hours", words["night_hours"], "h", 2,
             words["unknown"] if whole.night_hours is None else whole.night_hours),
        Line("lamp_hours", words["lamp_hours"], "h", 0,
             words["unknown"] if whole.night_hours is None else report.burning.hours()),
        Line("daylight", words["daylight"], "kWh", 1,
             words["unknown"] if whole.daylight_j is None else kwh(whole.daylight_j)),
        Line("daylight_hours", words["daylight_hours"], "h", 1,
             words["unknown"] if whole.daylight_hours is None else whole.daylight_hours),
        Line("luminaires", words["luminaires"], "", 0, float(whole.luminaires)),
        Line("connected", words["connected"], "kW", 2, whole.connected_w / 1000),
        *_density_lines(report, words),
    ]  # fmt: skip
    if report.quality.alarms is not None:
        raised = float(sum(one.raised for one in report.quality.alarms))
        lines.append(Line("alarms", words["alarms"], "", 0, raised))
    return tuple(lines)


def _is_partial(one: GroupRow | Compared | None) -> bool:
    """Whether the money leaves something out."""
    return one is not None and any(one.unpriced_j)


def _money_lines(
    money: Money, before: Compared | None, year_before: Compared | None, words: Words
) -> Iterator[Line]:
    def other(side: Compared | None, name: str) -> float | None:
        for one in () if side is None else side.money:
            if one.currency == money.currency:
                value: float = getattr(one, name)
                return value
        return None

    for key, name in (
        ("cost", "cost"),
        ("baseline_cost", "baseline_cost"),
        ("saved_cost", "saved"),
    ):
        yield Line(
            key, words[key], money.currency, 2, getattr(money, name),
            other(before, name), other(year_before, name),
        )  # fmt: skip


def _density_lines(report: Report, words: Words) -> Iterator[Line]:
    density, of_zones = report.density, words["density_of"].format(report.dense_zones)
    year = words["annual_accounted" if report.sources.annual_is_accounted else "annual_planned"]
    for key, unit, digits, value, note in (
        ("power_density", "W/(lx·m²)", 4, density.power_density, of_zones),
        ("lpd", "W/m²", 3, density.lighting_power_density, of_zones),
        ("annual", "kWh/m²", 3, density.annual_kwh_per_m2, f"{of_zones}, {year}"),
    ):
        shown = words.lacking(value) if isinstance(value, Lacking) else value
        label = words[key] if isinstance(value, Lacking) else f"{words[key]}, {note}"
        # What is not known has no unit.
        yield Line(key, label, unit if isinstance(shown, float) else "", digits, shown)


def number_text(value: Value, digits: int, *, is_ratio: bool = False, none: str = "-") -> str:
    """A figure for a person."""
    if value is None:
        return none
    if isinstance(value, str):
        return value
    # Minus zero is no figure.
    shown = round(value * 100 if is_ratio else value, digits) + 0.0
    return f"{shown:,.{digits}f}"


def marked_text(line: Line, place: int) -> str:
    """A line's value (0), that of the period before (1) or of a year before (2), for a person.

    With an asterisk where it leaves something out.
    """
    value = (line.value, line.previous, line.year_before)[place]
    shown = number_text(value, line.digits, is_ratio=line.is_ratio)
    return f"{shown} *" if value is not None and line.partial[place] else shown


def change_text(line: Line, other: Value, *, is_whole: bool = True) -> str:
    """How much a figure changed, in per cent, or points of a ratio; empty without both.

    Compared only where both periods are complete (`is_whole`): a share of a few nights says
    as little about the period as their sum. Nor are sums that leave something out.
    """
    if not is_whole or any(line.partial):
        return ""
    if not isinstance(line.value, float) or not isinstance(other, float):
        return ""
    if line.is_ratio:
        return f"{(line.value - other) * 100:+z.1f} pt"
    return f"{(line.value / other - 1) * 100:+z.1f} %" if other else ""


class Side(NamedTuple):
    """A period beside the report's own, as the head of a column says it."""

    head: str
    is_whole: bool
    """Whether both periods are complete, so that their sums may be compared."""


def sides(report: Report, words: Words) -> tuple[Side, Side]:
    """The period before and the same a year before."""
    own = sum(one.state is DayState.COMPLETE for one in report.days) == report.period.days
    found = []
    wanted = (report.period.before(), report.period.year_before())
    for key, period in zip(("previous", "year_before"), wanted, strict=True):
        side = next((one for one in report.compared if one.period == period), None)
        if side is None:
            found.append(
                Side(f"{words[key]} {period.text} ({words['not_comparable']})", is_whole=False)
            )
            continue
        done = words["incomplete"].format(done=side.complete_days, all=period.days)
        is_whole = side.complete_days == period.days
        note = "" if is_whole else f" ({done})"
        found.append(Side(f"{words[key]} {period.text}{note}", own and is_whole))
    return found[0], found[1]


def _level_text(standing: Standing, words: Words) -> str:
    level = words.level(standing.level)
    return level if standing.is_assessable else f"{words['not_assessable']} ({level})"


def target_lines(standing: Standing, words: Words) -> tuple[tuple[str, str], ...]:
    """A target and where it is heading: label and text."""
    target = standing.target
    if target.energy_kwh is not None:
        said = words["target_kwh"].format(target.energy_kwh)
    else:
        said = words["target_ratio"].format(target.saved_ratio)
    nights = words["nights"].format(
        accounted=standing.accounted_days,
        planned=standing.planned_days,
        missing=standing.unaccounted_days,
    )
    return (
        (words["target"], f"{said}{f'  ({target.source})' if target.source else ''}"),
        (words["allowed"], f"{standing.allowed_kwh:,.0f} kWh"),
        (words["used_so_far"], f"{standing.used_kwh:,.0f} kWh"),
        (words["unaccounted"], f"{standing.unaccounted_kwh:,.0f} kWh"),
        (words["planned"], f"{standing.planned_kwh:,.0f} kWh"),
        (words["forecast"], f"{standing.forecast_kwh:,.0f} kWh"),
        (words["shortfall"], f"{standing.shortfall_kwh:,.0f} kWh"),
        (words["level"], _level_text(standing, words)),
        ("", nights),
    )


def title_lines(report: Report, words: Words) -> tuple[tuple[str, str], ...]:
    """The title block: label and text."""
    city = report.site.inventory.city
    name = words.name(city.name, city.name_en)
    if city.synthetic and not any(word in name for word in ("合成", "synthetic")):
        name += words["synthetic"]
    if report.district is None:
        scope = f"{name} {words['whole_city']}"
    else:
        district = report.district
        scope = f"{name} {words.name(district.name, district.name_en)} ({district.id})"
    made = report.generated_at
    revision = words["none"] if report.revision is None else str(report.revision)
    return (
        (words["scope"], scope),
        (words["period"], f"{words.period(report.period)} ({report.period.text})"),
        (
            words["span"],
            f"{report.since:%Y-%m-%d %H:%M} {_offset(report.since)} - "
            f"{report.until:%Y-%m-%d %H:%M} {_offset(report.until)} ({words['span_note']})",
        ),
        (
            words["generated"],
            f"{made:%Y-%m-%d %H:%M} {_offset(made)}",
        ),
        (words["status"], status_text(report, words)),
        (words["revision"], revision),
        (words["quality_days"], days_text(report, words)),
    )


def title_text(report: Report, words: Words) -> str:
    """The title; what is provisional says so in it."""
    return words["title"] + (words["provisional_mark"] if report.is_provisional else "")


def status_text(report: Report, words: Words) -> str:
    """Whether the period is over."""
    if not report.is_provisional:
        return words["final"]
    return words["provisional"].format(ahead=report.nights_ahead, all=report.period.days)


def days_text(report: Report, words: Words) -> str:
    """How many control days are complete, and how many are not."""
    days = report.quality.days
    return ", ".join(
        f"{words.state(state)} {len(days[state])}"
        for state in DayState
        if days[state] or state is DayState.COMPLETE
    )


def excess_texts(report: Report, words: Words) -> Iterator[str]:
    """Zones that account for more than there can be."""
    for one in report.quality.excess:
        yield words["excess_zone"].format(zone=one.zone, days=one.days, share=one.coverage)


def _offset(instant: object) -> str:
    text = f"{instant:%z}"
    return f"{text[:3]}:{text[3:5]}"


def rung_rows(report: Report, words: Words) -> Iterator[tuple[str, float, float]]:
    """The ladder: label, kWh saved by the step, kWh that remain; the first is the baseline."""
    left = report.ladder.baseline_j
    yield words["baseline"], 0.0, kwh(left)
    for rung, step in report.ladder.steps():
        left -= step
        yield words.rung(rung), kwh(step), kwh(left)


def costs(group: GroupRow, currencies: Sequence[str]) -> Iterable[float | None]:
    """Cost of a group in each currency; None where it pays in another."""
    return (group.money.get(one, (None, None))[0] for one in currencies)


def cost_text(group: GroupRow, currency: str) -> str:
    """The same for a person, with an asterisk where energy without a price is left out."""
    (cost,) = costs(group, [currency])
    shown = number_text(cost, 2)
    return f"{shown} *" if cost is not None and group.is_cost_partial else shown
