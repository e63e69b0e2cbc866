"""How people are called where a step names them: by everybody who is signed in, and nothing else of them."""

import pytest
from django.utils import translation
from psycopg.errors import InsufficientPrivilege

from aliquot.foundation.context import NOBODY, acting
from aliquot.registers.people.models import Person
from aliquot.registers.people.queries import Name, names_of
from aliquot.registers.people.rules.processes import PROCESSES, words_of_process
from tests.regions import Region

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_a_nurse_reads_the_name_of_a_doctor_whose_row_is_hidden(region: Region) -> None:
    nurse, doctor = region.people["nurse"], region.people["doctor"]
    with acting(region.worker):
        row = Person.objects.get(username="doctor")
    with acting(nurse):
        assert not Person.objects.filter(username="doctor").exists()
        assert names_of([doctor.key]) == {doctor.key: Name(row.name_en, row.name_ru)}


def test_a_key_is_answered_only_as_it_was_kept(region: Region) -> None:
    doctor = region.people["doctor"]
    guessed = f"person:{doctor.person_id}:somebody"
    with acting(region.people["nurse"]):
        assert names_of([guessed, "person:x:y", "person::", ""]) == {
            guessed: Name("somebody", "somebody"),
            "person:x:y": Name("y", "y"),
            "person::": Name("", ""),
            "": Name("", ""),
        }


def test_nobody_who_is_not_signed_in_asks(region: Region) -> None:
    with pytest.raises(InsufficientPrivilege, match="only who is signed in"), acting(NOBODY):
        names_of([region.people["doctor"].key])


def test_everybody_of_the_region_is_named_in_both_languages(region: Region) -> None:
    with acting(region.people["nurse"]):
        named = names_of(one.key for one in region.people.values())
    with acting(region.worker):
        rows = {f"person:{one.pk}:{one.username}": one for one in Person.objects.all()}
    assert named == {key: Name(one.name_en, one.name_ru) for key, one in rows.items()}


def test_a_process_is_called_by_what_it_does() -> None:
    assert words_of_process("system:worker") == PROCESSES["worker"]
    assert words_of_process("system:demonstration:TUL-HUB") == PROCESSES["demonstration"]
    assert words_of_process("system:night") == ("night", "night")
    assert words_of_process("person:1:worker") is None


def test_the_reader_chooses_the_language() -> None:
    name = names_of(["system:worker"])["system:worker"]
    with translation.override("ru"):
        assert str(name) == "правила"
    with translation.override("en"):
        assert str(name) == "the rules"
