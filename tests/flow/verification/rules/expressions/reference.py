"""A slow evaluator, written for nothing but being plainly right: exact values only, one line for each meaning."""

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

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
from tests.flow.verification.rules.expressions.orders import Patient

Meaning = Decimal | str | bool | None


def meaning(node: Node, patient: Patient) -> Meaning:
    """What `node` means for the patient; None is unknown."""
    with localcontext(Context(prec=28)):
        return _meaning(node, patient)


def _meaning(node: Node, patient: Patient) -> Meaning:  # noqa: C901, PLR0911 - one line for each meaning
    below = [_meaning(one, patient) for one in _operands(node)]
    match node:
        case Number() | Boolean():
            return node.value
        case Text():
            return node.value.lower()
        case Code():
            one = patient.siblings.values.get(node.name)
            return one.value if one else None
        case Fact():
            return {"sex": patient.sex.lower() or None, "ward": patient.ward.lower() or None,
                    "pregnant": patient.is_pregnant}[node.name]  # fmt: skip
        case Call(function="prev" | "flag" | "present"):
            return _asked(node, patient)
        case Junction(word="and"):
            return False if False in below else None if None in below else True
        case Junction(word="or"):
            return True if True in below else None if None in below else False
        case Range():
            operand, low, high = below
            outside = [_compared("<", operand, low), _compared(">", operand, high)]
            is_outside = True if True in outside else None if None in outside else False
            return is_outside if is_outside is None else is_outside is not node.is_inside
    if None in below:
        return None
    match node:
        case Not():
            return not below[0]
        case Membership():
            return (below[0] in [text.value.lower() for text in node.texts]) is node.is_in
        case Comparison():
            return _compared(node.relation, *below)
    return _number(node, [one for one in below if isinstance(one, Decimal)])


def _operands(node: Node) -> tuple[Node, ...]:
    match node:
        case Call(function="prev" | "flag" | "present"):
            return ()
        case Call() | Junction():
            return node.arguments if isinstance(node, Call) else node.operands
        case Range():
            return (node.operand, node.low, node.high)
        case Comparison() | Arithmetic():
            return (node.left, node.right)
        case Membership() | Negative() | Not():
            return (node.operand,)
    return ()


def _asked(node: Call, patient: Patient) -> Meaning:
    code = node.arguments[0]
    assert isinstance(code, Code)
    one = patient.siblings.values.get(code.name)
    if node.function == "present":
        return one is not None and one.value is not None
    if one is None:
        return None
    return one.previous_value if node.function == "prev" else one.flag.lower() or None


def _compared(relation: str, one: Meaning, other: Meaning) -> bool | None:
    if one is None or other is None:
        return None
    if isinstance(one, str):
        assert isinstance(other, str)
        return {"=": one == other, "!=": one != other, "starts": one[: len(other)] == other}[relation]
    assert isinstance(one, Decimal)
    assert isinstance(other, Decimal)
    return {"=": one == other, "!=": one != other, "<": one < other, "<=": one <= other, ">": one > other,
            ">=": one >= other}[relation]  # fmt: skip


def _number(node: Node, below: list[Decimal]) -> Decimal | None:  # noqa: PLR0911 - one line for each meaning
    match node:
        case Negative():
            return -below[0]
        case Arithmetic(sign="+"):
            return below[0] + below[1]
        case Arithmetic(sign="-"):
            return below[0] - below[1]
        case Arithmetic(sign="*"):
            return below[0] * below[1]
        case Arithmetic(sign="/"):
            return below[0] / below[1] if below[1] else None
        case Call(function="abs"):
            return abs(below[0])
        case Call(function="min"):
            return min(below)
        case Call(function="max"):
            return max(below)
        case Call(function="round"):
            places = int(below[1]) if len(below) > 1 else 0
            return below[0].quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    raise AssertionError(node)
