"""Messages at both ends in one database: what is kept, answered, refused, carried out, in which order."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import translation

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.queries import waiting
from aliquot.foundation.seals import is_signed, public_half, sign
from aliquot.oversight.federation.actions import (
    Came,
    Letter,
    Reply,
    Signed,
    answer_probe,
    apply_messages,
    begin_stream,
    note_answer,
    note_no_line,
    open_line,
    probe_line,
    queue_message,
    receive_message,
    refuse_unread,
    send_again,
    take_letters,
    try_now,
)
from aliquot.oversight.federation.models import MessageIn, MessageOut, NodeLine
from aliquot.oversight.federation.queries import latest_in, latest_out, line_states, lines_to_try
from aliquot.oversight.federation.rules.arrivals import Receipt, read_receipt, write_receipt
from aliquot.oversight.federation.rules.deliveries import Next
from aliquot.oversight.federation.rules.envelopes import (
    LARGEST_BYTES,
    MESSAGE,
    RECEIPT,
    Envelope,
    to_sign,
    write_envelope,
)
from tests.factories import NOW
from tests.oversight.federation.peers import HERE, PEER, PEERS_KEY, know_peer
from tests.regions import Region, one_with

OUR_KEY = "RmFsc2UgYnV0IHZhbGlkOiB0aGlydHktdHdvIGJ5LiE="
STREAM = str(uuid4())


@pytest.fixture
def line(region: Region) -> NodeLine:
    """A known node and an open line to it."""
    know_peer()
    return open_line(PEER, "http://127.0.0.1:9", by=region.worker, at=NOW)


def letters(at: datetime = NOW, limit: int = 10) -> list[Letter]:
    return take_letters(PEER, here=HERE, private=OUR_KEY, limit=limit, at=at)


def ask(region: Region, text: str = "x") -> MessageOut:
    return queue_message("node.probe", {"asked_at": text}, to=PEER, cause="probe", by=region.worker, at=NOW)


def content(sequence: int = 1, **changes: Any) -> bytes:
    """A message of the other node to this one, as it signs it."""
    facts: dict[str, Any] = {
        "id": str(uuid4()), "sender": PEER, "receiver": HERE, "stream": STREAM, "sequence": sequence,
        "kind": "node.probe", "made_at": NOW.isoformat(), "program": "0.1.0", "body": {"asked_at": "x"},
    }  # fmt: skip
    return write_envelope(Envelope(**(facts | changes)))


def arrive(region: Region, message: bytes, *, private: str = PEERS_KEY, at: datetime = NOW) -> Reply:
    signature = sign(to_sign(message, MESSAGE), private)
    came = Signed(message, public_half(private), signature)
    return receive_message(came, here=HERE, private=OUR_KEY, by=region.worker, at=at)


def code_of(reply: Reply) -> str:
    receipt = read_receipt(reply.content)
    assert receipt is not None
    return receipt.code


def answered(letter: Letter, reply: Signed) -> Next:
    return note_answer(letter, reply, here=HERE, at=NOW)


def reply_to(letter: Letter, verdict: str = "kept", code: str = "", expected: int = 0) -> Signed:
    """The receipt that the other node signs for a letter of ours."""
    said = write_receipt(
        Receipt(letter.uid, letter.digest, PEER, HERE, verdict, code, expected, NOW.isoformat())
    )
    return Signed(said, public_half(PEERS_KEY), sign(to_sign(said, RECEIPT), PEERS_KEY))


@pytest.mark.usefixtures("line")
class TestSending:
    def test_numbers_have_no_gap_and_are_given_once(self, region: Region) -> None:
        for _ in range(3):
            ask(region)
        first = letters(limit=2)
        assert [one.sequence for one in first] == [1, 2]
        assert letters(limit=2) == first, "what is on its way is sent again as it was"
        for one in first:
            assert answered(one, reply_to(one)) is Next.DONE
        assert [one.sequence for one in letters()] == [3]

    def test_what_is_rolled_back_was_never_queued(self, region: Region) -> None:
        def cause() -> None:
            with acting(region.worker):
                ask(region)
                raise Refused("the cause came to nothing")

        with pytest.raises(Refused, match="came to nothing"):
            cause()
        assert letters() == []

    def test_a_failure_makes_the_line_wait_longer_each_time(self, region: Region, line: NodeLine) -> None:
        ask(region)
        note_no_line(PEER, "ConnectionRefusedError", at=NOW)
        note_no_line(PEER, "ConnectionRefusedError", at=NOW)
        assert (letters(), lines_to_try(NOW)) == ([], [])
        assert lines_to_try(NOW + timedelta(seconds=4)) == [PEER]
        (state,) = line_states()
        assert (state.line.fault, state.waiting, state.is_in_trouble) == ("no_line", 1, True)
        try_now(line, by=region.worker, at=NOW)
        assert len(letters()) == 1

    def test_an_answer_that_the_node_did_not_sign_delivers_nothing(self, region: Region) -> None:
        ask(region)
        (one,) = letters()
        forged = reply_to(one)
        stranger = Signed(forged.content, public_half(OUR_KEY), forged.signature)
        assert answered(one, stranger) is Next.NO_ANSWER
        assert MessageOut.objects.get().state == MessageOut.State.SIGNED
        assert NodeLine.objects.get().fault == "no_answer"

    def test_a_receiver_that_lost_everything_gets_everything_again(self, region: Region) -> None:
        for _ in range(3):
            ask(region)
        sent = letters()
        for one in sent[:2]:
            answered(one, reply_to(one))
        assert answered(sent[2], reply_to(sent[2], "refused", "out_of_order", 1)) is Next.AGAIN_FROM
        assert letters() == sent

    def test_a_sender_restored_from_a_backup_stops_and_begins_anew(
        self, region: Region, line: NodeLine
    ) -> None:
        ask(region)
        (one,) = letters()
        assert answered(one, reply_to(one, "refused", "number_taken", 9)) is Next.STOPPED
        assert NodeLine.objects.get().fault == "number_taken"
        assert begin_stream(line, by=region.worker, at=NOW) == 1
        (again,) = letters()
        assert (again.uid, again.sequence) == (one.uid, 1)
        assert again.content != one.content

    def test_what_is_on_its_way_is_signed_anew_when_the_key_was_renewed(self, region: Region) -> None:
        ask(region)
        (before,) = letters()
        (after,) = take_letters(PEER, here=HERE, private=PEERS_KEY, limit=1, at=NOW)
        assert (after.content, after.key) == (before.content, public_half(PEERS_KEY))
        assert is_signed(to_sign(after.content, MESSAGE), after.signature, after.key)

    def test_a_line_without_an_address_keeps_what_waits(self, region: Region) -> None:
        ask(region)
        open_line(PEER, "", by=region.worker, at=NOW)
        assert (letters(), lines_to_try(NOW)) == ([], [])
        assert line_states()[0].is_in_trouble

    def test_what_is_too_large_is_refused_at_its_cause(self, region: Region) -> None:
        with pytest.raises(Refused, match="too much for one message"):
            ask(region, "x" * LARGEST_BYTES)

    def test_a_message_to_a_node_without_a_line_is_refused(self, region: Region) -> None:
        with pytest.raises(Refused, match="no line to the node kurgan"):
            queue_message("node.probe", {}, to="kurgan", by=region.worker, at=NOW)

    def test_a_kind_is_checked_where_it_is_written(self, region: Region) -> None:
        with pytest.raises(ValueError, match="no kind"):
            queue_message("Probe", {}, to=PEER, by=region.worker, at=NOW)

    def test_an_address_is_one_of_the_web(self, region: Region) -> None:
        with pytest.raises(Refused, match="https://"):
            open_line(PEER, "file:///etc", by=region.worker, at=NOW)

    def test_only_who_manages_the_federation_may_send(self, region: Region, line: NodeLine) -> None:
        nurse = one_with(region, "nurse")
        with acting(nurse), pytest.raises(Forbidden):
            probe_line(line, by=nurse, at=NOW)


@pytest.mark.usefixtures("line")
class TestArriving:
    def test_it_is_kept_with_its_bytes_and_its_receipt(self, region: Region) -> None:
        message = content()
        reply = arrive(region, message)
        kept = MessageIn.objects.get()
        assert (bytes(kept.content), kept.state) == (message, MessageIn.State.KEPT)
        assert kept.digest == hashlib.sha256(message).hexdigest()
        assert (reply.is_kept, code_of(reply), waiting("messages_kept")) == (True, "", 1)

    def test_the_same_again_gives_the_same_answer_to_the_byte(self, region: Region) -> None:
        message = content()
        first = arrive(region, message)
        assert arrive(region, message, at=NOW + timedelta(days=1)) == first
        assert MessageIn.objects.count() == 1

    def test_a_receipt_is_signed_anew_when_the_key_was_renewed(self, region: Region) -> None:
        message = content()
        first = arrive(region, message)
        came = Signed(message, public_half(PEERS_KEY), sign(to_sign(message, MESSAGE), PEERS_KEY))
        again = receive_message(came, here=HERE, private=PEERS_KEY, by=region.worker, at=NOW)
        assert (again.content, again.key) == (first.content, public_half(PEERS_KEY))
        assert is_signed(to_sign(again.content, RECEIPT), again.signature, again.key)

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            (content(receiver="kurgan"), "wrong_receiver"),
            (content(sender="kurgan"), "unknown_sender"),
            (content(2), "out_of_order"),
            (b"{}", "unreadable"),
            (content() + b" ", "not_canonical"),
            (content().replace(b'"format":1', b'"format":9'), "format_too_new"),
        ],
    )
    def test_what_is_refused_is_not_kept(self, region: Region, message: bytes, code: str) -> None:
        reply = arrive(region, message)
        assert (reply.is_kept, code_of(reply)) == (False, code)
        assert not MessageIn.objects.exists()

    def test_another_key_or_another_byte_is_refused(self, region: Region) -> None:
        message = content()
        assert code_of(arrive(region, message, private=OUR_KEY)) == "unknown_key"
        signature = sign(to_sign(message, MESSAGE), PEERS_KEY)
        altered = message.replace(b'"asked_at":"x"', b'"asked_at":"y"')
        came = Signed(altered, public_half(PEERS_KEY), signature)
        reply = receive_message(came, here=HERE, private=OUR_KEY, by=region.worker, at=NOW)
        assert code_of(reply) == "bad_signature"
        assert not MessageIn.objects.exists()

    def test_a_signature_of_a_receipt_is_none_of_a_message(self, region: Region) -> None:
        message = content()
        came = Signed(message, public_half(PEERS_KEY), sign(to_sign(message, RECEIPT), PEERS_KEY))
        reply = receive_message(came, here=HERE, private=OUR_KEY, by=region.worker, at=NOW)
        assert code_of(reply) == "bad_signature"

    def test_another_message_under_the_same_id_or_number_is_refused(self, region: Region) -> None:
        arrive(region, content(id="0a4c8f1e-8f6b-4a53-9d44-3c2f8a1b7e10"))
        other = content(id="0a4c8f1e-8f6b-4a53-9d44-3c2f8a1b7e10", body={"asked_at": "other"})
        assert code_of(arrive(region, other)) == "other_content"
        assert code_of(arrive(region, content())) == "number_taken"

    def test_what_is_sent_again_in_a_new_stream_is_not_carried_out_twice(self, region: Region) -> None:
        uid = str(uuid4())
        arrive(region, content(id=uid))
        assert arrive(region, content(id=uid, stream=str(uuid4()))).is_kept
        assert [one.state for one in MessageIn.objects.order_by("id")] == ["kept", "applied"]
        otherwise = content(id=uid, stream=str(uuid4()), body={})
        assert code_of(arrive(region, otherwise)) == "other_content"

    def test_what_was_not_even_read_is_answered(self) -> None:
        assert code_of(refuse_unread("too_large", here=HERE, private=OUR_KEY, at=NOW)) == "too_large"


@pytest.mark.usefixtures("line")
class TestCarryingOut:
    def apply(self, region: Region, line: NodeLine, **handlers: Any) -> int:
        known = {name.replace("__", "."): handler for name, handler in handlers.items()}
        return apply_messages(line.pk, known, by=region.worker, at=NOW)

    def test_each_is_answered_by_a_message(self, region: Region, line: NodeLine) -> None:
        arrive(region, content())
        assert self.apply(region, line, node__probe=answer_probe) == 1
        kept, answer = MessageIn.objects.get(), MessageOut.objects.get()
        assert kept.state == MessageIn.State.APPLIED
        assert answer.kind == "node.answer"
        assert (answer.body["message"], answer.body["outcome"]) == (str(kept.uid), "applied")
        assert self.apply(region, line, node__probe=answer_probe) == 0, "once"

    def test_they_are_carried_out_in_their_order(self, region: Region, line: NodeLine) -> None:
        done: list[str] = []

        def note(came: Came, by: Actor, at: datetime) -> Mapping[str, Any]:
            done.append(came.body["asked_at"])
            return {}

        for number in range(1, 6):
            arrive(region, content(number, body={"asked_at": str(number)}))
        self.apply(region, line, node__probe=note)
        assert done == ["1", "2", "3", "4", "5"]

    def test_a_kind_that_is_not_known_here_is_answered_so(self, region: Region, line: NodeLine) -> None:
        arrive(region, content(kind="referral.placed"))
        arrive(region, content(2))
        assert self.apply(region, line, node__probe=answer_probe) == 2
        assert [one.body["outcome"] for one in MessageOut.objects.order_by("id")] == ["refused", "applied"]

    def test_a_refusal_is_told_in_both_languages_and_leaves_nothing(
        self, region: Region, line: NodeLine
    ) -> None:
        def refuse(came: Came, by: Actor, at: datetime) -> Mapping[str, Any]:
            open_line("kurgan", "", by=by, at=at)
            raise Refused("nein" if translation.get_language() == "ru" else "no")

        arrive(region, content())
        self.apply(region, line, node__probe=refuse)
        assert MessageOut.objects.get().body["said"] == {"code": "refused", "en": "no", "ru": "nein"}
        assert not NodeLine.objects.filter(peer="kurgan").exists()

    def test_what_fails_stops_the_line_there_and_keeps_what_was_done(
        self, region: Region, line: NodeLine
    ) -> None:
        def fail_at_two(came: Came, by: Actor, at: datetime) -> Mapping[str, Any]:
            if came.body["asked_at"] == "2":
                raise LookupError("two")
            return {}

        for number in (1, 2, 3):
            arrive(region, content(number, body={"asked_at": str(number)}))
        assert self.apply(region, line, node__probe=fail_at_two) == 1
        with pytest.raises(LookupError, match="two"):
            self.apply(region, line, node__probe=fail_at_two)
        assert [one.state for one in MessageIn.objects.order_by("id")] == ["applied", "kept", "kept"]

    def test_the_answer_stands_beside_what_was_asked(self, region: Region, line: NodeLine) -> None:
        asked = ask(region)
        body = {"message": str(asked.uid), "outcome": "refused", "said": {"code": "refused", "en": "no"}}
        arrive(region, content(kind="node.answer", body=body))
        self.apply(region, line)
        asked.refresh_from_db()
        assert (asked.outcome, asked.answer) == ("refused", {"code": "refused", "en": "no"})
        assert MessageOut.objects.count() == 1, "an answer is not answered"
        again = send_again(asked, by=region.worker, at=NOW)
        assert (again.uid != asked.uid, again.body) == (True, asked.body)

    def test_only_what_was_refused_is_sent_once_more(self, region: Region) -> None:
        with pytest.raises(Refused, match="refused there"):
            send_again(ask(region), by=region.worker, at=NOW)

    @pytest.mark.parametrize("body", [{}, {"outcome": "perhaps", "message": "x"}])
    def test_an_answer_that_says_nothing_is_kept(
        self, region: Region, line: NodeLine, body: dict[str, Any]
    ) -> None:
        arrive(region, content(kind="node.answer", body=body))
        self.apply(region, line)
        assert MessageIn.objects.get().outcome == {"code": "no_outcome"}

    def test_lists_show_the_newest_first(self, region: Region, line: NodeLine) -> None:
        ask(region)
        arrive(region, content())
        self.apply(region, line, node__probe=answer_probe)
        assert [one.kind for one in latest_out(limit=2)] == ["node.answer", "node.probe"]
        assert [one.kind for one in latest_in(limit=2)] == ["node.probe"]
