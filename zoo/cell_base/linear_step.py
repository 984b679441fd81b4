"""One timestep of a recurrence that is linear in its state: diagonal, complex or matrix-valued."""

from typing import NamedTuple, TypeAlias

from keras import ops

from zoo.cell_base.step_context import Tensor

Decay: TypeAlias = Tensor | tuple[Tensor, Tensor]  # real, or (real part, imaginary part)


class MemoryTerms(NamedTuple):
    """The terms of the recurrence of a matrix-valued state S (heads, K, V).

    Per head, S' = diag(exp(log_decay)) S + b (a^T S) + k v^T, and the output is q^T S'.

    Attributes:
        q: (..., heads, K).
        k: (..., heads, K).
        v: (..., heads, V).
        log_decay: (..., heads, K) or (..., heads, 1), at most 0.
        a: (..., heads, K), or None, if the cell has no such term.
        b: (..., heads, K), or None.
    """

    q: Tensor
    k: Tensor
    v: Tensor
    log_decay: Tensor
    a: Tensor | None = None
    b: Tensor | None = None


def times_decay(decay: Decay, h: Tensor) -> Tensor:
    """Return decay * h; with a complex decay, h is [real part | imaginary part]."""
    if not isinstance(decay, tuple):
        return decay * h
    real, imaginary = decay
    h_real, h_imaginary = ops.split(h, 2, -1)
    return ops.concatenate(
        [real * h_real - imaginary * h_imaginary, imaginary * h_real + real * h_imaginary], -1
    )


def memory_step(terms: MemoryTerms, state: Tensor) -> tuple[Tensor, Tensor]:
    """Apply the recurrence of a matrix-valued state at one timestep.

    Args:
        terms: tensors (batch, heads, ...).
        state: (batch, heads * K * V).

    Returns:
        The output (batch, heads * V) and the new state, as `state`.
    """
    heads, keys = terms.k.shape[-2:]
    values = terms.v.shape[-1]
    old = ops.reshape(state, (-1, heads, keys, values))
    new = ops.exp(terms.log_decay)[..., None] * old + terms.k[..., None] * terms.v[..., None, :]
    if terms.a is not None and terms.b is not None:
        read = ops.sum(terms.a[..., None] * old, -2)
        new = new + terms.b[..., None] * read[..., None, :]
    output = ops.sum(terms.q[..., None] * new, -2)
    width = heads * keys * values
    return ops.reshape(output, (-1, heads * values)), ops.reshape(new, (-1, width))
