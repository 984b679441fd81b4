"""Picture of a recurrent network unrolled over time, its shared weights in one color each."""

from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from zoo.layers.arguments import make_cell
from zoo.recurrent_cell import RecurrentCell
from zoo.reports.plotting import COLORS, INK, PAPER, STYLE, Picture

_UNITS = _FEATURES = 128  # the size at which the weights are listed
_WIDTH, _HEIGHT = 2.0, 1.1  # of a box, in inches
_STEP = 3.4  # distance between two timesteps, in inches
_INPUT, _STATE, _FURTHER = COLORS[0], COLORS[1], COLORS[2]


def unrolled_picture(cell_name: str, timesteps: int) -> Picture:
    """Draw a cell at several timesteps.

    Args:
        cell_name: the registered name of a cell.
        timesteps: the number of timesteps to draw.
    """
    cell = make_cell(cell_name, _UNITS, {})
    cell.build((1, _FEATURES))
    with matplotlib.rc_context(STYLE):
        width = max(_STEP * timesteps, 6.8)
        middle = (timesteps - 1) * _STEP / 2
        figure = Figure(figsize=(width, 5.1))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(middle - width / 2, middle + width / 2), ylim=(-2.85, 2.25))
        axes.set_axis_off()
        for t in range(timesteps):
            _draw_timestep(axes, cell, cell_name, t)
        _draw_state(axes, cell, timesteps)
        axes.text(
            middle,
            2.0,
            f"{cell_name} over {timesteps} timesteps: every timestep has the same weights",
            ha="center",
            va="center",
            fontsize=13,
        )
        _draw_weights(axes, cell, middle)
    text = f"The cell {cell_name} at {timesteps} timesteps, with the weights that they share."
    return Picture("unrolled", f"{cell_name} over time", text, figure)


def _draw_timestep(axes: Axes, cell: RecurrentCell, name: str, t: int) -> None:
    x = t * _STEP
    further = bool(_further_weights(cell))
    axes.add_patch(
        FancyBboxPatch(
            (x - _WIDTH / 2, -_HEIGHT / 2),
            _WIDTH,
            _HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.15",
            facecolor=PAPER,
            edgecolor=_FURTHER if further else INK,
            linewidth=2.2,
        )
    )
    axes.text(x, 0.18, name, ha="center", va="center", fontsize=12, weight="bold")
    gates = ", ".join(cell.gates[:6]) + (", ..." if len(cell.gates) > 6 else "")
    axes.text(x, -0.2, f"gates: {gates}", ha="center", va="center", fontsize=9)
    _arrow(axes, (x, -1.35), (x, -_HEIGHT / 2), _INPUT)
    axes.text(x, -1.52, _at("x", t + 1), ha="center", va="center", fontsize=13)
    axes.text(x + 0.1, -0.95, "W", color=_INPUT, va="center", fontsize=12, weight="bold")
    _arrow(axes, (x, _HEIGHT / 2), (x, 1.35), INK)
    axes.text(x, 1.55, _at("y", t + 1), ha="center", va="center", fontsize=13)


def _draw_state(axes: Axes, cell: RecurrentCell, timesteps: int) -> None:
    """Draw the arrows of the state, between timesteps and at both ends."""
    has_kernel = cell.recurrent_shape != "none"
    color = _STATE if has_kernel else INK
    names = [name for name in cell.state_names if name != "previous"]
    for t in range(timesteps + 1):
        start = (t - 1) * _STEP + _WIDTH / 2 if t else -_WIDTH / 2 - 0.65
        end = t * _STEP - _WIDTH / 2 if t < timesteps else start + 0.65
        _arrow(axes, (start, 0), (end, 0), color)
        middle = (start + end) / 2
        label = ", ".join(_at(name, t) for name in names[:3])
        axes.text(middle, 0.22, label, ha="center", va="center", fontsize=11)
        if has_kernel and t < timesteps:
            style: dict[str, Any] = {"color": _STATE, "fontsize": 12, "weight": "bold"}
            axes.text(middle, -0.24, "U", ha="center", va="center", **style)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
    style: dict[str, Any] = {
        "arrowstyle": "-|>",
        "mutation_scale": 16,
        "linewidth": 2.2,
        "shrinkA": 0,
    }
    axes.add_patch(FancyArrowPatch(start, end, color=color, shrinkB=1, **style))


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _at(name: str, t: int) -> str:
    return f"{name}{str(t).translate(_SUBSCRIPTS)}"


def _further_weights(cell: RecurrentCell) -> list:
    names = ("kernel", "recurrent_kernel")
    return [weight for weight in cell.weights if weight.name not in names]


def _draw_weights(axes: Axes, cell: RecurrentCell, middle: float) -> None:
    """List the weights with their shapes, in the colors of their arrows."""
    lines = [(f"W: kernel {_shape(cell.kernel)}", _INPUT)]
    if cell.recurrent_shape in ("full", "diagonal"):
        lines.append((f"U: recurrent_kernel {_shape(cell.recurrent_kernel)}", _STATE))
    elif cell.recurrent_shape == "derived":
        lines.append(("U: computed from further weights", _STATE))
    further = ", ".join(f"{weight.name} {_shape(weight)}" for weight in _further_weights(cell)[:4])
    if further:
        lines.append((f"inside the cell: {further}", _FURTHER))
    size = f"shapes for {_FEATURES} features and {_UNITS} units; {cell.count_params():,} numbers"
    rows = [*lines, (size, INK)]
    for number, (text, color) in enumerate(rows):
        y = -1.93 - 0.23 * number
        axes.text(middle, y, text, ha="center", va="center", color=color, fontsize=10.5)


def _shape(weight: object) -> str:
    return "×".join(map(str, weight.shape))  # type: ignore[attr-defined]
