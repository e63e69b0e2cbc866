"""Where a line leads, from the text a person typed: host:port, a serial port with its settings, a folder.

Sources: RFC 3986 (authority, query), RFC 2217 (serial port over TCP); settings of a port as
EIA-232 devices name them.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

_PARITIES = frozenset("NOEMS")
_STOP_BITS = {"1": 1.0, "1.5": 1.5, "2": 2.0}
_BITS = range(5, 9)
HIGHEST_PORT = 65535
EVERYTHING = "*"
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(?:%[\w.-]+)?")
_PORT_NAME = re.compile(r"/\S+|COM\d+|(?:socket|rfc2217)://\S+")
_SECONDS = re.compile(r"\d{1,5}(?:\.\d+)?")
_CONTROL = re.compile(r"[\x00-\x1f]")


class AddressError(ValueError):
    """The text is no address of this kind; the words say what is wrong with it."""


@dataclass(frozen=True, slots=True)
class SerialAddress:
    """A port of this machine (or what serialx reaches: socket://, rfc2217://) and how it is set."""

    port: str
    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop_bits: float = 1.0
    xonxoff: bool = False
    rtscts: bool = False


@dataclass(frozen=True, slots=True)
class FolderAddress:
    """A folder; only names that match `pattern` are taken, once they did not change for `settle` seconds."""

    path: str
    pattern: str = EVERYTHING
    settle: float = 1.0


def tcp_address(text: str) -> tuple[str, int]:
    """Return (host, port) of `host:port`, `[v6]:port` or `tcp://host:port`."""
    try:
        parts = urlsplit(text if "://" in text else f"tcp://{text}")
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    is_bare = parts.netloc != "" and not (parts.path or parts.query or parts.fragment or parts.username)
    if not port or parts.scheme != "tcp" or not is_bare or not _HOST.fullmatch(parts.hostname or ""):
        raise AddressError(f"{text!r} is not host:port with a port of 1 to {HIGHEST_PORT}")
    return str(parts.hostname), port


def serial_address(text: str) -> SerialAddress:
    """Return the port and settings of `serial:///dev/ttyS0?baud=9600&bits=8N1&flow=none|xonxoff|rtscts`."""
    settings = _settings(text, {"baud", "bits", "flow"})
    plain = text.partition("?")[0]
    port = unquote(plain.removeprefix("serial://"))
    if not _PORT_NAME.fullmatch(port):
        raise AddressError(f"{text!r} names no serial port")
    baud, form = settings.get("baud", "9600"), settings.get("bits", "8N1").upper()
    if not baud.isdecimal() or int(baud) == 0:
        raise AddressError(f"baud={baud} is no speed")
    flow = settings.get("flow", "none")
    if flow not in ("none", "xonxoff", "rtscts"):
        raise AddressError(f"flow={flow} is none of none, xonxoff, rtscts")
    bits, parity, stop = _form(form)
    return SerialAddress(port, int(baud), bits, parity, stop, flow == "xonxoff", flow == "rtscts")


def folder_address(text: str) -> FolderAddress:
    """Return the folder of `/path`, or `folder:///path?pattern=*.csv&settle=2`."""
    settings = _settings(text, {"pattern", "settle"})
    path = unquote(text.partition("?")[0].removeprefix("folder://").removeprefix("file://"))
    if not path.startswith("/") or _CONTROL.search(path):
        raise AddressError(f"{text!r} is no absolute path of a folder")
    settle = settings.get("settle", "1")
    if not _SECONDS.fullmatch(settle):
        raise AddressError(f"settle={settle} is no number of seconds")
    return FolderAddress(path, settings.get("pattern", EVERYTHING), float(settle))


def _form(form: str) -> tuple[int, str, float]:
    bits, parity, stop = form[:1], form[1:2], form[2:]
    if not (bits.isdecimal() and int(bits) in _BITS and parity in _PARITIES and stop in _STOP_BITS):
        raise AddressError(f"bits={form} is not of the form 8N1")
    return int(bits), parity, _STOP_BITS[stop]


def _settings(text: str, known: set[str]) -> dict[str, str]:
    _, _, query = text.partition("?")
    given = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    if unknown := sorted(set(given) - known):
        raise AddressError(f"{text!r}: {', '.join(unknown)} is none of {', '.join(sorted(known))}")
    return given
