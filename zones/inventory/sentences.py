"""What is told of a file that is read as an inventory, in English and Chinese."""

from typing import Final

from zones.said import Catalogue, Said

SAY: Final = Catalogue(
    {
        # What is made of the whole
        "many_rows": (
            "the file has {count:,} rows; at most {most:,} are read",
            "文件有 {count:,} 行；最多读取 {most:,} 行",
        ),
        "document_wrong": (
            "the inventory document is wrong at {where}: {why}",
            "资产文档在 {where} 处有误：{why}",
        ),
        "rows_make_none": ("the rows make no inventory: {why}", "这些行不能组成灯具资产：{why}"),
        "city_wrong": ("city: {field} {value!r}: {why}", "城市：{field} {value!r}：{why}"),
        "none_importable": (
            "none of the {rows} rows can be imported",
            "{rows} 行中没有一行可以导入",
        ),
        "time_zone_missing": (
            "the city's time zone is not known: give --tz, such as Asia/Shanghai",
            "不知道城市的时区：请指定（--tz），如 Asia/Shanghai",
        ),
        # Options
        "box_wrong": (
            "box {west:g},{south:g},{east:g},{north:g} is no box: "
            "give west,south,east,north in degrees, such as 115.4,39.4,117.6,41.1",
            "范围 {west:g},{south:g},{east:g},{north:g} 不成立："
            "请按西、南、东、北给出度数，如 115.4,39.4,117.6,41.1",
        ),
        "box_turned": (
            "box {west:g},{south:g},{east:g},{north:g} has its west, {west:g}, "
            "east of its east, {east:g}: give west,south,east,north",
            "范围 {west:g},{south:g},{east:g},{north:g} 的西界 {west:g} 在东界 {east:g} 以东："
            "请按西、南、东、北给出",
        ),
        "no_field": (
            "mapping: field {name!r} does not exist; there are {fields}",
            "列对应：没有字段 {name!r}；可用：{fields}",
        ),
        "no_column": (
            "mapping: field {field}: column {column!r} does not exist; the file has {columns}",
            "列对应：字段 {field}：没有列 {column!r}；文件中有：{columns}",
        ),
        "one_column": (
            "mapping: longitude and latitude are both read from column {column!r}; "
            "name two columns, or --map point=COLUMN where one cell holds both",
            "列对应：经度和纬度都取自列 {column!r}；请指定两列，"
            "若一格含两个坐标，请将该列对应到坐标点（point）",
        ),
        "column_twice": (
            "column {column!r} stands more than once in the header and would be read "
            "as {field}; rename it, or choose with --map {field}='{column} (2)'",
            "列 {column!r} 在表头中重复出现，且将读作 {field}；"
            "请改名，或将 {field} 对应到 '{column} (2)'",
        ),
        "columns_missing": (
            "no column for {fields} was found among {columns}; "
            "name them, as in --map longitude=COLUMN --map latitude=COLUMN, or --map "
            "point=COLUMN",
            "在 {columns} 中没有找到 {fields} 列；请指定经度、纬度或坐标点对应的列",
        ),
        "and": ("{one} and {other}", "{one} 和 {other}"),
        "and_more": ("{some} and {more} more", "{some}，另有 {more} 列"),
        # Why a column was taken
        "told": ("told by the user", "用户指定"),
        "its_geometry": ("the feature's geometry", "要素的几何"),
        "its_name": ("its name", "列名"),
        "part_of_name": ("part of its name", "列名的一部分"),
        "its_content": ("its content", "内容"),
        "name_and_content": ("its name and content", "列名和内容"),
        "with_range": (
            "{why}: numbers from {low:.6g} to {high:.6g}",
            "{why}：数值 {low:.6g} 至 {high:.6g}",
        ),
        "both_coordinates": ("{why}: cells hold both coordinates", "{why}：一格含两个坐标"),
        "reads_wattage": ("{why}; cells read as wattages", "{why}；单元格可读作功率"),
        "power_unit": (
            "its content: cells are numbers with a unit of power",
            "内容：带功率单位的数字",
        ),
        "sold_with": ("its content: numbers that lamps are sold with", "内容：常见的灯具功率"),
        "names_sources": ("{why}; cells name light sources", "{why}；单元格为光源名称"),
        "content_sources": ("its content: cells name light sources", "内容：光源名称"),
        "type_wattage": ("its content: the lamp type names its wattage", "内容：灯具类型中含功率"),
        "short_unique": (
            "its content: a short text that no two rows share",
            "内容：各行不重复的短文本",
        ),
        "with_note": ("{why}; {note}", "{why}；{note}"),
        "longitude_first": ("longitude stands first", "经度在前"),
        "exchanged": (
            "the two stood the wrong way round in the whole file and were exchanged",
            "整个文件中两者颠倒，已互换",
        ),
        "columns_noted": ("columns {columns}: {note}", "列 {columns}：{note}"),
        # Coordinates
        "no_system": (
            "reference system {name!r} is not known; one is written EPSG:4326, "
            "EPSG:3857, EPSG:32611, GCJ-02 or BD-09",
            "没有坐标系 {name!r}；写法如 EPSG:4326、EPSG:3857、EPSG:32611、GCJ-02 或 BD-09",
        ),
        "odd_system": (
            "reference system {name!r} ({full}) is neither geographic nor projected",
            "坐标系 {name!r}（{full}）既非地理坐标系，也非投影坐标系",
        ),
        "never_set": ("0, 0 is a place that was never set", "0, 0 是从未设置的位置"),
        "column_holds": ("column {column!r} holds", "列 {column!r} 为"),
        "columns_hold": ("columns {one!r} and {other!r} hold", "列 {one!r} 和 {other!r} 为"),
        "metres_not_crs": (
            "{hold} metres or feet, not degrees: line {line} has {x:.10g}, {y:.10g}, "
            "but {system} is a system of degrees; name another with --crs",
            "{hold}米或英尺，不是度：第 {line} 行为 {x:.10g}, {y:.10g}，"
            "而 {system} 以度为单位；请指定其他坐标系",
        ),
        "metres": (
            "{hold} metres or feet, not degrees: line {line} has {x:.10g}, {y:.10g}; "
            "name their reference system, {hint}",
            "{hold}米或英尺，不是度：第 {line} 行为 {x:.10g}, {y:.10g}；请指定坐标系，{hint}",
        ),
        "degrees_not_crs": (
            "{hold} degrees: line {line} has {x:.10g}, {y:.10g}, "
            "but {system} is a system of lengths; leave --crs out",
            "{hold}度：第 {line} 行为 {x:.10g}, {y:.10g}，"
            "而 {system} 以长度为单位；请不要指定坐标系",
        ),
        "cgcs": (
            "perhaps --crs EPSG:{code} (CGCS2000, {width}-degree zone {zone})",
            "可能是 EPSG:{code}（CGCS2000，{width} 度带第 {zone} 带）",
        ),
        "mercator": (
            "--crs EPSG:3857 if Web Mercator (it would lie at {longitude:.4f}, {latitude:.4f})",
            "若为 Web 墨卡托则 EPSG:3857（位于 {longitude:.4f}, {latitude:.4f}）",
        ),
        "utm": (
            "--crs EPSG:326NN if UTM north (327NN south), NN being the zone, 32650 in Beijing",
            "若为 UTM 北半球则 EPSG:326NN（南半球 327NN），NN 为带号，北京为 32650",
        ),
        "grid": ("--crs EPSG:NNNN of a state or national grid", "地方或国家坐标系的 EPSG:NNNN"),
        "perhaps": ("perhaps {hints}", "可能是：{hints}"),
        "or": ("{one}, or {other}", "{one}；或 {other}"),
        "scattered": (
            "{count} of {all} points lie more than {limit:.0f} km from the middle of the file; "
            "too many to be mistakes, so they were kept; --bbox tells which belong to the city",
            "{all} 个点中有 {count} 个距文件中心超过 {limit:.0f} 公里；"
            "数量过多，不视为错误，已保留；可用范围（bbox）指明城市所在",
        ),
        "outside_system": (
            "{x:.10g}, {y:.10g} lies outside {system}",
            "{x:.10g}, {y:.10g} 超出 {system} 的范围",
        ),
        "longitude": ("longitude must be between -180 and 180", "经度须在 -180 与 180 之间"),
        "latitude": ("latitude must be between -90 and 90", "纬度须在 -90 与 90 之间"),
        "outside_box": (
            "lies at {longitude:.5f}, {latitude:.5f}, outside the box "
            "{west:g}, {south:g}, {east:g}, {north:g}",
            "位于 {longitude:.5f}, {latitude:.5f}，"
            "超出范围 {west:g}, {south:g}, {east:g}, {north:g}",
        ),
        "far": (
            "lies at {longitude:.5f}, {latitude:.5f}, {distance:,.0f} km from the middle "
            "of the others: outside the city",
            "位于 {longitude:.5f}, {latitude:.5f}，距其他灯具的中心 {distance:,.0f} 公里：不在市内",
        ),
        "far_mirrored": (
            "lies at {longitude:.5f}, {latitude:.5f}, {distance:,.0f} km from the middle "
            "of the others: outside the city (a lost sign of the longitude?)",
            "位于 {longitude:.5f}, {latitude:.5f}，距其他灯具的中心 {distance:,.0f} 公里："
            "不在市内（经度缺负号？）",
        ),
        # Rows
        "feature_at": ("feature {number}: {why}", "要素 {number}：{why}"),
        "repeats_line": ("repeats line {first} in every cell", "与第 {first} 行完全相同"),
        "repeats_feature": ("repeats feature {first} in every cell", "与要素 {first} 完全相同"),
        "turned": (
            "longitude and latitude stood the wrong way round; taken as {longitude:.6f}, "
            "{latitude:.6f}",
            "经纬度颠倒；已按 {longitude:.6f}, {latitude:.6f} 读取",
        ),
        "coordinate_missing": ("the coordinate is missing", "缺少坐标"),
        "no_coordinate": ("is no coordinate", "不是坐标"),
        "coordinates_missing": ("the coordinates are missing", "缺少坐标"),
        "no_point": ("is no point, such as POINT (116.4 39.9)", "不是点；例如 POINT (116.4 39.9)"),
        "mixed_systems": (
            "column {column!r} mixes reference systems: {systems}",
            "列 {column!r} 混用坐标系：{systems}",
        ),
        "lamps_differ": (
            "says {count} lamps, but {column!r} tells of {told}",
            "写明 {count} 个灯头，而 {column!r} 中有 {told} 个",
        ),
        "no_count": ("is no number of lamps", "不是灯头数"),
        "count_range": ("a row stands for 1 to {most} lamps", "一行代表 1 至 {most} 个灯头"),
        # Wattages
        "wattage_long": (
            "is {length} characters long; a wattage is a number such as 105 or 250/85",
            "长 {length} 个字符；功率应为数字，如 105 或 250/85",
        ),
        "negative": ("is negative; input power is more than 0 W", "为负数；输入功率须大于 0 W"),
        "range": (
            "is a range; one lamp has one wattage, two lamps are written 100/70",
            "是区间；一个灯头只有一个功率，两个灯头写作 100/70",
        ),
        "many_lamps": (
            "tells of {count} lamps; one pole carries at most {most}",
            "含 {count} 个灯头；一根灯杆最多 {most} 个",
        ),
        "no_wattage": (
            "is no wattage; one is written 105, 105 W, 250/85 or 2x150",
            "不是功率；写法如 105、105 W、250/85 或 2x150",
        ),
        "no_source": (
            "says {name!r}, which is no light source and no unit of power",
            "含 {name!r}，既非光源也非功率单位",
        ),
        "no_number": ("has {text!r}, which is no number", "含 {text!r}，不是数字"),
        "times_twice": (
            "multiplies twice; two lamps of 150 W are written 2x150",
            "乘了两次；两个 150 W 灯头写作 2x150",
        ),
        "too_strong": (
            "is {power_w:,.0f} W; no lamp has more than {most:,.0f} W",
            "为 {power_w:,.0f} W；灯头功率不超过 {most:,.0f} W",
        ),
        "small_powers": (
            "{small:,} of {lamps} have less than {least:g} W; "
            "if the column is in kilowatts, its name must say kW",
            "{lamps}中有 {small:,} 个低于 {least:g} W；若该列以千瓦为单位，列名须含 kW",
        ),
        "wattage_missing": (
            "no column tells the wattage, so every luminaire's power is assumed; --map "
            "wattage=COLUMN names one",
            "没有功率列，所有灯具的功率均为假定值；可指定功率（wattage）对应的列",
        ),
        "power_assumed": (
            "{luminaires} ({name}) without wattage: {power:g} W assumed, {basis}",
            "{luminaires}（{name}）没有功率：假定 {power:g} W，{basis}",
        ),
        "median_of_kind": ("the median of {others} of that kind", "取同类{others}的中位数"),
        "median_of_all": ("the median of all {others}", "取其他{others}的中位数"),
        "usual": (
            "a usual value, since the file tells none of that kind",
            "为常用值，因文件中没有此类数据",
        ),
        # What was made of the rows
        "minor_roads": (
            "{roads} with fewer than {least} luminaires: "
            "in zone 'Minor roads' together; --map zone=COLUMN makes a zone of every value",
            "{roads}少于 {least} 盏灯：合并为分区 'Minor roads'；"
            "若将某列对应到分区（zone），则每个值为一个分区",
        ),
        "repeated_ids": (
            "{ids} on more than one row: the later luminaires got -2, -3 and so on",
            "{ids}出现在多行：其后的灯具加 -2、-3 等",
        ),
        "nameless": (
            "{rows} without number of luminaire or pole: identifier taken from {source}",
            "{rows}没有灯具或灯杆编号：编号取自{source}",
        ),
        "from_column": ("column {column!r}", "列 {column!r}"),
        "from_line": ("the line", "行号"),
        "many_lamps_rows": (
            "{rows} for several lamps on one pole: each lamp is a luminaire",
            "{rows}在一根灯杆上有多个灯头：每个灯头作为一盏灯",
        ),
    }
)

_COUNTED: Final = {
    "identifier": "个编号",
    "lamp": "个灯头",
    "luminaire": "盏灯",
    "other": "盏灯",
    "road": "条道路",
    "row": "行",
}


def counted(number: int, noun: str) -> Said:
    """A number with its noun in the right number, such as ``1 row`` and ``2 rows``."""
    english = f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
    return Said(english, f"{number:,} {_COUNTED.get(noun, noun)}")
