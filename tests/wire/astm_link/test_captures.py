"""Real captures in pieces of several sizes."""

import json
import re
from pathlib import Path

import pytest

from aliquot.wire.astm_link import (
    ENQ,
    FrameRefused,
    FramingProfile,
    MessageIncomplete,
    MessageReceived,
)
from tests.wire.astm_link.sessions import feed, messages_of

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "analyzers"
OWN_FRAMING = {
    "cepheid_genexpert/hl7_inside_astm_frames_7obx.astm": "another grammar: no H, no L",
    "horiba_yumizen_h500/qc_with_histograms.astm": "its M frames all carry the number 1",
    "snibe_maglumi_x8/rekeyed_three_messages_one_frame.astm": "neither frame number nor checksum",
    "biomerieux_mini_vidas/result_mock.astm": "LF alone after the checksum",
}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of captures is not part of the repository")
@pytest.mark.parametrize("size", [0, 1460, 64, 1])
def test_captures_give_one_message_of_every_result(size: int) -> None:
    truth: dict[str, int] = {}
    for line in (CORPUS / "truth.jsonl").read_text().splitlines():
        truth[json.loads(line)["file"]] = truth.get(json.loads(line)["file"], 0) + 1
    profile = FramingProfile(wraps_to_one=True, restarts_with_header=True)
    for path in sorted(CORPUS.glob("*/*.astm")):
        name = f"{path.parent.name}/{path.name}"
        if name in OWN_FRAMING or not path.read_bytes().startswith(ENQ):
            continue
        messages = messages_of(feed(path.read_bytes(), size, profile))
        count = sum(len(re.findall(rb"\rR[|!@]", message)) for message in messages)
        assert (len(messages), count) == (1, truth.get(name, 0)), path


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of captures is not part of the repository")
def test_what_other_framings_send_is_shown_and_never_lost() -> None:
    for name in OWN_FRAMING:
        kept = (MessageReceived, MessageIncomplete, FrameRefused)
        assert [event for event in feed((CORPUS / name).read_bytes()) if isinstance(event, kept)], name
    vidas = (CORPUS / "biomerieux_mini_vidas/result_mock.astm").read_bytes()
    assert len(messages_of(feed(vidas, 7, FramingProfile(trailer=b"\n")))) == 1
