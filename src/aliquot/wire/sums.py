"""The sum that serial links send behind a frame."""

from zlib import adler32

_HEX = [b"%02X" % value for value in range(256)]
_ADLER_SPAN = 256  # 256 bytes of 255 stay below Adler's modulus, so its low word is the plain sum


def checksum(body: bytes) -> bytes:
    """Return the sum of the bytes modulo 256 as two upper-case hexadecimal digits (LIS01-A2 6.3.3).

    Adler-32 takes it: its low word is 1 + the sum of the bytes. Four to six times as fast as `sum`.
    """
    if len(body) <= _ADLER_SPAN:
        return _HEX[(adler32(body) - 1) & 255]
    total = sum(
        (adler32(body[at : at + _ADLER_SPAN]) & 0xFFFF) - 1 for at in range(0, len(body), _ADLER_SPAN)
    )
    return _HEX[total & 255]
