"""What an analyzer has to be told about a tube, and how it is reached."""

import pytest

from aliquot.flow.instruments.rules.quarantine import describe_reason, is_of_the_line
from aliquot.flow.instruments.rules.reach import Reach, tidy_reach
from aliquot.flow.instruments.rules.work import Told, Work, codes_to_send, known_codes, plan_work


@pytest.mark.parametrize("state", ["sending", "sent", "accepted"])
def test_what_was_told_is_known(state: str) -> None:
    assert known_codes([Told("new", state, ("K", "NA")), Told("cancel", state, ("K",))]) == {"NA"}


@pytest.mark.parametrize("state", ["queued", "refused", "undelivered", "withdrawn", "noted"])
def test_what_was_not_told_is_not_known(state: str) -> None:
    assert known_codes([Told("new", state, ("K",))]) == set()


def test_a_test_told_again_after_it_was_cancelled_is_known_again() -> None:
    told = [Told("new", "sent", ("K",)), Told("cancel", "sent", ("K",)), Told("add", "sent", ("K",))]
    assert known_codes(told) == {"K"}


def test_a_new_tube_is_told_new_and_a_known_one_added_to() -> None:
    assert plan_work(["K"], [], []) == [Work("new")]
    assert plan_work(["K", "NA"], [], [Told("new", "sent", ("K",))]) == [Work("add")]
    assert plan_work(["K"], [], [Told("new", "sent", ("K",))]) == []
    assert plan_work([], [], []) == []


@pytest.mark.parametrize("kind", ["new", "add"])
def test_what_waits_to_be_told_is_not_queued_again(kind: str) -> None:
    assert plan_work(["K"], [], [Told(kind, "queued", ("K",))]) == []
    assert plan_work(["K"], [], [Told("cancel", "queued", ("K",))]) == [Work("new")]
    assert plan_work(["K"], [], [Told(kind, "refused", ("K",))]) == [Work("new")]


def test_what_nobody_wants_any_more_is_cancelled_once_and_not_after_it_was_measured() -> None:
    told = [Told("new", "sent", ("NA", "K", "CA"))]
    assert plan_work([], [], told) == [Work("cancel", ("CA", "K", "NA"))]
    assert plan_work(["K"], ["CA"], told) == [Work("cancel", ("NA",))]
    assert plan_work([], [], [*told, Told("cancel", "queued", ("NA", "K"))]) == [Work("cancel", ("CA",))]
    assert plan_work([], [], [*told, Told("add", "queued", ("NA",))]) == [Work("cancel", ("CA", "K", "NA"))]


def test_added_and_cancelled_in_one_stroke() -> None:
    assert plan_work(["NA"], [], [Told("new", "sent", ("K",))]) == [Work("add"), Work("cancel", ("K",))]


def test_what_is_sent_is_worked_out_when_it_is_sent() -> None:
    assert codes_to_send("cancel", ["K", "NA"], ["NA"], ["K"]) == ["K"]
    assert codes_to_send("rerun", [], ["K", "NA"], ["K"]) == ["K", "NA"]
    assert codes_to_send("rerun", ["K"], ["K", "NA"], []) == ["K"]
    assert codes_to_send("add", ["K", "CA"], ["K", "NA"], ["K"]) == ["K"]
    assert codes_to_send("new", [], ["K", "NA"], ["K"]) == ["NA"]


def test_only_what_a_transport_uses_is_kept() -> None:
    typed = Reach("listen", 5000, " host:1 ", " host:2 ", "both")
    assert tidy_reach(typed) == Reach("listen", 5000, "", "host:2", "both")
    assert tidy_reach(Reach("dial", 5000, " host:1 ")) == Reach("dial", None, "host:1", "", "answer")


def test_a_reason_is_said_in_the_language_of_the_reader() -> None:
    assert describe_reason({"code": "no_value"}) != describe_reason({"code": "no_value"}, "ru-RU")
    assert describe_reason({"code": "no_value"}, "en-GB") == describe_reason({"code": "no_value"})
    assert "4500000017" in describe_reason({"code": "unknown_specimen", "specimen": "4500000017"})
    assert describe_reason({"code": "of_tomorrow"}) == "of_tomorrow"
    assert describe_reason({}) == ""


def test_what_never_was_a_whole_message_is_known_by_its_problem() -> None:
    assert is_of_the_line([{"code": "unintelligible"}])
    assert not is_of_the_line([{"code": "unintelligible", "raw": "x"}])
    assert not is_of_the_line([{"code": "no_value"}])
    assert not is_of_the_line([])
