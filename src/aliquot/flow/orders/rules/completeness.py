"""What an order still lacks before it can be placed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

URGENCIES = frozenset({"R", "S"})
"""HL7 table 0485: S stat, R routine."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is missing: the field, why it is needed and what to do, as message ids; `values` fills them."""

    field: str
    reason: str
    remedy: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def message(self) -> str:
        """Reason and remedy in English; a screen translates the parts instead."""
        return f"{self.reason % dict(self.values)} {self.remedy % dict(self.values)}"


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What an order says about itself; empty or None means it does not say.

    `sex` is M, F or U. `need_sex` and `need_age` are the tests among `tests` whose interval depends on it.
    """

    family_name: str = ""
    given_name: str = ""
    is_unidentified: bool = False
    birth_date: date | None = None
    sex: str = ""
    requester: str = ""
    site: str = ""
    urgency: str = ""
    tests: tuple[str, ...] = ()
    unknown_tests: tuple[str, ...] = ()
    need_sex: tuple[str, ...] = ()
    need_age: tuple[str, ...] = ()
    ordered_on: date | None = None


NO_NAME = "The patient's family name is missing."
GIVE_NAME = "Choose a patient, or mark the patient as unidentified."
NO_GIVEN_NAME = "The patient's given name is missing."
GIVE_GIVEN_NAME = "Type the given name as in the document; an initial will do."
NO_BIRTH_DATE = "The birth date is missing, and the interval of %(tests)s depends on age."
NO_BIRTH_DATE_AT_ALL = "The birth date is missing; it is the second mark of identity on the label."
GIVE_BIRTH_DATE = "Type the birth date, or mark the patient as unidentified."
BORN_LATER = "The birth date lies after the day of the order."
CORRECT_BIRTH_DATE = "Compare the birth date with the document."
NO_SEX = "The sex is missing, and the interval of %(tests)s depends on it."
GIVE_SEX = "Choose male or female, or unknown: those results will then wait for a doctor."
NO_REQUESTER = "Nobody is named as ordering this."
GIVE_REQUESTER = "Name the physician who answers for the order."
NO_SITE = "The place of collection is missing."
GIVE_SITE = "Choose where the specimens are drawn."
NO_URGENCY = "The urgency is missing."
WRONG_URGENCY = "The urgency %(urgency)s is not known."
GIVE_URGENCY = "Choose routine (R) or urgent (S)."
NO_TESTS = "No test is ordered."
GIVE_TESTS = "Choose at least one test or panel."
UNKNOWN_TESTS = "The catalogue does not hold %(tests)s."
CORRECT_TESTS = "Remove the code or choose the test from the list."


def missing_facts(order: OrderFacts) -> tuple[Refusal, ...]:
    """Everything that keeps this order from being placed, all at once; empty when nothing does.

    An unidentified patient needs neither name nor birth date: the results of tests whose interval depends on
    age then wait for a doctor. Source: ISO 15189:2022, 7.2.3.1 (request form) and Order 464n, annex 1
    (referral).
    """
    return (*_identity(order), *_interval_facts(order), *_request(order), *_tests(order))


def _identity(order: OrderFacts) -> Iterator[Refusal]:
    if order.birth_date and order.ordered_on and order.birth_date > order.ordered_on:
        yield Refusal("birth_date", BORN_LATER, CORRECT_BIRTH_DATE)
    if order.is_unidentified:
        return
    if not order.family_name.strip():
        yield Refusal("family_name", NO_NAME, GIVE_NAME)
    if not order.given_name.strip():
        yield Refusal("given_name", NO_GIVEN_NAME, GIVE_GIVEN_NAME)
    if order.birth_date is None and not order.need_age:
        yield Refusal("birth_date", NO_BIRTH_DATE_AT_ALL, GIVE_BIRTH_DATE)


def _interval_facts(order: OrderFacts) -> Iterator[Refusal]:
    if order.birth_date is None and order.need_age and not order.is_unidentified:
        yield Refusal("birth_date", NO_BIRTH_DATE, GIVE_BIRTH_DATE, _named(order.need_age))
    if not order.sex and order.need_sex:
        yield Refusal("sex", NO_SEX, GIVE_SEX, _named(order.need_sex))


def _request(order: OrderFacts) -> Iterator[Refusal]:
    if not order.requester.strip():
        yield Refusal("requester", NO_REQUESTER, GIVE_REQUESTER)
    if not order.site:
        yield Refusal("site", NO_SITE, GIVE_SITE)
    if not order.urgency:
        yield Refusal("urgency", NO_URGENCY, GIVE_URGENCY)
    elif order.urgency not in URGENCIES:
        yield Refusal("urgency", WRONG_URGENCY, GIVE_URGENCY, (("urgency", order.urgency),))


def _tests(order: OrderFacts) -> Iterator[Refusal]:
    if not order.tests and not order.unknown_tests:
        yield Refusal("tests", NO_TESTS, GIVE_TESTS)
    if order.unknown_tests:
        yield Refusal("tests", UNKNOWN_TESTS, CORRECT_TESTS, _named(order.unknown_tests))


def _named(tests: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (("tests", ", ".join(tests)),)
