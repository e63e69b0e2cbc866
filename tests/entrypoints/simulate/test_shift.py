"""Simulated devices against a host in the same process: every fault alone and together, nothing lost."""

import asyncio
from random import Random
from typing import Any

import pytest

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.entrypoints.simulate.endpoints import Dial, Listen
from aliquot.entrypoints.simulate.faults import FAULTS, Chaos, Strikes
from aliquot.entrypoints.simulate.shift import NobodyThereError, Shift, Work
from aliquot.entrypoints.simulate.values import measured_run
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import WorkOrder
from aliquot.wire.link_events import MessageDelivered
from tests.entrypoints.simulate.hosts import Host, dialling, listening
from tests.processes import free_port
from tests.tubes import NOW

ASTM = "sysmex_xn"
# one that drops files has no line
PLAYED = [model for model in models() if load(model).layout.simulation and load(model).protocol != "file"]
QUICK = [
    name
    for name, one in FAULTS.items()
    # healed by a timer of fifteen seconds, which nobody waits for here
    if name not in {"lost-frame", "lost-ack", "damaged-byte", "contention"}
    and (not one.protocols or "astm" in one.protocols)
]


def played(model: str, count: int = 5, **work: Any) -> tuple[dict[str, Any], Host]:
    async def play() -> tuple[dict[str, Any], Host]:
        async with listening(load(model)) as host:
            numbers = [f"71990000000{n}" for n in range(count)]
            summary = await Shift(Work(model, numbers, **work), Dial("127.0.0.1", host.port)).run()
            return summary, host

    return asyncio.run(play())


@pytest.mark.parametrize("model", PLAYED)
def test_every_model_sends_what_its_driver_reads(model: str) -> None:
    summary, host = played(model, results=3)
    readings = [one for content in host.contents for one in load(model).read(content).readings]
    assert summary["sent"] == summary["acknowledged"] == len(host.contents) == 5
    assert summary["results"] == len(readings) == sum(summary["by_code"].values())
    assert {one.code for one in readings} == set(summary["by_code"])
    assert not [one for one in readings if one.unknown]


def test_the_same_seed_says_the_same() -> None:
    once, again = (played(ASTM, seed=7)[0] for _ in range(2))
    assert once["by_code"] == again["by_code"]
    assert once["by_code"] != played(ASTM, seed=8)[0]["by_code"]


@pytest.mark.parametrize("name", QUICK)
def test_a_fault_alone_is_injected_and_loses_nothing(name: str) -> None:
    probability = 0.08 if FAULTS[name].strikes is not Strikes.MEANING else 0.5
    summary, host = played(ASTM, 12, results=2, faults={name: probability}, seed=5)
    assert summary["faults"][name] > 0
    assert summary["refused"] == 0
    assert summary["sent"] == summary["acknowledged"]
    assert len(host.distinct) == 12


HL7 = [
    name
    for name, one in FAULTS.items()
    # healed by a timer of thirty seconds
    if name not in {"lost-frame", "lost-ack", "missing-end"}
    and (not one.protocols or "mllp" in one.protocols)
]


@pytest.mark.parametrize("name", HL7)
def test_a_fault_of_an_hl7_line_loses_nothing(name: str) -> None:
    summary, host = played("generic_law", 8, results=2, faults={name: 0.3}, seed=4)
    assert summary["faults"][name] > 0
    assert summary["refused"] == 0
    assert summary["sent"] == summary["acknowledged"]
    readings = [one for content in host.contents for one in load("generic_law").read(content).readings]
    assert len({(one.specimen_code, one.code, one.value) for one in readings}) == 16


def test_all_quick_faults_together_lose_nothing() -> None:
    summary, host = played(ASTM, 20, results=2, faults=dict.fromkeys(QUICK, 0.03), seed=11)
    assert len(summary["faults"]) > 5
    assert summary["sent"] == summary["acknowledged"]
    assert len(host.distinct) == 20


def test_damage_is_refused_and_repetition_noticed() -> None:
    assert played(ASTM, 9, faults={"bad-checksum": 0.2}, seed=1)[1].refused > 0
    assert played(ASTM, 9, faults={"damaged-byte": 0.2}, seed=1)[1].refused > 0
    assert played(ASTM, 9, faults={"doubled-frame": 0.3}, seed=1)[1].repeated > 0
    assert played(ASTM, 9, faults={"garbled-ack": 0.2}, seed=1)[1].repeated > 0
    assert played(ASTM, 9, faults={"cut": 0.05}, seed=1)[1].connections > 1


