"""One round over the lines that are due: each message sent, its signed receipt noted."""

import http.client
import logging
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.seals import signing_key_of
from aliquot.oversight.federation.actions import Letter, Signed, note_answer, note_no_line, take_letters
from aliquot.oversight.federation.queries import lines_to_try, own_node
from aliquot.oversight.federation.rules.deliveries import Next

PATH: Final = "/node/messages"
CONTENT_TYPE: Final = "application/vnd.aliquot.message+json"
KEY_HEADER, SIGNATURE_HEADER = "Aliquot-Key", "Aliquot-Signature"
AT_ONCE: Final = 50
ANSWER_SECONDS: Final = 20.0
LARGEST_ANSWER: Final = 65_536
POSTMAN = system_actor("post")
LINE_IS_AWAY = (OSError, http.client.HTTPException)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did: messages kept at other nodes, lines on which something went wrong."""

    delivered: int = 0
    troubled: int = 0


def deliver_once() -> Round:
    """Try every line that is due; one that is away holds up no other longer than its time limit."""
    with acting(POSTMAN):
        here = own_node()
        peers = lines_to_try(timezone.now()) if here else []
    done = [_deliver(peer, here.code) for peer in peers if here]
    return Round(sum(count for count, _ in done), sum(not went_well for _, went_well in done))


def _deliver(peer: str, here: str) -> tuple[int, bool]:
    with acting(POSTMAN, reason="messages to another node"):
        letters = take_letters(
            peer, here=here, private=signing_key_of(settings.HOME), limit=AT_ONCE, at=timezone.now()
        )
    if not letters:
        return 0, True
    line = _connection(letters[0].address)
    try:
        return _send_all(line, letters, here)
    except LINE_IS_AWAY as fault:
        log.info("the line to %s: %s", peer, fault)
        with acting(POSTMAN):
            note_no_line(peer, f"{type(fault).__name__}: {fault}", at=timezone.now())
        return 0, False
    finally:
        line.close()


def _send_all(line: http.client.HTTPConnection, letters: list[Letter], here: str) -> tuple[int, bool]:
    """How many were kept, and whether all were: what follows one that was not waits for it."""
    for count, one in enumerate(letters):
        answer = _send(line, one)
        with acting(POSTMAN, reason="answer of another node"):
            follows = note_answer(one, answer, here=here, at=timezone.now())
        if follows is not Next.DONE:
            return count, follows is Next.AGAIN_FROM
    return len(letters), True


def _send(line: http.client.HTTPConnection, one: Letter) -> Signed:
    """What was answered, whoever answered it."""
    headers = {"Content-Type": CONTENT_TYPE, KEY_HEADER: one.key, SIGNATURE_HEADER: one.signature}
    line.request("POST", urlsplit(one.address).path.rstrip("/") + PATH, body=one.content, headers=headers)
    response = line.getresponse()
    content = response.read(LARGEST_ANSWER)
    if not response.isclosed():  # more than any receipt: nothing of ours is at the other end
        line.close()
    return Signed(content, response.getheader(KEY_HEADER, ""), response.getheader(SIGNATURE_HEADER, ""))


def _connection(address: str) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=ANSWER_SECONDS)
