"""`zoo diagnose`: the gradient over time of a run, or of cells on a task before training."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zoo.cells import cells
from zoo.cli import trying
from zoo.cli.choices import search_space
from zoo.cli.flags import Verb, existing_path
from zoo.cli.names import check_names
from zoo.cli.output import print_json, print_text, quiet_tensorflow, table
from zoo.config import Config
from zoo.diagnosis import PLOTS
from zoo.errors import RequestError
from zoo.fields import with_choices

if TYPE_CHECKING:
    from zoo.diagnosis.diagnose import Diagnosis

TASK = "delayed_recall"
MOST = 24  # configurations in one command
_FIELDS = tuple(item.name for item in dataclasses.fields(Config) if item.name != "difficulty")


def run(argv: Sequence[str]) -> int:
    """Run `zoo diagnose`."""
    verb = _verb()
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    subjects = _subjects(verb, positionals["RUN_DIR"])
    options = _options(verb, positionals["RUN_DIR"])
    if verb["plot"] not in PLOTS:
        raise RequestError(
            f"--plot={verb['plot']}: unknown plot. Choose one of: {', '.join(PLOTS)}."
        )
    quiet_tensorflow()
    if trying.is_requested(verb):
        return trying.run(verb, subjects, options["length"])
    from zoo.diagnosis.diagnose import diagnose
    from zoo.diagnosis.epochs import diagnose_epochs

    diagnoses = {label: diagnose(subject, **options) for label, subject in subjects.items()}
    epochs = {}
    if folder := positionals["RUN_DIR"]:
        del options["length"]
        epochs = {f"epoch {k}": each for k, each in diagnose_epochs(folder, **options).items()}
    if verb["path"]:
        from zoo.diagnosis.pictures import picture  # imports Matplotlib
        from zoo.reports.plotting import save_picture

        save_picture(picture(verb["plot"], epochs or diagnoses), verb["path"])
    if verb["json"]:
        everything = {**diagnoses, **epochs}
        records = [{"name": label, **each.to_json()} for label, each in everything.items()]
        print_json({"picture": verb["path"], "diagnoses": records})
    else:
        _print(diagnoses, epochs, verb["path"])
    return 0


def _verb() -> Verb:
    verb = Verb(
        "diagnose",
        "zoo diagnose RUN_DIR\n"
        f"zoo diagnose --task={TASK} --cell=simple_rnn,lstm,gru --length=100 --path=gradients.png"
        "\n\nMeasures how the gradient grows or shrinks over time, and gives a verdict on each\n"
        "recurrent layer: vanishing, exploding, saturated or healthy. Without RUN_DIR: of a\n"
        "configuration before training. A flag of the model or the training takes several values\n"
        f"with commas between them, for up to {MOST} configurations. Epochs of RUN_DIR that\n"
        "`zoo train --keep_epochs` kept are diagnosed too, and are what --path shows. --try\n"
        "changes one configuration in several ways, and ranks the changes.",
        ("RUN_DIR",),
    )
    verb.text("length", "length of the sequences of generated data", group="data", kind="INT")
    verb.fields(Config, _FIELDS)
    verb.text("sequences", "sequences in a batch", "16", group="input", kind="INT")
    verb.text("steps", "batches whose gradient norms are measured", "8", group="input", kind="INT")
    verb.text(
        "fraction",
        "the effective memory is the largest lag whose influence is at least this fraction of the "
        "largest one",
        "0.01",
        group="input",
        kind="FLOAT",
    )
    verb.text("plot", "what --path shows", PLOTS[0], choices=PLOTS)
    verb.picture("path", "file of a picture")
    trying.define_flags(verb)
    return verb


def _subjects(verb: Verb, folder: str | None) -> dict[str, Any]:
    """Return label -> what is diagnosed: the folder of a run, or configurations."""
    if folder is not None:
        extra = [name for name in (*_FIELDS, "length") if verb[name] is not None]
        if extra:
            raise RequestError(
                f"--{extra[0]}={verb[extra[0]]}: a run has its own configuration. Leave out "
                f"--{extra[0]}, or the run {folder}."
            )
        return {existing_path(verb, folder, "RUN_DIR"): folder}
    space, single = search_space(verb, {"cell": cells}, _FIELDS)
    config = verb.config(single)
    if verb["task"] is None:
        config = dataclasses.replace(config, task=TASK)
    check_names(config, space)
    return _configurations(config, space)


def _configurations(config: Config, space: Mapping[str, Sequence[Any]]) -> dict[str, Config]:
    """Return label -> configuration, for each combination of the choices."""
    combinations = list(itertools.product(*space.values()))
    if len(combinations) > MOST:
        raise RequestError(
            f"{len(combinations)} configurations are more than {MOST}. Leave out some values."
        )
    found = {}
    for values in combinations:
        chosen = dict(zip(space, values, strict=True))
        label = ", ".join(
            str(value) if name == "cell" else f"{name}={value}" for name, value in chosen.items()
        )
        found[label or config.cell] = with_choices(config, chosen)
    return found


def _options(verb: Verb, folder: str | None) -> dict[str, Any]:
    """Return the keyword arguments of `zoo.diagnose`."""
    try:
        fraction = float(verb["fraction"])
    except ValueError:
        fraction = 0.0
    if not 0 < fraction <= 1:
        raise RequestError(
            f"--fraction={verb['fraction']}: fraction must be a number above 0 and at most 1."
        )
    length = None if verb["length"] is None else verb.number("length", int, 2)
    return {
        "fraction": fraction,
        "batch_size": verb.number("sequences", int, 1),
        "steps": verb.number("steps", int, 1),
        "length": length,
    }


def _print(
    diagnoses: Mapping[str, "Diagnosis"], epochs: Mapping[str, "Diagnosis"], path: str | None
) -> None:
    _print_table("configuration", diagnoses)
    if epochs:
        print_text()
        _print_table("epoch", {label.removeprefix("epoch "): epochs[label] for label in epochs})
    for label, diagnosis in diagnoses.items():
        print_text()
        for line in diagnosis.text.splitlines():
            print_text(f"{label}: {line}" if len(diagnoses) > 1 else line)
        _print_gates(diagnosis)
        _print_clipping(diagnosis)
    if path:
        print_text(f"\nplot: {path}")


def _print_table(name: str, diagnoses: Mapping[str, "Diagnosis"]) -> None:
    """Print a line for each recurrent layer of each diagnosis."""
    table(
        (
            name,
            "layer",
            "direction",
            "verdict",
            ">growth per timestep",
            ">effective memory",
            ">lag of the task",
            ">Lyapunov exponent",
        ),
        [
            (
                label,
                layer.name,
                layer.direction,
                layer.verdict.kind,
                _estimate(layer.growth),
                layer.effective_memory,
                diagnosis.lag,
                _estimate(layer.lyapunov),
            )
            for label, diagnosis in diagnoses.items()
            for layer in diagnosis.layers
        ],
        drop_empty=True,
    )


def _estimate(estimate: Any) -> str:
    if estimate.value != estimate.value:  # NaN
        return ""
    return f"{estimate.value:.4f} ± {estimate.error:.4f}"


def _print_gates(diagnosis: "Diagnosis") -> None:
    for layer in diagnosis.layers:
        for gate in layer.gates:
            shares = f"{gate.above:.0%} above 0.95, {gate.below:.0%} below 0.05"
            if gate.activation == "tanh":
                shares = f"{gate.above:.0%} above 0.95, {gate.below:.0%} below -0.95"
            elif gate.activation == "relu":
                shares = f"{gate.below:.0%} zero, {gate.dead:.0%} of the units always"
            print_text(f"  gate {gate.name} ({gate.activation}): {shares}")


def _print_clipping(diagnosis: "Diagnosis") -> None:
    clipping = diagnosis.clipping
    if clipping is None:
        return
    text = f"  {clipping.measure}: {min(clipping.norms):.3g} to {max(clipping.norms):.3g}"
    if clipping.threshold is not None:
        text += f"; {clipping.kind}={clipping.threshold:g} acts on {clipping.share:.0%} of batches"
    if clipping.suggested is not None:
        text += f"; suggested threshold {clipping.suggested:.2g}, {clipping.rule}"
    print_text(text)
    if diagnosis.noise_scale is not None:
        print_text(f"  gradient noise scale: {diagnosis.noise_scale:.3g} sequences")
