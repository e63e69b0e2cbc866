"""A character that is lost on a line without a checksum shifts the columns: no value may come of it."""

import pytest

from aliquot.flow.instruments.rules.driver import FOLDER
from aliquot.wire.astm_records import RecordError
from aliquot.wire.native import mindray_bc3000, sysmex_ca

COUNT = (FOLDER / "mindray_bc3000" / "transcripts" / "count.txt").read_bytes().strip(b"\x02\x1a\r\n")
CLOTTING = (FOLDER / "sysmex_ca600" / "transcripts" / "clotting.txt").read_bytes().strip(b"\x02\x03\r\n")
LEUCOCYTES = range(34, 34 + 16 + 9)  # the columns of the four counts and three percentages


def test_the_texts_are_read_as_long_as_they_are_whole() -> None:
    assert mindray_bc3000.parse(COUNT)
    assert sysmex_ca.parse(CLOTTING)


@pytest.mark.parametrize("at", range(50, len(CLOTTING)))
def test_a_clotting_time_never_comes_from_shifted_columns(at: int) -> None:
    with pytest.raises(RecordError):
        sysmex_ca.parse(CLOTTING[:at] + CLOTTING[at + 1 :])


@pytest.mark.parametrize("at", [34, 38, 42, 46, 50, 51, 53, 54])
def test_a_lost_digit_among_the_leucocytes_is_seen(at: int) -> None:
    assert at in LEUCOCYTES
    with pytest.raises(RecordError, match="percentages"):
        mindray_bc3000.parse(COUNT[:at] + COUNT[at + 1 :])
