"""The property `initial_state` of a cell that does not start from zeros."""

import pytest

from zoo.cells import cells
from zoo.cells.simple_rnn import SimpleRNNCell
from zoo.conformance.subject import Subject
from zoo.conformance.suite import judge
from zoo.layers.recurrent import Recurrent


class StartsAtOne(SimpleRNNCell):
    """Elman network that starts at 1.

    Output: h' (batch, units). State: h (batch, units), 1 initially.
    Source: none.
    """

    def get_initial_state(self, batch_size=None):
        return [state + 1 for state in super().get_initial_state(batch_size)]


@pytest.fixture
def subject():
    with cells.temporary():
        cells.register("starts_at_one")(StartsAtOne)
        yield Subject("starts_at_one", "forward")


def test_documented_initial_state_that_is_used_everywhere_passes(subject):
    result = judge(subject, "initial_state")
    assert result.passed, result.reason


@pytest.mark.parametrize("option", ["stateful", "learned_initial_state"])
def test_layer_that_starts_from_zeros_is_found(option, subject, monkeypatch):
    initial_states = Recurrent.initial_states

    def zeros(self, initial_state, *arguments):
        states = initial_states(self, initial_state, *arguments)
        return [0 * state for state in states] if getattr(self, option) else states

    monkeypatch.setattr(Recurrent, "initial_states", zeros)
    result = judge(subject, "initial_state")
    assert not result.passed
    assert option.partition("_")[0] in result.reason
