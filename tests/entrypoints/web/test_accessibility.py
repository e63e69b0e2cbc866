"""What a screen reader and the Tab key need, on every page: labels, names, one heading, no number twice."""

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from aliquot.flow.instruments.actions import KeptMessage, install_analyzer, keep_messages, stretch_of
from aliquot.flow.instruments.models import Analyzer, WorkRequest
from aliquot.flow.results.actions import autoverify_batch, release_results
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Bench
from tests.factories import NOW, make_accepted, make_order, make_result, make_specimen
from tests.regions import Region
from tests.security.assessed import assessed
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
NEEDS_NO_LABEL = frozenset({"hidden", "submit", "button"})
PAGES = {
    "nurse": (
        "/ordering/", "/ordering/patients/new/", "/ordering/patients/claim/", "/ordering/patients/{patient}/",
        "/ordering/patients/{patient}/edit/", "/ordering/patients/{patient}/order/", "/ordering/orders/{order}/",
        "/ordering/added/", "/ordering/added/?show=decided",
        "/collection/", "/collection/orders/{undrawn}/", "/collection/centrifuge/", "/collection/boxes/",
        "/reports/", "/reports/{order}/", "/reports/patients/{patient}/", "/transport/", "/start/",
        "/corrections/to-acknowledge/",
    ),
    "physician": ("/reports/", "/reports/critical/"),
    "courier": ("/transport/",),
    "reception": (
        "/reception/", "/reception/acceptance/", "/reception/decisions/", "/reception/missing/",
        "/reception/tubes/{tube}/",
    ),
    "doctor": (
        "/bench/verify/", "/bench/worklist/", "/bench/calls/", "/bench/analyzers/", "/bench/quarantine/",
        "/corrections/told/", "/corrections/look-backs/", "/corrections/look-backs/new/",
        "/bench/quarantine/decided/", "/bench/results/{result}/", "/bench/patients/{patient}/",
        "/bench/analyzers/XN-T/", "/bench/analyzers/XN-T/messages/{message}/", "/bench/analyzers/XN-T/replay/",
        "/bench/orders/", "/bench/orders/?list=told", "/bench/orders/{request}/",
        "/bench/analyzers/XN-T/control/", "/rules/versions/1/", "/rules/versions/1/changes/",
        "/rules/", "/rules/applies/", "/rules/applies/?test=K&sex=F&age=34a&urgency=R",
    ),
    "director": (
        "/setup/", "/setup/sites/", "/setup/sites/TUL-HUB/", "/setup/people/", "/setup/people/nurse/",
        "/setup/catalogue/", "/setup/catalogue/K/", "/setup/analyzers/", "/setup/analyzers/XN-T/", "/setup/audit/",
        "/setup/analyzers/XN-T/words/", "/setup/analyzers/XN-T/words/?kind=code&term=HGB", "/setup/drivers/",
        "/setup/drivers/sysmex_xn/",
    ),
    "quality": (
        "/quality/", "/quality/control/XN-T/HGB/", "/quality/control/XN-T/HGB/targets/",
        "/quality/control/XN-T/HGB/plan/", "/quality/plans/", "/quality/materials/", "/quality/unfiled/",
        "/quality/eqa/", "/quality/eqa/cases/", "/quality/eqa/cases/{case}/", "/quality/eqa/items/{item}/",
        "/quality/eqa/plan/?kind=own&samples=S1&tests=GLUS+HBSAG", "/quality/eqa/rounds/{round}/",
        "/quality/eqa/rounds/{round}/at/TUL-HUB/", "/quality/eqa/tests/K/",
        "/quality/nonconformities/", "/quality/raise/", "/quality/nonconformities/causes/", "/quality/audits/",
        "/quality/audits/new/", "/quality/risks/", "/quality/risks/new/",
        "/quality/studies/", "/quality/studies/new/", "/quality/studies/new/comparison/",
        "/quality/studies/supplies/",
    ),
    "": ("/sign-in/", "/style-guide/", "/no-such-page/"),
}  # fmt: skip


class Element:
    """An element with what a reader hears inside it."""

    def __init__(self, tag: str, attributes: dict[str, str], ancestors: list["Element"]) -> None:
        self.tag, self.attributes, self.ancestors = tag, attributes, ancestors
        self.text = ""

    def has(self, *names: str) -> bool:
        return any(self.attributes.get(name, "").strip() for name in names)

    def is_within(self, *tags: str) -> bool:
        return any(one.tag in tags for one in self.ancestors)


