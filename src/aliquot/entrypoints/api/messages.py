"""Messages of other nodes: kept before they are answered, by a receipt that this node signs."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.seals import signing_key_of
from aliquot.oversight.federation.actions import Reply, Signed, receive_message, refuse_unread
from aliquot.oversight.federation.queries import own_node
from aliquot.oversight.federation.rules.envelopes import LARGEST_BYTES

CONTENT_TYPE: Final = "application/vnd.aliquot.message+json"
KEY_HEADER, SIGNATURE_HEADER = "Aliquot-Key", "Aliquot-Signature"
DOOR = system_actor("post")


@csrf_exempt
def messages(request: HttpRequest) -> HttpResponse:
    """The receipt of a message: 200 when it is kept, 422 when it is refused; both are signed."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    if request.content_type != CONTENT_TYPE:
        return HttpResponse(status=415)
    try:
        reply = _received(request)
    except UnreadablePostError:  # the line broke off: there is nobody to answer
        return HttpResponse(status=400)
    if reply is None:
        return HttpResponse("This node has no name yet.\n", status=503, content_type="text/plain")
    return HttpResponse(
        reply.content,
        status=200 if reply.is_kept else 422,
        content_type=CONTENT_TYPE,
        headers={KEY_HEADER: reply.key, SIGNATURE_HEADER: reply.signature, "Cache-Control": "no-store"},
    )


def _received(request: HttpRequest) -> Reply | None:
    """What is answered; None while this node has no name and no key."""
    with acting(DOOR):
        own = own_node()
    if own is None:
        return None
    here, private, now = own.code, signing_key_of(settings.HOME), timezone.now()
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BYTES:
        return refuse_unread("too_large", here=here, private=private, at=now)
    key, signature = (request.headers.get(name, "") for name in (KEY_HEADER, SIGNATURE_HEADER))
    came = Signed(request.body, key, signature)
    return receive_message(came, here=here, private=private, by=DOOR, at=now)
