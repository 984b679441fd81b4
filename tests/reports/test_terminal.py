"""Curves for a terminal."""

import pytest

from zoo.reports.terminal import COLUMNS, ROWS, curve


@pytest.mark.parametrize(
    "values", [[1.0], [2.0, 2.0], [3.0, 1.0, 2.0], list(range(500)), [1e-9, 1e9]], ids=str
)
def test_curve_stays_within_its_axes(values):
    title, *body, axis, ends = curve("loss", values)
    assert title.strip() == "loss" and len(body) == ROWS
    margin = axis.index("└") + 1
    assert all(len(line) <= margin + COLUMNS for line in (*body, axis, ends))
    assert ends.split() == ["1", str(len(values))][: len(values)]
    assert f"{max(values):.4g}" in "".join(body) and f"{min(values):.4g}" in "".join(body)
    assert "".join(curve("loss", values, ascii_only=True)).isascii()


def test_curve_of_falling_values_falls():
    _, *body, _, _ = curve("loss", [3.0, 2.0, 1.0])
    lengths = [len(line.split("│")[1].rstrip()) for line in body]
    assert lengths == sorted(lengths) and lengths[-1] == COLUMNS


def test_x_axis_starts_at_the_given_position():
    assert curve("loss", [3.0, 2.0, 1.0], first=5)[-1].split() == ["5", "7"]