def test_a_strange_message_is_strange_to_its_driver() -> None:
    driver = load(ASTM)
    for name, words in (("unknown-flag", "flag"), ("unknown-unit", "unit")):
        _, host = played(ASTM, 3, faults={name: 1.0})
        readings = [one for content in host.contents for one in driver.read(content).readings]
        strange = [one for one in readings if any(text.startswith(words) for text in one.unknown)]
        assert len(strange) == 3
    _, host = played(ASTM, 3, faults={"unknown-code": 1.0})
    assert sum(b"QQ9" in content for content in host.contents) == 3
    _, host = played(ASTM, 3, faults={"foreign-specimen": 1.0})
    numbers = {one.specimen_code for content in host.contents for one in driver.read(content).readings}
    assert not [number for number in numbers if number.startswith("7199")]


def test_the_skew_of_the_clock_is_in_the_results() -> None:
    driver = load(ASTM)
    times = [played(ASTM, 1, skew=skew)[1].contents[0] for skew in (0.0, -500 * 24 * 3600.0)]
    right, wrong = (driver.read(content).readings[0].measured_at for content in times)
    assert right is not None
    assert wrong is not None
    assert 499 < (right - wrong).days < 501


def test_nobody_there_is_said() -> None:
    work = Work(ASTM, ["1"], patience=0.2)
    with pytest.raises(NobodyThereError, match="not to be reached"):
        asyncio.run(Shift(work, Dial("127.0.0.1", free_port())).run())


def test_a_law_device_asks_and_takes_its_orders_on_a_second_socket() -> None:
    """QBP^Q11 and OUL^R22 go to the host; OML^O33 comes over the connection that the host makes."""
    driver, port = load("generic_law"), free_port()
    orders = driver.order_message([WorkOrder("710100000011", ("T1", "T2"))], Header(NOW))

    async def play() -> tuple[tuple[str, ...], Host, Host]:
        async with listening(driver) as host:
            device = SimulatedAnalyzer("generic_law", host.port, orders=Listen("127.0.0.1", port))
            async with device:
                asking = asyncio.create_task(device.ask("710100000011"))
                await asyncio.sleep(0)  # the question stands before anybody answers it
                async with dialling(driver, port, orders) as caller:
                    codes = await asking
                await device.upload(measured_run(driver, "710100000011", Random(1), codes=codes))
                return codes, host, caller

    codes, host, caller = asyncio.run(play())
    assert codes == ("T1", "T2")
    assert [content.split(b"|")[8][:7] for content in host.contents] == [b"QBP^Q11", b"OUL^R22"]
    delivered = [event for event in caller.events if isinstance(event, MessageDelivered)]
    assert len(delivered) == len(orders)
    assert b"ORL^O34" in delivered[0].answer


def test_both_bid_and_the_device_goes_first() -> None:
    """Contention, LIS01-A2 6.2.7.1: the host answers the first question after the device's second."""
    driver = load(ASTM)

    def answer(content: bytes) -> list[list[bytes]]:
        (query,) = driver.read(content).queries
        return driver.order_message([WorkOrder("710100000011", ("WBC",), place=query.place)], Header(NOW))

    async def play() -> tuple[tuple[str, ...], Host, int]:
        async with listening(driver, answer) as host:
            chaos = Chaos({"contention": 1.0})
            async with SimulatedAnalyzer(ASTM, host.port, chaos=chaos) as device:
                return await device.ask("710100000011"), host, chaos.injected["contention"]

    codes, host, contended = asyncio.run(play())
    assert (codes, contended) == (("WBC",), 1)
    assert len(host.contents) == 2


def test_control_material_is_told_apart() -> None:
    summary, host = played(ASTM, 30, results=1, has_controls=True, seed=5)
    readings = [one for content in host.contents for one in load(ASTM).read(content).readings]
    controls = [one for one in readings if one.kind == "control"]
    assert summary["acknowledged"] == 30
    assert 0 < len(controls) < 15
    assert all(one.specimen_code.startswith("QC-L") for one in controls)


def test_with_questions_only_what_is_ordered_is_measured() -> None:
    driver = load(ASTM)

    def answer(content: bytes) -> list[list[bytes]]:
        if not driver.may_ask(content):
            return []
        (query,) = driver.read(content).queries
        codes = ("WBC", "PLT") if query.specimen_codes[0].endswith("0") else ()
        return driver.order_message(
            [WorkOrder(query.specimen_codes[0], codes, place=query.place)], Header(NOW)
        )

    async def play() -> dict[str, Any]:
        async with listening(driver, answer) as host:
            work = Work(ASTM, ["710000000010", "710000000021"], asks=True)
            return await Shift(work, Dial("127.0.0.1", host.port)).run()

    summary = asyncio.run(play())
    assert (summary["asked"], summary["answered"], summary["sent"]) == (2, 2, 1)
    assert summary["by_code"] == {"PLT": 1, "WBC": 1}
