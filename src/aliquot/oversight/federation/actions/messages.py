"""Messages out: queued with their cause, numbered and signed in order, sent again until they are kept."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.seals import is_signed, public_half, sign
from aliquot.oversight.federation.models.messages import MessageOut, NodeLine
from aliquot.oversight.federation.queries.messages import is_key_of
from aliquot.oversight.federation.rules.arrivals import read_receipt
from aliquot.oversight.federation.rules.deliveries import Next, Sent, judge_receipt, pause_after
from aliquot.oversight.federation.rules.envelopes import (
    LARGEST_BYTES,
    MESSAGE,
    RECEIPT,
    Envelope,
    canonical,
    is_kind,
    to_sign,
    write_envelope,
)

ROOM_FOR_THE_ENVELOPE = 1_000
"""Bytes that all names and numbers around a body take at most."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Bytes with the public half that signed them and the signature, as they came."""

    content: bytes
    key: str
    signature: str

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to be sent: to which address, its bytes, who signed and the signature."""

    id: int
    uid: str
    peer: str
    address: str
    sequence: int
    content: bytes
    key: str
    signature: str

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, by which a receipt names them."""
        return hashlib.sha256(self.content).hexdigest()


def open_line(peer: str, address: str, *, by: Actor, at: datetime) -> NodeLine:  # noqa: ARG001 - every action says when; the audit takes it
    """The line to another node, with this address; an empty address only takes what comes."""
    by.require("manage_federation")
    if address and not address.startswith(("https://", "http://")):
        words = _("The address begins with https://, or http:// inside a protected network.")
        raise Refused(words, fields={"address": words})
    line, _is_new = NodeLine.objects.get_or_create(peer=peer, defaults={"stream": uuid4()})
    NodeLine.objects.filter(pk=line.pk).update(address=address, attempts=0, not_before=None)
    line.refresh_from_db()
    return line


def queue_message(
    kind: str, body: Mapping[str, Any], *, to: str, cause: str = "", by: Actor, at: datetime
) -> MessageOut:
    """The message, kept in the caller's transaction; it leaves when that is committed.

    `body` holds texts, whole numbers, lists and names; a measured value is a text. Refused when no line to
    the node was ever opened, or the message would be too large.
    """
    if not is_kind(kind):
        raise ValueError(f"{kind!r} is no kind of message")
    line = NodeLine.objects.filter(peer=to).first()
    if line is None:
        raise Refused(_("There is no line to the node %(node)s. Open it first.") % {"node": to})
    if len(canonical(dict(body))) > LARGEST_BYTES - ROOM_FOR_THE_ENVELOPE:
        raise Refused(_("This is too much for one message to %(node)s. Send less at once.") % {"node": to})
    return MessageOut.objects.create(
        line=line, uid=uuid4(), kind=kind, body=dict(body), cause=cause, queued_at=at, queued_by=by.key
    )


def take_letters(peer: str, *, here: str, private: str, limit: int, at: datetime) -> list[Letter]:
    """What is to be sent to a node now, the lowest numbers first; numbered once, then always the same bytes.

    Empty while the line waits after a failure. The numbers of a stream have no gap: they are given under the
    line's lock, when the message is sure to be there.
    """
    with transaction.atomic():
        line = NodeLine.objects.select_for_update().filter(peer=peer).first()
        if line is None or not line.address or (line.not_before and line.not_before > at):
            return []
        on_way = list(line.messages.filter(state=MessageOut.State.SIGNED).order_by("sequence")[:limit])
        if not on_way:
            on_way = _sign_queued(line, here=here, private=private, limit=limit)
        return [_letter(one, line, private) for one in on_way]


def note_answer(letter: Letter, answer: Signed, *, here: str, at: datetime) -> Next:
    """What follows the answer to a letter; the line and the message say it from now on."""
    trusted = is_key_of(letter.peer, answer.key, at) and is_signed(
        to_sign(answer.content, RECEIPT), answer.signature, answer.key
    )
    sent = Sent(letter.uid, letter.digest, here, letter.peer, letter.sequence)
    found = read_receipt(answer.content)
    follows = judge_receipt(found, sent, is_signed=trusted)
    with transaction.atomic():
        line = NodeLine.objects.select_for_update().get(peer=letter.peer)
        if follows is Next.DONE:
            _note_kept(line, letter, answer, at)
        elif follows is Next.AGAIN_FROM and found is not None:
            _send_again_from(line, found.expected, at)
        else:
            _note_fault(line, found.code if found and trusted else "no_answer", "", at)
    return follows


def note_no_line(peer: str, detail: str, *, at: datetime) -> None:
    """Note that the other node could not be reached, in the machine's words; the next try comes later."""
    with transaction.atomic():
        _note_fault(NodeLine.objects.select_for_update().get(peer=peer), "no_line", detail, at)


