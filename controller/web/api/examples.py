"""Answers as examples in the description of the API."""

from typing import Any, Final

_STAND: Final = {
    "luminaires": 240,
    "lit": 236,
    "off": 0,
    "dark": 1,
    "day_burning": 0,
    "other_level": 0,
    "fault": 1,
    "offline": 2,
    "unknown": 0,
    "lit_rate": 0.9958,
    "next": {"at": "2026-11-22T14:00:00Z", "level": 80.0},
}

EXAMPLES: Final[dict[tuple[str, str], Any]] = {
    ("get", "/city"): {
        "id": "beijing",
        "name": "北京市",
        "name_en": "Beijing",
        "synthetic": True,
        "time_zone": "Asia/Shanghai",
        "revision": 12,
        "center": [116.4, 39.9],
        "luminaires": 240,
        "districts": [
            {
                "id": "110105",
                "name": "朝阳区",
                "name_en": "Chaoyang",
                "parent": None,
                "center": [116.44, 39.92],
                "outline": [[[116.43, 39.91], [116.45, 39.91], [116.44, 39.93]]],
            }
        ],
        "zones": [
            {
                "id": "110105-arterial-01",
                "name": "朝阳主干路01",
                "name_en": "Chaoyang arterial road 01",
                "district": "110105",
                "category": "arterial",
                "lighting_class": "CJJ45-I-high",
                "floor": 32.0,
                "center": [116.44, 39.92],
                "outline": None,
                "luminaires": 240,
            }
        ],
        "groups": ["arterial"],
    },
    ("get", "/tonight"): {
        "at": "2026-11-22T13:10:05Z",
        "clock": {"ok": True, "detail": "trusted"},
        "broker": {"ok": True, "detail": "connected"},
        "store": {"ok": True, "detail": "the last write worked"},
        "programs": {"ok": True, "detail": "42 in force, until 1796529600"},
        "alive": True,
        "ready": True,
        "role": "active",
        "revision": 12,
        "city": _STAND,
        "districts": [{"id": "110105", **_STAND}],
        "zones": [{"id": "110105-arterial-01", **_STAND}],
        "overrides": [],
        "alarms": {"open": 2, "by_severity": {"critical": 0, "warning": 2, "info": 0}},
        "energy": {
            "control_day": "2026-11-21",
            "last_night": {
                "used_j": 1.62e9,
                "baseline_j": 4.11e9,
                "saved_j": 2.49e9,
                "metered_share": 0.98,
            },
            "month": None,
            "year": None,
        },
    },
    ("get", "/map/codes"): {
        "columns": ["state", "desired", "commanded", "reported", "communication"],
        "states": {
            "unknown": 0,
            "offline": 1,
            "fault": 2,
            "dark": 3,
            "day_burning": 4,
            "other_level": 5,
            "lit": 6,
            "off": 7,
        },
        "communications": {"unknown": 0, "online": 1, "offline": 2, "gateway_offline": 3},
        "unknown_level": 255,
    },
    ("get", "/luminaires"): {
        "items": [
            {
                "id": "110105-arterial-01-0001",
                "name": None,
                "pole": "110105-arterial-01-P0001",
                "zone": "110105-arterial-01",
                "district": "110105",
                "category": "arterial",
                "lamp_type": "led-200w",
                "gateway": "gw-110105-001",
                "longitude": 116.4412,
                "latitude": 39.9205,
                "state": "lit",
                "communication": "online",
                "desired": 80,
                "commanded": 80,
                "reported": 80,
                "faults": [],
                "heard_at": "2026-11-22T13:09:58Z",
            }
        ],
        "next": "110105-arterial-01-0001",
        "total": 240,
    },
    ("get", "/alarms"): {
        "items": [
            {
                "id": 7,
                "type": "lamp_failure",
                "severity": "warning",
                "scope": "luminaire",
                "subject": "110105-arterial-01-0001",
                "began": "2026-11-22T12:58:00Z",
                "raised": "2026-11-22T12:59:00Z",
                "cleared": None,
                "ending": None,
                "affected": 1,
                "worst": 1,
                "total": 1,
                "detail": "",
                "acknowledged": None,
                "acknowledged_by": None,
                "note": None,
                "zone": "110105-arterial-01",
                "district": "110105",
                "place": "Chaoyang arterial road 01",
                "title": "lamp failure",
            }
        ],
        "next": None,
        "total": 1,
    },
    ("get", "/zones/{zone_id}/nights"): [
        {
            "control_day": "2026-11-22",
            "start_at": "2026-11-22T04:00:00Z",
            "end_at": "2026-11-23T04:00:00Z",
            "sunset_at": "2026-11-22T08:53:40Z",
            "sunrise_at": "2026-11-22T23:07:46Z",
            "dusk_at": "2026-11-22T09:23:06Z",
            "dawn_at": "2026-11-22T22:38:18Z",
            "floor": 32.0,
            "ceiling": 100.0,
            "calendar": "arterial",
            "rule": None,
            "program": "arterial",
            "level_at_start": 0.0,
            "in_doubt": [],
            "idle": None,
            "burning_s": 49098,
            "anchors": {
                "on_at": "2026-11-22T09:11:49Z",
                "off_at": "2026-11-22T22:50:07Z",
                "extinguish_off_at": None,
                "extinguish_on_at": None,
                "steps_at": ["2026-11-22T14:00:00Z"],
            },
            "points": [
                {
                    "at": "2026-11-22T14:00:00Z",
                    "level": 80.0,
                    "ramp_s": 60,
                    "reason": "step 1 at 11-22 22:00:00: level 80 %, ramp 60 s",
                    "reasons": ["step 1 at 11-22 22:00:00: level 80 %, ramp 60 s"],
                }
            ],
        }
    ],
    ("get", "/revisions"): {
        "items": [
            {
                "number": 12,
                "saved_at": "2026-11-20T07:30:00Z",
                "author": "li",
                "comment": "主干路后半夜 50 %",
                "inventory": 3,
                "plan": 11,
                "restores": None,
            }
        ],
        "next": None,
        "total": 12,
    },
    ("get", "/documents"): {
        "revision": 12,
        "kinds": {"zones": 42, "programs": 15, "calendars": 10},
        "settings": {"failsafe_level": 100.0},
    },
}
"""By method and path below the base."""
