"""Writes the report of a folder: its pictures, its page, and for a finished one its card."""

from zoo.reports.card import card
from zoo.reports.page import page
from zoo.reports.pictures import pictures, save_png
from zoo.reports.report import gather
from zoo.runs import files
from zoo.runs.progress import console


def write(folder, result=None):
    """Writes plots/, report.html and card.md of a run or search folder; returns its Report."""
    report = gather(folder, result)
    drawn = pictures(report)
    for picture in drawn:
        save_png(picture, report.folder / "plots" / f"{picture.name}.png")
    files.write_text(report.folder / "report.html", page(report, drawn))
    if report.finished:
        files.write_text(report.folder / "card.md", card(report))
    return report


def write_if_possible(folder, result):
    """As `write`, but what fails is told and never raised: hours of training outweigh their picture."""
    try:
        write(folder, result)
    except Exception as error:
        console.print(
            f"the report of {folder} was not written: {error} Free what it lacks, then run `zoo report "
            f"{folder}`; the result is not touched by it.",
            soft_wrap=True,
            markup=False,
        )
