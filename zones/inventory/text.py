"""From bytes to text: which encoding, and what is no text at all.

Order of evidence: a byte order mark, strict UTF-8, UTF-16 without its mark, GB18030 where
what it decodes to is everyday Chinese, Windows-1252.
"""

import codecs
import re
from typing import Final, NamedTuple

from zones.errors import FileUnusable, OptionWrong
from zones.inventory.file_sentences import SAY

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
    (b"PK\x03\x04", SAY("is_zip")),
    (b"\xd0\xcf\x11\xe0", SAY("is_xls")),
    (b"\x1f\x8b", SAY("is_gzip")),
    (b"%PDF", SAY("is_pdf")),
    (b"SQLite format 3", SAY("is_database")),
    (b"\x00\x00\x27\x0a", SAY("is_shapefile")),
    (b"PAR1", SAY("is_parquet")),
    (b"\x89PNG", SAY("is_picture")),
    (b"\xff\xd8\xff", SAY("is_picture")),
)


class DecodedText(NamedTuple):
    """Text and the encoding that it was in."""

    text: str
    encoding: str
    warning: str | None = None


def too_large(size: str) -> str:
    """What is said of a file of that size, which is above `MAX_BYTES`."""
    return SAY("too_large", size=size, most=MAX_BYTES, mib=MAX_BYTES // 1024**2)


def decode(data: bytes, encoding: str | None = None) -> DecodedText:
    """The file's text. ``encoding``, a Python codec name, wins over all evidence.

    Raises `FileUnusable` for an empty file, one that is no text, and one that is not in the
    encoding; `OptionWrong` for an encoding that does not exist.
    """
    if not data.strip(b" \t\r\n\x1a"):
        raise FileUnusable(SAY("empty"))
    if len(data) > MAX_BYTES:
        raise FileUnusable(SAY("the_file", what=too_large(SAY("bytes", count=len(data)))))
    for signature, verdict in _SIGNATURES:
        if data.startswith(signature):
            raise FileUnusable(verdict)
    decoded = _decode_as(data, encoding) if encoding is not None else _decode_by_evidence(data)
    if not decoded.text.strip():
        raise FileUnusable(SAY("only_mark"))
    position = decoded.text.find("\0")
    if position >= 0:
        line = decoded.text.count("\n", 0, position) + 1
        raise FileUnusable(SAY("nul", line=line))
    return decoded


def refuse_markup(text: str) -> None:
    """Raise `FileUnusable` where the text is a web page or XML instead of an inventory."""
    start = text[:2000].lstrip().casefold()
    if re.match(r"<!doctype html|<html|<head|<body", start) or (
        start.startswith("<?xml") and "<html" in start
    ):
        raise FileUnusable(SAY("web_page"))
    if start.startswith("<"):
        raise FileUnusable(SAY("xml"))


def _decode_as(data: bytes, encoding: str) -> DecodedText:
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise OptionWrong(SAY("no_encoding", encoding=encoding)) from error
    if name == "utf-8":
        name = "utf-8-sig"
    try:
        text = data.decode(name)
    except (UnicodeError, LookupError, ValueError, AssertionError) as error:
        # LookupError: a codec such as rot13 that is none between bytes and text.
        raise FileUnusable(SAY("not_in_encoding", encoding=encoding, why=_reason(error))) from error
    return DecodedText(text.removeprefix("\ufeff"), name.removesuffix("-sig"))


def _decode_by_evidence(data: bytes) -> DecodedText:
    for mark, name in _MARKS:
        if data.startswith(mark):
            try:
                return DecodedText(
                    data.decode(name).removeprefix("\ufeff"), name.removesuffix("-sig")
                )
            except UnicodeError as error:
                raise FileUnusable(SAY("begins_like", encoding=name, why=_reason(error))) from error
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
        warning = SAY("mostly_utf8", line=line, more=broken - 1)
        return DecodedText(patched, "utf-8", warning)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if text and _is_everyday_chinese(text):
        return DecodedText(text, "gb18030")
    if len(re.findall(rb"[\x00-\x08\x0e-\x1f\x7f]", data[:SAMPLE])) > len(data[:SAMPLE]) // 100:
        raise FileUnusable(SAY("binary"))
    try:
        text = data.decode("windows-1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, broken_at) + 1
        raise FileUnusable(SAY("encoding_unclear", line=line, byte=data[broken_at])) from error
    return DecodedText(
        text,
        "windows-1252",
        SAY("as_windows"),
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
    raise FileUnusable(SAY("nul", line=line))


def _is_everyday_chinese(text: str) -> bool:
    """Whether nearly all that is not ASCII is in GB 2312, which western text by accident is not."""
    foreign = [letter for letter in text[: SAMPLE * 4] if letter > "\x7f"][:SAMPLE]
    everyday = len("".join(foreign).encode("gb2312", errors="ignore").decode("gb2312"))
    return everyday >= 0.85 * len(foreign)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return SAY("byte_at", byte=error.object[error.start], offset=error.start, why=error.reason)
    return str(error) or type(error).__name__
