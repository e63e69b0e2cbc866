"""Synthetic patients: names by frequency lists of no real person, identifiers with right check digits."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

MALE = "Иван Пётр Сергей Алексей Дмитрий Андрей Николай Михаил Василий Егор Фёдор".split()  # noqa: SIM905 - reads better than twelve quoted words
FEMALE = "Анна Мария Елена Ольга Наталья Татьяна Ирина Светлана Вера Нина Зинаида Дарья".split()  # noqa: SIM905 - reads better than twelve quoted words
FATHERS = MALE[:8]
FAMILIES = (
    *("Берёзкин", "Лесков", "Полевой", "Рябинин", "Калинин", "Соловьёв", "Журавлёв", "Синицын", "Воронов"),
    *("Лебедев", "Тихонов", "Громов", "Морозов", "Снегирёв", "Ручьёв", "Озеров", "Луговой", "Дубровин"),
)
PATRONYMIC_STEM = {
    "Пётр": "Петр",
    "Сергей": "Сергее",
    "Алексей": "Алексее",
    "Дмитрий": "Дмитрие",
    "Андрей": "Андрее",
    "Николай": "Николае",
}


@dataclass(frozen=True, slots=True)
class Person:
    """One synthetic patient with the health that decides the values."""

    family_name: str
    given_name: str
    patronymic: str
    sex: str
    birth_date: date
    snils: str
    policy_number: str
    seed: int


def people(count: int, *, seed: int, today: date) -> list[Person]:
    """`count` patients, the same for the same seed."""
    source = random.Random(seed)  # noqa: S311 - a demonstration, not a secret
    return [_person(source, today) for _ in range(count)]


def _person(source: random.Random, today: date) -> Person:
    sex = source.choice("MF")
    family = source.choice(FAMILIES)
    father = source.choice(FATHERS)
    stem = PATRONYMIC_STEM.get(father, father)
    return Person(
        family_name=_feminine(family) if sex == "F" else family,
        given_name=source.choice(FEMALE if sex == "F" else MALE),
        patronymic=stem + ("вна" if stem[-1] == "е" else "овна")
        if sex == "F"
        else stem + ("вич" if stem[-1] == "е" else "ович"),
        sex=sex,
        birth_date=today - timedelta(days=source.randint(19 * 365, 88 * 365)),
        snils=_snils(source.randint(20_000_000, 199_999_999)),
        policy_number=_luhn(f"{source.randint(71 * 10**13, 72 * 10**13 - 1)}"),
        seed=source.randint(0, 2**31),
    )


def _feminine(family: str) -> str:
    return family[:-2] + "ая" if family.endswith(("ой", "ый")) else family + "а"


def _snils(number: int) -> str:
    digits = f"{number:09d}"
    check = sum(int(d) * weight for d, weight in zip(digits, range(9, 0, -1), strict=True)) % 101 % 100
    return f"{digits}{check:02d}"


def _luhn(digits: str) -> str:
    doubled = (int(d) * 2 if place % 2 == 0 else int(d) for place, d in enumerate(reversed(digits)))
    total = sum(d - 9 if d > 9 else d for d in doubled)  # noqa: PLR2004 - Luhn: the digits of a doubled digit
    return f"{digits}{-total % 10}"
