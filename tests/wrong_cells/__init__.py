"""Cells with one mistake each, and the conformance properties that must reject them."""

from wrong_cells import declarations, formerly_undetected
from wrong_cells.collection import WRONG, registered
from wrong_cells.steps import BrokenEverywhere, OutputNotSquashed

__all__ = [
    "WRONG",
    "BrokenEverywhere",
    "OutputNotSquashed",
    "declarations",
    "formerly_undetected",
    "registered",
]
