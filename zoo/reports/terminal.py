"""Curves drawn with characters, for a terminal."""

from collections.abc import Sequence

DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # of a Braille character: column, row
ROWS, COLUMNS = 7, 44  # of characters


def curve(
    title: str, values: Sequence[float], first: int = 1, ascii_only: bool = False
) -> list[str]:
    """Plot values as a curve of Braille characters.

    Args:
        title: the line above the curve.
        values: at least one value.
        first: position of the first value on the x axis.
        ascii_only: whether to draw with ASCII characters only.

    Returns:
        The lines of the plot, with the ends of both axes labelled.

    Example:
        >>> from zoo.reports.terminal import curve
        >>> lines = curve("loss", [3.0, 2.0, 1.0], ascii_only=True)
        >>> len(lines), lines[0].strip()
        (10, 'loss')
    """
    low, high = min(values), max(values)
    labels = [""] * ROWS
    if low == high:
        labels[ROWS // 2] = f"{low:.4g}"
    else:
        labels[0], labels[-1] = f"{high:.4g}", f"{low:.4g}"
    width = max(map(len, labels))
    bar, corner, line = ("|", "+", "-") if ascii_only else ("│", "└", "─")
    rows = [
        f"{label:>{width}} {bar}{''.join(_character(dots, ascii_only) for dots in row)}".rstrip()
        for label, row in zip(labels, _canvas(values, low, high), strict=True)
    ]
    last = str(first + len(values) - 1)
    ends = str(first) if len(values) == 1 else f"{first}{last:>{COLUMNS - len(str(first))}}"
    return [
        f"{'':{width}}  {title}",
        *rows,
        f"{'':{width}} {corner}{line * COLUMNS}",
        f"{'':{width}}  {ends}",
    ]


def _character(dots: int, ascii_only: bool) -> str:
    if not dots:
        return " "
    return "*" if ascii_only else chr(0x2800 + dots)


def _canvas(values: Sequence[float], low: float, high: float) -> list[list[int]]:
    """Return the bit mask of the dots in each character (ROWS, COLUMNS) of the curve."""
    canvas = [[0] * COLUMNS for _ in range(ROWS)]
    last_x, last_y = 2 * COLUMNS - 1, 4 * ROWS - 1
    previous_y = None
    for x in range(last_x + 1 if len(values) > 1 else 1):
        value = _interpolate(values, x / last_x * (len(values) - 1))
        y = round((high - value) / (high - low) * last_y) if high > low else last_y // 2
        start, stop = (y, y) if previous_y is None else sorted((y, previous_y))
        for dot in range(start, stop + 1):
            canvas[dot // 4][x // 2] |= DOTS[x % 2][dot % 4]
        previous_y = y
    return canvas


def _interpolate(values: Sequence[float], position: float) -> float:
    """Return the value at a fractional index."""
    if len(values) == 1:
        return values[0]
    k = min(int(position), len(values) - 2)
    return values[k] + (position - k) * (values[k + 1] - values[k])
