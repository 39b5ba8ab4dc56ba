"""Who may read which page, and what the others are told."""

from pathlib import Path

import numpy as np
import pytest

from controller.config import WebSettings, read_settings
from controller.errors import ConfigurationError
from controller.web.access import Access, access_of
from controller.web.exposition import Family, Sample, labelled, written
from tests.fakes.scraped import a_control, ask, series

TOKEN = "0123456789abcdef"
SHOWN = Access(shows_luminaires=True)


async def test_a_token_is_asked_for_where_there_is_one(tmp_path: Path) -> None:
    access = Access(TOKEN.encode(), shows_luminaires=True)
    with a_control(tmp_path) as control:
        for path in ("/metrics", "/metrics/luminaires?zone=a"):
            for brought in ({}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}):
                refused = await ask(control, path, access, **brought)
                assert refused.status_code == 401
                assert refused.headers["www-authenticate"] == "Bearer"
                assert "streetlight" not in refused.text
            told = await ask(control, path, access, authorization=f"bearer {TOKEN}")
            assert told.status_code == 200
        assert (await ask(control, "/healthz", access)).status_code == 200


def test_the_token_is_the_first_line_of_a_file_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_text('[web]\ntoken_file = "t"\n')
    settings = read_settings(tmp_path / "l.toml").web
    with pytest.raises(ConfigurationError, match=r"t' cannot be read"):
        access_of(settings)
    (tmp_path / "t").write_text("short\n")
    with pytest.raises(ConfigurationError, match="5 characters; a token has 16 or more"):
        access_of(settings)
    (tmp_path / "t").write_text(f"{TOKEN}\nnote\n")
    assert access_of(settings) == Access(TOKEN.encode())
    assert access_of(WebSettings()) == Access()


async def test_luminaires_of_one_zone(tmp_path: Path) -> None:
    with a_control(tmp_path) as control:
        columns = control.engine.columns
        row = columns.row_of["a2"]
        columns.reported[row] = 45
        control.engine.account.rows.meter_wh[row] = 1000
        columns.is_online[columns.row_of["a1"]] = False
        found = series((await ask(control, "/metrics/luminaires?zone=a", SHOWN)).text)
    a1, a2 = (f'{{district="d",zone="a",luminaire="{name}"}}' for name in ("a1", "a2"))
    assert found == {
        f"streetlight_luminaire_up{a1}": 0,
        f"streetlight_luminaire_up{a2}": 1,
        f"streetlight_luminaire_fault{a1}": 0,
        f"streetlight_luminaire_fault{a2}": 0,
        f"streetlight_luminaire_level_ratio{a2}": 0.45,
        f"streetlight_luminaire_meter_energy_joules_total{a2}": 3.6e6,
    }


@pytest.mark.parametrize(
    ("path", "access", "code", "says"),
    [
        ("/metrics/luminaires?zone=a", Access(), 404, "luminaires = true"),
        ("/metrics/luminaires?zone=nowhere", SHOWN, 404, "'nowhere' is not in the inventory"),
        ("/metrics/luminaires", SHOWN, 400, "zone=ZONE"),
    ],
)
async def test_no_luminaires_for_a_wrong_question(
    tmp_path: Path, path: str, access: Access, code: int, says: str
) -> None:
    with a_control(tmp_path) as control:
        refused = await ask(control, path, access)
    assert refused.status_code == code
    assert says in refused.text
    assert len(refused.text.splitlines()) == 1


async def test_a_zone_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with a_control(tmp_path) as control:
        columns = control.engine.columns
        columns.zone = np.zeros(2001, dtype=np.intp)
        refused = await ask(control, "/metrics/luminaires?zone=a", SHOWN)
    assert refused.status_code == 400
    assert "2001 luminaires; at most 2000" in refused.text


async def test_the_page_is_packed_for_those_who_read_that(tmp_path: Path) -> None:
    with a_control(tmp_path) as control:
        packed = await ask(control, "/metrics", accept_encoding="gzip")
        plain = await ask(control, "/metrics", accept_encoding="identity")
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(plain.content) / 4
    assert set(series(packed.text)) == set(series(plain.text))


def test_values_and_labels_are_spelled_as_prometheus_reads_them() -> None:
    values = (1.5, 3, 1e-12, float("nan"), float("inf"), -float("inf"))
    page = written(
        [Family("f", "gauge", "a\nb\\c.", [Sample(labelled(l='"\\\n'), one) for one in values])]
    ).decode()
    assert page.splitlines() == [
        "# HELP f a\\nb\\\\c.",
        "# TYPE f gauge",
        *('f{l="\\"\\\\\\n"} ' + text for text in ("1.5", "3", "1e-12", "NaN", "+Inf", "-Inf")),
    ]
