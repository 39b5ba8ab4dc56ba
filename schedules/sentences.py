"""What is told of documents of the plan that are wrong, in English and Chinese."""

from typing import Final

from zones.said import Catalogue

SAY: Final = Catalogue(
    {
        # Where
        "of": ("{kind} {id!r}", "{kind} {id!r}"),
        "of_target": ("{kind} of {layer} {id!r}", "{layer} {id!r} 的{kind}"),
        "of_calendar": ("assignment of calendar {id!r}", "日历 {id!r} 的分配"),
        "of_default": ("calendar {id!r}: default", "日历 {id!r}：默认程序"),
        "of_rule": ("calendar {id!r}: rule {rule!r}", "日历 {id!r}：规则 {rule!r}"),
        "of_lamps": ("baseline {id!r}: lamps", "能耗基准 {id!r}：灯具"),
        # Documents together
        "twice": (
            "{kind} {id!r} stands twice; identifiers are unique within a kind",
            "{kind} {id!r} 重复出现；同类编号不能重复",
        ),
        "assigned_twice": (
            "{where} stands twice; one calendar each",
            "{where}重复出现；每处只能有一个日历",
        ),
        "not_in_plan": (
            "{where}: {kind} {id!r} is not in the plan",
            "{where}：{kind} {id!r} 不在照明计划中",
        ),
        "not_in_inventory": (
            "{where}: {kind} {id!r} is not in the inventory",
            "{where}：{kind} {id!r} 不在灯具资产中",
        ),
        "unknown": ("{kind} {id!r} is not in the inventory", "{kind} {id!r} 不在灯具资产中"),
        "unknown_near": (
            "{kind} {id!r} is not in the inventory; near it: {near}",
            "{kind} {id!r} 不在灯具资产中；相近的有：{near}",
        ),
        "same_target": (
            "target {id!r} is for the same district and period as {first!r}",
            "节能目标 {id!r} 与 {first!r} 的区和时段相同",
        ),
        # Limits and programs
        "limit_empty": ("{where}: give floor, ceiling or both", "{where}：须给出下限或上限"),
        "limit_crossed": (
            "{where}: floor {floor} is above ceiling {ceiling}",
            "{where}：下限 {floor} 高于上限 {ceiling}",
        ),
        "same_anchor": ("on and off are the same anchor", "开灯与关灯是同一控制点"),
        "same_clock": ("on and off are the same clock time", "开灯与关灯是同一时刻"),
        "window_empty": (
            "program {id!r}: the window's on and off are the same anchor",
            "照明程序 {id!r}：开灯与关灯是同一控制点",
        ),
        "step_says_one": (
            "a step says one of level, lighting_class and illuminance_lx",
            "调光点须给出亮度、照明等级、照度（level、lighting_class、illuminance_lx）之一",
        ),
        "no_class": (
            "{name!r} is no lighting class, such as 'CJJ45-II-low'",
            "{name!r} 不是照明等级；例如 'CJJ45-II-low'",
        ),
        "no_class_near": (
            "{name!r} is no lighting class; near it: {near}",
            "{name!r} 不是照明等级；相近的有：{near}",
        ),
        # Anchors and times
        "wall_time": (
            "{value} is local wall time and takes no offset",
            "{value} 是当地时间，不带时差",
        ),
        "whole_second": ("{value} must be a whole second", "{value} 须为整秒"),
        "clamps_crossed": (
            "not_before {first} comes after not_after {last} in a control day, "
            "which runs from noon to noon",
            "控制日（正午至正午）内，“不早于 {first}”晚于“不晚于 {last}”",
        ),
        "anchor_examples": (
            "such as '23:00', 'sunset+10m', 'elevation(-4)setting' or "
            "'lux(20)rising not_after 07:30'",
            "例如 '23:00'、'sunset+10m'、'elevation(-4)setting'、'lux(20)rising not_after 07:30'",
        ),
        "no_anchor": ("{text!r} is no anchor; {examples}", "{text!r} 不是控制点；{examples}"),
        "anchor_twice": ("{text!r} says {which} twice", "{text!r} 中 {which} 出现两次"),
        "anchor_rest": (
            "{text!r}: {rest!r} is not understood; {examples}",
            "{text!r}：无法理解 {rest!r}；{examples}",
        ),
        "anchor_wrong": ("{text!r}: {why}", "{text!r}：{why}"),
        "anchor_field_wrong": ("{text!r}: {where}: {why}", "{text!r}：{where}：{why}"),
        "no_clock_time": (
            "{text!r} is no clock time; one such is {example!r}",
            "{text!r} 不是钟点；例如 {example!r}",
        ),
        # Calendars
        "range_empty": (
            "a date range needs first, last or both",
            "日期区间须有起始日（first）或终止日（last）",
        ),
        "range_crossed": ("first {first} is after last {last}", "起始日 {first} 晚于终止日 {last}"),
        "no_day": (
            "month {month} has no day {day}; its last is {last}",
            "{month} 月没有 {day} 日；最后一天是 {last} 日",
        ),
        "lunar_day": (
            "a lunar month has no day 0; its days are 1 to 30, -1 is the last",
            "农历月没有第 0 天；可用 1 至 30，-1 为最后一天",
        ),
        "no_country": (
            "holidays of country {country!r} are not known; give an ISO code such as 'CN'",
            "没有国家 {country!r} 的节假日；请用 ISO 代码，如 'CN'",
        ),
        "no_subdivision": (
            "country {country!r} has no subdivision {part!r}",
            "国家 {country!r} 没有地区 {part!r}",
        ),
        "no_holiday": (
            "country {country!r} has no holiday {name!r}; its holidays are {names}",
            "国家 {country!r} 没有节假日 {name!r}；现有：{names}",
        ),
        # Rules of sensors, and overrides
        "plausible": (
            "low {low:g} must be below high {high:g}",
            "下界 {low:g} 须低于上界 {high:g}",
        ),
        "rule_side": ("{where}: give either above or below", "{where}：须给出高于或低于之一"),
        "rule_off": (
            "{where}: {action} level {level:g} must be above 0; a sensor switches no street off",
            "{where}：{action} 的亮度 {level:g} 须大于 0；传感器不能关灯",
        ),
        "rule_idle": ("{where}: adds 0, which does nothing", "{where}：增减 0，没有作用"),
        "ends_before": (
            "{where}: end_at {end_at} must be after start_at {start_at}",
            "{where}：结束时间 {end_at} 须晚于开始时间 {start_at}",
        ),
        "instant_far": (
            "{where}: {name} {at} must lie from 1970 to before 2200 (UTC)",
            "{where}：{name} {at} 须在 1970 年至 2200 年之前（UTC）",
        ),
        "selects_nothing": (
            "selects nothing; give city, districts, categories, zones or luminaires",
            "未选择任何对象；请给出全市、区、类别、分区或灯具",
        ),
        "level_or_program": (
            "{where}: give either level or program",
            "{where}：须给出亮度或程序之一",
        ),
        # Money and energy
        "by_zone_only": (
            "{where}: select city, districts, categories or zones; "
            "energy is accounted by zone, not by luminaire",
            "{where}：请选择全市、区、类别或分区；能耗按分区统计，不按单灯",
        ),
        "instead_of": (
            "{where}: {band!r} is instead of {name!r}, which is no band that stands after it; "
            "those are {later}",
            "{where}：{band!r} 优先于 {name!r}，但其后没有此时段；其后的时段为 {later}",
        ),
        "two_prices": (
            "{where}: {name!r} has the prices {one:g} and {other:g}; one name, one price",
            "{where}：{name!r} 有两个电价 {one:g} 和 {other:g}；同名时段只能有一个电价",
        ),
        "bands_overlap": (
            "{where}: bands {first!r} and {later!r} both hold {spans}, on {day} for one; "
            "keep their hours apart, or say 'instead_of: [{later}]' in {first!r}, "
            "whose price then counts",
            "{where}：时段 {first!r} 与 {later!r} 在 {spans} 重叠（例如 {day}）；请分开时间，"
            "或在 {first!r} 中写明 'instead_of: [{later}]'，此时以其电价为准",
        ),
        "same_date": (
            "begins on {day} like {first}, for the same zones; "
            "give each a valid_from of its own, or other zones",
            "与{first}同在 {day} 对相同分区生效；请分别写明生效日期（valid_from），"
            "或选择不同的分区",
        ),
        "own_date": ("a date on which no other begins", "其他文档均未生效的日期"),
        "in_kilograms": (
            "is less than any grid's in g/kWh; {value:g} kg/kWh is {grams:g} g/kWh",
            "以 g/kWh 计低于任何电网；{value:g} kg/kWh 应写作 {grams:g} g/kWh",
        ),
        "grams": ("{grams:g}, or 0", "{grams:g}，或 0"),
        "quarter_hour": (
            "{value} must be a local time on the quarter-hour",
            "{value} 须为当地时间的整刻钟",
        ),
        "span_empty": (
            "{span} is no time at all; the whole day is '00:00-24:00'",
            "{span} 没有时长；全天为 '00:00-24:00'",
        ),
        "no_span": (
            "{text!r} is no span of clock times; one such is '22:00-07:00'",
            "{text!r} 不是钟点区间；例如 '22:00-07:00'",
        ),
        "target_says_one": (
            "{where}: give either energy_kwh or saved_ratio",
            "{where}：须给出 energy_kwh 或 saved_ratio 之一",
        ),
        "target_quarter": (
            "{where}: quarter {quarter} needs 'period: quarter'",
            "{where}：第 {quarter} 季度需要 'period: quarter'",
        ),
        "target_colours": (
            "{where}: yellow_above {yellow:g} is above red_above {red:g}",
            "{where}：黄色界限 {yellow:g} 高于红色界限 {red:g}",
        ),
        "no_period_month": (
            "{text!r} is no month; one such is {example!r}",
            "{text!r} 不是月份；例如 {example!r}",
        ),
        "no_period_quarter": (
            "{text!r} is no quarter; one such is {example!r}",
            "{text!r} 不是季度；例如 {example!r}",
        ),
        "no_period_year": (
            "{text!r} is no year; one such is {example!r}",
            "{text!r} 不是年份；例如 {example!r}",
        ),
        # Stages
        "inventory_whole": (
            "the inventory is one for the whole city; stage a change of the plan",
            "灯具资产为全市共有，不能分区推行；请只推行照明计划的修改",
        ),
        "part_whole": (
            "{part} hold for the whole city at once; put them in force by itself",
            "{part} 对全市同时有效，不能分区推行；请单独保存生效",
        ),
        "override_runs": (
            "override {id!r} runs program {program!r}, which would be another one; "
            "end the override first",
            "临时控制 {id!r} 正在运行程序 {program!r}，此程序将被修改；请先解除临时控制",
        ),
        # The sun
        "sun_years": (
            "date {day}: the sun is computed for {first} to {last}",
            "日期 {day}：太阳位置仅推算 {first} 至 {last} 年",
        ),
        "nights_years": (
            "{count} nights from {day}: the sun is computed from {first} to {last}",
            "自 {day} 起 {count} 夜：太阳位置仅推算 {first} 至 {last} 年",
        ),
        "proof_years": (
            "{day} and {years} more years: nights are proved from {first} to {last}",
            "{day} 起 {years} 年：仅可校验 {first} 至 {last} 年的夜晚",
        ),
        # Nights that a proof looks at with care
        "clock_change": ("clock change, {hours:g} hours", "时钟调整，{hours:g} 小时"),
        "june_solstice": ("June solstice", "夏至"),
        "december_solstice": ("December solstice", "冬至"),
        "leap_day": ("leap day", "闰日"),
        # Counter-examples of a proof
        "want_lit": (
            "a level above 0 %, as the sun is below {limit:g} degrees",
            "太阳低于 {limit:g} 度，亮度应大于 0 %",
        ),
        "is_dark": ("dark with the sun at {sun:.1f} degrees", "太阳高度 {sun:.1f} 度时不亮"),
        "want_dark": (
            "dark, as the sun is more than {margin} min above {limit:g} degrees",
            "太阳高于 {limit:g} 度已超过 {margin} 分钟，应熄灯",
        ),
        "is_lit": (
            "{level:g} % with the sun at {sun:.1f} degrees",
            "太阳高度 {sun:.1f} 度时亮度 {level:g} %",
        ),
        "want_floor": (
            "at least {floor} %, the night floor of lighting class {name}",
            "不低于 {floor} %（照明等级 {name} 的夜间下限）",
        ),
        "want_window": ("a window in every night", "每夜都有亮灯时段"),
        "is_at": ("on {on} is at {off}", "开灯 {on} 等于 {off}"),
        "is_after": ("on {on} is after {off}", "开灯 {on} 晚于 {off}"),
        "want_switchings": (
            "at most {limit} switching points in a control day",
            "每个控制日最多 {limit} 次切换",
        ),
        "is_switchings": ("{count} switching points", "{count} 次切换"),
        "want_burning": ("light in at least one of them", "至少有一夜亮灯"),
        "is_never": ("dark in all of {nights} nights", "{nights} 夜全部不亮"),
        "want_hours": (
            "at most {share:.0%} of the {hours:,.1f} h from sunset to sunrise",
            "不超过日落至日出 {hours:,.1f} 小时的 {share:.0%}",
        ),
        "is_hours": (
            "{hours:,.1f} burning hours in {nights} nights",
            "{nights} 夜亮灯 {hours:,.1f} 小时",
        ),
    }
)
