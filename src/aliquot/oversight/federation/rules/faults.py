"""Why a message is not taken, or not delivered: each with what it means and what to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

Translate = Callable[[str], str]


def say(sentence: str) -> str:
    """Mark a sentence for translation; it is put into the reader's language where it is shown."""
    return sentence


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and the remedy, in the language of the source."""

    meaning: str
    remedy: str


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "too_large": Fault(
            say("The message is larger than a node takes."),
            say("Send less at once."),
        ),
        "unreadable": Fault(
            say("What arrived cannot be read as a message."),
            say("Look for a proxy on the way that changes what passes."),
        ),
        "not_canonical": Fault(
            say("The message is not written in the one form that is signed."),
            say("Look for a proxy on the way that changes what passes."),
        ),
        "format_too_old": Fault(
            say("The sender's form of messages is no longer read here."),
            say("Upgrade the sending node; what waits goes on then."),
        ),
        "format_too_new": Fault(
            say("The sender's form of messages is newer than this node."),
            say("Upgrade the receiving node; what waits goes on then."),
        ),
        "unknown_sender": Fault(
            say("The receiver does not know this node."),
            say("Enter this node there with its public key."),
        ),
        "unknown_key": Fault(
            say("The receiver does not know the key that signed, or it is no longer in force."),
            say("Enter this node's present public key there."),
        ),
        "bad_signature": Fault(
            say("The signature does not fit the message."),
            say("Compare the public key that the receiver has with this node's own."),
        ),
        "wrong_receiver": Fault(
            say("The message is addressed to another node."),
            say("Compare the address of the line with the node that answers there."),
        ),
        "other_content": Fault(
            say("Another message came before under the same identifier."),
            say("Ask both nodes' administrators which of the two is right."),
        ),
        "number_taken": Fault(
            say("The receiver has another message under this number: the sender was restored from a backup."),
            say("Begin the count anew; what waits is sent under new numbers."),
        ),
        "out_of_order": Fault(
            say("Messages before this one have not arrived."),
            say("Nothing: they are sent again by themselves."),
        ),
        "no_line": Fault(
            say("The other node cannot be reached."),
            say("Nothing, when the line is known to be down; else compare the address."),
        ),
        "no_answer": Fault(
            say("What answered is not the node that was meant."),
            say("Compare the address of the line, and the public key kept here."),
        ),
    }
)
"""By code. Codes go over the line; words are said in the reader's language where they are read."""


def fault_words(code: str, translate: Translate) -> tuple[str, str]:
    """What a code means and what to do, in the reader's language; an unknown one is named as it is."""
    known = FAULTS.get(code)
    return (translate(known.meaning), translate(known.remedy)) if known else (code, "")
