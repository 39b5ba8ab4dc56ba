"""What reports call things, Chinese and English."""

from collections.abc import Mapping
from typing import Final

from controller.engine.alarm_types import AlarmType, Severity
from controller.engine.alarm_wording import severity_name, type_name
from controller.reports.content import DayState
from schedules import Language
from schedules.energy.density import Lacking
from schedules.energy.ladder import Rung
from schedules.energy.periods import Period, PeriodKind
from schedules.energy.targets import WarningLevel
from zones import Category
from zones.names import CATEGORIES
from zones.said import text_in

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("城市照明能耗与节能报告", "Public lighting: energy and savings report"),
    "synthetic": ("（合成示例数据）", " (synthetic example data)"),
    "scope": ("统计范围", "Scope"),
    "whole_city": ("全市", "the whole city"),
    "district": ("行政区", "District"),
    "districts": ("各行政区", "Districts"),
    "period": ("统计期", "Period"),
    "span": ("起止时间", "From / to"),
    "span_note": (
        "按控制日统计：每日正午至次日正午，一夜归入一期",
        "by control days, noon to noon local time: each night belongs to one period",
    ),
    "generated": ("生成时间", "Generated"),
    "revision": ("文档版本", "Documents, revision"),
    "none": ("无", "none"),
    "figures": ("主要指标", "Main figures"),
    "figure": ("指标", "Figure"),
    "unit": ("单位", "Unit"),
    "value": ("本期", "This period"),
    "previous": ("上期", "Period before"),
    "year_before": ("上年同期", "Same, year before"),
    "change": ("变化", "Change"),
    "used": ("实际用电量", "Energy used"),
    "used_uncertainty": ("用电量不确定度 ±（约95%）", "Uncertainty of energy used, ± (about 95 %)"),
    "baseline": ("基准用电量", "Baseline energy"),
    "saved": ("节电量", "Energy saved"),
    "saved_uncertainty": (
        "节电量不确定度 ±（约95%）",
        "Uncertainty of energy saved, ± (about 95 %)",
    ),
    "saved_ratio": ("节电率", "Share saved"),
    "metered": ("计量电量", "Metered"),
    "modelled": ("推算电量", "Modelled"),
    "metered_ratio": ("计量占比", "Metered share"),
    "cost": ("电费", "Cost"),
    "baseline_cost": ("基准电费", "Cost of the baseline"),
    "unpriced": ("无电价的用电量（未计入电费）", "Energy without a price, not in the cost"),
    "partial_cost": (
        "* 部分电量无电价：电费不完整，未计入部分见“无电价的用电量”",
        "* part of the energy has no price: the cost is not whole; see energy without a price",
    ),
    "unpriced_gap": (
        "{first} 至 {last} 无电价：{count} 个分区（{zones}），其用电未计入电费",
        "no price from {first} to {last} for {count} zones ({zones}): not in the cost",
    ),
    "daylight": (
        "白天亮灯用电量（日出至日落，计划外）",
        "Burned by day, unasked, sunrise to sunset",
    ),
    "daylight_hours": (
        "白天亮灯灯时（按满功率折算）",
        "Burned by day, luminaire-hours at full power",
    ),
    "daylight_short": ("白天亮灯", "By day"),
    "status": ("报告状态", "Status"),
    "final": ("统计期各夜均已结束", "all nights of the period are over"),
    "provisional": (
        "暂报，非正式报告：统计期 {all} 夜中 {ahead} 夜在生成时尚未结束",
        "PROVISIONAL, not final: {ahead} of the period's {all} nights were not over when it was "
        "made",
    ),
    "provisional_mark": ("（暂报）", " (provisional)"),
    "not_assessable": (
        "无法评估：已计夜数不足80%",
        "not assessable, under 80 % of the past nights accounted",
    ),
    "saved_cost": ("节约电费", "Cost saved"),
    "emission": ("碳排放", "Emission"),
    "avoided": ("减排量", "Emission avoided"),
    "lit_ratio": ("亮灯率", "Lit rate"),
    "night_hours": ("平均每灯每夜亮灯时间", "Burning hours of a luminaire and night"),
    "lamp_hours": ("累计亮灯灯时", "Luminaire-hours"),
    "luminaires": ("灯具数", "Luminaires"),
    "connected": ("安装功率", "Connected power"),
    "power_density": ("功率密度指标 D_P（EN 13201-5）", "Power density D_P (EN 13201-5)"),
    "lpd": ("照明功率密度 LPD（CJJ 45）", "Lighting power density LPD (CJJ 45)"),
    "lpd_limit": ("LPD 限值", "LPD limit"),
    "lpd_short": ("LPD", "LPD"),
    "annual": ("年能耗指标 D_E（EN 13201-5）", "Annual energy D_E (EN 13201-5)"),
    "annual_planned": ("按计划全年推算", "of the year as planned"),
    "annual_accounted": ("按全年实际", "of the accounted year"),
    "alarms": ("告警数", "Alarms raised"),
    "unknown": ("未知", "not known"),
    "lacks": ("未知（缺 {}）", "not known (lacks {})"),
    "no_limit": ("无限值", "no limit set"),
    "no_change": (
        "上期或本期不完整，不作比较",
        "A period is not complete: nothing is compared",
    ),
    "not_comparable": ("无数据", "no data"),
    "incomplete": ("{done}/{all} 日完整", "{done} of {all} days complete"),
    "targets": ("节能目标", "Targets"),
    "target": ("目标", "Target"),
    "target_kwh": ("不高于 {:,.0f} kWh", "at most {:,.0f} kWh"),
    "target_ratio": ("节电率不低于 {:.1%}", "at least {:.1%} saved"),
    "target_none": ("未设定目标", "no target is set"),
    "allowed": ("允许用电量", "Allowed"),
    "used_so_far": ("已用", "Used so far"),
    "unaccounted": ("过往无数据，按计划计", "No data, as planned"),
    "planned": ("今后各夜计划", "Nights to come"),
    "forecast": ("期末预测", "Forecast"),
    "shortfall": ("预计超出", "Shortfall"),
    "level": ("预警级别", "Warning level"),
    "nights": (
        "已核算 {accounted} 夜；过往 {missing} 夜无数据或不完整，缺额按计划计；"
        "今后 {planned} 夜按计划计",
        "nights accounted: {accounted}; past nights without data, or with a part of it, where what "
        "lacks is taken as planned: {missing}; nights to come, as planned: {planned}",
    ),
    "ladder": ("节电分解阶梯", "Ladder: from the baseline to the use"),
    "rung": ("措施", "Measure"),
    "step": ("节电量", "Saved"),
    "remaining": ("余额", "Remaining"),
    "total_saved": ("节电合计", "Total saved"),
    "share": ("占基准", "Of baseline"),
    "check": ("校验：基准-实际-各级之和", "Check: baseline - used - rungs"),
    "daily": ("逐日用电", "Daily energy"),
    "day": ("控制日", "Control day"),
    "coverage": ("核算覆盖率", "Covered"),
    "state": ("数据状态", "State"),
    "zones": ("各分区", "Zones"),
    "zone": ("分区", "Zone"),
    "categories": ("各类别", "Categories"),
    "category": ("类别", "Category"),
    "name": ("名称", "Name"),
    "id": ("编号", "Identifier"),
    "class": ("照明等级", "Lighting class"),
    "area": ("面积", "Area"),
    "within": ("达标", "Within limit"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "total": ("合计", "Total"),
    "tariff": ("分时电价", "Time of use"),
    "tariff_name": ("电价", "Tariff"),
    "band": ("时段", "Band"),
    "night_bands": ("账目：分区逐夜分时", "Account: zones, nights, price"),
    "zone_bands": ("分区分时用电", "Zones by price"),
    "price": ("单价", "Price"),
    "quality": ("数据质量", "Quality of data"),
    "quality_days": ("控制日", "Control days"),
    "quarantined": ("未采信的电表读数（投运以来）", "Readings not believed, since commissioning"),
    "rolled_up": ("已汇总的历史行（非15分钟）", "Rolled-up rows (coarser than a quarter-hour)"),
    "excess_zone": (
        "{zone}：{days} 日核算超过现有灯具之应有，最高 {share:.0%}",
        "{zone}: on {days} days more was accounted than its luminaires can use, up to {share:.0%}",
    ),
    "excess": ("超额分区", "Zones in excess"),
    "alarm_type": ("告警类型", "Alarm"),
    "severity": ("级别", "Severity"),
    "raised": ("发生", "Raised"),
    "open": ("未消除", "Open"),
    "no_alarms": ("无告警记录", "no alarms are kept"),
    "sources": ("依据文件", "Documents behind the figures"),
    "document": ("文件", "Document"),
    "valid_from": ("生效日", "From"),
    "detail": ("内容", "What it says"),
    "source": ("来源", "Source"),
    "baseline_document": ("节能基准", "Baseline"),
    "factor_document": ("碳排放因子", "Emission factor"),
    "metering_document": ("计量不确定度", "Metering"),
    "counted": (
        "{zones} 个分区，占基准电量 {share:.1%}",
        "{zones} zones, {share:.1%} of the baseline",
    ),
    "undeclared": (
        "{} 个分区未申报基准：按方案的 baseline 时段与灯型 baseline_power_w（缺省）",
        "{} zones without a declared baseline: the plan's baseline hours and the lamp types' "
        "baseline_power_w (default)",
    ),
    "without_tariff": (
        "{} 个分区无电价：电费未计；请在 tariffs.yaml 申报",
        "{} zones without a tariff: no cost; declare tariffs.yaml",
    ),
    "without_factor": (
        "无碳排放因子：请在 emission-factors.yaml 申报",
        "no emission factor: declare emission-factors.yaml",
    ),
    "default": ("缺省值", "default"),
    "example": ("示例价格，非实际电价", "example prices, not the utility's"),
    "method": ("方法说明", "Method"),
    "account": ("账目：分区逐夜", "Account: zones by night"),
    "account_months": ("账目：分区逐月", "Account: zones by month"),
    "month": ("月", "Month"),
    "quarters": ("账目：15分钟", "Account: quarter-hours"),
    "start": ("开始时间（当地）", "Begins (local)"),
    "retrofitted": ("灯具改造后", "Present lamps"),
    "windowed": ("开关灯时间后", "In the window"),
    "dimmed": ("调光后", "Dimmed"),
    "clo": ("恒光控制后", "Constant light"),
    "ruled": ("动态规则后", "Dynamic rules"),
    "overridden": ("临时指令后", "Overrides"),
    "page": ("第 {} 页", "Page {}"),
    "chart_daily": ("逐日用电量与基准（kWh）", "Daily energy used and baseline (kWh)"),
    "chart_ladder": ("从基准到实际（kWh）", "From the baseline to the use (kWh)"),
    "more_zones": ("另有 {} 个分区，见电子表格", "and {} more zones: see the spreadsheet"),
    "density_of": ("{} 个已知面积的分区", "of the {} zones with a known area"),
}

