"""Why something an analyzer sent waits for a person, in words: what is wrong, and what to do."""

from collections.abc import Iterable, Mapping
from typing import Any

BROKEN = frozenset({"incomplete", "frame_refused"})
"""What the link says of bytes that are no message."""

REASONS: dict[str, tuple[str, str]] = {
    "unintelligible": (
        "The message could not be read: {detail}. Look at the bytes; ask the analyzer to send again.",
        "Сообщение не удалось прочитать: {detail}. Посмотрите байты; повторите передачу с анализатора.",
    ),
    "driver_failed": (
        (
            "The driver failed on this message: {detail}. Tell the administrator; replay it "
            "when the driver is corrected."
        ),
        (
            "Драйвер не справился с сообщением: {detail}. Сообщите администратору; повторите "
            "разбор после исправления."
        ),
    ),
    "incomplete": (
        "The message broke off: {detail}. Ask the analyzer to send it again.",
        "Сообщение оборвалось: {detail}. Повторите передачу с анализатора.",
    ),
    "frame_refused": (
        (
            "Damaged frames were refused and not sent again: {detail}. Check the line; send "
            "again from the analyzer."
        ),
        (
            "Повреждённые кадры отклонены и не повторены: {detail}. Проверьте линию; "
            "повторите передачу с анализатора."
        ),
    ),
    "not_understood": (
        "A part of the message was not understood: {detail}.",
        "Часть сообщения не понята: {detail}.",
    ),
    "undelivered": (
        "The analyzer did not take the work order: {detail}. Program the tube at the analyzer.",
        "Анализатор не принял задание: {detail}. Внесите задание для пробирки на анализаторе вручную.",
    ),
    "answer_unmatched": (
        "The analyzer refused something, and nothing waited for it: {detail}. Compare it with the bytes.",
        "Анализатор отклонил то, чего никто не ждал: {detail}. Сверьте с исходными байтами.",
    ),
    "number_reused": (
        "Another message of this analyzer had the same number within a day; both were read.",
        "Другое сообщение анализатора имело тот же номер в течение суток; прочитаны оба.",
    ),
    "order_refused": (
        "The analyzer refused the work order of {specimen}: {detail}. Program the tube at the analyzer.",
        "Анализатор отклонил задание на {specimen}: {detail}. Внесите задание на анализаторе вручную.",
    ),
    "filed_not_found": (
        "Read again, {count} filed results of this message are not found. Compare them with the bytes.",
        "При повторном разборе не найдено сохранённых результатов: {count}. Сверьте их с исходными байтами.",
    ),
    "dismissed": ("Dismissed: {detail}", "Отклонено: {detail}"),
    "no_specimen": (
        "The analyzer named no tube. Find the tube and assign the reading to it.",
        "Анализатор не указал пробирку. Найдите пробирку и припишите ей измерение.",
    ),
    "unknown_specimen": (
        (
            "No tube has the number {specimen}. Compare it with the label, then assign the "
            "reading or dismiss it."
        ),
        (
            "Пробирки с номером {specimen} нет. Сверьте с этикеткой, затем припишите "
            "измерение пробирке или отклоните."
        ),
    ),
    "other_region": (
        "The number {specimen} was given by another region. Return the tube; dismiss the reading.",
        "Номер {specimen} выдан другим регионом. Верните пробирку; отклоните измерение.",
    ),
    "other_laboratory": (
        "The tube {specimen} is bound for another laboratory.",
        "Пробирка {specimen} предназначена другой лаборатории.",
    ),
    "order_cancelled": (
        "The order of the tube {specimen} is cancelled.",
        "Заказ пробирки {specimen} отменён.",
    ),
    "specimen_not_accepted": (
        "The tube {specimen} was not accepted by this laboratory. Accept it, then match again.",
        "Пробирка {specimen} не принята лабораторией. Примите её и сопоставьте измерение снова.",
    ),
    "not_ordered": (
        (
            "Nobody ordered {test} on this tube. Dismiss the reading, or add the test to the "
            "order and match again."
        ),
        (
            "Тест {test} на эту пробирку не заказан. Отклоните измерение либо дозакажите "
            "тест и сопоставьте снова."
        ),
    ),
    "test_cancelled": ("The test {test} was cancelled.", "Тест {test} отменён."),
    "test_not_accepted": (
        "The tube was not accepted for {test}.",
        "Пробирка не принята для теста {test}.",
    ),
    "no_code": ("The analyzer named no test.", "Анализатор не указал тест."),
    "unmapped_code": (
        "The code {test} of this analyzer has no meaning yet. Add a mapping, then match again.",
        "Код {test} этого анализатора не сопоставлен. Добавьте соответствие и сопоставьте снова.",
    ),
    "unknown_aspect": ("Not understood: {what}.", "Не понято: {what}."),
    "not_performed": (
        "The analyzer did not perform this test. Repeat it or request a new specimen.",
        "Анализатор не выполнил тест. Повторите его или запросите новый образец.",
    ),
    "no_value": ("The analyzer sent no value.", "Анализатор не передал значение."),
    "value_too_long": ("The value is too long for a result.", "Значение слишком длинно для результата."),
    "value_not_a_number": ("{value} is no number.", "{value} не является числом."),
    "index_not_understood": (
        "{value} says nothing that is known of the index {index}. Add its meaning, then match again.",
        "{value}: значение индекса {index} неизвестно. Добавьте его и сопоставьте снова.",
    ),
    "value_too_large": ("{value} is too large to be a result.", "{value} слишком велико для результата."),
    "unit_differs": (
        "The unit {sent} was sent and {expected} is expected. Correct the mapping, then match again.",
        "Передана единица {sent}, ожидалась {expected}. Исправьте соответствие и сопоставьте снова.",
    ),
}


def is_of_the_line(problems: Iterable[Mapping[str, Any]]) -> bool:
    """Whether what is kept never was a whole message: it broke off or came damaged, no driver reads it.

    The driver's own "unintelligible" names the raw text; the link's does not.
    """
    return any(
        one.get("code") in BROKEN or (one.get("code") == "unintelligible" and "raw" not in one)
        for one in problems
    )


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def describe_reason(reason: Mapping[str, Any], language: str = "en") -> str:
    """The sentence for one reason in English or, for "ru", Russian; an unknown code is shown as it is."""
    code = str(reason.get("code", ""))
    words = REASONS.get(code)
    if words is None:
        return code
    return words[language.startswith("ru")].format_map(_Facts(reason))
