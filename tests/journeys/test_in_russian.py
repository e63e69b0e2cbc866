"""The main pages as people in the region read them: in Russian, each as its own person."""

import re

import pytest
from playwright.sync_api import expect

from aliquot.foundation.context import acting
from tests.factories import make_accepted, make_order, make_result
from tests.journeys.stage import Stage, words

pytestmark = pytest.mark.journey

PAGES = [
    ("nurse", "/ordering/", ("Заявки", "Новый пациент", "Берёзкина")),
    ("nurse", "/collection/", ("Взятие", "Берёзкина")),
    ("nurse", "/collection/boxes/", ("Контейнер",)),
    ("nurse", "/reports/", ("Отчёт",)),
    ("courier", "/transport/", ("Мой путь", "Сканируйте контейнер", "Ни один контейнер не ждёт курьера")),
    ("reception", "/reception/", ("Приём", "Пропавш")),
    ("doctor", "/bench/verify/", ("Берёзкина", "Критическ", "Выдать")),
    ("doctor", "/bench/calls/", ("Критическ",)),
    ("director", "/setup/", ("Настройк",)),
]
UNTRANSLATED = re.compile(r"\b(?:Release|Order|Report|Patient|Tube|Box|Sign|Search|Missing|Reason|Test)\b")


def fill(stage: Stage) -> None:
    """A patient to draw, and a critical result that waits for a doctor."""
    with acting(stage.region.worker):
        make_order(stage.region)
        make_result(stage.region, make_accepted(stage.region, "K"), "K", "7.1")


@pytest.fixture(scope="module")
def filled(stage: Stage) -> Stage:
    stage.in_python(lambda: fill(stage))
    return stage


@pytest.mark.parametrize(("username", "address", "said"), PAGES)
def test_a_page_speaks_russian(filled: Stage, username: str, address: str, said: tuple[str, ...]) -> None:
    page = filled.page_of(username, "ru")
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    for word in said:
        expect(page.locator("body")).to_contain_text(word)
    assert UNTRANSLATED.findall(words(page)) == []


def test_numbers_and_reasons_are_written_as_russians_write(filled: Stage) -> None:
    page = filled.page_of("doctor", "ru")
    page.goto("/bench/verify/")
    card = page.locator("#card")
    expect(card).to_contain_text("7,1")
    expect(card).to_contain_text("Критическое значение: 7")


def test_the_door_refuses_in_russian(filled: Stage) -> None:
    context = filled.browser.new_context(base_url=filled.address, locale="ru")
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("#id_username", "nurse")
    page.fill("#id_password", "wrong")
    page.press("#id_password", "Enter")
    expect(page.locator("body")).to_contain_text("не подходят")
    context.close()
