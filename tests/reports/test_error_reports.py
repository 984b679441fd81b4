"""Early stops, class scores, confusions and errors in the page, the pictures and the card."""

import random

import pytest
from reports.html_page import check_page
from reports.stored_run import STOPPED, analysis_of, error, history, write_run

from zoo.cli import main
from zoo.reports import class_plots, writing
from zoo.reports.curves import learning_curves_picture
from zoo.reports.report import gather
from zoo.reports.texts import markdown, shortened

EVIL = '<img src=x onerror="alert(1)">|`*_[a](b)$x$\x1b[31m\ud800 :cat:'
SCORES = (0.2, 0.5, 0.4, 0.7, 0.6, 0.65, 0.7)


def small_analysis(**more):
    pairs = [("no", "no")] * 5 + [("no", "yes")] * 3 + [("yes", "yes")] * 2 + [("new", "yes")]
    errors = [
        error("it is so never", "no", "yes", **more),
        error("a new one", "new", "yes", **more),
    ]
    return analysis_of(["no", "yes", "maybe"], pairs, errors)


def card_of(folder):
    return (folder / "card.md").read_text(encoding="utf-8")


def test_reason_of_an_early_stop_is_in_page_card_terminal_and_json(tmp_path, capsys):
    folder = write_run(tmp_path / "run", history(SCORES))
    writing.write(folder)
    page = check_page(folder, 1)
    assert f"Training {STOPPED['text']}." in page.words
    assert f"Training {STOPPED['text']}.\n" in card_of(folder)
    assert main(["report", str(folder)]) == 0
    assert STOPPED["text"] in capsys.readouterr().out
    assert gather(folder).to_json()["stopped"] == STOPPED


def test_training_to_the_last_epoch_is_not_reported_as_stopped(tmp_path):
    finished = {"epoch": 7, "reason": "epochs", "text": "finished all 7 epochs"}
    folder = write_run(tmp_path / "run", history(SCORES), stopped=finished)
    writing.write(folder)
    assert "finished all" not in (folder / "report.html").read_text() + card_of(folder)


def test_page_shows_losses_of_every_epoch(tmp_path):
    folder = write_run(tmp_path / "run", history(SCORES))
    writing.write(folder)
    words = check_page(folder, 1).words
    start = words.index("Epochs")
    assert words[start + 1 :][:6] == [
        "epoch",
        "learning rate",
        "training loss",
        "validation loss",
        "validation accuracy",
        "remark",
    ]
    assert words[start + 7 :][:5] == ["1", "0.001", "4.0000", "2.9000", "0.2000"]
    assert words.count("chosen") == 1


def test_loss_of_a_sampled_softmax_is_labelled(tmp_path, capsys):
    settings = {"metric": "nats_per_token", "task": "language_model", "sampled_softmax": 9}
    folder = write_run(tmp_path / "run", history(SCORES, metric="nats_per_token"), **settings)
    report = gather(folder)
    assert report.loss_name == "sampled loss"
    text = learning_curves_picture(report).text
    assert "sampled softmax, which cannot be compared with the validation loss" in text
    (axes, _) = learning_curves_picture(report).figure.axes
    labels = [each.get_text() for each in axes.get_legend().get_texts()]
    assert labels == ["training, sampled loss", "validation"]


def validation_axes(folder):
    return learning_curves_picture(gather(folder)).figure.axes[1]


def legend(axes):
    return [each.get_text() for each in axes.get_legend().get_texts()]


def test_validation_curve_is_shown_with_the_baseline_of_the_validation_split(tmp_path):
    folder = write_run(tmp_path / "run", history(SCORES), baseline=0.3, test_baseline=0.4)
    axes = validation_axes(folder)
    assert "trivial baseline (validation): 0.3" in legend(axes)
    bottom, top = axes.get_ylim()
    assert 0.1 < bottom < 0.2 and 0.7 < top < 0.8


def test_distant_baseline_does_not_flatten_the_curve(tmp_path):
    scores = (0.90, 0.91, 0.905, 0.92)
    folder = write_run(tmp_path / "run", history(scores), baseline=0.0067)
    axes = validation_axes(folder)
    assert "trivial baseline (validation): 0.0067, below the axis" in legend(axes)
    bottom, top = axes.get_ylim()
    assert 0.89 < bottom < 0.90 and 0.92 < top < 0.93


def test_axis_fits_curves_of_any_shape(tmp_path):
    nan = float("nan")
    for number, scores in enumerate(((0.5,), (nan, 0.5, 0.6), (0.0, 0.0), (0.5, 0.5, 0.5))):
        folder = write_run(tmp_path / str(number), history(scores))
        bottom, top = validation_axes(folder).get_ylim()
        assert bottom < top


def test_steep_curve_has_a_logarithmic_axis_with_numbers(tmp_path):
    """A first loss far above the others; ticks are not formulas, which are not rendered."""
    records = history((0.2, 0.3, 0.4, 0.5))
    records[0]["loss"] = 2e3
    folder = write_run(tmp_path / "run", records)
    axes = learning_curves_picture(gather(folder)).figure.axes[0]
    assert axes.get_yscale() == "log"
    writing.write(folder)
    words = check_page(folder, 1).words
    assert {"10", "100", "1000"} <= set(words) and not any("mathdefault" in each for each in words)


