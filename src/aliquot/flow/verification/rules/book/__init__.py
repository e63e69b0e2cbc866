"""The rule book: catalogue facts, effective rule sets and suspensions, compiled once for a process."""

from aliquot.flow.verification.rules.book.compiled import CompiledTest, RuleBook, compile_book

__all__ = ["CompiledTest", "RuleBook", "compile_book"]
