"""Error pages, the style guide, the headers and the navigation."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path
from django.utils import translation

from aliquot.entrypoints.web import shell
from aliquot.entrypoints.web.shell import navigation, views
from aliquot.entrypoints.web.shell.security import HEADERS, SecurityHeadersMiddleware
from aliquot.registers.people.rules.permissions import ALL_PERMISSIONS

SHELL = Path(shell.__file__).parent
VOID = {"meta", "link", "input", "br", "hr", "img"}

urlpatterns = [path("bench/", lambda _: HttpResponse(), name="bench-home")]


@pytest.fixture
def russian(tmp_path: Path) -> Iterator[None]:
    """The shell's own catalogue, compiled for this test."""
    folder = tmp_path / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (
        (SHELL / "locale/ru/LC_MESSAGES/django.po").open("rb") as source,
        (folder / "django.mo").open("wb") as target,
    ):
        write_mo(target, read_po(source))
    with override_settings(LOCALE_PATHS=[str(tmp_path)]):
        yield


def get(address: str = "/") -> HttpRequest:
    return RequestFactory().get(address)


@pytest.mark.parametrize(
    ("view", "status", "english", "in_russian"),
    [
        (views.bad_request, 400, "could not be understood", "Запрос не понят"),
        (views.permission_denied, 403, "You may not open this page", "Вам нельзя открыть эту страницу"),
        (views.page_not_found, 404, "There is nothing at this address", "По этому адресу ничего нет"),
        (views.server_error, 500, "The program failed", "Сбой программы"),
        (views.csrf_failure, 403, "This page is out of date", "Страница устарела"),
    ],
)
def test_error_page_in_both_languages(
    russian: None, view: Callable[..., HttpResponse], status: int, english: str, in_russian: str
) -> None:
    for language, words in (("en", english), ("ru", in_russian)):
        with translation.override(language):
            page = view(get())
        assert page.status_code == status
        assert words in page.content.decode()
        assert f'<html lang="{language}">' in page.content.decode()


def test_a_refusal_keeps_its_own_words_and_they_are_escaped() -> None:
    page = views.permission_denied(get(), PermissionDenied("Petrova may not <release>."))
    assert "Petrova may not &lt;release&gt;." in page.content.decode()


class Strict(HTMLParser):
    """Checks that tags nest and collects what a strict policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.offences: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        names = dict(attrs)
        self.offences += [
            f"{tag} {name}" for name in names if name == "style" or name.startswith(("on", "hx-on"))
        ]
        self.offences += [f"{tag} inline"] * (tag == "style" or (tag == "script" and "src" not in names))
        if identity := names.get("id"):
            self.ids.append(identity)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_style_guide_is_well_formed_and_keeps_the_policy(russian: None, language: str) -> None:
    with translation.override(language):
        page = views.style_guide(get()).content.decode()
    reader = Strict()
    reader.feed(page)
    assert reader.open == []
    assert reader.offences == []
    assert len(reader.ids) == len(set(reader.ids))
    assert ("Путь образца" in page) == (language == "ru")


def test_every_response_carries_the_headers_and_a_page_is_not_kept() -> None:
    middleware = SecurityHeadersMiddleware(lambda _: HttpResponse("<p>Ivanova</p>"))
    response = middleware(get())
    assert {name: response[name] for name in HEADERS} == HEADERS
    assert response["Cache-Control"] == "no-store"
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_a_file_may_be_kept_and_a_stricter_header_stays() -> None:
    answer = HttpResponse(b"", content_type="text/css", headers={"Referrer-Policy": "no-referrer"})
    response = SecurityHeadersMiddleware(lambda _: answer)(get())
    assert "Cache-Control" not in response.headers
    assert response["Referrer-Policy"] == "no-referrer"


def test_navigation_asks_for_permissions_that_exist() -> None:
    asked = frozenset().union(*(place.permissions for place in navigation.WORKPLACES))
    assert asked <= ALL_PERMISSIONS


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [(frozenset({"verify_result"}), [True]), (frozenset({"place_order"}), []), (frozenset(), [])],
)
def test_navigation_shows_what_a_person_may_enter(
    monkeypatch: pytest.MonkeyPatch, permissions: frozenset[str], expected: list[bool]
) -> None:
    here = navigation.Workplace(
        translation.gettext_lazy("Bench"), "bench-home", "bench", frozenset({"verify_result", "x"})
    )
    elsewhere = navigation.Workplace(translation.gettext_lazy("Setup"), "on-another-node", "setup")
    monkeypatch.setattr(navigation, "WORKPLACES", (here, elsewhere))
    request = get("/bench/queue/")
    request.actor = SimpleNamespace(permissions=permissions)  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=__name__):
        assert [link.is_current for link in navigation.links(request)] == expected


def test_htmx_may_not_evaluate_nor_write_styles_nor_keep_pages() -> None:
    base = (SHELL / "templates/shell/base.html").read_text(encoding="utf-8")
    for setting in (
        '"allowEval":false',
        '"includeIndicatorStyles":false',
        '"historyCacheSize":0',
        '"selfRequestsOnly":true',
    ):
        assert setting in base
    htmx = (SHELL.parent / "static/vendor/htmx/htmx.min.js").read_text(encoding="utf-8")
    assert re.search(r'version:"2\.\d+\.\d+"', htmx)
