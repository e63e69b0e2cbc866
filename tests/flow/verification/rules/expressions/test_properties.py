"""Properties of all expressions: printed and read back, the same as a slow evaluator, safe with less knowledge."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from aliquot.flow.verification.rules.expressions import Expression, ExpressionError
from aliquot.flow.verification.rules.expressions.parsing import parse
from aliquot.flow.verification.rules.expressions.printing import printed
from aliquot.flow.verification.rules.expressions.syntax import (
    Arithmetic,
    Boolean,
    Call,
    Code,
    Comparison,
    Fact,
    Junction,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Range,
    Text,
)
from tests.flow.verification.rules.expressions.orders import One, Ordered, Patient, compiled
from tests.flow.verification.rules.expressions.reference import meaning

CODES = ("K", "NA", "CA", "CL")
FLAGS = ("L", "H", "HH")
ORDERS = ("=", "!=", "<", "<=", ">", ">=")

decimals = st.decimals(-10, 10, places=1, allow_nan=False)
codes = st.sampled_from(CODES).map(Code)
literals = st.builds(Number, st.decimals(0, 10, places=1))


def calls(name: str, *arguments: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.builds(Call, st.just(name), st.tuples(*arguments))


def more_numbers(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Negative, below),
        st.builds(Arithmetic, st.sampled_from("+-*/"), below, below),
        calls("abs", below),
        calls("round", below),
        calls("round", below, st.builds(Number, st.integers(0, 3).map(Decimal))),
        calls("min", below, below),
        calls("max", below, below, below),
    )


numbers = st.recursive(st.one_of(codes, literals, calls("prev", codes)), more_numbers, max_leaves=5)
texts = st.one_of(calls("flag", codes), st.just(Fact("sex")), st.just(Fact("ward")))


def literals_of(text: Node) -> st.SearchStrategy[Text]:
    known = (
        ("F", "M") if text == Fact("sex") else FLAGS if isinstance(text, Call) else ("ICU", "ER", 'a \\ "b')
    )
    return st.builds(Text, st.sampled_from(known))


def of_text(text: Node) -> st.SearchStrategy[Node]:
    chosen = literals_of(text)
    return st.one_of(
        st.builds(Comparison, st.sampled_from(("=", "!=", "starts")), st.just(text), chosen),
        st.builds(
            Membership, st.just(text), st.booleans(), st.lists(chosen, min_size=1, max_size=3).map(tuple)
        ),
    )


simple = st.one_of(
    st.builds(Comparison, st.sampled_from(ORDERS), numbers, numbers),
    st.builds(Range, numbers, st.booleans(), numbers, numbers),
    texts.flatmap(of_text),
    st.builds(Boolean, st.booleans()),
    st.just(Fact("pregnant")),
)


def more_conditions(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(below, min_size=2, max_size=4).map(tuple)
    return st.one_of(st.builds(Not, below), st.builds(Junction, st.sampled_from(("and", "or")), several))


conditions = st.recursive(simple, more_conditions, max_leaves=6)
with_presence = st.recursive(st.one_of(simple, calls("present", codes)), more_conditions, max_leaves=6)
ones = st.builds(
    One,
    number=decimals.map(str),
    flag=st.sampled_from(("", *FLAGS)),
    earlier=st.one_of(st.just(""), decimals.map(str)),
)
patients = st.builds(
    Patient,
    siblings=st.dictionaries(st.sampled_from(CODES), ones).map(Ordered),
    sex=st.sampled_from(("", "F", "M")),
    ward=st.sampled_from(("", "ICU", "Er", "ward 1")),
    is_pregnant=st.sampled_from((None, True, False)),
)


def expression_of(tree: Node) -> Expression:
    """Compiled; trees that the checker refuses (a division by 0, an empty range) are not asked about."""
    try:
        return compiled(printed(tree))
    except ExpressionError:
        assume(False)
        raise


@given(with_presence)
def test_printed_and_read_back_is_the_same_tree(tree: Node) -> None:
    assert parse(printed(tree)) == tree


@given(with_presence, patients)
def test_it_means_what_the_slow_evaluator_says(tree: Node, patient: Patient) -> None:
    expression = expression_of(tree)
    assert expression.evaluate(patient) is meaning(tree, patient)
    assert expression._careful(patient) is meaning(tree, patient)


@given(conditions, patients, st.data())
def test_less_knowledge_decides_nothing_new(tree: Node, patient: Patient, data: st.DataObject) -> None:
    """What is left of True or False after values went missing is the same or unknown, never the opposite."""
    expression = expression_of(tree)
    kept = data.draw(st.sets(st.sampled_from(CODES)))
    values = {code: one for code, one in patient.siblings.values.items() if code in kept}
    poorer = replace(
        patient, siblings=Ordered(values), sex=data.draw(st.sampled_from((patient.sex, ""))), is_pregnant=None
    )
    assert expression.evaluate(poorer) in (None, expression.evaluate(patient))


SIGNS = {"<": lambda x, bound: x < bound, "<=": lambda x, bound: x <= bound,
         ">": lambda x, bound: x > bound, ">=": lambda x, bound: x >= bound}  # fmt: skip


@given(conditions, patients, st.sampled_from(sorted(SIGNS)), decimals, decimals)
def test_what_a_bound_decides_holds_for_each_value_within_it(
    tree: Node, patient: Patient, sign: str, bound: Decimal, within: Decimal
) -> None:
    assume(SIGNS[sign](within, bound))
    expression = expression_of(tree)
    others = patient.siblings.values
    open_value = replace(patient, siblings=Ordered({**others, "K": One(str(bound), sign, flag="H")}))
    exact = replace(patient, siblings=Ordered({**others, "K": One(str(within), flag="H")}))
    assert expression.evaluate(open_value) in (None, meaning(tree, exact))


@given(st.one_of(st.from_regex(r"[^`\n]+", fullmatch=True)))
def test_the_code_of_any_test_can_be_written(name: str) -> None:
    assert parse(printed(Code(name))) == Code(name)
