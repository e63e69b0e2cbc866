"""Cards of nodes: what is read is what was written, and what is no card is named."""

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.federation.rules.nodes import (
    NO_NAME,
    NOT_A_CARD,
    WRONG_CODE,
    WRONG_KEY,
    WRONG_KIND,
    Card,
    Unusable,
    canonical,
    card_values,
    fingerprint,
    is_code,
    is_same_fingerprint,
    read_card,
)

KEY = base64.b64encode(bytes(range(32))).decode()
TULA = Card("tula", "region", "Tula Region", "Тульская область", KEY, "age1tula")


@pytest.mark.parametrize("code", ["tula", "region_7", "a1", "x" * 31])
def test_a_code_is_small_latin_letters(code: str) -> None:
    assert is_code(code)


@pytest.mark.parametrize(
    "code", ["", "t", "Tula", "7tula", "_tula", "tula-1", "тула", "x" * 32, "tula\n", 'a"b']
)
def test_what_would_need_quoting_is_no_code(code: str) -> None:
    assert not is_code(code)


def test_a_card_comes_back_as_it_was_written() -> None:
    assert read_card(json.loads(json.dumps(card_values(TULA)))) == TULA


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code": "Tula"}, WRONG_CODE),
        ({"kind": "moon"}, WRONG_KIND),
        ({"name_ru": " "}, NO_NAME),
        ({"signing": "not base64!"}, WRONG_KEY),
        ({"signing": base64.b64encode(b"short").decode()}, WRONG_KEY),
        ({"sealing": "AGE-SECRET-KEY-1"}, WRONG_KEY),
        ({"code": 7}, NOT_A_CARD),
        ({"more": "x"}, NOT_A_CARD),
    ],
)
def test_a_card_that_cannot_be_used_is_named(change: dict[str, object], reason: str) -> None:
    with pytest.raises(Unusable) as found:
        read_card({**card_values(TULA), **change})
    assert found.value.reason == reason


@pytest.mark.parametrize("values", [None, [], "card", {"code": "tula"}])
def test_what_is_no_card_at_all_is_said_so(values: object) -> None:
    with pytest.raises(Unusable, match="no card"):
        read_card(values)


def test_the_order_of_names_changes_nothing_that_is_signed() -> None:
    values = card_values(TULA)
    assert canonical(dict(reversed(values.items()))) == canonical(values)
    assert canonical({"b": 1, "a": "ё"}) == '{"a":"ё","b":1}'.encode()


def test_a_fingerprint_is_read_aloud() -> None:
    groups = fingerprint(TULA).split(" ")
    assert [len(one) for one in groups] == [4] * 8
    assert is_same_fingerprint(fingerprint(TULA).upper().replace(" ", "  "), TULA)
    assert not is_same_fingerprint("", TULA)


@given(st.sampled_from(["code", "name_en", "name_ru", "signing", "sealing"]), st.text(min_size=1))
def test_another_card_has_another_fingerprint(field: str, text: str) -> None:
    changed = replace(TULA, **{field: getattr(TULA, field) + text})
    assert fingerprint(changed) != fingerprint(TULA)
