"""What people and analyzers ask while results stream: host queries on a line of their own, and pages."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from aliquot.entrypoints.bench.figures import percentiles
from aliquot.entrypoints.bench.laboratory import Laboratory
from aliquot.entrypoints.bench.links.asking import ask_all, tests_in
from aliquot.entrypoints.bench.pages import measure_pages
from aliquot.entrypoints.bench.session import Session

QUESTION_PAUSE = 0.2
PAGE_PAUSE = 0.2


class Meanwhile:
    """Asks beside a measurement, in threads; `found` waits for both and gives their figures."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}
        self._threads: list[threading.Thread] = []

    def ask(self, port: int, numbers: Sequence[str]) -> None:
        """Have an analyzer ask about each of these tubes, a few in a second."""
        self._begin("host_queries", lambda: _queries(port, numbers))

    def open_pages(
        self,
        url: str,
        laboratory: Laboratory,
        arriving: Sequence[str],
        patients: Sequence[int],
        requests: int,
    ) -> None:
        """Have people open each page so many times, a few in a second."""

        def opened() -> dict[str, Any]:
            session = Session(url)
            try:
                return measure_pages(
                    session, laboratory, arriving, patients, requests=requests, pause=PAGE_PAUSE
                )
            finally:
                session.close()

        self._begin("pages", opened)

    def found(self) -> dict[str, Any]:
        """The figures of all that was begun, or why there are none; waits for their end."""
        for thread in self._threads:
            thread.join()
        return self._found

    def _begin(self, name: str, work: Callable[[], dict[str, Any]]) -> None:
        def run() -> None:
            try:
                self._found[name] = work()
            except Exception as fault:  # noqa: BLE001 - said in the figures: the stream goes on meanwhile
                self._found[name] = {"fault": f"{type(fault).__name__}: {fault}"}

        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)


def _queries(port: int, numbers: Sequence[str]) -> dict[str, Any]:
    began = time.perf_counter()
    asked = ask_all([port], numbers, pause=QUESTION_PAUSE)
    return {
        "queries": len(asked),
        "tests_each": round(sum(tests_in(one[2]) for one in asked) / len(asked), 1),
        "seconds": round(time.perf_counter() - began, 1),
        "answer_begins": percentiles([one[0] for one in asked]),
        "answer_complete": percentiles([one[1] for one in asked]),
    }
