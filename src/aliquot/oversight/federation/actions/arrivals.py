"""Messages in: kept before they are answered, then carried out in their order, each answered by a message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import translation

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.actions import record_events
from aliquot.foundation.seals import is_signed, public_half, sign
from aliquot.oversight.federation.actions.messages import Signed, queue_message
from aliquot.oversight.federation.models.messages import MessageIn, MessageOut, NodeLine
from aliquot.oversight.federation.queries.messages import is_key_of, is_known
from aliquot.oversight.federation.rules.arrivals import (
    KEPT,
    REFUSED,
    Arrival,
    Receipt,
    Verdict,
    judge_arrival,
    judge_sender,
    write_receipt,
)
from aliquot.oversight.federation.rules.envelopes import (
    MESSAGE,
    RECEIPT,
    Envelope,
    UnreadableError,
    read_envelope,
    to_sign,
)

ANSWER: Final = "node.answer"
AT_ONCE: Final = 100
_LANGUAGES: Final = ("en", "ru")


@dataclass(frozen=True, slots=True)
class Reply:
    """The receipt for what arrived, with the key that signed it."""

    content: bytes
    key: str
    signature: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Came:
    """A kept message as its handler takes it: from which node, its id, what it says, when it arrived."""

    sender: str
    uid: str
    kind: str
    body: Mapping[str, Any]
    received_at: datetime


Handler = Callable[[Came, Actor, datetime], Mapping[str, Any]]
"""Carries out one kind of message and says what it did; Refused says why it cannot be done."""


def receive_message(came: Signed, *, here: str, private: str, by: Actor, at: datetime) -> Reply:
    """The receipt for these bytes; what is kept is committed before this returns.

    Call it outside a transaction. The same message again gives the same receipt, to the byte.
    """
    try:
        envelope = read_envelope(came.content)
    except UnreadableError as fault:
        return _signed(_refusal(came.digest, None, Verdict(fault.code), here, at), private, is_kept=False)
    with acting(by, reason="message of another node"):
        return _receive(envelope, came, here=here, private=private, at=at)


def refuse_unread(code: str, *, here: str, private: str, at: datetime) -> Reply:
    """The receipt for what was not even read."""
    return _signed(_refusal("", None, Verdict(code), here, at), private, is_kept=False)


def apply_messages(
    line_id: int, handlers: Mapping[str, Handler], *, by: Actor, at: datetime, limit: int = AT_ONCE
) -> int:
    """Carry out what a node sent, in its order; how many were settled.

    What a handler refuses is answered with its words and the next one follows. What fails otherwise stops the
    line there: the exception is raised when nothing was settled before it, so that its event waits.
    """
    NodeLine.objects.select_for_update().get(pk=line_id)
    waiting = MessageIn.objects.filter(line_id=line_id, state=MessageIn.State.KEPT).select_related("line")
    settled = 0
    for one in waiting.order_by("id")[:limit]:
        try:
            with transaction.atomic():
                _settle(one, handlers, by=by, at=at)
        except Exception:
            if not settled:
                raise
            record_events("messages_kept", [line_id], at=at)
            return settled
        settled += 1
    if settled == limit:
        record_events("messages_kept", [line_id], at=at)
    return settled


def _receive(envelope: Envelope, came: Signed, *, here: str, private: str, at: datetime) -> Reply:
    code = _fault_of_sender(envelope, came, at)
    if code:
        return _signed(_refusal(came.digest, envelope, Verdict(code), here, at), private, is_kept=False)
    line = _line_of(envelope.sender)
    earlier = line.arrivals.filter(uid=envelope.id, stream=envelope.stream).first()
    verdict = judge_arrival(
        Arrival(
            envelope,
            came.digest,
            here,
            known_digest=earlier.digest if earlier else "",
            copied=_copied(line, envelope),
            last=_last(line, envelope),
        )
    )
    if verdict.is_repeat and earlier is not None:
        return _told_again(earlier, private)
    if verdict.code:
        return _signed(_refusal(came.digest, envelope, verdict, here, at), private, is_kept=False)
    reply = _signed(_receipt(envelope, came.digest, here, at), private, is_kept=True)
    kept = _keep(line, envelope, came, reply, at)
    if verdict.is_copy:
        _close(kept, MessageIn.State.APPLIED, {"code": "repeat"}, at)
    else:
        record_events("messages_kept", [line.pk], at=at)
    return reply


def _told_again(earlier: MessageIn, private: str) -> Reply:
    """The receipt as it was given; signed anew when the node's key was renewed meanwhile."""
    receipt = bytes(earlier.receipt)
    if earlier.receipt_key == public_half(private):
        return Reply(receipt, earlier.receipt_key, earlier.receipt_signature, is_kept=True)
    return Reply(receipt, public_half(private), sign(to_sign(receipt, RECEIPT), private), is_kept=True)


def _fault_of_sender(envelope: Envelope, came: Signed, at: datetime) -> str:
    known = is_known(envelope.sender)
    has_key = known and is_key_of(envelope.sender, came.key, at)
    signed = has_key and is_signed(to_sign(came.content, MESSAGE), came.signature, came.key)
    return judge_sender(is_known=known, has_key=has_key, is_signed=signed)


