"""Picture of the cliff in the loss of a recurrent network of two units, and of clipping at it.

Pascanu, Mikolov & Bengio 2013, arXiv 1211.5063, figure 6, show it for one unit.
"""

import math
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from zoo.reports.plotting import COLORS, INK, PAPER, STYLE, Picture, use_log_scale

TIMESTEPS, TARGET = 50, 0.7
_ANGLE = 0.02  # radians per timestep: the two units rotate slowly
_START, _STEPS, _RATE, _THRESHOLD = (2.0, -0.1), 60, 0.1, 1.0
_SLICE = -0.3  # the bias of the slice
_W, _B = (0.4, 2.6), (-1.0, 0.6)  # ranges of the two parameters


def loss(w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the squared error of the first unit after 50 timesteps.

    h' = tanh(w R h + b), with R a rotation by 0.02 radians, both units starting at 0.5.

    Args:
        w: the factor of the recurrent kernel, any shape.
        b: the bias of both units, of the same shape.
    """
    cosine, sine = math.cos(_ANGLE), math.sin(_ANGLE)
    h1 = h2 = np.full(np.shape(w), 0.5)
    for _ in range(TIMESTEPS):
        h1, h2 = (
            np.tanh(w * (cosine * h1 - sine * h2) + b),
            np.tanh(w * (sine * h1 + cosine * h2) + b),
        )
    return (h1 - TARGET) ** 2


def gradient(w: Any, b: Any) -> np.ndarray:
    """Return the derivatives with respect to w and b, (2, *shape), by central differences."""
    delta = 1e-6
    of_w = loss(np.add(w, delta), np.add(b, 0.0)) - loss(np.add(w, -delta), np.add(b, 0.0))
    of_b = loss(np.add(w, 0.0), np.add(b, delta)) - loss(np.add(w, 0.0), np.add(b, -delta))
    return np.array([of_w, of_b]) / (2 * delta)


def descent(clipped: bool) -> np.ndarray:
    """Return the points (steps + 1, 2) of gradient descent, with or without global clipping."""
    points = [np.array(_START)]
    for _ in range(_STEPS):
        slope = gradient(*points[-1])
        norm = float(np.linalg.norm(slope))
        if clipped and norm > _THRESHOLD:
            slope = slope * (_THRESHOLD / norm)
        points.append(points[-1] - _RATE * slope)
    return np.array(points)


def cliff_picture() -> Picture:
    """Draw the loss over both parameters, and gradient descent with and without clipping."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(10, 4.3), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
        _draw_surface(figure, left)
        _draw_slice(right)
    text = (
        f"Loss of a network of two units after {TIMESTEPS} timesteps: a plain with a cliff. One "
        "step of gradient descent at the cliff leaves the picture; with clipping, it stays."
    )
    return Picture("cliff", "The cliff of a network of two units", text, figure)


def _draw_surface(figure: Figure, axes: Axes) -> None:
    w, b = np.meshgrid(np.linspace(*_W, 400), np.linspace(*_B, 400))
    mesh = axes.pcolormesh(
        w, b, np.maximum(loss(w, b), 1e-5), norm=LogNorm(), cmap="cividis", rasterized=True
    )
    ticks = FuncFormatter(lambda value, _: f"{value:g}")
    figure.colorbar(mesh, ax=axes, label="loss (squared error)", format=ticks)
    for clipped, color, marker in ((False, COLORS[4], "o"), (True, PAPER, "s")):
        points = descent(clipped)
        label = f"global_clipnorm={_THRESHOLD:g}" if clipped else "without clipping"
        label += f": loss {loss(*points[-1]):.2g} after {_STEPS} steps"
        axes.plot(*points.T, color=color, marker=marker, markersize=4, linewidth=1.2, label=label)
    axes.set(xlim=_W, ylim=_B, xlabel="w, factor of the recurrent kernel", ylabel="b, bias")
    axes.set_title(f"gradient descent, learning rate {_RATE:g}")
    axes.legend(loc="lower left", facecolor=INK, frameon=True, labelcolor=PAPER)
    axes.grid(False)


def _draw_slice(axes: Axes) -> None:
    w = np.linspace(*_W, 1500)
    b = np.full_like(w, _SLICE)
    norms = np.linalg.norm(gradient(w, b), axis=0)
    axes.plot(w, loss(w, b), color=COLORS[0], label="loss")
    axes.plot(w, np.maximum(norms, 1e-6), color=COLORS[1], linestyle="--", label="gradient norm")
    axes.axhline(_THRESHOLD, color=COLORS[4], linestyle=":", label="threshold of clipping")
    use_log_scale(axes, "y")
    axes.set(xlabel="w, factor of the recurrent kernel", ylabel="loss; norm of its gradient")
    axes.set_title(f"along b = {_SLICE:g}")
    axes.legend(loc="lower left")
