"""Pictures of a diagnosis: gradient against lag, gates, gradient norms, loss along an update."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from zoo.diagnosis import PLOTS
from zoo.diagnosis.diagnose import Diagnosis
from zoo.errors import RequestError
from zoo.reports.plotting import COLORS, INK, MARKERS, STYLE, Picture, use_log_scale

_FLOOR, _CEILING = 1e-12, 1e12  # of a gradient relative to that at lag 0; beyond, lines leave
_BANDS = 3  # lines up to which the spread over the batch is shown
_LINES = ("-", "--", "-.", ":")


def picture(plot: str, diagnoses: Mapping[str, Diagnosis]) -> Picture:
    """Return the picture of a name.

    Args:
        plot: a name of `PLOTS`.
        diagnoses: label -> diagnosis, at least one.

    Raises:
        RequestError: the diagnoses lack what the picture shows.
    """
    draw = dict(zip(PLOTS, (gradients, gates, clipping, loss), strict=True))[plot]
    with matplotlib.rc_context(STYLE):
        return draw(diagnoses)


def gradients(diagnoses: Mapping[str, Diagnosis]) -> Picture:
    """Plot the norm of the gradient against the lag, a line for each layer and direction."""
    lines = _labelled_layers(diagnoses)
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for number, (label, layer) in enumerate(lines.items()):
        color, curve = COLORS[number % len(COLORS)], layer.gradient
        norms = np.array([curve.mean, curve.low, curve.high], "float64")
        norms = np.where(np.isfinite(norms) & (norms > 0), norms, np.nan)
        if np.sum(~np.isnan(norms[0])) < 2:
            continue
        norms /= norms[0][np.flatnonzero(~np.isnan(norms[0]))[0]]
        lags = np.arange(len(norms[0]))
        axes.plot(
            lags,
            norms[0],
            color=color,
            linestyle=_LINES[number // len(COLORS) % len(_LINES)],
            marker=MARKERS[number % len(MARKERS)],
            markevery=(number % 7, max(1, len(lags) // 8)),
            markersize=5,
            label=f"{label}: {_rate(layer.growth.value)} per timestep",
        )
        if len(lines) <= _BANDS:
            axes.fill_between(lags, norms[1], norms[2], color=color, alpha=0.15, linewidth=0)
    if not axes.lines:
        raise RequestError(
            "no gradient is positive and finite at two lags, so there is nothing to plot; the "
            "verdicts say why."
        )
    _mark_lag(axes, [diagnosis.lag for diagnosis in diagnoses.values()])
    _log_axis(axes)
    axes.set(
        title="gradient of a loss at the last timestep, with respect to the state",
        xlabel="lag (timesteps before the last one)",
        ylabel="norm, relative to the smallest lag",
    )
    figure.legend(fontsize="small", loc="outside right upper")
    text = f"Norm of the gradient with respect to the state against the lag, of {len(lines)} layers"
    return Picture("gradients", "Gradient over time", f"{text}, on a logarithmic axis.", figure)


def _labelled_layers(diagnoses: Mapping[str, Diagnosis]) -> dict[str, Any]:
    """Return label -> layer; the label names the layer and its direction where there are more."""
    lines = {}
    for label, diagnosis in diagnoses.items():
        for layer in diagnosis.layers:
            parts = [label]
            if len({each.name for each in diagnosis.layers}) > 1:
                parts.append(layer.name)
            if len({each.direction for each in diagnosis.layers}) > 1:
                parts.append(layer.direction)
            lines[", ".join(parts)] = layer
    return lines


def _rate(value: float) -> str:
    return "unknown" if np.isnan(value) else f"{value:.3f}"


def _mark_lag(axes: Axes, lags: Sequence[int | None]) -> None:
    for lag in sorted({lag for lag in lags if lag is not None}):
        axes.axvline(lag, color=INK, linestyle=":", linewidth=1.2)
        axes.annotate(
            f"the task needs lag {lag}",
            (lag, 0),
            xycoords=("data", "axes fraction"),
            xytext=(-4, 4),
            textcoords="offset points",
            rotation=90,
            ha="right",
            va="bottom",
            fontsize="small",
        )


def _log_axis(axes: Axes) -> None:
    """Use a logarithmic y axis, at most from `_FLOOR` to `_CEILING`."""
    use_log_scale(axes, "y")
    values = np.concatenate([np.asarray(line.get_ydata(), "float64") for line in axes.lines[:]])
    values = values[np.isfinite(values) & (values > 0)]
    low, high = max(_FLOOR, values.min()), min(_CEILING, values.max())
    axes.set_ylim(low / 2, max(high, 10 * low) * 2)
    axes.yaxis.set_major_locator(LogLocator(numticks=9))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0e}")


def gates(diagnoses: Mapping[str, Diagnosis]) -> Picture:
    """Plot the mean of each gate over time, one panel for each layer and direction."""
    lines = {label: layer for label, layer in _labelled_layers(diagnoses).items() if layer.gates}
    if not lines:
        raise RequestError(
            "none of the layers has a gate with a known activation, so there is nothing to plot. "
            "Choose a gated cell, such as lstm or gru."
        )
    columns = min(2, len(lines))
    rows = -(-len(lines) // columns)
    figure = Figure(figsize=(6 * columns + 1, 2.8 * rows + 0.4), layout="constrained")
    panels = list(figure.subplots(rows, columns, sharex=False, sharey=True, squeeze=False).flat)
    for axes in panels[len(lines) :]:
        axes.set_axis_off()
    for axes, (label, layer) in zip(panels, lines.items(), strict=False):
        for number, gate in enumerate(layer.gates):
            stuck = f"{gate.saturated:.0%} " + ("dead" if gate.dead is not None else "saturated")
            axes.plot(
                gate.mean,
                color=COLORS[number % len(COLORS)],
                linestyle=_LINES[number % len(_LINES)],
                label=f"{gate.name} ({gate.activation}), {stuck}",
            )
        axes.set(title=label, xlabel="timestep", ylabel="mean activation")
        axes.legend(fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    text = f"Mean activation of the gates of {len(lines)} layers at each timestep."
    return Picture("gates", "Gates over time", text, figure)


def clipping(diagnoses: Mapping[str, Diagnosis]) -> Picture:
    """Plot a histogram of the gradient norms of training batches, with the threshold."""
    found = {label: each.clipping for label, each in diagnoses.items() if each.clipping}
    if not any(np.any(np.isfinite(each.norms)) for each in found.values()):
        raise RequestError(
            "no gradient norm is finite, so there is nothing to plot. Diagnose a compiled model "
            "with targets."
        )
    figure = Figure(figsize=(8, 2.0 + 1.5 * len(found)), layout="constrained")
    norms = [norm for each in found.values() for norm in each.norms if 0 < norm < np.inf]
    norms += [mark for each in found.values() for mark in (each.threshold, each.suggested) if mark]
    edges = np.geomspace(min(norms) / 1.3, max(norms) * 1.3, 40)
    panels = figure.subplots(len(found), 1, sharex=True, squeeze=False).flat
    for axes, (label, each) in zip(panels, found.items(), strict=True):
        axes.hist(each.norms, edges, color=COLORS[0], edgecolor=INK, linewidth=0.4)
        if each.threshold is not None:
            name = f"{each.kind}={each.threshold:g}, acts on {each.share:.0%} of the batches"
            axes.axvline(each.threshold, color=COLORS[4], linewidth=2, label=name)
        if each.suggested is not None:
            name = f"suggested: {each.suggested:.2g}"
            axes.axvline(each.suggested, color=COLORS[2], linestyle="--", linewidth=2, label=name)
        axes.set(title=label, ylabel="batches")
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.legend(fontsize="small")
    use_log_scale(axes, "x")
    axes.set_xlabel(next(iter(found.values())).measure)
    text = "Histogram of the gradient norms of training batches, with the clipping threshold."
    return Picture("clipping", "Gradient norms and clipping", text, figure)


def loss(diagnoses: Mapping[str, Diagnosis]) -> Picture:
    """Plot the loss along the update of one training step."""
    found = {label: each.loss_slice for label, each in diagnoses.items() if each.loss_slice}
    finite = [value for each in found.values() for value in each.losses if np.isfinite(value)]
    if not finite:
        raise RequestError(
            "no loss is finite, so there is nothing to plot. Diagnose a compiled model with "
            "targets."
        )
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for number, (label, each) in enumerate(found.items()):
        axes.plot(
            each.multiples,
            each.losses,
            color=COLORS[number % len(COLORS)],
            marker=MARKERS[number % len(MARKERS)],
            linestyle=_LINES[number // len(COLORS) % len(_LINES)],
            label=label,
        )
    axes.axvline(1, color=INK, linewidth=0.8, linestyle=":")
    place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    axes.annotate("one step", (1, 1), (4, -12), **place)
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xticks(ticks := next(iter(found.values())).multiples, [str(each) for each in ticks])
    axes.minorticks_off()
    axes.set(xlabel="multiple of the update of one training step", ylabel="loss of the batch")
    if max(finite) > 30 * max(min(finite), 1e-9):
        use_log_scale(axes, "y")
    axes.legend(fontsize="small")
    text = "The loss of a batch along the update that the optimizer makes for it."
    return Picture("loss", "Loss along an update", text, figure)