def _line_of(peer: str) -> NodeLine:
    """The line of a known node, held: of two messages at once, the second finds the first."""
    NodeLine.objects.get_or_create(peer=peer, defaults={"stream": uuid4()})
    return NodeLine.objects.select_for_update().get(peer=peer)


def _copied(line: NodeLine, envelope: Envelope) -> bool | None:
    before = line.arrivals.filter(uid=envelope.id).exclude(stream=envelope.stream).first()
    if before is None:
        return None
    said = read_envelope(bytes(before.content))
    return (said.kind, said.body, said.made_at) == (envelope.kind, envelope.body, envelope.made_at)


def _last(line: NodeLine, envelope: Envelope) -> int:
    found = line.arrivals.filter(stream=envelope.stream).order_by("-sequence")
    return found.values_list("sequence", flat=True).first() or 0


def _keep(line: NodeLine, envelope: Envelope, came: Signed, reply: Reply, at: datetime) -> MessageIn:
    return MessageIn.objects.create(
        line=line,
        uid=envelope.id,
        stream=envelope.stream,
        sequence=envelope.sequence,
        kind=envelope.kind,
        content=came.content,
        digest=came.digest,
        key=came.key,
        signature=came.signature,
        received_at=at,
        receipt=reply.content,
        receipt_key=reply.key,
        receipt_signature=reply.signature,
    )


def _receipt(envelope: Envelope, digest: str, here: str, at: datetime) -> Receipt:
    return Receipt(
        message=envelope.id,
        digest=digest,
        sender=here,
        receiver=envelope.sender,
        verdict=KEPT,
        code="",
        expected=envelope.sequence + 1,
        at=at.isoformat(),
    )


def _refusal(digest: str, envelope: Envelope | None, verdict: Verdict, here: str, at: datetime) -> Receipt:
    return Receipt(
        message=envelope.id if envelope else "",
        digest=digest,
        sender=here,
        receiver=envelope.sender if envelope else "",
        verdict=REFUSED,
        code=verdict.code,
        expected=verdict.expected,
        at=at.isoformat(),
    )


def _signed(receipt: Receipt, private: str, *, is_kept: bool) -> Reply:
    content = write_receipt(receipt)
    return Reply(content, public_half(private), sign(to_sign(content, RECEIPT), private), is_kept)


def _settle(one: MessageIn, handlers: Mapping[str, Handler], *, by: Actor, at: datetime) -> None:
    envelope = read_envelope(bytes(one.content))
    if one.kind == ANSWER:
        outcome = _take_answer(one.line, envelope.body, at)
        _close(one, MessageIn.State.APPLIED, outcome, at)
        return
    came = Came(one.line.peer, str(one.uid), one.kind, envelope.body, one.received_at)
    state, outcome = _carry_out(came, handlers, by=by, at=at)
    _close(one, state, outcome, at)
    body = {"message": str(one.uid), "outcome": state.value, "said": outcome}
    queue_message(ANSWER, body, to=one.line.peer, cause=f"message:{one.pk}", by=by, at=at)


def _carry_out(
    came: Came, handlers: Mapping[str, Handler], *, by: Actor, at: datetime
) -> tuple[MessageIn.State, dict[str, Any]]:
    handler = handlers.get(came.kind)
    if handler is None:
        return MessageIn.State.REFUSED, {"code": "unknown_kind", "program": version("aliquot")}
    try:
        with transaction.atomic():
            return MessageIn.State.APPLIED, dict(handler(came, by, at))
    except Refused:
        words = {language: _refused_in(language, handler, came, by, at) for language in _LANGUAGES}
        return MessageIn.State.REFUSED, {"code": "refused", **words}


def _refused_in(language: str, handler: Handler, came: Came, by: Actor, at: datetime) -> str:
    """Why it is refused, in a language: whoever reads it sits at another node and may speak either."""
    try:
        with translation.override(language), transaction.atomic():
            handler(came, by, at)
            transaction.set_rollback(True)
    except Refused as refused:
        return refused.reason
    raise AssertionError(f"{came.kind} {came.uid} was refused once and not again")


def _close(one: MessageIn, state: MessageIn.State, outcome: Mapping[str, Any], at: datetime) -> None:
    MessageIn.objects.filter(pk=one.pk).update(state=state, settled_at=at, outcome=dict(outcome))


def _take_answer(line: NodeLine, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Note beside our message what became of it there; an answer to nothing of ours is kept and says so."""
    outcome = str(body.get("outcome", ""))
    try:
        uid = UUID(str(body.get("message", "")))
    except ValueError:
        return {"code": "no_outcome"}
    if outcome not in MessageOut.Outcome.values:
        return {"code": "no_outcome"}
    found = line.messages.filter(uid=uid, outcome="").values_list("pk", flat=True)
    answered = list(found.select_for_update())
    MessageOut.objects.filter(pk__in=answered).update(
        outcome=outcome, answer=body.get("said"), answered_at=at
    )
    record_events("message_answered", answered, at=at)
    return {"answered": len(answered)}
