import pytest

from controller.cli.bench.figures import Figure, Notes, markdown, number, text_table


def figure(**more: object) -> Figure:
    words = {"name": "wave", "title": "the wave", "value": 3.0, "unit": "s"} | more
    return Figure(**words)  # type: ignore[arg-type]  # fields by the test's word


@pytest.mark.parametrize(
    ("more", "is_missed"),
    [
        ({}, False),
        ({"budget": 3.0}, False),
        ({"budget": 2.9}, True),
        ({"budget": 3.1, "bounds": "at least"}, True),
        ({"budget": 3.0, "bounds": "at least"}, False),
        ({"budget": 2.0, "bounds": "ratio", "ratio": 2.0}, False),
        ({"budget": 2.0, "bounds": "ratio", "ratio": 2.01}, True),
        ({"budget": 2.0, "bounds": "ratio"}, True),
        ({"budget": 0.1, "is_judged": False}, False),
    ],
)
def test_budget_bounds_what_it_says(more: dict[str, object], is_missed: bool) -> None:
    assert figure(**more).is_missed is is_missed
    assert figure(**more).as_json()["is_missed"] is is_missed


def test_json_names_what_is_promised() -> None:
    said = figure(ceiling=1.5, ratio=2.0, budget=2.0, bounds="ratio").as_json()
    assert {key: said[key] for key in ("name", "value", "unit", "ceiling", "ratio", "budget")} == {
        "name": "wave",
        "value": 3.0,
        "unit": "s",
        "ceiling": 1.5,
        "ratio": 2.0,
        "budget": 2.0,
    }


def test_table_lines_up_and_says_what_is_missed() -> None:
    lines = text_table([figure(budget=1.0), figure(title="x", value=123_456.0)]).splitlines()
    assert lines[0].split()[:2] == ["what", "measured"]
    assert lines[1].endswith("at most 1 s: missed")
    assert "123,456 s" in lines[2]
    assert lines[1].index("3 s") + len("3 s") == lines[2].index("123,456 s") + len("123,456 s")


@pytest.mark.parametrize(
    ("value", "said"), [(None, ""), (0.0, "0"), (1.2345, "1.23"), (999.9, "1e+03"), (1000, "1,000")]
)
def test_number_has_three_digits(value: float | None, said: str) -> None:
    assert number(value) == said


def test_page_has_the_machine_and_every_round() -> None:
    notes = Notes("mosquitto version 2", 50, 1, [("wave", "bare", {"seconds": 4.0, "cpu_s": 1.5})])
    page = markdown([figure(budget=2.0)], notes)
    assert "| the wave | 3 s |  |  | at most 2 s: missed |" in page
    assert "| wave | bare | 4.00 s | 1.50 s |  |  |" in page
    assert "Python 3." in page
    assert "mosquitto version 2" in page


def test_page_without_exchanges_does_not_speak_of_them() -> None:
    assert "rounds" not in markdown([figure()], Notes())
