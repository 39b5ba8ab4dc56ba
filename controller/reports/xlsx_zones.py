"""Sheets of zones, districts and categories, reckoned from the account's rows."""

from collections.abc import Sequence

from controller.reports.content import GroupRow, Report, ZoneRow, kwh
from controller.reports.lines import costs
from controller.reports.words import Words
from controller.reports.xlsx_account import ENERGY, USED, AccountSheet, column_of
from controller.reports.xlsx_nights import NightRows, summed_baseline, summed_use
from controller.reports.xlsx_sheets import Cell, Formula, Sheet, range_ref
from schedules.energy.density import Lacking

_MONEY = "#,##0.00"
_BASELINE, _USED = 7, 6


def band_sheet(
    sheet: Sheet, report: Report, nights: tuple[Sheet | None, NightRows], words: Words
) -> tuple[str, str, str]:
    """What every zone used at the hours of each price, the sum of its nights; returns the
    columns of zone, currency and cost, as formulas name them."""
    sheet.put(0, 0, words["zone_bands"], sheet.book.title)
    sheet.head(
        2,
        [
            words["zone"], words["name"], words["tariff_name"], words["band"], words["price"],
            f"{words['used']} kWh", f"{words['baseline']} kWh", words["cost"],
            words["baseline_cost"], "",
        ],
    )  # fmt: skip
    sheet.freeze(3, 2)
    numbers = [*["General"] * 4, "0.0000", ENERGY, ENERGY, _MONEY, _MONEY, "General"]
    row = 3
    for one in report.history.zone_bands:
        zone, at = report.history.zones[one.zone], row + 1
        used, baseline = kwh(one.used_j), kwh(one.baseline_j)
        rows = nights[1].get((one.zone, (one.tariff, one.band, one.price_per_kwh, one.currency)))
        cells: list[Cell] = [
            zone.id, words.name(zone.name, zone.name_en), one.tariff, one.band, one.price_per_kwh,
            summed_use(nights[0], rows, used), summed_baseline(nights[0], rows, baseline),
            Formula(f"=F{at}*E{at}", used * one.price_per_kwh),
            Formula(f"=G{at}*E{at}", baseline * one.price_per_kwh),
            one.currency,
        ]  # fmt: skip
        sheet.row(row, cells, numbers)
        row += 1
    last = max(3, row - 1)
    zones, currencies, costs = (range_ref(3, last, column, sheet) for column in (0, 9, 7))
    return zones, currencies, costs


def zone_sheet(
    sheet: Sheet,
    report: Report,
    account: AccountSheet,
    bands: tuple[str, str, str],
    words: Words,
) -> None:
    """A row for every zone; `bands` are the columns that `band_sheet` named."""
    sheet.put(0, 0, words["zones"], sheet.book.title)
    currencies = sorted({name for one in report.zones for name in one.group.money})
    heads = [
        words["zone"], words["name"], words["category"], words["class"], words["luminaires"],
        f"{words['connected']} kW", f"{words['used']} kWh", f"{words['baseline']} kWh",
        f"{words['saved']} kWh", words["saved_ratio"], words["metered_ratio"],
        words["lit_ratio"], f"{words['night_hours']} h", f"{words['area']} m²",
        f"{words['lpd_short']} W/m²", f"{words['lpd_limit']} W/m²", words["within"],
        "D_P W/(lx·m²)", "D_E kWh/m²", f"{words['daylight_short']} kWh",
        f"{words['daylight_short']} h", *_cost_heads(currencies, words),
    ]  # fmt: skip
    numbers = [
        "General", "General", "General", "General", "#,##0", "0.000", ENERGY, ENERGY, ENERGY,
        "0.0%", "0.0%", "0.00%", "0.00", "#,##0", "0.000", "0.00", "General", "0.0000", "0.000",
        ENERGY, "#,##0.0", *[_MONEY] * len(currencies), ENERGY,
    ]  # fmt: skip
    sheet.head(2, heads)
    sheet.raw.set_row(2, 48)
    sheet.freeze(3, 2)
    row = 3
    for number, one in enumerate(report.zones):
        ladder = one.group.ladder
        at = row + 1
        metered = account.of_zone(number, column_of("metered"))
        cells: list[Cell] = [
            one.zone.id,
            words.name(one.zone.name, one.zone.name_en),
            words.category(one.zone.category),
            one.zone.lighting_class or "-",
            one.group.luminaires,
            one.group.connected_w / 1000,
            Formula(f"=SUM({account.of_zone(number, USED)})", kwh(ladder.used_j)),
            Formula(
                f"=SUM({account.of_zone(number, column_of('baseline'))})", kwh(ladder.baseline_j)
            ),
            Formula(f"=H{at}-G{at}", kwh(ladder.saved_j)),
            Formula(f"=IFERROR(I{at}/H{at},0)", ladder.saved_ratio or 0.0),
            Formula(f"=IFERROR(SUM({metered})/G{at},0)", ladder.metered_ratio or 0.0),
            words["unknown"] if one.group.lit_ratio is None else one.group.lit_ratio,
            words["unknown"] if one.group.night_hours is None else one.group.night_hours,
            *_density_cells(one, words),
            *_daylight_cells(one.group, words),
            *(_cost(one, name, at, bands) for name in currencies),
            *([kwh(one.group.unpriced_j[0])] if currencies else []),
        ]
        sheet.row(row, cells, numbers)
        row += 1
    sums: list[Cell] = [words["total"], None, None, None, report.whole.luminaires]
    whole = report.ladder
    for column, value in (
        (5, report.whole.connected_w / 1000),
        (_USED, kwh(whole.used_j)),
        (_BASELINE, kwh(whole.baseline_j)),
        (8, kwh(whole.saved_j)),
    ):
        sums.append(Formula(f"=SUM({range_ref(3, row - 1, column)})", value))
    sheet.row(row, sums, numbers, bold=True)


