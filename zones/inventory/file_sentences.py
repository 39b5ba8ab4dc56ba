"""What is told of a file that cannot be read, or only in part, in English and Chinese."""

from typing import Final

from zones.said import Catalogue

SAY: Final = Catalogue(
    {
        # The file as a whole
        "too_large": (
            "has {size}; at most {most:,} ({mib} MiB) can be read, "
            "so split it, by district perhaps",
            "有 {size}；最多可读取 {most:,} 字节（{mib} MiB），请拆分，例如按区",
        ),
        "the_file": ("the file {what}", "文件{what}"),
        "bytes": ("{count:,} bytes", "{count:,} 字节"),
        "empty": (
            "the file is empty; an inventory has a header line and a row per luminaire",
            "文件为空；灯具清单应有表头，每盏灯一行",
        ),
        "only_mark": ("the file is empty but for its byte order mark", "文件除字节顺序标记外为空"),
        "nul": (
            "the file is no text: line {line} holds a NUL byte; save it as CSV (UTF-8)",
            "文件不是文本：第 {line} 行有 NUL 字节；请另存为 CSV（UTF-8）",
        ),
        "web_page": (
            "the file is a web page, perhaps an error page in place of the download",
            "文件是网页，可能是下载出错的页面",
        ),
        "xml": (
            "the file is XML (KML, GML?); export it as CSV or GeoJSON first",
            "文件是 XML（KML、GML？）；请先导出为 CSV 或 GeoJSON",
        ),
        "is_zip": (
            "the file is a zip archive or an Excel workbook (.xlsx); save it as CSV (UTF-8) first",
            "文件是 zip 压缩包或 Excel 工作簿（.xlsx）；请先另存为 CSV（UTF-8）",
        ),
        "is_xls": (
            "the file is an old Excel workbook (.xls); save it as CSV (UTF-8) first",
            "文件是旧版 Excel 工作簿（.xls）；请先另存为 CSV（UTF-8）",
        ),
        "is_gzip": (
            "the file is compressed with gzip; unpack it first",
            "文件为 gzip 压缩；请先解压",
        ),
        "is_pdf": (
            "the file is a PDF document; an inventory is CSV or GeoJSON",
            "文件是 PDF；灯具清单须为 CSV 或 GeoJSON",
        ),
        "is_database": (
            "the file is a database (GeoPackage or SQLite); export it as CSV or GeoJSON first",
            "文件是数据库（GeoPackage 或 SQLite）；请先导出为 CSV 或 GeoJSON",
        ),
        "is_shapefile": (
            "the file is a shapefile; export it as CSV or GeoJSON first",
            "文件是 shapefile；请先导出为 CSV 或 GeoJSON",
        ),
        "is_parquet": (
            "the file is a Parquet file; export it as CSV or GeoJSON first",
            "文件是 Parquet；请先导出为 CSV 或 GeoJSON",
        ),
        "is_picture": (
            "the file is a picture; an inventory is CSV or GeoJSON",
            "文件是图片；灯具清单须为 CSV 或 GeoJSON",
        ),
        "binary": (
            "the file is no text (binary data); an inventory is CSV or GeoJSON",
            "文件不是文本（二进制数据）；灯具清单须为 CSV 或 GeoJSON",
        ),
        "no_encoding": (
            "encoding {encoding!r} is not known; some are utf-8, gb18030, utf-16, "
            "windows-1252, big5",
            "没有编码 {encoding!r}；可用 utf-8、gb18030、utf-16、windows-1252、big5 等",
        ),
        "not_in_encoding": (
            "the file is not in encoding {encoding!r}: {why}",
            "文件的编码不是 {encoding!r}：{why}",
        ),
        "begins_like": (
            "the file begins like {encoding} but is not: {why}",
            "文件开头像 {encoding}，但并不是：{why}",
        ),
        "byte_at": (
            "byte 0x{byte:02x} at offset {offset:,} ({why})",
            "偏移 {offset:,} 处的字节 0x{byte:02x}（{why}）",
        ),
        "mostly_utf8": (
            "line {line} holds what is no UTF-8; replaced there and in {more} other places",
            "第 {line} 行有不是 UTF-8 的内容；此处及另外 {more} 处已替换",
        ),
        "encoding_unclear": (
            "the file's encoding cannot be told: line {line} holds byte 0x{byte:02x}, "
            "which is neither UTF-8 nor GB18030 nor Windows-1252; name it with --encoding",
            "无法判断文件编码：第 {line} 行的字节 0x{byte:02x} 既非 UTF-8，也非 GB18030 或 "
            "Windows-1252；请指定编码（--encoding）",
        ),
        "as_windows": (
            "the file is not UTF-8; it was read as windows-1252 (name another with "
            "--encoding if names look wrong)",
            "文件不是 UTF-8；已按 windows-1252 读取（若名称有误，请指定编码 --encoding）",
        ),
        # Tables
        "only_blank": ("the file holds nothing but blank lines", "文件只有空行"),
        "title": ("line {line} was taken for a title: {told!r}", "第 {line} 行视为标题：{told!r}"),
        "many_columns": (
            "the header has {count:,} columns; at most {most:,} are read",
            "表头有 {count:,} 列；最多读取 {most:,} 列",
        ),
        "no_header": (
            "line {line} is no header of a table: {told!r}",
            "第 {line} 行不是表头：{told!r}",
        ),
        "numbered": (
            "line {line} holds numbers, so the file has no header; columns are numbered",
            "第 {line} 行是数字，文件没有表头；各列以序号命名",
        ),
        "passed_over": ("{rows} of empty cells passed over", "已略过 {rows}空白"),
        "no_rows": ("the file has a header but no rows", "文件只有表头，没有数据行"),
        "open_quote": (
            "line {line}: {why}; a quote that is never closed swallows the rest of a file",
            "第 {line} 行：{why}；未闭合的引号会吞掉文件其余部分",
        ),
        "ragged": (
            "has {count} cells where the header has {width}",
            "有 {count} 个单元格，而表头有 {width} 个",
        ),
        "ragged_quote": (
            "has {count} cells where the header has {width}; it runs over {lines} lines, "
            "so a quote opened here is never closed",
            "有 {count} 个单元格，而表头有 {width} 个；此行跨 {lines} 行，此处的引号没有闭合",
        ),
        # JSON
        "unreadable_json": (
            "the file is no JSON that can be read: {why}",
            "文件不是可读的 JSON：{why}",
        ),
        "json_at": ("line {line}, column {column}", "第 {line} 行第 {column} 列"),
        "json_cut": (
            "the file is JSON cut short at {where}; download it again",
            "JSON 文件在{where}处中断；请重新下载",
        ),
        "no_json": (
            "the file is no valid JSON: {why} at {where}",
            "文件不是有效的 JSON：{where}，{why}",
        ),
        "line_no_json": (
            "line {line} is no valid JSON: {why}",
            "第 {line} 行不是有效的 JSON：{why}",
        ),
        "no_collection": (
            "the file is JSON but no FeatureCollection of points (its type is {kind!r})",
            "文件是 JSON，但不是由点组成的 FeatureCollection（类型为 {kind!r}）",
        ),
        "no_features": ("the file holds no features", "文件中没有要素"),
        "no_feature": ("is no feature", "不是要素"),
        "no_properties": ("is no object of properties", "不是属性对象"),
        "geometry_missing": ("the feature has no geometry", "要素没有几何"),
        "no_geometry": ("is no geometry", "不是几何"),
        "multi_point": (
            "is a MultiPoint of {count} points; a luminaire stands at one",
            "是含 {count} 个点的 MultiPoint；一盏灯只有一个位置",
        ),
        "no_point_kind": ("is a {kind}; a luminaire is a Point", "是 {kind}；灯具应为 Point"),
        "no_two": ("has no two coordinates", "没有两个坐标"),
        "no_number_pair": ("has coordinates that are no numbers", "坐标不是数字"),
        "too_deep": ("it is nested too deeply", "嵌套过深"),
        "constant": ("{name} is no JSON number", "{name} 不是 JSON 数字"),
    }
)
