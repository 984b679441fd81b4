"""The pictures of a report."""

import matplotlib

from zoo.reports.class_plots import confusion_picture
from zoo.reports.curves import learning_curves_picture
from zoo.reports.gradient_heat import heat_picture
from zoo.reports.gradient_plots import gradients_picture
from zoo.reports.memory_plot import memory_picture
from zoo.reports.plotting import STYLE, Picture
from zoo.reports.report import Report
from zoo.reports.trial_plots import choices_picture, search_picture, trial_curves_picture


def pictures(report: Report) -> list[Picture]:
    """Return the pictures of a report, without those that have no data yet."""
    with matplotlib.rc_context(STYLE):
        drawn = [
            search_picture(report),
            choices_picture(report),
            memory_picture(report),
            trial_curves_picture(report),
            learning_curves_picture(report),
            gradients_picture(report.gradients),
            heat_picture(report.gradient_curves),
            confusion_picture(report.analysis),
        ]
    return [picture for picture in drawn if picture is not None]
