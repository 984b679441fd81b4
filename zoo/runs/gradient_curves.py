"""The file of the gradient against the lag at each measurement of `zoo train --watch`.

Its lines are `step,layer,direction,stride,log10`: the stride of the lags, and the logarithms (base
10) of the norms at the lags 0, stride, 2 * stride and so on, relative to the first positive one.
"""

import csv
import io
import math
import pathlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from zoo.runs import files

COLUMNS = ("step", "layer", "direction", "stride", "log10")
MOST_LAGS = 200  # of a curve in the file; longer curves have a larger stride


class GradientCurve(NamedTuple):
    """The gradient against the lag of a recurrent layer at a training step.

    Attributes:
        step: the training step.
        layer: the name of the layer.
        direction: "forward" or "backward".
        stride: the difference between two lags.
        log10: the logarithm of the relative norm at each lag; infinite or NaN where a norm is zero,
            infinite or NaN.
    """

    step: int
    layer: str
    direction: str
    stride: int
    log10: list[float]


def curve_of(step: int, layer: str, direction: str, norms: np.ndarray) -> GradientCurve:
    """Return the curve of a measurement.

    Args:
        step: the training step.
        layer: the name of the layer.
        direction: "forward" or "backward".
        norms: the mean norm at each lag, (lags,).

    Example:
        >>> import numpy as np
        >>> from zoo.runs.gradient_curves import curve_of
        >>> curve_of(100, "lstm", "forward", np.array([2.0, 0.2, 0.02])).log10
        [0.0, -1.0, -2.0]
    """
    positive = norms[np.isfinite(norms) & (norms > 0)]
    stride = -(-len(norms) // MOST_LAGS)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(norms[::stride] / (positive[0] if positive.size else np.nan))
    return GradientCurve(step, layer, direction, stride, [round(float(log), 3) for log in logs])


def path_beside(path: pathlib.Path) -> pathlib.Path:
    """Return the path of the curves of a file: gradients_curves.csv beside gradients.csv."""
    return path.with_name(f"{path.stem}_curves{path.suffix}")


def read(path: pathlib.Path) -> list[GradientCurve]:
    """Return the curves in a file; none if it does not exist.

    Raises:
        RunError: the file cannot be read, or a value is missing or invalid.
    """
    if not path.exists():
        return []
    lines = files.read_text(path).splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines.pop()  # a killed process wrote a part of it
    try:
        return [_parsed(row) for row in csv.DictReader(lines)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise files.unreadable(path, f"invalid or missing value: {error}") from None


def _parsed(row: dict[str, str]) -> GradientCurve:
    step, stride = int(row["step"]), int(row["stride"])
    if stride < 1:
        raise ValueError(f"stride {stride}")
    logs = [float(text) for text in row["log10"].split()]
    return GradientCurve(step, row["layer"], row["direction"], stride, logs)


def rewrite(path: pathlib.Path, curves: Sequence[GradientCurve]) -> None:
    """Replace the file by one with these curves."""
    files.write_text(path, ",".join(COLUMNS) + "\n" + _lines(curves))


def keep_until(path: pathlib.Path, step: int) -> None:
    """Remove the curves of later steps than `step` from the file, if it exists."""
    if path.exists():
        rewrite(path, [curve for curve in read(path) if curve.step <= step])


def append(path: pathlib.Path, curves: Sequence[GradientCurve]) -> None:
    """Add curves to the file, which is created if necessary."""
    if not path.exists():
        rewrite(path, curves)
        return
    with files.writing(path), path.open("a", encoding="utf-8") as file:
        file.write(_lines(curves))


def _lines(curves: Sequence[GradientCurve]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for curve in curves:
        logs = " ".join("nan" if math.isnan(log) else f"{log:g}" for log in curve.log10)
        writer.writerow([*curve[:-1], logs])
    return text.getvalue()
