"""What kinds of things are called, in English and Chinese; the English as the documents say it."""

from collections.abc import Mapping
from typing import Final

from zones.models import Category
from zones.said import Said

CATEGORIES: Final[Mapping[Category, Said]] = {
    Category.EXPRESSWAY: Said("expressway", "快速路"),
    Category.ARTERIAL: Said("arterial", "主干路"),
    Category.COLLECTOR: Said("collector", "次干路"),
    Category.LOCAL: Said("local", "支路"),
    Category.RESIDENTIAL: Said("residential", "居住区"),
    Category.PARK: Said("park", "公园"),
    Category.LANDSCAPE: Said("landscape", "景观"),
    Category.FACADE: Said("facade", "楼宇立面"),
    Category.TUNNEL: Said("tunnel", "隧道"),
}
