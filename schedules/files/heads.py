"""The comment at the head of each file: what it is and what may be said."""

from typing import Final

HEADS: Final = {
    "city.yaml": (
        "城市。The city under this controller.\n"
        "time_zone is an IANA name; clock times of all files are local times of it."
    ),
    "plan.yaml": (
        "全局设置。What holds where nothing else does.\n"
        "failsafe_level: level at night of a luminaire that has nothing else to go by, over 0.\n"
        "baseline: the hours before, where baselines.yaml says nothing.\n"
        "metering: how well used energy is known (95 %), as shares of it."
    ),
    "districts.yaml": "行政区。Districts. inside: the district that this one lies in.",
    "lamp-types.yaml": (
        "灯型。Lamp types. Powers are input power in W, gear included.\n"
        "power_curve: [level, share of rated power], level rising from 0 to 100.\n"
        "baseline_power_w: the lamp that stood here before the retrofit."
    ),
    "cabinets.yaml": "配电箱。Feeder pillars.",
    "feeders.yaml": "回路。Outgoing circuits of the cabinets.",
    "gateways.yaml": "集中控制器。Segment controllers: many luminaires behind one connection.",
    "zones/": (
        "分区。Zones of this district; its identifier is the file's name.\n"
        "category: expressway, arterial, collector, local, residential, park, landscape,\n"
        "facade or tunnel. design_illuminance_lx: mean at full level."
    ),
    "programs/": (
        "控制方案。A control program; its identifier is the file's name.\n"
        "Lit from window.on to window.off. Each step's level (%) holds until the next step."
    ),
    "calendars/": (
        "日历。A calendar; its identifier is the file's name.\n"
        "Which program on which control day (noon to noon, by the date of its evening).\n"
        "The first rule that matches gives the program, else the default."
    ),
    "assignments.yaml": (
        "日历分配。Who follows which calendar; the narrowest layer wins:\n"
        "city < district < category < zone < luminaire."
    ),
    "limits.yaml": (
        "上下限。Floors and ceilings of the level (%) while lit.\n"
        "All layers together: the highest floor, the lowest ceiling; a floor beats a ceiling."
    ),
    "baselines.yaml": (
        "节能基准。Declared baselines: previous hours and lamps, from a control day on.\n"
        "hours: {kind: dusk_to_dawn, on, off}; {kind: part_night, on, off, extinguish};\n"
        "{kind: fixed_hours, on: '18:00', off: '06:00'}; {kind: program, program: NAME};\n"
        "{kind: calendar, calendar: NAME}.\n"
        "lamps: [{lamp_types, zones, categories, power_w}], the first that matches."
    ),
    "tariffs.yaml": (
        "电价。Time-of-use tariffs by local time: price_per_kwh, and bands that hold before it:\n"
        "bands: [{name: 高峰, price_per_kwh: 1.2, hours: ['10:00-13:00'], when: [conditions]}].\n"
        "Bands that overlap are refused, but where the first says instead_of: [the later one]."
    ),
    "emission-factors.yaml": "碳排放因子。Grid emission factors, g per kWh, from a control day on.",
    "targets.yaml": (
        "节能目标。Targets of a district (none: the city) for a year, or with 'period: quarter'\n"
        "for a quarter; without year or quarter for each that has none of its own.\n"
        "energy_kwh: at most, or saved_ratio: at least, of the baseline. A forecast over\n"
        "yellow_above or red_above of what is allowed is yellow or red."
    ),
    "rules.yaml": (
        "动态规则。Dynamic rules: what a sensor may do to the level, within floor and ceiling.\n"
        "They act in this order, each on what the one before left, below overrides."
    ),
    "overrides.yaml": (
        "临时指令。Overrides: a level or a program for what is selected, from start_at until\n"
        "before end_at. emergency > maintenance > operator > event; within a kind the newest,\n"
        "of two equally new the one that stands later here."
    ),
}
"""By path, or by folder with a closing ``/``."""


def head_of(path: str) -> str:
    """The head of a file; a generic one for a list added later."""
    folder, slash, _ = path.rpartition("/")
    generic = f"{path.removesuffix('.yaml').replace('-', ' ').capitalize()}."
    return HEADS.get(f"{folder}/" if slash else path, generic)
