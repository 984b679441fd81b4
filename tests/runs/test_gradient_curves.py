"""The file of the gradient against the lag."""

import numpy as np
import pytest

import zoo
from zoo.runs import gradient_curves
from zoo.runs.gradient_curves import MOST_LAGS, GradientCurve, curve_of


def test_curves_are_stored_and_read(tmp_path):
    path = tmp_path / "curves.csv"
    curves = [
        curve_of(100, 'a "layer", b', "forward", np.array([0.0, 2.0, 0.02])),
        curve_of(200, "b", "backward", np.array([1.0, 0.5, np.inf])),
    ]
    assert curves[0].log10 == [-np.inf, 0.0, -2.0]
    gradient_curves.append(path, curves[:1])
    gradient_curves.append(path, curves[1:])
    assert gradient_curves.read(path) == curves
    gradient_curves.keep_until(path, 100)
    assert gradient_curves.read(path) == curves[:1]
    assert gradient_curves.read(tmp_path / "absent.csv") == []


def test_long_curve_has_a_stride():
    curve = curve_of(1, "a", "forward", 0.5 ** np.arange(1000.0))
    assert curve.stride == 5 and len(curve.log10) == MOST_LAGS
    assert curve.log10[2] == pytest.approx(10 * np.log10(0.5), abs=1e-3)


def test_layer_without_a_gradient_has_a_curve_of_nan():
    assert np.isnan(curve_of(1, "a", "forward", np.zeros(3)).log10).all()


def test_line_of_a_killed_process_is_left_out(tmp_path):
    path = tmp_path / "curves.csv"
    gradient_curves.append(path, [GradientCurve(100, "a", "forward", 1, [0.0, -1.0])])
    with path.open("a") as file:
        file.write("200,a,forward,1,0 -1")
    assert [curve.step for curve in gradient_curves.read(path)] == [100]


@pytest.mark.parametrize(
    "text",
    ["step\n1\n", "step,layer,direction,stride,log10\n1,a,forward,0,1\n", "step,log10\nx,y\n"],
)
def test_damaged_file_is_a_sentence(text, tmp_path):
    path = tmp_path / "curves.csv"
    path.write_text(text)
    with pytest.raises(zoo.RunError, match=r"curves\.csv"):
        gradient_curves.read(path)
