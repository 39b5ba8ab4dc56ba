"""Texts in the cells of tables that people open in a spreadsheet. Knows no report."""

from typing import Final

# Spreadsheets of Chinese systems reckon what begins with a wide sign, too.
_RISKY: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def safe_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before it."""
    return f"'{text}" if text.startswith(_RISKY) and len(text) > 1 else text
