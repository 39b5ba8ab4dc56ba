"""From bytes to text: which encoding, and what is no text at all.

Order of evidence: a byte order mark, strict UTF-8, UTF-16 without its mark, GB18030 where
what it decodes to is everyday Chinese, Windows-1252.
"""

import codecs
import re
from typing import Final, NamedTuple

from zones.errors import FileUnusable, OptionWrong

MAX_BYTES: Final = 512 * 1024 * 1024
SAMPLE: Final = 200_000
FEW_BROKEN: Final = 20
"""Letters beyond ASCII that read as UTF-8 for each that does not: then it is UTF-8, damaged."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES: Final = (
    (b"PK\x03\x04", "is a zip archive or an Excel workbook (.xlsx); save it as CSV (UTF-8) first"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook (.xls); save it as CSV (UTF-8) first"),
    (b"\x1f\x8b", "is compressed with gzip; unpack it first"),
    (b"%PDF", "is a PDF document; an inventory is CSV or GeoJSON"),
    (b"SQLite format 3", "is a database (GeoPackage or SQLite); export it as CSV or GeoJSON first"),
    (b"\x00\x00\x27\x0a", "is a shapefile; export it as CSV or GeoJSON first"),
    (b"PAR1", "is a Parquet file; export it as CSV or GeoJSON first"),
    (b"\x89PNG", "is a picture; an inventory is CSV or GeoJSON"),
    (b"\xff\xd8\xff", "is a picture; an inventory is CSV or GeoJSON"),
)


class DecodedText(NamedTuple):
    """Text and the encoding that it was in."""

    text: str
    encoding: str
    warning: str | None = None


def too_large(size: str) -> str:
    """What is said of a file of that size, which is above `MAX_BYTES`."""
    return (
        f"has {size}; at most {MAX_BYTES:,} ({MAX_BYTES // 1024**2} MiB) can be read, "
        "so split it, by district perhaps"
    )


def decode(data: bytes, encoding: str | None = None) -> DecodedText:
    """The file's text. ``encoding``, a Python codec name, wins over all evidence.

    Raises `FileUnusable` for an empty file, one that is no text, and one that is not in the
    encoding; `OptionWrong` for an encoding that does not exist.
    """
    if not data.strip(b" \t\r\n\x1a"):
        raise FileUnusable(
            "the file is empty; an inventory has a header line and a row per luminaire"
        )
    if len(data) > MAX_BYTES:
        raise FileUnusable(f"the file {too_large(f'{len(data):,} bytes')}")
    for signature, verdict in _SIGNATURES:
        if data.startswith(signature):
            raise FileUnusable(f"the file {verdict}")
    decoded = _decode_as(data, encoding) if encoding is not None else _decode_by_evidence(data)
    if not decoded.text.strip():
        raise FileUnusable("the file is empty but for its byte order mark")
    position = decoded.text.find("\0")
    if position >= 0:
        line = decoded.text.count("\n", 0, position) + 1
        raise FileUnusable(
            f"the file is no text: line {line} holds a NUL byte; save it as CSV (UTF-8)"
        )
    return decoded


def refuse_markup(text: str) -> None:
    """Raise `FileUnusable` where the text is a web page or XML instead of an inventory."""
    start = text[:2000].lstrip().casefold()
    if re.match(r"<!doctype html|<html|<head|<body", start) or (
        start.startswith("<?xml") and "<html" in start
    ):
        raise FileUnusable("the file is a web page, perhaps an error page in place of the download")
    if start.startswith("<"):
        raise FileUnusable("the file is XML (KML, GML?); export it as CSV or GeoJSON first")


def _decode_as(data: bytes, encoding: str) -> DecodedText:
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise OptionWrong(
            f"encoding {encoding!r} is not known; some are utf-8, gb18030, utf-16, "
            "windows-1252, big5"
        ) from error
    if name == "utf-8":
        name = "utf-8-sig"
    try:
        text = data.decode(name)
    except (UnicodeError, LookupError, ValueError, AssertionError) as error:
        # LookupError: a codec such as rot13 that is none between bytes and text.
        raise FileUnusable(f"the file is not in encoding {encoding!r}: {_reason(error)}") from error
    return DecodedText(text.removeprefix("\ufeff"), name.removesuffix("-sig"))


def _decode_by_evidence(data: bytes) -> DecodedText:
    for mark, name in _MARKS:
        if data.startswith(mark):
            try:
                return DecodedText(
                    data.decode(name).removeprefix("\ufeff"), name.removesuffix("-sig")
                )
            except UnicodeError as error:
                raise FileUnusable(
                    f"the file begins like {name} but is not: {_reason(error)}"
                ) from error
    if b"\0" in data[:SAMPLE]:
        return _decode_sixteen_bits(data)
    try:
        return DecodedText(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        broken_at = error.start
    patched = data.decode("utf-8", "replace")
    broken = patched.count("\ufffd")
    foreign = sum(letter > "\x7f" for letter in patched[: SAMPLE * 4]) - broken
    if foreign > FEW_BROKEN * broken:
        line = data.count(b"\n", 0, broken_at) + 1
        warning = (
            f"line {line} holds what is no UTF-8; replaced there and in {broken - 1} other places"
        )
        return DecodedText(patched, "utf-8", warning)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if text and _is_everyday_chinese(text):
        return DecodedText(text, "gb18030")
    if len(re.findall(rb"[\x00-\x08\x0e-\x1f\x7f]", data[:SAMPLE])) > len(data[:SAMPLE]) // 100:
        raise FileUnusable("the file is no text (binary data); an inventory is CSV or GeoJSON")
    try:
        text = data.decode("windows-1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, broken_at) + 1
        raise FileUnusable(
            f"the file's encoding cannot be told: line {line} holds byte 0x{data[broken_at]:02x}, "
            "which is neither UTF-8 nor GB18030 nor Windows-1252; name it with --encoding"
        ) from error
    return DecodedText(
        text,
        "windows-1252",
        "the file is not UTF-8; it was read as windows-1252 (name another with "
        "--encoding if names look wrong)",
    )


def _decode_sixteen_bits(data: bytes) -> DecodedText:
    """UTF-16 that lacks its mark shows NUL at every other place; all else with NUL is no text."""
    sample = data[:SAMPLE]
    half = len(sample) // 2
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if (
            half
            and sample[offset::2].count(0) > half * 0.5
            and sample[1 - offset :: 2].count(0) == 0
        ):
            try:
                return DecodedText(data.decode(name), name)
            except UnicodeDecodeError:
                continue
    line = data.count(b"\n", 0, data.index(b"\0")) + 1
    raise FileUnusable(f"the file is no text: line {line} holds a NUL byte; save it as CSV (UTF-8)")


def _is_everyday_chinese(text: str) -> bool:
    """Whether nearly all that is not ASCII is in GB 2312, which western text by accident is not."""
    foreign = [letter for letter in text[: SAMPLE * 4] if letter > "\x7f"][:SAMPLE]
    everyday = len("".join(foreign).encode("gb2312", errors="ignore").decode("gb2312"))
    return everyday >= 0.85 * len(foreign)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"byte 0x{error.object[error.start]:02x} at offset {error.start:,} ({error.reason})"
    return str(error) or type(error).__name__
