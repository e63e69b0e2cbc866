"""What is wrong with the text of an expression, and at which character."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from aliquot.flow.verification.rules.reasons import gettext_noop

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "argument_count": gettext_noop("{function}() takes {expected}, not {given}."),
        "code_expected": gettext_noop("{function}() takes the code of a test, for example {function}(K)."),
        "division_by_zero": gettext_noop("Nothing can be divided by 0."),
        "empty_range": gettext_noop("The range is empty: its beginning {low} is above its end {high}."),
        "empty_text": gettext_noop("An empty text is never there: what is missing is unknown."),
        "index_expected": gettext_noop("index() takes H, I or L."),
        "is_a_panel": gettext_noop("{code} is a panel: name one of its tests."),
        "kind_expected": gettext_noop("Expected {expected}, but this is {found}."),
        "no_order": gettext_noop("Texts have no order: use = or !=."),
        "not_a_number": gettext_noop("{code} is no number: write text({code})."),
        "not_a_text": gettext_noop("{code} is a number: write {code}."),
        "places_expected": gettext_noop("The places after the point are a whole number from 0 to {most}."),
        "text_expected": gettext_noop("Expected a text in quotes here."),
        "too_deep": gettext_noop("Nested too deeply: at most {most} levels."),
        "too_long": gettext_noop("Too long: at most {most} characters."),
        "too_many_digits": gettext_noop("Too many digits: at most {most}."),
        "unexpected_character": gettext_noop("{found} means nothing here. Expected: {expected}."),
        "unexpected_end": gettext_noop("Something is missing at the end. Expected: {expected}."),
        "unexpected_word": gettext_noop("{found} cannot stand here. Expected: {expected}."),
        "unfinished_name": gettext_noop("The closing backquote is missing."),
        "unfinished_text": gettext_noop("The closing quotation mark is missing."),
        "unfinished_unit": gettext_noop("The closing bracket of the unit is missing."),
        "unit_unknown_here": gettext_noop("No test beside this number says into which unit to convert."),
        "unit_not_convertible": gettext_noop("{unit} cannot be converted to {expected}."),
        "units_differ": gettext_noop("{left} and {right} are different units: convert by a factor."),
        "unknown_code": gettext_noop("There is no test {code}. Did you mean {nearest}?"),
        "unknown_code_alone": gettext_noop("There is no test {code}."),
        "unknown_function": gettext_noop("There is no function {function}. Did you mean {nearest}?"),
        "unknown_function_alone": gettext_noop("There is no function {function}."),
        "unknown_value": gettext_noop("It is never {value}. Expected: {expected}."),
    }
)
"""The sentence of each error; {names} are the facts that come with it."""


class ExpressionError(ValueError):
    """The text cannot be used as an expression.

    `position` counts characters from 0; `line` and `column` count from 1. `code` is one of SENTENCES, `facts`
    are what its sentence names. A fact that is a tuple is a list of words, each translated for itself.
    """

    def __init__(self, text: str, position: int, code: str, /, **facts: object) -> None:
        self.text, self.position, self.code = text, min(position, len(text)), code
        self.facts: dict[str, str | tuple[str, ...]] = {
            name: fact if isinstance(fact, tuple) else str(fact) for name, fact in facts.items()
        }
        before = text[: self.position]
        self.line = before.count("\n") + 1
        self.column = self.position - (before.rfind("\n") + 1) + 1
        super().__init__(f"line {self.line}, character {self.column}: {self.sentence()}\n{self.caret}")

    def sentence(self, translate: Callable[[str], str] = gettext_noop) -> str:
        """What is wrong and what was expected, in the language of `translate`."""
        facts = {
            name: ", ".join(map(translate, fact))
            if isinstance(fact, tuple)
            else translate(fact)
            if fact
            else ""
            for name, fact in self.facts.items()
        }
        return translate(SENTENCES[self.code]).format_map(facts)

    @property
    def caret(self) -> str:
        """The line that is wrong, and below it a caret under the character."""
        line = self.text.split("\n")[self.line - 1].replace("\t", " ").rstrip("\r")
        return f"{line}\n{' ' * (self.column - 1)}^"
