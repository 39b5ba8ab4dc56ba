"""Beijing's districts: names, centres, extents and shares of the city's luminaires.

Codes are the national statistics codes. Centres (where a map would print the name) and
bounding boxes (WGS 84 degrees) are public administrative boundary data, simplified to
boxes, good to about 0.01 degrees. The shares are ours: plausible, not counted.
"""

from typing import Final, NamedTuple


class DistrictFacts(NamedTuple):
    """One district of Beijing."""

    code: str
    name: str
    name_en: str
    centre: tuple[float, float]
    """Longitude, latitude."""
    box: tuple[float, float, float, float]
    """West, south, east, north."""
    share: float
    """Weight among the city's luminaires; all weights together are about 100."""
    character: str
    """``core``, ``urban``, ``suburb`` or ``outer``: which kinds of zone are common there."""
    inside: str | None = None


DISTRICTS: Final[tuple[DistrictFacts, ...]] = (
    DistrictFacts(
        "110101",
        "东城区",
        "Dongcheng",
        (116.4188, 39.9175),
        (116.378, 39.859, 116.453, 39.975),
        5,
        "core",
    ),
    DistrictFacts(
        "110102",
        "西城区",
        "Xicheng",
        (116.3668, 39.9153),
        (116.322, 39.869, 116.400, 39.974),
        6,
        "core",
    ),
    DistrictFacts(
        "110105",
        "朝阳区",
        "Chaoyang",
        (116.4864, 39.9215),
        (116.352, 39.811, 116.646, 40.108),
        16,
        "urban",
    ),
    DistrictFacts(
        "110106",
        "丰台区",
        "Fengtai",
        (116.2870, 39.8636),
        (116.055, 39.762, 116.469, 39.897),
        9,
        "urban",
    ),
    DistrictFacts(
        "110107",
        "石景山区",
        "Shijingshan",
        (116.1954, 39.9146),
        (116.112, 39.875, 116.261, 39.994),
        3,
        "urban",
    ),
    DistrictFacts(
        "110108",
        "海淀区",
        "Haidian",
        (116.3103, 39.9561),
        (116.050, 39.887, 116.396, 40.161),
        13,
        "urban",
    ),
    DistrictFacts(
        "110109",
        "门头沟区",
        "Mentougou",
        (116.1054, 39.9379),
        (115.424, 39.813, 116.176, 40.180),
        2,
        "outer",
    ),
    DistrictFacts(
        "110111",
        "房山区",
        "Fangshan",
        (116.1392, 39.7355),
        (115.425, 39.508, 116.255, 39.926),
        5,
        "suburb",
    ),
    DistrictFacts(
        "110112",
        "通州区",
        "Tongzhou",
        (116.6586, 39.9025),
        (116.521, 39.594, 116.954, 40.032),
        9,
        "suburb",
    ),
    DistrictFacts(
        "110113",
        "顺义区",
        "Shunyi",
        (116.6535, 40.1289),
        (116.465, 40.009, 116.986, 40.312),
        6,
        "suburb",
    ),
    DistrictFacts(
        "110114",
        "昌平区",
        "Changping",
        (116.2359, 40.2181),
        (115.845, 40.037, 116.507, 40.394),
        8,
        "suburb",
    ),
    DistrictFacts(
        "110115",
        "大兴区",
        "Daxing",
        (116.3380, 39.7289),
        (116.216, 39.443, 116.728, 39.832),
        7,
        "suburb",
    ),
    DistrictFacts(
        "110116",
        "怀柔区",
        "Huairou",
        (116.6371, 40.3243),
        (116.284, 40.234, 116.888, 41.062),
        2.5,
        "outer",
    ),
    DistrictFacts(
        "110117",
        "平谷区",
        "Pinggu",
        (117.1123, 40.1448),
        (116.930, 40.030, 117.408, 40.378),
        2,
        "outer",
    ),
    DistrictFacts(
        "110118",
        "密云区",
        "Miyun",
        (116.8434, 40.3774),
        (116.666, 40.220, 117.515, 40.802),
        2.5,
        "outer",
    ),
    DistrictFacts(
        "110119",
        "延庆区",
        "Yanqing",
        (115.9850, 40.4653),
        (115.736, 40.266, 116.574, 40.792),
        2,
        "outer",
    ),
    DistrictFacts(
        "110115403",
        "北京经济技术开发区",
        "Beijing Economic-Technological Development Area",
        (116.506, 39.785),
        (116.480, 39.740, 116.560, 39.820),
        3,
        "urban",
        inside="110115",
    ),
)
"""The 16 districts in the order of their codes, then the development area inside Daxing."""
