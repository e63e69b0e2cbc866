"""Every error names the character, and says what was expected."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import example, given
from hypothesis import strategies as st

from aliquot.flow.verification.rules.expressions import (
    ExpressionError,
    TestType,
    compile_expression,
    errors,
)
from aliquot.flow.verification.rules.expressions.parsing import DEEPEST, LONGEST, MOST_DIGITS
from aliquot.flow.verification.rules.expressions.words import FUNCTIONS, KEYWORDS
from tests.flow.verification.rules.expressions.orders import TESTS, compiled

WRONG = [
    # text with ^ before the character, code, sentence
    ("^", "unexpected_end", "Something is missing at the end. Expected: a value."),
    ("^   ", "unexpected_end", "Something is missing at the end. Expected: a value."),
    ("K >^ ", "unexpected_end", "Something is missing at the end. Expected: a value."),
    ("K >^> 6", "unexpected_word", "> cannot stand here. Expected: a value."),
    ("K > 6 ^K", "unexpected_word", "K cannot stand here. Expected: an arithmetic sign, a unit in square brackets, and, or, the end."),
    ("K > 6^,0", "unexpected_word", ", cannot stand here. Expected: an arithmetic sign, a unit in square brackets, and, or, the end."),
    ("1 < K ^< 5", "unexpected_word", "< cannot stand here. Expected: an arithmetic sign, and, or, the end."),
    ("(K > 6^", "unexpected_end", 'Something is missing at the end. Expected: an arithmetic sign, a unit in square brackets, ")", and, or.'),
    ("K inside 1^", "unexpected_end", 'Something is missing at the end. Expected: an arithmetic sign, a unit in square brackets, "..".'),
    ("K not ^6", "unexpected_word", "6 cannot stand here. Expected: in (…)."),
    ("flag(K) in ^7", "unexpected_word", '7 cannot stand here. Expected: "(".'),
    ("flag(K) in (^7)", "unexpected_word", "7 cannot stand here. Expected: a text in quotes."),
    ('flag(K) in ("H" ^"L")', "unexpected_word", '"L" cannot stand here. Expected: ",", ")".'),
    ("K ^; 2", "unexpected_character", "; means nothing here. Expected: a comparison, an arithmetic sign, and, or, the end."),
    ("K > 6 ^& CA < 2", "unexpected_character", "& means nothing here. Expected: an arithmetic sign, a unit in square brackets, and, or, the end."),
    ("K > ^К", "unexpected_character", "К means nothing here. Expected: a value."),
    ('ward = ^"ICU', "unfinished_text", "The closing quotation mark is missing."),
    ("^`17-OHP > 3", "unfinished_name", "The closing backquote is missing."),
    ("K > 6 ^[mmol/L", "unfinished_unit", "The closing bracket of the unit is missing."),
    ("CA < 2 and ^KA > 6", "unknown_code", "There is no test KA. Did you mean K, NA, CA?"),
    ("^crea > 6", "unknown_code", "There is no test crea. Did you mean CREA?"),
    ("^ZZZ > 6", "unknown_code_alone", "There is no test ZZZ."),
    ("^CBC > 6", "is_a_panel", "CBC is a panel: name one of its tests."),
    ("^HBSAG > 6", "not_a_number", "HBSAG is no number: write text(HBSAG)."),
    ("prev(^HBSAG) > 6", "not_a_number", "HBSAG is no number: write text(HBSAG)."),
    ('text(^K) = "high"', "not_a_text", "K is a number: write K."),
    ("^previous(K) > 6", "unknown_function", "There is no function previous. Did you mean prev, present?"),
    ("^zzz(K) > 6", "unknown_function_alone", "There is no function zzz."),
    ("^age(K) > 6", "unknown_function", "There is no function age. Did you mean change, flag?"),
    ("^prev() > 6", "argument_count", "prev() takes one argument, not 0."),
    ("^prev(K, CA) > 6", "argument_count", "prev() takes one argument, not 2."),
    ("^min(K) > 6", "argument_count", "min() takes two or more arguments, not 1."),
    ("^round(K, 1, 2) > 6", "argument_count", "round() takes one or two arguments, not 3."),
    ("prev(^6) > 6", "code_expected", "prev() takes the code of a test, for example prev(K)."),
    ("present(^K + 1)", "code_expected", "present() takes the code of a test, for example present(K)."),
    ("index(^X) > 6", "index_expected", "index() takes H, I or L."),
    ("round(K, ^1.5) > 6", "places_expected", "The places after the point are a whole number from 0 to 9."),
    ("round(K, ^10) > 6", "places_expected", "The places after the point are a whole number from 0 to 9."),
    ("round(K, ^K) > 6", "places_expected", "The places after the point are a whole number from 0 to 9."),
    ("round(K, ^1 [g/L]) > 6", "places_expected", "The places after the point are a whole number from 0 to 9."),
    ('K > ^"6"', "kind_expected", "Expected a number, but this is a text."),
    ("sex = ^6", "kind_expected", "Expected a text, but this is a number."),
    ("^K", "kind_expected", "Expected a condition, but this is a number."),
    ('^"K"', "kind_expected", "Expected a condition, but this is a text."),
    ("K > 6 and ^CA", "kind_expected", "Expected a condition, but this is a number."),
    ("not ^CA", "kind_expected", "Expected a condition, but this is a number."),
    ("(^K > 6) + 1 > 2", "kind_expected", "Expected a number, but this is a condition."),
    ("1 + ^pregnant > 2", "kind_expected", "Expected a number, but this is a condition."),
    ("-^pregnant > 2", "kind_expected", "Expected a number, but this is a condition."),
    ("abs(^sex) > 2", "kind_expected", "Expected a number, but this is a text."),
    ("^sex inside 1 .. 2", "kind_expected", "Expected a number, but this is a text."),
    ('K inside 1 .. ^"2"', "kind_expected", "Expected a number, but this is a text."),
    ("^pregnant = true", "kind_expected", "Expected a number, but this is a condition."),
    ('^K in ("H")', "kind_expected", "Expected a text, but this is a number."),
    ('^K starts "H"', "kind_expected", "Expected a text, but this is a number."),
    ("ward starts ^sex", "text_expected", "Expected a text in quotes here."),
    ('ward starts ^" "', "empty_text", "An empty text is never there: what is missing is unknown."),
    ('ward = ^""', "empty_text", "An empty text is never there: what is missing is unknown."),
    ('ward in ("A", ^"")', "empty_text", "An empty text is never there: what is missing is unknown."),
    ('^ward < "A"', "no_order", "Texts have no order: use = or !=."),
    ('sex = ^"W"', "unknown_value", 'It is never "W". Expected: F, M.'),
    ('^"W" = sex', "unknown_value", 'It is never "W". Expected: F, M.'),
    ('flag(K) in ("HH", ^"HHH")', "unknown_value", 'It is never "HHH". Expected: LL, L, N, H, HH, A.'),
    ("K inside ^5 .. 4", "empty_range", "The range is empty: its beginning 5 is above its end 4."),
    ("K inside ^5000 [umol/L] .. 4", "empty_range", "The range is empty: its beginning 5.000 is above its end 4."),
    ("K / ^0 > 1", "division_by_zero", "Nothing can be divided by 0."),
    ("K > ^6 [mg/dL]", "unit_not_convertible", "mg/dL cannot be converted to mmol/L."),
    ("CA > 2 and K > -^6 [nonsense]", "unit_not_convertible", "nonsense cannot be converted to mmol/L."),
    ("index(H) > ^6 [g/L]", "unit_unknown_here", "No test beside this number says into which unit to convert."),
    ("K > 2 * ^6 [g/L]", "unit_unknown_here", "No test beside this number says into which unit to convert."),
    ("K > round(^6 [g/L])", "unit_unknown_here", "No test beside this number says into which unit to convert."),
    ("K + ^CREA > 6", "units_differ", "mmol/L and umol/L are different units: convert by a factor."),
    ("K > ^CREA", "units_differ", "mmol/L and umol/L are different units: convert by a factor."),
    ("K inside 1 .. ^HGB", "units_differ", "mmol/L and g/L are different units: convert by a factor."),
    ("change(K) > ^days(K)", "units_differ", "% and d are different units: convert by a factor."),
    ("K > ^" + "9" * (MOST_DIGITS + 1), "too_many_digits", "Too many digits: at most 20."),
    ("true" + " " * (LONGEST - 4) + "^ ", "too_long", "Too long: at most 4000 characters."),
    ("not " * DEEPEST + "^true", "too_deep", "Nested too deeply: at most 32 levels."),
    ("^1 + " + "1 + " * DEEPEST + "1 > 2", "too_deep", "Nested too deeply: at most 32 levels."),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "code", "sentence"), WRONG)
def test_an_error_points_at_the_character(marked: str, code: str, sentence: str) -> None:
    position, text = marked.index("^"), marked.replace("^", "")
    with pytest.raises(ExpressionError) as raised:
        compiled(text)
    error = raised.value
    assert (error.position, error.code, error.sentence()) == (position, code, sentence)
    assert (error.line, error.column) == (1, position + 1)
    assert str(error) == f"line 1, character {position + 1}: {sentence}\n{text}\n{' ' * position}^"


def test_every_error_is_tried() -> None:
    assert {code for _, code, _ in WRONG} == set(errors.SENTENCES)


def test_an_error_in_a_later_line_shows_that_line() -> None:
    with pytest.raises(ExpressionError) as raised:
        compiled("K > 6\n\tand KX < 2\r\nor CA > 1")
    assert (raised.value.line, raised.value.column, raised.value.position) == (2, 6, 11)
    assert raised.value.caret == " and KX < 2\n     ^"


def test_an_error_is_said_in_russian_with_its_words() -> None:
    po = Path(errors.__file__).parent / "locale" / "ru" / "LC_MESSAGES" / "django.po"
    with po.open("rb") as text:
        russian = {str(one.id): str(one.string) for one in read_po(text, locale="ru")}
    with pytest.raises(ExpressionError) as raised:
        compiled('K > "6"')
    assert raised.value.sentence(lambda words: russian.get(words, words)) == "Ожидалось число, а здесь текст."
    with pytest.raises(ExpressionError) as raised:
        compiled("K in 7")
    assert raised.value.sentence(lambda words: russian.get(words, words)) == (
        '7 не может стоять здесь. Ожидалось: "(".'
    )
    assert set(errors.SENTENCES.values()) <= set(russian)


@pytest.mark.parametrize("text", ["not " * (DEEPEST - 2) + "K > 1", "(" * 900 + "K > 1" + ")" * 900,
                                  " or ".join(["K = 1"] * 400), "1 + " * (DEEPEST - 2) + "K > 1"])  # fmt: skip
def test_what_is_just_within_the_limits_is_read(text: str) -> None:
    assert compiled(text).codes == {"K"}


def test_the_caller_converts_what_is_no_power_of_ten() -> None:
    def convert(value: Decimal, unit: str, wanted: str) -> Decimal:
        if (unit, wanted) != ("mg/dL", "umol/L"):
            raise ValueError(unit)
        return value * Decimal("88.4")

    assert compile_expression("CREA > 1 [mg/dL]", TESTS, convert) is not None
    with pytest.raises(ExpressionError, match=r"character 5: .*cannot be converted"):
        compile_expression("K > 1 [mg/dL]", TESTS, convert)
    with pytest.raises(ExpressionError, match="different units"):
        compile_expression("K > CREA", TESTS, convert)
    with pytest.raises(ExpressionError, match="different units"):
        compile_expression("CREA > K", TESTS, convert)


def test_two_names_of_one_unit_can_be_compared() -> None:
    tests = {**TESTS, "X": TestType("X", "Qn", "mmol.L-1"), "Y": TestType("Y", "Qn", "mM/L")}
    with pytest.raises(ExpressionError, match="different units"):
        compile_expression("K > X", tests)

    def convert(value: Decimal, unit: str, _wanted: str) -> Decimal:
        return value if unit == "mmol/L" else value / 2

    assert compile_expression("K > X", tests, convert).codes == {"K", "X"}
    with pytest.raises(ExpressionError, match="different units"):
        compile_expression("X > Y", tests, convert)


WORDS = st.sampled_from(
    [*FUNCTIONS, *KEYWORDS, *TESTS, "age", "sex", "true", "(", ")", ",", "..", "+", "-", "*", "/", "<", ">=", "=",
     '"F"', "6", "0.5", "[mmol/L]", "`17-OHP`", "\n", "[", '"', "`", "≤", "\\", "\x00", "²", "e5"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join), st.lists(WORDS).map("".join)))
@example("\ud800")
@example('"\\')
@example("K > 5\x85 ")
@example("not " * 999)
@example("-" * 3999 + "1")
@example("abs(" * 999 + "1")
def test_no_text_ends_in_anything_but_an_expression_or_its_error(text: str) -> None:
    found = outcome(text)
    if isinstance(found, str):
        assert compiled(found).text == found
        return
    assert 0 <= found.position <= len(text)
    assert found.sentence()
    assert re.fullmatch(r"[^\n]*\n *\^", found.caret)


def outcome(text: str) -> str | ExpressionError:
    """The normalised text, or the error; anything else fails the test."""
    try:
        return compiled(text).text
    except ExpressionError as error:
        return error
