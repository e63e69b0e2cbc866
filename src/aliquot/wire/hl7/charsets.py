"""The character set of a message: what MSH-18 declares, and what the bytes are when that is not true."""

import re

from aliquot.wire.hl7.text import Hl7Error

# HL7 table 0211, and what devices write instead
_CHARSETS = {
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "ISO IR6": "",
    "ISO IR14": "shift_jis",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030",
    "GB18030": "gb18030",
    "GB2312": "gb18030",
    "GBK": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
    "BIG5": "big5",
    "KOI8-R": "koi8_r",
    "ASCII": "",
    "US-ASCII": "",
    "": "",
}
_LATIN = re.compile(r"(?:ISO[- _]?)?8859[-/ _]?(\d{1,2})(?:[-/ ]\d{4})?\Z")
_PAGE = re.compile(r"(?:WINDOWS|WIN|CP)?[- _]?(125[0-8]|437|850|852|855|866|932|936|949|950)\Z")


def charset_of(declared: str) -> str | None:
    """Return Python's name for a value of MSH-18; empty for ASCII and none; None when it is not known."""
    names = [name.strip().upper() for name in declared.split("~")]
    name = next((one for one in names if _CHARSETS.get(one) != ""), "")
    if name in _CHARSETS:
        return _CHARSETS[name]
    if found := _LATIN.match(name):
        number = int(found[1])
        return f"iso8859_{number}" if 1 <= number <= 16 and number != 12 else None  # noqa: PLR2004 - the parts of ISO 8859
    return f"cp{found[1]}" if (found := _PAGE.match(name)) else None


def decoded(content: bytes, charset: str | None) -> tuple[str, str, str]:
    """Return (text, charset it was read in, why not the declared one)."""
    if charset is not None:
        try:
            return content.decode(charset), charset, ""
        except (UnicodeDecodeError, LookupError) as error:
            raise Hl7Error(f"the text is not {charset}: {error}") from None
    declared = _declared(content)
    wanted = charset_of(declared)
    fault = f"MSH-18 names a character set that is not known: {declared!r}" if wanted is None else ""
    for name in filter(None, (wanted, "utf-8")):
        text, why = _tried(content, name)
        if text is not None:
            return text, name, fault
        if name == wanted:
            fault = f"the message says {declared} and is not: {why}"
    return content.decode("latin-1"), "latin-1", fault


def _tried(content: bytes, name: str) -> tuple[str | None, str]:
    try:
        return content.decode(name), ""
    except UnicodeDecodeError as error:
        return None, f"{error.reason} at byte {error.start}"


def _declared(content: bytes) -> str:
    """Return MSH-18, found before the text is decoded: the header is ASCII up to there, or nearly."""
    end = content.find(b"\r")
    header = content[: end if end >= 0 else None].split(b"\n", 1)[0]
    fields = header.split(header[3:4]) if len(header) > 3 else []  # noqa: PLR2004 - MSH and its separator
    return fields[17].decode("latin-1") if len(fields) > 17 else ""  # noqa: PLR2004 - MSH-18
