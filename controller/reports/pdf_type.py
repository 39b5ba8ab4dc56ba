"""Type of a PDF: Noto Sans SC, embedded with the glyphs that a document uses.

A reader needs no font and no table of Chinese characters of its own. The font's outlines are
cubic (CFF), which reportlab does not embed: what a document uses is cut out and turned into
quadratic outlines, as TrueType has them. What the font lacks is set in DejaVu Sans.

Ref: PDF 32000-1:2008 9.9 (embedded font programs); OpenType 1.9 `CFF `, `glyf`.
"""

import io
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from itertools import groupby
from threading import Lock
from typing import Any, Final

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter, load_font
from fontTools.ttLib import TTFont as OpenType
from fontTools.ttLib import newTable
from pylopdf_fonts_zh_cn import sans_path
from reportlab.graphics.shapes import (  # type: ignore[import-untyped]  # ships no types
    STATE_DEFAULTS,
)
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # ships no types
from reportlab.pdfbase.ttfonts import (  # type: ignore[import-untyped]  # ships no types
    TTFont,
    TTFontFace,
    TTFontFile,
)

from controller.reports.visual_order import visual

FONT: Final = "NotoSansSC-Regular"
_OTHER_FONT: Final = "DejaVuSans"
_ASCII: Final = range(32, 127)
_MOST_OFF: Final = 1.0
"""How far an outline may move when it becomes quadratic, thousandths of the size."""
_NO_LIMITS: Final = (
    "maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours", "maxTwilightPoints",
    "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
    "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth",
)  # fmt: skip
_registering = Lock()


def register() -> None:
    """Make `FONT` known to reportlab; of no effect where it is."""
    with _registering:
        if FONT not in pdfmetrics.getRegisteredFontNames():
            font = TTFont(FONT, io.BytesIO(true_type(_ASCII)))
            font.face = _Face(io.BytesIO(true_type(_ASCII)))
            pdfmetrics.registerFont(font)
            # A drawing begins in a font, and reportlab's own is not embedded.
            STATE_DEFAULTS["fontName"] = FONT


def marked(text: str) -> str:
    """A text as markup of reportlab, on one line, in fonts that have its glyphs."""
    runs = groupby(visual(_shown(text)), key=_font_of)
    return "".join(_run(font, "".join(run)) for font, run in runs)


def _run(font: str, text: str) -> str:
    return escape(text) if font == FONT else f'<font name="{font}">{escape(text)}</font>'


def _shown(text: str) -> str:
    """What of a text can be seen: no marks of direction, no joiners, no control characters."""
    return "".join(_seen(text))


def _seen(text: str) -> Iterator[str]:
    for one in text:
        kind = unicodedata.category(one)
        # A variation selector chooses between shapes that no font here has.
        if kind == "Cf" or "\ufe00" <= one <= "\ufe0f":
            continue
        yield " " if kind in ("Cc", "Zl", "Zp", "Cs") else one


def _font_of(character: str) -> str:
    code = ord(character)
    if code in _widths() or code not in _other_glyphs():
        return FONT
    return _OTHER_FONT


@lru_cache(maxsize=1)
def _widths() -> dict[int, int]:
    """Advance of every character of the font, thousandths of the size."""
    with OpenType(sans_path(), lazy=True) as font:
        metrics, size = font["hmtx"].metrics, font["head"].unitsPerEm
        return {
            code: round(metrics[name][0] * 1000 / size) for code, name in font.getBestCmap().items()
        }


@lru_cache(maxsize=1)
def _other_glyphs() -> frozenset[int]:
    """What the second font has, which is loaded when a text needs it and not before."""
    from matplotlib import get_data_path

    font = TTFont(_OTHER_FONT, f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf")
    with _registering:
        pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


class _Face(TTFontFace):  # type: ignore[misc]  # a base class without types
    """The whole font for whoever measures, and cut to a document's glyphs when that is written."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.charWidths = _widths()
        # reportlab asks only whether there is a glyph.
        self.charToGlyph = dict.fromkeys(self.charWidths, 1)

    def makeSubset(self, subset: list[int]) -> bytes:  # noqa: N802 - reportlab's name
        """A TrueType font of the characters, in their order."""
        cut: bytes = TTFontFile(io.BytesIO(true_type(subset))).makeSubset(subset)
        return cut


def true_type(codes: Iterable[int]) -> bytes:
    """The font cut to some characters, with quadratic outlines; the same for the same ones."""
    options = Options(
        layout_features=[], notdef_outline=True, name_IDs=[1, 2, 6], recalc_bounds=True
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx"]
    with load_font(str(sans_path()), options, lazy=True) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=codes)
        subsetter.subset(font)
        _make_quadratic(font)
        out = io.BytesIO()
        font.save(out)
        return out.getvalue()


def _make_quadratic(font: OpenType) -> None:
    names = font.getGlyphOrder()
    outlines = font.getGlyphSet()
    table = newTable("glyf")
    table.glyphOrder, table.glyphs = names, {}
    for name in names:
        pen = TTGlyphPen(None)
        # The two kinds of outlines turn in opposite directions.
        outlines[name].draw(Cu2QuPen(pen, _MOST_OFF, reverse_direction=True))
        table.glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), table
    del font["CFF "]
    font["maxp"].tableVersion = 0x00010000
    font["maxp"].maxZones = 1
    for name in _NO_LIMITS:
        setattr(font["maxp"], name, 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\0\1\0\0"
