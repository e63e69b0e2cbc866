"""One JSON object, or a clear word about what is given instead."""

from decimal import Decimal
from pathlib import Path

import pytest

from aliquot.foundation.questions import UnreadableQuestionError, read_content, read_object


def test_an_object_is_read_with_numbers_as_wanted() -> None:
    assert read_object(b'{"x": 1.10, "n": 2}') == {"x": 1.1, "n": 2}
    found = read_object(b'\xef\xbb\xbf{"x": 1.10}', parse_float=Decimal)
    assert str(found["x"]) == "1.10"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\xff\xfe{}", "no JSON"),
        (b"[1, 2]", "no JSON object"),
        (b"3", "no JSON object"),
        (b'{"x": 1, "x": 2}', "stands twice"),
        (b'{"a": {"x": 1, "x": 2}}', "stands twice"),
        (b'{"x": NaN}', "NaN is no number"),
        (b'{"x": -Infinity}', "-Infinity is no number"),
        (b'{"x": ' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_anything_else_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableQuestionError, match=words):
        read_object(content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "here.json").write_bytes(b"{}")
    assert read_content(str(tmp_path / "here.json")) == b"{}"
    with pytest.raises(UnreadableQuestionError, match=r"gone\.json cannot be read"):
        read_content(str(tmp_path / "gone.json"))
