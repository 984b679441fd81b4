"""The signature of a step: its recurrent products, its output, and the weights that it reads."""

import pytest

from zoo.cells import cells
from zoo.engine.step import StepSignature, step_signature, step_weights


def built(name):
    cell = cells.get(name)(4)
    cell.build((None, None, 3))
    return cell


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("lstm", (slice(0, 16),)),
        ("mgu", (slice(0, 4), slice(4, 8))),
        ("min_gru", ()),
    ],
)
def test_step_signature_lists_the_recurrent_products(name, columns):
    expected = StepSignature(columns, (4,) * len(columns), output_is_state=True)
    assert step_signature(built(name)) == expected


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("lstm", []),
        ("gru", ["bias"]),  # the second row, which is added to the product
        ("peephole_lstm", ["peephole"]),
        ("ind_rnn", ["recurrent_kernel"]),
    ],
)
def test_step_weights_exclude_weights_of_recurrent_products(name, weights):
    assert [weight.name for weight in step_weights(built(name))] == weights
