"""Grafana's dashboards of Lamplighter as code.

``python deploy/grafana/dashboards.py`` writes city.json, district.json, zone.json and
operations.json beside this file. Titles are Chinese and English.
"""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

FOLDER: Final = Path(__file__).parent
_WIDTH, _HEIGHT = 12, 8
_SOURCE: Final = {"type": "prometheus", "uid": "${source}"}


class Panel(NamedTuple):
    """A panel and its queries, each with a legend."""

    title: str
    unit: str
    """Grafana's name of the unit that the queries give."""
    queries: tuple[tuple[str, str], ...]
    kind: str = "timeseries"


class Dashboard(NamedTuple):
    """A page."""

    uid: str
    title: str
    panels: tuple[Panel, ...]
    variables: tuple[tuple[str, str], ...] = ()
    """Name and query of what the reader picks."""


_CONTROLLER: Final = 'instance="$instance"'
"""Of two controllers of a site both have the whole street: a sum over them counts it twice."""
_INSTANCE = ("instance", "label_values(streetlight_controller_active, instance)")
_DISTRICT = (
    "district",
    f"label_values(streetlight_luminaires_configured{{{_CONTROLLER}}}, district)",
)
_ZONE = (
    "zone",
    f'label_values(streetlight_luminaires_configured{{{_CONTROLLER},district="$district"}}, zone)',
)


def _street(labels: str, by: str, legend: str) -> tuple[Panel, ...]:
    """How light and energy stand in a part of the city."""
    of = f"{_CONTROLLER},{labels}" if labels else _CONTROLLER
    also, only = f",{of}", f"{{{of}}}"
    total = f"sum by ({by})" if by else "sum"
    return (
        Panel(
            "亮灯率 / Lit luminaires",
            "percentunit",
            (
                (
                    f'{total} (streetlight_luminaires{{state="on"{also}}}) '
                    f"/ {total} (streetlight_luminaires_configured{only})",
                    legend,
                ),
            ),
        ),
        Panel(
            "状态 / Luminaires by state",
            "short",
            ((f"sum by (state) (streetlight_luminaires{only})", "{{state}}"),),
        ),
        Panel(
            "亮度 / Level: wanted and reported",
            "percentunit",
            (
                (
                    f"sum (streetlight_target_level_ratio{only} * "
                    f"streetlight_connected_power_watts{only}) "
                    f"/ sum (streetlight_connected_power_watts{only})",
                    "计划 wanted",
                ),
                (
                    f"sum (streetlight_level_ratio{only} * "
                    f"streetlight_connected_power_watts{only}) "
                    f"/ sum (streetlight_connected_power_watts{only})",
                    "实际 reported",
                ),
            ),
        ),
        Panel("功率 / Power", "watt", ((f"{total} (streetlight_power_watts{only})", legend),)),
        Panel(
            "累计用电 / Energy used",
            "kwatth",
            ((f"sum by (source) (streetlight_energy_joules_total{only}) / 3.6e6", "{{source}}"),),
        ),
        Panel(
            "分项节电 / Energy saved by measure",
            "kwatth",
            ((f"sum by (measure) (streetlight_energy_saved_joules{only}) / 3.6e6", "{{measure}}"),),
        ),
        Panel(
            "昨夜用电与基线 / Last night: used and baseline",
            "kwatth",
            (
                (f"{total} (streetlight_last_night_energy_joules{only}) / 3.6e6", f"used {legend}"),
                (
                    f"{total} (streetlight_last_night_baseline_energy_joules{only}) / 3.6e6",
                    f"baseline {legend}",
                ),
            ),
        ),
        Panel(
            "不符 / Luminaires that do not follow",
            "short",
            ((f"sum by (mismatch) (streetlight_luminaires_mismatched{only})", "{{mismatch}}"),),
        ),
    )


