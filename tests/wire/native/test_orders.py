"""What the drivers write to devices of native grammars: questions, orders, no work, column by column and read back."""

from datetime import UTC, datetime

from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import WorkOrder
from aliquot.wire.astm_records import Message
from aliquot.wire.native.grammars import GRAMMARS
from tests.wire.native.messages import CA_QUERY, FS, GS, RS, of

HEADER = Header(datetime(2026, 3, 10, 9, 15, tzinfo=UTC))


def ordered(model: str, *codes: str, specimen: str = "700123", place: str = "") -> str:
    order = WorkOrder(specimen, codes, "S", place, "P1", patient_name="Doe", sex="M")
    ((text,),) = load(model).order_message([order], HEADER)
    return text.decode("latin-1")


def asked(model: str, specimen: str = "700123") -> str:
    return b"".join(load(model).query_message(specimen, HEADER)).decode("latin-1")


def read(model: str, text: str) -> list[Message]:
    return GRAMMARS[load(model).layout.grammar](text.encode("latin-1"), "latin-1")


def test_the_advia2120_gets_its_columns() -> None:
    model = "siemens_advia2120"
    text = ordered(model, "1", "10", "191")
    assert (text[6:20], text[45:47], text[62:65], text[104]) == ("00000000700123", "P1", "Doe", "M")
    (order,) = of(read(model, text), "O")
    assert (order.field(3), order.field(6), order.field(5)) == ("00000000700123", "S", "1\x1e10\x1e191")
    (question,) = of(read(model, asked(model)), "Q")
    assert question.field(3) == "00000000700123"
    (nothing,) = of(read(model, ordered(model)), "O")
    assert (nothing.field(3), nothing.field(26)) == ("00000000700123", "Y")


def test_the_advia1800_gets_its_columns() -> None:
    model = "siemens_advia1800"
    text = ordered(model, "89", "106")
    assert text.startswith("O 0101002N0700123       ")
    assert (text[31:33], text[47:50], text[75:81]) == ("P1", "Doe", " 1.011")
    (order,) = of(read(model, text), "O")
    assert (order.field(3), order.field(5), order.field(12)) == ("700123", "89\x1e106", "N")
    (urine,) = of(read(model, text.replace(" 1.011", " 1.021")), "O")
    assert (order.field(16), urine.field(16)) == ("1", "2")
    (question,) = of(read(model, asked(model)), "Q")
    assert question.field(3) == "700123"
    (nothing,) = of(read(model, ordered(model)), "O")
    assert nothing.field(26) == "Y"


def test_the_dimension_gets_its_fields() -> None:
    model = "siemens_dimension_exl"
    text = ordered(model, "GLU", "CREA")
    assert text.replace(FS, "|") == "D|0|0|A|Doe|700123|1||1|1|**|1|2|GLU|CREA|"
    (order,) = of(read(model, text), "O")
    assert (order.field(3), order.field(5), order.field(6)) == ("700123", "GLU\x1eCREA", "S")
    (question,) = of(read(model, asked(model)), "Q")
    assert question.field(3) == "700123"
    assert of(read(model, ordered(model)), "O") == []


def test_the_sysmex_ca_gets_its_question_back() -> None:
    model = "sysmex_ca600"
    (question,) = of(GRAMMARS["sysmex_ca"](CA_QUERY, date="%d%m%y"), "Q")
    text = ordered(model, "040", "050", specimen=question.field(3), place=question.field(4))
    assert text.encode()[1:39] == CA_QUERY[1:39]
    (order,) = of(read(model, text), "O")
    assert (order.field(3), order.field(5), order.field(26)) == ("23-234567-001", "040\x1e050", "O")
    nothing = ordered(model, specimen=question.field(3), place=question.field(4))
    assert of(read(model, nothing), "O")[0].field(26) == "Y"


def test_the_rapidpoint_gets_back_what_it_said_of_itself() -> None:
    model = "siemens_rapidpoint500"
    (question,) = of(read(model, asked(model)), "Q")
    device = f"aMOD{GS}0500{GS}{GS}{GS}{FS}iIID{GS}40009{GS}{GS}{GS}{FS}"
    assert (question.field(3), question.field(4)) == ("700123", device)
    answer = ordered(model, place=question.field(4))
    assert answer == f"PAT_DEMOG_DATA{FS}{RS}{device}iPID{GS}700123{GS}{GS}{GS}{FS}{RS}"
