"""What the console shows of names is text: nothing in its sources makes markup of a string."""

import re
from pathlib import Path

SOURCES = Path(__file__).parents[3] / "controller" / "console" / "src"
MARKUP = re.compile(
    r"\{@html|\.(inner|outer)HTML\b|insertAdjacentHTML|document\.write|\bsetHTML\b|srcdoc"
    r"|createContextualFragment|\beval\(|new Function\(|javascript:"
)


def test_no_source_makes_markup_of_a_string() -> None:
    files = [*SOURCES.rglob("*.svelte"), *SOURCES.rglob("*.ts")]
    assert len(files) > 50
    for file in files:
        found = MARKUP.search(file.read_text(encoding="utf-8"))
        assert found is None, f"{file}: {found}"
    for wrong in ("{@html name}", "x.innerHTML = name", "popup.setHTML(name)"):
        assert MARKUP.search(wrong)