CITY: Final = Dashboard(
    "lamplighter-city",
    "全市 / City",
    (
        *_street("", "", "全市 city"),
        Panel(
            "分区节电 / Saved by district",
            "kwatth",
            (
                (
                    f"sum by (district) (streetlight_energy_saved_joules{{{_CONTROLLER}}}) / 3.6e6",
                    "{{district}}",
                ),
            ),
        ),
        Panel(
            "目标预测 / Targets: forecast of what is allowed",
            "percentunit",
            ((f"streetlight_target_forecast_ratio{{{_CONTROLLER}}}", "{{district}} {{period}}"),),
        ),
        Panel(
            "太阳高度 / Elevation of the sun",
            "degree",
            ((f"streetlight_sun_elevation_degrees{{{_CONTROLLER}}}", "{{instance}}"),),
        ),
        Panel(
            "告警 / Alarms",
            "short",
            ((f"sum by (severity) (streetlight_alarms_active{{{_CONTROLLER}}})", "{{severity}}"),),
        ),
    ),
    (_INSTANCE,),
)

DISTRICT: Final = Dashboard(
    "lamplighter-district",
    "分区 / District",
    (
        *_street('district="$district"', "zone", "{{zone}}"),
        Panel(
            "计量占比 / Metered share of last night",
            "percentunit",
            (
                (
                    f'streetlight_energy_metered_ratio{{{_CONTROLLER},district="$district"}}',
                    "{{zone}}",
                ),
            ),
        ),
        Panel(
            "电价 / Price of a kilowatt-hour",
            "short",
            (
                (
                    "avg by (currency) "
                    f"(streetlight_energy_price_per_joule{{{_CONTROLLER},"
                    'district="$district"}) * 3.6e6',
                    "{{currency}}",
                ),
            ),
        ),
    ),
    (_INSTANCE, _DISTRICT),
)

ZONE: Final = Dashboard(
    "lamplighter-zone",
    "路段 / Zone",
    (
        *_street('zone="$zone"', "zone", "{{zone}}"),
        Panel(
            "下次切换 / Seconds to the next change",
            "s",
            (
                (
                    f'streetlight_next_transition_timestamp_seconds{{{_CONTROLLER},zone="$zone"}} '
                    "- on (instance) group_left streetlight_site_timestamp_seconds",
                    "{{zone}}",
                ),
            ),
        ),
        Panel(
            "方案版本 / Program in force",
            "short",
            ((f'streetlight_schedule_version{{{_CONTROLLER},zone="$zone"}}', "{{zone}}"),),
        ),
    ),
    (_INSTANCE, _DISTRICT, _ZONE),
)


def _p95(name: str, label: str) -> tuple[str, str]:
    rate = f"rate(streetlight_{name}_seconds_bucket[$__rate_interval])"
    by = f"{label}, le" if label else "le"
    legend = f"{{{{{label}}}}}" if label else "p95"
    return f"histogram_quantile(0.95, sum by ({by}) ({rate}))", legend


