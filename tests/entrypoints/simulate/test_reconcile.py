"""The books of a soak: they agree when all is well, and name each kind of loss when it is not."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from aliquot.entrypoints.bench.soak.content import digest, kept_digests
from aliquot.entrypoints.bench.soak.journal import QUESTION, Journal, Note, read_notes
from aliquot.entrypoints.bench.soak.plan import Expected
from aliquot.entrypoints.bench.soak.reconcile import Account, KeptMessage, KeptReading, reconcile
from aliquot.entrypoints.simulate.values import measured_run
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.forms import Header
from tests.tubes import NOW

DEVICE = "S000"
CONTENT = b"H|\\^&\rR|1|^^^WBC|6.1\rL|1\r"
NAME = digest(CONTENT)
NOTES = [Note("sent", DEVICE, NAME, 0), Note("acknowledged", DEVICE, NAME, 0)]
EXPECTED = {
    DEVICE: [
        Expected("7101", "WBC", "6.10", "filed"),
        Expected("7101", "QQ9", "2", "quarantined", "unmapped_code"),
    ]
}
MESSAGES = [KeptMessage(DEVICE, CONTENT, "filed", "", ""), KeptMessage(DEVICE, CONTENT, "duplicate", "", "")]
FILED = KeptReading(DEVICE, "7101", "WBC", "6.1", "filed", "", 1)
WAITING = KeptReading(DEVICE, "7101", "QQ9", "2", "quarantined", "unmapped_code", 0)
REPEATED = replace(FILED, state="duplicate", results=0)
READINGS = [FILED, WAITING, REPEATED]


def differences(
    notes: list[Note] = NOTES,
    messages: list[KeptMessage] = MESSAGES,
    readings: list[KeptReading] = READINGS,
) -> list[str]:
    return reconcile(notes, EXPECTED, messages, readings).differences


def test_books_that_agree() -> None:
    account: Account = reconcile(NOTES, EXPECTED, MESSAGES, READINGS)
    assert account.differences == []
    assert account.counts["messages"]["kept_times"] == 2
    assert account.counts["results"] == {
        "sent": 2,
        "by_state": {"duplicate": 1, "filed": 1, "quarantined": 1},
        "quarantined_because": {"unmapped_code": 1},
        "results": 1,
    }


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], "acknowledged messages are not in the ledger"),
        ([*MESSAGES, replace(MESSAGES[0], content=b"H|\rL|1\r")], "never sent like this"),
        ([MESSAGES[0], MESSAGES[0]], "read twice"),
        ([MESSAGES[0], replace(MESSAGES[0], content=CONTENT.replace(b"\r", b"\r\n"))], "read twice"),
        ([*MESSAGES, replace(MESSAGES[1], state="received")], "never read"),
        ([*MESSAGES, KeptMessage(DEVICE, b"?", "quarantined", "driver_failed", "")], "without a cause"),
    ],
)
def test_each_difference_of_messages_is_named(messages: list[KeptMessage], words: str) -> None:
    (found,) = differences(messages=messages)
    assert words in found


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        ([FILED], "results are lost"),
        ([*READINGS, replace(FILED, specimen="7102")], "readings nobody sent"),
        ([*READINGS, FILED], "are there twice"),
        ([replace(FILED, value="9.1"), WAITING], "values differ"),
        ([FILED, replace(WAITING, reason="no_value")], "met another fate"),
        ([replace(FILED, results=0), WAITING], "have no result, or several"),
        ([replace(FILED, results=2), WAITING], "have no result, or several"),
    ],
)
def test_each_difference_of_results_is_named(readings: list[KeptReading], words: str) -> None:
    assert any(words in found for found in differences(readings=readings))


def test_a_message_must_be_acknowledged_and_a_question_need_not() -> None:
    assert "never acknowledged" in differences(notes=NOTES[:1])[0]
    question = Note("sent", DEVICE, digest(b"Q"), 0, QUESTION)
    assert differences(notes=[*NOTES, question]) == []


def test_a_bad_line_explains_what_waits_for_a_person() -> None:
    bad = [KeptMessage(DEVICE, b"?", "quarantined", one, "") for one in ("incomplete", "frame_refused")]
    assert differences(messages=[*MESSAGES, *bad]) == []


def test_a_journal_outlives_a_kill_in_the_middle_of_a_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    for note in NOTES:
        journal.write(note)
    journal.close()
    whole = (tmp_path / "journal").read_bytes()
    (tmp_path / "journal").write_bytes(whole[:-5])
    assert list(read_notes(tmp_path / "journal")) == NOTES[:1]


@pytest.mark.parametrize("model", [one for one in models() if load(one).layout.simulation])
def test_what_a_host_keeps_is_known_beforehand(model: str) -> None:
    driver = load(model)
    records = driver.result_message([measured_run(driver, "710100000011", Random(1))], Header(NOW))
    assert len(kept_digests(driver.framing, records)) >= 1
