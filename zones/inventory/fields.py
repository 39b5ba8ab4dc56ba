"""What a column can mean, and the names that cities give such columns.

A field has names in order of preference (compared without case, blanks and punctuation)
and fragments that betray it inside a longer name.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Field(StrEnum):
    """A thing that the import can read from a column."""

    ID = "id"
    POLE = "pole"
    RECORD = "record"
    NAME = "name"
    LONGITUDE = "longitude"
    LATITUDE = "latitude"
    POINT = "point"
    WATTAGE = "wattage"
    WATTAGE_2 = "wattage_2"
    LAMPS = "lamps"
    LAMP_TYPE = "lamp_type"
    LAMP_TYPE_ID = "lamp_type_id"
    ZONE = "zone"
    ZONE_NAME = "zone_name"
    ROAD = "road"
    DISTRICT = "district"
    DISTRICT_NAME = "district_name"
    CATEGORY = "category"
    LIGHTING_CLASS = "lighting_class"
    CABINET = "cabinet"
    FEEDER = "feeder"
    GATEWAY = "gateway"


class FieldNames(NamedTuple):
    """How a field is called."""

    meaning: str
    names: tuple[str, ...]
    fragments: tuple[str, ...] = ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIELD_NAMES: Final[Mapping[Field, FieldNames]] = {
    Field.ID: FieldNames(
        "identifier of the luminaire",
        _words(
            """
            luminaire_id luminaireid lamp_id light_id lightid streetlight_id streetlightid
            fixture_id asset_id assetid asset_number assetnum asset_no asset facilityid
            facility_id unit_id unitid equipment_id light_number lightnum light_no lamp_no
            lamp_number streetlightnumber lampnummer leuchtennummer leuchten_nr 灯具编号 路灯编号
            单灯编号 灯编号 资产编号 设备编号 编号 编码 id number no nr
            """
        ),
        _words("灯具编号 路灯编号 灯具编码 路灯编码"),
    ),
    Field.POLE: FieldNames(
        "number of the pole",
        _words(
            """
            pole pole_number polenum pole_num pole_no poleno pole_id poleid pole_nbr poletag
            pole_tag polenumber column_number columnid column_no column_id mast mastnummer
            mast_nr mastnr support num_support standard_no structure_id post_id 灯杆编号 灯杆号 杆号
            电杆编号 杆编号 灯杆编码 灯杆
            """
        ),
        _words("灯杆编 杆号 polenum poleno poleid"),
    ),
    Field.RECORD: FieldNames(
        "number of the record, used only where nothing better names the luminaire",
        _words(
            """
            objectid object_id fid oid gid ogc_fid globalid global_id rowid row_id _id
            feature_id featureid recordid 序号
            """
        ),
    ),
    Field.NAME: FieldNames(
        "name shown to people",
        _words(
            """
            luminaire_name name label 灯具名称 名称
            """
        ),
    ),
    Field.LONGITUDE: FieldNames(
        "longitude in degrees, or easting with --crs",
        _words(
            """
            longitude lon long lng 经度 経度 gps_longitude gps_lon lon_wgs84 lng_wgs84 wgs84_lon
            longitud laengengrad längengrad point_x x x_coord xcoord coord_x coordx
            x_coordinate xcoordinate longdd x_long easting east gps_x geo_x rechtswert x坐标
            坐标x 东坐标 geogr_länge geogr_laenge geografische_länge geographische_länge
            länge laenge długość dlugosc długość_geogr dlugosc_geogr długość_geograficzna
            dlugosc_geograficzna
            """
        ),
        _words("longitude 经度 経度 lng longitud geogrlänge długośćgeogr dlugoscgeogr"),
    ),
    Field.LATITUDE: FieldNames(
        "latitude in degrees, or northing with --crs",
        _words(
            """
            latitude lat 纬度 緯度 gps_latitude gps_lat lat_wgs84 wgs84_lat latitud breitengrad
            point_y y y_coord ycoord coord_y coordy y_coordinate ycoordinate latdd y_lat
            northing north gps_y geo_y hochwert y坐标 坐标y 北坐标 geogr_breite
            geografische_breite geographische_breite breite szerokość szerokosc
            szerokość_geogr szerokosc_geogr szerokość_geograficzna szerokosc_geograficzna
            """
        ),
        _words("latitude 纬度 緯度 latitud geogrbreite szerokośćgeogr szerokoscgeogr"),
    ),
    Field.POINT: FieldNames(
        "both coordinates in one cell: POINT (x y), or latitude, longitude",
        _words(
            """
            the_geom geom wkt geometry shape wkt_geom point location coordinates coordinate
            latlon latlng lat_lon lat_long lonlat geo_point_2d geopoint geolocation
            georeference position 经纬度 坐标 位置坐标
            """
        ),
        _words("经纬度"),
    ),
    Field.WATTAGE: FieldNames(
        "input power of one lamp in watts",
        _words(
            """
            wattage watts watt lamp_watt lamp_watts lamp_wattage lampwatt power_w lamp_power
            rated_power_w rated_power fixture_wattage input_watts system_watts bulb_wattage
            light_wattage luminaire_wattage power power_kw kw w leistung puissance potencia
            potência potenza vermogen 功率 瓦数 灯具功率 光源功率 额定功率 瓦
            ワット数 消費電力
            """
        ),
        _words("wattage watts watt 功率 瓦数 potencia puissance leistung ワット数"),
    ),
    Field.WATTAGE_2: FieldNames(
        "input power of a second lamp on the same pole, in watts",
        _words("wattage_2 watts_2 watt_2 lamp_2_wattage lamp_wattage_2 lamp_2_watts power_2 功率2"),
    ),
    Field.LAMPS: FieldNames(
        "number of lamps that the row stands for",
        _words(
            """
            lamps lamp_count number_of_lamps num_lamps no_of_lamps nb_lampes lamp_qty lights
            num_lights number_of_lights no_of_lights light_count luminaires luminaire_count
            number_of_luminaires num_luminaires fixtures fixture_count num_fixtures
            number_of_fixtures no_of_fixtures heads num_heads quantity qty count anzahl 灯头数
            灯头数量 灯数 灯具数 灯具数量 灯盏数 盏数 数量
            """
        ),
        _words("灯头数 灯具数 灯盏数 numberoflamps numlamps lampcount"),
    ),
    Field.LAMP_TYPE: FieldNames(
        "light source: LED, high pressure sodium, metal halide ...",
        _words(
            """
            technology lamp_type lamptype lamp_technology light_type lighttype light_source
            source_type bulb_type bulbtype lamp fixture_type fixturetype fixture
            luminaire_type illumination_type lumination type lampentyp leuchtmittel lampe
            type_lampe tipo_lampara tipo 光源 光源类型 灯具类型 光源种类 灯型 灯具型号 类型
            """
        ),
        _words("lamptype lighttype bulbtype fixturetype lightsource 光源 灯具类型"),
    ),
    Field.LAMP_TYPE_ID: FieldNames(
        "identifier of the lamp type",
        _words(
            """
            lamp_type_id
            """
        ),
    ),
    Field.ZONE: FieldNames(
        "zone: luminaires that follow one calendar",
        _words(
            """
            zone zone_id lighting_zone light_zone control_zone section 照明分区 分区 控制分区
            """
        ),
    ),
    Field.ZONE_NAME: FieldNames(
        "name of the zone",
        _words(
            """
            zone_name 分区名称
            """
        ),
    ),
    Field.ROAD: FieldNames(
        "road that it lights",
        _words(
            """
            road street road_name roadname street_name streetname st_name stname on_street
            onstreet main_street strasse straße straßenname rue voie nom_voie calle via rua
            道路 道路名称 路名 街道 所在道路 路段 路段名称
            """
        ),
        _words("道路 路名 streetname roadname voie"),
    ),
    Field.DISTRICT: FieldNames(
        "administrative district",
        _words(
            """
            district district_id borough ward council_district city_district precinct
            community neighborhood neighbourhood bezirk stadtteil quartier arrondissement
            distrito barrio bairro municipio 区 行政区 区县 所属区 所属区域 辖区 区域
            """
        ),
        _words("行政区 区县 所属区 district"),
    ),
    Field.DISTRICT_NAME: FieldNames(
        "name of the district",
        _words(
            """
            district_name 区名
            """
        ),
    ),
    Field.CATEGORY: FieldNames(
        "category of the zone: expressway, arterial, collector, local ...",
        _words(
            """
            category zone_category road_class road_type roadclass roadtype street_class
            functional_class 道路等级 道路类型 道路类别
            """
        ),
    ),
    Field.LIGHTING_CLASS: FieldNames(
        "lighting class",
        _words(
            """
            lighting_class 照明等级
            """
        ),
    ),
    Field.CABINET: FieldNames(
        "cabinet (feeder pillar)",
        _words(
            """
            cabinet cabinet_id feeder_pillar schaltschrank armoire 配电箱 控制箱 控制柜 配电柜
            """
        ),
    ),
    Field.FEEDER: FieldNames(
        "feeder (circuit)",
        _words(
            """
            feeder feeder_id circuit circuit_id 回路 回路编号
            """
        ),
    ),
    Field.GATEWAY: FieldNames(
        "gateway",
        _words(
            """
            gateway gateway_id segment_controller 网关 网关编号 集中器
            """
        ),
    ),
}
"""Names of every field, as one word each: blanks and punctuation do not count."""

_ALIASES: Final[Mapping[str, Field]] = {
    "lon": Field.LONGITUDE,
    "lng": Field.LONGITUDE,
    "long": Field.LONGITUDE,
    "x": Field.LONGITUDE,
    "easting": Field.LONGITUDE,
    "lat": Field.LATITUDE,
    "y": Field.LATITUDE,
    "northing": Field.LATITUDE,
    "geometry": Field.POINT,
    "wkt": Field.POINT,
    "location": Field.POINT,
    "watts": Field.WATTAGE,
    "watt": Field.WATTAGE,
    "power": Field.WATTAGE,
    "power_w": Field.WATTAGE,
    "technology": Field.LAMP_TYPE,
    "type": Field.LAMP_TYPE,
    "lamp_count": Field.LAMPS,
    "count": Field.LAMPS,
    "qty": Field.LAMPS,
    "quantity": Field.LAMPS,
    "no_of_lamps": Field.LAMPS,
    "street": Field.ROAD,
    "luminaire": Field.ID,
    "luminaire_id": Field.ID,
    "pole_number": Field.POLE,
}


def field_named(name: str) -> Field | None:
    """The field of that name or of a common alias such as ``lon``; None where there is none."""
    plain = name.strip().casefold().replace("-", "_").replace(" ", "_")
    try:
        return Field(plain)
    except ValueError:
        return _ALIASES.get(plain)


def normalised(name: str) -> str:
    """A column's name without case, width, blanks, punctuation and a unit in brackets."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    without_unit = re.sub(r"[(\[][^)\]]*[)\]]", "", folded)
    return re.sub(r"[\W_]+", "", without_unit) or re.sub(r"[\W_]+", "", folded)


def name_rank(field: Field, name: str) -> int | None:
    """How well a column's name fits the field: 0 is best; None where it does not."""
    plain = normalised(name)
    known = FIELD_NAMES[field]
    for rank, candidate in enumerate(known.names):
        if plain == normalised(candidate):
            return rank
    for rank, fragment in enumerate(known.fragments):
        if normalised(fragment) in plain:
            return 100 + rank
    return None
