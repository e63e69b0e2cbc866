"""A dataclass that is quickly made is the same frozen dataclass."""

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.foundation.quick import quickly_made


@dataclass(frozen=True, slots=True)
class Plain:
    code: str
    value: int = 7
    notes: list[str] = field(default_factory=list)


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    code: str
    value: int = 7
    notes: list[str] = field(default_factory=list)


def test_it_is_made_as_the_plain_one_is() -> None:
    for given, named in (
        (("K",), {}),
        (("K", 1), {}),
        (("K",), {"notes": ["a"]}),
        ((), {"value": 2, "code": "K"}),
    ):
        plain, quick = Plain(*given, **named), Quick(*given, **named)
        assert [getattr(quick, one.name) for one in fields(Quick)] == [
            getattr(plain, one.name) for one in fields(Plain)
        ]
    assert repr(Quick("K")) == "Quick(code='K', value=7, notes=[])"
    assert Quick("K").notes is not Quick("K").notes


def test_it_is_frozen_equal_and_replaced_as_before() -> None:
    one = Quick("K", 1)
    with pytest.raises(FrozenInstanceError):
        one.value = 2  # type: ignore[misc]
    assert type(one) is Quick
    assert (one == Quick("K", 1), one == Quick("K", 2)) == (True, False)
    assert replace(one, value=3) == Quick("K", 3)
    assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(
    ("given", "named"), [((), {}), (("K", 1, [], 2), {}), (("K",), {"code": "L"}), (("K",), {"flag": 1})]
)
def test_wrong_arguments_are_refused(given: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Quick(*given, **named)  # type: ignore[arg-type]


def test_what_does_more_than_keep_its_fields_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Checked:
        code: str

        def __post_init__(self) -> None:
            assert self.code

    @dataclass(slots=True)
    class Open:
        code: str

    for kind in (Checked, Open, int):
        with pytest.raises(TypeError):
            quickly_made(kind)
    with pytest.raises(TypeError, match="derived"):
        type("Derived", (Quick,), {})


def test_the_evidence_of_a_decision_cannot_be_changed() -> None:
    one = Evidence(*range(len(fields(Evidence))))
    with pytest.raises(FrozenInstanceError):
        one.value = None  # type: ignore[misc]
