"""Values of flags, most of them wrong, and paths at which there is no file that can be read."""

import os

DEPTH = 100_000
EMPTY = ("", " ", ",", ",,", "none", "null")
NUMBERS = (
    *(
        "0",
        "-1",
        "1",
        "2",
        "0.5",
        "1.5",
        "1e-3",
        "1e400",
        "nan",
        "inf",
        "-inf",
        "1_0",
        "0x10",
        "+3",
    ),
    *("٣", "1,2", "1e3", "-0", "99999999999", "9" * 5000, "true", " 1 "),
)
TEXTS = (
    *("[b]bold[/b]", "[/b]", ":cat:", "\x1b[31mred", "a\tb", "a\nb", "\u202eabc", "\udcff", "çay"),
    *("x" * 5000, "%s", "{0}", "{tmp}", "*", "?", "[a-z]", "-", "--", "lstm", "gru,lstm", "*lstm*"),
    *("classification", "zoo_names", "random", "orthogonal", "char", "layer", "accuracy", "token"),
    *("pos_tagging", "translation", "language_model", "None", "True", "../..", "a/b", "\x7f"),
)
OBJECTS = (
    *(
        "{}",
        "[]",
        '"x"',
        "3",
        "null",
        "{",
        '{"a": NaN}',
        '{"a": 1, "a": 2}',
        '{"": ""}',
        "{'a': 1}",
    ),
    *("[" * DEPTH, "[" * DEPTH + "]" * DEPTH, '{"a":' * DEPTH + "1" + "}" * DEPTH),
    *('{"tags": "2"}', '{"tags": 2}', '{"text": "text"}', '{"words": null}', '{"label": ["a"]}'),
    *('{"activation": "relu"}', '{"activation": 3}', '{"units": 3}', '{"\\ud800": "\\u0000"}'),
    *(
        '{"text": "[/b]"}',
        '{"a": 1e400}',
        '{"a": ' + "9" * 5000 + "}",
        '{"words": "1", "tags": "1"}',
    ),
)
SWITCHES = ("true", "false", "perhaps", "1", "no", "TRUE", "2")
NUMERIC_KINDS = ("INT", "FLOAT", "INTS")
WRONG_PATHS = ("missing", "folder", "fifo", "dangling", "loop", "empty.tsv", "binary.tsv")


def write_wrong_paths(folder):
    """Write one path of each kind in WRONG_PATHS."""
    (folder / "folder").mkdir()
    os.mkfifo(folder / "fifo")
    (folder / "dangling").symlink_to(folder / "nowhere")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "empty.tsv").write_bytes(b"")
    (folder / "binary.tsv").write_bytes(bytes(range(256)))


def paths(folder):
    """Return paths that a flag of files or folders may name."""
    inside = [str(folder / name) for name in WRONG_PATHS]
    files = [str(folder / "good.tsv"), f"{folder / 'good.tsv'},{folder / 'good.tsv'}"]
    return [
        *inside,
        *files,
        *(f"{path}/below" for path in inside[:2]),
        *(
            f"{folder / name}"
            for name in ("no.doc", "x" * 300, "[b]x.tsv", "a\nb.tsv", "\udcff.csv")
        ),
        *("", ",", "~nobody/x", "/dev/null", "/proc/self/mem", "-", "x" * 5000, f"{folder}/x.png"),
    ]


def value(rng, kind, folder):
    """Return a value of a flag: usually of its kind, sometimes of another."""
    pools = {
        "JSON": OBJECTS,
        "PATH": paths(folder),
        "PATHS": paths(folder),
        "BOOL": SWITCHES,
        **dict.fromkeys(NUMERIC_KINDS, NUMBERS),
    }
    pool = pools.get(kind, TEXTS)
    if rng.random() < 0.3:
        pool = rng.choice((EMPTY, NUMBERS, TEXTS, OBJECTS, SWITCHES, paths(folder)))
    return rng.choice(pool)
