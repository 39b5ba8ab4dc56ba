"""The type of a PDF: embedded with what is used, in every script that a name may have."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from controller.reports.build import Question, build
from controller.reports.pdf import report_pdf
from controller.reports.pdf_type import marked, true_type
from controller.reports.visual_order import visual
from schedules import Language
from schedules.energy.periods import Period, PeriodKind
from tests.fakes.energy_rows import PlannedHistory
from tests.fakes.small_city import small_site

FIRST = date(2026, 11, 1)


def pdf(language: Language, *names: str) -> PdfReader:
    where = small_site()
    inventory = where.inventory
    zones = tuple(
        one.model_copy(update={"name": name})
        for one, name in zip(inventory.zones, names or ("甲", "乙"), strict=True)
    )
    site = where.model_copy(update={"inventory": inventory.model_copy(update={"zones": zones})})
    november = Period(PeriodKind.MONTH, 2026, 11)
    now = datetime(2026, 12, 3, tzinfo=UTC)
    report = build(Question(site, november, now), PlannedHistory(site, FIRST, 2))
    return PdfReader(io.BytesIO(report_pdf(report, language)))


def fonts(reader: PdfReader) -> dict[str, Any]:
    found = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]  # pypdf's own tree
            found[str(font.get_object()["/BaseFont"])] = font.get_object()
    return found


@pytest.mark.parametrize("language", Language)
def test_every_font_is_embedded(language: Language) -> None:
    found = fonts(pdf(language, "和平街 😀", "Улица Мира"))
    assert found
    for name, font in found.items():
        program = font["/FontDescriptor"]["/FontFile2"].get_data()
        assert TTFont(io.BytesIO(program))["maxp"].numGlyphs > 1, name
    assert any("NotoSansSC" in name for name in found)


def test_a_pdf_carries_what_it_uses_and_no_more() -> None:
    size = sum(
        len(font["/FontDescriptor"]["/FontFile2"].get_data())
        for font in fonts(pdf(Language.CHINESE)).values()
    )
    # The whole font is 8 MB.
    assert size < 300_000


def test_chinese_has_outlines_and_not_the_box_of_what_is_missing() -> None:
    font = TTFont(io.BytesIO(true_type(map(ord, "灯街"))))
    names = font.getBestCmap()
    for character in "灯街":
        glyph = font["glyf"][names[ord(character)]]
        assert glyph.numberOfContours > 2
        assert glyph.xMax <= 1000


def test_the_same_characters_give_the_same_font() -> None:
    assert true_type([0x706F, 65]) == true_type([65, 0x706F])


def test_names_in_any_script_are_in_the_document() -> None:
    reader = pdf(Language.CHINESE, "=1+1 <b> & 和平街", "Улица Ñandú ②")
    text = "".join(page.extract_text() for page in reader.pages)
    for part in ("=1+1", "<b>", "&", "和平街", "Улица", "Ñandú"):
        assert part in text, part


def test_what_no_eye_sees_is_not_set() -> None:
    assert marked("a\u200fb\ufe0f\u202ec\x07d\ne") == "abc d e"
    assert marked("<a> & b") == "&lt;a&gt; &amp; b"


def test_a_second_font_sets_what_the_first_has_not() -> None:
    assert marked("灯😀") == '灯<font name="DejaVuSans">😀</font>'
    assert marked("灯") == "灯"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("和平街 12", "和平街 12"),
        ("שלום", "םולש"),
        ("אב 12 גד", "דג 12 בא"),
        ("x (אב) y", "x (בא) y"),
        ("אב (110105)", "(110105) בא"),
        ("אב Main (גד) 3", "בא Main (דג) 3"),
        ("אב 5-7 (גד", "דג) 5-7 בא"),
        ("אב 5% [x)", "5% בא [x)"),
        ("(אב (גד)) ", "((דג) בא) "),
        ("zone-1 אב-גד", "zone-1 דג-בא"),
        ("أ 12/3 ب", "\ufe8f 12/3 \ufe83"),
        ("أ 1.5", "1.5 \ufe83"),
        ("١٢ ٣", "٣ ١٢"),
        ("אב\u05b8 1", "1 \u05b8בא"),
        ("", ""),
    ],
)
def test_scripts_from_right_to_left_are_turned(text: str, seen: str) -> None:
    assert visual(text) == seen


def test_arabic_letters_are_joined() -> None:
    # Sheen at the beginning, alef that joins backward only, reh after it alone, ain alone.
    assert visual("شارع") == "\ufec9\ufead\ufe8e\ufeb7"