OPERATIONS: Final = Dashboard(
    "lamplighter-operations",
    "运行 / Operations",
    (
        Panel(
            "部件 / Components up",
            "short",
            (("streetlight_component_up", "{{instance}} {{component}}"),),
        ),
        Panel(
            "主备 / Leading controllers",
            "short",
            (("streetlight_controller_active", "{{instance}}"),),
        ),
        Panel("切换到位 / Switching delay, 95 %", "s", (_p95("switching_delay", "edge"),)),
        Panel("命令应答 / Answers to commands, 95 %", "s", (_p95("command_latency", "kind"),)),
        Panel(
            "命令 / Commands by outcome",
            "cps",
            (
                (
                    "sum by (outcome) (rate(streetlight_commands_total[$__rate_interval]))",
                    "{{outcome}}",
                ),
            ),
        ),
        Panel(
            "报文 / Messages",
            "mps",
            (
                (
                    "sum by (direction, topic_class) "
                    "(rate(streetlight_mqtt_messages_total[$__rate_interval]))",
                    "{{direction}} {{topic_class}}",
                ),
                (
                    "sum (rate(streetlight_mqtt_messages_rejected_total[$__rate_interval]))",
                    "拒收 rejected",
                ),
            ),
        ),
        Panel("事件循环延迟 / Event loop lag, 95 %", "s", (_p95("event_loop_lag", ""),)),
        Panel("控制周期 / Reconciliation, 95 %", "s", (_p95("reconcile_duration", ""),)),
        Panel("遥测延迟 / Age of telemetry on arrival, 95 %", "s", (_p95("telemetry_lag", ""),)),
        Panel(
            "时钟偏差 / Clock offset", "s", (("streetlight_clock_offset_seconds", "{{instance}}"),)
        ),
        Panel(
            "存储 / Writes to the store",
            "cps",
            (
                (
                    "sum by (result) "
                    "(rate(streetlight_store_transactions_total[$__rate_interval]))",
                    "{{result}}",
                ),
            ),
        ),
        Panel("写入耗时 / Commits to the store, 95 %", "s", (_p95("store_commit_duration", ""),)),
        Panel(
            "存储大小 / Size of the store",
            "bytes",
            (("streetlight_store_size_bytes", "{{instance}}"),),
        ),
        Panel(
            "证书剩余 / Certificates: time left",
            "s",
            (
                (
                    "streetlight_tls_certificate_not_after_timestamp_seconds - time()",
                    "{{instance}} {{endpoint}}",
                ),
            ),
        ),
        Panel(
            "隔离读数 / Meter readings not believed",
            "short",
            (
                (
                    "max by (reason) (streetlight_meter_readings_quarantined_total)",
                    "{{reason}}",
                ),
            ),
        ),
        Panel(
            "告警 / Alarms by type",
            "short",
            (("max by (type) (sum by (instance, type) (streetlight_alarms_active))", "{{type}}"),),
        ),
        Panel(
            "临时控制 / Overrides in force",
            "short",
            (("max by (kind) (streetlight_overrides_active)", "{{kind}}"),),
        ),
        Panel(
            "任务与耗时 / Tasks and time of a page",
            "short",
            (
                ("streetlight_event_loop_tasks", "任务 tasks"),
                ("streetlight_metrics_render_duration_seconds", "s"),
            ),
        ),
    ),
)

ALL: Final = {"city": CITY, "district": DISTRICT, "zone": ZONE, "operations": OPERATIONS}


def written(page: Dashboard) -> str:
    """The file of a dashboard."""
    return json.dumps(_model(page), ensure_ascii=False, indent=1) + "\n"


def _model(page: Dashboard) -> dict[str, Any]:
    return {
        "uid": page.uid,
        "title": page.title,
        "tags": ["lamplighter"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [_source(), *(_variable(*one) for one in page.variables)]},
        "panels": [_panel(place, panel) for place, panel in enumerate(page.panels)],
    }


def _source() -> dict[str, Any]:
    return {
        "name": "source",
        "label": "数据源 / Source",
        "type": "datasource",
        "query": "prometheus",
    }


def _variable(name: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
    }


def _panel(place: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(place, 2)
    return {
        "id": place + 1,
        "title": panel.title,
        "type": panel.kind,
        "datasource": _SOURCE,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": _scale(panel.unit), "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + number), "expr": expr, "legendFormat": legend}
            for number, (expr, legend) in enumerate(panel.queries)
        ],
    }


def _scale(unit: str) -> dict[str, Any]:
    # A share is read against nothing, not against the least that was seen.
    return {"unit": unit, "min": 0} if unit == "percentunit" else {"unit": unit}


def main() -> None:
    """Write all files."""
    for name, page in ALL.items():
        (FOLDER / f"{name}.json").write_text(written(page), encoding="utf-8")


if __name__ == "__main__":
    main()
