"""One question of a connection is answered at a time; one that is taken back is not answered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from aliquot.entrypoints.links.questions import Questions
from aliquot.entrypoints.links.session import Outgoing
from aliquot.flow.instruments.rules.reading import HostQuery


@dataclass
class Host:
    """Answers a question with two messages when it is let, and notes the order of things."""

    leave: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)

    async def answer(self, question_id: int, queries: Sequence[HostQuery]) -> list[Outgoing]:
        assert queries
        self.asked.append(question_id)
        await self.leave.wait()
        return [Outgoing(question_id * 10 + place, [b"H|"], is_answer=True) for place in range(2)]

    def send(self, message: Outgoing) -> None:
        self.sent.append(message.message_id)


def about(number: str) -> list[HostQuery]:
    return [HostQuery((number,), (), cancelled=False, place="", raw="")]


async def turns(count: int = 5) -> None:
    """Let everything that is ready run."""
    for _ in range(count):
        await asyncio.sleep(0)


def test_the_second_question_waits_until_the_first_answer_is_settled() -> None:
    async def run() -> None:
        host = Host()
        questions = Questions(host.answer, host.send)
        questions.ask(1, about("A"))
        questions.ask(2, about("B"))
        host.leave.set()
        await turns()
        assert (host.asked, host.sent) == ([1], [10, 11])
        questions.settle(10)
        await turns()
        assert host.asked == [1]
        questions.settle(11)
        await turns()
        assert (host.asked, host.sent) == ([1, 2], [10, 11, 20, 21])

    asyncio.run(run())


def test_what_is_taken_back_is_not_sent() -> None:
    async def run() -> None:
        host = Host()
        taken_back: list[Outgoing] = []
        questions = Questions(host.answer, host.send, taken_back.extend)
        questions.ask(1, about("A"))
        questions.ask(2, about("B"))
        await turns()
        questions.withdraw()
        host.leave.set()
        await turns()
        assert (host.asked, host.sent) == ([1], [])
        assert [one.message_id for one in taken_back] == [10, 11]
        questions.ask(3, about("C"))
        await turns()
        assert (host.asked, host.sent) == ([1, 3], [30, 31])

    asyncio.run(run())


def test_a_question_that_fails_holds_up_no_other() -> None:
    async def run() -> None:
        host = Host()

        async def answer(question_id: int, queries: Sequence[HostQuery]) -> list[Outgoing]:
            if question_id == 1:
                raise ValueError("a tube's number is longer than the model accepts")
            return await host.answer(question_id, queries)

        questions = Questions(answer, host.send)
        host.leave.set()
        questions.ask(1, about("A"))
        questions.ask(2, about("B"))
        await turns()
        assert host.sent == [20, 21]

    asyncio.run(run())