_RUNGS: Final = {
    Rung.RETROFIT: ("灯具改造", "Other lamps (retrofit)"),
    Rung.WINDOW: ("优化开关灯时间", "Trimmed window"),
    Rung.DIMMING: ("分时调光", "Dimming"),
    Rung.CONSTANT_LIGHT: ("恒光控制（CLO）", "Constant light output (CLO)"),
    Rung.RULES: ("动态规则（传感器）", "Dynamic rules (sensors)"),
    Rung.OVERRIDES: ("临时指令", "Overrides"),
    Rung.DEVIATION: ("偏差（故障、损耗、计量）", "Deviation (faults, losses, meters)"),
}
_LEVELS: Final = {
    WarningLevel.GREEN: ("绿色（正常）", "green"),
    WarningLevel.YELLOW: ("黄色（预警）", "yellow"),
    WarningLevel.RED: ("红色（超标）", "red"),
}
_STATES: Final = {
    DayState.COMPLETE: ("完整", "complete"),
    DayState.PARTIAL: ("不完整", "incomplete"),
    DayState.EXCESS: ("超额（多于应有）", "excess, more than can be"),
    DayState.MISSING: ("缺失", "missing"),
    DayState.TO_COME: ("未结束", "to come"),
}
_REASONS: Final = {
    "backwards": ("读数倒退", "backwards"),
    "too_fast": ("增长过快", "too fast"),
    "stuck": ("读数不动或过慢", "stuck or too slow"),
    "future": ("时间在未来", "stamped in the future"),
    "late": ("迟到", "late"),
    "duplicate": ("重复", "duplicate"),
    "malformed": ("无效", "malformed"),
}
_METHOD: Final = (
    (
        "节电量 = 基准用电量 - 实际用电量。基准为申报的、注明日期的文件（灯具与时段）。",
        "Saved is baseline minus used. The baseline is a declared, dated document of lamps and "
        "hours.",
    ),
    (
        "阶梯：同一夜按逐项措施重算，相邻两项之差为该措施的节电量；各级之和恒等于基准减实际。",
        "Ladder: the same night reckoned with one more measure at a time; a rung is the difference "
        "of two neighbours, so the rungs add up to baseline minus used.",
    ),
    (
        "实际用电：电表可信时取计量值，否则按上报亮度与灯型功率曲线推算；计量占比始终注明。",
        "Used: metered where the meter is believable, else modelled from the reported level and "
        "the lamp type's power curve; the metered share is always shown.",
    ),
    (
        "不确定度：同类误差及同一基准文件按完全相关相加；计量与推算、实际与基准、不同基准文件之间按独立"
        "合成（方和根，按电量加权，GUM）。",
        "Uncertainty: errors of one kind, and what one baseline document says, are taken as fully "
        "correlated; metered and modelled, use and baseline, and different baseline documents as "
        "independent: root of the squares, each weighted by its energy (GUM).",
    ),
    (
        "电费：每15分钟电量乘以该时刻当地分时单价；夏令时切换日为23或25小时。",
        "Cost: the energy of each quarter-hour at the price of its local time; days on which the "
        "clock changes have 23 or 25 hours.",
    ),
    (
        "碳排放：每个控制日电量乘以当日有效的电网排放因子。",
        "Emission: the energy of each control day at the grid factor in force on it.",
    ),
    (
        "亮灯率：各灯每夜实际亮灯时间（不超过计划）之和与计划亮灯时间之和的比。",
        "Lit rate: what burned of what the programs plan, luminaire by luminaire and night by "
        "night, never counting more than was planned.",
    ),
    (
        "LPD = 安装功率 / 面积（CJJ 45-2015 7.1.2）；D_P = 安装功率 / Σ（设计照度×面积），"
        "D_E = 年用电量 / 面积（EN 13201-5:2015）。缺字段时注明未知，不作猜测。",
        "LPD is connected power over area (CJJ 45-2015 7.1.2); D_P connected power over the sum of "
        "design illuminance times area, D_E a year's energy over area (EN 13201-5:2015). What a "
        "zone does not tell is said to be not known, never guessed.",
    ),
    (
        "白天亮灯：日出至日落间，实际用电超过当时应有（方案、传感器、临时指令）的部分；灯时按满功率折算。",
        "Burned by day: between sunrise and sunset, what was used beyond what programs, sensors "
        "and overrides asked for; its hours are those at full power.",
    ),
    (
        "目标预测 = 已核算用电 + 未核算各夜的计划用电（方案、日历、限值；不含临时指令与传感器）。",
        "Forecast of a target: accounted use, and for all other nights the use that programs, "
        "calendars and limits plan; overrides and sensors are not in it.",
    ),
)


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._index = 0 if language is Language.CHINESE else 1

    def __getitem__(self, key: str) -> str:
        return _WORDS[key][self._index]

    def rung(self, rung: Rung) -> str:
        """What a step of the ladder is owed to."""
        return _RUNGS[rung][self._index]

    def level(self, level: WarningLevel) -> str:
        """A warning level."""
        return _LEVELS[level][self._index]

    def state(self, state: DayState) -> str:
        """How much of a day is accounted."""
        return _STATES[state][self._index]

    def reason(self, name: str) -> str:
        """Why a meter reading was not believed; a reason added later by its own name."""
        return _REASONS.get(name, (name, name))[self._index]

    def alarm(self, kind: str) -> str:
        """A kind of alarm; one that is known no more by its own name."""
        known = {one.value: one for one in AlarmType}
        return type_name(known[kind], self.language) if kind in known else kind

    def severity(self, name: str) -> str:
        """How grave an alarm is."""
        known = {one.value: one for one in Severity}
        return severity_name(known[name], self.language) if name in known else name

    def category(self, category: Category) -> str:
        """A kind of zone."""
        return text_in(CATEGORIES[category], self.language)

    def method(self) -> tuple[str, ...]:
        """The method, a sentence each."""
        return tuple(pair[self._index] for pair in _METHOD)

    def name(self, chinese: str, english: str | None) -> str:
        """A name in this language, as far as there is one."""
        return chinese if self._index == 0 or not english else english

    def lacking(self, lacking: Lacking) -> str:
        """A figure that is not known, and why."""
        return self["lacks"].format(", ".join(lacking.fields))

    def period(self, period: Period) -> str:
        """A period, such as 2026年11月 or November 2026."""
        match period.kind:
            case PeriodKind.MONTH:
                if self._index == 0:
                    return f"{period.year}年{period.number}月"
                return f"{period.first_day:%B} {period.year}"
            case PeriodKind.QUARTER:
                chinese = f"{period.year}年第{'一二三四'[period.number - 1]}季度"
                return chinese if self._index == 0 else f"Q{period.number} {period.year}"
            case PeriodKind.YEAR:
                return f"{period.year}年" if self._index == 0 else f"{period.year}"
