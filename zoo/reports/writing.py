"""Writes the report of a run or search folder: plots, an HTML page, and a model card."""

import os
from typing import Any

from zoo.reports.card import card
from zoo.reports.page import page
from zoo.reports.pictures import pictures
from zoo.reports.plotting import save_picture
from zoo.reports.report import Report, gather
from zoo.runs import files
from zoo.runs.console import notify


def write(folder: str | os.PathLike[str], result: dict[str, Any] | None = None) -> Report:
    """Write plots/, report.html and, for a finished run or search, card.md.

    Args:
        folder: a run or search folder.
        result: the result of a run or search that is about to finish. Default: the stored one.

    Returns:
        The contents of the report.

    Raises:
        RequestError: if `folder` is neither a run folder nor a search folder.
        RunError: if a file cannot be written.
    """
    report = gather(folder, result)
    drawn = pictures(report)
    for picture in drawn:
        save_picture(picture, files.inside(report.folder, "plots", f"{picture.name}.png"))
    files.write_text(files.inside(report.folder, "report.html"), page(report, drawn))
    if report.finished:
        files.write_text(files.inside(report.folder, "card.md"), card(report))
    return report


def write_if_possible(folder: str | os.PathLike[str], result: dict[str, Any]) -> None:
    """Write a report as `write` does, but print an error instead of raising it.

    A failed plot must not make a finished training fail.
    """
    try:
        write(folder, result)
    except Exception as error:
        notify(
            f"the report of {folder} was not written: {str(error).rstrip('.')}. The result is not "
            f"affected. Solve the problem, then run `zoo report {folder}`."
        )