class Page(HTMLParser):
    """The elements of a page, in order."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = Element(tag, {name: value or "" for name, value in attrs}, list(self._open))
        self.elements.append(one)
        for above in self._open:
            above.text += one.attributes.get("aria-label", "") + one.attributes.get("alt", "")
        if tag not in VOID:
            self._open.append(one)

    def handle_endtag(self, tag: str) -> None:
        while self._open and (closed := self._open.pop()).tag != tag:
            assert closed.tag != "form", "a form within a form"

    def handle_data(self, data: str) -> None:
        for above in self._open:
            above.text += data

    def all(self, *tags: str) -> Iterator[Element]:
        return (one for one in self.elements if one.tag in tags and not one.is_within("template"))


@pytest.fixture
def names(region: Region) -> dict[str, object]:
    """What the addresses name: a tube with a released and a waiting result, an order not drawn, an analyzer."""
    director, worker = region.people["director"], region.worker
    with acting(director):
        bench = Bench.objects.filter(department__site=region.hub).order_by("code")[0]
        xn = install_analyzer(
            code="XN-T", name="XN", driver="sysmex_xn", bench=bench, listen_port=15998, by=director, at=NOW
        )
    undrawn = make_order(region)
    make_specimen(region, "GLUS")
    with acting(worker):
        tube = make_accepted(region, "K", "NA")
        released, waiting = make_result(region, tube, "NA", "140"), make_result(region, tube, "K", "6.9")
        autoverify_batch(limit=10, by=worker, at=NOW)
        held = Result.objects.filter(pk=released.pk, state="held").values_list("pk", flat=True)
        release_results(list(held), by=worker, at=NOW) if held else None
        order = tube.order
        message, request = _conversed(region, xn, tube)
        case = assessed(region.hub, tube)
        return {
            "undrawn": undrawn.number, "order": order.number, "patient": order.patient_id,
            "tube": tube.number, "result": waiting.pk,
            "message": message, "request": request,
            "case": case.pk, "item": case.score.item_id, "round": case.score.round_id,
        }  # fmt: skip


def _conversed(region: Region, analyzer: Analyzer, tube: Specimen) -> tuple[int, int]:
    """A message with the bytes that carried it, one frame refused, and an order the analyzer did not take."""
    said = [
        (False, b"\x05"),
        (True, b"\x06"),
        (False, b"\x021H|\\^&\rXX\r\n"),
        (True, b"\x15"),
        (False, b"\x04"),
    ]
    heard = [(number / 1000, *one) for number, one in enumerate(said)]
    traffic = stretch_of(region.hub.pk, analyzer.pk, "t", heard, NOW.timestamp())
    kept = KeptMessage(region.hub.pk, analyzer.pk, "t", b"H|\\^&\rL|1\r", NOW, traffic=traffic)
    (message,) = keep_messages([kept], by=region.worker)
    whose = {"analyzer": analyzer, "laboratory": region.hub, "specimen": tube, "by": "t"}
    made = WorkRequest.objects.create(
        kind="new", codes=["HGB"], state="refused", asked_at=NOW, changed_at=NOW, **whose
    )
    return message, made.pk


def is_labelled(page: Page, one: Element) -> bool:
    labels = {label.attributes.get("for"): label.text.strip() for label in page.all("label")}
    inside = next((above for above in one.ancestors if above.tag == "label"), None)
    return bool(
        one.has("aria-label", "aria-labelledby", "title")
        or labels.get(one.attributes.get("id", "-"))
        or (inside and inside.text.strip())
    )


def faults(page: Page, language: str) -> Iterator[str]:
    """Everything that a reader or the Tab key stumbles over, in words."""
    if next(page.all("html")).attributes.get("lang") != language:
        yield "the page does not say its language"
    if (count := len(list(page.all("h1")))) != 1:
        yield f"{count} main headings"
    yield from (f"id {name} twice" for name, count in _ids(page).items() if count > 1)
    for one in page.all("input", "select", "textarea"):
        if one.attributes.get("type") not in NEEDS_NO_LABEL and not is_labelled(page, one):
            yield f"no label: {one.tag} {one.attributes}"
    for one in page.all("button", "a", "summary"):
        hidden = one.attributes.get("aria-hidden") == "true"
        if not hidden and not one.has("aria-label", "title") and not one.text.strip():
            yield f"no name: {one.tag} {one.attributes}"
    yield from (f"no alt: {one.attributes}" for one in page.all("img") if "alt" not in one.attributes)
    for one in page.elements:
        if int(one.attributes.get("tabindex") or 0) > 0:
            yield f"jumps the order of Tab: {one.tag} {one.attributes}"
    tables = list(page.all("table"))
    heads = [above for one in page.all("th") for above in one.ancestors if above.tag == "table"]
    yield from (f"a table without a head: {one.attributes}" for one in tables if one not in heads)
    yield from _levels(page)


def _ids(page: Page) -> Counter[str]:
    return Counter(one.attributes["id"] for one in page.elements if one.attributes.get("id"))


def _levels(page: Page) -> Iterator[str]:
    seen = 1
    for one in page.all("h1", "h2", "h3", "h4"):
        if one.is_within("dialog"):
            continue
        level = int(one.tag[1])
        if level > seen + 1:
            yield f"{one.tag} follows h{seen}: {one.text.strip()[:40]}"
        seen = level


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("user", PAGES)
def test_nothing_stands_in_the_way_of_a_reader(
    region: Region, names: dict[str, object], user: str, language: str
) -> None:
    client = signed_in(user or "nurse", language=language)
    found = {}
    for address in PAGES[user]:
        answer = client.get(address.format(**names))
        assert answer.status_code in {200, 404 if "no-such" in address else 200}, address
        if told := list(faults(Page(answer.content.decode()), language)):
            found[address] = told
    assert found == {}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("<html lang=en><h1>a</h1><input name=b>", "no label"),
        ("<html lang=en><h1>a</h1><button><svg></svg></button>", "no name"),
        ("<html lang=en><h1>a</h1><h3>b</h3>", "h3 follows h1"),
        ("<html lang=en><h1 id=a>a</h1><p id=a>", "id a twice"),
        ("<html lang=en><h1>a</h1><p tabindex=2>", "jumps"),
        ("<html lang=en><h1>a</h1><table><tr><td>b</table>", "without a head"),
        ("<html lang=en><p>a", "0 main headings"),
        ("<html><h1>a</h1>", "does not say its language"),
    ],
)
def test_a_fault_is_seen(content: str, fault: str) -> None:
    assert [one for one in faults(Page(content), "en") if fault in one]
