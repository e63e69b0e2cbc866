"""What becomes of a message at both ends: kept once, in order; sent again until it is."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.federation.rules.arrivals import (
    KEPT,
    REFUSED,
    Arrival,
    Receipt,
    Verdict,
    judge_arrival,
    judge_sender,
    read_receipt,
    write_receipt,
)
from aliquot.oversight.federation.rules.deliveries import (
    LONGEST,
    SHORTEST,
    Next,
    Sent,
    judge_receipt,
    pause_after,
)
from aliquot.oversight.federation.rules.envelopes import canonical
from aliquot.oversight.federation.rules.faults import FAULTS, fault_words
from tests.oversight.federation.rules.test_envelopes import ONE

CAME = Arrival(ONE, digest="aa", here="federation", last=16)
RECEIPT = Receipt(ONE.id, "aa", "federation", "tula", KEPT, "", 18, "2026-11-22T06:00:01+00:00")
KNOWN = [(False, False, False), (True, False, False), (True, True, False), (True, True, True)]
SENT = Sent(ONE.id, "aa", "tula", "federation", 17)


class TestArrival:
    def test_the_next_one_is_kept(self) -> None:
        assert judge_arrival(CAME) == Verdict()

    def test_the_same_bytes_again_are_a_repeat(self) -> None:
        assert judge_arrival(replace(CAME, known_digest="aa", last=17)) == Verdict(is_repeat=True)

    def test_other_bytes_under_the_same_id_are_refused(self) -> None:
        assert judge_arrival(replace(CAME, known_digest="bb", last=17)).code == "other_content"

    def test_a_number_beyond_the_next_one_waits(self) -> None:
        assert judge_arrival(replace(CAME, last=3)) == Verdict("out_of_order", expected=4)

    def test_a_number_that_another_message_has_is_taken(self) -> None:
        assert judge_arrival(replace(CAME, last=17)) == Verdict("number_taken", expected=18)

    def test_a_message_to_another_node_is_refused(self) -> None:
        assert judge_arrival(replace(CAME, here="kurgan")).code == "wrong_receiver"

    def test_what_was_kept_in_an_earlier_stream_is_counted_and_not_carried_out(self) -> None:
        assert judge_arrival(replace(CAME, copied=True)) == Verdict(is_copy=True)
        assert judge_arrival(replace(CAME, copied=True, last=3)) == Verdict("out_of_order", expected=4)

    def test_another_word_under_an_id_of_an_earlier_stream_is_refused(self) -> None:
        assert judge_arrival(replace(CAME, copied=False)).code == "other_content"

    @given(st.lists(st.integers(1, 8), max_size=60))
    def test_whatever_comes_in_whatever_order_each_number_is_kept_once_and_in_order(
        self, came: list[int]
    ) -> None:
        kept: list[int] = []
        for number in came:
            known = str(number) if number in kept else ""
            envelope = replace(ONE, sequence=number)
            verdict = judge_arrival(
                Arrival(envelope, str(number), "federation", known_digest=known, last=len(kept))
            )
            assert verdict.is_repeat == (number in kept)
            if not verdict.code and not verdict.is_repeat:
                kept.append(number)
        assert kept == list(range(1, len(kept) + 1))

    def test_who_sends_is_asked_first(self) -> None:
        said = [judge_sender(is_known=a, has_key=b, is_signed=c) for a, b, c in KNOWN]
        assert said == ["unknown_sender", "unknown_key", "bad_signature", ""]


class TestReceipt:
    def test_it_is_read_as_it_was_written(self) -> None:
        assert read_receipt(write_receipt(RECEIPT)) == RECEIPT

    @pytest.mark.parametrize(
        "content",
        [
            b"<html>502 Bad Gateway</html>",
            b"[]",
            b"{}",
            canonical({**orjson.loads(write_receipt(RECEIPT)), "verdict": "perhaps"}),
            canonical({**orjson.loads(write_receipt(RECEIPT)), "expected": True}),
            canonical({**orjson.loads(write_receipt(RECEIPT)), "code": None}),
        ],
    )
    def test_a_page_of_a_proxy_is_none(self, content: bytes) -> None:
        assert read_receipt(content) is None


class TestDelivery:
    def test_kept_is_done(self) -> None:
        assert judge_receipt(RECEIPT, SENT, is_signed=True) is Next.DONE

    @pytest.mark.parametrize(
        "other",
        [
            replace(RECEIPT, message="another"),
            replace(RECEIPT, digest="bb"),
            replace(RECEIPT, sender="kurgan"),
            replace(RECEIPT, receiver="kurgan"),
        ],
    )
    def test_a_receipt_of_another_message_or_node_is_no_answer(self, other: Receipt) -> None:
        assert judge_receipt(other, SENT, is_signed=True) is Next.NO_ANSWER

    def test_what_the_receiver_did_not_sign_is_no_answer(self) -> None:
        assert judge_receipt(RECEIPT, SENT, is_signed=False) is Next.NO_ANSWER
        assert judge_receipt(None, SENT, is_signed=True) is Next.NO_ANSWER

    def test_a_receiver_that_lost_something_gets_it_again(self) -> None:
        behind = replace(RECEIPT, verdict=REFUSED, code="out_of_order", expected=4)
        assert judge_receipt(behind, SENT, is_signed=True) is Next.AGAIN_FROM

    @pytest.mark.parametrize("expected", [0, 17, 40])
    def test_a_number_that_was_never_given_is_not_sent_again(self, expected: int) -> None:
        odd = replace(RECEIPT, verdict=REFUSED, code="out_of_order", expected=expected)
        assert judge_receipt(odd, SENT, is_signed=True) is Next.STOPPED

    def test_any_other_refusal_waits_for_a_person(self) -> None:
        refused = replace(RECEIPT, verdict=REFUSED, code="number_taken", expected=18)
        assert judge_receipt(refused, SENT, is_signed=True) is Next.STOPPED

    def test_pauses_double_and_end_at_five_minutes(self) -> None:
        assert [pause_after(n) for n in (0, 1, 2, 3)] == [SHORTEST, SHORTEST, SHORTEST * 2, SHORTEST * 4]
        assert pause_after(1_000_000) == LONGEST == timedelta(minutes=5)

    @given(st.integers(0, 10_000))
    def test_a_later_try_never_comes_sooner(self, attempts: int) -> None:
        assert pause_after(attempts) <= pause_after(attempts + 1) <= LONGEST


class TestFaults:
    def test_each_code_that_a_rule_gives_has_words(self) -> None:
        told = {
            "too_large", "unreadable", "not_canonical", "format_too_old", "format_too_new", "unknown_sender",
            "unknown_key", "bad_signature", "wrong_receiver", "other_content", "number_taken", "out_of_order",
            "no_line", "no_answer",
        }  # fmt: skip
        assert FAULTS.keys() == told

    def test_words_are_said_by_the_readers_translation(self) -> None:
        assert fault_words("no_line", str.upper)[0] == "THE OTHER NODE CANNOT BE REACHED."

    def test_a_code_of_a_newer_node_is_named_as_it_is(self) -> None:
        assert fault_words("of_tomorrow", str) == ("of_tomorrow", "")
