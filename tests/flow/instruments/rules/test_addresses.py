"""Addresses of lines: what a person types is read, or refused in words that name what is wrong."""

import pytest

from aliquot.flow.instruments.rules.addresses import (
    AddressError,
    FolderAddress,
    SerialAddress,
    folder_address,
    serial_address,
    tcp_address,
)
from aliquot.flow.instruments.rules.reach import Reach, faults_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.7:5001", ("10.0.0.7", 5001)),
        ("tcp://cobas.lab:8888", ("cobas.lab", 8888)),
        ("[fe80::1]:9100", ("fe80::1", 9100)),
    ],
)
def test_a_tcp_address(text: str, address: tuple[str, int]) -> None:
    assert tcp_address(text) == address
    assert not faults_of(Reach("dial", address=text))


@pytest.mark.parametrize(
    "text",
    [
        *("10.0.0.7", "host:", "host:0", "host:70000", ":5001", "http://host:80", "", "a b:5000"),
        *("host:80/x", "host:80?baud=1", "[::1:80", "me@host:80"),
    ],
)
def test_what_is_no_tcp_address(text: str) -> None:
    with pytest.raises(AddressError, match="is not host:port"):
        tcp_address(text)
    assert faults_of(Reach("dial", address=text)) == {"address": "not_host_port"}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("serial:///dev/ttyS0", SerialAddress("/dev/ttyS0")),
        ("serial:///dev/ttyS0?baud=19200&bits=7E1", SerialAddress("/dev/ttyS0", 19200, 7, "E", 1.0)),
        ("/dev/ttyUSB0?flow=rtscts", SerialAddress("/dev/ttyUSB0", rtscts=True)),
        ("COM3?bits=8n2&flow=xonxoff", SerialAddress("COM3", stop_bits=2.0, xonxoff=True)),
        ("rfc2217://moxa:4001?baud=4800", SerialAddress("rfc2217://moxa:4001", 4800)),
    ],
)
def test_a_serial_address(text: str, address: SerialAddress) -> None:
    assert serial_address(text) == address
    assert not faults_of(Reach("serial", address=text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("serial://", "names no serial port"),
        ("ttyS0", "names no serial port"),
        ("/dev/ttyS0?baud=fast", "baud=fast is no speed"),
        ("/dev/ttyS0?bits=9N1", "bits=9N1 is not of the form 8N1"),
        ("/dev/ttyS0?flow=magic", "flow=magic is none of"),
        ("/dev/ttyS0?boud=9600", "boud is none of baud, bits, flow"),
    ],
)
def test_what_is_no_serial_address(text: str, words: str) -> None:
    with pytest.raises(AddressError, match=words):
        serial_address(text)
    assert faults_of(Reach("serial", address=text)) == {"address": "not_a_serial_port"}


def test_a_folder_address() -> None:
    assert folder_address("/data/in") == FolderAddress("/data/in")
    assert folder_address("folder:///data/in?pattern=*.csv&settle=2") == FolderAddress(
        "/data/in", "*.csv", 2.0
    )
    with pytest.raises(AddressError, match="no absolute path"):
        folder_address("data/in")
    for settle in ("soon", "nan", "-1", "inf"):
        with pytest.raises(AddressError, match=f"settle={settle}"):
            folder_address(f"/data/in?settle={settle}")
        assert faults_of(Reach("folder", address=f"/data/in?settle={settle}")) == {"address": "not_a_folder"}
