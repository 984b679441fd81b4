"""The heat map of the gradient during training."""

import numpy as np

from zoo.reports.gradient_heat import heat_picture
from zoo.reports.plotting import svg
from zoo.runs.gradient_curves import GradientCurve


def curves(layer="lstm", count=3, lags=4):
    return [
        GradientCurve(100 * (k + 1), layer, "forward", 2, [-float(k * lag) for lag in range(lags)])
        for k in range(count)
    ]


def test_panel_shows_steps_lags_and_logarithms():
    picture = heat_picture([*curves(), *curves("gru")])
    left, right, bar = picture.figure.axes
    assert (left.get_title(), right.get_title()) == ("lstm, forward", "gru, forward")
    assert (left.get_xlabel(), left.get_ylabel()) == ("training step", "lag (timesteps)")
    assert bar.get_ylabel().startswith("log10 of the norm")
    (mesh,) = left.collections
    assert mesh.get_cmap().name == "viridis" and mesh.get_clim() == (-6, 0)
    np.testing.assert_array_equal(mesh.get_array()[:, 2], [0, -2, -4, -6])
    corners = mesh.get_coordinates()
    assert corners[0, 0].tolist() == [50, -1] and corners[-1, -1].tolist() == [350, 7]
    assert "data:image/png;base64" in svg(picture)


def test_values_that_are_not_finite_and_strides_are_drawn():
    rows = [0.0, -np.inf, np.nan, np.inf, -20.0]
    found = [
        GradientCurve(100, "a", "forward", 1, rows),
        GradientCurve(200, "a", "forward", 1, rows[:3]),
    ]
    (mesh,) = heat_picture(found).figure.axes[0].collections
    assert mesh.get_clim() == (-12, 0)
    array = mesh.get_array()
    assert array[1, 0] < -12 and array.mask[2:4, 0].all() and array.mask[3, 1]


def test_one_measurement_or_no_finite_value_has_no_picture():
    assert heat_picture([]) is None and heat_picture(curves(count=1)) is None
    assert heat_picture([c._replace(log10=[np.nan]) for c in curves()]) is None
