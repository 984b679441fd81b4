"""One timestep of a recurrence that is linear in its state: diagonal, complex or matrix-valued."""

from typing import NamedTuple, TypeAlias

from keras import ops

from zoo.cell_base.step_context import Tensor

Decay: TypeAlias = Tensor | tuple[Tensor, Tensor]  # real, or (real part, imaginary part)


class MemoryTerms(NamedTuple):
    """The terms of the recurrence of a matrix-valued state S (heads, K, V).

    Per head, S' = diag(exp(log_decay)) R S + b (a^T S) + k v^T, and the output is q^T S'. The
    rotation R is the identity unless `angle` is given. Terms that a cell lacks are None.

    Attributes:
        q: (..., heads, K).
        k: (..., heads, K).
        v: (..., heads, V).
        log_decay: (..., heads, K) or (..., heads, 1), at most 0.
        a: (..., heads, K).
        b: (..., heads, K).
        bonus: (..., heads, K). The output is q^T (S + diag(bonus) k v^T): it reads the state before
            the update. Only without `angle` and `log_gain`.
        angle: (..., heads, K // 2), in radians. R rotates the rows j and j + K // 2 of S by it. The
            decays of the two rows must be equal.
        log_gain: (..., heads, 1), the logarithm of a factor of k v^T, which may overflow. The state
            is [exp(-m) S | m], with the largest logarithm m' = max(log_decay + m, log_gain) of each
            head, and the output is [exp(-m') q^T S' | m']. Only without a and b.
    """

    q: Tensor
    k: Tensor
    v: Tensor
    log_decay: Tensor
    a: Tensor | None = None
    b: Tensor | None = None
    bonus: Tensor | None = None
    angle: Tensor | None = None
    log_gain: Tensor | None = None


def times_decay(decay: Decay, h: Tensor) -> Tensor:
    """Return decay * h; with a complex decay, h is [real part | imaginary part]."""
    if not isinstance(decay, tuple):
        return decay * h
    real, imaginary = decay
    h_real, h_imaginary = ops.split(h, 2, -1)
    return ops.concatenate(
        [real * h_real - imaginary * h_imaginary, imaginary * h_real + real * h_imaginary], -1
    )


def rotate(x: Tensor, angle: Tensor) -> Tensor:
    """Rotate the elements j and j + K // 2 of the last axis (K) by angle[..., j].

    With an odd K, the last element is not rotated.
    """
    half = angle.shape[-1]
    cosine, sine = ops.cos(angle), ops.sin(angle)
    first, second, last = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
    rotated = [cosine * first - sine * second, sine * first + cosine * second]
    return ops.concatenate([*rotated, last], -1)


def memory_step(terms: MemoryTerms, state: Tensor) -> tuple[Tensor, Tensor]:
    """Apply the recurrence of a matrix-valued state at one timestep.

    Args:
        terms: tensors (batch, heads, ...).
        state: (batch, heads * K * V), and `heads` more columns with `log_gain`.

    Returns:
        The output (batch, heads * V), and `heads` more columns with `log_gain`; and the new state,
        as `state`.
    """
    heads, keys = terms.k.shape[-2:]
    values = terms.v.shape[-1]
    width, log_largest = heads * keys * values, None
    if terms.log_gain is not None:
        old_largest = state[:, width:, None]
        log_largest = ops.maximum(terms.log_decay + old_largest, terms.log_gain)
        terms = terms._replace(
            log_decay=terms.log_decay + old_largest - log_largest,
            k=terms.k * ops.exp(terms.log_gain - log_largest),
        )
    output, new = _update(terms, ops.reshape(state[:, :width], (-1, heads, keys, values)))
    output, new = ops.reshape(output, (-1, heads * values)), ops.reshape(new, (-1, width))
    if log_largest is None:
        return output, new
    log_largest = log_largest[..., 0]
    return ops.concatenate([output, log_largest], -1), ops.concatenate([new, log_largest], -1)


def _update(terms: MemoryTerms, old: Tensor) -> tuple[Tensor, Tensor]:
    """Return the output (batch, heads, V) and the new state (batch, heads, K, V)."""
    kept, written = old, terms.k[..., None] * terms.v[..., None, :]
    if terms.angle is not None:
        kept = ops.swapaxes(rotate(ops.swapaxes(old, -1, -2), terms.angle[..., None, :]), -1, -2)
    new = ops.exp(terms.log_decay)[..., None] * kept + written
    if terms.a is not None and terms.b is not None:
        read = ops.sum(terms.a[..., None] * old, -2)
        new = new + terms.b[..., None] * read[..., None, :]
    seen = new if terms.bonus is None else old + terms.bonus[..., None] * written
    return ops.sum(terms.q[..., None] * seen, -2), new
