"""Find patients; find records that may be the same person."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from aliquot.registers.patients.models import Patient
from aliquot.registers.patients.rules.duplicates import Likeable, likeness
from aliquot.registers.patients.rules.names import spellings

LIKELY = Decimal("0.75")
"""From this likeness on two records are shown to a person side by side."""

LAST_LETTER = "\U0010ffff"
"""Sorts after every letter: texts that begin so lie below the beginning followed by it."""

_SNILS_LENGTH, _POLICY_LENGTH = 11, 16
_DATE_FORMATS = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y")


@dataclass(frozen=True, slots=True)
class PatientRow:
    """Whom a row of a statement is about; names are None where nobody may know them or none is kept."""

    patient_id: int
    family_name: str | None
    given_name: str | None
    patronymic: str | None
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be the same person, and how likely, 0 to 1."""

    patient: Patient
    likeness: Decimal


def search_patients(text: str, *, limit: int = 50) -> QuerySet[Patient]:
    """Patients that the actor may see: by SNILS, policy number, birth date, or the beginnings of the names.

    Words may come in any order after the family name; a date as 31.12.1980 or 1980-12-31 narrows the search.
    Merged records do not come up; the record they went into does.
    """
    digits = re.sub(r"[\s-]", "", text)
    found = Patient.objects.filter(merged_into=None).order_by("search_name", "given_name", "birth_date", "id")
    if digits.isdigit() and len(digits) in {_SNILS_LENGTH, _POLICY_LENGTH}:
        return found.filter(Q(snils=digits) | Q(policy_number=digits))[:limit]
    words = text.split()
    dates = [day for word in words if (day := _date(word))]
    names = [word for word in words if not _date(word)]
    if not words:
        return found.none()
    return found.filter(_named(names), **({"birth_date": dates[0]} if dates else {}))[:limit]


def hold_record(patient_id: int) -> Patient | None:
    """The record that this one became by all its merges, held so that no merge passes it; None if unseen."""
    rows = Patient.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=patient_id).first()
    while found is not None and found.merged_into_id is not None:
        found = rows.filter(pk=found.merged_into_id).first()
    return found


def find_duplicates(patient: Patient) -> list[Candidate]:
    """Other records that may be this person, likeliest first."""
    close = Q(family_name__iexact=patient.family_name) | Q(given_name__iexact=patient.family_name)
    if patient.birth_date:
        close |= Q(birth_date=patient.birth_date)
    for number in ("snils", "policy_number"):
        if value := getattr(patient, number):
            close |= Q(**{number: value})
    others = Patient.objects.filter(close, merged_into=None).exclude(pk=patient.pk)
    judged = [Candidate(other, likeness(_likeable(patient), _likeable(other))) for other in others]
    found = [one for one in judged if one.likeness >= LIKELY]
    return sorted(found, key=lambda one: (-one.likeness, one.patient.pk))


def _named(names: list[str]) -> Q:
    wanted = Q()
    for place, name in enumerate(names):
        column = _begins(name)
        if place:
            column |= Q(given_name__istartswith=name) | Q(patronymic__istartswith=name)
        wanted &= column
    return wanted


def _begins(name: str) -> Q:
    # a range, not LIKE: row security lets no operator use an index that could tell what it compared
    found = Q()
    for one in spellings(name):
        found |= Q(search_name__gte=one, search_name__lt=one + LAST_LETTER)
    return found


def _date(word: str) -> date | None:
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(word, form).date()  # noqa: DTZ007 - a birth date has no zone
        except ValueError:
            continue
    return None


def _likeable(patient: Patient) -> Likeable:
    return Likeable(
        patient.family_name, patient.given_name, patient.patronymic, patient.birth_date, patient.sex,
        patient.snils, patient.policy_number,
    )  # fmt: skip