def begin_stream(line: NodeLine, *, by: Actor, at: datetime) -> int:  # noqa: ARG001 - every action says when; the audit takes it
    """Give what waits new numbers in a new stream; how many. For a node that was restored from a backup.

    What the receiver has under the old numbers stays there; a message that it knows by its id is kept once.
    """
    by.require("manage_federation")
    with transaction.atomic():
        held = NodeLine.objects.select_for_update().get(pk=line.pk)
        waiting = held.messages.filter(state=MessageOut.State.SIGNED)
        count = waiting.update(
            state=MessageOut.State.QUEUED, stream=None, sequence=None, content=None, key="", signature=""
        )
        NodeLine.objects.filter(pk=held.pk).update(
            stream=uuid4(), last_sequence=0, attempts=0, not_before=None, fault="", fault_detail=""
        )
    return count


def try_now(line: NodeLine, *, by: Actor, at: datetime) -> None:  # noqa: ARG001 - as above
    """Let the line be tried at once instead of after its pause."""
    by.require("manage_federation")
    NodeLine.objects.filter(pk=line.pk).update(not_before=None)


def send_again(message: MessageOut, *, by: Actor, at: datetime) -> MessageOut:
    """A copy of a message that was refused there, under a new id; the first stays as it was answered."""
    by.require("manage_federation")
    if message.outcome != MessageOut.Outcome.REFUSED:
        raise Refused(_("Only a message that was refused there is sent again."))
    return MessageOut.objects.create(
        line_id=message.line_id,
        uid=uuid4(),
        kind=message.kind,
        body=message.body,
        cause=message.cause,
        queued_at=at,
        queued_by=by.key,
    )


def _sign_queued(line: NodeLine, *, here: str, private: str, limit: int) -> list[MessageOut]:
    queued = list(line.messages.filter(state=MessageOut.State.QUEUED).order_by("id")[:limit])
    for place, one in enumerate(queued, start=line.last_sequence + 1):
        _sign(one, line, place, here=here, private=private)
    if queued:
        NodeLine.objects.filter(pk=line.pk).update(last_sequence=line.last_sequence + len(queued))
    return queued


def _sign(one: MessageOut, line: NodeLine, sequence: int, *, here: str, private: str) -> None:
    one.state, one.stream, one.sequence = MessageOut.State.SIGNED, line.stream, sequence
    one.content = write_envelope(
        Envelope(
            id=str(one.uid),
            sender=here,
            receiver=line.peer,
            stream=str(line.stream),
            sequence=sequence,
            kind=one.kind,
            made_at=one.queued_at.isoformat(),
            program=version("aliquot"),
            body=one.body,
        )
    )
    one.key, one.signature = public_half(private), sign(to_sign(one.content, MESSAGE), private)
    one.save(update_fields=["state", "stream", "sequence", "content", "key", "signature"])


def _letter(one: MessageOut, line: NodeLine, private: str) -> Letter:
    assert one.content is not None
    assert one.sequence is not None
    if one.key != public_half(private):  # the node's key was renewed while this was on its way
        one.key, one.signature = public_half(private), sign(to_sign(bytes(one.content), MESSAGE), private)
        one.save(update_fields=["key", "signature"])
    return Letter(
        one.pk,
        str(one.uid),
        line.peer,
        line.address,
        one.sequence,
        bytes(one.content),
        one.key,
        one.signature,
    )


def _note_kept(line: NodeLine, letter: Letter, answer: Signed, at: datetime) -> None:
    MessageOut.objects.filter(pk=letter.id, state=MessageOut.State.SIGNED).update(
        state=MessageOut.State.KEPT,
        kept_at=at,
        receipt=answer.content,
        receipt_key=answer.key,
        receipt_signature=answer.signature,
    )
    NodeLine.objects.filter(pk=line.pk).update(
        attempts=0, fault="", fault_detail="", tried_at=at, delivered_at=at, not_before=None
    )


def _send_again_from(line: NodeLine, sequence: int, at: datetime) -> None:
    # the receiver lost what it had kept (restored, or made anew): it gets everything since then once more
    lost = line.messages.filter(stream=line.stream, sequence__gte=sequence, state=MessageOut.State.KEPT)
    pause = None if lost.update(state=MessageOut.State.SIGNED) else at + pause_after(1)
    NodeLine.objects.filter(pk=line.pk).update(
        tried_at=at, fault="out_of_order", fault_detail="", not_before=pause
    )


def _note_fault(line: NodeLine, code: str, detail: str, at: datetime) -> None:
    attempts = line.attempts + 1
    NodeLine.objects.filter(pk=line.pk).update(
        attempts=attempts,
        fault=code,
        fault_detail=detail,
        tried_at=at,
        not_before=at + pause_after(attempts),
    )
