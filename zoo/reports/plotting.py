"""Plots as PNG files and as SVG elements, drawn by matplotlib without a display."""

import contextlib
import dataclasses
import io
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from zoo.runs import files

# Colors in a PNG file. An HTML page replaces them with its own, light or dark.
INK, RULE, PAPER = "#24292f", "#d0d7de", "#ffffff"
COLORS = ("#3b82c4", "#d97a1e", "#2f9e6e", "#9a6dd7", "#d1495b", "#1f9eb5", "#a0754a", "#d66fa8")
MARKERS = "os^DvPX<>*"  # not everyone can distinguish the cells by color alone
STYLE: dict[Any, Any] = {
    "text.parse_math": False,
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "zoo",
}
# Omitted from SVG, so that equal reports have equal bytes.
NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


@dataclasses.dataclass(frozen=True)
class Picture:
    """A figure with a title and a description.

    Attributes:
        name: name of the file, without its suffix.
        title: heading in the HTML page.
        text: description of the figure for readers who cannot see it.
        figure: the matplotlib figure.
    """

    name: str
    title: str
    text: str
    figure: Figure


def save_picture(picture: Picture, path: str | os.PathLike[str]) -> None:
    """Save a picture; the suffix of `path` determines the format."""
    with _drawing(), files.atomic_file(path) as temporary:
        picture.figure.savefig(temporary, dpi=120)


def svg(picture: Picture) -> str:
    """Return a picture as an SVG element in the colors of the page, without external references."""
    file = io.StringIO()
    with _drawing():
        picture.figure.savefig(file, format="svg", transparent=True, metadata=NO_METADATA)
    text = file.getvalue()
    text = text[text.index("<svg") :]
    for color, variable in ((INK, "currentColor"), (RULE, "var(--rule)"), (PAPER, "var(--paper)")):
        text = text.replace(color, variable)
    text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)  # HTML needs no namespaces
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # ids would repeat from figure to figure
    return re.sub(
        r'^<svg[^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', text
    )


@contextlib.contextmanager
def _drawing() -> Iterator[None]:
    """Use the style, and ignore characters of texts from data that the font lacks."""
    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield


def use_log_scale(axes: Axes, name: Literal["x", "y"]) -> None:
    """Use a logarithmic x or y axis, its ticks labelled with numbers such as 0.002.

    The default labels are formulas, which `STYLE` does not render, since texts from data may look
    like formulas.
    """
    axes.set(**{f"{name}scale": "log"})
    axis = axes.xaxis if name == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=9))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def validation_scores(history: Sequence[dict[str, Any]], metric: Any) -> list[float]:
    """Return the validation score by `metric` of each epoch in a history."""
    return [record[f"validation_{metric.name}"] for record in history]