def _cost_heads(currencies: Sequence[str], words: Words) -> list[str]:
    """Costs, and the energy that they leave out."""
    if not currencies:
        return []
    return [*(f"{words['cost']} {one}" for one in currencies), f"{words['unpriced']} kWh"]


def _daylight_cells(group: GroupRow, words: Words) -> list[Cell]:
    if group.daylight_j is None or group.daylight_hours is None:
        return [words["unknown"], words["unknown"]]
    return [kwh(group.daylight_j), group.daylight_hours]


def _cost(one: ZoneRow, currency: str, at: int, bands: tuple[str, str, str]) -> Cell:
    if currency not in one.group.money:
        return None
    zones, currencies, costs = bands
    # Texts are compared as such: SUMIFS would take 0110 and 110 for the same.
    text = f'=SUMPRODUCT(({zones}=A{at})*({currencies}="{currency}")*{costs})'
    return Formula(text, one.group.money[currency][0])


def _density_cells(one: ZoneRow, words: Words) -> list[Cell]:
    density = one.density

    def shown(value: float | Lacking) -> Cell:
        return words.lacking(value) if isinstance(value, Lacking) else value

    limit = density.limit_w_per_m2
    is_within = density.is_within_limit
    return [
        shown(density.area_m2),
        shown(density.lighting_power_density),
        words["no_limit"] if limit is None else shown(limit),
        "-" if is_within is None else words["yes" if is_within else "no"],
        shown(density.power_density),
        shown(density.annual_kwh_per_m2),
    ]


def group_sheet(sheet: Sheet, report: Report, words: Words) -> None:
    """Districts of the city's report, and the categories."""
    row = 0
    if report.districts:
        row = _groups(sheet, row, words["districts"], report.districts, words)
    categories = [(words.category(category), one) for category, one in report.categories]
    _groups(sheet, row, words["categories"], [one for _, one in categories], words,
            [name for name, _ in categories])  # fmt: skip


def _groups(
    sheet: Sheet,
    row: int,
    title: str,
    groups: list[GroupRow] | tuple[GroupRow, ...],
    words: Words,
    names: list[str] | None = None,
) -> int:
    sheet.put(row, 0, title, sheet.book.title)
    currencies = sorted({name for one in groups for name in one.money})
    sheet.head(
        row + 1,
        [
            words["id"], words["name"], words["luminaires"], f"{words['used']} kWh",
            f"{words['baseline']} kWh", f"{words['saved']} kWh", words["saved_ratio"],
            words["metered_ratio"], words["lit_ratio"], f"{words['emission']} kg",
            f"{words['daylight_short']} kWh", f"{words['daylight_short']} h",
            *_cost_heads(currencies, words),
        ],
    )  # fmt: skip
    numbers = [
        "General", "General", "#,##0", ENERGY, ENERGY, ENERGY, "0.0%", "0.0%", "0.00%", "#,##0.0",
        ENERGY, "#,##0.0", *[_MONEY] * len(currencies), ENERGY,
    ]  # fmt: skip
    row += 2
    for index, one in enumerate(groups):
        ladder, at = one.ladder, row + 1
        sheet.row(
            row,
            [
                one.id,
                words.name(one.name, one.name_en) if names is None else names[index],
                one.luminaires,
                kwh(ladder.used_j),
                kwh(ladder.baseline_j),
                Formula(f"=E{at}-D{at}", kwh(ladder.saved_j)),
                Formula(f"=IFERROR(F{at}/E{at},0)", ladder.saved_ratio or 0.0),
                ladder.metered_ratio,
                one.lit_ratio,
                one.emission_kg,
                *_daylight_cells(one, words),
                *costs(one, currencies),
                *([kwh(one.unpriced_j[0])] if currencies else []),
            ],
            numbers,
        )
        row += 1
    return row + 1
