"""What the sending node does next: when it tries again, and what an answer means."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

from aliquot.oversight.federation.rules.arrivals import KEPT, Receipt

SHORTEST, LONGEST = timedelta(seconds=2), timedelta(minutes=5)
_DOUBLINGS: Final = 8


class Next(Enum):
    """What follows an answer."""

    DONE = "done"
    """the message is kept there"""
    AGAIN_FROM = "again_from"
    """send again from the number that the receiver expects"""
    STOPPED = "stopped"
    """nothing goes on until a person has done something; it is tried all the same"""
    NO_ANSWER = "no_answer"
    """what came back is no answer of that node to this message"""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: the message's id, the SHA-256 of its bytes, from whom to whom, its number."""

    message: str
    digest: str
    sender: str
    receiver: str
    sequence: int


def pause_after(attempts: int) -> timedelta:
    """The pause after so many failed tries in a row: twice as long each time, five minutes at most."""
    return min(SHORTEST * (1 << min(max(attempts, 1) - 1, _DOUBLINGS)), LONGEST)


def judge_receipt(receipt: Receipt | None, sent: Sent, *, is_signed: bool) -> Next:
    """What an answer means for the message that was sent.

    Only what the receiver signed, about this id and these bytes, is an answer: a proxy's page or another
    node's word is none. A receiver that expects an earlier number lost what came after it, and gets it again.
    """
    if receipt is None or not is_signed:
        return Next.NO_ANSWER
    if (receipt.message, receipt.digest) != (sent.message, sent.digest):
        return Next.NO_ANSWER
    if (receipt.sender, receipt.receiver) != (sent.receiver, sent.sender):
        return Next.NO_ANSWER
    if receipt.verdict == KEPT:
        return Next.DONE
    is_behind = receipt.code == "out_of_order" and 1 <= receipt.expected < sent.sequence
    return Next.AGAIN_FROM if is_behind else Next.STOPPED
