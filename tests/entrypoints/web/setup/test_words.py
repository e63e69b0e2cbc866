"""What arrived is learned from on screen: a word is given a meaning, old messages are read again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.flow.instruments.actions import KeptMessage, keep_messages
from aliquot.flow.instruments.models import Adaptation, Analyzer, Reading, TestMapping
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.results.actions import file_readings
from aliquot.foundation.context import acting
from tests.factories import make_accepted
from tests.regions import Region
from tests.tubes import make_analyzer, message_of
from tests.web import signed_in

WORDS, REPLAY = "/setup/analyzers/XN-W/words/", "/bench/analyzers/XN-W/replay/"


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    """An analyzer that has sent one haemoglobin in a unit its driver does not know, and a code nobody mapped."""
    made = make_analyzer(region.hub, "sysmex_xn", "XN-W")
    TestMapping.objects.filter(analyzer=made, code="WBC").delete()
    tube, now = make_accepted(region, "WBC", "HGB"), timezone.now()
    sent = [Measurement("HGB", "142", "odd/L"), Measurement("WBC", "6.1", "10*3/uL")]
    content = message_of("sysmex_xn", tube.number, *sent, at=now - timedelta(minutes=5))
    keep_messages([KeptMessage(region.hub.pk, made.pk, "t", content, now)], by=region.worker)
    with acting(region.worker):
        file_readings(limit=10, by=region.worker, at=now)
    return made


def rows(client: Client) -> dict[str, bool]:
    return {one.term: one.is_known for one, _ in client.get(WORDS).context["terms"]}


def stretch() -> dict[str, str]:
    now = timezone.localtime()
    form = "%Y-%m-%dT%H:%M"
    return {
        "since": (now - timedelta(days=1)).strftime(form),
        "until": (now + timedelta(days=1)).strftime(form),
    }


def test_after_a_word_the_next_unknown_one_is_chosen(region: Region, analyzer: Analyzer) -> None:
    client = signed_in("director")
    chosen = client.get(f"{WORDS}?kind=code&term=WBC").content.decode()
    assert "autofocus" in chosen
    assert "UREA" in chosen  # a code means a test
    assert "not_performed" not in chosen
    given = {"kind": "code", "term": "WBC", "meaning": "WBC", "unit": "10*3/uL", "reason": "its manual"}
    page = client.post(WORDS, given, follow=True)
    form = page.context["form"]
    assert [form[name].value() for name in ("kind", "term", "reason")] == ["unit", "odd/L", "its manual"]
    assert "mmol/L" in page.content.decode()


def test_the_words_that_came_are_listed_unknown_ones_first(region: Region, analyzer: Analyzer) -> None:
    client = signed_in("director")
    page = client.get(WORDS)
    assert [one.term for one, _ in page.context["terms"]][:2] == ["WBC", "odd/L"]
    assert page.context["unknown"] == 2
    assert signed_in("director", language="ru").get(WORDS).status_code == 200


def test_a_unit_and_a_code_are_given_a_meaning_and_old_messages_are_read_again(
    region: Region, analyzer: Analyzer
) -> None:
    client = signed_in("director")
    unit = {"kind": "unit", "term": "odd/L", "meaning": "g/dL", "factor": "0.1", "reason": "its manual"}
    code = {"kind": "code", "term": "WBC", "meaning": "wbc", "unit": "10*3/uL", "reason": "by hand"}
    assert client.post(WORDS, unit).status_code == 302
    assert client.post(WORDS, code).status_code == 302
    assert not [term for term, known in rows(client).items() if not known]
    client = signed_in("doctor")
    look = client.post(REPLAY, stretch() | {"step": "look"})
    assert {row.code for row in look.context["rows"]} == {"HGB", "WBC"}
    assert look.context["filed"] == 0
    assert "2 lines would change" in look.content.decode()
    given = stretch() | {"step": "apply", "fingerprint": look.context["preview"].fingerprint}
    assert client.post(REPLAY, given).status_code == 422  # nobody said why
    applied = client.post(REPLAY, given | {"reason": "words mapped"})
    assert applied.status_code == 200
    assert applied.context["done"].messages == 1
    with acting(region.worker):
        file_readings(limit=10, by=region.worker, at=timezone.now())
    assert set(Reading.objects.filter(state="filed").values_list("code", flat=True)) == {"HGB", "WBC"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "unit", "meaning": ""}, "Say what the word means."),
        ({"kind": "aspect", "meaning": "perhaps"}, "Choose one of"),
        ({"kind": "code", "meaning": "NOSUCH"}, "No test has this code."),
        ({"kind": "unit", "meaning": "g/L", "factor": "-1"}, "greater than zero"),
        ({"kind": "unit", "meaning": "g/L", "reason": ""}, "Say why"),
    ],
)
def test_a_meaning_that_cannot_be_is_refused_at_the_field(
    region: Region, analyzer: Analyzer, given: dict[str, str], words: str
) -> None:
    page = signed_in("director").post(WORDS, {"term": "odd/L", "reason": "why", **given})
    assert (page.status_code, words in page.content.decode()) == (422, True)


def test_what_was_added_is_forgotten_with_a_reason(region: Region, analyzer: Analyzer) -> None:
    client = signed_in("director")
    said = {"kind": "unit", "term": "odd/L"}
    client.post(WORDS, said | {"meaning": "g/L", "reason": "manual"})
    assert client.post(f"{WORDS}forget/", said).status_code == 422
    assert client.post(f"{WORDS}forget/", said | {"reason": "wrong manual"}).status_code == 302
    assert not Adaptation.objects.filter(analyzer=analyzer).exists()


def test_others_learn_and_change_nothing(region: Region, analyzer: Analyzer) -> None:
    nurse, director = signed_in("nurse"), signed_in("director")
    assert (nurse.get(WORDS).status_code, nurse.post(REPLAY, stretch()).status_code) == (403, 403)
    assert director.post(REPLAY, stretch()).status_code == 403  # who maps words does not decide on results
    assert signed_in("technologist").get(WORDS).status_code == 403
