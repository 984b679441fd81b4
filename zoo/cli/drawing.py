"""`zoo draw`: teaching pictures: a network unrolled over time, the cliff of its loss."""

from collections.abc import Sequence

from zoo.cells import cells
from zoo.cli.flags import Verb
from zoo.cli.names import known
from zoo.cli.output import print_json, print_text, quiet_tensorflow
from zoo.errors import RequestError

WHAT = ("unrolled", "cliff")
MOST_TIMESTEPS = 12


def run(argv: Sequence[str]) -> int:
    """Run `zoo draw`."""
    verb = Verb(
        "draw",
        "zoo draw --cell=gru --timesteps=4 --path=gru.png\nzoo draw cliff\n\n"
        "Draws a picture for teaching. unrolled: a recurrent network at each timestep, the shared\n"
        "weights in one color. cliff: the loss of a network of two units, and gradient clipping.",
        ("WHAT",),
    )
    verb.text("cell", "the recurrent cell; `zoo list cells`", "gru", group="model")
    verb.text("timesteps", "timesteps to draw", "4", group="model", kind="INT")
    verb.picture("path", "file of the picture", unset="WHAT.png")
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    what = positionals["WHAT"] or "unrolled"
    if what not in WHAT:
        raise RequestError(f"{what!r} is not a picture. Choose one of: {', '.join(WHAT)}.")
    timesteps = verb.number("timesteps", int, 1)
    if timesteps > MOST_TIMESTEPS:
        raise RequestError(
            f"--timesteps={timesteps}: at most {MOST_TIMESTEPS} timesteps are legible in a picture."
        )
    known(cells, verb["cell"])
    quiet_tensorflow()
    from zoo.diagnosis.cliff import cliff_picture
    from zoo.diagnosis.unrolled import unrolled_picture
    from zoo.reports.plotting import save_picture

    drawn = cliff_picture() if what == "cliff" else unrolled_picture(verb["cell"], timesteps)
    path = verb["path"] or f"{what}.png"
    save_picture(drawn, path)
    if verb["json"]:
        print_json({"path": path, "text": drawn.text})
    else:
        print_text(f"{drawn.text}\nwritten: {path}")
    return 0
