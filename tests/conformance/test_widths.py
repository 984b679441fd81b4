"""The property `widths` finds gradients that are wrong because units are coupled."""

import pytest
from keras import ops

from zoo.cells import cells
from zoo.cells.simple_rnn import SimpleRNNCell
from zoo.conformance import widths
from zoo.conformance.subject import Subject
from zoo.conformance.suite import judge
from zoo.engine import tracing
from zoo.engine.structure import StepStructure


class CouplesUnits(SimpleRNNCell):
    """A right cell: step and reference add a unit half the units away."""

    def step(self, x, state):
        output, _ = super().step(x, state)
        h = output + 0.5 * ops.roll(output, self.units // 2, axis=-1)
        return h, (h,)

    def reference(self, weights, x, state):
        output, _ = super().reference(weights, x, state)
        shift = self.units // 2
        h = output + 0.5 * (output if not shift else _rolled(output, shift))
        return h, (h,)


def _rolled(array, shift):
    return array[:, [(k - shift) % array.shape[1] for k in range(array.shape[1])]]


@pytest.fixture
def subject():
    with cells.temporary():
        cells.register("couples_units")(CouplesUnits)
        yield Subject("couples_units", "forward")


def test_cell_that_couples_units_half_a_width_apart_passes(subject):
    assert judge(subject, "widths").passed


@pytest.mark.parametrize("width", widths.WIDTHS)
def test_engine_that_takes_coupled_units_for_elementwise_is_found(width, subject, monkeypatch):
    def wrong_analyze(inputs, outputs, *_):
        return StepStructure(True, (0,), shares_gradients=False)

    monkeypatch.setattr(tracing, "analyze", wrong_analyze)
    monkeypatch.setattr(widths, "WIDTHS", (width,))
    result = judge(subject, "widths")
    assert not result.passed
    assert f"the engine equals the unrolled loop at {width} units" in result.reason
