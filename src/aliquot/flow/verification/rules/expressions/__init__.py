"""The expression language of rules: parsed, typed against the catalogue, printed, compiled, explained."""

from aliquot.flow.verification.rules.expressions.errors import ExpressionError
from aliquot.flow.verification.rules.expressions.expression import Expression, Operand, compile_expression
from aliquot.flow.verification.rules.expressions.facts import Facts, Measured
from aliquot.flow.verification.rules.expressions.words import TestType

__all__ = ["Expression", "ExpressionError", "Facts", "Measured", "Operand", "TestType", "compile_expression"]
