"""Heat map of the gradient during training: training step, lag, and norm as a color."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from zoo.reports.plotting import PAPER, STYLE, Picture
from zoo.runs.gradient_curves import GradientCurve

_FLOOR, _CEILING = -12.0, 12.0  # of the color scale: logarithms beyond have the last color
_COLORS = "viridis"  # can be read by the color-blind, and in gray
_COLUMNS = 2


def heat_picture(curves: Sequence[GradientCurve]) -> Picture | None:
    """Plot the gradient against training step and lag, a panel for each layer and direction."""
    layers: dict[str, list[GradientCurve]] = {}
    for curve in curves:
        layers.setdefault(f"{curve.layer}, {curve.direction}", []).append(curve)
    finite = [log for curve in curves for log in curve.log10 if np.isfinite(log)]
    if not finite or max(map(len, layers.values())) < 2:
        return None
    low, high = max(_FLOOR, min(finite)), min(_CEILING, max(finite))
    columns = min(_COLUMNS, len(layers))
    rows = -(-len(layers) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9, 0.6 + 2.8 * rows), layout="constrained")
        panels = list(figure.subplots(rows, columns, squeeze=False).flat)
        for axes in panels[len(layers) :]:
            axes.set_axis_off()
        for axes, (name, found) in zip(panels, layers.items(), strict=False):
            mesh = _plot(axes, found, (low, high if high > low else low + 1))
            axes.set(title=name, xlabel="training step", ylabel="lag (timesteps)")
        extend = {(True, False): "min", (False, True): "max", (True, True): "both"}
        beyond = min(finite) < low or -np.inf in _all(curves), max(finite) > high
        bar = figure.colorbar(mesh, ax=panels, extend=extend.get(beyond, "neither"))
        bar.set_label("log10 of the norm, relative to the smallest lag")
    text = (
        "Norm of the gradient with respect to the state, relative to that at the smallest lag, as "
        f"a color against training step and lag. Layers: {'; '.join(layers)}. Values that are not "
        "finite have no color."
    )
    return Picture("gradient_heat", "Gradient over time and training", text, figure)


def _all(curves: Sequence[GradientCurve]) -> set[float]:
    return {log for curve in curves for log in curve.log10}


def _plot(axes: Axes, curves: Sequence[GradientCurve], limits: tuple[float, float]) -> QuadMesh:
    """Draw the curves of a layer; a zero has the last color, other values that are not finite none.

    The image is a bitmap in an SVG file too, where each value would be a path of its own.
    """
    stride = max(curve.stride for curve in curves)
    rows = [curve.log10[:: stride // curve.stride] for curve in curves]
    values = np.full((max(map(len, rows)), len(rows)), np.nan)
    for column, row in enumerate(rows):
        values[: len(row), column] = row
    values[np.isneginf(values)] = limits[0] - 1
    values[~np.isfinite(values)] = np.nan
    axes.set_facecolor(PAPER)
    axes.grid(visible=False)
    return axes.pcolormesh(
        _edges([curve.step for curve in curves]),
        stride * (np.arange(len(values) + 1) - 0.5),
        np.ma.masked_invalid(values),
        cmap=_COLORS,
        vmin=limits[0],
        vmax=limits[1],
        rasterized=True,
    )


def _edges(steps: Sequence[int]) -> np.ndarray:
    """Return the edges of the columns: halfway between two steps."""
    middle = (np.array(steps[1:]) + np.array(steps[:-1])) / 2
    if not middle.size:
        return np.array([steps[0] - 0.5, steps[0] + 0.5])
    return np.array([2 * steps[0] - middle[0], *middle, 2 * steps[-1] - middle[-1]])