def test_run_of_an_older_version_is_reported(tmp_path):
    """Without stop, baseline of validation, validation loss and error analysis."""
    records = [
        {
            key: value
            for key, value in record.items()
            if key not in ("validation_loss", "epochs_since_best")
        }
        for record in history(SCORES)
    ]
    folder = write_run(tmp_path / "run", records, baseline=None)
    report = writing.write(folder)
    assert (report.baseline, report.stopped, report.analysis) == (None, None, None)
    words = check_page(folder, 1).words
    assert "Epochs" in words and "Scores by class" not in words
    assert not any("trivial baseline (" in each for each in words)
    resumed = [*records[:3], *history(SCORES)[3:]]  # resumed by this version
    folder = write_run(tmp_path / "resumed", resumed)
    writing.write(folder)
    assert check_page(folder, 1).words.count("2.9000") == 0
    assert main(["report", str(folder)]) == 0


def test_class_scores_are_shown_in_the_page(tmp_path):
    folder = write_run(tmp_path / "run", history(SCORES), small_analysis())
    writing.write(folder)
    page = check_page(folder, 2)
    words = page.words[page.words.index("Scores by class") :]
    assert "macro F1" in words[1] and "0.423" in words[1]
    # class, precision, recall, F1, support; "maybe" is never predicted and does not occur
    assert words[2:7] == ["class", "precision", "recall", "F1", "support"]
    assert words[7:15] == ["no", "1.000", "0.625", "0.769", "8", "yes", "0.333", "1.000"]
    assert "new" in words and "maybe" in words
    assert (folder / "plots" / "confusions.png").stat().st_size > 5000
    assert "![confusions](plots/confusions.png)" in card_of(folder)


def test_most_confident_errors_are_in_page_and_card(tmp_path):
    analysis = small_analysis(token="never", position=4)
    folder = write_run(tmp_path / "run", history(SCORES), analysis, task="pos_tagging")
    writing.write(folder)
    page = check_page(folder, 2)
    words = page.words[page.words.index("Most confident errors") :]
    assert words[8:14] == ["never", "it is so never", "no", "yes", "0.987", "3"]
    card = card_of(folder)
    assert "| token | text | true | predicted | probability | example |" in card
    assert "| never | it is so never | no | yes | 0.987 | 3 |" in card


def test_largest_errors_of_numbers_are_in_page_and_card(tmp_path):
    errors = [{"example": 2, "true": 0.5, "predicted": 1.25}]
    folder = write_run(tmp_path / "run", history(SCORES), {"split": "test", "errors": errors})
    writing.write(folder)
    words = check_page(folder, 1).words
    assert words[words.index("Largest errors") :][5:8] == ["2", "0.5", "1.25"]
    assert "| 2 | 0.5 | 1.25 |" in card_of(folder)


def test_names_and_texts_from_data_are_escaped(tmp_path):
    name = EVIL.replace("\ud800", "日")  # a character that the font of the pictures lacks
    analysis = analysis_of(
        [name, "yes"], [(name, "yes"), ("yes", "yes")], [error(name, name, "yes", token=name)]
    )
    folder = write_run(tmp_path / "run", history(SCORES), analysis)
    writing.write(folder)
    page = check_page(folder, 2)
    shown = shortened(name)
    assert "\\x1b" in shown and page.words.count(shown) == 4  # class; token, text, true
    assert not page.all("img")
    card = card_of(folder)
    assert "<img" not in card and "`*_[a]" not in card and "\x1b" not in card
    row = next(line for line in card.splitlines() if "0.987" in line)
    assert row.count("|") == 7 and "&#124;" in row and "&#60;img" in row


def test_texts_are_shortened_and_printable():
    assert shortened("a" * 500).endswith("a…") and len(shortened("a" * 500)) == 200
    assert shortened("e\u0301 \u202e\u0000\n\tz") == "e\u0301 \\u202e\\x00 z"
    assert markdown("_a_ ![b](c) <d> #e") == (
        "&#95;a&#95; &#33;&#91;b&#93;&#40;c&#41; &#60;d&#62; &#35;e"
    )


# The picture of confusions


def many_classes():
    rng = random.Random(0)
    names = [f"class {number} of many" for number in range(150)]
    pairs = [(name, name) for name in names for _ in range(30)]
    pairs += [(names[3], names[90])] * 25 + [(names[90], names[3])] * 10
    pairs += [tuple(rng.sample(names, 2)) for _ in range(300)]
    return analysis_of(names, pairs)


def test_confusions_of_many_classes_show_the_most_confused_ones():
    analysis = many_classes()
    names = class_plots.most_confused(analysis)
    assert len(names) == class_plots.MAX_CLASSES
    assert names[:2] == ["class 3 of many", "class 90 of many"]
    picture = class_plots.confusion_picture(analysis)
    assert picture.title == "Confusions of the 24 most confused classes"
    (axes,) = picture.figure.axes
    texts = [each.get_text() for each in axes.texts]
    assert {"30", "25", "10"} <= set(texts)
    assert axes.get_xticklabels()[-1].get_text() == "other classes"


@pytest.mark.parametrize("pairs", [[], [("a", "a")], [("new", "a")]])
def test_confusions_of_few_items_are_drawn(pairs):
    picture = class_plots.confusion_picture(analysis_of(["a", "b"], pairs))
    assert len(picture.figure.axes) == 1
    assert class_plots.confusion_picture(None) is None
    assert class_plots.confusion_picture({"errors": []}) is None
