"""What holds for every native grammar: no text of another's, no control character, no other error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.astm_records import RecordError
from aliquot.wire.native.grammars import GRAMMARS
from aliquot.wire.native.tree import record
from tests.wire.native.messages import (
    BC3000,
    BC3000_VALUES,
    CA_QUERY,
    FS,
    GS,
    RS,
    dimension_result,
    group1800,
    of,
    result1800,
)


def test_no_field_may_hold_a_control_character() -> None:
    with pytest.raises(RecordError, match="control character"):
        record("R", {3: "A\x1dB"})


SEEDS = [
    b"R 00000000700123                  03/10/26 09:15:30   \r\n  1 6.35   2 4.69 \r\n",
    result1800("0101", 1, group1800("89", "4.31")).encode(),
    CA_QUERY,
    dimension_result("ALTI|72|U/L|", "CRE2||umol/L|6"),
    f"QC_NEW_DATA{FS}{RS}aMOD{GS}850{GS}{GS}{GS}{FS}mpH{GS}7.2{GS}{GS}HH{GS}{FS}{RS}".encode(),
    f"{RS}mtrsl|{RS}ciZ1|{RS}rtHBCT|{RS}qn0.05|{GS}".encode(),
    b"24/10/29 13:08 ID# 1DC042FP   [B. Plasma] Na       131  mmol/L K        9.7  mmol/L ",
    b"Tube,GLU(g/L),GLU/M\r\n1,5,H\r\n",
    (BC3000 + BC3000_VALUES).encode(),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_grammar_finds_results_or_questions_in_the_text_of_another(seed: bytes) -> None:
    strict = sorted(set(GRAMMARS) - {"csv"})  # a table's columns are named by its driver
    readers: list[str] = []
    for kind in strict:
        try:
            messages = GRAMMARS[kind](seed, "latin-1")
        except RecordError:
            continue
        readers += [kind] * bool(of(messages, "R") or of(messages, "Q"))
    assert len(readers) == (0 if b"," in seed else 1)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A message of some model with a stretch of it replaced."""
    seed = draw(st.sampled_from(SEEDS))
    start = draw(st.integers(0, len(seed)))
    return seed[:start] + draw(st.binary(max_size=12)) + seed[start + draw(st.integers(0, 12)) :]


@settings(max_examples=300, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), damaged()), kind=st.sampled_from(sorted(GRAMMARS)))
def test_only_a_record_error_comes_out_of_a_grammar(content: bytes, kind: str) -> None:
    try:
        messages = GRAMMARS[kind](content, "latin-1")
    except RecordError:
        return
    for one in of(messages, "R"):
        assert one.field(3), "a result always names its test"
