"""Every model is recognised by what it sends, without being named: its own bytes, in every feeding mode."""

import pytest

from aliquot.flow.instruments.rules.decoding import FEEDS, decode
from aliquot.flow.instruments.rules.driver import FOLDER, Driver, load, models
from aliquot.wire.links import open_link
from tests.flow.instruments.driver_ends import records_of

MODELS = [
    model
    for model in models()
    if not model.startswith("generic_")
    and model != "cepheid_genexpert_hl7_framed"  # the same messages as cepheid_genexpert_hl7
]


def said(driver: Driver, records: list[bytes]) -> bytes:
    """What the device writes on the line when a host takes these records: two real ends."""
    device, host = open_link("instrument", driver.framing), open_link("computer", driver.framing)
    device.send(records, "sent")
    whole, now = b"", 0.0
    for _ in range(100):
        out, heard = device.outgoing(now), host.outgoing(now)
        while out or heard:
            whole += out
            answer = b"".join(event.reply for event in host.receive(out, now))
            out = b"".join(event.reply for event in device.receive(heard, now))
            heard, out = answer + host.outgoing(now), out + device.outgoing(now)
        deadlines = [one for one in (device.next_deadline, host.next_deadline) if one is not None]
        if not deadlines or now > 30:
            break
        now = max(now, min(deadlines))
        host.overdue(now)
        device.overdue(now)
    return whole


@pytest.mark.parametrize("model", MODELS)
def test_a_model_is_recognised_by_its_own_bytes(model: str) -> None:
    driver = load(model)
    for path in sorted((FOLDER / model / "transcripts").glob("*.txt")):
        if path.stem == "heartbeat":
            continue  # says nothing of results
        data = said(driver, records_of(path, driver))
        nameless = path.stem == "host_query" and not driver.layout.senders  # a question without a sender
        for feed in FEEDS:
            rows = [row for row in decode(data, feed=feed) if "driver" in row]
            assert {row["driver"] for row in rows} == ({"generic_law"} if nameless else {model}), path
