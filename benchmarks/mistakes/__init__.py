"""The mistakes of `benchmarks.mutations`: cell -> (what it is, old text, new text) of each."""

from benchmarks.mistakes import continuous, deep, gated, linear, orthogonal

MISTAKES = {
    cell: mistakes
    for module in (gated, deep, continuous, orthogonal, linear)
    for cell, mistakes in module.MISTAKES.items()
}
