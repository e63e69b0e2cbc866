"""An analyzer that asks what to do, measures, and sends every result until it is acknowledged."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

from aliquot.entrypoints.simulate.answers import is_order, ordered_codes, ordered_dilutions
from aliquot.entrypoints.simulate.endpoints import Dial, Endpoint, Folder
from aliquot.entrypoints.simulate.faults import Chaos
from aliquot.entrypoints.simulate.line import DeviceLine, Totals, Watch
from aliquot.entrypoints.simulate.protocols import profile_for
from aliquot.flow.instruments.rules.driver import Driver, load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run

Measure = Callable[[str, str], Measurement | None]  # (tube's number, analyzer's code) -> what is found
PATIENCE = 20.0  # seconds an analyzer waits for the answer to a host query, before it asks again


class SimulatedAnalyzer:
    """The instrument's side of one line: `async with SimulatedAnalyzer("sysmex_xn", port) as analyzer`.

    A lost connection is opened again, and what was not acknowledged is sent again, as a real analyzer does.
    `chaos` strikes what is said and heard; `mangle` may damage what is written. Results carry `clock()`,
    wrong by `skew` seconds, in `zone`. `orders` is the second socket of a device that takes its orders there.
    """

    def __init__(
        self,
        model: str,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        endpoint: Endpoint | None = None,
        orders: Endpoint | None = None,
        measure: Measure | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo = UTC,
        skew: float = 0.0,
        mangle: Callable[[bytes], bytes] = bytes,
        chaos: Chaos | None = None,
        watch: Watch = lambda _what, _number, _records: None,
        patience: float = PATIENCE,
        tries: int | None = None,
    ) -> None:
        self.driver: Driver = load(model)
        self._measure, self._clock, self._zone, self._patience = measure, clock, zone, patience
        self._skew = timedelta(seconds=skew)
        self._question: tuple[str, asyncio.Future[tuple[str, ...]]] | None = None
        self.dilutions: dict[str, str] = {}
        """The dilution that the last answer asked for, by test code; `measure` may look here."""
        endpoint = endpoint or Dial(host, port)
        big = chaos is not None and bool(chaos.probabilities.get("big-frame"))
        profile = profile_for(self.driver, endpoint, big=big)
        self.line = DeviceLine(
            profile,
            endpoint,
            heard=self._heard,
            opened=self._reopened,
            watch=watch,
            chaos=None if isinstance(endpoint, Folder) else chaos,  # a file is there or not
            mangle=mangle,
            tries=tries,
        )
        self.order_line = orders and DeviceLine(
            profile, orders, heard=self._heard, strayed=self.line.take_answer, chaos=chaos, tries=tries
        )

    async def __aenter__(self) -> Self:
        self.line.start()
        if self.order_line:
            self.order_line.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.line.stop()
        if self.order_line:
            await self.order_line.stop()

    @property
    def totals(self) -> Totals:
        """What happened on the line so far."""
        return self.line.totals

    # -- what an operator does ------------------------------------------------------------------------

    async def ask(self, specimen_code: str) -> tuple[str, ...]:
        """Ask the host about a tube; the test codes of its answer. One question is open at a time."""
        assert self._question is None
        self._question = (specimen_code, asyncio.get_running_loop().create_future())
        self._send_question()
        try:
            return await self._answer(self._question[1])
        finally:
            self._question = None

    async def _answer(self, answered: "asyncio.Future[tuple[str, ...]]") -> tuple[str, ...]:
        if self.line.chaos.strikes("contention"):
            self.line.contend(self._query())
        while True:
            try:
                return await asyncio.wait_for(asyncio.shield(answered), self._patience)
            except TimeoutError:
                self._send_question()

    def send(self, runs: Sequence[Run]) -> "asyncio.Future[bytes]":
        """Queue the results of these runs; done when the host acknowledged the last message of them."""
        return self.line.send(self.driver.result_message(runs, self.header()))

    async def upload(self, *runs: Run) -> None:
        """Send the results of these runs, again and again until they are acknowledged."""
        await self.send(runs)

    async def measure(self, specimen_codes: Iterable[str]) -> int:
        """For each tube: ask, measure what is wanted, upload; how many results were acknowledged."""
        assert self._measure is not None
        count = 0
        for number in specimen_codes:
            found = [self._measure(number, code) for code in await self.ask(number)]
            measured = tuple(
                replace(one, dilution=one.dilution or self.dilutions.get(one.code, ""))
                for one in found
                if one is not None
            )
            if measured:
                await self.upload(Run(number, measured))
                count += len(measured)
        return count

    def header(self) -> Header:
        """The moment as the device's clock has it."""
        return Header(self._clock() + self._skew, self._zone)

    # -- what the host says ---------------------------------------------------------------------------

    def _heard(self, content: bytes) -> None:
        if self._question and not self._question[1].done() and is_order(content):
            self.dilutions = ordered_dilutions(self.driver, content)
            self._question[1].set_result(ordered_codes(self.driver, content))

    def _reopened(self) -> None:
        """The answer to a question may be lost with the connection before: ask again."""
        if self._question and self.totals.connections > 1 and self.line.is_idle:
            asyncio.get_running_loop().call_soon(self._send_question)

    def _send_question(self) -> None:
        if self._question:
            self.line.send(self._query()).add_done_callback(self._acknowledged)

    def _acknowledged(self, sent: "asyncio.Future[bytes]") -> None:
        """Some hosts answer a question in the acknowledgement itself."""
        if not sent.cancelled() and not sent.exception() and (answer := sent.result()):
            self._heard(answer)

    def _query(self) -> list[bytes]:
        assert self._question is not None
        return self.driver.query_message(self._question[0], self.header())
