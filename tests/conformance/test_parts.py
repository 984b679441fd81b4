"""Exceptions for parts of a property."""

import pytest

from zoo.cells import cells
from zoo.cells.gru import GRUCell
from zoo.conformance.parts import Parts, split_exception
from zoo.conformance.subject import Subject
from zoo.conformance.suite import judge, properties
from zoo.conformance.violation import Violation

REASON = "the bias of the candidate is left out"


class BiasLeftOut(GRUCell):
    """A cell whose step and reference do not read the second row of the bias."""

    def step(self, x, state):
        return super().step(x, state)

    def recur(self, h, *gates):
        return super().recur(h, *gates) - self.bias[1]


@pytest.fixture
def subject():
    exceptions = {"everything_matters:bias": REASON}
    with cells.temporary():
        cells.register("bias_left_out", exceptions=exceptions)(BiasLeftOut)
        yield Subject("bias_left_out", "forward")


def test_name_of_an_exception_is_split_at_the_colon():
    assert split_exception("padding") == ("padding", None)
    assert split_exception("padding:gap") == ("padding", "gap")


def test_violation_of_an_excused_part_passes_with_its_reason(subject):
    result = judge(subject, "everything_matters")
    assert result.passed
    assert result.reason == f"declared exception for bias: {REASON}"
    assert judge(subject, "exceptions").passed


def test_other_parts_of_the_property_are_not_excused(subject):
    subject.exceptions = {"everything_matters:kernel": REASON}
    result = judge(subject, "everything_matters")
    assert not result.passed
    assert "element of bias" in result.reason


def test_exception_applies_to_the_function_that_plugins_test(subject):
    properties["everything_matters"](subject)
    subject.exceptions = {}
    with pytest.raises(Violation, match="bias"):
        properties["everything_matters"](subject)


@pytest.mark.parametrize(
    ("reasons", "message"),
    [({"bias": "why"}, "exception for 'bias' is needed"), ({"biass": "why"}, "measured 'biass'")],
)
def test_part_exception_that_is_not_needed_is_a_violation(reasons, message):
    parts = Parts(reasons)
    with parts.part("bias"):
        pass
    with pytest.raises(Violation, match=message):
        parts.demand_violated("cell.py")


def test_errors_other_than_violations_are_not_excused():
    with pytest.raises(ValueError, match="broken"), Parts({"bias": "why"}).part("bias"):
        raise ValueError("broken")
